"""What may go in the clear, and with whom, by the option `encryption`."""

from collections.abc import Callable
from enum import StrEnum
from typing import Final

from napster.peer.security.keys import PeerKey
from napster.peer.security.tickets import Ticket, Tickets
from napster.peer.security.tls import PeerTls
from napster.wire.fields import display
from napster.wire.transfer import Denial, Mode


class Encryption(StrEnum):
    """What to do about encryption between peers."""

    PREFER = "prefer"
    """Encrypt whenever the other side can; transfers with old programs are in the clear."""
    REQUIRE = "require"
    """Nothing goes in the clear; old programs get nothing."""
    OFF = "off"
    """Do not encrypt."""


CLEAR_REFUSED: Final = "it would go in the clear, and encryption is required (option encryption)"


class InsecureError(Exception):
    """A connection that must not be; the text is one sentence, `denial` for the wire."""

    def __init__(self, message: str, denial: Denial = Denial.ENCRYPTION) -> None:
        super().__init__(message)
        self.denial = denial


class Guard:
    """Knows the tickets and the key, and decides what may be. `key` is asked when it is needed."""

    def __init__(self, policy: Encryption, tickets: Tickets, key: Callable[[], PeerKey]) -> None:
        self.policy = policy
        self.tickets = tickets
        self.downgrades = 0
        """How many connections were refused that would have been less safe than arranged."""
        self._key = key
        self._tls: PeerTls | None = None

    @property
    def fingerprint(self) -> bytes | None:
        """What the index is to tell others; None if this peer does not encrypt."""
        return None if self.policy is Encryption.OFF else self._key().fingerprint

    @property
    def tls(self) -> PeerTls:
        """What to encrypt with."""
        if self._tls is None:
            self._tls = PeerTls(self._key())
        return self._tls

    def mode(self, ticket: Ticket) -> Mode:
        """Choose the mode for a ticket: both sides come to the same. Raises InsecureError."""
        if ticket.fingerprint is not None and self.policy is not Encryption.OFF:
            return Mode.TLS
        if self.policy is Encryption.REQUIRE:
            raise InsecureError(f"{_shown(ticket.nick)} does not encrypt: {CLEAR_REFUSED}")
        return Mode.PLAIN

    def check_relay(self, ticket: Ticket) -> None:
        """Let a ticket be shown through a relay: never in the clear. Raises InsecureError."""
        if self.mode(ticket) is not Mode.TLS:
            raise InsecureError(f"{_shown(ticket.nick)} does not encrypt: no relay takes that")

    def proves(self, ticket: Ticket | None) -> bytes | None:
        """Tell which key the other side has to prove to hold; None if it need not."""
        if ticket is None or self.policy is Encryption.OFF:
            return None
        return ticket.fingerprint

    def admit(self, secret: bytes, mode: Mode) -> Ticket:
        """Take the ticket that somebody shows. Raises InsecureError."""
        ticket = self.tickets.shown(secret)
        if ticket is None:
            raise InsecureError(
                "its ticket is not known, or was used, or is too old", Denial.TICKET
            )
        if mode is not self.mode(ticket):
            self.downgrades += 1
            raise InsecureError(
                f"{_shown(ticket.nick)} asks for another mode than the one arranged: "
                "somebody in between may have changed it"
            )
        return ticket

    def allow_request(self, nick: str, path: bytes) -> None:
        """Let an upload be arranged, by a ticket or without. Raises InsecureError."""
        if not self.tickets.arranged(nick, path):
            self.allow_clear()

    def allow_get(self, nick: str, path: bytes) -> None:
        """Let a file be asked for in the clear. Raises InsecureError."""
        self._refuse_downgrade(nick, replaced=self.tickets.replaces_get(nick, path))

    def allow_send(self, nick: str, path: bytes) -> None:
        """Let a file be pushed here in the clear. Raises InsecureError."""
        self._refuse_downgrade(nick, replaced=self.tickets.replaces_send(nick, path))

    def allow_clear(self) -> None:
        """Let anything else go in the clear. Raises InsecureError."""
        if self.policy is Encryption.REQUIRE:
            raise InsecureError(CLEAR_REFUSED)

    def _refuse_downgrade(self, nick: str, *, replaced: bool) -> None:
        self.allow_clear()
        if replaced and self.policy is not Encryption.OFF:
            self.downgrades += 1
            raise InsecureError(
                f"{_shown(nick)} comes without the ticket that the index has given out"
            )


def _shown(nick: str) -> str:
    return display(nick.encode("latin-1", "replace"))
