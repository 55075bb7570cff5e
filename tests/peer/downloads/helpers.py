"""A peer's downloads with everything around them played: clock, index, sources and disk threads."""

import hashlib
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import attrs
from blake3 import blake3
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.error import (
    ConnectionDone,
    ProcessDone,
    ProcessExitedAlready,
    ProcessTerminated,
)
from twisted.internet.interfaces import IProtocol, IProtocolFactory
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure

from napster.peer.api import DownloadState, DownloadStatus, Source, Wanted
from napster.peer.arrange import ArrangeError, Arrangement, Holder, IndexAwayError, RelayPlace
from napster.peer.dialing import CONNECT_TIMEOUT, NoConnectionError
from napster.peer.downloads.downloads import Downloads
from napster.peer.downloads.errors import LostError, UnreachableError
from napster.peer.downloads.hook import Hook
from napster.peer.downloads.liars import Liars
from napster.peer.downloads.people import People
from napster.peer.downloads.piece_source import PieceList, PieceSource
from napster.peer.downloads.settle import Shelf
from napster.peer.downloads.space import Space
from napster.peer.downloads.tools import Tools
from napster.peer.library.hash import PIECE_SIZE, content_root
from napster.peer.security.tickets import Ticket
from napster.peer.uploads.talk import SEGMENT_PAUSE
from napster.wire.messages.searching import BrowseFile, SearchHit
from napster.wire.messages.searching import Source as FoundSource
from napster.wire.search import SearchQuery

P = ParamSpec("P")
T = TypeVar("T")

PATH = b"Music\\sub\\song.mp3"
ADDRESS = "198.51.100.7"
PORT = 6699


def content(size: int, seed: int = 0) -> bytes:
    """Make content that repeats nowhere."""
    return hashlib.shake_128(b"%d" % seed).digest(size)


class InlineWorker:
    """A worker that does everything at once."""

    def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Deferred[T]:
        return maybeDeferred(work, *args, **kwargs)

    def stop(self) -> None:
        pass


class FakeArranger:
    """An index link whose answers a test sets: a value, an exception, or a Deferred."""

    def __init__(self) -> None:
        self.nick = "me"
        self.online = True
        self.firewalled = False
        self.calls: list[tuple[Any, ...]] = []
        self.answers: dict[str, Any] = {}
        self.lists: dict[str, Sequence[BrowseFile]] = {}
        self.others: Sequence[FoundSource] | ArrangeError = ()
        self.holders: Sequence[Holder] = ()
        self.push_answer: Any = None
        self.relay: RelayPlace | ArrangeError | None = None
        self.running = 0

    def _check_online(self) -> None:
        if not self.online:
            raise IndexAwayError("the index is away")

    async def search(self, query: SearchQuery) -> Sequence[SearchHit]:
        raise NotImplementedError

    async def browse(self, nick: str) -> Sequence[BrowseFile]:
        self.calls.append(("browse", nick))
        return self.lists.get(nick, [])

    async def sources(self, md5: bytes, size: int) -> Sequence[FoundSource]:
        self.calls.append(("sources", md5, size))
        if isinstance(self.others, ArrangeError):
            raise self.others
        return self.others

    async def sources_of(self, content_id: bytes) -> Sequence[Holder]:
        self.calls.append(("sources_of", content_id))
        return self.holders

    async def arrange_download(self, nick: str, path: bytes) -> Arrangement:
        self.calls.append(("arrange", nick, path))
        self._check_online()
        answer = self.answers.get(nick, Arrangement(nick, path, ADDRESS, PORT, b"", 8))
        if isinstance(answer, list):
            answer = answer.pop(0)
        if isinstance(answer, Deferred):
            answer = await answer
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def arrange_push(self, nick: str, path: bytes) -> None:
        self.calls.append(("push", nick, path))
        self._check_online()
        if isinstance(self.push_answer, Exception):
            raise self.push_answer
        if isinstance(self.push_answer, Deferred):
            await self.push_answer

    def relays(self, nick: str) -> bool:
        return self.relay is not None

    async def arrange_relay(self, nick: str, ticket: bytes) -> RelayPlace:
        self.calls.append(("relay", nick, ticket))
        if not isinstance(self.relay, RelayPlace):
            raise self.relay or ArrangeError("there is no relay")
        return self.relay

    async def ping(self, nick: str) -> float:
        raise NotImplementedError

    def data_port_failed(self, nick: str) -> None:
        self.calls.append(("failed", nick))

    def download_started(self) -> None:
        self.running += 1

    def download_finished(self) -> None:
        self.running -= 1

    def asked(self, verb: str) -> int:
        """Count the questions of one kind."""
        return sum(call[0] == verb for call in self.calls)


