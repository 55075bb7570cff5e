"""Reading a peer's list straight from the peer, and writing one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napster.wire.errors import ParseError
from napster.wire.messages.sharing import Share
from napster.wire.transfer import (
    Acceptor,
    Broken,
    Browser,
    Event,
    ListedFile,
    ListEnded,
    ListRequested,
    ListStarted,
    Refusal,
    Refused,
    list_segments,
)
from tests.wire.handshakes import play, splits
from tests.wire.strategies import pieces, shares

FILE = Share(
    path=b"Z:\\nap\\a song.mp3", md5=b"0", size=443332, bitrate=128, frequency=44100, duration=60
)
LINE = b'"Z:\\nap\\a song.mp3" 0 443332 128 44100 60\n'
WHOLE: list[Event] = [ListStarted("lefty"), ListedFile(FILE), ListedFile(FILE), ListEnded(0)]


def test_the_bytes_of_a_list() -> None:
    """Nothing is said before the greeting; GETLIST goes without a line feed."""
    browser = Browser()
    assert browser.feed(b"") == []
    assert browser.take_outgoing() == []
    browser.feed(b"1")
    assert browser.take_outgoing() == [b"GETLIST"]
    assert list(list_segments("lefty", [FILE, FILE])) == [b"lefty\n", LINE, LINE, b"\n"]
    assert play(browser, list_segments("lefty", [FILE, FILE])) == WHOLE
    assert browser.feed(b"junk") == browser.closed() == []


@pytest.mark.parametrize(
    "beginning",
    [
        b"lefty\n",
        b"SENDLIST\nlefty\n",
        b"SENDLIST lefty\n",
        b"SENDLIST lefty\nlefty\n",
        b"lefty\r\n",
    ],
)
def test_every_form_of_the_beginning(beginning: bytes) -> None:
    """With or without TekNap's SENDLIST, in any pieces."""
    for parts in splits(b"1" + beginning + LINE + LINE.replace(b"\n", b"\r\n") + b"\n"):
        assert play(Browser(), parts) == WHOLE


def test_a_line_nobody_can_read_does_not_spoil_the_list() -> None:
    """What could not be read is counted, so that it can be told."""
    stream = b'1lefty\n"a "b".mp3" 0 1 2 3\n' + LINE + b'"half 0 1 2 3 4\n\n'
    assert Browser().feed(stream) == [ListStarted("lefty"), ListedFile(FILE), ListEnded(2)]


def test_refused() -> None:
    """A refusal takes the place of the nick."""
    for parts in splits(b"1INVALID REQUEST"):
        assert play(Browser(), parts) == [Refused(Refusal.INVALID_REQUEST)]
    assert play(Browser(), [b"1FILE NOT SHARED\r\n"]) == [Refused(Refusal.FILE_NOT_SHARED)]


@pytest.mark.parametrize(
    ("stream", "complaint"),
    [
        (b"HTTP/1.1 400", "not with 1"),
        (b"1" + LINE, "a list begins with a nick in a line"),
        (b"1" + b"x" * 3000, "a line of the list has more than 2112 bytes"),
        (b"1lefty\n" + b"x" * 3000 + b"\n", "a line of the list has more than 2112 bytes"),
    ],
)
def test_strangers(stream: bytes, complaint: str) -> None:
    """What is no list is named as such; memory is bounded by a line."""
    browser = Browser()
    event = browser.feed(stream)[-1]
    assert isinstance(event, Broken)
    assert complaint in event.reason
    assert browser.closed() == []


@pytest.mark.parametrize("heard", [b"", b"1", b"1lef", b"1lefty\n" + LINE, b"1\n"])
def test_a_list_cut_short(heard: bytes) -> None:
    """A list without its end is not taken for the whole."""
    browser = Browser()
    browser.feed(heard)
    assert browser.closed() == [
        Broken("the other side closed the connection before its list was complete")
    ]


def test_what_cannot_be_listed() -> None:
    """A path with a line feed would forge a line."""
    with pytest.raises(ParseError, match="line feed"):
        list(list_segments("lefty", [FILE.evolve(path=b"a\nb")]))


def test_both_sides_together() -> None:
    """Our browser reads what our acceptor's side writes."""
    browser, acceptor = Browser(), Acceptor()
    for segment in acceptor.take_outgoing():
        browser.feed(segment)
    assert play(acceptor, browser.take_outgoing()) == [ListRequested()]
    assert play(browser, list_segments("lefty", [FILE, FILE])) == WHOLE


@given(st.lists(shares.filter(lambda file: b"\n" not in file.body()), max_size=4), st.data())
def test_any_list(files: list[Share], data: st.DataObject) -> None:
    """Every list that can be written is read back, in any pieces."""
    stream = b"1" + b"".join(list_segments("lefty", files))
    listed = [ListedFile(file) for file in files]
    assert play(Browser(), data.draw(pieces(stream))) == [
        ListStarted("lefty"),
        *listed,
        ListEnded(0),
    ]


@given(st.binary(max_size=80) | st.text('1LINEST" \n05', max_size=40).map(str.encode), st.data())
def test_garbage(garbage: bytes, data: st.DataObject) -> None:
    """Any bytes end in one last event, never in an error."""
    browser = Browser()
    events = play(browser, data.draw(pieces(garbage))) + browser.closed()
    last = [each for each in events if isinstance(each, ListEnded | Refused | Broken)]
    assert last == events[-1:]
