"""Progress says what happens, once, and how far it is."""

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napster.cli.progress import bar, event, progress, title, waiting
from napster.peer.api import DownloadState, DownloadStatus

MIB = 2**20
NEW = DownloadStatus(1, "a.mp3", DownloadState.WAITING, 4 * MIB, 0, 0.0, None, "alice")


def at(state: str, **changes: object) -> DownloadStatus:
    return attrs.evolve(NEW, state=DownloadState(state), **changes)


RECEIVING = at("receiving", done=MIB, rate=MIB / 2, seconds_left=6.0)


def test_title() -> None:
    """A download is introduced by name, size and source, as far as known."""
    assert title(NEW) == "a.mp3 (4.00 MiB) from alice"
    assert title(attrs.evolve(NEW, size=None, source="")) == "a.mp3"


@pytest.mark.parametrize(
    ("before", "now", "text"),
    [
        (None, NEW, ""),
        (None, at("waiting", reason="waits for its turn"), ""),
        (at("waiting", reason="bob is away"), at("waiting", reason="waits for its turn"), ""),
        (NEW, at("asking"), ""),
        (at("asking"), at("queued", place=3), "a.mp3: place 3 in alice's queue"),
        (at("queued", place=3), at("queued", place=3), ""),
        (at("queued", place=3), at("queued", place=2), "a.mp3: place 2 in alice's queue"),
        (at("asking"), at("queued"), "a.mp3: waiting in alice's queue"),
        (at("asking"), at("waiting", reason="bob is away"), "a.mp3: bob is away"),
        (at("waiting", reason="again in 9 s"), at("waiting", reason="again in 10 s"), ""),
        (at("waiting", reason="bob is away"), at("asking", reason="bob is away"), ""),
        (RECEIVING, attrs.evolve(RECEIVING, done=2 * MIB), ""),
        (RECEIVING, at("blocked", reason="9 MiB free"), "a.mp3: blocked: 9 MiB free"),
        (RECEIVING, at("paused"), "a.mp3: paused"),
        (RECEIVING, at("failed", reason="it changed"), "a.mp3 failed: it changed"),
        (RECEIVING, at("cancelled"), "a.mp3 was cancelled."),
        (
            RECEIVING,
            at("done", saved="/d/a.mp3", verified="content checked"),
            "Saved /d/a.mp3 (content checked)",
        ),
        (None, at("done", saved="/d/a.mp3"), "Saved /d/a.mp3"),
    ],
)
def test_events(before: DownloadStatus | None, now: DownloadStatus, text: str) -> None:
    """Each change worth a line gets one, and a figure that counts down gets none."""
    assert event(before, now) == text


@pytest.mark.parametrize(
    ("downloads", "text"),
    [
        ([NEW], "waiting"),
        ([at("asking")], "asking alice"),
        ([at("connecting")], "connecting to alice"),
        ([at("queued", place=3)], "place 3 in alice's queue"),
        ([at("queued", place=3, starts_in=90)], "place 3 in alice's queue, for about 1:30"),
        ([at("waiting", reason="again in 9 s")], "again in 9 s"),
        (
            [RECEIVING],
            "[######------------------]  25%  1.00 MiB of 4.00 MiB  512 KiB/s  0:06 left",
        ),
        ([attrs.evolve(RECEIVING, size=None)], "1.00 MiB  512 KiB/s"),
        (
            [attrs.evolve(RECEIVING, rate=0.0)],
            "[######------------------]  25%  1.00 MiB of 4.00 MiB  0 B/s",
        ),
        ([at("checking", done=4 * MIB)], "4.00 MiB  checking"),
        (
            [at("done", done=4 * MIB), RECEIVING, NEW, at("cancelled")],
            "2 of 4 files  [##########--------------]  42%  5.00 MiB of 12.0 MiB  512 KiB/s"
            "  0:14 left",
        ),
        ([at("done"), at("queued", place=1)], "1 of 2 files  place 1 in alice's queue"),
    ],
)
def test_progress(downloads: list[DownloadStatus], text: str) -> None:
    """One line tells how far all downloads are together, or what they wait for."""
    assert progress(downloads) == text


def test_the_bar_gives_way() -> None:
    """Where there is little room the figures stay."""
    assert progress([RECEIVING, NEW], 60) == (
        "0 of 2 files  12%  1.00 MiB of 8.00 MiB  512 KiB/s  0:14 left"
    )
    assert progress([RECEIVING, NEW], 100).startswith("0 of 2 files  [###---------------------] ")


def test_what_failed_is_not_waited_for() -> None:
    """The time left is that of what still comes."""
    assert "25%  1.00 MiB of 4.00 MiB  512 KiB/s  0:06" in progress([RECEIVING, at("failed")])


SOME = st.builds(
    DownloadStatus,
    id=st.integers(1, 3),
    name=st.text(),
    state=st.sampled_from(DownloadState),
    size=st.none() | st.integers(0, 2**63),
    done=st.integers(0, 2**63),
    rate=st.floats(0, 1e15),
    seconds_left=st.none() | st.floats(0, 1e9),
    source=st.text(),
    reason=st.text(),
)


@given(st.lists(SOME, min_size=1), SOME)
def test_any_state(downloads: list[DownloadStatus], now: DownloadStatus) -> None:
    """Whatever a daemon tells, something can be said of it."""
    assert isinstance(progress(downloads) + event(downloads[0], now) + waiting(now), str)


@given(st.floats(0, 1))
def test_bar(share: float) -> None:
    """A bar is full at the end only, and always as long."""
    assert len(bar(share)) == 26
    assert ("-" not in bar(share)) == (share == 1)