class FakeTransport(StringTransport):
    """A connection to a played source."""

    bufferSize = 65536  # noqa: N815  # Twisted's name

    def __init__(self) -> None:
        super().__init__()
        self.no_delay = False
        self.segments: list[bytes] = []

    def setTcpNoDelay(self, enabled: bool) -> None:  # noqa: FBT001, N802  # Twisted's
        self.no_delay = enabled

    def write(self, data: bytes) -> None:
        self.segments.append(data)
        super().write(data)


class PlayedSource:
    """The other end of one connection of ours."""

    def __init__(self, address: str, port: int, protocol: IProtocol) -> None:
        self.address, self.port = address, port
        self.protocol = protocol
        self.closed = False
        self.transport = FakeTransport()
        self.protocol.makeConnection(self.transport)

    @property
    def dropped(self) -> bool:
        """Whether our side has closed the connection."""
        return self.transport.disconnecting

    def send(self, data: bytes, step: int = 0) -> None:
        """Send bytes, in pieces of `step` bytes if given."""
        for at in range(0, len(data), step or len(data) or 1):
            if not self.dropped:
                self.protocol.dataReceived(data[at : at + step] if step else data)

    def close(self) -> None:
        """Close the connection."""
        self.closed = True
        self.protocol.connectionLost(Failure(ConnectionDone()))


class FakeDialer:
    """Connects to played sources."""

    def __init__(self) -> None:
        self.sources: list[PlayedSource] = []
        self.unreachable: set[str] = set()
        self.greetings: list[str] = []

    async def dial(
        self,
        address: str,
        port: int,
        factory: IProtocolFactory,
        patience: float = CONNECT_TIMEOUT,
    ) -> IProtocol:
        assert 0 < patience <= CONNECT_TIMEOUT
        if address in self.unreachable:
            raise NoConnectionError(f"{address} port {port} cannot be connected to: played")
        protocol = factory.buildProtocol(None)
        assert protocol is not None
        self.sources.append(PlayedSource(address, port, protocol))
        return protocol

    def greeted(self, address: str) -> None:
        self.greetings.append(address)


class FakePrograms:
    """Starts programs that do what a test has them do."""

    def __init__(self, clock: Clock) -> None:
        self.started: list[PlayedProgram] = []
        self.refusal: OSError | None = None
        self.callLater = clock.callLater

    def spawnProcess(  # noqa: N802  # Twisted's name
        self, protocol: Any, program: str, words: Sequence[str], environ: dict[str, str]
    ) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.started.append(PlayedProgram(protocol, program, words, environ))
        protocol.makeConnection(self.started[-1])


@attrs.define
class PlayedProgram:
    """A program that runs; also the transport to it."""

    protocol: Any
    program: str
    words: Sequence[str]
    environ: dict[str, str]
    signals: list[str] = attrs.field(factory=list)
    hung_up: bool = False
    over: bool = False

    def closeChildFD(self, number: int) -> None:  # noqa: N802  # Twisted's name
        assert number == 0

    def signalProcess(self, name: str) -> None:  # noqa: N802  # Twisted's name
        if self.over:
            raise ProcessExitedAlready
        self.signals.append(name)

    def loseConnection(self) -> None:  # noqa: N802  # Twisted's name
        self.hung_up = True

    def exit(self, status: int = 0, signal: int | None = None, *, closes: bool = True) -> None:
        """End; a program that has started others may leave its output open."""
        self.over = True
        well = status == 0 and signal is None
        how = ProcessDone(0) if well else ProcessTerminated(None if signal else status, signal)
        self.protocol.processExited(Failure(how))
        if closes:
            self.protocol.processEnded(Failure(how))


