"""Extension messages, byte by byte, and what becomes of broken ones."""

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napster.wire import extension
from napster.wire.errors import FrameTooLongError, ParseError
from napster.wire.extension import (
    FROM_CLIENT,
    FROM_SERVER,
    MARKER,
    MAX_EXTENSION_BODY,
    NUMBERS,
    Extension,
    Reason,
    SearchNote,
    Unwatch,
    Watch,
    Watched,
    Watching,
    WatchState,
    body_limit,
    speaks_extension,
    watched_frames,
)
from napster.wire.framing import MAX_BODY, FrameReader, encode
from napster.wire.messages import CLIENT_MESSAGES, SERVER_MESSAGES
from napster.wire.messages.searching import SearchHit
from napster.wire.tagged import read_tagged, write_tagged

PAGE = (Path(__file__).parents[2] / "docs" / "extensions.md").read_text("utf-8")
HIT = SearchHit(b"a song.mp3", b"0" * 32, 5, 128, 44100, 60, "anna", 16777343, 8)

GOLDEN: list[tuple[Extension, str]] = [
    (SearchNote(Reason.UNKNOWN_WORD, "no x", "y"), "010100 01 020400 6e6f2078 030100 79"),
    (SearchNote(Reason.REGISTERING, "ö"), "010100 07 020200 c3b6"),
    (Watch(7, b'FILENAME CONTAINS "x"'), "010400 07000000 021500" + b'FILENAME CONTAINS "x"'.hex()),
    (Unwatch(2**32 - 1), "010400 ffffffff"),
    (Watching(7, WatchState.STANDING), "010400 07000000 020100 00"),
    (Watching(7, WatchState.PAUSED, "b"), "010400 07000000 020100 02 030100 62"),
    (Watched(258, HIT), "010400 02010000 024c00" + HIT.body().hex()),
]


@pytest.mark.parametrize(("message", "body"), GOLDEN)
def test_golden_bytes(message: Extension, body: str) -> None:
    """Each message is written and read as the page says."""
    assert message.body().hex() == body.replace(" ", "")
    assert type(message).from_body(message.body()) == message


def test_every_message_has_golden_bytes() -> None:
    """No message is left out, and no number is an old program's."""
    made = {*FROM_CLIENT.values(), *FROM_SERVER.values()}
    assert {type(message) for message, _ in GOLDEN} == made
    assert {*FROM_CLIENT, *FROM_SERVER} <= {*NUMBERS}
    assert not {*CLIENT_MESSAGES, *SERVER_MESSAGES} & {*NUMBERS}


@pytest.mark.parametrize(("message", "_body"), GOLDEN)
def test_truncated(message: Extension, _body: str) -> None:
    """Every beginning of a body is refused, or lacks nothing but optional fields."""
    whole = message.body()
    for length in range(len(whole)):
        try:
            read = type(message).from_body(whole[:length])
        except ParseError:
            continue
        assert whole.startswith(read.body())
        assert len(read.body()) == length


@pytest.mark.parametrize(
    ("kind", "body", "wrong"),
    [
        (Unwatch, "", "field 1 is missing"),
        (Unwatch, "02", "the last field is cut short"),
        (Unwatch, "010400 070000", "field 1 is cut short"),
        (Unwatch, "010400 07000000 010400 07000000", "field 1 stands twice"),
        (Unwatch, "010300 070000", "field 1 has 3 bytes; it must have 4"),
        (Watching, "010400 07000000 020100 09", "field 2 has a value that is not known"),
        (Watched, "010400 07000000 020100 22", "parameters are unparsable"),
    ],
)
def test_broken(kind: type[Extension], body: str, wrong: str) -> None:
    """What is wrong with a body is said."""
    with pytest.raises(ParseError, match=wrong):
        kind.from_body(bytes.fromhex(body))


def test_unknown_fields_are_passed_over() -> None:
    """A later version may say more."""
    more = write_tagged([(9, b"new"), (1, b"\7\0\0\0"), (200, b"")])
    assert Unwatch.from_body(more) == Unwatch(7)


def test_text_that_is_no_utf8() -> None:
    """Text for a person is shown somehow."""
    body = write_tagged([(1, b"\1"), (2, b"\xff")])
    assert SearchNote.from_body(body).text == "\ufffd"


