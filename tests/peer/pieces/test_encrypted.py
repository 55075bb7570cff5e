"""Pieces over TLS, through real sockets; and everybody who tries to get in between."""
# ruff: noqa: N802  # names are Twisted's

import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import attrs
import pytest
import pytest_twisted
from OpenSSL import SSL
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import TCP4ClientEndpoint
from twisted.internet.interfaces import (
    IHandshakeListener,
    IListeningPort,
    IOpenSSLClientConnectionCreator,
)
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.logger import capturedLogs
from twisted.python.failure import Failure
from zope.interface import implementer

from napster.peer.arrange import Arrangement
from napster.peer.data_port import DataPortFactory, DataPortParts
from napster.peer.dialing import Dialer
from napster.peer.doorkeeper import ConnectionLimits
from napster.peer.downloads.errors import BrokenError, SourceError, UnreachableError
from napster.peer.downloads.piece_source import PieceSource
from napster.peer.pieces.dialing import TicketDialer
from napster.peer.security.guard import Encryption, Guard
from napster.peer.security.keys import new_key
from napster.peer.security.tickets import Ticket
from napster.peer.uploads.access import Access
from napster.peer.uploads.line import UploadLimits
from napster.peer.uploads.pacing import LAG, LARGEST_PART
from napster.peer.uploads.service import Outward, Uploads
from napster.wire.messages.transfers import UploadAccepted, UploadRefused
from tests.peer.pieces.helpers import SECRET
from tests.peer.pieces.real import Between, listen, reactor, until
from tests.peer.test_data_port import PATH, FakePushes
from tests.peer.uploads.fakes import DiskLibrary, Told, make_guard

PIECE = 1 << 20
CONTENT = os.urandom(PIECE + 1234)
LINE = b"NAPX1 " + SECRET.hex().encode()


@attrs.define
class Peer:
    """A peer with a data port that listens, and a library with one file."""

    guard: Guard
    library: DiskLibrary
    uploads: Uploads
    factory: DataPortFactory
    pushes: FakePushes
    dialer: Dialer
    listening: IListeningPort

    @property
    def port(self) -> int:
        number: int = self.listening.getHost().port
        return number

    def tell(self, other: "Peer", *, dials: bool, uploads: bool, **changes: object) -> Ticket:
        """Have the index announce a ticket about another peer."""
        path = PATH if uploads else b"Songs\\song"
        ticket = Ticket(SECRET, "bob", path, other.guard.fingerprint, "127.0.0.1", dials, uploads)
        ticket = attrs.evolve(ticket, **changes)
        self.guard.tickets.add(ticket)
        return ticket

    async def close(self) -> None:
        await self.uploads.desk.drain(0)
        self.factory.close_all()
        await until(lambda: not self.factory._open and not self.uploads.desk.active)
        await self.listening.stopListening()
        assert self.library.all_closed


MakePeer = Callable[..., Deferred[Peer]]


@pytest_twisted.async_yield_fixture
async def new_peer(tmp_path: Path) -> AsyncIterator[MakePeer]:
    made: list[Peer] = []

    async def make(policy: Encryption = Encryption.PREFER) -> Peer:
        folder = tmp_path / str(len(made))
        folder.mkdir()
        library, pushes, dialer = DiskLibrary(folder), FakePushes(), Dialer(reactor, reactor)
        library.add("song", CONTENT)
        key = new_key()
        guard = make_guard(reactor, policy, lambda: key)
        uploads = Uploads(
            reactor,
            library,
            UploadLimits(5, 5, 5),
            Told().counters.uploads,
            Outward("alice", dialer, guard),
        )
        parts = DataPortParts("alice", library, uploads.desk, pushes, guard)
        factory = DataPortFactory(reactor, parts, ConnectionLimits())
        port = await listen(factory)
        made.append(Peer(guard, library, uploads, factory, pushes, dialer, port))
        return made[-1]

    yield lambda *policy: Deferred.fromCoroutine(make(*policy))
    for peer in made:
        await peer.close()


async def dial(
    bob: Peer,
    ticket: Ticket | None,
    port: int,
    unreachable: Callable[[str], None] = lambda _: None,
) -> PieceSource | None:
    arrangement = Arrangement("alice", PATH, "127.0.0.1", port, b"", 0, ticket)
    return await TicketDialer(reactor, bob.dialer, bob.guard, unreachable).dial(arrangement)


