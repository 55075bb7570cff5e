"""The parts of the index daemon, in the order in which they start."""

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from twisted.application.service import IService, Service
from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater
from twisted.logger import Logger

from napster.catalog.interface import ICatalog
from napster.catalog.memory.catalog import MemoryCatalog
from napster.daemon import memory
from napster.daemon.database import Database
from napster.daemon.garbage import GarbageService
from napster.daemon.listening import Listener
from napster.index.accounts import SCHEMA, Accounts
from napster.index.actors import Actor
from napster.index.address_watch import AddressWatch
from napster.index.admin.backups import Backups
from napster.index.admin.calls import Console
from napster.index.admin.live import LiveSettings
from napster.index.admin.server import AdminService
from napster.index.channels.register import Channels
from napster.index.channels.store import ChannelStore
from napster.index.config import Settings
from napster.index.hub import Hub
from napster.index.limits import Limits
from napster.index.metaserver import MetaserverFactory
from napster.index.passwords import Passwords
from napster.index.patrol import INTERVAL, patrol
from napster.index.periodic import Periodic
from napster.index.port_tester import PortTester
from napster.index.protocol import IndexFactory
from napster.index.records import Records
from napster.index.relay.desk import RelayDesk
from napster.index.relay.protocol import RelayFactory
from napster.index.session import Session
from napster.index.slices import in_slices
from napster.index.themes import STAGES
from napster.index.web.service import web_services
from napster.wire.messages.login import Disconnecting, Notice

_TIDYING = 0.25
"""Seconds between two looks whether the catalog can be tidied up."""
_FAREWELL = 5.0
"""So many seconds sessions have to read that the server stops."""


class AccountsService(Service):
    """The accounts, their database and the threads that hash passwords."""

    name = "accounts"

    def __init__(self, database: Database, passwords: Passwords, accounts: Accounts) -> None:
        self._database = database
        self._passwords = passwords
        self._accounts = accounts

    def startService(self) -> Deferred[None]:
        """Open the database; fails with DaemonError."""
        super().startService()
        return Deferred.fromCoroutine(self._start())

    async def _start(self) -> None:
        await self._database.open()
        self._passwords.start()
        await self._accounts.drop_old_shortcuts()

    def stopService(self) -> Deferred[None]:
        """Write what is to be written and close the database."""
        super().stopService()
        return Deferred.fromCoroutine(self._stop())

    async def _stop(self) -> None:
        await self._passwords.stop()
        await self._database.close()

    def reload(self, settings: Settings) -> None:
        """Apply other settings."""
        self._passwords.most_waiting = settings.max_waiting_logins


class ChannelsService(Service):
    """The channels that are kept across restarts."""

    name = "channels"

    def __init__(self, channels: Channels) -> None:
        self._channels = channels

    def startService(self) -> Deferred[None]:
        """Open them; fails with what the database fails with."""
        super().startService()
        return Deferred.fromCoroutine(self._channels.load())


class RecordsService(Service):
    """Bans and muzzles, known before anybody comes in."""

    name = "records"

    def __init__(self, records: Records) -> None:
        self._records = records

    def startService(self) -> Deferred[None]:
        """Read them; fails with what the database fails with."""
        super().startService()
        return Deferred.fromCoroutine(self._records.load())


class SessionsService(Service):
    """All connections of a hub."""

    name = "sessions"
    log = Logger()

    def __init__(self, hub: Hub) -> None:
        self.hub = hub

    def reload(self, settings: Settings) -> None:
        """Apply other settings; raises MotdError."""
        self.hub.configure(settings)

    def stopService(self) -> Deferred[None]:
        """Take leave of everybody; fires when all have gone, or after some seconds."""
        super().stopService()
        return Deferred.fromCoroutine(self._stop())

    async def _stop(self) -> None:
        self.log.info("taking leave of {number} connections", number=len(self.hub.sessions))
        await in_slices(self.hub.clock, tuple(self.hub.sessions), _take_leave)
        deadline = self.hub.clock.seconds() + _FAREWELL
        while self.hub.sessions and self.hub.clock.seconds() < deadline:
            await deferLater(self.hub.clock, 0.05)
        await in_slices(self.hub.clock, tuple(self.hub.sessions), _cut_off)
        while self.hub.sessions:
            await deferLater(self.hub.clock, 0.05)
        self.hub.network.close()


class RelayService(Service):
    """The transfers that go through the relay."""

    name = "relay"

    def __init__(self, relay: RelayDesk) -> None:
        self._relay = relay

    def stopService(self) -> None:
        """End them."""
        super().stopService()
        self._relay.close()