class PlayedPieces:
    """A source that serves pieces; a test says when which of those asked for come, and how."""

    def __init__(self, data: bytes, listed: PieceList | None = None) -> None:
        self.data = data
        self.listed = listed or piece_list(data)
        self.asked: dict[int, tuple[Callable[[bytes], None], Deferred[None]]] = {}
        self.cancelled: list[int] = []
        self.lists = 0
        self.lost: Deferred[None] = Deferred()
        self.paused = self.closed = self.released = False

    async def piece_list(self) -> PieceList:
        self.lists += 1
        return self.listed

    def fetch(self, piece: int, length: int, sink: Callable[[bytes], None]) -> Deferred[None]:
        assert len(self.asked) < 2
        assert not self.closed
        assert length == len(self.piece(piece))

        def cancel(_: Deferred[None]) -> None:
            self.asked.pop(piece, None)
            self.cancelled.append(piece)

        fetching: Deferred[None] = Deferred(cancel)
        self.asked[piece] = sink, fetching
        return fetching

    def piece(self, piece: int) -> bytes:
        return self.data[piece * PIECE_SIZE : (piece + 1) * PIECE_SIZE]

    def send(self, piece: int, data: bytes | None = None) -> None:
        """Send all of a piece that was asked for, or something else."""
        sink, fetching = self.asked.pop(piece)
        data = self.piece(piece) if data is None else data
        sink(data[:1000])
        sink(data[1000:])
        fetching.callback(None)

    def send_all(self, most: int = 1000) -> None:
        """Send whatever is asked for, the first asked for first, until nothing more is."""
        while self.asked and most:
            self.send(next(iter(self.asked)))
            most -= 1

    def die(self) -> None:
        """End the connection."""
        while self.asked:
            _, fetching = self.asked.pop(next(iter(self.asked)))
            fetching.errback(LostError("the connection ended"))
        if not self.closed:
            self.lost.callback(None)

    def pause(self) -> None:
        self.paused = True

    def resume(self) -> None:
        self.paused = False

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            self.die()

    def release(self) -> None:
        self.released = True
        self.close()


def piece_list(data: bytes) -> PieceList:
    """List the pieces of a content."""
    parts = (data[at : at + PIECE_SIZE] for at in range(0, len(data), PIECE_SIZE))
    return PieceList(len(data), b"".join(blake3(part).digest() for part in parts))


def content_id(data: bytes) -> str:
    """Make the content id in hex."""
    return content_root(len(data), piece_list(data).hashes).hex()


class FakePieceDialer:
    """Connects to played sources of pieces; whoever is none of them speaks the old protocol."""

    def __init__(self) -> None:
        self.sources: dict[str, PlayedPieces] = {}

        self.unreachable: set[str] = set()
        self.met: list[tuple[Ticket, RelayPlace]] = []
        self.awaited: Ticket | None = None
        self.connected: dict[tuple[str, bytes], PlayedPieces] = {}
        self.is_closed = False

    async def dial(self, arrangement: Arrangement) -> PieceSource | None:
        if arrangement.nick in self.unreachable:
            raise UnreachableError("its port leads nowhere")
        return self.sources.get(arrangement.nick)

    def kept(self, nick: str, path: bytes) -> tuple[PieceSource, str] | None:
        source = self.connected.pop((nick, path), None)
        return source and (source, ADDRESS)

    def close(self) -> None:
        self.is_closed = True

    def not_pushed(self, nick: str, path: bytes) -> Ticket | None:
        ticket, self.awaited = self.awaited, None
        return ticket

    async def meet(self, ticket: Ticket, place: RelayPlace) -> PieceSource:
        self.met.append((ticket, place))
        return self.sources[ticket.nick]


