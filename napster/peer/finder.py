"""Searches and browses through the index, told as rows a person picks from."""

from collections.abc import Awaitable, Iterable, Mapping, Sequence
from typing import TypeVar

import attrs
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.defer import TimeoutError as TimedOut
from twisted.internet.interfaces import IReactorTime

from napster.peer.api import (
    ApiError,
    BadRequestError,
    NotFoundError,
    SearchPage,
    Source,
    UnreachableError,
)
from napster.peer.arrange import ArrangeError, Arranger, IndexAwayError, OfflineError
from napster.peer.results import (
    Offer,
    Spread,
    folder_of,
    known_md5,
    page,
    with_pings,
    with_ports,
)
from napster.wire.addresses import address_text
from napster.wire.errors import QueryError
from napster.wire.extension import Found
from napster.wire.messages.searching import BrowseFile, SearchHit
from napster.wire.messages.sharing import Share
from napster.wire.search import SearchQuery, matches, parse_words

MOST_NOTES = 5
"""So many notes of the index on one search are shown."""
PINGED = 20
"""Of how many rows, from the first on, the sources are pinged."""
_PORTS_PATIENCE = 3.0
"""How many seconds a page waits at most for the data ports of its sources."""
_LAST_SECOND = 253_402_300_799 - 86_400
"""Dates end with the year 9999, anywhere on earth."""

T = TypeVar("T")


class Finder:
    """Asks the index on behalf of a person; errors become ApiErrors."""

    def __init__(self, clock: IReactorTime, arranger: Arranger) -> None:
        self._clock = clock
        self._arranger = arranger

    async def search(self, words: str, *, ping: bool) -> SearchPage:
        """Search with a person's words. Raises ApiError."""
        query = parsed(words)
        answer = await asked(self._arranger.search(query))
        firewalled = self._arranger.firewalled
        offers = [offer_of(hit, firewalled=firewalled) for hit in answer.hits]
        fitting = [offer for offer in offers if matches(query, offer.file)]
        shown = page(words, await self._with_ports(fitting), answer.notes[:MOST_NOTES])
        return await self._with_pings(shown) if ping else shown

    async def browse(self, nick: str) -> SearchPage:
        """List a user's files. Raises ApiError."""
        files = await asked(self._arranger.browse(nick))
        return page(nick, await self._with_ports([_browse_offer(each) for each in files]))

    async def _with_ports(self, offers: Sequence[Offer]) -> list[Offer]:
        """Ask for the sources by hash: only that answer names data ports."""
        wanted = {
            (offer.file.md5, offer.file.size): None
            for offer in _one_for_each_owner(offers)
            if known_md5(offer.file.md5)
        }
        answers = await gatherResults(Deferred.fromCoroutine(self._ports(*each)) for each in wanted)
        ports = {nick: port for found in answers for nick, port in found.items()}
        return with_ports(offers, ports, firewalled=self._arranger.firewalled)

    async def _ports(self, md5: bytes, size: int) -> Mapping[str, int]:
        question = Deferred.fromCoroutine(self._arranger.sources(md5, size))
        try:
            found = await question.addTimeout(_PORTS_PATIENCE, self._clock)
        except (ArrangeError, TimedOut):
            # Not every server answers this question; the port then stays unknown.
            return {}
        return {source.nick.lower(): source.port for source in found}

    async def _with_pings(self, shown: SearchPage) -> SearchPage:
        nicks = {source.nick for row in shown.rows[:PINGED] for source in row.sources}
        answers = await gatherResults(
            Deferred.fromCoroutine(self._ping(nick)) for nick in sorted(nicks)
        )
        return with_pings(shown, dict(pair for answer in answers for pair in answer))

    async def _ping(self, nick: str) -> Sequence[tuple[str, float]]:
        try:
            return [(nick, 1000 * await self._arranger.ping(nick))]
        except ArrangeError:
            return []


def parsed(words: str) -> SearchQuery:
    """Read a person's words. Raises BadRequestError naming the word that is wrong."""
    try:
        return parse_words(words)
    except QueryError as error:
        raise BadRequestError(str(error)) from error


async def asked(question: Awaitable[T]) -> T:
    """Wait for an answer of the index. Raises ApiError in place of an ArrangeError."""
    try:
        return await question
    except OfflineError as error:
        raise NotFoundError(str(error)) from error
    except IndexAwayError as error:
        raise UnreachableError(str(error)) from error
    except ArrangeError as error:
        raise ApiError(str(error)) from error


def _one_for_each_owner(offers: Iterable[Offer]) -> Iterable[Offer]:
    """Choose one hashed file for each owner: its answer tells that owner's port."""
    chosen: dict[str, Offer] = {}
    for offer in offers:
        if known_md5(offer.file.md5) and not offer.spread:
            chosen.setdefault(offer.source.nick.lower(), offer)
    return chosen.values()


def offer_of(hit: SearchHit | Found, *, firewalled: bool) -> Offer:
    """Read what an index says of a file found; `firewalled` if nobody can connect here."""
    return _content_offer(hit, firewalled) if isinstance(hit, Found) else _hit_offer(hit)


def _content_offer(found: Found, firewalled: bool) -> Offer:  # noqa: FBT001
    """Read what an index that groups equal content tells; it leaves out whom nothing leads to.

    Who is firewalled can push while this peer can be connected to; else there is a relay.
    """
    offer = _hit_offer(found.hit.evolve(size=found.size))
    port = None if found.reachable else 0
    since = found.since if found.since is None or found.since <= _LAST_SECOND else None
    # Programs that tell no content id tell nothing of their slots either.
    free = found.free if found.content_id or found.free else None
    return Offer(
        file=offer.file,
        source=attrs.evolve(offer.source, port=port, relayed=firewalled and port == 0),
        content=found.content_id.hex() if found.content_id else "",
        spread=Spread(found.sources, found.sources, free, since),
    )


def _hit_offer(hit: SearchHit) -> Offer:
    file = Share(hit.path, hit.md5, hit.size, hit.bitrate, hit.frequency, hit.duration)
    source = Source(
        nick=hit.nick,
        path=hit.path,
        address=address_text(hit.address) if hit.address else "",
        port=None,
        speed=hit.speed,
        reachable=True,
        folder=folder_of(hit.path),
    )
    return Offer(file, source)


def _browse_offer(found: BrowseFile) -> Offer:
    file = Share(found.path, found.md5, found.size, found.bitrate, found.frequency, found.duration)
    source = Source(
        nick=found.nick,
        path=found.path,
        address="",
        port=None,
        speed=0,
        reachable=True,
        folder=folder_of(found.path),
    )
    return Offer(file, source)
