"""Two peers of our own in one process: alice has a file, bob fetches pieces of it."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import attrs
from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.python.failure import Failure

from napster.peer.data_port import DataPortProtocol
from napster.peer.pieces.bearing import BearerConnection
from napster.peer.pieces.fetching import Fetching
from napster.peer.security.guard import Encryption, Guard
from napster.peer.security.tickets import Ticket
from tests.peer.test_data_port import PATH, Port
from tests.peer.uploads.fakes import make_guard
from tests.peer.wires import TcpTransport

T = TypeVar("T")
SECRET = bytes(range(16))
PIECE = 1 << 20
CONTENT = os.urandom(2 * PIECE + 5)


def ticket_for(nick: str, guard: Guard, *, dials: bool, uploads: bool) -> Ticket:
    """Make the ticket that tells of a peer with this guard."""
    return Ticket(SECRET, nick, PATH, guard.fingerprint, "192.0.2.1", dials, uploads)


@attrs.define
class Pair:
    """A data port of alice's, and bob who dials it, in the clear: neither encrypts."""

    folder: Path
    policy: Encryption = Encryption.OFF
    clock: Clock = attrs.Factory(Clock)
    port: Port = attrs.field(init=False)
    guard: Guard = attrs.field(init=False)
    greetings: int = 0

    def __attrs_post_init__(self) -> None:
        self.port = Port(self.folder, clock=self.clock, policy=self.policy)
        self.port.library.add("song", CONTENT)
        self.guard = make_guard(self.clock, self.policy)

    def announce(self) -> Ticket:
        """Have the index give out the ticket; returns bob's."""
        self.port.guard.tickets.add(ticket_for("bob", self.guard, dials=False, uploads=True))
        return ticket_for("alice", self.port.guard, dials=True, uploads=False)

    def dial(self, ticket: Ticket) -> "Wire":
        """Connect bob to alice."""
        source = Fetching(self.clock)

        def greeted() -> None:
            self.greetings += 1

        bob = BearerConnection(self.clock, self.guard, ticket, source, greeted)
        alice = self.port.factory.buildProtocol(IPv4Address("TCP", "192.0.2.1", 4000))
        assert isinstance(alice, DataPortProtocol)
        return Wire(source, alice, bob)

    def open(self) -> "Wire":
        """Arrange a transfer and go as far as the conversation."""
        self.port.agree()
        wire = self.dial(self.announce())
        wire.run()
        assert wire.source.opened.result is None
        return wire

    @property
    def is_idle(self) -> bool:
        """Whether nothing is left of what was."""
        calls = [call for call in self.clock.getDelayedCalls() if call.active()]
        return self.port.library.all_closed and not self.port.desk.active and not calls


class Wire:
    """A connection between the two."""

    def __init__(self, source: Fetching, alice: DataPortProtocol, bob: BearerConnection) -> None:
        self.source = source
        self.alice = alice
        self.bob = bob
        self.at_alice = TcpTransport(alice)
        self.at_bob = TcpTransport(bob)
        alice.makeConnection(self.at_alice)
        bob.makeConnection(self.at_bob)

    def run(self, change: Callable[[bytes], bytes] = bytes) -> None:
        """Carry bytes to and fro until nothing more comes; `change` what bob is told."""
        moved = True
        while moved:
            moved = self._carry(self.at_alice, self.at_bob, change)
            moved = self._carry(self.at_bob, self.at_alice, bytes) or moved
            if self.at_alice.disconnected or self.at_bob.disconnected:
                self.at_alice.lose()
                self.at_bob.lose()

    @staticmethod
    def _carry(
        source: TcpTransport, target: TcpTransport, change: Callable[[bytes], bytes]
    ) -> bool:
        data = b"" if source.disconnected else source.take()
        if data and target.protocol is not None:
            target.protocol.dataReceived(change(data))
        return bool(data)


def collected(source: Fetching, piece: int, length: int) -> tuple[list[bytes], Deferred[None]]:
    """Fetch a piece into a list."""
    parts: list[bytes] = []
    return parts, source.fetch(piece, length, parts.append)


def now(work: Deferred[T]) -> T:
    """Tell what a Deferred has fired with, or raise what it has failed with."""
    outcome: list[T | Failure] = []
    work.addBoth(outcome.append)
    (result,) = outcome
    if isinstance(result, Failure):
        result.raiseException()
    return result
