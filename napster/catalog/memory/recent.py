"""Pairs of a rare word and a file that have not been handed out to the words yet.

Most words of a batch are rare and get one file each. To hand them out at once would cost more than
everything else together, as each means another place in memory. So they stay in runs, sorted by
word, in which a word's files are found by bisection. Once there are many pairs, or many were looked
for in vain, or no more have come for a while, all are handed out in the order of the words; then a
word gets several files at a time.

That takes a while, and files come and go meanwhile. What leaves is therefore merged in windows, a
range of words at a time, and a word's pairs count as recent until it has been handed them.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np
import numpy.typing as npt

from napster.catalog.memory.blocks import Ids
from napster.catalog.memory.pairs import Numbers, groups, sort

_MANY = 1 << 19
"""So many pairs are handed out."""
_LOOKS = 512
"""So many look-ups make it worthwhile to hand out fewer."""
_SMALL = 1 << 12
_RUNS = 16
"""So many runs with fewer than `_SMALL` pairs are made one."""
_WINDOW = 1 << 13
"""So many pairs are merged at once, about."""
_STRIDE = 64


class Run:
    """Sorted pairs."""

    def __init__(self, numbers: Numbers, ids: Ids) -> None:
        self._numbers = array("I", numbers.tobytes())
        self.ids = ids

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def numbers(self) -> Numbers:
        """The words."""
        return np.frombuffer(self._numbers, np.uint32)

    def of(self, number: int) -> bytes:
        """Return the ids of a word, one after another."""
        first = bisect_left(self._numbers, number)
        if first == len(self.ids) or self._numbers[first] != number:
            return b""
        return self.ids[first : bisect_left(self._numbers, number + 1, first)].tobytes()

    def has(self, numbers: Numbers) -> npt.NDArray[np.bool_]:
        """Tell which of some words have a file here."""
        places = np.searchsorted(self.numbers[:-1], numbers)
        found: npt.NDArray[np.bool_] = self.numbers[places] == numbers
        return found

    def of_any(self, numbers: Numbers) -> bytes:
        """Return the ids of some words, one after another."""
        firsts = np.searchsorted(self.numbers, numbers)
        ends = np.searchsorted(self.numbers, numbers, "right")
        there = ends > firsts
        places = zip(firsts[there].tolist(), ends[there].tolist(), strict=True)
        return b"".join([self.ids[first:end].tobytes() for first, end in places])

    def cut(self, low: int, high: int) -> tuple[Numbers, Ids]:
        """Return the pairs of the words from `low` to before `high`."""
        first = bisect_left(self._numbers, low)
        end = bisect_left(self._numbers, high, first)
        return self.numbers[first:end], self.ids[first:end]


class Recent:
    """All pairs that wait to be handed out."""

    def __init__(self) -> None:
        self._small: list[Run] = []
        self._runs: list[Run] = []
        self._leaving: list[Run] = []
        """What is being handed out, to words from `_handed_out` on."""
        self._handed_out = 0
        self._bounds: list[int] = []
        """Where the windows that are left end, the next one last."""
        self._groups: Iterator[tuple[int, bytes]] = iter(())
        self._looks = 0
        self._is_full = False

    def __len__(self) -> int:
        """How many pairs there are besides those being handed out."""
        return sum(map(len, self._runs)) + sum(map(len, self._small))

    def add(self, numbers: Numbers, ids: Ids) -> None:
        """Add sorted pairs."""
        if len(self._small) == _RUNS:
            cuts = [(run.numbers, run.ids) for run in self._small]
            self._small.clear()
            self._keep(Run(*_merge(cuts)))
        self._keep(Run(numbers, ids))
        self._is_full = len(self) > _MANY

    def _keep(self, run: Run) -> None:
        (self._small if len(run) < _SMALL else self._runs).append(run)

    def of(self, number: int) -> bytes:
        """Return the ids of a word that it has not been handed."""
        runs = [*self._runs, *self._small]
        if number >= self._handed_out:
            runs += self._leaving
        if not runs:
            return b""
        self._looks += 1
        return b"".join([run.of(number) for run in runs])

    def has(self, numbers: Numbers) -> npt.NDArray[np.bool_]:
        """Tell which of some words have files that they have not been handed."""
        found = np.zeros(len(numbers), np.bool_)
        for run in (*self._runs, *self._small):
            found |= run.has(numbers)
        for run in self._leaving:
            found |= run.has(numbers) & (numbers >= self._handed_out)
        return found

    def of_any(self, numbers: Sequence[int]) -> bytes:
        """Return the ids of some words that these have not been handed."""
        runs = [*self._runs, *self._small]
        if not (runs or self._leaving):
            return b""
        self._looks += len(numbers)
        words = np.array(numbers, np.uint32)
        left = words[words >= self._handed_out]
        found = [run.of_any(words) for run in runs] + [run.of_any(left) for run in self._leaving]
        return b"".join(found)

    @property
    def crowded(self) -> bool:
        """Whether it is time to hand out; each search asks."""
        return self._is_full or self._looks > _LOOKS

    def leave(self) -> None:
        """Begin to hand all out; nothing may be leaving."""
        self._leaving, self._runs, self._small = [*self._runs, *self._small], [], []
        self._handed_out = self._looks = 0
        self._is_full = False
        self._bounds = _window_ends(self._leaving)

    def take(self, most: int) -> Sequence[tuple[int, bytes]]:
        """Take the next words, each with all its ids, out of what leaves; empty if all have left.

        Whoever takes them must hand them out at once.
        """
        taken = list(islice(self._groups, most))
        while not taken and self._bounds:
            cuts = [run.cut(self._handed_out, self._bounds[-1]) for run in self._leaving]
            self._handed_out = self._bounds.pop()
            self._groups = groups(*_merge(cuts))
            taken = list(islice(self._groups, most))
        if taken:
            self._handed_out = taken[-1][0] + 1
        else:
            self._leaving = []
        return taken


def _merge(cuts: Sequence[tuple[Numbers, Ids]]) -> tuple[Numbers, Ids]:
    numbers, ids = zip(*cuts, strict=True)
    return sort(np.concatenate(numbers), np.concatenate(ids), runs=True)


def _window_ends(runs: Sequence[Run]) -> list[int]:
    """Divide the words of some runs so that each part has about as many pairs; highest first."""
    if not runs:
        return []
    sample = np.sort(np.concatenate([run.numbers[::_STRIDE] for run in runs]))
    top = max(int(run.numbers[-1]) for run in runs) + 1
    ends = np.unique(sample[:: _WINDOW // _STRIDE]).tolist()
    return [top, *reversed(ends)]
