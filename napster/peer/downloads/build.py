"""Putting the downloads of a daemon together."""

from pathlib import Path
from random import SystemRandom

import attrs
from twisted.internet.interfaces import IReactorFromThreads, IReactorTime

from napster.peer.arrange import Arranger
from napster.peer.downloads.disk import DiskThread
from napster.peer.downloads.downloads import Downloads
from napster.peer.downloads.settle import Shelf
from napster.peer.downloads.tools import Dials, Tools


@attrs.frozen
class DownloadSettings:
    """How a daemon downloads."""

    folder: Path
    """Where finished files and those under way lie."""
    state: Path
    """The daemon's state folder, which exists."""
    at_once: int = 3
    """How many downloads may be under way."""
    file_mode: int = 0o644
    """The mode of what is saved, whatever the umask of the daemon is."""


def build_downloads(
    reactor: IReactorFromThreads,
    clock: IReactorTime,
    arranger: Arranger,
    dialer: Dials,
    settings: DownloadSettings,
) -> Downloads:
    """Make the downloads; they begin with `start`. `reactor` and `clock` are one and the same."""
    tools = Tools(
        clock=clock,
        arranger=arranger,
        dialer=dialer,
        shelf=Shelf(settings.folder, settings.file_mode),
        librarian=DiskThread(reactor, "downloads folder"),
        new_worker=lambda name: DiskThread(reactor, name),
        random=SystemRandom().random,
    )
    return Downloads(tools, settings.state, settings.at_once)
