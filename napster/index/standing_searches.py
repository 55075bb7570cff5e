"""The standing searches of everybody online, each told only so many files a minute."""

from collections import deque
from collections.abc import Iterator, Sequence

import attrs
from twisted.internet.interfaces import IReactorTime

from napster.catalog.interface import ICatalog, Owner
from napster.catalog.listing import Listing
from napster.catalog.standing import Match, NoWordError, StandingQueries
from napster.index.nicks import nick_key
from napster.wire.search import SearchQuery

MOST_A_MINUTE = 10
"""So many files one standing search is told a minute."""
MOST = 100_000
"""So many standing searches one index holds."""
_MINUTE = 60.0


class StandingError(Exception):
    """A standing search that cannot be left; the text is one sentence that says why."""


@attrs.frozen
class Key:
    """Names a standing search: whose it is, and which of theirs."""

    nick: str
    id: int


@attrs.define(eq=False)
class _Standing:
    query: SearchQuery
    told: int = 0
    """Files told since `since`."""
    since: float = 0.0
    paused: bool = False


class StandingSearches:
    """Who is to be told of which files."""

    def __init__(self, clock: IReactorTime, catalog: ICatalog) -> None:
        self._clock = clock
        self._queries: StandingQueries[Key] = StandingQueries(catalog.frequency)
        self._by_nick: dict[str, dict[Key, _Standing]] = {}
        self._paused: deque[tuple[float, Key, _Standing]] = deque()
        self._count = 0

    def __len__(self) -> int:
        """How many there are, those that are paused included."""
        return self._count

    def add(self, nick: str, id_: int, query: SearchQuery, most: int) -> bool:
        """Leave a search; return whether it is paused, as one that it replaces was.

        One that replaces another goes on with its count. Raises StandingError if the nick has
        `most` already, and for others; what was to be replaced is withdrawn then.
        """
        key = Key(nick_key(nick), id_)
        standing = self._by_nick.get(key.nick, {}).get(key) or _Standing(query)
        self.remove(key)
        own = self._by_nick.get(key.nick, {})
        if len(own) >= most:
            raise StandingError(f"you have {most} standing searches, which is the limit")
        if self._count >= MOST:
            raise StandingError("the index has too many standing searches; try again later")
        try:
            self._queries.add(key, query)
        except NoWordError as error:
            raise StandingError(f"a standing search is not possible: {error}") from error
        if standing.paused:
            self._queries.remove(key)
        standing.query = query
        self._by_nick.setdefault(key.nick, own)[key] = standing
        self._count += 1
        return standing.paused

    def remove(self, key: Key) -> bool:
        """Withdraw a search; return whether it was there."""
        own = self._by_nick.get(key.nick, {})
        if own.pop(key, None) is None:
            return False
        if not own:
            del self._by_nick[key.nick]
        self._queries.remove(key)
        self._count -= 1
        return True

    def leave(self, nick: str) -> None:
        """Withdraw all searches of somebody who goes."""
        for key in tuple(self._by_nick.get(nick_key(nick), ())):
            self.remove(key)

    def match(
        self, owner: Owner, records: Sequence[bytes], listing: Listing | None
    ) -> Iterator[Match[Key] | None]:
        """Find which of an owner's files, given as bodies of message 100, are to be told to whom.

        Yields None wherever it may be interrupted; searches may come and go meanwhile. `listing`
        are the same files if they have been taken apart.
        """
        return self._queries.match(owner, records, listing)

    def count(self, key: Key) -> int | None:
        """Count a file to be told; return how many more may be, None if this one may not.

        At 0 the search is paused for a minute.
        """
        standing = self._by_nick.get(key.nick, {}).get(key)
        if standing is None or standing.paused:
            return None
        now = self._clock.seconds()
        if now - standing.since >= _MINUTE:
            standing.since, standing.told = now, 0
        standing.told += 1
        if standing.told == MOST_A_MINUTE:
            standing.paused = True
            self._queries.remove(key)
            self._paused.append((now + _MINUTE, key, standing))
        return MOST_A_MINUTE - standing.told

    def resume(self) -> bool:
        """Resume one search whose pause is over; return whether there was one."""
        if not self._paused or self._paused[0][0] > self._clock.seconds():
            return False
        _, key, standing = self._paused.popleft()
        if self._by_nick.get(key.nick, {}).get(key) is standing:
            standing.paused = False
            self._queries.add(key, standing.query)
        return True
