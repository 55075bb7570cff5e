"""Showing a relay a token, on either end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napster.wire.errors import ParseError
from napster.wire.transfer import (
    JOINED,
    MAX_RELAY_LINE,
    Broken,
    Joined,
    Joiner,
    read_token_line,
    token_line,
)
from tests.wire.handshakes import splits
from tests.wire.strategies import pieces

TOKEN = bytes(range(16))
LINE = b"RELAY 000102030405060708090a0b0c0d0e0f\n"


def test_the_bytes_of_a_meeting() -> None:
    """One line there, one back, and all else is the other side's."""
    joiner = Joiner(TOKEN)
    assert joiner.take_outgoing() == [LINE]
    assert read_token_line(LINE) == TOKEN
    assert joiner.feed(b"OK\n") == [Joined(b"")]
    assert joiner.closed() == []
    with pytest.raises(RuntimeError):
        joiner.feed(b"x")


@pytest.mark.parametrize("split", list(splits(JOINED + b"1")))
def test_an_answer_in_portions(split: list[bytes]) -> None:
    """It may come cut anywhere; what follows it belongs to the other side and is kept."""
    joiner, events, later = Joiner(TOKEN), [], b""
    for part in split:
        if events:
            later += part
        else:
            events += joiner.feed(part)
    (joined,) = events
    assert isinstance(joined, Joined)
    assert joined.leftover + later == b"1"


@pytest.mark.parametrize("answer", [b"1", b"ok\n", b"O\n", b"OK\r\n", b"NAPX1 T\n"])
def test_another_answer(answer: bytes) -> None:
    """Nothing but `OK` is one; what comes after that is dropped."""
    joiner = Joiner(TOKEN)
    (event,) = joiner.feed(answer)
    assert isinstance(event, Broken)
    assert event.reason.startswith("the relay answers by ")
    assert joiner.feed(b"more") == joiner.closed() == []


def test_a_relay_that_hangs_up() -> None:
    """Nobody has come."""
    reason = "the relay closed the connection before the other side was there"
    assert Joiner(TOKEN).closed() == [Broken(reason)]


@given(pieces(LINE))
def test_a_token_in_portions(parts: list[bytes]) -> None:
    """The line is read once it is whole, and not before."""
    text = b""
    for part in parts:
        text += part
        assert read_token_line(text) == (TOKEN if text == LINE else None)


@pytest.mark.parametrize(
    "text",
    [
        LINE + b"1",
        LINE.upper(),
        LINE.replace(b"\n", b"\r\n"),
        LINE[1:],
        b"\n",
        b"GET / HTTP/1.1\r\n",
        b"R" * MAX_RELAY_LINE,
    ],
)
def test_what_is_no_token(text: bytes) -> None:
    """Another line, more than a line, or one without an end is refused, and not repeated."""
    with pytest.raises(ParseError) as caught:
        read_token_line(text)
    assert "0102" not in str(caught.value)


@given(st.binary(max_size=80))
def test_anything(text: bytes) -> None:
    """Whatever comes is a token, not yet one, or refused."""
    try:
        token = read_token_line(text)
    except ParseError:
        return
    assert token is None or text == token_line(token)
