"""Downloads that break off, or whose daemon does, and go on."""

import errno
import hashlib
import shutil

import attrs
import pytest

from napster.peer.api import DownloadState
from napster.peer.arrange import Arrangement
from napster.peer.downloads import restore
from napster.peer.downloads.partial import PartialFile, Place
from napster.peer.downloads.record import Offer, Record, Stage, save
from napster.peer.uploads.talk import SEGMENT_PAUSE
from tests.peer.downloads.helpers import ADDRESS, PATH, PORT, World, content, source_of, wanted_of

DATA = content(700_000)
MD5 = hashlib.md5(DATA[:299_008]).hexdigest()
MIB = 1 << 20


def left_behind(world: World, data: bytes, record: Record) -> None:
    """Put on the disk what a killed daemon has left of a download."""
    world.stop()
    place = Place(world.folder, record.name)
    save(place, record)
    part = PartialFile(place)
    part.open()
    part.write(0, memoryview(data))
    part.close()
    world.restart()


def test_a_lost_connection_goes_on_where_it_stopped(world: World) -> None:
    """After a lost connection at most 64 KiB are fetched again, soon, from the same source."""
    number = world.add(wanted_of(DATA, md5=MD5))
    world.source.send(b"1")
    world.tick(SEGMENT_PAUSE)
    world.source.send(b"700000" + DATA[:500_001])
    world.source.close()
    assert world.state_of(number) is DownloadState.WAITING
    assert "the connection ended after 488 KiB" in world.status(number).reason
    assert "next try in 0:0" in world.status(number).reason
    world.tick(5)
    world.source.send(b"1")
    world.tick(SEGMENT_PAUSE)
    offset = world.asked_offset()
    assert offset == 500_001 - 65_536
    world.source.send(b"700000" + DATA[offset:])
    world.source.close()
    world.tick()
    assert world.state_of(number) is DownloadState.DONE
    assert (world.folder / "song.mp3").read_bytes() == DATA


@pytest.mark.parametrize("killed", [True, False])
def test_a_restart_goes_on_by_itself(world: World, *, killed: bool) -> None:
    """A daemon started again goes on under the same number, fetching at most 1 MiB again."""
    data = content(3 * MIB)
    number = world.add(wanted_of(data))
    world.source.send(b"1")
    world.tick(SEGMENT_PAUSE)
    world.source.send(b"%d" % len(data) + data[: 2 * MIB], 10_000)
    if killed:
        world.kill()
    else:
        world.stop()
    world.restart()
    assert world.status(number).done >= MIB
    world.source.send(b"1")
    world.tick(SEGMENT_PAUSE)
    assert MIB <= world.asked_offset() < 2 * MIB
    world.source.send(b"%d" % len(data) + data[world.asked_offset() :])
    world.source.close()
    world.tick()
    assert world.state_of(number) is DownloadState.DONE
    assert (world.folder / "song.mp3").read_bytes() == data
    assert world.files() == ["song.mp3"]


def test_a_restart_finishes_what_was_complete(world: World) -> None:
    """A daemon killed between the last byte and the check needs neither index nor source."""
    world.arranger.online = False
    left_behind(world, DATA, Record(9, "song.mp3", len(DATA), MD5, (Offer("alice", PATH),)))
    status = world.status(9)
    assert status.state is DownloadState.DONE
    assert status.verified == "head checked"
    assert (world.folder / "song.mp3").read_bytes() == DATA
    assert world.files() == ["song.mp3"]


@pytest.mark.parametrize("size", [350_000, len(DATA)])
def test_wrong_content_on_the_disk_is_nobodys_fault(world: World, size: int) -> None:
    """What an earlier run has left and is wrong is fetched anew, also from the only source."""
    wrong = content(size, seed=1)
    left_behind(world, wrong, Record(9, "song.mp3", len(DATA), MD5, (Offer("alice", PATH),)))
    world.source.send(b"1")
    world.tick(SEGMENT_PAUSE)
    assert world.asked_offset() == 0
    world.source.send(b"700000" + DATA)
    world.tick()
    assert world.state_of(9) is DownloadState.DONE
    assert (world.folder / "song.mp3").read_bytes() == DATA


