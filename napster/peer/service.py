"""The parts of a peer, in the order in which they start."""

import random
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from twisted.application.service import IService
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.interfaces import IAddress

from napster.daemon.database import Database
from napster.daemon.garbage import GarbageService
from napster.daemon.listening import Listener
from napster.peer.config import Settings
from napster.peer.core import VERSION, PeerCore
from napster.peer.data_port import DataPortFactory, DataPortParts
from napster.peer.dialing import Dialer
from napster.peer.doorkeeper import ConnectionLimits
from napster.peer.downloads.disk import DiskThread
from napster.peer.downloads.downloads import Downloads
from napster.peer.downloads.hook import Hook
from napster.peer.downloads.liars import Liars
from napster.peer.downloads.people import People
from napster.peer.downloads.settle import Shelf
from napster.peer.downloads.tools import Tools
from napster.peer.families import families
from napster.peer.finder import Finder
from napster.peer.holdings import Holdings
from napster.peer.index_link.counters import TransferCounters
from napster.peer.index_link.keeper import IndexAddress
from napster.peer.index_link.link import IndexLink, PeerSide
from napster.peer.index_link.links import Links
from napster.peer.index_link.login import Identity
from napster.peer.index_link.place import IndexPlace
from napster.peer.library.library import Library
from napster.peer.library.remember import SCHEMA
from napster.peer.library.roots import share_roots
from napster.peer.library.upkeep import LibrarySettings
from napster.peer.lifetimes import (
    AccessService,
    DatabaseService,
    DownloadsService,
    KeyService,
    PasswordService,
    SharesService,
    UploadsService,
    WishlistService,
    access_rules,
    upload_limits,
    wish_limits,
)
from napster.peer.pieces.dialing import TicketDialer
from napster.peer.security.guard import Encryption, Guard
from napster.peer.security.index_tls import index_endpoint
from napster.peer.security.known_indexes import KnownIndexes
from napster.peer.security.tickets import Tickets
from napster.peer.uploads.public import PublicFiles
from napster.peer.uploads.service import Outward, Uploads
from napster.peer.wishlist.getting import Getting
from napster.peer.wishlist.store import WishStore
from napster.peer.wishlist.wishlist import Wishlist
from napster.units import LINK_SPEEDS
from napster.wire.extension import MARKER

_ALL = "::"
"""Whoever listens here hears IPv4 as well, unless the kernel is set otherwise."""


