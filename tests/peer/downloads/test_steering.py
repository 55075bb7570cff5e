"""Downloads that a person pauses, resumes, cancels or finds more or less urgent."""

import errno
from pathlib import Path

import pytest
from twisted.internet.defer import Deferred

from napster.peer.api import ApiError, DownloadState, NotFoundError, Priority
from napster.peer.arrange import NotSharedError, OfflineError, QueuedError
from napster.peer.downloads import download
from napster.peer.downloads.download import Download
from napster.peer.uploads.talk import SEGMENT_PAUSE
from tests.peer.downloads.helpers import World, content, now, source_of, wanted_of

DATA = content(700_000)


def half(world: World) -> int:
    """Have a download receive something."""
    number = world.add(wanted_of(DATA))
    world.source.send(b"1")
    world.tick(SEGMENT_PAUSE)
    world.source.send(b"700000" + DATA[:300_000])
    world.tick(1)
    assert world.state_of(number) is DownloadState.RECEIVING
    return number


def test_pausing_and_resuming(world: World) -> None:
    """A paused download rests, however long, keeps what came, and goes on from there."""
    number = half(world)
    world.pause(number)
    assert world.source.dropped
    world.tick(2000)
    assert world.state_of(number) is DownloadState.PAUSED
    assert world.status(number).done == 300_000
    assert len(world.dialer.sources) == 1
    world.resume(number)
    world.answer_rest(DATA)
    assert world.state_of(number) is DownloadState.DONE
    assert (world.folder / "song.mp3").read_bytes() == DATA


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_a_pause_outlives_the_daemon(world: World, end: str) -> None:
    """What the user has paused stays so, and what was urgent too, after a stop and after a kill."""
    number = half(world)
    now(world.downloads.prioritize([number], Priority.HIGH))
    world.pause(number)
    getattr(world, end)()
    world.restart()
    status = world.status(number)
    assert (status.state, status.priority) == (DownloadState.PAUSED, Priority.HIGH)
    assert status.done == 300_000
    assert world.dialer.sources == []
    world.resume(number)
    world.kill()
    world.restart()
    world.answer_rest(DATA)
    assert world.state_of(number) is DownloadState.DONE


@pytest.mark.parametrize("moment", ["asking", "connecting", "waiting", "queued", "blocked"])
def test_pausing_at_any_moment(world: World, moment: str) -> None:
    """A download can be paused whatever it waits for, and resumed."""
    if moment == "blocked":
        world.free = 0
    elif moment != "connecting":
        reply = {"waiting": OfflineError("alice is not online"), "queued": QueuedError("full", 1)}
        world.arranger.answers["alice"] = reply.get(moment, Deferred())
    number = world.add(wanted_of(DATA))
    assert world.state_of(number).value == moment
    world.pause(number)
    world.pause(number)
    world.tick(2000)
    assert world.state_of(number) is DownloadState.PAUSED
    world.free = 1 << 40
    world.arranger.answers.clear()
    world.resume(number)
    assert world.state_of(number) is DownloadState.CONNECTING


def test_pausing_all_begins_none(world: World) -> None:
    """No download takes the place of one that is paused together with it."""
    world.downloads.limit(1)
    numbers = [world.add(wanted_of(DATA, sources=[source_of(path=b"%d" % n)])) for n in range(4)]
    world.pause(*numbers)
    assert len(world.dialer.sources) == 1
    assert {world.state_of(each) for each in numbers} == {DownloadState.PAUSED}


def test_what_is_paused_makes_room(world: World) -> None:
    """The next download begins when one is paused."""
    world.downloads.limit(1)
    first, second = (
        world.add(wanted_of(DATA, sources=[source_of(path=b"%d" % number)])) for number in range(2)
    )
    assert world.state_of(second) is DownloadState.WAITING
    world.pause(first)
    assert world.state_of(second) is DownloadState.CONNECTING


def test_resuming_what_waits_tries_it_at_once(world: World) -> None:
    """Who knows that a user is back need not wait for the next try; who runs is left alone."""
    world.arranger.answers["alice"] = OfflineError("alice is not online")
    number = world.add(wanted_of(DATA))
    world.tick(100)
    tries = world.arranger.asked("arrange")
    del world.arranger.answers["alice"]
    world.resume(number)
    assert world.arranger.asked("arrange") == tries + 1
    world.resume(number)
    assert world.state_of(number) is DownloadState.CONNECTING
    assert len(world.dialer.sources) == 1


