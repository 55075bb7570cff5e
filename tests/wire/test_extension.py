"""Extension messages, byte by byte, and what becomes of broken ones."""

import re
from pathlib import Path
from typing import Any

import attrs
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
    ContentFile,
    ContentRecords,
    ContentShared,
    ContentSource,
    CopiesCounted,
    CountCopies,
    Extension,
    Family,
    Feature,
    Find,
    FindEnd,
    FindRare,
    FindSources,
    Found,
    Greeting,
    Hello,
    RareTold,
    Reason,
    RefusedFile,
    RelayReady,
    RelayRefused,
    RelayRequest,
    Role,
    SearchNote,
    ShareContent,
    Task,
    TicketIssued,
    Unwatch,
    UploadState,
    Watch,
    Watched,
    Watching,
    WatchState,
    body_limit,
    content_record,
    share_content_body,
    speaks_extension,
    watched_frames,
)
from napster.wire.framing import MAX_BODY, FrameReader, encode
from napster.wire.messages import CLIENT_MESSAGES, SERVER_MESSAGES
from napster.wire.messages.searching import SearchHit
from napster.wire.messages.sharing import Share
from napster.wire.tagged import read_tagged, write_tagged

PAGE = (Path(__file__).parents[2] / "docs" / "extensions.md").read_text("utf-8")
HIT = SearchHit(b"a song.mp3", b"0" * 32, 5, 128, 44100, 60, "anna", 16777343, 8)

ID = bytes(range(32))
TICKET = bytes(range(16))
FILE = ContentFile(b"a.mp3", 2**33 + 5, ID, TICKET, 128, 44100, 240)
OTHER = ContentFile(b"", 0, ID, bytes(16), 0, 0, 0)
FILE_BYTES = (
    "0500 612e6d7033 0500000002000000"
    + (ID + TICKET).hex()
    + "8000 44ac0000 f0000000"
    + "0000 0000000000000000"
    + (ID + bytes(16)).hex()
    + "0000 00000000 00000000"
)

GOLDEN: list[tuple[Extension, str]] = [
    (
        Hello(1, Feature.CONTENT, 16_384, "1.2.3.4"),
        "010100 01 020400 01000000 030400 00400000 040700 312e322e332e34",
    ),
    (Greeting(1, Feature.CONTENT), "010100 01 020400 01000000"),
    (
        Greeting(1, Feature.SECURE, families=Family.IPV4 | Family.IPV6),
        "010100 01 020400 02000000 040100 03",
    ),
    (
        Greeting(1, Feature.CONTENT | Feature.SECURE, ID),
        "010100 01 020400 03000000 032000" + ID.hex(),
    ),
    (UploadState(3, 258), "010200 0300 020200 0201"),
    (ShareContent(7, b"M\\", (FILE, OTHER)), "010400 07000000 020200 4d5c 038d00" + FILE_BYTES),
    (ContentShared(7, 2, ()), "010400 07000000 020400 02000000 030000"),
    (
        ContentShared(7, 0, (RefusedFile(0, "no"), RefusedFile(258, ""))),
        "010400 07000000 020400 00000000 030a00 0000 0200 6e6f 0201 0000",
    ),
    (Find(7, b"x"), "010400 07000000 020100 78"),
    (
        Found(7, HIT, 2**33, 3, 2, 1),
        "010400 07000000 024c00" + HIT.body().hex() + "030800 0000000002000000"
        "040400 03000000 050400 02000000 060400 01000000",
    ),
    (
        Found(7, HIT, 5, 3, 2, 1, ID, 2**32),
        "010400 07000000 024c00" + HIT.body().hex() + "030800 0500000000000000"
        "040400 03000000 050400 02000000 060400 01000000 072000" + ID.hex() + "080800"
        "0000000001000000",
    ),
    (FindEnd(7), "010400 07000000"),
    (FindSources(7, ID), "010400 07000000 022000" + ID.hex()),
    (
        ContentSource(7, b"anna", b"a\\b", 16777343, 6699, 8),
        "010400 07000000 020400 616e6e61 030300 615c62 040400 7f000001 050200 2b1a 060100 08",
    ),
    (
        ContentSource(7, b"anna", b"a", 0, 0, 0, 2, 258, ID),
        "010400 07000000 020400 616e6e61 030100 61 040400 00000000 050200 0000 060100 00"
        "070200 0200 080200 0201 092000" + ID.hex(),
    ),
    (
        TicketIssued(b"anna", b"a", TICKET, "1.2.3.4", Role.CONNECTOR, 60, Task.UPLOAD, ID),
        "010400 616e6e61 020100 61 031000" + TICKET.hex() + "050700 312e322e332e34 060100 01"
        "070200 3c00 080100 02 042000" + ID.hex(),
    ),
    (
        TicketIssued(b"a", b"b", TICKET, "", Role.ACCEPTOR, 60, Task.DOWNLOAD),
        "010100 61 020100 62 031000" + TICKET.hex() + "050000 060100 02 070200 3c00 080100 01",
    ),
    (RelayRequest(TICKET), "011000" + TICKET.hex()),
    (
        RelayReady(TICKET, 8889, TICKET[::-1]),
        "011000" + TICKET.hex() + "020200 b922 031000" + TICKET[::-1].hex(),
    ),
    (RelayRefused(TICKET, "full"), "011000" + TICKET.hex() + "020400 66756c6c"),
    (CountCopies(7, ID + ID), "010400 07000000 024000" + (ID + ID).hex()),
    (CopiesCounted(7, bytes(4)), "010400 07000000 020400 00000000"),
    (FindRare(7), "010400 07000000"),
    (FindRare(7, 2**63), "010400 07000000 020800 0000000000000080"),
    (
        RareTold(7, 3, 2, 2**33),
        "010400 07000000 020800 0300000000000000 030800 0200000000000000040800 0000000002000000",
    ),
    (
        RareTold(7, 0, 0, 0, 1),
        "010400 07000000 020800 0000000000000000 030800 0000000000000000"
        "040800 0000000000000000 050800 0100000000000000",
    ),
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
        (Greeting, "010100 01 020400 01000000 030100 00", "field 3 has 1 bytes; it must have 32"),
        (ShareContent, "010400 07000000 020000 030100 00", "the last file is cut short"),
        (ShareContent, "010400 07000000 020000 030300 010061", "the last file is cut short"),
        (ContentShared, "010400 07000000 020400 00000000 030100 00", "the last refusal is cut"),
        (ContentShared, "010400 07000000 020400 00000000 030400 00000100", "the last refusal is"),
    ],
)
def test_broken(kind: type[Extension], body: str, wrong: str) -> None:
    """What is wrong with a body is said."""
    with pytest.raises(ParseError, match=wrong):
        kind.from_body(bytes.fromhex(body))