class Peer:
    """A peer: its parts, and the services that make them run.

    `settings` must name at least one index, and a nick.
    """

    def __init__(self, reactor: Any, settings: Settings, state: Path) -> None:
        """Put it together without touching anything."""
        if not settings.index or settings.nick is None:
            raise ValueError("settings without an index or a nick")
        self._reactor = reactor
        self._settings = settings
        self._nick = settings.nick
        self._password = PasswordService(settings.password_file, state)
        self._database = Database(reactor, state / "library.db", SCHEMA)
        self._library = Library(
            reactor, share_roots(settings.share), self._database, library_settings(settings, state)
        )
        dialer = Dialer(reactor, reactor)
        counters = TransferCounters()
        limits = upload_limits(settings)
        self._key = KeyService(state)
        self._known = KnownIndexes(state / "indexes.json")
        self._guard = Guard(Encryption(settings.encryption), Tickets(reactor), self._key)
        outward = Outward(self._nick, dialer, self._guard)
        self._uploads = Uploads(reactor, self._library, limits, counters.uploads, outward)
        rules = access_rules(settings)
        self._uploads.desk.set_access(rules)
        self._public = PublicFiles(reactor, self._library, rules)
        self._links = Links([self._make_link(place, counters) for place in settings.index])
        self._hook = Hook(reactor)
        self._hook.set(settings.on_finished, settings.on_finished_timeout)
        self._downloads = self._make_downloads(dialer, state)
        self._wishlist = self._make_wishlist()
        self._data_port = self._make_data_port()
        self._listeners = [Listener(reactor, each, self._data_port) for each in settings.listen]
        self.core = self._make_core()

    def _make_link(self, index: IndexPlace, counters: TransferCounters) -> IndexLink:
        is_first = index == self._settings.index[0]
        further = partial(self._password.further, str(index))
        return IndexLink(
            self._reactor,
            IndexAddress(
                index_endpoint(self._reactor, index, self._settings.index_ca, self._known),
                str(index),
                self._known,
            ),
            Identity(
                nick=self._nick,
                password=self._password.first if is_first else further,
                client=f"napster {VERSION}".encode() + MARKER,
                speed=LINK_SPEEDS.index(self._settings.link_speed),
                email=self._settings.email if self._settings.register else "",
            ),
            PeerSide(self._public, self._uploads, counters, self._guard, self._told_port, families),
            random.random,
        )

    def _make_downloads(self, dialer: Dialer, state: Path) -> Downloads:
        tools = Tools(
            clock=self._reactor,
            arranger=self._links,
            dialer=dialer,
            shelf=Shelf(self._settings.downloads, self._settings.destinations),
            librarian=DiskThread(self._reactor, "downloads folder"),
            new_worker=lambda name: DiskThread(self._reactor, name),
            random=random.random,
            pieces=TicketDialer(self._reactor, dialer, self._guard, self._links.data_port_failed),
            people=People(Liars(state / "liars.json")),
        )
        return Downloads(tools, state, self._settings.download_slots, self._hook)

    def _make_wishlist(self) -> Wishlist:
        limits = wish_limits(self._settings)
        getting = Getting(self._reactor, self._library, self._downloads.add, limits)
        store = WishStore(self._database)
        return Wishlist(self._reactor, store, self._links, self._links, getting)

    def _make_data_port(self) -> DataPortFactory:
        parts = DataPortParts(
            self._nick, self._library, self._uploads.desk, self._downloads, self._guard
        )
        limits = ConnectionLimits(
            self._settings.data_connections, self._settings.data_connections_per_address
        )
        return DataPortFactory(self._reactor, parts, limits)

    def _make_core(self) -> PeerCore:
        return PeerCore(
            library=self._library,
            links=self._links,
            finder=Finder(self._reactor, self._links),
            holdings=Holdings(self._library, self._links),
            wishlist=self._wishlist,
            desk=self._uploads.desk,
            guard=self._guard,
            transfers=self._downloads,
            data_port=self._told_port,
            downloads_folder=self._settings.downloads,
        )

    def _told_port(self, index: str = "") -> int:
        """Tell the data port for others who come the way an index is reached; 0 means firewalled.

        `index` is the index's IP address; empty for any way.
        """
        if self._settings.firewalled:
            return 0
        places = [each.port.getHost() for each in self._listeners if each.port]
        bound = next(filter(None, (_port_of(place, index) for place in places)), 0)
        return bound if ":" in index else self._settings.public_port or bound

    def services(self) -> Sequence[IService]:
        """List the services: what others need comes first, what brings work in comes last."""
        return [
            GarbageService(self._reactor, full_collections=True),
            self._password,
            self._key,
            self._known,
            DatabaseService(self._database),
            self._library,
            AccessService(self._uploads, self._public),
            SharesService(self._library),
            UploadsService(self._uploads, self._data_port, self._settings),
            DownloadsService(self._downloads, self._hook),
            *self._listeners,
            WishlistService(self._wishlist),
            *self._links,
        ]


def _port_of(place: IAddress, index: str) -> int:
    """Tell the port listened on, if whoever comes the way to an index gets there; else 0."""
    match place:
        case IPv4Address(port=port):
            return 0 if ":" in index else int(port)
        case IPv6Address(host=host, port=port) if not index or ":" in index or host == _ALL:
            return int(port)
    return 0


def library_settings(settings: Settings, state: Path) -> LibrarySettings:
    """Read how the library works from settings; the state folder is never shared."""
    return LibrarySettings(
        allow=settings.allow, rescan_interval=settings.rescan_interval, private=(state,)
    )
