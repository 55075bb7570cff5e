"""The small parts: steps, rates, patience, sources, threads."""

import threading
from typing import Any

import pytest
import pytest_twisted
from automat import NoTransition
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.task import Clock

from napster.peer import arrange
from napster.peer.api import DownloadState
from napster.peer.downloads import errors
from napster.peer.downloads.course import Course, Standing, new_course
from napster.peer.downloads.disk import DiskThread
from napster.peer.downloads.meter import Meter
from napster.peer.downloads.patience import LONGEST, patience_with, queue_wait, wait_after
from napster.peer.downloads.people import MOST_PEOPLE, People
from napster.peer.downloads.record import Offer
from napster.peer.downloads.sources import MOST_SOURCES, Sources
from tests.peer.downloads.helpers import World, wanted_of

# Steps.


def test_the_usual_course() -> None:
    """A download goes from waiting to done, and its standing follows with the reason."""
    standing = Standing()
    course = new_course(standing)
    seen = [standing.state]
    steps = (course.ask, course.connect, course.receive, course.check, course.finish)
    for step in steps:
        step(step.__name__)
        seen.append(standing.state)
        assert standing.reason == step.__name__
    assert [state.value for state in seen] == [
        "waiting",
        "asking",
        "connecting",
        "receiving",
        "checking",
        "done",
    ]


@pytest.mark.parametrize("end", ["finish", "cancel"])
@pytest.mark.parametrize("step", ["ask", "wait", "pause", "fail", "cancel", "check", "receive"])
def test_what_is_over_stays_over(end: str, step: str) -> None:
    """Nothing happens any more to a download that is done or cancelled."""
    standing = Standing()
    course = new_course(standing)
    course.check("")
    getattr(course, end)("")
    over = standing.state
    with pytest.raises(NoTransition):
        getattr(course, step)("")
    assert standing.state is over


def test_unchecked_content_is_never_done() -> None:
    """A download can be done only after its check."""
    course: Course = new_course(Standing())
    for step in (course.ask, course.connect, course.receive):
        step("")
        with pytest.raises(NoTransition):
            course.finish("")


# Rates.


def test_a_steady_rate() -> None:
    """The rate is what came in the last seconds, and falls to nothing when nothing comes."""
    clock = Clock()
    meter = Meter(clock)
    meter.start(1_000_000)
    assert meter.rate == 0
    for second in range(1, 31):
        clock.advance(1)
        meter.note(1_000_000 + second * 5000)
    assert meter.rate == pytest.approx(5000, rel=0.1)
    clock.advance(30)
    assert meter.rate == 0


def test_a_rate_from_many_small_notes() -> None:
    """However often it is told, a meter keeps little and stays right."""
    clock = Clock()
    meter = Meter(clock)
    meter.start(0)
    for note in range(1, 5001):
        clock.advance(0.01)
        meter.note(note * 100)
    assert meter.rate == pytest.approx(10_000, rel=0.1)
    assert len(meter._seen) < 50


def test_a_rate_is_never_negative() -> None:
    """Content that is thrown away makes no negative rate."""
    clock = Clock()
    meter = Meter(clock)
    meter.start(5000)
    clock.advance(1)
    meter.note(0)
    assert meter.rate == 0


# Patience.


@given(
    st.sampled_from([arrange.OfflineError, errors.LostError, arrange.ArrangeError]),
    st.integers(1, 10**6),
    st.floats(0, 1, exclude_max=True),
)
def test_waits_grow_to_a_limit(kind: type[Exception], failures: int, random: float) -> None:
    """Waits double up to a quarter of an hour, with jitter around them."""
    patience = patience_with(kind("x"))
    wait = wait_after(patience, failures, lambda: random)
    doubled = min(LONGEST, patience.wait * 2 ** min(failures - 1, 20))
    assert 0.75 * doubled <= wait <= 1.25 * doubled


def test_every_failure_is_borne_somehow() -> None:
    """There is a rule for every way a source can fail, and content that is wrong ends it."""
    for kind in [*errors.SourceError.__subclasses__(), *arrange.ArrangeError.__subclasses__()]:
        if not issubclass(kind, arrange.QueuedError):
            assert patience_with(kind("x")).wait >= 0
    for kind in (errors.WrongContentError, errors.SurplusError, errors.WrongSizeError):
        assert patience_with(kind("x")).chances == 1