def test_features_not_known_yet_are_kept() -> None:
    """What a later version can do besides does no harm."""
    assert Greeting.from_body(Greeting(1, Feature(129)).body()).features & Feature.CONTENT


def test_files_written_fast_make_the_same_message() -> None:
    """Whoever has many files to offer need not make a message of each."""
    facts: list[tuple[Any, ...]] = [FILE, OTHER]
    records = [content_record(*fact[:4], fact[4:]) for fact in facts]
    body = share_content_body(7, b"M\\", records)
    assert body == ShareContent(7, b"M\\", (FILE, OTHER)).body()


def test_an_offer_with_its_content_id() -> None:
    """What the old message says of a file, and the content id, are all kept."""
    offer = Share(b"M\\a.mp3", b"0123456789abcdef" * 2 + b"-5", 5, 128, 44100, 60)
    file = ContentFile.of(offer, ID)
    assert file == ContentFile(
        b"a.mp3", 5, ID, bytes.fromhex("0123456789abcdef" * 2), 128, 44100, 60
    )
    read = ContentRecords.from_body(ShareContent(7, b"M\\", [file]).body())
    assert [Share.from_body(each) for each in read.records] == [
        attrs.evolve(offer, md5=offer.md5[:32])
    ]
    assert (read.batch, read.contents) == (7, [ID])


def test_an_offer_whose_numbers_do_not_fit() -> None:
    """A hash that is none is left out; numbers are cut to what the fields can hold."""
    file = ContentFile.of(Share(b"a", b"NOMD5COMPUTED", 5, 2**17, 2**33, 2**34), ID)
    assert file == ContentFile(b"a", 5, ID, bytes(16), 2**16 - 1, 2**32 - 1, 2**32 - 1)


FILES = st.builds(
    ContentFile,
    st.binary(max_size=20),
    st.integers(0, 2**64 - 1),
    st.binary(min_size=32, max_size=32),
    st.binary(min_size=16, max_size=16),
    st.integers(0, 2**16 - 1),
    st.integers(0, 2**32 - 1),
    st.integers(0, 2**32 - 1),
)


@given(st.lists(FILES, max_size=5).map(tuple), st.data())
def test_files_with_content_ids(files: tuple[ContentFile, ...], data: st.DataObject) -> None:
    """Files are read as they were written, and never from a part of what was written."""
    value = read_tagged(ShareContent(1, b"", files).body())[3]
    assert ShareContent.from_body(ShareContent(1, b"", files).body()).files == files
    cut = value[: data.draw(st.integers(0, len(value)))]
    body = write_tagged([(1, bytes(4)), (2, b""), (3, cut)])
    try:
        read = ShareContent.from_body(body)
    except ParseError:
        with pytest.raises(ParseError):
            ContentRecords.from_body(body)
        return
    assert tuple(read.files) == files[: len(read.files)]
    contents = [file.content_id for file in read.files]
    assert ContentRecords.from_body(body).contents == contents


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


@pytest.mark.parametrize("values", [Feature, Reason, WatchState])
def test_the_page_has_every_value(values: Any) -> None:
    """The page explains each number of an enumeration."""
    for value in values:
        name = value.name.lower().replace("_", " ")
        assert re.search(rf"^\| {value.value} \| {name} \|", PAGE, re.MULTILINE)


def test_the_dump_on_the_page() -> None:
    """The frame shown in hexadecimal is what it is said to be."""
    messages = PAGE.split("## Between peers")[0]
    lines = re.findall(r"^    ((?:[0-9a-f]{2} +)+[0-9a-f]{2})\b", messages, re.MULTILINE)
    frame = bytes.fromhex("".join(lines))
    ((number, body),) = FrameReader().feed(frame)
    assert number == extension.Watch.type
    assert Watch.from_body(body) == Watch(7, b'FILENAME CONTAINS "debian"')


@pytest.mark.parametrize(("joined", "count"), [(0, 0), (31, 0), (32, 1), (65, 2)])
def test_ids_one_by_one(joined: int, count: int) -> None:
    """What is left over at the end is no id."""
    assert CountCopies(1, bytes(joined)).ids == [bytes(32)] * count


def test_counts_one_by_one() -> None:
    """A count has four bytes."""
    assert CopiesCounted(1, bytes.fromhex("01000000 00010000 ff")).numbers == [1, 256]
