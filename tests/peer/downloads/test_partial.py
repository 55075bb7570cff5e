"""What is on the disk of a file under way, and what of it is believed."""

import errno
import os
from pathlib import Path

import pytest
from blake3 import blake3
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from napster.peer.downloads import marks as marks_module
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
    """Write DATA up to each end, one append each, as a killed daemon leaves it."""
    part = opened(place)
    for end in ends:
        part.append(memoryview(DATA)[part.offset : end])
    part.close()


def trusted(place: Place) -> int:
    """Open as a new daemon does; check what is believed, and tell how much it is."""
    part = opened(place)
    assert place.part.read_bytes() == DATA[: part.offset]
    part.close()
    return part.offset


def test_a_killed_daemon_loses_nothing_that_is_marked(place: Place) -> None:
    """Everything appended is there again after a restart."""
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
    """Somebody else's change of the partial file costs only what lies behind it."""
    filled(place, PIECE_SIZE // 2, PIECE_SIZE, 2 * PIECE_SIZE)
    with place.part.open("r+b") as file:
        file.seek(PIECE_SIZE - 1)
        file.write(bytes([DATA[PIECE_SIZE - 1] ^ 1]))
    assert trusted(place) == PIECE_SIZE // 2


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


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("append"), st.integers(1, PIECE_SIZE + 4096)),
        st.tuples(st.just("reopen"), st.just(0)),
        st.tuples(st.just("kill"), st.integers(0, 3000)),
        st.tuples(st.just("rewind"), st.integers(0, 3 * PIECE_SIZE)),
    ),
    max_size=12,
)


@given(steps=STEPS)
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_any_history(place: Place, steps: list[tuple[str, int]]) -> None:
    """Whatever is appended, rewound, closed and killed, the disk holds the start of the content."""
    for path in (place.part, place.marks):
        path.unlink(missing_ok=True)
    part, expected = opened(place), 0
    for step, count in steps:
        if step == "append":
            part.append(memoryview(DATA)[expected : expected + count])
            expected = min(len(DATA), expected + count)
        elif step == "rewind":
            part.rewind(count)
            expected = min(expected, count)
        elif step == "reopen":
            part.close()
            part.open()
        else:
            part.close()
            with place.part.open("ab") as file:
                file.write(b"?" * count)
            part = opened(place)
        assert part.offset == expected
        assert part.read(0, len(DATA)) == DATA[:expected]
    part.close()
    assert trusted(place) == expected


def test_the_marks_at_whole_pieces_are_the_piece_hashes(place: Place) -> None:
    """Content ids can later be made from the marks without reading the file again."""
    filled(place, 700, PIECE_SIZE + 3, 3 * PIECE_SIZE)
    entries = marks_module.MarksFile(place.marks).open()
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
    part.append(memoryview(DATA))
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
    part.append(memoryview(DATA)[:5000])
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", lambda *_: 7)
        with pytest.raises(OSError, match="No space left") as caught:
            part.append(memoryview(DATA)[5000:9000])
    assert caught.value.errno == errno.ENOSPC
    part.close()
    part.open()
    assert part.offset == 5000
    part.append(memoryview(DATA)[5000:9000])
    part.close()
    assert trusted(place) == 9000


def test_differences(place: Place) -> None:
    """Comparing tells exactly where content parts from what is here."""
    part = opened(place)
    part.append(memoryview(DATA)[:5000])
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
