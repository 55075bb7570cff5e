r"""What paths of one batch have in common.

A path is kept as a prefix and a name. Where many files in a row come from the same directory, that
directory is their prefix, kept once for all of them and split into words once. Where directories
keep changing, the prefix is the directory that all the batch lies under, and names are longer.
"""

from collections.abc import Sequence
from itertools import compress, count, pairwise
from operator import add, ne
from typing import NamedTuple

_SEPARATOR = b"\\"
END = b"\0"
"""What stands behind each name."""
_SCATTERED = 0.75


class Run(NamedTuple):
    """How many files in a row share a prefix, which ends in a backslash or is empty."""

    prefix: bytes
    length: int


def separate(paths: Sequence[bytes], text: bytes) -> tuple[bytes, list[Run]]:
    """Separate names and prefixes; returns the names, each ended by NUL, and the runs.

    `text` is all paths, joined by NUL.
    """
    above, separators, names = zip(*[path.rpartition(_SEPARATOR) for path in paths], strict=True)
    heads = list(map(add, above, separators))
    starts = [0, *compress(count(1), map(ne, heads, heads[1:]))]
    if len(starts) > max(1, _SCATTERED * len(paths)):
        run = Run(_shared_directory(min(paths), max(paths)), len(paths))
        stems = text.replace(END + run.prefix, END)
        return stems[len(run.prefix) :] + END, [run]
    bounds = pairwise([*starts, len(paths)])
    runs = [Run(heads[start], end - start) for start, end in bounds]
    return END.join(names) + END, runs


def _shared_directory(low: bytes, high: bytes) -> bytes:
    """Return the directory that the first and the last of some paths are in."""
    pairs = zip(low, high, strict=False)
    alike = next((at for at, (one, other) in enumerate(pairs) if one != other), len(low))
    return low[: low.rfind(_SEPARATOR, 0, alike) + 1]
