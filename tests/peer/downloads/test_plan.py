"""Which source fetches which piece, with sources played on a clock that is only a number."""

import heapq
from collections.abc import Callable
from itertools import pairwise

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napster.peer.downloads.gaps import Gaps
from napster.peer.downloads.pace import GRACE, Pace
from napster.peer.downloads.plan import DEPTH, Member, Plan
from napster.peer.library.hash import PIECE_SIZE

MB = 10**6
STEP = 64 << 10
LATENCY = 0.005

# Gaps.


@given(
    st.integers(0, 20), st.lists(st.tuples(st.sampled_from(["add", "remove"]), st.integers(0, 25)))
)
def test_gaps_are_a_set(count: int, steps: list[tuple[str, int]]) -> None:
    """Whatever is put in and taken out, ranges hold what a set would, and never touch."""
    gaps, model = Gaps(count), set(range(count))
    for step, piece in steps:
        getattr(gaps, step)(piece)
        (model.add if step == "add" else model.discard)(piece)
        ranges = list(gaps)
        assert {each for first, end in ranges for each in range(first, end)} == model
        assert all(before[1] < after[0] for before, after in pairwise(ranges))
        assert len(gaps) == len(model)
        assert all((each in gaps) == (each in model) for each in range(27))


def test_gaps_without_some() -> None:
    """What is done already is left out from the start."""
    assert list(Gaps(6, {0, 3, 9})) == [(1, 3), (4, 6)]


# Paces.


def test_a_pace_is_measured_while_something_is_to_come() -> None:
    """Rests do not count; a source that falls silent becomes slow."""
    pace, now = Pace(), 100.0
    assert pace.rate(now) is None
    pace.work(now)
    assert pace.rate(now + GRACE / 2) is None
    for _ in range(50):
        now += 0.1
        pace.came(100_000, now)
    assert pace.rate(now) == pytest.approx(MB, rel=0.01)
    pace.rest()
    assert pace.rate(now + 1000) == pytest.approx(MB, rel=0.01)
    pace.work(now + 1000)
    assert pace.rate(now + 1010) == pytest.approx(MB / 6, rel=0.2)


def test_a_source_that_sends_nothing_is_slow_after_a_moment() -> None:
    """Nothing in a second is no pace at all."""
    pace = Pace()
    pace.work(5.0)
    assert pace.rate(5.0 + GRACE) == 0


# Plans, played.


@attrs.define(eq=False)
class Played:
    """A source that sends at a rate, in bytes per second."""

    member: Member
    rate: float
    queue: list[tuple[int, int]] = attrs.field(factory=list)
    """Pieces and how many bytes of each are still to be sent."""
    busy: bool = False
    sent: int = 0
    visits: int = 0


class Play:
    """Sources that fetch one file by a plan."""

    def __init__(self, size: int) -> None:
        self.plan = Plan(size)
        self.now = 0.0
        self.sources: list[Played] = []
        self.wasted = 0
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._count = 0

    def at(self, delay: float, what: Callable[[], None]) -> None:
        self._count += 1
        heapq.heappush(self._events, (self.now + delay, self._count, what))

    def join(self, rate: float, *, in_order: bool = False) -> Played:
        source = Played(Member(in_order, 0.05 if in_order else 0.0), rate)
        self.sources.append(source)
        self.plan.join(source.member)
        self.fill(source)
        return source

    def fill(self, source: Played) -> None:
        """Ask for as much as is to be asked for."""
        if source not in self.sources or self.plan.complete:
            return
        if source.member.in_order:
            if not source.queue:
                self._visit(source)
            return
        while source.member.asked < DEPTH:
            piece = self.plan.take(source.member, self.now)
            if piece is None:
                break
            source.queue.append((piece, self.plan.length(piece)))
        self._send(source)

    def _visit(self, source: Played) -> None:
        piece = self.plan.start(source.member, self.now)
        if piece is not None:
            source.visits += 1
            source.queue.append((piece, self.plan.length(piece)))
            self.at(source.member.start_up, lambda: self._send(source))

    def _send(self, source: Played) -> None:
        if source.busy or not source.queue:
            return
        source.busy = True
        piece, left = source.queue[0]
        count = min(STEP, left)
        self.at(count / source.rate, lambda: self._sent(source, piece, count))

    def _sent(self, source: Played, piece: int, count: int) -> None:
        source.busy = False
        if source not in self.sources:
            return
        source.sent += count
        if not source.queue or source.queue[0][0] != piece:
            self.wasted += count
        else:
            left = source.queue[0][1] - count
            source.queue[0] = piece, left
            self.plan.came(source.member, piece, count, self.now)
            if not left:
                del source.queue[0]
                self._done(source, piece)
        self.fill(source)
        self._send(source)

    def _done(self, source: Played, piece: int) -> None:
        for member in self.plan.finish(piece):
            other = next(each for each in self.sources if each.member is member)
            had = sum(left for each, left in other.queue if each == piece)
            if other is not source:
                self.wasted += self.plan.length(piece) - had
            other.queue = [each for each in other.queue if each[0] != piece]
        if source.member.in_order and self.plan.go_on(source.member, piece + 1, self.now):
            source.queue.append((piece + 1, self.plan.length(piece + 1)))
        for each in list(self.sources):
            self.at(LATENCY, lambda each=each: self.fill(each))  # type: ignore[misc]

    def leave(self, source: Played) -> None:
        self.sources.remove(source)
        self.plan.leave(source.member)
        for each in self.sources:
            self.fill(each)

    def run(self, until: Callable[[], bool] = lambda: False) -> float:
        """Go on until all is here, or something else; tell the time."""
        while not self.plan.complete and not until():
            assert self._events, "nobody does anything"
            self.now, _, what = heapq.heappop(self._events)
            what()
        return self.now


