"""A file's size is told from its content, or the answer is refused: never is it misread."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napster.wire.errors import ParseError
from napster.wire.transfer import Broken, Downloader, Event, SizeKnown
from napster.wire.transfer.sizes import SizeRead, read_size, safe_offset
from tests.wire.handshakes import NICK, PATH, download, splits
from tests.wire.strategies import pieces

CUT = 2**32
ENOUGH = 40
"""Content bytes after which every size is decided."""

digit_rich = st.text("0123456789x", min_size=ENOUGH, max_size=ENOUGH).map(str.encode)
sizes = st.one_of(
    st.integers(0, ENOUGH), st.integers(0, 10**7), st.integers(0, CUT), st.integers(CUT, 2**63)
)


@st.composite
def downloads(draw: st.DrawFn) -> tuple[int, int, bytes]:
    """Make a file's size, the offset wanted, and the beginning of the content from there on."""
    size = draw(sizes)
    left = draw(st.one_of(st.integers(0, size), st.sampled_from([size // 10, size // 100])))
    return size, size - left, draw(digit_rich)


def _content(size: int, offset: int, asked: int, content: bytes) -> tuple[bytes, bytes]:
    """Return what is sent from the offset asked for, and what is wanted of it."""
    wanted = content[: size - offset]
    return b"7" * (offset - asked) + wanted, wanted


def _play(downloader: Downloader, answer: bytes, data: st.DataObject) -> list[Event]:
    return download(downloader, [b"1", *data.draw(pieces(answer))])


@given(st.integers(0, 2**64), st.data())
def test_a_safe_offset_leaves_no_doubt(size: int, data: st.DataObject) -> None:
    """The digits of the size never begin with those of what is to come; few bytes are lost."""
    wanted = data.draw(st.integers(0, size))
    offset = safe_offset(size, wanted)
    assert wanted - 20 <= offset <= wanted
    assert offset == 0 or not str(size).startswith(str(size - offset))


def test_a_safe_offset_near_by() -> None:
    """Nine of ten MiB is such a case; without an offset there is nothing to do."""
    assert safe_offset(10485760, 9437184) == 9437183
    assert safe_offset(10485760, 9437185) == 9437185
    assert safe_offset(1000, 0) == 0


@settings(max_examples=500)
@given(downloads(), st.data())
def test_the_announced_size(case: tuple[int, int, bytes], data: st.DataObject) -> None:
    """A peer that sends the announced size is understood, whatever the file begins with."""
    size, offset, content = case
    sent, wanted = _content(size, offset, safe_offset(size, offset), content)
    answer = b"%d" % size + sent
    assert _play(Downloader(NICK, PATH, size, offset), answer, data) == [SizeKnown(size, wanted)]


@settings(max_examples=500)
@given(downloads().filter(lambda each: each[1] > 0), st.data())
def test_the_size_less_the_offset(case: tuple[int, int, bytes], data: st.DataObject) -> None:
    """A peer that sends what is to come (giFT) is understood unless a digit follows."""
    size, offset, content = case
    asked = safe_offset(size, offset)
    sent, wanted = _content(size, offset, asked, content)
    events = _play(Downloader(NICK, PATH, size, offset), b"%d" % (size - asked) + sent, data)
    if asked and sent and not sent[:1].isdigit():
        assert events == [SizeKnown(size, wanted)]
    else:
        assert events in ([SizeKnown(size, wanted)], []) or isinstance(events[0], Broken)


@settings(max_examples=500)
@given(st.integers(CUT, 2**64 - 1), digit_rich, st.data())
def test_a_size_that_an_index_cut(size: int, content: bytes, data: st.DataObject) -> None:
    """The true size is found behind one cut to 32 bits, or the answer is refused."""
    events = _play(Downloader(NICK, PATH, size % CUT), b"%d" % size + content, data)
    assert events == [SizeKnown(size, content)] or isinstance(events[0], Broken)


@settings(max_examples=500)
@given(st.integers(0, 10**4), st.integers(0, ENOUGH), digit_rich, st.data())
def test_another_file(announced: int, size: int, content: bytes, data: st.DataObject) -> None:
    """A file of another size is refused, or else gives itself away by its length."""
    answer = b"%d" % size + content[:size]
    for event in _play(Downloader(NICK, PATH, announced), answer, data):
        if isinstance(event, SizeKnown) and event.size != size:
            assert event.size == announced
            assert len(event.leftover) != announced


@pytest.mark.parametrize(
    ("announced", "answer", "wanted"),
    [
        (5, b"512345", SizeKnown(5, b"12345")),
        (0, b"0", SizeKnown(0, b"")),
        (443332, b"443332\xff\xfb", SizeKnown(443332, b"\xff\xfb")),
        (705032704, b"5000000000ID3", SizeKnown(5000000000, b"ID3")),
        (1, b"4294967297\0", SizeKnown(4294967297, b"\0")),
        (0, b"4294967296\0", SizeKnown(4294967296, b"\0")),
        (4, b"4294967300abcdef", SizeKnown(4294967300, b"abcdef")),
        (4, b"42949", SizeKnown(4, b"2949")),
        (5000000000, b"5000000000123", SizeKnown(5000000000, b"123")),
    ],
)
def test_sizes(announced: int, answer: bytes, wanted: SizeKnown) -> None:
    """Files that begin with digits, empty files, and sizes beyond 32 bits, at every split."""
    for parts in splits(answer):
        assert download(Downloader(NICK, PATH, announced), [b"1", *parts]) == [wanted]


@pytest.mark.parametrize(
    ("announced", "answer", "complaint"),
    [
        (443332, b"443333\xff", "the other side offers 443333 bytes, 443332 were announced"),
        (443332, b"44333\xff", "offers 44333 bytes"),
        (42949, b"42949715909\xff", "cannot be told from the digits"),
        (5000000000, b"705032704x", "offers 705032704 bytes, 5000000000"),
        (5, b"5123456", "offers 5123456 bytes, 5 were announced"),
        (5, b"5abcdefg", "offers 5 bytes, 5 were announced"),
        (0, b"0x", "offers 0 bytes, 0 were announced"),
    ],
)
def test_sizes_that_do_not_fit(announced: int, answer: bytes, complaint: str) -> None:
    """Another size, a doubtful one, and more bytes than there can be are all refused."""
    events: list[Any] = download(Downloader(NICK, PATH, announced), [b"1", answer + b"x" * 30])
    assert len(events) == 1
    assert complaint in events[0].reason


def test_read_size_waits_for_enough() -> None:
    """Digits that could go on are no size yet."""
    assert read_size(b"", 5, 0, final=True) is None
    assert read_size(b"44333", 443332, 0, final=True) is None
    assert read_size(b"443332", 443332, 0, final=True) is None
    assert read_size(b"5000", 5000000000, 0, final=True) is None
    assert read_size(b"100", 1000, 900, final=True) is None


def test_read_size_after_an_offset() -> None:
    """With an offset the announced size is the true one and decides at once."""
    assert read_size(b"1000", 1000, 400, final=False) == SizeRead(1000, 4)
    assert read_size(b"600x", 1000, 400, final=False) == SizeRead(1000, 3)
    with pytest.raises(ParseError, match="offers 6007 bytes"):
        read_size(b"6007x", 1000, 400, final=False)
