"""Following downloads ends when they do, and says on the way what a person wants to know."""

from collections.abc import Sequence

import attrs
import pytest
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from napster.cli.follow import TICK, Follower, follow
from napster.peer.api import DownloadState, DownloadStatus, NotFoundError
from tests.cli.screens import Seen
from tests.peer.control.fake import FakePeer

SIZE = 1000
NEW = DownloadStatus(1, "a.mp3", DownloadState.WAITING, SIZE, 0, 0.0, None, "alice")


def at(state: str, **changes: object) -> DownloadStatus:
    return attrs.evolve(NEW, state=DownloadState(state), **changes)


COURSE = [
    at("asking"),
    at("queued", place=2),
    at("queued", place=1),
    *(at("receiving", done=done, rate=100.0) for done in range(0, SIZE, 100)),
    at("checking", done=SIZE),
    at("done", done=SIZE, saved="/d/a.mp3", verified="content checked"),
]


class Story(FakePeer):
    """A peer whose one download takes a step each time it is looked at."""

    def __init__(self, course: Sequence[DownloadStatus], each: int = 1) -> None:
        super().__init__()
        self.course = [step for step in course for _ in range(each)]

    async def downloads(self) -> Sequence[DownloadStatus]:
        return [self.course.pop(0)]


def told(course: Sequence[DownloadStatus], seen: Seen, each: int = 1) -> list[DownloadStatus]:
    clock = Clock()
    show = Follower(seen.screen, clock).show
    peer = Story(course, each)
    result: list[list[DownloadStatus]] = []
    Deferred.fromCoroutine(follow(peer, [NEW], show, clock)).addCallback(result.append)
    clock.pump([TICK] * len(course) * each)
    return result[0]


def test_on_a_terminal() -> None:
    """The name comes first, then events as lines and progress as a line that moves."""
    seen = Seen(terminal=True)
    (ended,) = told(COURSE, seen)
    assert ended.state is DownloadState.DONE
    shown = seen.out.replace("\r\x1b[K", "|").replace("\n", "$")
    assert shown.startswith("Getting a.mp3 (1000 B) from alice$|waiting|asking alice|")
    assert "|a.mp3: place 2 in alice's queue$|place 2 in alice's queue|a.mp3: place 1" in shown
    assert "| 50%" not in shown
    assert "|[############------------]  50%  500 B of 1000 B  100 B/s  0:05 left|" in shown
    assert shown.endswith("|Saved /d/a.mp3 (content checked)$")


def test_in_a_pipe() -> None:
    """Where no line can move, progress is a line every five seconds."""
    seen = Seen()
    told(COURSE, seen, each=10)
    assert seen.out.splitlines() == [
        "Getting a.mp3 (1000 B) from alice",
        "a.mp3: place 2 in alice's queue",
        "a.mp3: place 1 in alice's queue",
        "place 1 in alice's queue",
        "[####--------------------]  20%  200 B of 1000 B  100 B/s  0:08 left",
        "[#########---------------]  40%  400 B of 1000 B  100 B/s  0:06 left",
        "[################--------]  70%  700 B of 1000 B  100 B/s  0:03 left",
        "[#####################---]  90%  900 B of 1000 B  100 B/s  0:01 left",
        "Saved /d/a.mp3 (content checked)",
    ]


def test_failure() -> None:
    """A download that fails ends the wait, with its reason."""
    seen = Seen()
    (ended,) = told([at("failed", reason="alice does not share it any more")], seen)
    assert ended.state is DownloadState.FAILED
    assert "a.mp3 failed: alice does not share it any more" in seen.out


def test_several() -> None:
    """Of several files each is named when its turn comes."""
    seen = Seen()
    follower = Follower(seen.screen, Clock())
    other = attrs.evolve(NEW, id=2, name="b.mp3")
    follower.show([NEW, other])
    assert seen.out == ""
    follower.show([at("asking"), other])
    follower.show([at("receiving"), attrs.evolve(other, state=DownloadState.ASKING)])
    assert seen.out.splitlines() == [
        "Getting a.mp3 (1000 B) from alice",
        "Getting b.mp3 (1000 B) from alice",
    ]


def test_long_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """A long name leaves room for what happens to it; the saved path is given whole."""
    monkeypatch.setenv("COLUMNS", "60")
    seen = Seen(terminal=True)
    long = attrs.evolve(NEW, name="n" * 200)
    follower = Follower(seen.screen, Clock())
    follower.show([attrs.evolve(long, state=DownloadState.QUEUED, place=1)])
    follower.show([attrs.evolve(long, state=DownloadState.DONE, saved="/d/" + "n" * 200)])
    assert "n" * 18 + "…" + "n" * 11 + ": place 1 in alice's queue\n" in seen.out
    assert "Saved /d/" + "n" * 200 in seen.out


def test_escapes_in_names() -> None:
    """A name's escape sequences do not reach the terminal."""
    seen = Seen(terminal=True)
    evil = attrs.evolve(NEW, name="\x1b[2Jx", source="\x1b[31m", reason="\x1b]0;x\x07")
    Follower(seen.screen, Clock()).show([evil])
    assert "\x1b[2J" not in seen.out
    assert "\x1b]" not in seen.out
    assert "\x1b[31m" not in seen.out


def test_ended_downloads_are_forgotten() -> None:
    """A daemon need not list for ever what has ended."""
    clock = Clock()
    other = attrs.evolve(NEW, id=2)
    peer = Story([])
    answers = [[at("done"), other], [attrs.evolve(other, state=DownloadState.DONE)]]

    async def downloads() -> Sequence[DownloadStatus]:
        return answers.pop(0)

    peer.downloads = downloads  # type: ignore[method-assign]
    work = Deferred.fromCoroutine(follow(peer, [NEW, other], lambda _: None, clock))
    clock.pump([2 * TICK, 2 * TICK])
    assert [each.state for each in work.result] == [DownloadState.DONE] * 2


def test_forgotten_download() -> None:
    """A download that the daemon no longer knows is not waited for."""
    clock = Clock()
    peer = FakePeer()
    waiting = Deferred.fromCoroutine(follow(peer, [NEW], lambda _: None, clock))
    caught: list[object] = []
    waiting.addErrback(lambda failure: caught.append(failure.check(NotFoundError)))
    clock.advance(TICK)
    assert caught == [NotFoundError]
