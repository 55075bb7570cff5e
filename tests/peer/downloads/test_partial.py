"""What is on the disk of a file under way, and what of it is believed."""

import errno
import os
import struct
from pathlib import Path

import pytest
from blake3 import blake3
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from napster.peer.downloads.marks import MarksFile
from napster.peer.downloads.partial import PartialFile, Place
from napster.peer.library.hash import PIECE_SIZE
from tests.peer.downloads.helpers import content

DATA = content(3 * PIECE_SIZE + 12_345)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path, "song.mp3")


def opened(place: Place) -> PartialFile:
    part = PartialFile(place)
    part.open()
    return part


def filled(place: Place, *ends: int) -> None:
    """Write DATA up to each end, one write each, as a killed daemon leaves it."""
    part = opened(place)
    for end in ends:
        part.write(part.here, memoryview(DATA)[part.here : end])
    part.close()


def trusted(place: Place) -> int:
    """Open as a new daemon does; check what is believed, and tell how much it is."""
    part = opened(place)
    for piece, length in part.lengths().items():
        start = piece * PIECE_SIZE
        assert part.read(start, length) == DATA[start : start + length]
        assert part.digest(piece) == blake3(DATA[start : start + length]).digest()
    assert place.part.stat().st_size == max(
        (n * PIECE_SIZE + part.length(n) for n in part.lengths()), default=0
    )
    part.close()
    assert part.here == sum(part.lengths().values())
    return part.here


def test_a_killed_daemon_loses_nothing_that_is_marked(place: Place) -> None:
    """Everything written is there again after a restart."""
    filled(place, 1, 1000, PIECE_SIZE, PIECE_SIZE + 7, 3 * PIECE_SIZE + 1)
    assert trusted(place) == 3 * PIECE_SIZE + 1


def test_bytes_without_a_mark_are_cut_off(place: Place) -> None:
    """Bytes that were written and not marked are not believed, even if they are right."""
    filled(place, PIECE_SIZE, PIECE_SIZE + 500)
    with place.part.open("ab") as file:
        file.write(DATA[PIECE_SIZE + 500 : PIECE_SIZE + 900])
    assert trusted(place) == PIECE_SIZE + 500


def test_a_mark_without_its_bytes_is_not_believed(place: Place) -> None:
    """Marks that claim more than is on the disk count up to where it ends."""
    filled(place, 1000, 2000, 3000)
    os.truncate(place.part, 2500)
    assert trusted(place) == 2000


def test_zeros_after_a_power_cut_are_not_believed(place: Place) -> None:
    """A file whose length was saved and whose bytes were not is cut where the zeros begin."""
    filled(place, PIECE_SIZE, 2 * PIECE_SIZE, 3 * PIECE_SIZE)
    os.truncate(place.part, PIECE_SIZE)
    os.truncate(place.part, 3 * PIECE_SIZE)
    assert trusted(place) == PIECE_SIZE


def test_a_changed_byte_is_noticed(place: Place) -> None:
    """Somebody else's change of the partial file costs only what lies behind it in its piece."""
    filled(place, PIECE_SIZE // 2, PIECE_SIZE, 2 * PIECE_SIZE)
    with place.part.open("r+b") as file:
        file.seek(PIECE_SIZE - 1)
        file.write(bytes([DATA[PIECE_SIZE - 1] ^ 1]))
    assert trusted(place) == PIECE_SIZE // 2 + PIECE_SIZE


@pytest.mark.parametrize("garbage", [b"", b"x", b"\0" * 80, b"\xff" * 4000])
def test_garbage_marks_are_worth_nothing(place: Place, garbage: bytes) -> None:
    """Without marks that make sense nothing is believed, and writing can begin anew."""
    filled(place, 5000)
    place.marks.write_bytes(garbage)
    assert trusted(place) == 0
    filled(place, 7000)
    assert trusted(place) == 7000


@given(cut=st.integers(0, 200))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_marks_cut_anywhere(place: Place, cut: int) -> None:
    """Marks that end in the middle of an entry count up to the last whole one."""
    place.part.unlink(missing_ok=True)
    place.marks.unlink(missing_ok=True)
    filled(place, 100, 200, 300, 400, 500)
    os.truncate(place.marks, cut)
    assert trusted(place) == cut // 40 * 100


def test_no_partial_file(place: Place) -> None:
    """Marks without a partial file begin at nothing."""
    filled(place, 5000)
    place.part.unlink()
    assert trusted(place) == 0


PIECES = st.integers(0, 3)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), PIECES, st.integers(1, PIECE_SIZE + 4096)),
        st.tuples(st.just("forget"), PIECES, st.just(0)),
        st.tuples(st.just("rewind"), st.just(0), st.integers(0, 3 * PIECE_SIZE)),
        st.tuples(st.just("reopen"), st.just(0), st.just(0)),
        st.tuples(st.just("kill"), st.just(0), st.integers(0, 3000)),
    ),
    max_size=14,
)


