"""The protocol's page tells the truth: its numbers, examples and bytes are those of the code."""

import re
from pathlib import Path

import pytest

from napster.wire.messages import CLIENT_MESSAGES, SERVER_MESSAGES, Message
from napster.wire.search import SearchQuery, parse_words, query_body
from napster.wire.search.human import SPEEDS
from napster.wire.transfer import QUIET_TIME, Refusal
from napster.wire.transfer.handshake import MAX_LINE

PAGE = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text("utf-8")
TABLES = {"C": CLIENT_MESSAGES, "S": SERVER_MESSAGES}
ROWS = re.findall(r"^\| (\d+) \| ([CS, ]+) \|.*?\| (?:`([^`]*)`|\(empty\)) \|", PAGE, re.MULTILINE)
HEADER = r"(?:[0-9a-f]{2} ){3}[0-9a-f]{2}"
FRAMES = re.findall(rf"^    ([CS])  ({HEADER})(?:  (.*))?$", PAGE, re.MULTILINE)


def _class(sender: str, number: int) -> type[Message]:
    return TABLES[sender][number]


def test_every_message_is_on_the_page_and_no_other() -> None:
    """Each number of each sender has its row."""
    told = [(sender, int(number)) for number, senders, _ in ROWS for sender in senders.split(", ")]
    assert sorted(told) == sorted(
        (sender, number) for sender, table in TABLES.items() for number in table
    )


@pytest.mark.parametrize(("number", "senders", "example"), ROWS)
def test_examples_of_messages(number: str, senders: str, example: str) -> None:
    """Each example is read and written as it stands."""
    for sender in senders.split(", "):
        body = example.encode()
        assert _class(sender, int(number)).from_body(body).body() == body


@pytest.mark.parametrize(("sender", "header", "text"), FRAMES)
def test_frames_of_the_session(sender: str, header: str, text: str) -> None:
    """Each frame has the header that its message would be sent with."""
    frame = bytes.fromhex(header) + text.encode()
    message = _class(sender, int.from_bytes(frame[2:4], "little"))
    assert message.from_body(frame[4:]).frame() == frame


def test_the_frame_in_hexadecimal() -> None:
    """The dump at the beginning is the first frame of the session."""
    (dump,) = re.findall(r"^    (1d 00  02 00  .*)$", PAGE, re.MULTILINE)
    _, header, text = FRAMES[0]
    assert bytes.fromhex(dump) == bytes.fromhex(header) + text.encode()


def test_the_search_that_a_person_types() -> None:
    """The example is understood whole, filters and all."""
    (typed,) = re.findall(r"^    (sigur ros .*)$", PAGE, re.MULTILINE)
    query = parse_words(typed)
    plain = SearchQuery()
    named = ("bitrate", "size", "speed", "duration", "frequency", "extension", "type", "excludes")
    assert all(getattr(query, name) != getattr(plain, name) for name in named)
    assert query_body(query)


def test_names_and_figures() -> None:
    """Speeds, refusals and limits are named as the code has them."""
    assert all(f"`{name}`" in PAGE for name in SPEEDS)
    assert all(f"`{refusal}`" in PAGE for refusal in Refusal)
    assert f"{MAX_LINE:,} bytes" in PAGE
    assert f"{QUIET_TIME} s" in PAGE
