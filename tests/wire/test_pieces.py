"""What peers say about pieces, byte by byte, and what becomes of those who say it wrong."""

import re
from pathlib import Path
from struct import pack

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from napster.wire.errors import FrameTooLongError, ParseError
from napster.wire.pieces import (
    MAX_BODY,
    MOST_FOLDER_BYTES,
    MOST_FOLDERS,
    PIECE_SIZE,
    Broken,
    Cancel,
    Code,
    Content,
    Data,
    Delivered,
    Downloader,
    Open,
    Opened,
    PieceList,
    PieceMessage,
    PieceReader,
    Pieces,
    Ping,
    Pinged,
    Pong,
    Refuse,
    Terms,
    Turn,
    Uploader,
    Want,
    fitting,
)
from napster.wire.pieces.messages import MESSAGES
from napster.wire.tagged import write_tagged
from napster.wire.transfer import Mode, lines_digest
from tests.wire.handshakes import splits
from tests.wire.strategies import pieces

PAGE = (Path(__file__).parents[2] / "docs" / "extensions.md").read_text("utf-8")
TICKET = bytes(range(16))
LINES = b"L" * 32
DIALLED, ACCEPTED = Terms(TICKET, LINES, dialled=True), Terms(TICKET, LINES, dialled=False)
OPEN = Open(TICKET, 2, LINES)
IDS = b"C" * 32

GOLDEN: list[tuple[PieceMessage, str]] = [
    (OPEN, "3a000000 01 011000 " + TICKET.hex() + "020100 02 032000" + LINES.hex()),
    (Pieces(1000, 258), "0c000000 02 010400 e8030000 020200 0201"),
    (
        PieceList(2**32 + 1, 0, b"H" * 32, IDS),
        "58000000 03 010800 0100000001000000 020400 00000000 032000"
        + "48" * 32
        + "042000"
        + IDS.hex(),
    ),
    (
        PieceList(0, 0, b"", IDS, 1_100_000_000),
        "43000000 03 010800 0000000000000000 020400 00000000 030000 042000"
        + IDS.hex()
        + "050800 00ab904100000000",
    ),
    (
        PieceList(0, 0, b"", IDS, folders=(b"M\\a", b"")),
        "42000000 03 010800 0000000000000000 020400 00000000 030000 042000"
        + IDS.hex()
        + "060700 0300 4d5c61 0000",
    ),
    (Want(1, 2, 3), "13000000 04 010400 01000000 020400 02000000 030200 0300"),
    (
        Data(1, 2**32, PIECE_SIZE),
        "19000000 05 010400 01000000 020800 0000000001000000 030400 00001000",
    ),
    (
        Refuse(1, 2, "ö", 3, 4),
        "1c000000 06 010400 01000000 020100 02 030200 c3b6 040200 0300 050400 04000000",
    ),
    (Refuse(0, 1, "no"), "10000000 06 010400 00000000 020100 01 030200 6e6f"),
    (Cancel(7), "07000000 07 010400 07000000"),
    (Ping(), "00000000 08"),
    (Pong(), "00000000 09"),
    (Turn(b"a\\b"), "06000000 0a 010300 615c62"),
]


@pytest.mark.parametrize(("message", "frame"), GOLDEN)
def test_golden_bytes(message: PieceMessage, frame: str) -> None:
    """Each message is written and read as the page says."""
    assert message.frame().hex() == frame.replace(" ", "")
    assert list(PieceReader().feed(message.frame())) == [message]


def test_every_message_has_golden_bytes() -> None:
    """No message is left out."""
    assert {type(message) for message, _ in GOLDEN} == set(MESSAGES.values())


@pytest.mark.parametrize("message", [each for each, _ in GOLDEN if each.body()])
def test_truncated(message: PieceMessage) -> None:
    """A body that ends too early is refused, or lacks nothing but optional fields."""
    whole = message.body()
    for length in range(len(whole)):
        frame = pack("<IB", length, message.type) + whole[:length]
        try:
            (read,) = PieceReader().feed(frame)
        except ParseError:
            continue
        assert isinstance(read, Refuse | PieceList)
        assert read.body() == whole[:length]


# Empty folders.


