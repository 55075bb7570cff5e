"""Who watches for whom."""

from napster.index.nicks import nick_key


class Hotlists:
    """The hotlists of all users online; nicks compare without case."""

    def __init__(self) -> None:
        self._lists: dict[str, dict[str, None]] = {}
        self._watchers: dict[str, dict[str, None]] = {}

    def size(self, watcher: str) -> int:
        """Tell for how many a user watches."""
        return len(self._lists.get(nick_key(watcher), ()))

    def has(self, watcher: str, nick: str) -> bool:
        """Whether a user watches for another."""
        return nick_key(nick) in self._lists.get(nick_key(watcher), ())

    def watchers(self, nick: str) -> tuple[str, ...]:
        """List who watches for somebody."""
        return tuple(self._watchers.get(nick_key(nick), ()))

    def add(self, watcher: str, nick: str) -> None:
        """Let a user watch for another."""
        self._lists.setdefault(nick_key(watcher), {})[nick_key(nick)] = None
        self._watchers.setdefault(nick_key(nick), {})[nick_key(watcher)] = None

    def remove(self, watcher: str, nick: str) -> None:
        """Let a user watch for another no longer; does nothing to one who does not."""
        if not self.has(watcher, nick):
            return
        _discard(self._lists, nick_key(watcher), nick_key(nick))
        _discard(self._watchers, nick_key(nick), nick_key(watcher))

    def forget(self, watcher: str) -> None:
        """Forget the list of somebody who goes."""
        for nick in tuple(self._lists.get(nick_key(watcher), ())):
            self.remove(watcher, nick)


def _discard(lists: dict[str, dict[str, None]], key: str, entry: str) -> None:
    del lists[key][entry]
    if not lists[key]:
        del lists[key]
