"""What the disk thread does with content: comparing, writing, checking the head."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from napster.peer.downloads.errors import ResumedWrongError, WrongContentError
from napster.peer.downloads.head import is_head, is_known, is_wrong
from napster.peer.downloads.intake import Intake, Target
from napster.peer.downloads.partial import PartialFile, Place
from napster.peer.downloads.people import Person
from napster.peer.downloads.record import Offer
from napster.peer.downloads.sources import Source
from tests.peer.downloads.helpers import content

DATA = content(400_000)
OTHER = content(400_000, seed=1)
ALICE = Source(Offer("alice", b"x"), Person())


@pytest.fixture
def part(tmp_path: Path) -> Iterator[PartialFile]:
    part = PartialFile(Place(tmp_path, "song.mp3"))
    part.open()
    yield part
    part.close()


def md5_of(data: bytes) -> str:
    return hashlib.md5(data).hexdigest()


def holding(part: PartialFile, data: bytes) -> PartialFile:
    part.rewind(0)
    part.write(0, memoryview(data))
    return part


def here(part: PartialFile) -> bytes:
    return part.read(0, 10**9)


def made(part: PartialFile, size: int, md5: str, start: int) -> Intake:
    return Intake(Target(part, size, md5), start, ALICE)


def feed(intake: Intake, data: bytes, step: int = 7000) -> None:
    for at in range(0, len(data), step):
        intake.take([data[at : at + step // 2], data[at + step // 2 : at + step]])


@given(known=st.integers(0, 5000), overlap=st.integers(0, 5000), step=st.integers(2, 6000))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_resuming_with_an_overlap(part: PartialFile, known: int, overlap: int, step: int) -> None:
    """However much is sent again, and in whatever pieces, the file goes on where it stopped."""
    start = max(0, known - overlap)
    holding(part, DATA[:known])
    feed(made(part, len(DATA), "", start), DATA[start:9000], step)
    assert here(part) == DATA[:9000]


def test_a_source_that_ignores_the_offset_is_found_out(part: PartialFile) -> None:
    """A source that sends from the start although asked for the rest changes nothing here."""
    holding(part, DATA[:100_000])
    intake = made(part, len(DATA), "", 90_000)
    with pytest.raises(ResumedWrongError, match="does not continue what is here"):
        intake.take([DATA[:20_000]])
    assert here(part) == DATA[:100_000]


def test_nothing_is_taken_after_an_error(part: PartialFile) -> None:
    """Content that was on its way to the disk when an error came up does not get there."""
    holding(part, DATA[:1000])
    intake = made(part, len(DATA), "", 500)
    with pytest.raises(ResumedWrongError):
        intake.take([OTHER[:1000]])
    assert intake.take([DATA[1000:2000]]) == 1000
    assert here(part) == DATA[:1000]


def test_a_source_asked_for_all_is_believed(part: PartialFile) -> None:
    """Where a source's content parts from what is here, its own is taken from there on."""
    holding(part, DATA[:5000] + OTHER[5000:9000])
    intake = made(part, len(DATA), "", 0)
    assert intake.began == 9000
    feed(intake, DATA[:20_000])
    assert here(part) == DATA[:20_000]
    assert intake.began == 5000


@pytest.mark.parametrize("size", [0, 1, 5, 299_007, 299_008, 300_000, 300_032, 350_000])
@pytest.mark.parametrize("length", [299_008, 300_000, 300_032])
def test_every_known_kind_of_head_is_accepted(part: PartialFile, size: int, length: int) -> None:
    """The MD5 may cover any of the lengths that were in use."""
    data = DATA[:size]
    target = Target(part, size, md5_of(data[:length]))
    feed(Intake(target, 0, ALICE), data)
    assert target.finish() == "head checked"


def tagged(tag: int) -> bytes:
    """Make a file with an ID3v2 tag of so many bytes after its header."""
    length = bytes((tag >> 7 * place) & 0x7F for place in (3, 2, 1, 0))
    return b"ID3\x03\0\0" + length + bytes(tag) + DATA


@pytest.mark.parametrize("tag", [0, 100, 50_000])
def test_a_tag_may_be_skipped_or_not(part: PartialFile, tag: int) -> None:
    """The head may begin behind the ID3v2 tag, or with it."""
    data = tagged(tag)
    holding(part, data)
    assert is_head(part, len(data), md5_of(data[10 + tag :][:299_008]))
    assert is_head(part, len(data), md5_of(data[:299_008]))
    assert not is_head(part, len(data), md5_of(data[1:][:299_008]))


def test_the_head_may_begin_with_the_first_frame(part: PartialFile) -> None:
    """Some programs skip what lies between the tag and the first MPEG frame."""
    rubbish = b"\xff\x01" + b"\0" * 98
    data = tagged(50)[:60] + rubbish + b"\xff\xfb" + DATA
    holding(part, data)
    assert is_head(part, len(data), md5_of(data[160:][:300_000]))


def test_a_wrong_head_is_noticed_as_soon_as_it_is_here(part: PartialFile) -> None:
    """Nobody downloads gigabytes of the wrong file: its head tells."""
    size = 10**10
    intake = made(part, size, md5_of(OTHER[:299_008]), 0)
    with pytest.raises(WrongContentError, match="not the file that was offered"):
        feed(intake, DATA)
    assert part.here < 311_000


def test_what_is_here_can_be_known_to_be_wrong(part: PartialFile) -> None:
    """Too little to know is not wrong, and what has no known hash never is."""
    right, wrong = md5_of(DATA[:299_008]), md5_of(OTHER[:299_008])
    holding(part, DATA[:299_000])
    assert not is_known(part, len(DATA))
    assert not is_wrong(part, len(DATA), wrong)
    holding(part, DATA[:310_000])
    assert is_known(part, len(DATA))
    assert is_wrong(part, len(DATA), wrong)
    assert not is_wrong(part, len(DATA), right)
    assert not is_wrong(part, len(DATA), "")


def test_a_wrong_small_file_is_noticed(part: PartialFile) -> None:
    """A file shorter than a head is checked when it is complete."""
    intake = made(part, 5, md5_of(b"12345"), 0)
    with pytest.raises(WrongContentError):
        intake.take([b"12346"])


def test_a_file_whose_hash_is_not_known(part: PartialFile) -> None:
    """Without a hash nothing is claimed."""
    target = Target(part, 5)
    Intake(target, 0, ALICE).take([b"12345"])
    assert target.finish() == "cannot be checked"


def test_an_empty_file_can_be_checked(part: PartialFile) -> None:
    """The hash of an empty file is that of no bytes."""
    assert Target(part, 0, md5_of(b"")).finish() == "head checked"
    with pytest.raises(WrongContentError):
        Target(part, 0, md5_of(b"x")).finish()
