"""An index played by the test, and the rest of a peer played around an IndexLink."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import attrs
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IProtocol, IProtocolFactory, IStreamClientEndpoint
from twisted.internet.task import Clock
from zope.interface import implementer

from napster.peer.arrange import RelayPlace
from napster.peer.index_link.counters import TransferCounters
from napster.peer.index_link.keeper import IndexAddress
from napster.peer.index_link.link import IndexLink, PeerSide
from napster.peer.index_link.login import Identity
from napster.peer.library.beneath import Stamp
from napster.peer.library.remember import Facts
from napster.peer.library.shared_file import SharedFile
from napster.peer.library.tags import Tags
from napster.peer.security.guard import Encryption, Guard
from napster.peer.security.keys import PeerKey
from napster.peer.security.known_indexes import KnownIndexes
from napster.peer.security.tickets import Tickets
from napster.wire.extension import FROM_CLIENT, Family, Feature, Hello, UploadState, body_limit
from napster.wire.framing import FrameReader, encode
from napster.wire.messages import CLIENT_MESSAGES, Message
from napster.wire.messages.login import LoginAccepted, Stats
from napster.wire.messages.transfers import UploadAccepted
from tests.peer.wires import TcpTransport

IDENTITY = Identity("alice", lambda: b"s3cret", b"napster 0", 7)
HELLO = Hello(1, Feature.CONTENT, 16_384, "192.0.2.1")
_KINDS: dict[int, type[Message]] = {**CLIENT_MESSAGES, **FROM_CLIENT}
MD5 = b"0123456789abcdef" * 2


def shared_file(path: bytes = b"Music\\song.mp3", size: int = 1000) -> SharedFile:
    facts = Facts(bytes.fromhex(MD5.decode()), Tags(192, 44100, 60), bytes(32))
    return SharedFile.of(path, Stamp(size, 1, 2, 3), facts)


@implementer(IStreamClientEndpoint)
class FakeIndex:
    """The other end of the link: takes connections, understands a client, says what it is told."""

    def __init__(self) -> None:
        self.attempts: list[tuple[IProtocolFactory, Deferred[IProtocol]]] = []
        self.transport = TcpTransport()
        self.protocol: IProtocol | None = None
        self._reader = FrameReader(body_limit)

    def connect(self, factory: IProtocolFactory) -> Deferred[IProtocol]:
        waiting: Deferred[IProtocol] = Deferred()
        self.attempts.append((factory, waiting))
        return waiting

    def accept(self) -> None:
        factory, waiting = self.attempts.pop()
        self.transport, self._reader = TcpTransport(), FrameReader(body_limit)
        protocol = self.protocol = factory.buildProtocol(None)
        self.transport.protocol = protocol
        protocol.makeConnection(self.transport)
        waiting.callback(protocol)

    def refuse(self, error: Exception) -> None:
        self.attempts.pop()[1].errback(error)

    def say(self, *messages: Message) -> None:
        for message in messages:
            self.say_bytes(message.frame())

    def say_raw(self, type_: int, body: bytes) -> None:
        self.say_bytes(encode(type_, body))

    def say_bytes(self, data: bytes) -> None:
        self.protocol.dataReceived(data)

    def heard(self) -> list[Message]:
        """Read what the client has said since this was last asked."""
        data = self.transport.value()
        self.transport.clear()
        return [_KINDS[type_].from_body(body) for type_, body in self._reader.feed(data)]

    def let_in(self, *hello: Hello) -> list[Message]:
        """Accept the connection and the login; returns what the client said."""
        self.accept()
        self.say(LoginAccepted("anon@index"), *hello, Stats(5, 500, 2))
        return self.heard()

    def hang_up(self) -> None:
        self.transport.lose()


class FakeLibrary:
    def __init__(self, files: Iterable[SharedFile] = ()) -> None:
        self.on_offer = list(files)
        self.listener: IndexLink | None = None

    def files(self) -> Sequence[SharedFile]:
        return tuple(self.on_offer)

    def subscribe(self, listener: IndexLink) -> None:
        self.listener = listener


class FakeUploads:
    def __init__(self) -> None:
        self.state = UploadState(4, 0)
        self.asked: list[tuple[str, bytes]] = []
        self.pushes: list[tuple[str, str, int, bytes]] = []
        self.relays: list[tuple[bytes, RelayPlace]] = []

    def requested(self, nick: str, path: bytes) -> Message:
        self.asked.append((nick, path))
        return UploadAccepted(nick, path)

    def push(self, nick: str, address: str, port: int, path: bytes) -> None:
        self.pushes.append((nick, address, port, path))

    def relay(self, ticket: bytes, place: RelayPlace) -> None:
        self.relays.append((ticket, place))


@attrs.define
class Scene:
    """An IndexLink and all that is around it."""

    clock: Clock = attrs.Factory(Clock)
    index: FakeIndex = attrs.Factory(FakeIndex)
    library: FakeLibrary = attrs.Factory(FakeLibrary)
    uploads: FakeUploads = attrs.Factory(FakeUploads)
    counters: TransferCounters = attrs.Factory(TransferCounters)
    identity: Identity = IDENTITY
    key: PeerKey | None = None
    """What it encrypts with; None if it does not."""
    data_port: int = 6699
    families: Family = Family.IPV4
    tickets: Tickets = attrs.field(init=False)
    known: KnownIndexes = attrs.field(init=False)
    link: IndexLink = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        policy = Encryption.PREFER if self.key else Encryption.OFF
        guard = Guard(policy, Tickets(self.clock), lambda: self.key)
        self.tickets = guard.tickets
        side = PeerSide(
            self.library,
            self.uploads,
            self.counters,
            guard,
            lambda _: self.data_port,
            lambda _host: self.families,
        )
        self.known = KnownIndexes(Path("/does/not/exist/indexes.json"))
        address = IndexAddress(self.index, "index.example:8888", self.known)
        self.link = IndexLink(self.clock, address, self.identity, side, lambda: 0.999999)

    def pump(self, seconds: float = 2.0, step: float = 0.01) -> None:
        """Let time pass in small steps."""
        for _ in range(round(seconds / step)):
            self.clock.advance(step)