@given(st.binary(max_size=60))
def test_garbage(body: bytes) -> None:
    """Any bytes are read or refused, by every message."""
    for kind in (*FROM_CLIENT.values(), *FROM_SERVER.values()):
        try:
            message = kind.from_body(body)
        except ParseError:
            continue
        assert kind.from_body(message.body()) == message


@given(st.dictionaries(st.integers(0, 255), st.binary(max_size=20)))
def test_tagged_fields(fields: dict[int, bytes]) -> None:
    """Fields are read as they were written."""
    assert read_tagged(write_tagged(fields.items())) == fields


def test_a_field_that_is_too_long() -> None:
    """A field has at most 65,535 bytes."""
    with pytest.raises(ParseError, match="too long"):
        write_tagged([(1, bytes(65_536))])


def test_frames_around_a_finished_hit() -> None:
    """The shortcut writes what the message writes."""
    frames = [Watched(id_, HIT).frame() for id_ in (258, 0, 2**32 - 1)]
    assert list(watched_frames(HIT.body(), (258, 0, 2**32 - 1))) == frames


@pytest.mark.parametrize(
    ("client", "speaks"),
    [
        (b"napster 0.1.0 +ext1", True),
        (b"napster 0.1.0", False),
        (b"+ext1", False),
        (b"x +ext12", False),
        (b"", False),
    ],
)
def test_marker(client: bytes, speaks: bool) -> None:  # noqa: FBT001  # a parameter
    """Only the marker at the very end counts."""
    assert speaks_extension(client) is speaks


def test_limits() -> None:
    """Extension messages may be longer than old ones, and no others."""
    frame = encode(20015, bytes(MAX_EXTENSION_BODY))
    assert list(FrameReader(body_limit).feed(frame)) == [(20015, bytes(MAX_EXTENSION_BODY))]
    for number, length in ((20015, MAX_EXTENSION_BODY + 1), (201, MAX_BODY + 1), (20064, 2049)):
        with pytest.raises(FrameTooLongError):
            list(FrameReader(body_limit).feed(encode(number, bytes(length))))


def _rows() -> list[tuple[str, ...]]:
    return re.findall(r"^\| (\d+) \| ([CS]) \| (\w+) \|", PAGE, re.MULTILINE)


def test_the_page_has_every_message() -> None:
    """The page names each message, its number and its sender."""
    tables: dict[str, Any] = {"C": FROM_CLIENT, "S": FROM_SERVER}
    told = {(sender, int(number), name) for number, sender, name in _rows()}
    made = {
        (s, number, kind.__name__) for s, table in tables.items() for number, kind in table.items()
    }
    assert told == made
    assert f"`{MARKER.decode()}`" in PAGE
    assert f"{MAX_EXTENSION_BODY:,} bytes" in PAGE


@pytest.mark.parametrize("kind", [*FROM_CLIENT.values(), *FROM_SERVER.values()])
def test_the_page_has_every_field(kind: type[Extension]) -> None:
    """The page has a row for each field, and no row more."""
    section = PAGE.split(f"### {kind.type} ")[1].split("\n#")[0]
    told = re.findall(r"^\| (\d+) \| (\w+) \|", section, re.MULTILINE)
    assert told == [(str(tag.key), name) for name, tag, _ in kind._tags]


@pytest.mark.parametrize("values", [Reason, WatchState])
def test_the_page_has_every_value(values: Any) -> None:
    """The page explains each number of an enumeration."""
    for value in values:
        name = value.name.lower().replace("_", " ")
        assert re.search(rf"^\| {value.value} \| {name} \|", PAGE, re.MULTILINE)


def test_the_dump_on_the_page() -> None:
    """The frame shown in hexadecimal is what it is said to be."""
    lines = re.findall(r"^    ((?:[0-9a-f]{2} +)+[0-9a-f]{2})\b", PAGE, re.MULTILINE)
    frame = bytes.fromhex("".join(lines))
    ((number, body),) = FrameReader().feed(frame)
    assert number == extension.Watch.type
    assert Watch.from_body(body) == Watch(7, b'FILENAME CONTAINS "debian"')
