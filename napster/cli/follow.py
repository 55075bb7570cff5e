"""Follow downloads to their end, aloud."""

from collections.abc import Callable, Iterable, Mapping, Sequence

import attrs
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater

from napster.cli.live import live_lines
from napster.cli.progress import FINISHED, event, progress, title
from napster.cli.screen import Screen
from napster.cli.text import clean, crop
from napster.peer.api import DownloadState, DownloadStatus, NotFoundError, PeerApi

TICK = 0.2
"""How many seconds pass between two looks at the downloads, and a bit more for each of them."""

_TICK_EACH = 0.0005

STILL_TICK = 5.0
"""How many seconds pass between two lines of progress where no line can move."""

Show = Callable[[Sequence[DownloadStatus]], None]


class Follower:
    """Says what happens to some downloads, each thing once.

    Where lines can move, what several of them do now stands in rows that move.
    """

    def __init__(self, screen: Screen, clock: IReactorTime) -> None:
        self._screen = screen
        self._clock = clock
        self._seen: dict[int, DownloadStatus] = {}
        self._named: set[int] = set()
        self._last_progress = clock.seconds()

    def show(self, downloads: Sequence[DownloadStatus]) -> None:
        """Say what is new since the last time, and how far all are."""
        rows = self._screen.moves and len(downloads) > 1
        for now in map(self._fitted, downloads):
            begins = now.state is not DownloadState.WAITING or len(downloads) == 1
            if begins and not rows and now.state not in FINISHED:
                self._name(now)
            happened = event(self._seen.get(now.id), now)
            if happened and (not rows or now.state in FINISHED):
                self._screen.line(happened)
            self._seen[now.id] = now
        if not all(each.state in FINISHED for each in downloads):
            self._show_progress(downloads)

    def _fitted(self, download: DownloadStatus) -> DownloadStatus:
        """Leave a long name half a line, so that what happened stands beside it."""
        room = self._screen.columns
        name = clean(download.name)
        return attrs.evolve(download, name=name if room is None else crop(name, room // 2))

    def _name(self, download: DownloadStatus) -> None:
        if download.id not in self._named:
            self._named.add(download.id)
            self._screen.line(f"Getting {title(download)}")

    def _show_progress(self, downloads: Sequence[DownloadStatus]) -> None:
        if self._screen.moves and len(downloads) > 1:
            width = (self._screen.columns or 80) - 1
            self._screen.paint(live_lines(downloads, width, self._screen.height))
        elif self._screen.moves:
            self._screen.paint([progress(downloads)])
        elif self._clock.seconds() - self._last_progress >= STILL_TICK:
            self._last_progress = self._clock.seconds()
            self._screen.line(progress(downloads))


async def follow(
    peer: PeerApi, begun: Iterable[DownloadStatus], show: Show, clock: IReactorTime
) -> list[DownloadStatus]:
    """Wait until downloads have ended, one way or another, showing them again and again.

    Raises NotFoundError if the peer forgets one of them.
    """
    downloads = list(begun)
    show(downloads)
    while not all(each.state in FINISHED for each in downloads):
        await deferLater(clock, TICK + _TICK_EACH * (len(downloads) - 1), lambda: None)
        downloads = _same(downloads, await peer.downloads())
        show(downloads)
    return downloads


async def follow_all(peer: PeerApi, show: Show, clock: IReactorTime) -> None:
    """Show all unfinished downloads, also those begun meanwhile, until all have ended."""
    ended_before = {each.id for each in await peer.downloads() if each.state in FINISHED}
    while True:
        downloads = [each for each in await peer.downloads() if each.id not in ended_before]
        show(downloads)
        if all(each.state in FINISHED for each in downloads):
            return
        await deferLater(clock, TICK + _TICK_EACH * len(downloads), lambda: None)


def _same(
    downloads: Iterable[DownloadStatus], current: Iterable[DownloadStatus]
) -> list[DownloadStatus]:
    by_id = {each.id: each for each in current}
    return [_now(each, by_id) for each in downloads]


def _now(download: DownloadStatus, current: Mapping[int, DownloadStatus]) -> DownloadStatus:
    if download.state in FINISHED:
        return download  # a peer does not list those for ever
    if download.id not in current:
        raise NotFoundError(f"{download.name} is no longer among the downloads.")
    return current[download.id]
