r"""What paths of one batch have in common.

A path is kept as a prefix and a name. Where many files in a row come from the same directory, that
directory is their prefix, kept once for all of them and split into words once. Where directories
keep changing, the prefix is the directory that all the batch lies under, and names are longer.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

import attrs

_SEPARATOR = b"\\"
_END = b"\0"
_SAMPLES = 64
_SCATTERED = 0.75


@attrs.frozen
class Run:
    """How many files in a row share a prefix, which ends in a backslash or is empty."""

    prefix: bytes
    count: int


def split(paths: Sequence[bytes], text: bytes) -> tuple[bytes, list[Run]]:
    """Split paths; returns their names, each ended by NUL, and the runs of their prefixes.

    `text` is all paths, joined by NUL.
    """
    if _scattered(paths):
        run = Run(_shared_directory(min(paths), max(paths)), len(paths))
        names = text.replace(_END + run.prefix, _END)
        return names[len(run.prefix) :] + _END, [run]
    heads = map(_head, paths)
    runs = [Run(head, len(list(group))) for head, group in groupby(heads)]
    return b"".join(_names(paths, runs)), runs


def _head(path: bytes) -> bytes:
    return path[: path.rfind(_SEPARATOR) + 1]


def _scattered(paths: Sequence[bytes]) -> bool:
    """Whether most files are in another directory than the one looked at before."""
    heads = list(map(_head, paths[:: max(1, len(paths) // _SAMPLES)]))
    changes = sum(one != other for one, other in pairwise(heads))
    return changes > _SCATTERED * len(heads)


def _shared_directory(low: bytes, high: bytes) -> bytes:
    pairs = zip(low, high, strict=False)
    alike = next((at for at, (one, other) in enumerate(pairs) if one != other), len(low))
    return low[: low.rfind(_SEPARATOR, 0, alike) + 1]


def _names(paths: Sequence[bytes], runs: Sequence[Run]) -> Iterator[bytes]:
    start = 0
    for run in runs:
        length = len(run.prefix)
        names = [path[length:] for path in paths[start : start + run.count]]
        yield _END.join(names) + _END
        start += run.count
