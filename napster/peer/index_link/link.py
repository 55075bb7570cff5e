"""The link to the index as the rest of the peer sees it."""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

import attrs
from twisted.application.service import Service
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime

from napster.peer.api import IndexState, IndexStatus
from napster.peer.arrange import (
    ArrangeError,
    Arrangement,
    Holder,
    IndexAwayError,
    RelayPlace,
    SearchAnswer,
)
from napster.peer.index_link.backoff import Backoff
from napster.peer.index_link.counters import TransferCounters
from napster.peer.index_link.duties import Duties, UploadSide
from napster.peer.index_link.keeper import IndexAddress, Keeper
from napster.peer.index_link.login import Identity
from napster.peer.index_link.notices import Notices
from napster.peer.index_link.questions import Questions
from napster.peer.index_link.refusals import Refusals
from napster.peer.index_link.searching import search
from napster.peer.index_link.session import Session, Surroundings
from napster.peer.index_link.standing import StandingSearches, Told
from napster.peer.library.listeners import Listener
from napster.peer.library.shared_file import SharedFile
from napster.peer.security.guard import Guard
from napster.wire.extension import Family, Found, RareTold
from napster.wire.messages.login import Stats
from napster.wire.messages.searching import BrowseFile, SearchHit, Source
from napster.wire.messages.transfers import DataPortError
from napster.wire.search import SearchQuery


class SharedFiles(Protocol):
    """The library as the index gets to know it."""

    def files(self) -> Iterable[SharedFile]:
        """Go through all files on offer."""

    def subscribe(self, listener: Listener) -> None:
        """Tell a listener of every change from now on."""


@attrs.frozen
class PeerSide:
    """What of this peer the link speaks for."""

    library: SharedFiles
    uploads: UploadSide
    counters: TransferCounters
    guard: Guard
    data_port: Callable[[str], int]
    """The port that others can connect to, asked for at each login; 0 means firewalled.

    It depends on the IP address of the index: of either family others are told one address.
    """
    families: Callable[[str], Family]
    """By what this host can connect to others, being connected to an address."""


