"""When files were offered.

Most files of a block come at once. So each block has one time for all of its files; only if some
come at another time, each of them gets its own.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Ids = npt.NDArray[np.uint32]
Seconds = npt.NDArray[np.uint32]

_NONE_YET, _DIFFERENT = np.iinfo(np.uint32).max - np.arange(2, dtype=np.uint32)
"""What stands for a block without files, and for one whose files came at different times."""


class Times:
    """Seconds since 1970 by file id, in blocks of so many successive ids."""

    def __init__(self, blocks: int, block: int) -> None:
        self._block = block
        self._of_all: Seconds = np.zeros(blocks, np.uint32)
        self._of_each: dict[int, Seconds] = {}

    def begin(self, number: int) -> None:
        """Forget what is known of the files of a block, which others take the place of."""
        self._of_all[number] = _NONE_YET
        self._of_each.pop(number, None)

    def keep(self, ids: Ids, since: int | Sequence[int]) -> None:
        """Keep when files were offered: a time for all, or one for each. Ids are ascending."""
        times = np.broadcast_to(np.array(since, np.uint32), ids.shape)
        numbers, places = np.divmod(ids, np.uint32(self._block))
        edges = np.flatnonzero(np.diff(numbers)) + 1
        firsts = numbers[np.append(0, edges)].tolist()
        pieces = zip(firsts, np.split(places, edges), np.split(times, edges), strict=True)
        for number, some, their_times in pieces:
            self._keep(number, some, their_times)

    def _keep(self, number: int, places: Ids, times: Seconds) -> None:
        known = self._of_all[number]
        if known == _NONE_YET:
            known = self._of_all[number] = times[0]
        if known != _DIFFERENT and (times != known).any():
            self._of_each[number] = np.full(self._block, known)
            self._of_all[number] = _DIFFERENT
        if number in self._of_each:
            self._of_each[number][places] = times

    def of(self, ids: Ids) -> Seconds:
        """Return when files were offered."""
        numbers, places = np.divmod(ids, np.uint32(self._block))
        times: Seconds = self._of_all[numbers]
        for row in np.flatnonzero(times == _DIFFERENT).tolist():
            times[row] = self._of_each[int(numbers[row])][places[row]]
        return times