class Model:
    """What a partial file has to hold after a history: of each piece so many bytes."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.part = opened(place)
        self.lengths = dict.fromkeys(range(4), 0)

    def write(self, piece: int, count: int) -> None:
        at = piece * PIECE_SIZE + self.lengths[piece]
        count = min(count, (piece + 1) * PIECE_SIZE - at, len(DATA) - at)
        self.part.write(at, memoryview(DATA)[at : at + count])
        self.lengths[piece] += count

    def forget(self, piece: int, _: int) -> None:
        self.part.forget([piece])
        self.lengths[piece] = 0

    def rewind(self, _: int, offset: int) -> None:
        self.part.rewind(offset)
        for piece, length in self.lengths.items():
            self.lengths[piece] = max(0, min(length, offset - piece * PIECE_SIZE))

    def reopen(self, *_: int) -> None:
        self.part.close()
        self.part.open()

    def kill(self, _: int, junk: int) -> None:
        self.part.close()
        with self.place.part.open("ab") as file:
            file.write(b"?" * junk)
        self.part = opened(self.place)

    def check(self) -> None:
        assert self.part.here == sum(self.lengths.values())
        for piece, length in self.lengths.items():
            start = piece * PIECE_SIZE
            assert self.part.length(piece) == length
            assert self.part.digest(piece) == blake3(DATA[start : start + length]).digest()
            if length < PIECE_SIZE:
                assert self.part.read(start, len(DATA)) == DATA[start : start + length]


@given(steps=STEPS)
@example(steps=[("write", 0, 1), ("rewind", 0, PIECE_SIZE)])
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_any_history(place: Place, steps: list[tuple[str, int, int]]) -> None:
    """Whatever is written, forgotten, closed and killed, in any order of pieces, is as told."""
    for path in (place.part, place.marks):
        path.unlink(missing_ok=True)
    model = Model(place)
    for step, piece, count in steps:
        getattr(model, step)(piece, count)
        model.check()
    model.part.close()
    assert trusted(place) == sum(model.lengths.values())


def test_pieces_in_any_order(place: Place) -> None:
    """Pieces that came out of order are all there after a restart, and the file has holes."""
    part = opened(place)
    for piece in (2, 0):
        start = piece * PIECE_SIZE
        part.write(start, memoryview(DATA)[start : start + PIECE_SIZE])
    part.write(3 * PIECE_SIZE, memoryview(DATA)[3 * PIECE_SIZE :][:100])
    part.close()
    assert MarksFile(place.marks).claimed() == 2 * PIECE_SIZE + 100
    part = opened(place)
    assert part.lengths() == {0: PIECE_SIZE, 2: PIECE_SIZE, 3: 100}
    assert part.gapless(0) == PIECE_SIZE
    assert part.gapless(2 * PIECE_SIZE - 1) == 0
    assert part.gapless(2 * PIECE_SIZE + 1) == PIECE_SIZE + 99
    part.close()


def test_what_an_earlier_version_left_is_gone_on_with(place: Place) -> None:
    """Marks that only ever rise, as they were before pieces came in any order, still count."""
    ends = (500, PIECE_SIZE, PIECE_SIZE + 9)
    starts = ((end - 1) // PIECE_SIZE * PIECE_SIZE for end in ends)
    hashes = (blake3(DATA[start:end]).digest() for start, end in zip(starts, ends, strict=True))
    entries = (struct.pack("<Q32s", *entry) for entry in zip(ends, hashes, strict=True))
    place.marks.write_bytes(b"".join(entries))
    place.part.write_bytes(DATA[: PIECE_SIZE + 9])
    assert trusted(place) == PIECE_SIZE + 9


def test_a_hole_cannot_be_skipped(place: Place) -> None:
    """Bytes are taken only where those before them in their piece are here."""
    part = opened(place)
    with pytest.raises(ValueError, match="piece 1 goes on at 0, not 5"):
        part.write(PIECE_SIZE + 5, memoryview(b"x"))
    part.close()


def test_what_was_forgotten_is_not_believed_again(place: Place) -> None:
    """A piece that was wrong and is still on the disk does not count after a kill."""
    part = opened(place)
    part.write(0, memoryview(DATA))
    part.forget([1])
    part.close()
    assert place.part.read_bytes() == DATA
    part = opened(place)
    assert part.lengths() == {0: PIECE_SIZE, 2: PIECE_SIZE, 3: 12_345}
    part.close()


def test_a_zeroed_piece_costs_that_piece_alone(place: Place) -> None:
    """A piece whose bytes a power cut has lost is fetched again, and no other."""
    filled(place, len(DATA))
    with place.part.open("r+b") as file:
        file.seek(PIECE_SIZE)
        file.write(bytes(PIECE_SIZE))
    assert trusted(place) == len(DATA) - PIECE_SIZE
    assert trusted(place) == len(DATA) - PIECE_SIZE


def test_the_marks_at_whole_pieces_are_the_piece_hashes(place: Place) -> None:
    """Content ids can later be made from the marks without reading the file again."""
    filled(place, 700, PIECE_SIZE + 3, 3 * PIECE_SIZE)
    entries = MarksFile(place.marks).open()
    whole = {mark.end: mark.digest for mark in entries if mark.end % PIECE_SIZE == 0}
    assert whole == {
        end: blake3(DATA[end - PIECE_SIZE : end]).digest()
        for end in range(PIECE_SIZE, 4 * PIECE_SIZE, PIECE_SIZE)
    }


def test_what_this_daemon_wrote_is_not_read_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two tries a big partial file is not hashed anew, unless somebody touched it."""
    part = opened(place)
    part.write(0, memoryview(DATA))
    part.close()
    monkeypatch.setattr(PartialFile, "_trust", lambda *_: pytest.fail("read again"))
    part.open()
    part.close()
    os.utime(place.part, ns=(1, 1))
    with pytest.raises(pytest.fail.Exception, match="read again"):
        part.open()
    part.close()


