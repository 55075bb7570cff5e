"""The wish list of a peer: what to look out for, at every index, until it appears."""

import time
from collections.abc import Callable, Coroutine, Iterable, Sequence
from functools import partial
from typing import Any, Protocol

import attrs
from twisted.internet.defer import Deferred, DeferredList
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import LoopingCall
from twisted.logger import Logger

from napster.daemon.turns import Turns
from napster.peer.api import ApiError, Find, FoundFile, NotFoundError, Wish
from napster.peer.arrange import ArrangeError
from napster.peer.finder import offer_of, parsed
from napster.peer.results import page
from napster.peer.wishlist.asking import Asking, Index
from napster.peer.wishlist.getting import Getting, WishLimits, is_same
from napster.peer.wishlist.store import Kept, WishStore
from napster.units import format_size
from napster.wire.extension import Found
from napster.wire.messages.searching import SearchHit
from napster.wire.search import Range, matches

MOST = 50
"""So many wishes there may be; an index lets a user have as many standing searches."""
MOST_FOUND = 1000
"""So many finds are kept for one wish; later ones are not told."""
MOST_SOURCES = 10
"""So many owners of a find are kept."""
STEP = 5.0
"""Every so many seconds one wish that is due is asked for, at each index."""
_MOST_AT_ONCE = 100
"""So many things may be under way before an index is asked no more about what it tells."""
_LARGEST = 2**63 - 1


class Indexes(Protocol):
    """The links to all indexes as this needs them."""

    nick: str

    @property
    def firewalled(self) -> bool:
        """Whether others cannot connect to this peer's data port."""