def test_a_size_learned_from_the_source_survives(world: World) -> None:
    """A size that an old index had cut, and the hash it told, are known after a restart."""
    world.arranger.answers["alice"] = Arrangement(
        "alice", PATH, ADDRESS, PORT, b"0123456789abcdef" * 2, 8
    )
    size = 2**32 + 7
    number = world.add(wanted_of(DATA, size=7))
    world.source.send(b"1")
    world.tick(SEGMENT_PAUSE)
    world.source.send(b"%d" % size + b"\xff" + DATA[:100_000])
    world.tick(1)
    world.kill()
    world.restart()
    assert world.status(number).size == size
    world.source.send(b"1")
    world.tick(SEGMENT_PAUSE)
    assert world.asked_offset() == 100_001 - 65_536


def test_numbers_are_not_used_again(world: World) -> None:
    """After a restart a new download does not get the number of one that ended before."""
    number = world.add(wanted_of(b"x"))
    world.answer(b"x")
    world.stop()
    world.restart()
    assert world.downloads.list() == []
    assert world.add(wanted_of(b"x", sources=[source_of("bob")])) == number + 1


def test_records_that_cannot_be_read_are_told(world: World) -> None:
    """A damaged record is named in the daemon's notes; its files stay, its name is not reused."""
    world.stop()
    (world.folder / "song.mp3.part.napster").write_text("{}")
    (world.folder / "song.mp3.part").write_text("precious")
    world.restart()
    (problem,) = world.downloads.problems
    assert "song.mp3.part.napster: is no record of a download" in problem
    world.add(wanted_of(b"x"))
    world.answer(b"x")
    assert world.files() == ["song (2).mp3", "song.mp3.part", "song.mp3.part.napster"]
    assert (world.folder / "song.mp3.part").read_text() == "precious"


def test_a_source_without_the_gift_of_resuming(world: World) -> None:
    """A source that ignores the offset (TekNap) is asked for all, and that is compared."""
    number = world.add(wanted_of(DATA, md5=MD5))
    world.source.send(b"1")
    world.tick(SEGMENT_PAUSE)
    world.source.send(b"700000" + DATA[:500_000])
    world.source.close()
    world.tick(5)
    world.answer(DATA)  # from the start, whatever was asked for
    assert world.source is not world.dialer.sources[1]
    world.source.send(b"1")
    world.tick(SEGMENT_PAUSE)
    assert world.asked_offset() == 0
    world.source.send(b"700000" + DATA)
    world.tick(2)
    assert world.state_of(number) is DownloadState.DONE
    assert (world.folder / "song.mp3").read_bytes() == DATA


def test_zeros_do_not_hide_a_source_that_cannot_resume(world: World) -> None:
    """Where the overlap says nothing, a source that sends too much is found out at the end."""
    data = bytes(500_000) + DATA[:200_000]
    number = world.add(wanted_of(data))
    world.source.send(b"1")
    world.tick(SEGMENT_PAUSE)
    world.source.send(b"700000" + data[:450_000])
    world.source.close()
    world.tick(5)
    world.answer(data)
    world.tick(3)
    world.answer(data)
    world.tick(3)
    assert world.state_of(number) is DownloadState.DONE
    assert (world.folder / "song.mp3").read_bytes() == data


def test_a_copied_record_is_a_download_of_its_own(world: World) -> None:
    """Two records with one number, as after copying by hand, get two numbers."""
    left_behind(world, DATA[:5000], Record(9, "song.mp3", len(DATA), MD5, (Offer("alice", PATH),)))
    world.stop()
    for ending in (".part", ".part.marks", ".part.napster"):
        shutil.copy(world.folder / f"song.mp3{ending}", world.folder / f"copy.mp3{ending}")
    world.restart()
    assert sorted(status.id for status in world.downloads.list()) == [9, 10]


def test_what_only_lacked_its_name_is_told_as_done(world: World) -> None:
    """A download killed while it was being saved is saved at the start, and listed so."""
    record = Record(9, "song.mp3", 4, "", (Offer("alice", PATH),), Stage.COMPLETE)
    left_behind(world, b"1234", attrs.evolve(record, verified="cannot be checked"))
    status = world.status(9)
    assert (status.state, status.done) == (DownloadState.DONE, 4)
    assert status.verified == "cannot be checked"
    assert (world.folder / "song.mp3").read_bytes() == b"1234"
    assert world.arranger.calls == []


def test_a_name_that_cannot_be_given_is_a_problem(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If a complete file cannot be saved at the start, that is told, and nothing is lost."""

    def refuse(*_args: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(restore, "settle", refuse)
        left_behind(world, b"1234", Record(9, "song.mp3", 4, "", (), Stage.COMPLETE))
    (problem,) = world.downloads.problems
    assert problem.endswith("song.mp3.part: cannot be finished: Input/output error")
    world.stop()
    world.restart()
    assert (world.folder / "song.mp3").read_bytes() == b"1234"