@given(st.integers(-5, 10**9), st.integers(1, 10**6), st.floats(0, 1, exclude_max=True))
def test_queues_are_asked_in_time(place: int, times: int, random: float) -> None:
    """A source is asked again soon at first, and always before it forgets who waits."""
    wait = queue_wait(place, times, lambda: random)
    assert 0.3 < wait <= 80
    assert wait < 1 or times > 1
    assert wait > 5 or times < 10


# Sources.


def sources_of(*offers: Offer) -> tuple[Clock, Sources]:
    clock = Clock()
    return clock, Sources(offers, People(), clock, lambda: 0.5)


def test_the_best_source_first() -> None:
    """The fastest is asked first; one that failed comes after one that did not."""
    clock, sources = sources_of(Offer("slow", b"x", 1), Offer("fast", b"x", 9))
    first = sources.next(online=True)
    assert first is not None
    assert first.who == "fast"
    sources.failed(first, errors.LostError("x"))
    clock.advance(100)
    second = sources.next(online=True)
    assert second is not None
    assert second.who == "slow"


def test_chances_are_earned_again() -> None:
    """A source that delivers much and breaks off often is not dropped; one that drips is."""
    clock, sources = sources_of(Offer("alice", b"x"))
    for _ in range(50):
        clock.advance(1000)
        source = sources.next(online=True)
        assert source is not None
        sources.delivered(source, 300_000)
        sources.failed(source, errors.LostError("x"))
    tries = 0
    while source := sources.next(online=True):
        tries += 1
        sources.delivered(source, 1)
        sources.failed(source, errors.LostError("x"))
        clock.advance(1000)
    assert tries < 10


def test_sources_are_counted_once_and_limited() -> None:
    """A flood of sources is cut, and the same one in another case is not a new one."""
    _, sources = sources_of(*(Offer(f"user{number}", b"x") for number in range(1000)))
    assert len(sources.offers) == MOST_SOURCES
    _, sources = sources_of(Offer("alice", b"x"), Offer("ALICE", b"x"), Offer("alice", b"y"))
    assert len(sources.offers) == 2


def test_nicks_are_shown_harmlessly() -> None:
    """A nick cannot forge a line of a log or drive a terminal."""
    _, sources = sources_of(Offer("evil\x1b[2J\nnext", b"x"))
    source = sources.soonest()
    assert source is not None
    assert source.who == "evil\\x1b[2J\\x0anext"


def test_people_are_limited() -> None:
    """Only so many users are remembered."""
    people = People()
    for number in range(MOST_PEOPLE + 10):
        people.person(f"user{number}").failures = 1
    assert len(people._known) == MOST_PEOPLE
    assert people.person("USER5000") is people.person("user5000")


# Faults.


def test_a_fault_stops_one_download_only(
    world: World, logged_failures: list[dict[str, Any]]
) -> None:
    """A fault in this program fails its download aloud, and leaves the others alone."""
    world.arranger.answers["alice"] = ZeroDivisionError("a fault")
    number = world.add(wanted_of(b"x"))
    world.arranger.answers.clear()
    other = world.add(wanted_of(b"x", size=2))
    assert world.state_of(number) is DownloadState.FAILED
    assert "a fault in this program" in world.status(number).reason
    assert world.state_of(other) is DownloadState.CONNECTING
    assert len(logged_failures) == 1
    logged_failures.clear()


# Threads.


@pytest_twisted.ensureDeferred
async def test_a_disk_thread_works_in_order() -> None:
    """What is asked for is done in a thread, in order, to the end; errors come back."""
    from twisted.internet import reactor  # noqa: PLC0415  # not before the plugin has chosen it

    thread = DiskThread(reactor, "test")  # type: ignore[arg-type]  # a reactor is everything
    done: list[Any] = []
    first = thread.run(lambda: done.append(threading.current_thread().name))
    failing = thread.run(lambda: {}["missing"])
    last = thread.run(done.append, 3)
    thread.stop()
    with pytest.raises(KeyError, match="missing"):
        await failing
    await first
    await last
    assert done == ["test", 3]
