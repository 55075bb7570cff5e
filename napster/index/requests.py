"""What users have asked of each other and not been answered yet: files and lists."""

import attrs
from twisted.internet.interfaces import IReactorTime

from napster.index.commands import CommandError
from napster.index.nicks import nick_key
from napster.index.tickets import Ticket
from napster.wire.messages.sharing import Share

Key = tuple[str, str, bytes | None]

_REPEAT = 1.0
"""A request made again within so many seconds is the same one."""


@attrs.frozen
class FileRequest:
    """A user asks another for a file."""

    asker: str
    owner: str
    path: bytes
    """As the asker wrote it."""
    file: Share
    """As the owner shares it."""
    push: bool = False
    """Whether the owner is to connect to the asker."""
    ticket: Ticket | None = None
    """What both are known by to each other, if their programs use that."""
    queued: bool = False
    """Whether the owner has told the asker to wait."""

    @property
    def key(self) -> Key:
        """What the answer is recognised by."""
        return nick_key(self.asker), nick_key(self.owner), self.file.path


@attrs.frozen
class ListRequest:
    """A user asks another for the list of all files."""

    asker: str
    owner: str

    @property
    def key(self) -> Key:
        """What the answer is recognised by."""
        return nick_key(self.asker), nick_key(self.owner), None


Request = FileRequest | ListRequest


class Requests:
    """All open requests. Those older than `patience` seconds are forgotten.

    An asker has at most `most`, and one owner at most one of an asker for the same path.
    """

    def __init__(self, clock: IReactorTime, patience: float, most: int) -> None:
        self.patience = patience
        self.most = most
        self._clock = clock
        self._since: dict[Key, float] = {}
        self._by_asker: dict[str, dict[Key, Request]] = {}
        self._by_owner: dict[str, dict[Key, Request]] = {}

    def __len__(self) -> int:
        """How many are open, or old and not yet forgotten."""
        return len(self._since)

    def add(self, request: Request) -> None:
        """Remember a request, or that it was made again; raises CommandError if too many wait."""
        self.close(request)
        asker, owner, _ = request.key
        self._forget_old(asker)
        if len(self._by_asker.get(asker, ())) >= self.most:
            raise CommandError(f"You wait for {self.most} answers already; try again later")
        self._since[request.key] = self._clock.seconds()
        self._by_asker.setdefault(asker, {})[request.key] = request
        self._by_owner.setdefault(owner, {})[request.key] = request

    def find_file(self, asker: str, owner: str, path: bytes) -> FileRequest | None:
        """Return the open request of that asker for what that owner shares as `path`."""
        found = self._find((nick_key(asker), nick_key(owner), path))
        return found if isinstance(found, FileRequest) else None

    def is_repeat(self, request: FileRequest) -> bool:
        """Whether the same was asked a moment ago, and the owner has said nothing to it yet."""
        found = self.find_file(request.asker, request.owner, request.file.path)
        if found is None or found.queued or found.push != request.push:
            return False
        return self._clock.seconds() - self._since[found.key] < _REPEAT

    def find_list(self, asker: str, owner: str) -> ListRequest | None:
        """Return the open request of that asker for that owner's list."""
        found = self._find((nick_key(asker), nick_key(owner), None))
        return found if isinstance(found, ListRequest) else None

    def close(self, request: Request) -> None:
        """Forget a request; does nothing if it is forgotten already."""
        if self._since.pop(request.key, None) is None:
            return
        asker, owner, _ = request.key
        for table, nick in ((self._by_asker, asker), (self._by_owner, owner)):
            del table[nick][request.key]
            if not table[nick]:
                del table[nick]

    def leave(self, nick: str) -> list[Request]:
        """Forget all of somebody who goes; return those whose askers would wait in vain."""
        for request in list(self._by_asker.get(nick_key(nick), {}).values()):
            self.close(request)
        unanswered = list(self._by_owner.get(nick_key(nick), {}).values())
        for request in unanswered:
            self.close(request)
        return unanswered

    def _find(self, key: Key) -> Request | None:
        self._forget_old(key[0])
        return self._by_asker.get(key[0], {}).get(key)

    def _forget_old(self, asker: str) -> None:
        """Forget an asker's old requests; they stand in the order in which they were made."""
        oldest = self._clock.seconds() - self.patience
        for key, request in list(self._by_asker.get(asker, {}).items()):
            if self._since[key] > oldest:
                break
            self.close(request)
