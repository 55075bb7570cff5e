"""Tell a file's size from its content: the digits of one run into the bytes of the other.

What a peer may answer for a file announced as S bytes:

- the digits of S; whatever follows them is content, be it digits or not;
- asked for an offset: the digits of S minus the offset, and no digit behind them (giFT);
- asked from the start, S below 2^32: a larger number that equals S modulo 2^32, since S may come
  from an index that cuts sizes to 32 bits.

An answer that fits twice is refused, not guessed at.
"""

import re
from collections.abc import Iterator
from typing import Final

import attrs

from napster.wire.errors import ParseError

_CUT: Final = 2**32
_HIGHEST: Final = 2**64 - 1
_MOST_DIGITS: Final = len(str(_HIGHEST))
_DIGITS: Final = re.compile(rb"[0-9]{0,%d}" % _MOST_DIGITS)


@attrs.frozen
class SizeRead:
    """The size of a whole file, and how many digits of the answer stood for it."""

    size: int
    digits: int


def safe_offset(size: int, wanted: int) -> int:
    """Return the offset to ask for, at or shortly before `wanted`, that leaves no doubt.

    The digits of `size` must not begin with those of what is to come: of 10,485,760 bytes from
    9,437,184 on, `10485760` could also be 1,048,576 bytes that begin with a `0`.
    """
    while wanted > 0 and str(size).startswith(str(size - wanted)):
        wanted -= 1
    return wanted


def read_size(answer: bytes, announced: int, offset: int, *, final: bool) -> SizeRead | None:
    """Read the size off an answer to a request for `offset`, a `safe_offset`.

    Returns None if more bytes are needed; `final` says that nothing has come for a while. Raises
    ParseError for another file's size and for one that cannot be told from the content.
    """
    digits = _DIGITS.match(answer)[0]  # type: ignore[index]  # it also matches nothing
    run_over = len(digits) < len(answer) or len(digits) == _MOST_DIGITS
    if offset == 0 and announced < _CUT:
        readings = list(_readings(answer, digits, announced))
        at_end = final and len(answer) == len(str(announced)) + announced
        settled = run_over or at_end or digits.startswith(b"0")
    else:
        readings = list(_uncut_readings(digits, announced, offset, run_over=run_over))
        settled = run_over or bool(readings)
    if not settled:
        return None
    if len(readings) == 1:
        return readings[0]
    raise ParseError(_complaint(digits, announced, ambiguous=bool(readings)))


def _readings(answer: bytes, digits: bytes, announced: int) -> Iterator[SizeRead]:
    """Yield what an answer can mean if the announced size may have been cut."""
    exact = b"%d" % announced
    if digits.startswith(exact) and len(answer) <= len(exact) + announced:
        yield SizeRead(announced, len(exact))
    if digits.startswith(b"0"):
        return
    for length in range(len(str(_CUT)), len(digits) + 1):
        size = int(digits[:length])
        if announced < size <= _HIGHEST and size % _CUT == announced:
            yield SizeRead(size, length)


def _uncut_readings(
    digits: bytes, announced: int, offset: int, *, run_over: bool
) -> Iterator[SizeRead]:
    """Yield what an answer can mean if the announced size is the true one."""
    exact = b"%d" % announced
    if digits.startswith(exact):
        yield SizeRead(announced, len(exact))
    elif offset and run_over and digits == b"%d" % (announced - offset):
        yield SizeRead(announced, len(digits))


def _complaint(digits: bytes, announced: int, *, ambiguous: bool) -> str:
    if ambiguous:
        return "the size sent cannot be told from the digits that the file begins with"
    return f"the other side offers {digits.decode()} bytes, {announced} were announced"
