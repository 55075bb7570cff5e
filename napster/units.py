"""Sizes, durations and link speeds as people write and read them."""

import re
from fractions import Fraction

LINK_SPEEDS = (
    "unknown",
    "14.4",
    "28.8",
    "33.6",
    "56.7",
    "isdn64",
    "isdn128",
    "cable",
    "dsl",
    "t1",
    "t3",
)
"""The names of the link speeds 0 to 10 (protocol section 1)."""

_SIZE = re.compile(r"([0-9]{1,20}(?:\.[0-9]{1,9})?)([KMGT]?)(?:I?B)?", re.IGNORECASE | re.ASCII)
_SHIFTS = {"": 0, "K": 10, "M": 20, "G": 30, "T": 40}
_PREFIXES = ("KiB", "MiB", "GiB", "TiB", "PiB", "EiB")


def format_size(size: float) -> str:
    """Say a number of bytes in three digits and a binary unit: `0 B`, `1.50 MiB`."""
    if size < 1024:
        return f"{size:.0f} B"
    for unit in _PREFIXES:
        size /= 1024
        if size < 1023.5 or unit == _PREFIXES[-1]:
            break
    digits = 2 if size < 9.995 else 1 if size < 99.95 else 0
    return f"{size:.{digits}f} {unit}"


def format_count(number: int, thing: str) -> str:
    """Say how many there are of something whose plural ends in s: `1 file`, `1,200 files`."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def parse_size(text: str) -> int | None:
    """Read a number of bytes as people write it: `10M`, `1.5GiB`, `700`.

    The units are binary. None for anything else.
    """
    found = _SIZE.fullmatch(text)
    return int(Fraction(found[1]) * 2 ** _SHIFTS[found[2].upper()]) if found else None


def format_rate(rate: float) -> str:
    """Say a number of bytes per second: `1.50 MiB/s`."""
    return f"{format_size(rate)}/s"


def format_duration(seconds: float) -> str:
    """Say a length of time: `0:07`, `3:25`, `1:02:03`, `2d 03:04:05`."""
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    if days:
        return f"{days}d {hour:02}:{minute:02}:{second:02}"
    return f"{hour}:{minute:02}:{second:02}" if hour else f"{minute}:{second:02}"


def format_speed(speed: int) -> str:
    """Name a link speed from 0 to 10; `unknown` for any other number."""
    return LINK_SPEEDS[speed] if 0 <= speed < len(LINK_SPEEDS) else LINK_SPEEDS[0]
