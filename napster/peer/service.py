"""The parts of a peer, in the order in which they start."""

import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from twisted.application.service import IService, Service
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import HostnameEndpoint

from napster.daemon.database import Database
from napster.daemon.errors import DaemonError
from napster.daemon.listening import Listener
from napster.peer.config import Settings
from napster.peer.core import VERSION, PeerCore
from napster.peer.data_port import DataPortFactory, DataPortParts
from napster.peer.dialing import Dialer
from napster.peer.doorkeeper import ConnectionLimits
from napster.peer.downloads.disk import DiskThread
from napster.peer.downloads.downloads import Downloads
from napster.peer.downloads.lock import FolderError
from napster.peer.downloads.settle import Shelf
from napster.peer.downloads.tools import Tools
from napster.peer.finder import Finder
from napster.peer.index_link.counters import TransferCounters
from napster.peer.index_link.keeper import IndexAddress
from napster.peer.index_link.link import IndexLink, PeerSide
from napster.peer.index_link.login import Identity
from napster.peer.library.library import Library
from napster.peer.library.remember import SCHEMA
from napster.peer.library.roots import share_roots
from napster.peer.library.upkeep import LibrarySettings
from napster.peer.password import own_password, read_password
from napster.peer.uploads.line import UploadLimits
from napster.peer.uploads.service import Uploads
from napster.units import LINK_SPEEDS


class DatabaseService(Service):
    """Keeps a database open from start to stop."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def startService(self) -> Deferred[None]:
        """Open the database; fails with DatabaseError."""
        super().startService()
        return self._database.open()

    def stopService(self) -> Deferred[None]:
        """Write what is to be written and close the database."""
        super().stopService()
        return self._database.close()


class PasswordService(Service):
    """Holds the password from the start on: the one configured, else one of the peer's own."""

    name = "password"

    def __init__(self, configured: Path | None, state: Path) -> None:
        self._configured = configured
        self._own = state / "password"
        self._password = b""

    def startService(self) -> None:
        """Read the password, or make one up; raises DaemonError."""
        super().startService()
        if self._configured is not None:
            self._password = read_password(self._configured)
        else:
            self._password = own_password(self._own)

    def __call__(self) -> bytes:
        """Tell the password."""
        return self._password


class UploadsService(Service):
    """Lets uploads under way end when the peer stops, then closes the data port's connections."""

    name = "uploads"

    def __init__(self, uploads: Uploads, data_port: DataPortFactory, settings: Settings) -> None:
        self._uploads = uploads
        self._data_port = data_port
        self._drain = settings.drain_timeout

    def reload(self, settings: Settings) -> None:
        """Apply other limits."""
        self._drain = settings.drain_timeout
        self._uploads.desk.set_limits(upload_limits(settings))

    def stopService(self) -> Deferred[None]:
        """Take no more requests; fires when all uploads have ended or been broken off."""
        super().stopService()
        return Deferred.fromCoroutine(self._stop())

    async def _stop(self) -> None:
        await self._uploads.desk.drain(self._drain)
        self._data_port.close_all()


class DownloadsService(Service):
    """Goes on with downloads from start to stop."""

    name = "downloads"

    def __init__(self, downloads: Downloads) -> None:
        self._downloads = downloads

    def reload(self, settings: Settings) -> None:
        """Apply other limits."""
        self._downloads.limit(settings.download_slots)

    def startService(self) -> Deferred[None]:
        """Go on with what the downloads folder holds; fails with DaemonError."""
        super().startService()
        return Deferred.fromCoroutine(self._start())

    async def _start(self) -> None:
        try:
            await self._downloads.start()
        except FolderError as error:
            raise DaemonError(str(error)) from error

    def stopService(self) -> Deferred[None]:
        """Stop where all is now; fires when that is safely on the disk."""
        super().stopService()
        return Deferred.fromCoroutine(self._downloads.stop())


