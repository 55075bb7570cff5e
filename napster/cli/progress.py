"""What is said of downloads while they run: one line for each event, one that moves for all."""

import re
from collections.abc import Mapping, Sequence

from napster.peer.api import DownloadState, DownloadStatus
from napster.units import format_duration, format_rate, format_size

FINISHED = frozenset({DownloadState.DONE, DownloadState.FAILED, DownloadState.CANCELLED})
_UNDER_WAY = frozenset({DownloadState.RECEIVING, DownloadState.CHECKING})
_HELD_UP = frozenset(
    {
        DownloadState.WAITING,
        DownloadState.QUEUED,
        DownloadState.BLOCKED,
        DownloadState.PAUSED,
    }
)
_GIVEN_UP = frozenset({DownloadState.FAILED, DownloadState.CANCELLED})
_BAR_ROOM = 24
_DIGITS = re.compile(r"[0-9.:]+")


def title(download: DownloadStatus) -> str:
    """Name a download that begins: `a.mp3 (4.21 MiB) from alice`."""
    size = f" ({format_size(download.size)})" if download.size is not None else ""
    source = f" from {download.source}" if download.source else ""
    return f"{download.name}{size}{source}"


def event(before: DownloadStatus | None, now: DownloadStatus) -> str:
    """Say in a line what happened to a download since it was last seen; empty if nothing."""
    if before is not None and _gist(before) == _gist(now):
        return ""
    match now.state:
        case DownloadState.DONE:
            saved = saved_as(now)
            return saved[:1].upper() + saved[1:]
        case DownloadState.FAILED:
            return f"{now.name} failed: {now.reason}"
        case DownloadState.CANCELLED:
            return f"{now.name} was cancelled."
    return _delay(before, now)


def _delay(before: DownloadStatus | None, now: DownloadStatus) -> str:
    if now.state is DownloadState.WAITING and (before is None or before.state is now.state):
        return ""  # it has not been tried since; the moving line tells why
    if now.state not in _HELD_UP or not waiting(now):
        return ""
    return f"{now.name}: {waiting(now)}"


def _gist(download: DownloadStatus) -> tuple[object, ...]:
    """Tell what of a download makes an event; figures that count down in a reason do not."""
    return download.state, download.place, _DIGITS.sub("", download.reason)


def waiting(download: DownloadStatus) -> str:
    """Say what a download waits for; empty if it has not been told."""
    if download.state is DownloadState.QUEUED:
        if download.place is not None:
            wait = download.starts_in
            when = "" if wait is None else f", for about {format_duration(wait)}"
            return f"place {download.place} in {download.source}'s queue{when}"
        return download.reason or f"waiting in {download.source}'s queue"
    if download.state is DownloadState.BLOCKED:
        return f"blocked: {download.reason}"
    return "paused" if download.state is DownloadState.PAUSED else download.reason


def saved_as(download: DownloadStatus) -> str:
    """Say where a file is, what of it could be checked, and why it is called so."""
    how = "here already:" if was_here(download) else "saved"
    verified = f" ({download.verified})" if download.verified else ""
    renamed = f"; {download.renamed}" if download.renamed else ""
    return f"{how} {download.saved}{verified}{renamed}"


def was_here(download: DownloadStatus) -> bool:
    """Tell whether a file did not have to be fetched."""
    return download.state is DownloadState.DONE and bool(download.reason)


def outcome(download: DownloadStatus) -> str:
    """Say what became of a download, or what it waits for."""
    match download.state:
        case DownloadState.DONE:
            return saved_as(download)
        case DownloadState.FAILED:
            return f"failed: {download.reason}"
        case _:
            return waiting(download) or download.state.value


def progress(downloads: Sequence[DownloadStatus], room: int | None = None) -> str:
    """Say how far all downloads are: bar, share, bytes, speed, time left, or what they wait for.

    The bar gives way where there are only `room` columns.
    """
    finished = sum(each.state in FINISHED for each in downloads)
    count = f"{finished} of {len(downloads)} files  " if len(downloads) > 1 else ""
    moving = movement(downloads, None if room is None else room - len(count))
    return count + (
        moving or _standstill([each for each in downloads if each.state not in FINISHED])
    )


def movement(downloads: Sequence[DownloadStatus], room: int | None = None) -> str:
    """Say how far and how fast all downloads go together; empty if none is under way."""
    running = [each for each in downloads if each.state in _UNDER_WAY]
    if not running:
        return ""
    counted = [each for each in downloads if each.state not in _GIVEN_UP]
    done = sum(each.done for each in counted)
    rate = sum(each.rate for each in running)
    if all(each.state is DownloadState.CHECKING for each in running):
        return f"{format_size(done)}  checking"
    if any(each.size is None for each in counted):
        return f"{format_size(done)}  {format_rate(rate)}"
    total = sum(each.size or 0 for each in counted)
    share = min(done / total, 1.0) if total else 1.0
    sizes = f"{format_size(done)} of {format_size(total)}"
    text = f"{share:4.0%}  {sizes}  {format_rate(rate)}{_left(total - done, rate)}"
    drawn = f"{bar(share)} {text}"
    return drawn if room is None or len(drawn) <= room else text.lstrip()


def _left(amount: int, rate: float) -> str:
    return f"  {format_duration(amount / rate)} left" if rate >= 1 and amount > 0 else ""


def bar(share: float) -> str:
    """Draw a bar for a share from 0 to 1."""
    filled = int(share * _BAR_ROOM)
    return f"[{'#' * filled}{'-' * (_BAR_ROOM - filled)}]"


def _standstill(left: Sequence[DownloadStatus]) -> str:
    told = [each for each in left if waiting(each)]
    if told:
        return waiting(told[0])
    verbs: Mapping[DownloadState, str] = {
        DownloadState.ASKING: "asking",
        DownloadState.CONNECTING: "connecting to",
    }
    busy = [each for each in left if each.state in verbs]
    return f"{verbs[busy[0].state]} {busy[0].source}" if busy else "waiting"
