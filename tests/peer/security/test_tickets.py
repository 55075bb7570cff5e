"""Tickets: taken once, within their life, by those they are for."""

import pytest
from twisted.internet.task import Clock

from napster.peer.security import tickets as module
from napster.peer.security.tickets import Ticket, Tickets

PATH = b"Music\\song"


def ticket(number: int = 0, *, dials: bool = False, uploads: bool = True) -> Ticket:
    return Ticket(bytes([number]) * 16, "bob", PATH, b"F" * 32, "192.0.2.1", dials, uploads)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tickets(clock: Clock) -> Tickets:
    return Tickets(clock)


def test_a_ticket_is_taken_once(tickets: Tickets) -> None:
    """Whoever shows it again is not let in."""
    tickets.add(ticket())
    assert tickets.shown(b"\1" * 16) is None
    assert tickets.shown(b"\0" * 16) == ticket()
    assert tickets.shown(b"\0" * 16) is None


def test_a_ticket_expires(tickets: Tickets, clock: Clock) -> None:
    """Just before, it is good."""
    tickets.add(ticket(0))
    tickets.add(ticket(1))
    clock.advance(59.9)
    assert tickets.shown(b"\0" * 16) == ticket(0)
    clock.advance(0.1)
    assert tickets.shown(b"\1" * 16) is None


def test_a_ticket_to_dial_with_lets_nobody_in(tickets: Tickets) -> None:
    """It is this side that has to connect."""
    tickets.add(ticket(dials=True))
    assert tickets.shown(b"\0" * 16) is None
    assert tickets.to_push("BOB", PATH.upper()) == ticket(dials=True)
    assert tickets.to_push("bob", PATH) is None


def test_the_ticket_of_a_push_that_does_not_come(tickets: Tickets) -> None:
    """It is taken once, by its user and path, and is none by which this side dials or uploads."""
    for number, (dials, uploads) in enumerate([(True, False), (False, True), (False, False)]):
        tickets.add(ticket(number, dials=dials, uploads=uploads))
    assert tickets.awaited("eve", PATH) is None
    assert tickets.awaited("BOB", PATH) == ticket(2, uploads=False)
    assert tickets.awaited("bob", PATH) is None


def test_the_newest_ticket_is_pushed_with(tickets: Tickets) -> None:
    """The index has arranged it last."""
    for number in (0, 1):
        tickets.add(ticket(number, dials=True))
    assert tickets.to_push("bob", PATH) == ticket(1, dials=True)


@pytest.mark.parametrize(
    "other",
    [
        ticket(dials=False),
        ticket(dials=True, uploads=False),
        Ticket(b"", "eve", PATH, None, "", dials=True, uploads=True),
        Ticket(b"", "bob", b"Music\\other", None, "", dials=True, uploads=True),
    ],
)
def test_other_tickets_are_not_pushed_with(tickets: Tickets, other: Ticket) -> None:
    """Those of others, for other files, or for the other way."""
    tickets.add(other)
    assert tickets.to_push("bob", PATH) is None


def test_what_was_arranged_by_ticket_is_remembered(tickets: Tickets, clock: Clock) -> None:
    """Long after the ticket; until the index arranges it without one."""
    assert not tickets.replaces_get("bob", PATH)
    tickets.add(ticket())
    assert tickets.arranged("Bob", PATH)
    clock.advance(3600)
    assert tickets.replaces_get("BOB", PATH.lower())
    assert not tickets.replaces_get("eve", PATH)
    assert not tickets.arranged("bob", PATH)
    assert not tickets.replaces_get("bob", PATH)


def test_a_push_that_has_a_ticket(tickets: Tickets, clock: Clock) -> None:
    """Programs that send only the last part of the path cannot pass it by."""
    tickets.add(ticket(uploads=False))
    assert tickets.replaces_send("Bob", b"Song")
    assert tickets.replaces_send("bob", b"D:\\song")
    assert not tickets.replaces_send("bob", b"other")
    assert not tickets.replaces_send("eve", b"song")
    clock.advance(60)
    assert not tickets.replaces_send("bob", b"song")


def test_tickets_cost_no_more_than_so_much(tickets: Tickets, monkeypatch) -> None:
    """The oldest goes first; so does what is known of old ones."""
    monkeypatch.setattr(module, "MOST_TICKETS", 2)
    for number in range(3):
        path = b"Music\\%d" % number
        tickets.add(Ticket(bytes([number]) * 16, "bob", path, None, "", dials=False, uploads=True))
    assert tickets.shown(b"\0" * 16) is None
    assert tickets.shown(b"\1" * 16) is not None
    assert not tickets.replaces_get("bob", b"Music\\0")


def test_old_tickets_are_dropped(tickets: Tickets, clock: Clock) -> None:
    """They do not wait for the table to be full."""
    tickets.add(ticket(0))
    clock.advance(60)
    tickets.add(ticket(1))
    assert len(tickets._kept) == 1


def test_a_ticket_keeps_its_secret() -> None:
    """It cannot get into a log by accident."""
    assert "secret" not in repr(ticket())
