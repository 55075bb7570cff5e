"""The tokens of many names at once.

A token of up to 16 bytes is two 64-bit integers, the first and the second half of it. So all tokens
of a text are found, hashed and compared by a few operations on whole arrays, instead of one by one.
Of a longer token, these are the first 16 bytes.
"""

from collections.abc import Iterable

import attrs
import numpy as np
import numpy.typing as npt

from napster.catalog.words import IGNORED, LOWERED_NAMES

WIDTH = 16
"""So many bytes of a token are in its halves."""
_SPACE = ord(" ")
_HALF = 8
_MASKS = np.frombuffer(b"".join(b"\xff" * n + b"\0" * (_HALF - n) for n in range(_HALF + 1)), "<u8")
"""By length: which bytes of the eight from its start on belong to a token."""
_FACTOR, _OTHER_FACTOR = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F], np.uint64)

Places = npt.NDArray[np.int64]
Halves = npt.NDArray[np.uint64]


@attrs.frozen(eq=False)
class Tokens:
    """The tokens of some names, one after another."""

    text: bytes
    starts: Places
    ends: Places
    ranks: Places
    """Which name each token is from."""
    first: Halves
    """The first eight bytes of each token, filled up with NUL."""
    second: Halves
    """The next eight."""

    def texts(self, some: Places) -> list[bytes]:
        """Return some of the tokens as they stand in the text."""
        spans = zip(self.starts[some].tolist(), self.ends[some].tolist(), strict=True)
        return [self.text[start:end] for start, end in spans]


def split(names: bytes) -> Tokens:
    """Find the tokens of names, each ended by NUL."""
    text = b" " + names.translate(LOWERED_NAMES, IGNORED) + b" " * WIDTH
    data = np.frombuffer(text, np.uint8)
    inside = data > _SPACE
    edges = (inside[1:] != inside[:-1]).nonzero()[0] + 1
    counts = edges.searchsorted((data == 0).nonzero()[0], "right") >> 1
    counts[1:] -= counts[:-1].copy()
    ranks = np.arange(len(counts)).repeat(counts)
    starts, ends = edges.reshape(-1, 2).T.copy()
    eight = np.ndarray(len(text) - _HALF + 1, np.uint64, text, strides=(1,))
    lengths = ends - starts
    first = eight[starts] & _MASKS.take(lengths, mode="clip")
    second = eight[starts + _HALF] & _MASKS.take(lengths - _HALF, mode="clip")
    return Tokens(text, starts, ends, ranks, first, second)


def halves(tokens: Iterable[bytes]) -> tuple[Halves, Halves]:
    """Make the first halves of tokens, and the second ones."""
    padded = b"".join(token[:WIDTH].ljust(WIDTH, b"\0") for token in tokens)
    first, second = np.frombuffer(padded, np.uint64).reshape(-1, 2).T
    return first, second


def hashes(first: Halves, second: Halves) -> Halves:
    """Make 64 bits of the halves of each token, the highest of which are the best."""
    found: Halves = (first * _FACTOR ^ second * _OTHER_FACTOR) * _FACTOR
    return found