class Wishlist:
    """Asks, listens, tells and downloads."""

    log = Logger()

    def __init__(
        self,
        clock: IReactorTime,
        store: WishStore,
        indexes: Indexes,
        each: Iterable[Index],
        getting: Getting,
        wall: Callable[[], float] = time.time,
    ) -> None:
        """`each` are the links of `indexes`; `wall` tells seconds since 1970."""
        self._wall = wall
        self._store = store
        self._indexes = indexes
        self._getting = getting
        self._asking = [Asking(index, clock.seconds) for index in each]
        self._wishes: dict[int, Kept] = {}
        self._changing = Turns()
        self._running: set[Deferred[None]] = set()
        self._looping = LoopingCall(self._step)
        self._looping.clock = clock
        for asking in self._asking:
            asking.index.on_watched = partial(self._watched, asking)

    async def start(self) -> None:
        """Read the list, and look out from now on."""
        self._wishes = {wish.id: wish for wish in await self._store.load()}
        self._looping.start(STEP, now=False).addErrback(
            lambda failure: self.log.failure("the wish list is looked after no more", failure)
        )

    async def stop(self) -> None:
        """Look out no longer; returns once all that was found is kept."""
        if self._looping.running:
            self._looping.stop()
        await DeferredList(list(self._running))

    def limit(self, limits: WishLimits) -> None:
        """Download no more than this by itself from now on."""
        self._getting.limits = limits

    # What a person asks.

    def told(self) -> Sequence[Wish]:
        """Tell of all wishes, the oldest first."""
        return [self._told(wish) for wish in self._wishes.values()]

    async def add(self, words: str, *, get: bool) -> Wish:
        """Look out for what these words find. Raises BadRequestError, ApiError."""
        words = " ".join(words.split())
        query = parsed(words)
        async with self._changing:
            wish = next((each for each in self._wishes.values() if each.words == words), None)
            if wish is not None:
                await self._store.change(wish.id, get=get)
                wish.get = get
            elif len(self._wishes) >= MOST:
                raise ApiError(f"There are {MOST} wishes, which is the limit: remove one first.")
            else:
                wish = await self._store.add(words, query, get=get)
                self._wishes[wish.id] = wish
                for asking in self._asking:
                    if asking.index.online:
                        self._begin(self._ask(asking, wish))
        self._begin(self._settle())
        return self._told(wish)

    async def drop(self, numbers: Sequence[int]) -> Sequence[Wish]:
        """Look out for some no longer. Raises NotFoundError."""
        for number in numbers:
            if number not in self._wishes:
                raise NotFoundError(f"There is no wish {number}; napster wish lists all.")
        dropped = [self._wishes.pop(number) for number in dict.fromkeys(numbers)]
        told = [self._told(wish) for wish in dropped]
        for wish in dropped:
            for asking in self._asking:
                asking.drop(wish.id)
            await self._store.drop(wish.id)
        return told

    async def see(self, last: int) -> None:
        """Take note that all finds up to this one have been looked at."""
        for wish in self._wishes.values():
            wish.finds = [
                attrs.evolve(find, new=False) if find.id <= last else find for find in wish.finds
            ]
        await self._store.see(last)

    def _told(self, wish: Kept) -> Wish:
        places = [asking.place(wish.id) for asking in self._asking]
        return Wish(wish.id, wish.words, wish.get, places, tuple(wish.finds))

    # What happens by itself.

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        running = Deferred.fromCoroutine(work)
        self._running.add(running)
        running.addErrback(lambda failure: self.log.failure("a wish was not looked after", failure))
        running.addBoth(lambda _: self._running.discard(running))

    def _step(self) -> None:
        """Ask for one wish at each index, unless it is still busy with the one before."""
        for asking in self._asking:
            if (wish := asking.due(list(self._wishes.values()))) is not None:
                self._begin(self._ask(asking, wish))
        self._begin(self._settle())

    async def _ask(self, asking: Asking, wish: Kept) -> None:
        try:
            answer = await asking.ask(wish)
        except ArrangeError as error:
            self.log.info(
                "index {index}: cannot be asked for wish {id} now: {error}",
                index=asking.name,
                id=wish.id,
                error=error,
            )
        else:
            await self._take(wish, answer.hits)

    def _watched(self, asking: Asking, number: int, hit: SearchHit) -> None:
        wish = self._wishes.get(number)
        if wish is not None and len(self._running) < _MOST_AT_ONCE:
            self._begin(self._look_closer(asking, wish, hit))

    async def _look_closer(self, asking: Asking, wish: Kept, hit: SearchHit) -> None:
        narrow = attrs.evolve(wish.query, size=Range(hit.size, hit.size))
        answer = await asking.more_of(hit, narrow)
        await self._take(wish, answer.hits)

    async def _take(self, wish: Kept, hits: Sequence[SearchHit | Found]) -> None:
        """Keep and tell what is new among what was found, and download it if that is wished."""
        async with self._changing:
            rows = [each for each in self._rows(wish, hits) if not _is_known(wish, each)]
            rows = rows[: MOST_FOUND - len(wish.finds)]
            found = await self._store.add_finds(wish.id, rows, int(self._wall()))
            wish.finds += found
        for find in found:
            self._tell(wish, find)
        await self._settle()

    def _rows(self, wish: Kept, hits: Sequence[SearchHit | Found]) -> list[FoundFile]:
        offers = [offer_of(hit, firewalled=self._indexes.firewalled) for hit in hits]
        fitting = [
            offer
            for offer in offers
            if matches(wish.query, offer.file)
            and offer.file.size <= _LARGEST
            and offer.source.nick.lower() != self._indexes.nick.lower()
        ]
        rows = page(wish.words, fitting).rows
        return [attrs.evolve(row, sources=tuple(row.sources[:MOST_SOURCES])) for row in rows]

    def _tell(self, wish: Kept, find: Find) -> None:
        self.log.info(
            "wish {id} ({words}): found {name} ({size}) at {nick}",
            id=wish.id,
            words=wish.words,
            name=find.file.name,
            size=format_size(find.file.size),
            nick=find.file.sources[0].nick,
        )

    async def _settle(self) -> None:
        async with self._changing:
            for _, find in await self._getting.settle(list(self._wishes.values())):
                await self._store.settle(find)


def _is_known(wish: Kept, file: FoundFile) -> bool:
    return any(is_same(find.file, file) for find in wish.finds)
