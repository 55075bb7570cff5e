"""Many downloads fit a terminal, the busiest first."""

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from napster.cli.live import MOST_ROWS, live_lines, senders
from napster.cli.text import columns
from napster.peer.api import DownloadState, DownloadStatus
from tests.cli.screens import Seen
from tests.cli.test_progress import SOME

MIB = 2**20
NEW = DownloadStatus(1, "a.mp3", DownloadState.WAITING, 4 * MIB, 0, 0.0, None, "alice")


def at(number: int, state: str, **changes: object) -> DownloadStatus:
    return attrs.evolve(NEW, id=number, state=DownloadState(state), **changes)


SOME_OF_EACH = [
    at(1, "done", done=4 * MIB),
    at(2, "waiting", reason="alice is not online; next try in 0:09"),
    at(3, "receiving", done=MIB, rate=MIB / 2, seconds_left=6.0, sources=3),
    at(4, "queued", place=7),
    at(10, "receiving", done=2 * MIB, rate=MIB / 2, seconds_left=4.0, source="bob"),
    at(11, "paused"),
]


def test_narrow() -> None:
    """What moves stands first, each with its figures or what it waits for; all together is last."""
    assert live_lines(SOME_OF_EACH, 79, 24) == [
        " 3  a.mp3   25%   512 KiB/s     0:06  alice +2",
        "10  a.mp3   50%   512 KiB/s     0:04  bob",
        " 4  a.mp3  place 7 in alice's queue",
        " 2  a.mp3  alice is not online; next try in 0:09",
        "11  a.mp3  paused",
        "1 of 6 files  29%  7.00 MiB of 24.0 MiB  1.00 MiB/s  0:17 left",
    ]


def test_wide() -> None:
    """Where there is room every row has a bar."""
    assert live_lines(SOME_OF_EACH, 119, 24)[1] == (
        "10  a.mp3  [############------------]  50%   512 KiB/s     0:04  bob"
    )


@pytest.mark.parametrize(("height", "rows"), [(3, 1), (10, 6), (24, MOST_ROWS), (200, MOST_ROWS)])
def test_many(height: int, rows: int) -> None:
    """More downloads than fit are counted by how they are."""
    many = [at(number, "waiting") for number in range(100)] + [at(200, "paused")]
    lines = live_lines(many, 79, height)
    assert len(lines) == rows + 2
    assert lines[-2] == f"and {100 - rows} waiting, 1 paused"


@pytest.mark.parametrize(
    ("source", "sources", "text"),
    [
        ("alice", 1, "alice"),
        ("alice", 0, "alice"),
        ("alice, bob and 3 more", 5, "alice, bob and 3 more"),
        ("", 0, ""),
    ],
)
def test_senders(source: str, sources: int, text: str) -> None:
    """Whoever sends is named, who else could is counted."""
    assert senders(at(1, "receiving", source=source, sources=sources)) == text


@example([at(1, "waiting", reason="0" * 31), at(2, "waiting")], 30, 24)
@given(st.lists(SOME, min_size=1), st.integers(30, 200), st.integers(1, 60))
def test_any_state(downloads: list[DownloadStatus], width: int, height: int) -> None:
    """Whatever a daemon tells, it fits and drives no terminal."""
    lines = live_lines(downloads, width, height)
    assert len(lines) <= max(3, height)
    assert all(columns(line) <= width for line in lines)


def test_painting() -> None:
    """Rows are replaced by the next ones, and give way to a line that stays."""
    seen = Seen(terminal=True)
    seen.screen.paint(["a", "b", "c"])
    seen.screen.paint(["a", "b", "c"])
    seen.screen.paint(["d"])
    seen.screen.line("Saved.")
    assert seen.out == "\r\x1b[Ka\nb\nc\r\x1b[2A\x1b[Jd\r\x1b[KSaved.\n"