class IndexLink(Service):
    """Stays logged in for as long as it runs, and is the Arranger of all transfers.

    `random` returns numbers from 0.0 up to, but not including, 1.0.
    """

    def __init__(
        self,
        clock: IReactorTime,
        index: IndexAddress,
        identity: Identity,
        side: PeerSide,
        random: Callable[[], float],
    ) -> None:
        self._index = index
        self._identity = identity
        self._side = side
        self.nick = identity.nick
        self.name = index.name
        """What people call the index."""
        self.notices = Notices(index.name)
        """What the index has said in words."""
        self.on_watched: Told = lambda _id, _hit: None
        """Called with a file that a standing search was left for, and the search's id."""
        self._surroundings = Surroundings(
            clock=clock,
            duties=Duties(side.uploads, self.notices),
            counters=side.counters,
            guard=side.guard,
            check_greeting=lambda extended: index.check_greeting(extended=extended),
            notices=self.notices,
            data_port=side.data_port,
            families=side.families,
            uploads=lambda: side.uploads.state,
            shared=side.library.files,
            watched=self._watched,
        )
        self._keeper = Keeper(clock, index, self._new_session, Backoff(random))
        side.library.subscribe(self)

    def _watched(self, id_: int, hit: SearchHit) -> None:
        self.on_watched(id_, hit)

    def _new_session(self) -> Session:
        return Session(self._surroundings, self._identity)

    # The service.

    def startService(self) -> None:
        """Begin to stay connected."""
        super().startService()
        self._keeper.start()

    def stopService(self) -> Deferred[None] | None:
        """End the session; the Deferred fires when the connection is closed."""
        super().stopService()
        return self._keeper.stop()

    @property
    def status(self) -> IndexStatus:
        """How the link stands, and what the index last said of the network."""
        session = self._keeper.session
        stats = Stats(0, 0, 0) if session is None else session.stats
        return IndexStatus(
            address=self._index.name,
            state=self._keeper.state,
            reason=self._keeper.reason,
            users=stats.users,
            files=stats.files,
            gigabytes=stats.gigabytes,
            registered=self.registered,
            refused=self.refused.count,
        )

    @property
    def advice(self) -> Sequence[str]:
        """What a person should know of this index."""
        return [*self._refusal_advice, *self.notices.advice]

    @property
    def _refusal_advice(self) -> Sequence[str]:
        refused = self.refused
        if not refused.count:
            return ()
        _, reason = next(iter(refused), (b"", "see napster shares"))
        offered = self.registered + refused.count
        return [f"index {self.name} takes {self.registered:,} of {offered:,} files: {reason}"]

    @property
    def registered(self) -> int:
        """How many files the index has been told of in this session."""
        session = self._keeper.session
        return 0 if session is None else session.registration.told

    @property
    def refused(self) -> Refusals:
        """Which files the index has refused in this session."""
        session = self._keeper.session
        return Refusals() if session is None else session.registration.refused

    # The library's listener.

    def files_added(self, files: Sequence[SharedFile]) -> None:
        """Offer new files, unless the next login does so anyway."""
        if (session := self._online_session) is not None:
            session.registration.add(files)

    def files_removed(self, files: Sequence[SharedFile]) -> None:
        """Withdraw files."""
        if (session := self._online_session) is not None:
            session.registration.remove([file.path for file in files])

    # The Arranger.

    @property
    def online(self) -> bool:
        """Whether the login has succeeded and the link stands."""
        return self._online_session is not None

    @property
    def firewalled(self) -> bool:
        """Whether others cannot connect to this peer's data port."""
        session = self._keeper.session
        return self._side.data_port(session.index if session else "") == 0

    @property
    def _online_session(self) -> Session | None:
        return self._keeper.session if self._keeper.state is IndexState.ONLINE else None

    @property
    def _session(self) -> Session:
        if (session := self._online_session) is None:
            raise IndexAwayError(f"not logged in at the index: {self._keeper.reason}")
        return session

    @property
    def _questions(self) -> Questions:
        return self._session.questions

    async def search(self, query: SearchQuery) -> SearchAnswer:
        """Search the index; it may have notes on what it found. Raises ArrangeError."""
        session = self._session
        return await search(session.questions, query, content=session.terms.content)

    @property
    def standing(self) -> StandingSearches | None:
        """The standing searches of this session; None without one, or if the index has none."""
        session = self._online_session
        return session.standing if session is not None and session.terms.extended else None

    async def browse(self, nick: str) -> Sequence[BrowseFile]:
        """List a user's files. Raises OfflineError, IndexAwayError, NoAnswerError."""
        return await self._questions.browse(nick)

    async def sources(self, md5: bytes, size: int) -> Sequence[Source]:
        """Find who shares a file of this historic MD5 and size. Raises ArrangeError."""
        return await self._questions.sources(md5, size)

    async def sources_of(self, content_id: bytes) -> Sequence[Holder]:
        """Find who has a content, this peer included; nobody if the index knows no contents.

        Raises ArrangeError.
        """
        session = self._session
        found = await session.questions.sources_of(content_id) if session.terms.content else ()
        return [
            Holder(each.nick.decode("latin-1"), each.path, each.speed, each.free) for each in found
        ]

    async def copies(self, contents: Sequence[bytes]) -> Sequence[int]:
        """Find how many others share each of at most MOST_COUNTED contents. Raises ArrangeError."""
        return await self._content_questions.copies(contents)

    async def rare(self, after: int | None) -> tuple[Sequence[Found], RareTold]:
        """Find contents that one user alone shares, from a place on. Raises ArrangeError."""
        return await self._content_questions.rare(after)

    @property
    def _content_questions(self) -> Questions:
        session = self._session
        if not session.terms.content:
            raise ArrangeError("it knows no content ids, so it cannot tell who has the same")
        return session.questions

    async def arrange_download(self, nick: str, path: bytes) -> Arrangement:
        """Ask a user for a file (203). Raises ArrangeError, QueuedError with the place."""
        return await self._questions.requests.download(nick, path)

    async def arrange_push(self, nick: str, path: bytes) -> None:
        """Ask a firewalled user to connect here and send (500). Raises ArrangeError.

        Nothing confirms that the user will: it returns when no refusal has come for a while, or
        may be left behind when the connection comes first.
        """
        await self._questions.requests.push(nick, path)

    @property
    def relays(self) -> bool:
        """Whether the index has a relay that this peer can use."""
        session = self._online_session
        return session is not None and session.terms.relay

    async def arrange_relay(self, ticket: bytes) -> RelayPlace:
        """Ask for the relay, for a download that the ticket is of. Raises ArrangeError."""
        return await self._questions.requests.relay(ticket)

    async def ping(self, nick: str) -> float:
        """Measure the way to a user and back through the index, in s. Raises ArrangeError."""
        return await self._questions.ping(nick)

    def data_port_failed(self, nick: str) -> None:
        """Tell the index that a user's data port could not be reached (626)."""
        if (session := self._online_session) is not None:
            session.send(DataPortError(nick))

    def download_started(self) -> None:
        """Tell the index that one more download is under way (218)."""
        self._side.counters.downloads.start()

    def download_finished(self) -> None:
        """Tell the index that one download less is under way (219)."""
        self._side.counters.downloads.finish()
