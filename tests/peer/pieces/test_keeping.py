"""Connections that are kept for a moment: taken once, newest first, and never for long."""

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from napster.peer.pieces.keeping import KEEP, KeptSources

HERE = "192.0.2.1"


class Source:
    """A connection that is only closed."""

    def __init__(self) -> None:
        self.lost: Deferred[None] = Deferred()
        self.closed = 0

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def kept(clock: Clock) -> KeptSources:
    return KeptSources(clock)


def test_the_newest_is_taken_first(kept: KeptSources, clock: Clock) -> None:
    """By its user's nick in any case; nobody closes what was taken."""
    sources = [Source(), Source()]
    for source in sources:
        kept.keep("alice", HERE, source)
    taken = [kept.take("ALICE"), kept.take("alice")]
    assert [(each.source, each.address) for each in taken if each] == [
        (sources[1], HERE),
        (sources[0], HERE),
    ]
    assert kept.take("alice") is None
    assert kept.take("bob") is None
    assert not clock.getDelayedCalls()
    assert not any(source.closed for source in sources)


def test_nothing_is_kept_for_long(kept: KeptSources, clock: Clock) -> None:
    """It takes a slot of the other side's."""
    source = Source()
    kept.keep("alice", HERE, source)
    clock.advance(KEEP)
    assert source.closed == 1
    assert kept.take("alice") is None


def test_the_other_side_may_leave(kept: KeptSources, clock: Clock) -> None:
    """Then there is nothing to take, or to close."""
    source = Source()
    kept.keep("alice", HERE, source)
    source.lost.callback(None)
    assert kept.take("alice") is None
    assert not clock.getDelayedCalls()


def test_all_are_closed_at_the_end(kept: KeptSources, clock: Clock) -> None:
    """None outlives the daemon."""
    sources = [Source(), Source(), Source()]
    for nick, source in zip(("alice", "alice", "bob"), sources, strict=True):
        kept.keep(nick, HERE, source)
    kept.close()
    assert [source.closed for source in sources] == [1, 1, 1]
    assert not clock.getDelayedCalls()
