"""The page's table of message numbers tells what the index does, and leaves none out."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from napster.index import refused
from napster.index.themes import STAGES
from napster.wire.messages import CLIENT_MESSAGES, SERVER_MESSAGES
from napster.wire.messages.login import LoginError
from tests.index.harness import World

DOCS = Path(__file__).parents[2] / "docs"
ROW = re.compile(r"^\| (\d+)(?:-(\d+))? \| ([CS, ]+) \|[^|]*\| (\w+) \|[^|]*\|$", re.MULTILINE)
TEXT = (DOCS / "interoperability.md").read_text("utf-8").partition("## Every message number")[2]
STATUSES = {"done", "refused", "unknown", "never"}


def rows() -> Iterator[tuple[str, int, str]]:
    """Give each number of the table with its sender and what is said about it."""
    for first, last, senders, status in ROW.findall(TEXT):
        for sender in senders.split(", "):
            for number in range(int(first), int(last or first) + 1):
                yield sender, number, status


def numbers(sender: str, status: str) -> set[int]:
    """List the numbers of which the table says something."""
    return {number for who, number, said in rows() if (who, said) == (sender, status)}


def test_every_line_is_read() -> None:
    """No line of the table is passed over, no number is there twice, no word is invented."""
    lines = [line for line in TEXT.splitlines() if re.match(r"\| \d", line)]
    assert len(lines) == len(ROW.findall(TEXT))
    assert Counter((sender, number) for sender, number, _ in rows()).most_common(1)[0][1] == 1
    assert {status for _, _, status in rows()} == STATUSES


def test_done() -> None:
    """What is said to be done is what the index takes and what it sends."""
    taken = set(STAGES.before) | set(STAGES.online)
    assert numbers("C", "done") == {each for each in taken if each < 20_000} - set(refused.COMMANDS)
    assert numbers("S", "done") == {each for each in SERVER_MESSAGES if each < 20_000}


def test_refused() -> None:
    """What is said to be refused is."""
    assert numbers("C", "refused") == set(refused.COMMANDS)


def test_before_the_login(world: World) -> None:
    """The numbers that are said to be taken are; each other one ends the connection."""
    told = re.search(r"all numbers but ([\d, and]+) are\s+answered by 0 `invalid command`", TEXT)
    assert told is not None
    taken = {int(number) for number in re.findall(r"\d+", told[1])}
    assert taken == set(STAGES.before)
    for number in {number for sender, number, _ in rows() if sender == "C"} - taken:
        guest = world.connect()
        assert guest.tell(number, b"anna 5") == [LoginError(b"invalid command")], number
        assert guest.closed


def test_never() -> None:
    """A client never says anything that the table does not know; a server's silence is silence."""
    assert numbers("C", "never") == set()
    assert not numbers("S", "never") & set(SERVER_MESSAGES)
    assert {each for each in CLIENT_MESSAGES if each < 20_000} <= numbers("C", "done")


@pytest.mark.parametrize("number", sorted(numbers("C", "unknown")))
def test_unknown(world: World, number: int) -> None:
    """What is said to be unknown is, and the session goes on."""
    anna = world.login("anna")
    (answer,) = anna.tell(number, b"anna 5")
    assert answer.body() == b"Unknown command code %d" % number
    assert not anna.closed


def test_the_protocol_page_names_no_others() -> None:
    """Every number of the protocol's page is in the table."""
    page = (DOCS / "protocol.md").read_text("utf-8")
    told = re.findall(r"^\| (\d+) \| ([CS, ]+) \|", page, re.MULTILINE)
    page_rows = {(who, int(number)) for number, senders in told for who in senders.split(", ")}
    assert page_rows <= {(who, number) for who, number, _ in rows()}
