"""Several indexes as one: asked together, each user at the index where that user is."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Final, Protocol, TypeVar

from twisted.internet.defer import Deferred, gatherResults

from napster.peer.api import IndexStatus
from napster.peer.arrange import (
    ArrangeError,
    Arrangement,
    Holder,
    IndexAwayError,
    NotSharedError,
    OfflineError,
    RelayPlace,
    SearchAnswer,
)
from napster.peer.index_link.link import IndexLink
from napster.wire.extension import Found
from napster.wire.messages.searching import BrowseFile, SearchHit, Source
from napster.wire.search import SearchQuery

T = TypeVar("T")

MOST_USERS: Final = 10_000
"""Of how many users it is remembered at which index they are."""


class _Offer(Protocol):
    """What names a file of a user."""

    @property
    def nick(self) -> str:
        """The user."""

    @property
    def path(self) -> bytes:
        """The file."""


Offered = TypeVar("Offered", bound=_Offer)


class Links:
    """The Arranger over all indexes of a peer.

    A user is asked for at the index where they were seen last, then at the others: one nick may be
    two people, and after a restart nobody knows who was seen where.
    """

    def __init__(self, links: Sequence[IndexLink]) -> None:
        self._links = links
        self._seen: OrderedDict[str, IndexLink] = OrderedDict()
        self.nick = links[0].nick

    def __iter__(self) -> Iterator[IndexLink]:
        """Go through the links, in the order of the options."""
        return iter(self._links)

    @property
    def statuses(self) -> Sequence[IndexStatus]:
        """How each link stands."""
        return [link.status for link in self._links]

    @property
    def advice(self) -> Sequence[str]:
        """What a person should know of, of each index."""
        return [each for link in self._links for each in link.advice]

    @property
    def registered(self) -> int:
        """How many files every index that is not away has been told of at least."""
        return min((link.registered for link in self._online), default=0)

    @property
    def online(self) -> bool:
        """Whether there is a login at any of them."""
        return bool(self._online)

    @property
    def firewalled(self) -> bool:
        """Whether others cannot connect to this peer's data port."""
        return self._links[0].firewalled

    @property
    def _online(self) -> list[IndexLink]:
        return [link for link in self._links if link.online]

    # What is asked of all.

    async def search(self, query: SearchQuery) -> SearchAnswer:
        """Search all indexes; those that are away are told in notes. Raises ArrangeError."""
        answers, notes = await self._ask_all(lambda link: link.search(query))
        hits: list[SearchHit | Found] = []
        for link, answer in answers:
            for hit in answer.hits:
                self._saw(hit.hit.nick if isinstance(hit, Found) else hit.nick, link)
            hits += answer.hits
            notes += [self._named(link, note) for note in answer.notes]
        return SearchAnswer(hits, notes)

    async def sources(self, md5: bytes, size: int) -> Sequence[Source]:
        """Find who shares a file of this historic MD5 and size. Raises ArrangeError."""
        return await self._offers(lambda link: link.sources(md5, size))

    async def sources_of(self, content_id: bytes) -> Sequence[Holder]:
        """Find who has a content, this peer included. Raises ArrangeError."""
        return await self._offers(lambda link: link.sources_of(content_id))

    async def copies(self, contents: Sequence[bytes]) -> tuple[Sequence[int], Sequence[str]]:
        """Find how many others share each of some contents at the index where most do.

        Returns notes as well: which indexes cannot tell. Raises ArrangeError if none can.
        """
        answers, notes = await self._ask_all(lambda link: link.copies(contents))
        return [max(counts) for counts in zip(*(each for _, each in answers), strict=True)], notes

    async def _offers(
        self, ask: Callable[[IndexLink], Awaitable[Sequence[Offered]]]
    ) -> Sequence[Offered]:
        """Ask all for offers; one that two indexes tell of is one."""
        answers, _ = await self._ask_all(ask)
        once: dict[tuple[str, bytes], Offered] = {}
        for link, answer in answers:
            for each in answer:
                self._saw(each.nick, link)
                once.setdefault((each.nick.lower(), each.path), each)
        return list(once.values())

    async def _ask_all(
        self, ask: Callable[[IndexLink], Awaitable[T]]
    ) -> tuple[list[tuple[IndexLink, T]], list[str]]:
        """Ask all; returns the answers, and why others did not. Raises ArrangeError if none did."""
        asked = [Deferred.fromCoroutine(_tried(ask(link))) for link in self._links]
        outcomes = list(
            zip(self._links, await gatherResults(asked, consumeErrors=True), strict=True)
        )
        errors = [(link, each) for link, each in outcomes if isinstance(each, ArrangeError)]
        answers = [(link, each) for link, each in outcomes if not isinstance(each, ArrangeError)]
        if not answers:
            told = (each for _, each in errors if not isinstance(each, IndexAwayError))
            raise next(told, errors[0][1])
        return answers, [self._named(link, str(error)) for link, error in errors]

    def _named(self, link: IndexLink, note: str) -> str:
        return f"index {link.name}: {note}" if len(self._links) > 1 else note

    # What is asked at a user's index.

    async def browse(self, nick: str) -> Sequence[BrowseFile]:
        """List a user's files. Raises OfflineError, IndexAwayError, NoAnswerError."""
        return await self._ask_at(nick, lambda link: link.browse(nick))

    async def arrange_download(self, nick: str, path: bytes) -> Arrangement:
        """Ask a user for a file (203). Raises ArrangeError, QueuedError with the place."""
        return await self._ask_at(nick, lambda link: link.arrange_download(nick, path))

    async def arrange_push(self, nick: str, path: bytes) -> None:
        """Ask a firewalled user to connect here and send (500). Raises ArrangeError."""
        await self._ask_at(nick, lambda link: link.arrange_push(nick, path))

    def relays(self, nick: str) -> bool:
        """Tell whether the index at which a user was met last has a relay for this peer."""
        return self._nearest(nick)[0].relays

    async def arrange_relay(self, nick: str, ticket: bytes) -> RelayPlace:
        """Ask for the relay where the ticket for a user's file is from. Raises ArrangeError."""
        return await self._nearest(nick)[0].arrange_relay(ticket)

    async def ping(self, nick: str) -> float:
        """Measure the way to a user and back through the index, in s. Raises ArrangeError."""
        return await self._ask_at(nick, lambda link: link.ping(nick))

    async def _ask_at(self, nick: str, ask: Callable[[IndexLink], Awaitable[T]]) -> T:
        """Ask where the user was seen last, then where else they might be."""
        errors: list[ArrangeError] = []
        for link in self._nearest(nick):
            try:
                answer = await ask(link)
            except (IndexAwayError, OfflineError, NotSharedError) as error:
                errors.append(error)
            else:
                self._saw(nick, link)
                return answer
        raise _verdict(nick, errors)

    def _nearest(self, nick: str) -> list[IndexLink]:
        last = self._seen.get(nick.lower())
        return sorted(self._links, key=lambda link: link is not last)

    def _saw(self, nick: str, link: IndexLink) -> None:
        self._seen[nick.lower()] = link
        self._seen.move_to_end(nick.lower())
        if len(self._seen) > MOST_USERS:
            self._seen.popitem(last=False)

    # What is told.

    def data_port_failed(self, nick: str) -> None:
        """Tell the user's index that their data port could not be reached (626)."""
        self._nearest(nick)[0].data_port_failed(nick)

    def download_started(self) -> None:
        """Tell all that one more download is under way (218)."""
        self._links[0].download_started()

    def download_finished(self) -> None:
        """Tell all that one download less is under way (219)."""
        self._links[0].download_finished()


async def _tried(asking: Awaitable[T]) -> T | ArrangeError:
    try:
        return await asking
    except ArrangeError as error:
        return error


def _verdict(nick: str, errors: Sequence[ArrangeError]) -> ArrangeError:
    """Say why no index could arrange anything with a user.

    Whoever may be at an index that is away is worth asking again, whatever the others say.
    """
    away = [error for error in errors if isinstance(error, IndexAwayError)]
    if len(away) == len(errors):
        return away[0]
    if away:
        return OfflineError(f"{nick} cannot be asked now: {away[0]}")
    return next((each for each in errors if isinstance(each, NotSharedError)), errors[0])
