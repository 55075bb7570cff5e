"""What became of the files of one `napster get`, and what is missing."""

from collections import Counter
from collections.abc import Iterable, Sequence
from os.path import commonpath

from napster.cli.progress import outcome, was_here
from napster.peer.api import DownloadState, DownloadStatus, Wanted

_MOST_NAMED = 20
_OVER = frozenset({DownloadState.DONE, DownloadState.CANCELLED})


def summary(files: Sequence[DownloadStatus]) -> list[str]:
    """Count files by what became of them, and name again those that failed."""
    if len(files) < 2:
        return []
    counts = Counter(_fate(each) for each in files)
    counted = ", ".join(f"{count:,} {fate}" for fate, count in counts.most_common())
    failed = [each for each in files if each.state is DownloadState.FAILED]
    return [f"{len(files):,} files: {counted}.", *_named(failed)]


def vanished(
    wanted: Sequence[Wanted], begun: Sequence[DownloadStatus], known: Iterable[DownloadStatus]
) -> list[str]:
    """Name what an earlier get of a folder still waits for and its owner does not list any more."""
    if not all(each.folder for each in wanted):
        return []  # into the downloads folder itself goes much else
    folder = commonpath([each.folder for each in begun])
    nicks = {source.nick for each in wanted for source in each.sources}
    ids = {each.id for each in begun}
    left = [
        each
        for each in known
        if each.id not in ids
        and each.state not in _OVER
        and f"{each.folder}/".startswith(f"{folder}/")
        and (each.source in nicks or not each.source)
    ]
    return ["Wanted earlier, and not in that list any more:", *_named(left)] if left else []


def _fate(download: DownloadStatus) -> str:
    if was_here(download):
        return "here already"
    fates = {
        DownloadState.DONE: "saved",
        DownloadState.FAILED: "failed",
        DownloadState.CANCELLED: "cancelled",
    }
    return fates.get(download.state, "to come")


def _named(downloads: Sequence[DownloadStatus]) -> list[str]:
    named = [f"  {each.id}, {each.name}: {outcome(each)}" for each in downloads[:_MOST_NAMED]]
    more = len(downloads) - len(named)
    return [*named, f"  and {more:,} more; see napster downloads"] if more else named
