"""Searches and browses through the index, told as rows a person picks from."""

from collections.abc import Awaitable, Iterable, Mapping, Sequence
from typing import TypeVar

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
    folder_of,
    known_md5,
    page,
    with_pings,
    with_ports,
)
from napster.wire.addresses import address_text
from napster.wire.errors import QueryError
from napster.wire.extension import SearchNote
from napster.wire.fields import display
from napster.wire.messages.searching import BrowseFile, SearchHit
from napster.wire.messages.sharing import Share
from napster.wire.search import SearchQuery, matches, parse_words

MOST_NOTES = 5
"""So many notes of the index on one search are shown."""
PINGED = 20
"""Of how many rows, from the first on, the sources are pinged."""
_PORTS_PATIENCE = 3.0
"""How many seconds a page waits at most for the data ports of its sources."""


T = TypeVar("T")


class Finder:
    """Asks the index on behalf of a person; errors become ApiErrors."""

    def __init__(self, clock: IReactorTime, arranger: Arranger) -> None:
        self._clock = clock
        self._arranger = arranger

    async def search(self, words: str, *, ping: bool) -> SearchPage:
        """Search with a person's words. Raises ApiError."""
        query = _parsed(words)
        answer = await _asked(self._search(query))
        hits = [each for each in answer if isinstance(each, SearchHit)]
        offers = [_hit_offer(hit) for hit in hits if matches(query, hit)]
        notes = [_sentence(each) for each in answer if isinstance(each, SearchNote)][:MOST_NOTES]
        if len(hits) >= query.max_results:
            notes.append(f"the index stopped at {len(hits)} files: add words to see others")
        shown = page(words, await self._with_ports(offers), notes)
        return await self._with_pings(shown) if ping else shown

    async def browse(self, nick: str) -> SearchPage:
        """List a user's files. Raises ApiError."""
        files = await _asked(self._arranger.browse(nick))
        return page(nick, await self._with_ports([_browse_offer(each) for each in files]))

    async def _search(self, query: SearchQuery) -> Sequence[SearchHit | SearchNote]:
        try:
            return await self._arranger.search(query)
        except ArrangeError as error:
            plain = query.for_old_server()
            if plain == query or "invalid search request" not in str(error):
                raise
            # Such a server knows fewer filters; what it finds is filtered here as well.
            return await self._arranger.search(plain)

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


def _parsed(words: str) -> SearchQuery:
    try:
        return parse_words(words)
    except QueryError as error:
        raise BadRequestError(str(error)) from error


async def _asked(question: Awaitable[T]) -> T:
    try:
        return await question
    except OfflineError as error:
        raise NotFoundError(str(error)) from error
    except IndexAwayError as error:
        raise UnreachableError(str(error)) from error
    except ArrangeError as error:
        raise ApiError(str(error)) from error


def _sentence(note: SearchNote) -> str:
    text = display(note.text.encode())
    return f"{text}; try: {display(note.suggestion.encode())}" if note.suggestion else text


def _one_for_each_owner(offers: Iterable[Offer]) -> Iterable[Offer]:
    """Choose one hashed file for each owner: its answer tells that owner's port."""
    chosen: dict[str, Offer] = {}
    for offer in offers:
        if known_md5(offer.file.md5):
            chosen.setdefault(offer.source.nick.lower(), offer)
    return chosen.values()


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
