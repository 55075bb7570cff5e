"""The option `encryption`: who may connect how."""

import pytest
from twisted.internet.task import Clock

from napster.peer.security.guard import Encryption, Guard, InsecureError
from napster.peer.security.keys import new_key
from napster.peer.security.tickets import Ticket, Tickets
from napster.wire.transfer import Denial, Mode

PATH = b"Music\\song"
KEY = new_key()
PREFER, REQUIRE, OFF = Encryption.PREFER, Encryption.REQUIRE, Encryption.OFF


def ticket(*, encrypts: bool = True, uploads: bool = True) -> Ticket:
    key = b"F" * 32 if encrypts else None
    return Ticket(b"T" * 16, "bob", PATH, key, "192.0.2.1", dials=False, uploads=uploads)


def guard(policy: Encryption = PREFER) -> Guard:
    return Guard(policy, Tickets(Clock()), lambda: KEY)


@pytest.mark.parametrize(
    ("policy", "encrypts", "mode"),
    [
        (PREFER, True, Mode.TLS),
        (PREFER, False, Mode.PLAIN),
        (REQUIRE, True, Mode.TLS),
        (OFF, True, Mode.PLAIN),
        (OFF, False, Mode.PLAIN),
    ],
)
def test_modes(policy: Encryption, *, encrypts: bool, mode: Mode) -> None:
    """TLS if both sides encrypt."""
    made = guard(policy)
    assert made.mode(ticket(encrypts=encrypts)) is mode
    made.tickets.add(ticket(encrypts=encrypts))
    assert made.admit(b"T" * 16, mode) == ticket(encrypts=encrypts)
    assert made.downgrades == 0


def test_whoever_does_not_encrypt_gets_nothing_if_it_is_required() -> None:
    """Not even with a ticket."""
    made = guard(REQUIRE)
    made.tickets.add(ticket(encrypts=False))
    with pytest.raises(InsecureError, match=r"bob does not encrypt.*option encryption"):
        made.admit(b"T" * 16, Mode.PLAIN)


def test_a_stripped_mode_is_noticed() -> None:
    """Somebody in between has made a P of the T."""
    made = guard()
    made.tickets.add(ticket())
    with pytest.raises(InsecureError, match="somebody in between") as caught:
        made.admit(b"T" * 16, Mode.PLAIN)
    assert caught.value.denial is Denial.ENCRYPTION
    assert made.downgrades == 1


def test_a_ticket_shown_again() -> None:
    """It is of no more use than one that was never given out."""
    made = guard()
    made.tickets.add(ticket())
    made.admit(b"T" * 16, Mode.TLS)
    with pytest.raises(InsecureError, match="was used") as caught:
        made.admit(b"T" * 16, Mode.TLS)
    assert caught.value.denial is Denial.TICKET


def test_what_comes_without_its_ticket() -> None:
    """Both sides can encrypt, as the index has said: nothing else will do."""
    made = guard()
    made.tickets.add(ticket())
    made.allow_request("bob", PATH)
    with pytest.raises(InsecureError, match="bob comes without the ticket"):
        made.allow_get("bob", PATH)
    made.tickets.add(ticket(uploads=False))
    with pytest.raises(InsecureError, match="bob comes without the ticket"):
        made.allow_send("bob", b"song")
    assert made.downgrades == 2


@pytest.mark.parametrize("policy", [PREFER, OFF])
def test_old_programs(policy: Encryption) -> None:
    """They are served in the clear, unless that is not to be."""
    made = guard(policy)
    made.allow_request("bob", PATH)
    made.allow_get("bob", PATH)
    made.allow_send("bob", PATH)
    made.allow_clear()


def test_old_programs_are_refused_if_encryption_is_required() -> None:
    """Whatever they want."""
    made = guard(REQUIRE)
    for ask in (made.allow_request, made.allow_get, made.allow_send):
        with pytest.raises(InsecureError, match="in the clear"):
            ask("bob", PATH)
    with pytest.raises(InsecureError, match="in the clear"):
        made.allow_clear()


def test_a_request_with_a_ticket_is_allowed() -> None:
    """The ticket comes right before it."""
    made = guard(REQUIRE)
    made.tickets.add(ticket())
    made.allow_request("bob", PATH)


def test_whoever_does_not_encrypt_cares_for_no_downgrade() -> None:
    """There is nothing that could be less safe."""
    made = guard(OFF)
    made.tickets.add(ticket())
    made.allow_get("bob", PATH)


def test_the_fingerprint_to_be_told() -> None:
    """None if this peer does not encrypt; the key is then not even asked for."""
    assert guard().fingerprint == KEY.fingerprint
    assert guard(OFF).fingerprint is None
    made = guard()
    assert made.tls is made.tls
