"""Showing a ticket to a peer, and letting its bearer in."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napster.wire.transfer import (
    Acceptor,
    Admitted,
    Bearer,
    Broken,
    Denial,
    Denied,
    Mode,
    TicketShown,
    lines_digest,
)
from tests.wire.handshakes import play, splits
from tests.wire.strategies import pieces

TICKET = bytes(range(16))
LINE = b"NAPX1 000102030405060708090a0b0c0d0e0f T\n"


def broken(events: list[object]) -> str:
    (event,) = events
    assert isinstance(event, Broken)
    return event.reason


def test_the_bytes_of_an_admission() -> None:
    """Greeting, ticket, answer; nothing else."""
    acceptor, bearer = Acceptor(), Bearer(TICKET, Mode.TLS)
    (greeting,) = acceptor.take_outgoing()
    assert bearer.feed(greeting) == []
    (line,) = bearer.take_outgoing()
    assert line == LINE
    assert acceptor.feed(line) == [TicketShown(TICKET, Mode.TLS)]
    acceptor.admit(Mode.TLS)
    (answer,) = acceptor.take_outgoing()
    assert answer == b"NAPX1 T\n"
    assert bearer.feed(answer) == [Admitted()]
    assert acceptor.closed() == bearer.closed() == []
    for side in acceptor, bearer:
        with pytest.raises(RuntimeError):
            side.feed(b"x")


def test_the_digest() -> None:
    """What both sides compare is made of both lines."""
    lines = b"NAPX1 000102030405060708090a0b0c0d0e0f P\nNAPX1 P\n"
    assert lines_digest(TICKET, Mode.PLAIN) == hashlib.sha256(lines).digest()


def test_the_bytes_of_a_denial() -> None:
    """A word says why."""
    acceptor, bearer = Acceptor(), Bearer(TICKET, Mode.PLAIN)
    bearer.feed(b"1")
    assert acceptor.feed(*bearer.take_outgoing()) == [TicketShown(TICKET, Mode.PLAIN)]
    acceptor.deny(Denial.TICKET)
    _, answer = acceptor.take_outgoing()
    assert answer == b"NAPX1 REFUSED TICKET\n"
    assert bearer.feed(answer) == [Denied(Denial.TICKET)]
    assert bearer.feed(b"more") == bearer.closed() == []
    assert Bearer(TICKET, Mode.TLS).feed(b"1") == []


@pytest.mark.parametrize("split", list(splits(LINE)))
def test_a_ticket_in_portions(split: list[bytes]) -> None:
    """The line may come cut anywhere, and no pause ends it."""
    acceptor = Acceptor()
    events = []
    for part in split:
        events += acceptor.feed(part) + acceptor.quiet()
    assert events == [TicketShown(TICKET, Mode.TLS)]


@pytest.mark.parametrize("split", list(splits(b"1NAPX1 REFUSED FULL\n")))
def test_an_answer_in_portions(split: list[bytes]) -> None:
    """The answer too; a word nobody has heard of is one as well. What comes too early is wrong."""
    bearer = Bearer(TICKET, Mode.TLS)
    events = [event for part in split for event in bearer.feed(part)]
    if next(part for part in split if part) == b"1":
        assert events == [Denied("FULL")]
    else:
        assert "before it was asked" in broken(events)


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        (LINE + b"x", "shows no ticket, or more than that"),
        (LINE.upper(), "shows no ticket"),
        (LINE.replace(b"T\n", b"X\n"), "shows no ticket"),
        (LINE.replace(b"T\n", b"T\r\n"), "shows no ticket"),
        (LINE.replace(b"0f", b"0"), "shows no ticket"),
        (b"NAPX1 " + b"0" * 58, "more than 64 bytes"),
        (b"NAPX2 \n", "begins neither with"),
    ],
)
def test_broken_tickets(line: bytes, wrong: str) -> None:
    """Whatever is no ticket is refused, whole or not."""
    assert wrong in broken(Acceptor().feed(line))


@pytest.mark.parametrize(
    ("answer", "wrong"),
    [
        (b"NAPX1 P\n", "in another mode"),
        (b"NAPX1 T\nx", "answers a ticket by"),
        (b"NAPX1 T\r\n", "answers a ticket by"),
        (b"NAPX1 REFUSED\n", "answers a ticket by"),
        (b"NAPX1 REFUSED not so\n", "answers a ticket by"),
        (b"INVALID REQUEST\n", "answers a ticket by"),
        (b"x" * 64, "more than 64 bytes"),
    ],
)
def test_broken_answers(answer: bytes, wrong: str) -> None:
    """A mode that was changed, and plaintext behind the answer, break it off."""
    bearer = Bearer(TICKET, Mode.TLS)
    bearer.feed(b"1")
    assert wrong in broken(bearer.feed(answer))
    assert bearer.feed(b"1") == []


@pytest.mark.parametrize("said", [b"", b"1", b"1NAPX1"])
def test_an_acceptor_that_leaves(said: bytes) -> None:
    """Before the answer, that is an error."""
    bearer = Bearer(TICKET, Mode.TLS)
    for byte in said:
        bearer.feed(bytes([byte]))
    assert broken(bearer.closed()).startswith("the other side")


def test_a_bearer_that_goes_on_unasked() -> None:
    """Nothing may follow the ticket before it is answered; an answer then goes nowhere."""
    acceptor = Acceptor()
    acceptor.feed(LINE)
    assert "out of turn" in broken(acceptor.feed(b"\x16\x03\x01"))
    acceptor.take_outgoing()
    acceptor.admit(Mode.TLS)
    acceptor.deny(Denial.TICKET)
    assert acceptor.take_outgoing() == []


def test_a_bearer_that_leaves() -> None:
    """That is told, too."""
    acceptor = Acceptor()
    acceptor.feed(LINE)
    assert "closed the connection" in broken(acceptor.closed())


@given(st.lists(st.binary()))
def test_any_bytes_to_a_bearer(portions: list[bytes]) -> None:
    """Nothing that comes before an admission makes it fail otherwise than by Broken."""
    bearer = Bearer(TICKET, Mode.TLS)
    for portion in portions:
        for event in bearer.feed(portion):
            assert isinstance(event, Broken | Denied)


@given(pieces(LINE))
def test_any_portions(portions: list[bytes]) -> None:
    """However it is cut, the same is read."""
    assert play(Acceptor(), portions) == [TicketShown(TICKET, Mode.TLS)]
