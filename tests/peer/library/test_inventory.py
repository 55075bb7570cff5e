"""The inventory knows each file in one state, counts right, and is small."""

import tracemalloc
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from napster.peer.library.beneath import Stamp
from napster.peer.library.inventory import Folder, Tallies
from napster.peer.library.remember import Facts
from napster.peer.library.rules import Refusal
from napster.peer.library.tags import Tags

from .helpers import place

NAMES = st.sampled_from([b"a", b"b", b"c"])
STAMPS = st.builds(Stamp, st.integers(0, 3), st.integers(-1, 1), st.just(2049), st.just(7))
FACTS = Facts(bytes(range(16)), Tags(128, 44100, 9), bytes(range(32)))


class FolderMachine(RuleBasedStateMachine):
    """Any order of what can happen to names leaves each in one state, and the figures true."""

    def __init__(self) -> None:
        super().__init__()
        self.tallies = Tallies()
        self.folder = Folder(place(Path("/disk/share"), b"dir"), self.tallies)
        self.shared: dict[bytes, Stamp] = {}
        self.waiting: dict[bytes, Stamp] = {}
        self.taken: dict[bytes, Stamp] = {}
        self.refused: set[bytes] = set()

    def forget(self, name: bytes) -> None:
        for state in (self.shared, self.waiting, self.taken):
            state.pop(name, None)
        self.refused.discard(name)

    @rule(name=NAMES, stamp=STAMPS)
    def share(self, name: bytes, stamp: Stamp) -> None:
        file = self.folder.share(name, stamp, FACTS)
        assert file.path == b"share\\dir\\" + name
        assert (file.stamp, file.size, file.md5) == (stamp, stamp.size, FACTS.md5)
        assert (file.bitrate, file.frequency, file.duration) == (128, 44100, 9)
        assert file.content == FACTS.content
        self.forget(name)
        self.shared[name] = stamp

    @rule(name=NAMES, stamp=STAMPS)
    def expect(self, name: bytes, stamp: Stamp) -> None:
        self.folder.expect(name, stamp)
        self.forget(name)
        self.waiting[name] = stamp

    @rule()
    def take(self) -> None:
        taken = self.folder.take()
        if taken is None:
            assert not self.waiting
            return
        name, stamp = taken
        assert self.waiting.pop(name) == stamp
        self.taken[name] = stamp

    @rule(name=NAMES)
    def refuse(self, name: bytes) -> None:
        self.folder.refuse(name, "no")
        self.forget(name)
        self.refused.add(name)

    @rule(name=NAMES)
    def withdraw(self, name: bytes) -> None:
        file = self.folder.withdraw(name)
        assert (file is not None) == (name in self.shared)
        self.forget(name)

    @rule()
    def withdraw_all(self) -> None:
        assert {file.path[-1:] for file in self.folder.withdraw_all()} == set(self.shared)
        for name in (b"a", b"b", b"c"):
            self.forget(name)

    @invariant()
    def states_are_right(self) -> None:
        everywhere = [*self.shared, *self.waiting, *self.taken, *self.refused]
        assert self.folder.names() == set(everywhere)
        assert {file.path[-1:]: file.stamp for file in self.folder.shared()} == self.shared
        assert set(self.folder.refusals()) == {
            Refusal(b"/disk/share/dir/" + name, "no") for name in self.refused
        }
        for name in (b"a", b"b", b"c"):
            known = {**self.shared, **self.waiting, **self.taken}.get(name)
            for stamp in (known or Stamp(9, 9, 9, 9), Stamp(1, 0, 2049, 7)):
                assert self.folder.holds(name, stamp) == (known == stamp)
                assert self.folder.awaits(name, stamp) == (self.taken.get(name) == stamp)

    @invariant()
    def figures_are_right(self) -> None:
        waiting = [*self.waiting.values(), *self.taken.values()]
        assert self.tallies.shared.files == len(self.shared)
        assert self.tallies.shared.size == sum(each.size for each in self.shared.values())
        assert self.tallies.waiting.files == len(waiting)
        assert self.tallies.waiting.size == sum(each.size for each in waiting)
        assert self.tallies.refused == len(self.refused)


TestFolder = FolderMachine.TestCase


def test_memory() -> None:
    """A file costs less than 300 bytes, with names as long as those of songs."""
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    top = Folder(place(Path("/share")), Tallies())
    for number in range(1000):
        album = top.add_folder(b"Some Artist - Some Album %d" % number)
        for track in range(12):
            name = b"%02d - The Title of a Song %d.mp3" % (track, number)
            stamp = Stamp(5_000_000 + track, 1_700_000_000_000_000_000 + number, 2049, number)
            album.share(name, stamp, FACTS)
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (after - before) / 12_000 < 300


def memory(names: list[bytes], *, hashed: bool) -> int:
    """Share files, perhaps having them hashed before; returns the bytes that are kept."""
    tracemalloc.start()
    folder = Folder(place(Path("/share")), Tallies())
    for name in names if hashed else ():
        folder.expect(name, Stamp(5, 1, 2049, 7))
    while folder.take():
        pass
    for name in names:
        folder.share(name, Stamp(5, 1, 2049, 7), FACTS)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return kept


def test_memory_once_hashed() -> None:
    """Files that were hashed cost no more than those that were remembered."""
    names = [b"%d" % number for number in range(10_000)]
    assert memory(names, hashed=True) <= memory(names, hashed=False) + 1_000