def test_resuming_what_failed(world: World) -> None:
    """A failed download gets all its chances again, and keeps them through a restart."""
    world.arranger.answers["alice"] = NotSharedError("alice does not share that file")
    number = world.add(wanted_of(DATA))
    world.tick(2000)
    world.arranger.answers.clear()
    assert world.state_of(number) is DownloadState.FAILED
    world.pause(number)
    assert world.state_of(number) is DownloadState.FAILED
    world.resume(number)
    assert world.state_of(number) is DownloadState.CONNECTING
    world.kill()
    world.restart()
    world.answer(DATA)
    assert world.state_of(number) is DownloadState.DONE


def test_getting_a_paused_file_again_resumes_it(world: World) -> None:
    """Who asks for a file wants it, whatever was said before."""
    number = half(world)
    world.pause(number)
    assert world.add(wanted_of(DATA)) == number
    assert world.state_of(number) is DownloadState.CONNECTING


def test_the_most_urgent_first(world: World) -> None:
    """Downloads begin by their priority, within one in the order they were wanted."""
    world.downloads.limit(1)
    first, low, normal, high = (
        world.add(wanted_of(b"x", sources=[source_of(path=b"%d" % number)])) for number in range(4)
    )
    now(world.downloads.prioritize([low], Priority.LOW))
    now(world.downloads.prioritize([high], Priority.HIGH))
    ended = []
    for _ in range(4):
        world.answer(b"x")
        ended.append(
            next(n for n in (first, low, normal, high) if n not in ended and _is_done(world, n))
        )
    assert ended == [first, high, normal, low]


def _is_done(world: World, number: int) -> bool:
    return world.state_of(number) is DownloadState.DONE


def test_what_is_not_known(world: World) -> None:
    """If one of several is unknown, none is changed."""
    number = half(world)
    for change in (world.downloads.pause, world.downloads.resume, world.downloads.cancel):
        with pytest.raises(NotFoundError, match="there is no download 99"):
            now(change([number, 99]))
    with pytest.raises(NotFoundError):
        now(world.downloads.prioritize([99], Priority.LOW))
    assert world.state_of(number) is DownloadState.RECEIVING


def test_what_is_over_stays_so(world: World) -> None:
    """A finished download is neither paused nor resumed, and the answer says what it is."""
    number = world.add(wanted_of(b"x"))
    world.answer(b"x")
    for change in (world.downloads.pause, world.downloads.resume, world.downloads.cancel):
        (status,) = now(change([number]))
        assert status.state is DownloadState.DONE
    assert world.files() == ["song.mp3"]


@pytest.mark.parametrize("act", ["pause", "resume"])
def test_a_disk_that_takes_no_record(
    world: World, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    """On a full disk a pause and its end still hold while the daemon runs, and it is said."""
    number = half(world)
    if act == "resume":
        world.pause(number)

    def refuse(*_args: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(download, "save", refuse)
        with pytest.raises(ApiError, match=r"holds until the daemon ends only.*No space left"):
            now(getattr(world.downloads, act)([number]))
    world.tick(1)
    state = DownloadState.PAUSED if act == "pause" else DownloadState.CONNECTING
    assert world.state_of(number) is state


def test_damaged_priorities(world: World, tmp_path: Path) -> None:
    """A record with a priority nobody knows is named as unusable and left alone."""
    number = half(world)
    world.pause(number)
    world.stop()
    record = world.folder / "song.mp3.part.napster"
    record.write_text(record.read_text().replace('"normal"', '"huge"'))
    world.restart()
    assert "huge" in world.downloads.problems[0]
    assert record.exists()


def test_many_downloads_are_not_all_looked_at_for_each(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Adding to a long queue costs as much for the last as for the first."""
    looks = 0
    due = Download.due

    def counted(self: Download, *, online: bool) -> float:
        nonlocal looks
        looks += 1
        return due(self, online=online)

    monkeypatch.setattr(Download, "due", counted)
    world.arranger.answers["alice"] = QueuedError("full", 1)
    for number in range(300):
        world.add(wanted_of(b"x", sources=[source_of(path=b"%d" % number)]))
    assert looks < 100 * 100
    del world.arranger.answers["alice"]
    world.tick(2)
    assert len(world.dialer.sources) == world.limit