async def fetched(source: PieceSource) -> bytes:
    """Fetch the whole file, and leave."""
    whole = await source.piece_list()
    parts: list[bytes] = []
    for piece in range(len(whole.hashes) // 32):
        length = min(PIECE, whole.size - piece * PIECE)
        await source.fetch(piece, length, parts.append).addTimeout(10, reactor)
    source.close()
    await source.lost
    return b"".join(parts)


@pytest_twisted.ensureDeferred
async def test_nobody_in_between_learns_anything(new_peer: MakePeer) -> None:
    """Everything after the two lines is TLS: neither content nor ticket are to be seen."""
    alice, bob = await new_peer(), await new_peer()
    alice.tell(bob, dials=False, uploads=True)
    ticket = bob.tell(alice, dials=True, uploads=False)
    assert alice.uploads.requested("bob", PATH) == UploadAccepted("bob", PATH)
    between = Between(alice.port)
    listening = await between.listen()
    source = await dial(bob, ticket, listening.getHost().port)
    assert source is not None
    assert await fetched(source) == CONTENT
    await until(lambda: not between.open)
    await listening.stopListening()
    assert between.heard.startswith(b"1" + LINE + b" T\nNAPX1 T\n\x16\x03")
    assert SECRET not in between.heard
    assert all(CONTENT[at : at + 16] not in between.heard for at in range(0, len(CONTENT), 4096))
    assert alice.guard.downgrades == bob.guard.downgrades == 0


@pytest_twisted.ensureDeferred
async def test_a_share_for_a_friend_with_a_key(new_peer: MakePeer) -> None:
    """Who proves to hold the key gets the file; whoever else comes under that nick does not."""
    alice, bob, other = await new_peer(), await new_peer(), await new_peer()
    friends = {"bob": bob.guard.fingerprint}
    alice.uploads.desk.set_access(Access(friends=friends, shares={b"music": "friends"}))
    alice.tell(other, dials=False, uploads=True)
    assert alice.uploads.requested("bob", PATH) == UploadRefused("bob", PATH)
    alice.tell(bob, dials=False, uploads=True)
    ticket = bob.tell(alice, dials=True, uploads=False)
    assert alice.uploads.requested("bob", PATH) == UploadAccepted("bob", PATH)
    source = await dial(bob, ticket, alice.port)
    assert source is not None
    assert await fetched(source) == CONTENT


@pytest_twisted.ensureDeferred
async def test_a_limit_holds_for_pieces_too(new_peer: MakePeer) -> None:
    """Encrypted or not, no faster, and without a loss."""
    alice, bob = await new_peer(), await new_peer()
    alice.uploads.desk.set_limits(UploadLimits(5, 5, 5, rate_per_user=3_000_000))
    alice.tell(bob, dials=False, uploads=True)
    ticket = bob.tell(alice, dials=True, uploads=False)
    assert alice.uploads.requested("bob", PATH) == UploadAccepted("bob", PATH)
    begun = reactor.seconds()
    source = await dial(bob, ticket, alice.port)
    assert source is not None
    assert await fetched(source) == CONTENT
    assert reactor.seconds() - begun >= (len(CONTENT) - LARGEST_PART) / 3_000_000 - LAG


@pytest_twisted.ensureDeferred
async def test_a_push_is_encrypted_as_well(new_peer: MakePeer) -> None:
    """The side that has the file dials; then all is as ever."""
    alice, bob = await new_peer(), await new_peer()
    alice.tell(bob, dials=True, uploads=True)
    bob.tell(alice, dials=False, uploads=False)
    between = Between(bob.port)
    listening = await between.listen()
    assert alice.uploads.requested("bob", PATH) == UploadAccepted("bob", PATH)
    alice.uploads.push("bob", "127.0.0.1", listening.getHost().port, PATH)
    await until(lambda: bob.pushes.sources)
    (source,) = bob.pushes.sources
    assert await fetched(source) == CONTENT
    await until(lambda: not between.open)
    await listening.stopListening()
    assert CONTENT[:16] not in between.heard


@pytest_twisted.ensureDeferred
async def test_a_push_that_nobody_waits_for_any_more(new_peer: MakePeer) -> None:
    """It is closed."""
    alice, bob = await new_peer(), await new_peer()
    alice.tell(bob, dials=True, uploads=True)
    bob.tell(alice, dials=False, uploads=False, path=b"Songs\\other")
    assert alice.uploads.requested("bob", PATH) == UploadAccepted("bob", PATH)
    alice.uploads.push("bob", "127.0.0.1", bob.port, PATH)
    await until(lambda: alice.uploads.desk.active == 0)
    assert bob.pushes.sources == []


@pytest_twisted.ensureDeferred
async def test_whoever_encrypts_not_is_served_in_the_clear(new_peer: MakePeer) -> None:
    """If both may."""
    alice, bob = await new_peer(), await new_peer(Encryption.OFF)
    alice.tell(bob, dials=False, uploads=True)
    ticket = bob.tell(alice, dials=True, uploads=False)
    assert alice.uploads.requested("bob", PATH) == UploadAccepted("bob", PATH)
    source = await dial(bob, ticket, alice.port)
    assert source is not None
    assert await fetched(source) == CONTENT


# Downgrades and impostors.


@pytest_twisted.ensureDeferred
async def test_another_key_than_the_index_told(new_peer: MakePeer) -> None:
    """The side that dials breaks off before it has said anything."""
    alice, bob = await new_peer(), await new_peer()
    alice.tell(bob, dials=False, uploads=True)
    ticket = bob.tell(alice, dials=True, uploads=False, fingerprint=b"?" * 32)
    assert alice.uploads.requested("bob", PATH) == UploadAccepted("bob", PATH)
    with pytest.raises(BrokenError, match="its key is not the one"):
        await dial(bob, ticket, alice.port)
    assert bob.guard.downgrades == 1


@pytest_twisted.ensureDeferred
async def test_another_bearer_than_the_index_told(new_peer: MakePeer) -> None:
    """The side that was dialled breaks off: a stolen ticket is of no use without the key."""
    alice, bob = await new_peer(), await new_peer()
    alice.tell(bob, dials=False, uploads=True, fingerprint=b"?" * 32)
    ticket = bob.tell(alice, dials=True, uploads=False)
    assert alice.uploads.requested("bob", PATH) == UploadAccepted("bob", PATH)
    with capturedLogs() as events, pytest.raises(SourceError):
        await dial(bob, ticket, alice.port)
    await until(lambda: alice.guard.downgrades == 1)
    await until(lambda: any("its key is not" in str(each.get("reason")) for each in events))


@pytest_twisted.ensureDeferred
async def test_a_stripped_mode(new_peer: MakePeer) -> None:
    """Whoever makes a P of the T gets neither side to speak in the clear."""
    alice, bob = await new_peer(), await new_peer()
    alice.tell(bob, dials=False, uploads=True)
    ticket = bob.tell(alice, dials=True, uploads=False)
    between = Between(alice.port, to_acceptor=lambda data: data.replace(b" T\n", b" P\n"))
    listening = await between.listen()
    with pytest.raises(SourceError, match="does not take the ticket: ENCRYPTION"):
        await dial(bob, ticket, listening.getHost().port)
    await until(lambda: not between.open)
    await listening.stopListening()
    assert alice.guard.downgrades == 1


@pytest_twisted.ensureDeferred
async def test_a_stripped_mode_on_both_sides(new_peer: MakePeer) -> None:
    """Nor by answering in the place of the other."""
    alice, bob = await new_peer(), await new_peer()
    ticket = bob.tell(alice, dials=True, uploads=False)
    between = Between(
        alice.port, to_dialler=lambda data: data.replace(b"NAPX1 REFUSED TICKET", b"NAPX1 P")
    )
    listening = await between.listen()
    with pytest.raises(BrokenError, match="another mode"):
        await dial(bob, ticket, listening.getHost().port)
    await until(lambda: not between.open)
    await listening.stopListening()


@pytest_twisted.ensureDeferred
async def test_plaintext_behind_the_line(new_peer: MakePeer) -> None:
    """Nobody smuggles anything in before TLS begins."""
    alice, bob = await new_peer(), await new_peer()
    alice.tell(bob, dials=False, uploads=True)
    ticket = bob.tell(alice, dials=True, uploads=False)
    between = Between(alice.port, to_acceptor=lambda data: data.replace(b" T\n", b" T\nGETbob"))
    listening = await between.listen()
    with pytest.raises(SourceError):
        await dial(bob, ticket, listening.getHost().port)
    await until(lambda: not between.open)
    await listening.stopListening()


@pytest_twisted.ensureDeferred
async def test_a_ticket_that_was_used(new_peer: MakePeer) -> None:
    """One ticket, one connection."""
    alice, bob = await new_peer(), await new_peer()
    alice.tell(bob, dials=False, uploads=True)
    ticket = bob.tell(alice, dials=True, uploads=False)
    assert alice.uploads.requested("bob", PATH) == UploadAccepted("bob", PATH)
    source = await dial(bob, ticket, alice.port)
    assert source is not None
    with pytest.raises(SourceError, match="does not take the ticket: TICKET"):
        await dial(bob, ticket, alice.port)
    source.close()
    await source.lost


@implementer(IHandshakeListener)
class Smuggler(Protocol):
    """Holds a ticket, but speaks another TLS than it should."""

    def __init__(self, tls: object) -> None:
        self._tls = tls
        self._is_in = False
        self.secured = False
        self.received = b""
        self.lost: Deferred[None] = Deferred()

    def dataReceived(self, data: bytes) -> None:
        if data == b"1":
            self.transport.write(LINE + b" T\n")
        elif data == b"NAPX1 T\n":
            self.transport.startTLS(self._tls)
        else:
            self.received += data

    def handshakeCompleted(self) -> None:
        self.secured = True

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.lost.callback(None)


@implementer(IOpenSSLClientConnectionCreator)
class OtherTls:
    """TLS as a stranger would do it."""

    def __init__(self, *, certificate: bool, alpn: bool, newest: int) -> None:
        self._context = SSL.Context(SSL.TLS_METHOD)
        self._context.set_max_proto_version(newest)
        self.key = new_key()
        if certificate:
            self._context.use_privatekey(self.key.private)
            self._context.use_certificate(self.key.certificate)
        if alpn:
            self._context.set_alpn_protos([b"napster/1"])

    def clientConnectionForTLS(self, _protocol: object) -> SSL.Connection:
        return SSL.Connection(self._context, None)


@pytest.mark.parametrize(
    ("certificate", "alpn", "newest"),
    [
        (False, True, SSL.TLS1_3_VERSION),
        (True, False, SSL.TLS1_3_VERSION),
        (True, True, SSL.TLS1_2_VERSION),
    ],
)
@pytest_twisted.ensureDeferred
async def test_another_tls(
    new_peer: MakePeer, *, certificate: bool, alpn: bool, newest: int
) -> None:
    """Without a certificate, for another purpose, or of an older version: nothing is said."""
    alice = await new_peer()
    tls = OtherTls(certificate=certificate, alpn=alpn, newest=newest)
    alice.tell(alice, dials=False, uploads=True, fingerprint=tls.key.fingerprint)
    endpoint = TCP4ClientEndpoint(reactor, "127.0.0.1", alice.port)
    factory = Factory.forProtocol(lambda: Smuggler(tls))
    factory.noisy = False
    smuggler: Smuggler = await endpoint.connect(factory)
    await smuggler.lost
    assert smuggler.received == b""


# When nothing may go in the clear.


@pytest_twisted.ensureDeferred
async def test_old_programs_if_encryption_is_required(new_peer: MakePeer) -> None:
    """They are refused by the index's way and at the data port; why is in the log."""
    alice = await new_peer(Encryption.REQUIRE)
    with capturedLogs() as events:
        assert alice.uploads.requested("bob", PATH) == UploadRefused("bob", PATH)
        for request in (b'GETbob "Music\\song" 0', b'SENDbob "song" 5', b"GETLIST"):
            assert await asked(alice, request) == b"1INVALID REQUEST"
        alice.uploads.push("bob", "127.0.0.1", alice.port, PATH)
    assert sum("encryption is required" in str(each.get("why")) for each in events) == 5


@pytest_twisted.ensureDeferred
async def test_sources_if_encryption_is_required(new_peer: MakePeer) -> None:
    """Nothing is fetched from those who do not encrypt."""
    alice, bob = await new_peer(Encryption.OFF), await new_peer(Encryption.REQUIRE)
    with pytest.raises(BrokenError, match="encryption is required"):
        await dial(bob, None, alice.port)
    ticket = bob.tell(alice, dials=True, uploads=False)
    with pytest.raises(BrokenError, match="bob does not encrypt"):
        await dial(bob, ticket, alice.port)


@pytest_twisted.ensureDeferred
async def test_sources_without_a_ticket(new_peer: MakePeer) -> None:
    """They are left to the old protocol; those that are not there are unreachable."""
    bob = await new_peer()
    assert await dial(bob, None, 1) is None
    closed = await listen(Factory())
    number = closed.getHost().port
    await closed.stopListening()
    for port, told in ((1, []), (number, ["alice"])):
        ticket = bob.tell(bob, dials=True, uploads=False)
        failed: list[str] = []
        with pytest.raises(UnreachableError):
            await dial(bob, ticket, port, failed.append)
        assert failed == told


class Asker(Protocol):
    """Asks as old programs do."""

    def __init__(self, request: bytes) -> None:
        self._request = request
        self.received = b""
        self.over: Deferred[bytes] = Deferred()

    def dataReceived(self, data: bytes) -> None:
        if not self.received:
            self.transport.write(self._request)
        self.received += data

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.over.callback(self.received)


async def asked(peer: Peer, request: bytes) -> bytes:
    endpoint = TCP4ClientEndpoint(reactor, "127.0.0.1", peer.port)
    factory = Factory.forProtocol(lambda: Asker(request))
    factory.noisy = False
    asker: Asker = await endpoint.connect(factory)
    return await asker.over.addTimeout(5, reactor)