class SharesService(Service):
    """Shares other folders when the settings say so."""

    name = "shares"

    def __init__(self, library: Library) -> None:
        self._library = library

    def reload(self, settings: Settings) -> Deferred[None]:
        """Share the folders of these settings from now on."""
        return Deferred.fromCoroutine(self._library.set_roots(share_roots(settings.share)))


def upload_limits(settings: Settings) -> UploadLimits:
    """Read the limits of uploads from settings."""
    return UploadLimits(
        settings.upload_slots, settings.upload_slots_per_user, settings.upload_queue
    )


class Peer:
    """A peer: its parts, and the services that make them run.

    `settings` must name an index and a nick.
    """

    def __init__(self, reactor: Any, settings: Settings, state: Path) -> None:
        """Put it together without touching anything but a thread for the disk."""
        if settings.index is None or settings.nick is None:
            raise ValueError("settings without an index or a nick")
        self._reactor = reactor
        self._settings = settings
        self._password = PasswordService(settings.password_file, state)
        self._database = Database(reactor, state / "library.db", SCHEMA)
        self._library = Library(
            reactor,
            share_roots(settings.share),
            self._database,
            LibrarySettings(
                allow=settings.allow, rescan_interval=settings.rescan_interval, private=(state,)
            ),
        )
        dialer = Dialer(reactor, reactor)
        counters = TransferCounters()
        self._uploads = Uploads(
            reactor, settings.nick, self._library, upload_limits(settings), counters.uploads, dialer
        )
        side = PeerSide(self._library, self._uploads, counters, self._told_port)
        endpoint = HostnameEndpoint(reactor, *settings.index)
        self._link = IndexLink(
            reactor,
            IndexAddress(endpoint, "{}:{}".format(*settings.index)),
            identity(settings, self._password),
            side,
            random.random,
        )
        self._downloads = self._make_downloads(dialer, state)
        parts = DataPortParts(settings.nick, self._library, self._uploads.desk, self._downloads)
        limits = ConnectionLimits(settings.data_connections, settings.data_connections_per_address)
        self._factory = DataPortFactory(reactor, parts, limits)
        self._listener = Listener(reactor, settings.listen, self._factory)
        self.core = PeerCore(
            library=self._library,
            link=self._link,
            finder=Finder(reactor, self._link),
            desk=self._uploads.desk,
            transfers=self._downloads,
            data_port=self._told_port,
            downloads_folder=settings.downloads,
        )

    def _make_downloads(self, dialer: Dialer, state: Path) -> Downloads:
        tools = Tools(
            clock=self._reactor,
            arranger=self._link,
            dialer=dialer,
            shelf=Shelf(self._settings.downloads),
            librarian=DiskThread(self._reactor, "downloads folder"),
            new_worker=lambda name: DiskThread(self._reactor, name),
            random=random.random,
        )
        return Downloads(tools, state, self._settings.download_slots)

    def _told_port(self) -> int:
        """Tell the data port that others are told; 0 means firewalled."""
        if self._settings.firewalled:
            return 0
        return self._settings.public_port or self.bound_port()

    def bound_port(self) -> int:
        """Tell the data port listened on; 0 before the start."""
        port = self._listener.port
        host = port.getHost() if port else None
        return int(getattr(host, "port", 0))

    def services(self) -> Sequence[IService]:
        """List the services: what others need comes first, what brings work in comes last."""
        return [
            self._password,
            DatabaseService(self._database),
            self._library,
            SharesService(self._library),
            UploadsService(self._uploads, self._factory, self._settings),
            DownloadsService(self._downloads),
            self._listener,
            self._link,
        ]


def identity(settings: Settings, password: Callable[[], bytes]) -> Identity:
    """Say who logs in."""
    return Identity(
        nick=settings.nick or "",
        password=password,
        client=f"napster {VERSION}".encode(),
        speed=LINK_SPEEDS.index(settings.link_speed),
        email=settings.email if settings.register else "",
    )