@example([b"x"] * (MOST_FOLDERS + 1))
@example([b"x" * 300] * (MOST_FOLDER_BYTES // 300 + 1))
@given(st.lists(st.binary(max_size=300), max_size=120))
def test_as_many_folders_are_told_of_as_fit(paths: list[bytes]) -> None:
    """Those that come first are told of, as they are; one more would be too many."""
    taken = fitting(paths)
    told = PieceList(0, 0, b"", IDS, folders=tuple(taken))
    assert PieceList.from_body(told.body()) == told
    assert taken == paths[: len(taken)]
    if taken != paths:
        more = attrs.evolve(told, folders=paths[: len(taken) + 1])
        with pytest.raises(ParseError, match="more than may be told of"):
            PieceList.from_body(more.body())


@given(st.binary(max_size=60))
def test_any_folders(value: bytes) -> None:
    """Whatever stands there is read as it was written, or not at all."""
    body = PieceList(0, 0, b"", IDS).body() + write_tagged([(6, value)])
    try:
        read = PieceList.from_body(body)
    except ParseError as error:
        assert "the last empty folder is cut short" in str(error)  # noqa: PT017  # or it is read
    else:
        assert read.body() == body


# The reader.

STREAM = (
    OPEN.frame()
    + pack("<IB", 3, 200)
    + b"new"
    + Data(1, 0, 5).frame()
    + b"12345"
    + Ping().frame()
    + Data(1, 5, 1).frame()
    + b"6"
)
READ = [OPEN, Data(1, 0, 5), b"12345", Ping(), Data(1, 5, 1), b"6"]


def joined(items: list[PieceMessage | bytes]) -> list[PieceMessage | bytes]:
    """Put content that came in portions together."""
    whole: list[PieceMessage | bytes] = []
    for item in items:
        last = whole[-1] if whole else None
        if isinstance(item, bytes) and isinstance(last, bytes):
            whole[-1] = last + item
        else:
            whole.append(item)
    return whole


@pytest.mark.parametrize("split", list(splits(STREAM)))
def test_a_stream_in_portions(split: list[bytes]) -> None:
    """However a stream is cut, the same is read; unknown messages are passed over."""
    reader = PieceReader()
    assert joined([item for part in split for item in reader.feed(part)]) == READ


@given(pieces(STREAM))
def test_a_stream_in_any_portions(portions: list[bytes]) -> None:
    """So it is for any portions."""
    reader = PieceReader()
    assert joined([item for part in portions for item in reader.feed(part)]) == READ


def test_content_is_handed_on_at_once() -> None:
    """Nothing waits for the rest of a piece."""
    reader = PieceReader()
    assert list(reader.feed(Data(1, 0, 5).frame() + b"12")) == [Data(1, 0, 5), b"12"]
    assert list(reader.feed(b"3")) == [b"3"]


def test_a_frame_that_is_too_long() -> None:
    """It is refused by its header."""
    assert list(PieceReader().feed(pack("<IB", MAX_BODY, 2))) == []
    with pytest.raises(FrameTooLongError, match="65537 bytes"):
        list(PieceReader().feed(pack("<IB", MAX_BODY + 1, 2)))


# The side that has the file.


def uploader() -> Uploader:
    side = Uploader(ACCEPTED)
    assert side.take_outgoing() == b""
    assert side.feed(OPEN.frame()) == [Opened()]
    assert side.take_outgoing() == OPEN.frame()
    return side


def wrong(side: Uploader | Downloader, *messages: PieceMessage) -> str:
    """Send messages, the last of which is wrong; returns why."""
    *_, last = side.feed(b"".join(each.frame() for each in messages))
    assert isinstance(last, Broken)
    assert side.feed(Ping().frame()) == []
    return last.reason


def test_requests() -> None:
    """What is asked for is told in order."""
    side = uploader()
    asked = [Pieces(0, 1000), Want(1, 0, 1), Ping(), Want(2, 1, 2)]
    events = side.feed(b"".join(each.frame() for each in asked))
    assert events == [Pieces(0, 1000), Want(1, 0, 1), Pinged(), Want(2, 1, 2)]
    assert side.take_outgoing() == b""


def test_requests_are_open_until_they_are_answered() -> None:
    """Then there may be another."""
    side = uploader()
    for request in (Pieces(0, 1), Want(1, 0, 1), Want(2, 0, 1), Ping(), Turn(b"a")):
        for _ in range(2):
            (event,) = side.feed(request.frame())
            assert not isinstance(event, Opened | Broken)
            side.answered(event)


def test_a_want_is_withdrawn() -> None:
    """Until it is answered; then its number means another."""
    side = uploader()
    side.feed(Want(1, 0, 9).frame())
    assert not side.is_cancelled(Want(1, 0, 9))
    assert side.feed(Cancel(1).frame()) == []
    assert side.is_cancelled(Want(1, 0, 9))
    side.answered(Want(1, 0, 9))
    assert side.feed(Cancel(1).frame()) == []
    side.feed(Want(1, 5, 1).frame())
    assert not side.is_cancelled(Want(1, 5, 1))


@pytest.mark.parametrize(
    ("messages", "reason"),
    [
        ([Want(1, 0, 1), Want(2, 0, 1), Want(3, 0, 1)], "more than 2 Wants"),
        ([Want(1, 0, 1), Want(1, 1, 1)], "has the number 1"),
        ([Want(0, 0, 1)], "has the number 0"),
        ([Want(1, 0, 0)], "no piece"),
        ([Pieces(0, 1), Pieces(1, 1)], "twice at once"),
        ([Pieces(0, 0)], "0 hashes"),
        ([Pieces(0, 1001)], "1001 hashes"),
        ([Ping(), Ping()], "pings twice"),
        ([Want(1, 0, 1), Turn(b"a")], "in the middle of one"),
        ([Turn(b"a"), Turn(b"b")], "in the middle of one"),
        ([OPEN], "a Open out of turn"),
        ([Data(1, 0, 1)], "a Data out of turn"),
        ([PieceList(1, 0, b"", IDS)], "a PieceList out of turn"),
        ([Refuse(1, 1, "")], "a Refuse out of turn"),
        ([Pong()], "a Pong out of turn"),
    ],
)
def test_wrong_requests(messages: list[PieceMessage], reason: str) -> None:
    """More than may be, and what makes no sense."""
    assert reason in wrong(uploader(), *messages)


@pytest.mark.parametrize("side", [Uploader, Downloader])
@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (Ping(), "begins with a Ping"),
        (Open(b"?" * 16, 1, LINES), "another ticket"),
        (Open(TICKET, 1, b"?" * 32), "changed on their way"),
        (Open(TICKET, 0, LINES), "version 0"),
    ],
)
def test_wrong_openings(
    side: type[Uploader | Downloader], message: PieceMessage, reason: str
) -> None:
    """Nothing is done for who is not the one the ticket is for, or has seen other lines."""
    assert reason in wrong(side(ACCEPTED), message)


