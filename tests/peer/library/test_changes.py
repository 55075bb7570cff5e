"""Names are looked at soon, and those being written to once they are quiet."""

from pathlib import Path

from twisted.internet.task import Clock

from napster.peer.library.beneath import Place
from napster.peer.library.changes import Changes

from .helpers import place

HERE = place(Path("/share"))
THERE = HERE.child(b"there")


class Looks:
    """A clock, changes, and the looks they ask for."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.asked: list[tuple[Place, frozenset[bytes]]] = []
        self.changes = Changes(self.clock, 2.0, lambda *look: self.asked.append(look))

    def within(self, seconds: float) -> list[tuple[Place, frozenset[bytes]]]:
        """Let time pass and tell what was asked for meanwhile."""
        self.asked.clear()
        for _ in range(round(seconds * 20)):
            self.clock.advance(0.05)
        return list(self.asked)


def test_moves_are_gathered() -> None:
    """What comes and goes is looked at together and soon."""
    looks = Looks()
    looks.changes.moved(HERE, b"a")
    looks.changes.moved(HERE, b"b")
    looks.changes.moved(THERE, b"a")
    assert looks.within(0.5) == [(HERE, frozenset({b"a", b"b"})), (THERE, frozenset({b"a"}))]
    assert not looks.clock.getDelayedCalls()


def test_writing() -> None:
    """A file being written to is looked at when that begins, and when it has been quiet."""
    looks = Looks()
    looks.changes.written(HERE, b"a")
    assert looks.within(0.5) == [(HERE, frozenset({b"a"}))]
    for _ in range(10):
        looks.changes.written(HERE, b"a")
        assert looks.within(1.0) == []
        assert looks.changes.is_busy(HERE, b"a")
    assert looks.within(1.5) == [(HERE, frozenset({b"a"}))]
    assert not looks.changes.is_busy(HERE, b"a")
    assert not looks.clock.getDelayedCalls()


def test_each_file_has_its_own_time() -> None:
    """A file that never rests does not keep others waiting."""
    looks = Looks()
    looks.changes.settle(HERE, b"quiet")
    asked = []
    for _ in range(6):
        looks.changes.settle(HERE, b"restless")
        asked += looks.within(0.5)
    assert asked == [(HERE, frozenset({b"quiet"}))]
    assert not looks.changes.is_busy(HERE, b"quiet")
    assert looks.changes.is_busy(HERE, b"restless")
    looks.changes.stop()


def test_stop() -> None:
    """Nothing is asked for after the stop, and no call is left."""
    looks = Looks()
    looks.changes.written(HERE, b"a")
    looks.changes.moved(HERE, b"b")
    looks.changes.stop()
    assert not looks.clock.getDelayedCalls()
    assert looks.within(5) == []
    looks.changes.stop()