class World:
    """Everything one test plays with. A `restart` is a daemon killed and started again."""

    def __init__(self, folder: Path, limit: int = 3, destinations: Sequence[Path] = ()) -> None:
        self.folder = folder / "downloads"
        self.destinations = tuple(destinations)
        self.state = folder
        self.limit = limit
        self.free = 1 << 50
        self.clock = Clock()
        self.arranger = FakeArranger()
        self.dialer = FakeDialer()
        self.programs = FakePrograms(self.clock)
        self.program: Sequence[str] = ()
        self.pieces = FakePieceDialer()
        self.date = 1_800_000_000.0
        self.downloads = self._make()

    def _make(self) -> Downloads:
        tools = Tools(
            clock=self.clock,
            arranger=self.arranger,
            dialer=self.dialer,
            shelf=Shelf(self.folder, self.destinations),
            librarian=InlineWorker(),
            new_worker=lambda _: InlineWorker(),
            random=lambda: 0.5,
            space=Space(lambda _: self.free),
            pieces=self.pieces,
            people=People(Liars(self.state / "liars.json", lambda: self.date)),
        )
        self.hook = Hook(self.programs, {"PATH": os.environ["PATH"], "SECRET": "x"})
        self.hook.set(self.program, 60)
        downloads = Downloads(tools, self.state, self.limit, self.hook)
        now(downloads.start())
        return downloads

    def stop(self) -> None:
        """Stop as a daemon does."""
        now(self.downloads.stop())
        self._settle()

    def kill(self) -> None:
        """Leave the disk as it is now, as a killed daemon does."""
        left = self.state / "left"
        shutil.copytree(self.folder, left)
        self.stop()
        shutil.rmtree(self.folder)
        left.rename(self.folder)

    def restart(self) -> None:
        """Start again with what is on the disk; stop or kill first."""
        self.dialer.sources.clear()
        self.downloads = self._make()
        self.tick()

    def tick(self, seconds: float = 0) -> None:
        """Let time pass, second by second, and everything due happen."""
        for _ in range(5):
            self.clock.advance(0)
            self._settle()
        while seconds > 0:
            self.clock.advance(min(1.0, seconds))
            self._settle()
            seconds -= 1

    def _settle(self) -> None:
        """End the connections that our side has closed."""
        for source in self.dialer.sources:
            if source.dropped and not source.closed:
                source.close()

    def add(self, wanted: Wanted) -> int:
        """Want a file and let the daemon begin; returns the download's number."""
        status = now(self.downloads.add(wanted))
        self.tick()
        return status.id

    def cancel(self, number: int) -> DownloadStatus:
        """Cancel a download."""
        return now(self.downloads.cancel([number]))[0]

    def pause(self, *numbers: int) -> None:
        """Pause downloads."""
        now(self.downloads.pause(numbers))
        self.tick()

    def resume(self, *numbers: int) -> None:
        """Resume downloads."""
        now(self.downloads.resume(numbers))
        self.tick()

    def status(self, number: int) -> DownloadStatus:
        """Look at one download."""
        return next(each for each in self.downloads.list() if each.id == number)

    def state_of(self, number: int) -> DownloadState:
        """Look where one download stands."""
        return self.status(number).state

    @property
    def source(self) -> PlayedSource:
        """The played source connected to last."""
        return self.dialer.sources[-1]

    def asked_offset(self) -> int:
        """Tell the offset in the request sent on the newest connection."""
        return int(self.source.transport.segments[1].rpartition(b" ")[2])

    def answer(self, data: bytes, offset: int = 0, size: int | None = None) -> None:
        """Play a well-behaved source up to the size, then send some content."""
        self.source.send(b"1")
        self.tick(SEGMENT_PAUSE)
        self.source.send(b"%d" % (len(data) if size is None else size))
        self.source.send(data[offset:])
        self.tick()

    def answer_rest(self, data: bytes) -> None:
        """Play a well-behaved source that is asked to go on."""
        self.source.send(b"1")
        self.tick(SEGMENT_PAUSE)
        self.source.send(b"%d" % len(data) + data[self.asked_offset() :])
        self.tick(3)

    def files(self) -> list[str]:
        """List the names in the downloads folder."""
        return sorted(path.name for path in self.folder.iterdir())


def now(coroutine: Any) -> Any:
    """Take the result of a coroutine that needs nothing more to happen."""
    results: list[Any] = []
    deferred = Deferred.fromCoroutine(coroutine)
    deferred.addBoth(results.append)
    assert results, "the coroutine waits for something"
    if isinstance(results[0], Failure):
        results[0].raiseException()
    return results[0]


def source_of(nick: str = "alice", path: bytes = PATH, speed: int = 8) -> Source:
    """Name a source as a search does."""
    return Source(nick, path, ADDRESS, PORT, speed, reachable=True)


def wanted_of(data: bytes, md5: str = "", sources: Sequence[Source] = (), **more: Any) -> Wanted:
    """Want a file of this content."""
    more.setdefault("size", len(data))
    return Wanted("song.mp3", md5=md5, sources=sources or [source_of()], **more)