def test_after_a_failed_write_the_disk_is_read_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that fills up in the middle of a write leaves what was marked before."""
    part = opened(place)
    part.write(0, memoryview(DATA)[:5000])
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", lambda *_: 7)
        with pytest.raises(OSError, match="No space left") as caught:
            part.write(5000, memoryview(DATA)[5000:9000])
    assert caught.value.errno == errno.ENOSPC
    part.close()
    part.open()
    assert part.here == 5000
    part.write(5000, memoryview(DATA)[5000:9000])
    part.close()
    assert trusted(place) == 9000


def test_differences(place: Place) -> None:
    """Comparing tells exactly where content parts from what is here."""
    part = opened(place)
    part.write(0, memoryview(DATA)[:5000])
    assert part.first_difference(100, memoryview(DATA)[100:5000]) is None
    assert part.first_difference(100, memoryview(b"")) is None
    other = bytearray(DATA[100:5000])
    other[77] ^= 1
    assert part.first_difference(100, memoryview(other)) == 177
    assert part.first_difference(4990, memoryview(DATA)[4990:5010]) == 5000
    part.close()


@pytest.mark.parametrize("kind", ["link", "fifo", "folder"])
def test_what_is_no_file_is_not_opened(place: Place, tmp_path: Path, kind: str) -> None:
    """A link, pipe or folder under the name of the partial file is refused, and nothing hangs."""
    target = tmp_path / "precious"
    target.write_text("precious")
    if kind == "link":
        place.part.symlink_to(target)
    elif kind == "fifo":
        os.mkfifo(place.part)
    else:
        place.part.mkdir()
    part = PartialFile(place)
    with pytest.raises(OSError, match=r"song.mp3.part"):
        part.open()
    part.close()
    assert target.read_text() == "precious"


def test_the_mode_does_not_depend_on_the_umask(place: Place) -> None:
    """A daemon with a private umask saves files that others may read, if it is told so."""
    before = os.umask(0o077)
    try:
        filled(place, 10)
    finally:
        os.umask(before)
    assert place.part.stat().st_mode & 0o777 == 0o644


def test_a_disk_without_modes(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that cannot set a mode, as FAT, is good enough to download to."""

    def refuse(*_args: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "fchmod", refuse)
    filled(place, 1000)
    assert trusted(place) == 1000
