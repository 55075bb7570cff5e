"""Pushing a file to a peer that cannot be sent to otherwise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napster.wire.transfer import Broken, OffsetKnown, Pusher, Refusal, Refused
from tests.wire.handshakes import NICK, PATH, play, splits
from tests.wire.strategies import pieces


def make(size: int = 443332) -> Pusher:
    """Make a pusher of the usual file."""
    return Pusher(NICK, PATH, size)


def test_the_bytes_of_a_push() -> None:
    """After the greeting verb and line leave as segments of their own; 0 starts at once."""
    pusher = make()
    assert pusher.take_outgoing() == []
    assert pusher.feed(b"1") == []
    assert pusher.take_outgoing() == [b"SEND", b'me "Z:\\nap\\Artist - Title.mp3" 443332']
    assert pusher.feed(b"0") == [OffsetKnown(0)]
    assert pusher.feed(b"\n") == []
    assert pusher.closed() == []


@pytest.mark.parametrize(
    ("answer", "offset"),
    [(b"0", 0), (b"1024", 1024), (b"1024\r\n", 1024), (b"443332", 443332), (b"007", 7)],
)
def test_offsets(answer: bytes, offset: int) -> None:
    """An offset is read in any pieces, also if only quiet ends it."""
    for parts in splits(b"1" + answer):
        if answer == b"007" and parts[0] != b"1" + answer:
            continue  # a 0 on its own is whole
        assert play(make(), parts) == [OffsetKnown(offset)]


def test_an_offset_ends_when_no_digit_can_follow() -> None:
    """Another digit would lead beyond the end of the file."""
    pusher = make(size=5000)
    assert pusher.feed(b"1500") == []
    assert pusher.needs_quiet
    assert make(size=5000).feed(b"1501") == [OffsetKnown(501)]


def test_digits_after_the_quiet_time() -> None:
    """An offset that goes on after all stops the push, before wrong bytes are taken for right."""
    pusher = make()
    assert play(pusher, [b"1", b"12"]) == [OffsetKnown(12)]
    assert pusher.feed(b"34") == [Broken("the other side goes on with '34', out of turn")]
    assert pusher.feed(b"56") == []


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        (b"443333", "wants a file of 443332 bytes from 443333"),
        (b"12x", "wants a file of 443332 bytes from 12x"),
        (b"9" * 21, "wants a file of 443332 bytes from 999"),
        (b"-1", ""),
        (b"\0", "makes no sense"),
    ],
)
def test_wrong_offsets(answer: bytes, complaint: str) -> None:
    """An offset beyond the end, or none at all, breaks the push."""
    (event,) = play(make(), [b"1", answer])
    assert isinstance(event, Broken if complaint else Refused)
    assert complaint in event.reason


def test_refusals() -> None:
    """A refusal is read in any pieces."""
    for parts in splits(b"1FILE NOT REQUESTED"):
        assert play(make(), parts) == [Refused(Refusal.FILE_NOT_REQUESTED)]


@pytest.mark.parametrize("heard", [b"", b"1"])
def test_closed_too_early(heard: bytes) -> None:
    """A connection that ends before the offset is broken."""
    pusher = make()
    pusher.feed(heard)
    assert pusher.closed() == [
        Broken("the other side closed the connection before it took the file")
    ]


@given(st.binary(max_size=40) | st.text("1 09FILENOT\n", max_size=30).map(str.encode), st.data())
def test_garbage(answer: bytes, data: st.DataObject) -> None:
    """Any answer leads to one event, perhaps to a complaint after it, never to an error."""
    pusher = make()
    events = play(pusher, data.draw(pieces(answer)))
    events += pusher.closed()
    assert len(events) == 1 or isinstance(events[1], Broken)
    assert len(events) <= 2