@pytest.mark.parametrize(("version", "turns"), [(1, False), (2, True), (255, True)])
def test_other_versions_are_taken(version: int, turns: bool) -> None:  # noqa: FBT001
    """It is for the newer side to be understood: an older one knows no Turn."""
    side = Uploader(DIALLED)
    assert side.feed(Open(TICKET, version, LINES).frame()) == [Opened()]
    assert side.can_turn is turns


# The side that wants the file.


def downloader() -> Downloader:
    side = Downloader(DIALLED)
    assert side.take_outgoing() == OPEN.frame()
    assert side.feed(OPEN.frame()) == [Opened()]
    return side


def test_hashes() -> None:
    """They are asked for as often as it takes; at the end there are fewer."""
    side = downloader()
    side.ask(0, 2)
    assert side.take_outgoing() == Pieces(0, 2).frame()
    first = PieceList(2 * PIECE_SIZE + 1, 0, b"H" * 64, IDS)
    assert side.feed(first.frame()) == [first]
    side.ask(2, 1000)
    last = PieceList(2 * PIECE_SIZE + 1, 2, b"H" * 32, IDS)
    assert side.feed(last.frame()) == [last]


def test_an_empty_file_has_no_hashes() -> None:
    """Neither has what lies behind the end of one."""
    side = downloader()
    side.ask(0, 1000)
    assert side.feed(PieceList(0, 0, b"", IDS).frame()) == [PieceList(0, 0, b"", IDS)]
    side.ask(9, 1)
    assert side.feed(PieceList(1, 9, b"", IDS).frame()) == [PieceList(1, 9, b"", IDS)]


def test_pieces_come() -> None:
    """Each in as many parts as the other side likes, two at once in turns."""
    side = downloader()
    assert (side.want(1, 4), side.want(0, 2)) == (1, 2)
    assert side.take_outgoing() == Want(1, 1, 1).frame() + Want(2, 0, 1).frame()
    said = Data(1, PIECE_SIZE, 3).frame() + b"abc" + Data(2, 0, 2).frame() + b"xy"
    assert side.feed(said + Data(1, PIECE_SIZE + 3, 1).frame()) == [
        Content(1, b"abc"),
        Content(2, b"xy"),
        Delivered(2),
    ]
    assert side.feed(b"d") == [Content(1, b"d"), Delivered(1)]