SIZE = 512 * PIECE_SIZE + 4321


@pytest.mark.parametrize("kinds", ["pppp", "oooo", "ppoo", "pppo", "oppp"])
def test_four_sources_reach_their_sum(kinds: str) -> None:
    """Sources of 50, 50, 50 and 10 MB/s together reach 97 % of 160 MB/s, whatever their kind."""
    play = Play(SIZE)
    rates = (50 * MB, 50 * MB, 50 * MB, 10 * MB)
    for rate, kind in zip(rates, kinds, strict=True):
        play.join(rate, in_order=kind == "o")
    seconds = play.run()
    assert SIZE / seconds >= 0.97 * sum(rates)
    assert play.wasted < 8 * PIECE_SIZE
    assert all(each.visits < 20 for each in play.sources)


@pytest.mark.parametrize("kind", [False, True])
def test_one_that_dies_costs_little(kind: bool) -> None:  # noqa: FBT001  # a parameter of pytest's
    """One of four sources gone in the middle costs less than 3 % beyond what it would have sent."""
    play = Play(SIZE)
    sources = [play.join(50 * MB, in_order=kind) for _ in range(4)]
    half = play.run(lambda: play.now >= 2.0)
    play.leave(sources[0])
    came = sources[0].sent + sum(each.sent for each in play.sources)
    seconds = play.run() - half
    assert seconds <= 1.03 * (SIZE - came) / (150 * MB)


def test_one_that_joins_is_used_at_once() -> None:
    """A source that appears in the middle gets its share of what is left."""
    play = Play(SIZE)
    play.join(50 * MB)
    half = play.run(lambda: play.now >= 2.0)
    left = SIZE - play.sources[0].sent
    play.join(50 * MB)
    assert play.run() - half <= 1.03 * left / (100 * MB)


def test_one_alone_sends_in_order() -> None:
    """A single source is asked for the pieces as they stand in the file."""
    for in_order in (False, True):
        play = Play(20 * PIECE_SIZE)
        order: list[int] = []
        finish = play.plan.finish
        play.plan.finish = lambda piece: order.append(piece) or finish(piece)  # type: ignore[func-returns-value, method-assign]  # noqa: B023
        play.join(MB, in_order=in_order)
        play.run()
        assert order == list(range(20))


def test_one_that_falls_silent_is_worked_around() -> None:
    """What a source that sends nothing any more was asked for is fetched from another."""
    play = Play(64 * PIECE_SIZE)
    silent = play.join(50 * MB)
    play.join(50 * MB)
    play.run(lambda: play.now > 0.3)
    silent.rate = 1
    for second in range(1, 30):
        play.at(second, lambda: [play.fill(each) for each in play.sources])
    assert play.run() < 10


@given(
    st.integers(1, 40 * PIECE_SIZE),
    st.lists(st.tuples(st.booleans(), st.integers(MB, 50 * MB), st.floats(0, 3)), min_size=1),
    st.lists(st.floats(0, 3), max_size=6),
    st.sets(st.integers(0, 40)),
)
def test_every_piece_comes_however_sources_come_and_go(
    size: int, sources: list[tuple[bool, int, float]], deaths: list[float], done: set[int]
) -> None:
    """Whoever joins and dies when, each piece is done in the end if only one source stays."""
    play = Play(size)
    play.plan = Plan(size, done)
    for in_order, rate, when in sources:
        play.at(when, lambda r=rate, o=in_order: play.join(r, in_order=o))  # type: ignore[misc]

    def die() -> None:
        if len(play.sources) > 1:
            play.leave(play.sources[0])

    for when in deaths:
        play.at(when, die)
    for tick in range(400):
        play.at(tick, lambda: [play.fill(each) for each in play.sources])
    play.run()
    assert play.plan.complete
    assert play.plan.free == 0


def test_a_wrong_piece_is_given_out_again() -> None:
    """A piece that a source gives back, or that was done and is not right, is fetched again."""
    plan, first, second = Plan(2 * PIECE_SIZE), Member(), Member()
    plan.join(first)
    plan.join(second)
    assert [plan.take(first, 0.0), plan.take(first, 0.0)] == [0, 1]
    plan.give_back(first, 0)
    assert plan.take(second, 0.0) == 0
    plan.finish(0)
    plan.finish(1)
    assert plan.complete
    plan.undo(1)
    plan.undo(1)
    assert not plan.complete
    assert plan.free == 1
    plan.leave(first)
    assert plan.take(second, 0.0) == 1
