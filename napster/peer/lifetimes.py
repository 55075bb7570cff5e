"""Parts of a peer that start, stop and follow a change of settings."""

from pathlib import Path

from twisted.application.service import Service
from twisted.internet.defer import Deferred

from napster.daemon.database import Database
from napster.daemon.errors import DaemonError
from napster.peer.config import Settings
from napster.peer.data_port import DataPortFactory
from napster.peer.downloads.downloads import Downloads
from napster.peer.downloads.hook import Hook
from napster.peer.downloads.lock import FolderError
from napster.peer.library.library import Library
from napster.peer.library.roots import share_roots
from napster.peer.password import own_password, password_elsewhere, read_password
from napster.peer.security.keys import PeerKey, own_key
from napster.peer.uploads.access import Access, read_access
from napster.peer.uploads.line import UploadLimits
from napster.peer.uploads.public import PublicFiles
from napster.peer.uploads.service import Uploads
from napster.peer.wishlist.getting import WishLimits
from napster.peer.wishlist.wishlist import Wishlist


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
    """Holds the password from the start on: the one configured, else one of the peer's own.

    One configured is told to every index; of its own, the peer has another for each but the first.
    """

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

    def first(self) -> bytes:
        """Tell the password for the first index."""
        return self._password

    def further(self, index: str) -> bytes:
        """Tell the password for another index."""
        if self._configured is not None:
            return self._password
        return password_elsewhere(self._password, index)


class KeyService(Service):
    """Holds the key that other peers know this one by, from the start on."""

    name = "key"

    def __init__(self, state: Path) -> None:
        self._file = state / "key.pem"
        self._key: PeerKey | None = None

    def startService(self) -> None:
        """Read the key, or make one; raises DaemonError."""
        super().startService()
        self._key = own_key(self._file)

    def __call__(self) -> PeerKey:
        """Give the key."""
        if self._key is None:
            raise RuntimeError("the key is read when the peer starts")
        return self._key


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

    def __init__(self, downloads: Downloads, hook: Hook) -> None:
        self._downloads = downloads
        self._hook = hook

    def reload(self, settings: Settings) -> None:
        """Apply other limits, and run another program from now on."""
        self._downloads.limit(settings.download_slots)
        self._hook.set(settings.on_finished, settings.on_finished_timeout)

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


class WishlistService(Service):
    """Looks out for what is wished for from start to stop."""

    name = "wishes"

    def __init__(self, wishlist: Wishlist) -> None:
        self._wishlist = wishlist

    def reload(self, settings: Settings) -> None:
        """Apply other limits."""
        self._wishlist.limit(wish_limits(settings))

    def startService(self) -> Deferred[None]:
        """Read the list, which is in the database, and look out."""
        super().startService()
        return Deferred.fromCoroutine(self._wishlist.start())

    def stopService(self) -> Deferred[None]:
        """Look out no longer; fires when what was found is kept."""
        super().stopService()
        return Deferred.fromCoroutine(self._wishlist.stop())


class AccessService(Service):
    """Keeps the rules of who may have what. It comes before new folders are shared."""

    name = "access"

    def __init__(self, uploads: Uploads, public: PublicFiles) -> None:
        self._uploads = uploads
        self._public = public

    def reload(self, settings: Settings) -> Deferred[None]:
        """Go by other rules; fires when the index has been told of what that changes."""
        rules = access_rules(settings)
        self._uploads.desk.set_access(rules)
        return Deferred.fromCoroutine(self._public.set_access(rules))


class SharesService(Service):
    """Shares other folders when the settings say so."""

    name = "shares"

    def __init__(self, library: Library) -> None:
        self._library = library

    def reload(self, settings: Settings) -> Deferred[None]:
        """Share the folders of these settings from now on."""
        return Deferred.fromCoroutine(self._library.set_roots(share_roots(settings.share)))


def access_rules(settings: Settings) -> Access:
    """Read who may have what from settings."""
    return read_access(
        settings.friends, settings.access, settings.banned_users, settings.banned_networks
    )


def wish_limits(settings: Settings) -> WishLimits:
    """Read what is downloaded for wishes at most from settings."""
    return WishLimits(settings.wish_size, settings.wish_files)


def upload_limits(settings: Settings) -> UploadLimits:
    """Read the limits of uploads from settings."""
    return UploadLimits(
        slots=settings.upload_slots,
        slots_per_user=settings.upload_slots_per_user,
        queue_length=settings.upload_queue,
        friend_slots=settings.friend_slots,
        rate=settings.upload_limit,
        rate_per_user=settings.upload_limit_per_user,
    )