def test_another_file() -> None:
    """Its hashes may be asked for in the same breath."""
    side = downloader()
    side.turn(b"a")
    side.ask(0, 1)
    assert side.take_outgoing() == Turn(b"a").frame() + Pieces(0, 1).frame()
    found = PieceList(1, 0, b"H" * 32, IDS)
    assert side.feed(found.frame()) == [found]


def test_what_is_withdrawn_may_be_refused() -> None:
    """Or come nevertheless; the number is free then."""
    side = downloader()
    req = side.want(0, 2)
    side.cancel(req)
    assert side.take_outgoing() == Want(1, 0, 1).frame() + Cancel(1).frame()
    refused = Refuse(req, Code.CANCELLED, "as asked")
    assert side.feed(refused.frame()) == [refused]
    assert "refuses what it was not asked for" in wrong(side, refused)


def test_all_may_be_refused() -> None:
    """With number 0, at any time."""
    refused = Refuse(0, Code.QUEUED, "wait", 3, 60)
    assert downloader().feed(refused.frame()) == [refused]


def test_numbers_begin_anew() -> None:
    """After the last there is the first; there is no 0."""
    side = downloader()
    side._last_req = 2**32 - 2
    assert [side.want(0, 1), side.want(0, 1)] == [2**32 - 1, 1]


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (PieceList(3 * PIECE_SIZE, 1, b"H" * 64, IDS), "not asked for"),
        (PieceList(3 * PIECE_SIZE, 0, b"H" * 65, IDS), "no multiple"),
        (PieceList(3 * PIECE_SIZE, 0, b"H" * 32, IDS), "1 hashes came instead of 2"),
        (PieceList(1, 0, b"H" * 64, IDS), "2 hashes came instead of 1"),
        (Data(2, 0, 1), "not asked for"),
        (Data(1, 0, 0), "no content"),
        (Data(1, 1, 1), "other bytes"),
        (Data(1, 0, 6), "other bytes"),
        (Refuse(2, 1, ""), "not asked for"),
        (OPEN, "a Open out of turn"),
        (Pieces(0, 1), "a Pieces out of turn"),
        (Want(1, 1, 1), "a Want out of turn"),
        (Cancel(1), "a Cancel out of turn"),
        (Ping(), "a Ping out of turn"),
        (Pong(), "a Pong out of turn"),
        (Turn(b"a"), "a Turn out of turn"),
    ],
)
def test_wrong_answers(message: PieceMessage, reason: str) -> None:
    """Whoever sends what was not asked for, or cannot be, is done with."""
    side = downloader()
    side.ask(0, 2)
    side.want(0, 5)
    assert reason in wrong(side, message)


def test_hashes_unasked() -> None:
    """Nobody sends hashes of their own accord, or twice."""
    assert "not asked for" in wrong(downloader(), PieceList(0, 0, b"", IDS))


@given(st.sampled_from([Uploader, Downloader]), st.lists(st.binary(), max_size=5))
def test_any_bytes(kind: type[Uploader | Downloader], portions: list[bytes]) -> None:
    """Nothing that comes makes a side fail otherwise than by Broken."""
    side = kind(ACCEPTED)
    side.feed(OPEN.frame())
    for portion in portions:
        side.feed(portion)


@given(st.lists(st.sampled_from([message.frame() for message, _ in GOLDEN]), max_size=8))
def test_any_messages(frames: list[bytes]) -> None:
    """Nor do sound messages in any order."""
    for side in (uploader(), downloader()):
        for frame in frames:
            side.feed(frame)


# The page.


def test_the_page_has_every_message() -> None:
    """The page names each message by its number."""
    told = re.findall(r"^\| (\d+) \| (?:both|uploader|downloader) \| (\w+) \|", PAGE, re.MULTILINE)
    assert told == [(str(number), kind.__name__) for number, kind in MESSAGES.items()]


@pytest.mark.parametrize("kind", list(MESSAGES.values()))
def test_the_page_has_every_field(kind: type[PieceMessage]) -> None:
    """The page has a row for each field with its size, and no row more."""
    section = PAGE.split(f"#### {kind.__name__}\n")[1].split("\n#")[0]
    told = re.findall(r"^\| (\d+) \| (\w+) \|", section, re.MULTILINE)
    assert told == [(str(tag.key), name) for name, tag, _ in kind._tags]


def test_the_example_on_the_page() -> None:
    """A stranger can check what they have made."""
    frame = Open(TICKET, 2, lines_digest(TICKET, Mode.TLS)).frame()
    assert frame.hex() in PAGE.replace(" ", "").replace("\n", "")
    assert f"{MAX_BODY:,}" in PAGE
