"""Samples, their ring, and the line drawn through them."""

from collections.abc import Iterator

import pytest
from twisted.web.template import flattenString

from napster.index.web.history import History, Point, Sample
from napster.index.web.overview import format_age, format_count
from napster.index.web.plot import HEIGHT, WIDTH, Plot, nice_top
from napster.index.web.sampler import TICK, Sampler
from napster.wire.messages.searching import Search
from napster.wire.search import SearchQuery
from tests.index.harness import World, file


def history(*users: int) -> History:
    """Make a history of one sample each ten seconds."""
    made = History()
    for number, count in enumerate(users):
        made.add(Sample(at=500.0 + 10 * number, users=count, files=0, searches_per_second=0.0,
                        worst_lag=0.0))  # fmt: skip
    return made


def test_ring() -> None:
    """Eight hours are kept, however long the index runs."""
    full = history(*range(5000))
    assert len(full.samples) == 2880
    assert full.last.users == 4999
    assert full.span(600) == 28_790


def test_span() -> None:
    """A young history spans at least what is asked for."""
    assert History().span(600) == 600
    assert history(1, 2).span(600) == 600


def test_points() -> None:
    """The latest sample is at the right edge, others as far to the left as they are old."""
    points = history(1, 5, 3).points(lambda sample: sample.users, 40, 100)
    assert points == [Point(0.5, 1), Point(0.75, 5), Point(1.0, 3)]


def test_many_samples_share_points() -> None:
    """No peak is lost when samples share a point."""
    users = [0] * 1000
    users[517] = 9
    users[999] = 4
    points = history(*users).points(lambda sample: sample.users, 9990, 280)
    assert len(points) == 250
    assert sorted(point.y for point in points)[-2:] == [4, 9]
    assert [point.x for point in points] == sorted(point.x for point in points)
    assert points[-1].x == 1


def test_no_points() -> None:
    """A history of nothing has no points."""
    assert History().points(lambda sample: sample.users, 600, 280) == []


@pytest.mark.parametrize(
    ("highest", "top"),
    [(0, 1), (0.001, 0.01), (0.3, 0.5), (1, 1), (1.01, 2), (7, 10), (10, 10), (1234, 2000)],
)
def test_nice_top(highest: float, top: float) -> None:
    """The axis ends at a round figure not below the highest."""
    assert nice_top(highest) == pytest.approx(top)


def drawn(*points: Point) -> str:
    """Draw a plot."""
    written: list[bytes] = []
    plot = Plot("A & B", points, "8 h", lambda figure: f"{figure:g}")
    flattenString(None, plot.picture()).addCallback(written.append)
    return written[0].decode()


def test_picture() -> None:
    """The line runs between the edges, and the axis is labelled."""
    svg = drawn(Point(0, 0), Point(1, 2))
    assert f'viewBox="0 0 {WIDTH} {HEIGHT}"' in svg
    assert "<title>A &amp; B, the last 8 h</title>" in svg
    assert 'd="M54.0 128.0 L552.0 10.0"' in svg
    assert all(f">{label}</text>" in svg for label in ("0", "1", "2", "8 h ago", "now"))


def test_empty_picture() -> None:
    """A plot of nothing has its axes."""
    assert "<path" not in drawn()


@pytest.mark.parametrize(
    ("count", "shown"),
    [(0, "0"), (0.5, "0.5"), (250, "250"), (1500, "1.5 k"), (2e7, "20 M"), (5e9, "5 G")],
)
def test_counts(count: float, shown: str) -> None:
    """Counts at an axis are short."""
    assert format_count(count) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0, "0 s"), (89, "89 s"), (600, "10 min"), (12_600, "3.5 h")]
)
def test_ages(seconds: float, shown: str) -> None:
    """Ages are told in their own unit."""
    assert format_age(seconds) == shown


@pytest.fixture
def sampler(world: World) -> Iterator[Sampler]:
    """Run a sampler."""
    made = Sampler(world.hub)
    made.startService()
    yield made
    made.stopService()


def test_samples(world: World, sampler: Sampler) -> None:
    """Every ten seconds there is a sample of how things are."""
    world.login("anna").send(file())
    berta = world.login("berta")
    berta.send(*[Search(SearchQuery(contains=(b"x",)))] * 20)
    world.clock.pump([TICK] * 40)
    first, last = sampler.history.samples
    assert (first.users, first.files, first.searches_per_second) == (0, 0, 0)
    assert (last.users, last.files, last.searches_per_second) == (2, 1, 2)
    world.clock.pump([TICK] * 400)
    assert len(sampler.history.samples) == 12
    assert sampler.history.last.searches_per_second == 0


def test_lag(world: World, sampler: Sampler) -> None:
    """The reactor's delay is measured; the worst one of ten seconds is in their sample."""
    world.clock.pump([TICK] * 4)
    assert world.hub.meters.lag_seconds.total == pytest.approx(0)
    world.clock.advance(TICK + 0.5)
    world.clock.pump([TICK] * 80)
    worst = [sample.worst_lag for sample in sampler.history.samples]
    assert worst == pytest.approx([0, 0.5, 0])
    assert world.hub.meters.lag_seconds.count == 85


def test_a_stopped_sampler_leaves_nothing(world: World) -> None:
    """Stopped, started or neither, nothing is left to happen."""
    sampler = Sampler(world.hub)
    sampler.stopService()
    sampler.startService()
    assert len(world.clock.getDelayedCalls()) == 1
    sampler.stopService()
    assert world.clock.getDelayedCalls() == []
