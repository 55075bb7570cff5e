r"""Many offered files at once, taken apart by a few operations on all of their text.

A listing is of files in the usual form, as programs write it: a path in quotes, five words behind
it, one space before each. Bodies of message 100 and of message 870 come to the same listing. Of
anything unusual among them none is made, and the files are to be read one by one.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import accumulate, chain, compress, count, groupby, pairwise, repeat
from operator import add, itemgetter, ne
from typing import Self, overload

import attrs
import numpy as np
import numpy.typing as npt

_QUOTE = b'"'
_END = b"\n"
_SEPARATOR = b"\\"
_SPACE = b" "
_WORDS = 5
_BEHIND_WORDS = np.array([ord(_SPACE)] * _WORDS + [ord(_END)], np.uint8)
_DELETE = 127

Places = npt.NDArray[np.int64]


@attrs.frozen(eq=False)
class Listing(Sequence[bytes]):
    """Files of the usual form; as a sequence, their bodies of message 100."""

    names: list[bytes]
    """What follows the directory."""
    directories: list[bytes]
    """Those of the files, in their order; each ends in a backslash or is empty."""
    lengths: list[int]
    """How many files in a row are in each directory."""
    lines: bytes
    r"""One for each file: ` md5 size bitrate frequency duration\n`; five words of any kind."""
    grid: Places
    """Where in the lines the spaces and line ends are, six for each file."""
    gaps: Places
    """How many bytes stand before each of these: none before the first of a line, then a word."""

    @classmethod
    def of_bodies(cls, bodies: Sequence[bytes]) -> Self | None:
        """Take bodies of message 100 apart; None if any of them is unusual."""
        paths, behind = _split(bodies)
        lines = b"".join(behind)
        grids = _grids_of_lines(lines, len(bodies))
        if grids is None or len(paths) != len(bodies) or not all(paths):
            return None
        return cls(*separate(paths), lines, *grids) if _are_plain(b"".join(paths)) else None

    @classmethod
    def of_directories(cls, bodies: Sequence[bytes]) -> Self | None:
        """Take bodies of message 870 apart; None if any of them is unusual."""
        quoted, behind = _split(bodies)
        starts = [place for place, text in enumerate(behind) if text == _SPACE]
        if len(starts) != len(bodies) or not _begin_bodies(starts, behind):
            return None
        directories = [_closed(quoted[place]) for place in starts]
        lengths = [end - start - 1 for start, end in pairwise((*starts, len(quoted)))]
        for place in reversed(starts):
            del quoted[place], behind[place]
        text, names = b"".join(behind), b"".join(quoted)
        lines = text.replace(_SPACE + _SPACE, _END + _SPACE)
        grids = _grids_of_lines(lines, len(quoted))
        if grids is None or text.count(_END) != len(bodies):
            return None
        if not _are_plain(names + b"".join(directories)):
            return None
        listing = cls(quoted, *_joined(zip(directories, lengths, strict=True)), lines, *grids)
        return cls(*separate(listing.paths()), lines, *grids) if _SEPARATOR in names else listing

    @classmethod
    def of_files(cls, paths: Sequence[bytes], lines: bytes) -> Self:
        """Make a listing of paths, and lines that are as they should be."""
        return cls(*separate(paths), lines, *_grids(_ends(lines)))

    def some(self, rows: Sequence[int]) -> Self:
        """Return a listing of some of the files."""
        paths, lines = self.paths(), self.lines.splitlines(keepends=True)
        return self.of_files([paths[row] for row in rows], b"".join([lines[row] for row in rows]))

    def paths(self, start: int = 0) -> list[bytes]:
        """Put the paths together, each without its first `start` bytes, all of its directory."""
        directories = [directory[start:] for directory in self.directories]
        beside_names = chain.from_iterable(map(repeat, directories, self.lengths))
        return list(map(add, beside_names, self.names))

    @cached_property
    def longest_path(self) -> int:
        """How long paths may be at most; mostly none is."""
        return max(map(len, self.directories)) + max(map(len, self.names))

    @cached_property
    def _directory_ends(self) -> list[int]:
        """Before which file each directory ends."""
        return [*accumulate(self.lengths)]

    @cached_property
    def _lines(self) -> list[bytes]:
        return self.lines.splitlines()

    def _body(self, place: int) -> bytes:
        directory = self.directories[bisect_right(self._directory_ends, place)]
        return b'"%b%b"%b' % (directory, self.names[place], self._lines[place])

    def _part(self, files: range) -> Self:
        """Return a listing of successive files."""
        start, end = files.start, files.stop
        first = bisect_right(self._directory_ends, start)
        ends = self._directory_ends[first : bisect_left(self._directory_ends, end)]
        begin, stop = int(self.grid[start, 0]), int(self.grid[end - 1, -1]) + 1
        return self.__class__(
            self.names[start:end],
            self.directories[first : first + len(ends) + 1],
            [high - low for low, high in pairwise((start, *ends, end))],
            self.lines[begin:stop],
            self.grid[start:end] - begin,
            self.gaps[start:end],
        )

    def __len__(self) -> int:
        """How many files there are."""
        return len(self.names)

    @overload
    def __getitem__(self, place: int) -> bytes: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[bytes]: ...
    def __getitem__(self, place: int | slice) -> bytes | Sequence[bytes]:
        """Return the body of a file, or a listing of some; of all it is the listing itself."""
        every = range(len(self))
        if not isinstance(place, slice):
            return self._body(every[place])
        some = every[place]
        if some == every or not some:
            return self if some else ()
        return self._part(some) if some.step == 1 else self.some(some)


def listed(bodies: Sequence[bytes]) -> Listing | None:
    """Take bodies of message 100 apart, unless that is done; None if any of them is unusual."""
    return bodies if isinstance(bodies, Listing) else Listing.of_bodies(bodies)


def _split(bodies: Sequence[bytes]) -> tuple[list[bytes], list[bytes]]:
    """Return what stands in quotes in some bodies, each ended by a line end, and what behind each.

    Of bodies that do not begin with a quote, or lack one, it is nothing.
    """
    opening, *parts = _END.join((*bodies, b"")).split(_QUOTE)
    return ([], []) if opening or len(parts) % 2 else (parts[::2], parts[1::2])


def _begin_bodies(starts: Sequence[int], behind: Sequence[bytes]) -> bool:
    """Whether the end of a body stands before each of some places; before the first, the last."""
    return all(behind[place - 1].endswith(_END) for place in starts)


def separate(paths: Sequence[bytes]) -> tuple[list[bytes], list[bytes], list[int]]:
    """Separate the names of files from their directories; how many are in each comes last."""
    names = [path.rpartition(_SEPARATOR)[2] for path in paths]
    heads = list(map(bytes.removesuffix, paths, names))
    starts = [0, *compress(count(1), map(ne, heads, heads[1:]))]
    lengths = [end - start for start, end in pairwise((*starts, len(paths)))]
    return names, [heads[start] for start in starts], lengths


def _closed(directory: bytes) -> bytes:
    return directory if directory.endswith(_SEPARATOR) else directory + _SEPARATOR


def _joined(directories: Iterable[tuple[bytes, int]]) -> tuple[list[bytes], list[int]]:
    """Put together what follows each other in the same directory."""
    joined: list[bytes] = []
    lengths = []
    for directory, some in groupby(directories, itemgetter(0)):
        joined.append(directory)
        lengths.append(sum(length for _, length in some))
    return joined, lengths


def _are_plain(names: bytes) -> bool:
    """Whether joined names hold no line ends, as bodies have no others, and no NUL."""
    return _END not in names and b"\0" not in names


def _ends(lines: bytes) -> Places:
    """Find spaces and line ends."""
    return (np.frombuffer(lines, np.uint8) <= ord(_SPACE)).nonzero()[0]


def _grids(ends: Places) -> tuple[Places, Places]:
    """Return a row for each line: its ends of words, and how much stands before each."""
    gaps = ends.copy()
    gaps[1:] -= ends[:-1] + 1
    return ends.reshape(-1, _WORDS + 1), gaps.reshape(-1, _WORDS + 1)


def _grids_of_lines(lines: bytes, count: int) -> tuple[Places, Places] | None:
    """Return the grids of so many lines of five words; None if they are none."""
    ends = _ends(lines)
    if len(ends) != count * (_WORDS + 1) or not count:
        return None
    data, (grid, gaps) = np.frombuffer(lines, np.uint8), _grids(ends)
    are_lines = (
        (data[grid] == _BEHIND_WORDS).all()
        and not gaps[:, 0].any()
        and gaps[:, 1:].all()
        and data.max() < _DELETE
    )
    return (grid, gaps) if are_lines else None
