"""Many downloads at a glance while they run: the busiest of them, and all together below."""

from collections import Counter
from collections.abc import Sequence

from napster.cli.progress import FINISHED, bar, outcome, progress
from napster.cli.text import clean, columns, crop, pad
from napster.peer.api import DownloadState, DownloadStatus
from napster.units import format_duration, format_rate

MOST_ROWS = 12
"""How many downloads are shown one by one."""
_KEPT_LINES = 4
"""How many lines of a terminal are left for what has happened before."""
_WIDE = 110
"""From how many columns on there is room for a bar in every row."""
_NAME_SHARE = 0.4

_ORDER = (
    DownloadState.RECEIVING,
    DownloadState.CHECKING,
    DownloadState.CONNECTING,
    DownloadState.ASKING,
    DownloadState.BLOCKED,
    DownloadState.QUEUED,
    DownloadState.WAITING,
    DownloadState.PAUSED,
)
_RANK = {state: rank for rank, state in enumerate(_ORDER)}


def live_lines(downloads: Sequence[DownloadStatus], width: int, height: int) -> list[str]:
    """Write a row for each of the busiest unfinished downloads, and a line for all of them."""
    unfinished = [each for each in downloads if each.state not in FINISHED]
    unfinished.sort(key=lambda each: (_RANK[each.state], each.id))
    room = max(1, min(MOST_ROWS, height - _KEPT_LINES))
    shown, rest = unfinished[:room], unfinished[room:]
    lines = _rows(shown, width)
    if rest:
        counts = Counter(each.state.value for each in rest)
        lines.append("and " + ", ".join(f"{count:,} {state}" for state, count in counts.items()))
    return [crop(line, width) for line in (*lines, progress(downloads, width))]


def _rows(downloads: Sequence[DownloadStatus], width: int) -> list[str]:
    ids = [str(each.id) for each in downloads]
    names = [clean(each.name) for each in downloads]
    id_room = max(map(len, ids), default=0)
    name_room = min(int(width * _NAME_SHARE), max(map(columns, names), default=0))
    return [
        f"{number:>{id_room}}  {pad(crop(name, name_room), name_room)}  {_doing(each, width)}"
        for number, name, each in zip(ids, names, downloads, strict=True)
    ]


def _doing(download: DownloadStatus, width: int) -> str:
    if download.state is not DownloadState.RECEIVING or not download.size:
        return clean(outcome(download))
    share = min(download.done / download.size, 1.0)
    left = download.seconds_left
    time = "" if left is None else format_duration(left)
    figures = f"{share:4.0%}  {format_rate(download.rate):>10}  {time:>7}  {senders(download)}"
    return f"{bar(share)} {figures}" if width >= _WIDE else figures


def senders(download: DownloadStatus) -> str:
    """Say from whom a file comes, and of how many others it could be had."""
    alone = download.source and "," not in download.source
    more = f" +{download.sources - 1}" if alone and download.sources > 1 else ""
    return f"{clean(download.source)}{more}"
