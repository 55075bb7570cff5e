"""Sizes, durations and speeds read as people expect."""

import pytest

from napster.units import (
    format_count,
    format_duration,
    format_rate,
    format_size,
    format_speed,
    parse_size,
)


def test_counts() -> None:
    """One of a thing has no plural."""
    assert format_count(1, "file") == "1 file"
    assert [format_count(number, "user") for number in (0, 1200)] == ["0 users", "1,200 users"]


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.00 KiB"),
        (1536 * 1024, "1.50 MiB"),
        (10 * 2**20, "10.0 MiB"),
        (2**20 - 1, "1.00 MiB"),
        (999 * 2**20, "999 MiB"),
        (5 * 2**30, "5.00 GiB"),
        (2**64, "16.0 EiB"),
        (2**80, "1048576 EiB"),
    ],
)
def test_sizes(size: int, text: str) -> None:
    """A size has three digits and the unit it fits."""
    assert format_size(size) == text


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("0", 0),
        ("700", 700),
        ("10M", 10 * 2**20),
        ("1.5g", 3 * 2**29),
        ("64KiB", 2**16),
        ("2tb", 2**41),
        ("", None),
        ("10 M", None),
        ("-1", None),
        ("M", None),
        ("1e3", None),
        ("²", None),
    ],
)
def test_sizes_that_people_write(text: str, size: int | None) -> None:
    """A number of bytes, or of a binary unit; nothing else."""
    assert parse_size(text) == size


def test_rates() -> None:
    """A rate is a size per second."""
    assert format_rate(2048) == "2.00 KiB/s"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0:00"), (7.9, "0:07"), (205, "3:25"), (3723, "1:02:03"), (183845, "2d 03:04:05")],
)
def test_durations(seconds: float, text: str) -> None:
    """A duration shows hours and days only where there are any."""
    assert format_duration(seconds) == text


@pytest.mark.parametrize(
    ("speed", "text"), [(0, "unknown"), (7, "cable"), (10, "t3"), (11, "unknown")]
)
def test_speeds(speed: int, text: str) -> None:
    """A number outside the scale is an unknown speed."""
    assert format_speed(speed) == text
