"""Asking a peer for a file."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napster.wire.errors import ParseError
from napster.wire.transfer import Broken, Downloader, Refusal, Refused, SizeKnown
from tests.wire.handshakes import NICK, PATH, download, play, splits
from tests.wire.strategies import pieces


def make(announced: int = 443332, offset: int = 0) -> Downloader:
    """Make a downloader of the usual file."""
    return Downloader(NICK, PATH, announced, offset)


def test_the_bytes_of_a_download() -> None:
    """Nothing is said before the greeting; verb and line are segments of their own."""
    downloader = make(offset=1024)
    assert downloader.take_outgoing() == []
    assert downloader.feed(b"") == []
    assert downloader.feed(b"1") == []
    assert downloader.take_outgoing() == [b"GET", b'me "Z:\\nap\\Artist - Title.mp3" 1024']
    assert downloader.take_outgoing() == []
    assert downloader.feed(b"443332\xff\xfb") == [SizeKnown(443332, b"\xff\xfb")]


def test_every_split_point() -> None:
    """Greeting, size and content may come in any pieces."""
    for parts in splits(b"1443332\xff\xfbmore"):
        assert download(make(), parts) == [SizeKnown(443332, b"\xff\xfbmore")]


def test_bytes_before_the_wanted_ones_are_dropped() -> None:
    """Where the offset is doubtful, one byte more is asked for, and not handed on."""
    for parts in splits(b"110485760" + b"xabc"):
        downloader = Downloader(NICK, PATH, 10485760, 9437184)
        assert download(downloader, parts) == [SizeKnown(10485760, b"abc")]
        assert downloader.take_outgoing()[1].endswith(b" 9437183")


@pytest.mark.parametrize("refusal", list(Refusal))
def test_known_refusals(refusal: Refusal) -> None:
    """Each known text is a refusal as soon as it is whole, at every split point."""
    for parts in splits(b"1" + refusal.encode()):
        downloader = make()
        assert [event for part in parts for event in downloader.feed(part)] == [Refused(refusal)]


def test_any_other_text_is_a_refusal_once_it_is_whole() -> None:
    """A text nobody knows ends by quiet, by an end of line and quiet, or by closing."""
    assert play(make(), [b"1", b"COME BACK ", b"LATER\r\n"]) == [Refused("COME BACK LATER")]
    downloader = make()
    assert downloader.feed(b"1NO") == []
    assert downloader.needs_quiet
    assert downloader.closed() == [Refused("NO")]
    assert downloader.closed() == []


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        (b"SSH-2.0-OpenSSH_9", "greets with 'SSH-2.0-O', not with 1"),
        (b"1\x16\x03\x01", "answers '\\x16\\x03\\x01', which makes no sense"),
        (b"1 443332", "which makes no sense"),
        (b"1" + b"A" * 129, "which makes no sense"),
        (b"1443333\xff", "offers 443333 bytes, 443332 were announced"),
    ],
)
def test_strangers(answer: bytes, complaint: str) -> None:
    """Whoever does not speak the protocol is named as such, and heard no further."""
    downloader = make()
    (event,) = downloader.feed(answer)
    assert isinstance(event, Broken)
    assert complaint in event.reason.replace("\\\\", "\\")
    assert downloader.feed(b"more") == downloader.quiet() == downloader.closed() == []
    assert not downloader._talk.buffer


def test_more_content_than_there_can_be() -> None:
    """Surplus bytes show that the size was misread or is a lie."""
    assert make(announced=1000, offset=997).feed(b"11000abcd") == [
        Broken("the other side sends more than the 1000 bytes it offers")
    ]


@pytest.mark.parametrize("heard", [b"", b"1", b"144", b"11", b"1443332"])
def test_closed_too_early(heard: bytes) -> None:
    """A connection that ends before the size is clear is broken."""
    downloader = make()
    downloader.feed(heard)
    assert downloader.closed() == [
        Broken("the other side closed the connection before it told the file's size")
    ]


def test_a_small_file_of_digits_closed_at_once() -> None:
    """Closing ends the content as quiet does."""
    downloader = Downloader(NICK, PATH, 5)
    assert downloader.feed(b"1512345") == []
    assert downloader.closed() == [SizeKnown(5, b"12345")]


def test_after_the_size_the_bytes_are_the_callers() -> None:
    """Feeding content is a mistake of the caller; time and closing are not."""
    downloader = make()
    downloader.feed(b"1443332\xff")
    assert downloader.quiet() == downloader.closed() == []
    with pytest.raises(RuntimeError, match="content of a file"):
        downloader.feed(b"content")


def test_what_cannot_be_asked_for() -> None:
    """A path with a double quote is not sent, and not changed into another."""
    with pytest.raises(ParseError, match="cannot be sent"):
        Downloader(NICK, b'a "b"', 5)
    with pytest.raises(ParseError, match="cannot be sent"):
        Downloader('a "b"', PATH, 5)


@given(st.binary(max_size=60) | st.text("1 09AFILENOT", max_size=30).map(str.encode), st.data())
def test_garbage(answer: bytes, data: st.DataObject) -> None:
    """Any answer leads to at most one event, and to one at the latest when it is over."""
    downloader = make()
    events = download(downloader, data.draw(pieces(answer)))
    events += downloader.closed()
    assert len(events) == 1