def _take_leave(session: Session) -> None:
    session.end(Notice(b"The server is shutting down; try again later"), Disconnecting())


def _cut_off(session: Session) -> None:
    session.abort("does not read its farewell")


class Index:
    """The index daemon: what it knows, and the services that make it run."""

    def __init__(
        self, reactor: Any, settings: Settings, state: Path, catalog: ICatalog | None = None
    ) -> None:
        """Put it together without touching anything; raises MotdError."""
        limits = Limits(reactor, settings)
        key = state / "shortcuts.key"
        passwords = Passwords(reactor, limits, settings.max_waiting_logins, key)
        database = Database(reactor, state / "accounts.db", SCHEMA)
        self.hub = Hub(
            clock=reactor,
            settings=settings,
            catalog=catalog or MemoryCatalog(reactor),
            accounts=Accounts(database, passwords, time.time),
            limits=limits,
            channels=Channels(ChannelStore(database), time.time),
            records=Records(database, time.time),
            port_tester=PortTester(reactor, limits),
        )
        self._reactor = reactor
        self._passwords = passwords
        self._database = database
        self._counted = (reactor.seconds(), 0)
        self._accounts = AccountsService(database, passwords, self.hub.accounts)
        self._address_watch = AddressWatch(limits)
        self._listeners = [self._listener(each) for each in settings.listen]
        self._backups = Backups(database, state)
        self._state = state

    def services(self, live: LiveSettings) -> list[IService]:
        """List the services: what others need comes first, what brings work in comes last."""
        hub, settings = self.hub, self.hub.settings
        return [
            self._accounts,
            ChannelsService(hub.channels),
            RecordsService(hub.records),
            SessionsService(hub),
            hub.port_tester,
            AdminService(self._reactor, lambda login: self._console(live, login), self._state),
            Periodic(hub.clock, lambda: INTERVAL, self._patrol),
            Periodic(hub.clock, lambda: hub.settings.stats_interval, self._push_stats),
            *self._http(settings),
            GarbageService(self._reactor, full_collections=False),
            Periodic(hub.clock, lambda: memory.PERIOD, memory.give_back),
            Periodic(hub.clock, lambda: _TIDYING, self._tidy),
            *self._metaserver(settings),
            *self._relay(settings),
            *self._listeners,
        ]

    def status_line(self) -> str:
        """Say how many users, files and searches there are, searches since the last time."""
        hub, (then, before) = self.hub, self._counted
        self._counted = self._reactor.seconds(), hub.meters.searches
        rate = (hub.meters.searches - before) / max(self._counted[0] - then, 0.001)
        files = hub.catalog.totals().files
        return f"{len(hub.network):,} users, {files:,} files, {rate:.1f} searches/s"

    def _console(self, live: LiveSettings, login: str) -> Console:
        actor = Actor.console(login, self.hub.settings.server_name)
        return Console(self.hub, live, self._backups, actor)

    def _listener(self, endpoint: str) -> Listener:
        return Listener(self._reactor, endpoint, IndexFactory(self.hub, STAGES))

    def _metaserver(self, settings: Settings) -> list[IService]:
        if settings.metaserver is None:
            return []
        servers = settings.metaserver_servers
        factory = MetaserverFactory(self.hub, servers, lambda: _bound_port(self._listeners))
        return [Listener(self._reactor, settings.metaserver, factory)]

    def _relay(self, settings: Settings) -> list[IService]:
        if settings.relay is None:
            return []
        listener = Listener(self._reactor, settings.relay, RelayFactory(self.hub))
        self.hub.relay.port = lambda: _bound_port([listener])
        return [RelayService(self.hub.relay), listener]

    def _http(self, settings: Settings) -> list[IService]:
        if settings.http is None:
            return []
        hub, database = self.hub, self._database
        return web_services(
            self._reactor, settings.http, hub, self._passwords, lambda: database.trouble
        )

    async def _tidy(self) -> None:
        self.hub.catalog.tidy()

    async def _patrol(self) -> None:
        await patrol(self.hub)
        self._address_watch.look()

    async def _push_stats(self) -> None:
        frame = self.hub.stats().frame()
        await in_slices(self.hub.clock, self.hub.network, lambda member: member.deliver(frame))


def _bound_port(listeners: Iterable[Listener]) -> int:
    """Return the first port that is listened on; 0 if there is none."""
    bound = (each.port.getHost() for each in listeners if each.port)
    return next((int(host.port) for host in bound if hasattr(host, "port")), 0)
