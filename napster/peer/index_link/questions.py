"""All that this peer asks the index during one session, and what becomes of the answers."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime

from napster.peer.arrange import ArrangeError, OfflineError, RefusedError
from napster.peer.index_link.notices import (
    ignoring_nick,
    is_about_sharing,
    offline_nick,
    reachable_nick,
)
from napster.peer.index_link.replies import InOrder, Keyed, Numbered
from napster.peer.index_link.requests import Requests
from napster.wire.extension import (
    ContentSource,
    CopiesCounted,
    CountCopies,
    Find,
    FindEnd,
    FindRare,
    FindSources,
    Found,
    RareTold,
    SearchNote,
)
from napster.wire.fields import display
from napster.wire.messages import Message
from napster.wire.messages.people import Ping, Pong, SignedOff
from napster.wire.messages.searching import (
    Browse,
    BrowseEnd,
    BrowseFile,
    Search,
    SearchEnd,
    SearchHit,
    Source,
    SourcesEnd,
    SourcesRequest,
)
from napster.wire.search import SearchQuery, query_body

_Part = Found | SearchNote | ContentSource | CopiesCounted | RareTold
"""What answers to numbered questions are made of."""
PATIENCE = 60.0
"""How many seconds the index may take for the next part of an answer (linked ones are slow)."""
PING_PATIENCE = 15.0
"""How many seconds a ping may take."""


class Questions:
    """Searches, browses, look-ups of sources, pings and transfer requests of one session.

    `send` puts a message on the wire or raises ArrangeError. `handlers` says who takes which
    answer.
    """

    def __init__(self, clock: IReactorTime, nick: str, send: Callable[[Message], None]) -> None:
        self._clock = clock
        self._nick = nick
        self._send = send
        self._searches: InOrder[SearchHit | SearchNote] = self._in_order("the search")
        self._sources: InOrder[Source] = self._in_order("the question for sources")
        self._browses: InOrder[BrowseFile] = self._in_order("the request for a list of files")
        self._numbered: Numbered[_Part] = Numbered(
            clock, PATIENCE, "the index did not answer the search in time"
        )
        self._complaint = b""
        self._browsed_nick = ""
        self._browsed_offline = False
        self._pings: Keyed[tuple[str, bytes], None] = Keyed(clock)
        self._pings_sent = 0
        self.requests = Requests(clock, send)
        """Transfers that are being arranged."""

    def _in_order(self, what: str) -> InOrder[Any]:
        silence = f"the index did not answer {what} in time"
        return InOrder(self._clock, PATIENCE, silence, self._sync)

    def _sync(self) -> Deferred[float]:
        """Fire when all that was under way has come: an index answers in order."""
        return Deferred.fromCoroutine(self.ping(self._nick))

    @property
    def handlers(self) -> Mapping[type[Message], Callable[[Any], None]]:
        """What to do with each answer, by its class."""
        return {
            SearchHit: self._searches.item,
            Found: lambda found: self._numbered.item(found.req, found),
            ContentSource: lambda source: self._numbered.item(source.req, source),
            FindEnd: self._find_ended,
            CopiesCounted: self._told,
            RareTold: self._told,
            SearchNote: self._search_noted,
            SearchEnd: self._search_ended,
            Source: self._sources.item,
            SourcesEnd: lambda _: self._sources.end(),
            BrowseFile: self._browse_item,
            BrowseEnd: self._browse_ended,
            SignedOff: self._signed_off,
            Pong: self._ponged,
            **self.requests.handlers,
        }

    async def search(self, query: SearchQuery) -> Sequence[SearchHit | SearchNote]:
        """Search the index; it may have notes on what it found. Raises ArrangeError."""

        def send() -> None:
            self._complaint = b""
            self._send(Search(query))

        return await self._searches.ask(send)

    def _search_ended(self, _end: SearchEnd) -> None:
        if self._complaint and not self._searches.found:
            self._searches.fail(ArrangeError(f"the index says: {display(self._complaint)}"))
        else:
            self._searches.end()

    def _search_noted(self, note: SearchNote) -> None:
        self._searches.item(note)
        self._numbered.item(self._numbered.oldest, note)

    async def find(self, query: SearchQuery) -> Sequence[Found | SearchNote]:
        """Search an index that groups equal content (20010). Raises ArrangeError."""
        body = query_body(query)
        answer = await self._numbered.ask(lambda number: self._send(Find(number, body)))
        return [each for each in answer if isinstance(each, Found | SearchNote)]

    async def sources_of(self, content_id: bytes) -> Sequence[ContentSource]:
        """Find who has a content (20013). Raises ArrangeError."""
        answer = await self._numbered.ask(
            lambda number: self._send(FindSources(number, content_id))
        )
        return [each for each in answer if isinstance(each, ContentSource)]

    async def copies(self, contents: Sequence[bytes]) -> Sequence[int]:
        """Find how many others share each of some contents (20024). Raises ArrangeError."""
        ids = b"".join(contents)
        answer = await self._numbered.ask(lambda number: self._send(CountCopies(number, ids)))
        counts = [each.numbers for each in answer if isinstance(each, CopiesCounted)]
        if len(counts) != 1 or len(counts[0]) != len(contents):
            raise ArrangeError("the index did not say of every content how many share it")
        return counts[0]

    async def rare(self, after: int | None) -> tuple[Sequence[Found], RareTold]:
        """Find contents that one user alone shares (20026). Raises ArrangeError."""
        answer = await self._numbered.ask(lambda number: self._send(FindRare(number, after)))
        (told,) = (each for each in answer if isinstance(each, RareTold))
        return [each for each in answer if isinstance(each, Found)], told

    def _told(self, end: CopiesCounted | RareTold) -> None:
        self._numbered.item(end.req, end)
        self._numbered.end(end.req, None)

    def _find_ended(self, end: FindEnd) -> None:
        said, self._complaint = self._complaint, b""
        complaint = ArrangeError(f"the index says: {display(said)}") if said else None
        self._numbered.end(end.req, complaint)

    async def sources(self, md5: bytes, size: int) -> Sequence[Source]:
        """Find who shares a file of this historic MD5 and size. Raises ArrangeError."""
        return await self._sources.ask(lambda: self._send(SourcesRequest(md5, size)))

    async def browse(self, nick: str) -> Sequence[BrowseFile]:
        """List a user's files. Raises OfflineError, NoAnswerError, IndexAwayError."""

        def send() -> None:
            self._browsed_nick, self._browsed_offline = nick.lower(), False
            self._send(Browse(nick))

        return await self._browses.ask(send)

    def _browse_item(self, item: BrowseFile) -> None:
        if item.nick.lower() == self._browsed_nick:
            self._browses.item(item)

    def _signed_off(self, answer: SignedOff) -> None:
        # A 213 follows: only that ends the browse, else it would end the next one.
        self._browsed_offline |= answer.nick.lower() == self._browsed_nick

    def _browse_ended(self, end: BrowseEnd) -> None:
        if end.nick.lower() != self._browsed_nick:
            return
        if self._browsed_offline and not self._browses.found:
            self._browses.fail(OfflineError(f"{end.nick} is not online"))
        else:
            self._browses.end()

    async def ping(self, nick: str) -> float:
        """Measure the way to a user and back through the index, in s. Raises ArrangeError."""
        self._pings_sent += 1
        token = b"%d" % self._pings_sent
        sent = self._clock.seconds()
        self._send(Ping(nick, token))
        silence = f"{nick} did not answer the ping in time"
        await self._pings.wait((nick.lower(), token), PING_PATIENCE, silence)
        return self._clock.seconds() - sent

    def _ponged(self, pong: Pong) -> None:
        nick = pong.nick.lower()
        if pong.text:
            self._pings.answer((nick, pong.text), None)
            return
        # Some programs leave out the text: such a pong answers the oldest ping to its sender.
        for key in self._pings.keys:
            if key[0] == nick:
                self._pings.answer(key, None)
                return

    def noticed(self, text: bytes) -> None:
        """Take a 404: it may be the only answer to a question."""
        if (nick := offline_nick(text)) is not None:
            self._fail_user(nick, OfflineError(f"{nick} is not online"))
        elif (nick := ignoring_nick(text)) is not None:
            self._fail_user(nick, RefusedError(f"{nick} ignores this peer"))
        elif (nick := reachable_nick(text)) is not None:
            sentence = f"{nick} can be connected to and need not push"
            self.requests.fail_user(nick, ArrangeError(sentence))
        elif self._searching and not is_about_sharing(text):
            self._complaint = text

    @property
    def _searching(self) -> bool:
        return self._searches.waiting or self._numbered.oldest is not None

    def _fail_user(self, nick: str, error: ArrangeError) -> None:
        self.requests.fail_user(nick, error)
        for key in self._pings.keys:
            if key[0] == nick.lower():
                self._pings.fail(key, error)

    def lost(self, error: ArrangeError) -> None:
        """Fail everything that is still waiting: the session is over."""
        for each in (self._searches, self._sources, self._browses, self._numbered):
            each.fail(error)
        for key in self._pings.keys:
            self._pings.fail(key, error)
        self.requests.fail_all(error)
