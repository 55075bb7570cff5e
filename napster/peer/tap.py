"""`twistd napster-peer`: its options, and the services made from them."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from twisted.application.service import IService

from napster.daemon import checks
from napster.daemon.checks import Problem
from napster.daemon.command import DaemonOptions
from napster.daemon.errors import DaemonError
from napster.daemon.process import use_monotonic_time
from napster.daemon.service import DaemonService
from napster.peer.config import Settings
from napster.peer.control.service import ControlService
from napster.peer.library.roots import share_roots
from napster.peer.password import read_password
from napster.peer.security.guard import Encryption
from napster.peer.security.index_tls import SYSTEM, read_authorities
from napster.peer.service import Peer


class Options(DaemonOptions):
    """The command line of the peer daemon."""

    name = "peer"
    settings_class = Settings
    longdesc = "A peer: shares folders, and downloads what others share, straight from them."

    def checks(self, settings: Settings) -> Iterator[Problem]:
        """Check what must be there for a peer to be of use."""
        if not settings.index:
            yield Problem("index", "must be set to HOST:PORT: the index to register at")
        for place in settings.index:
            if settings.index.count(place) > 1:
                yield Problem("index", f"names {place} twice: the logins would displace each other")
        encrypted = [place.tls for place in settings.index]
        if settings.encryption == Encryption.REQUIRE and not all(encrypted):
            yield Problem(
                "encryption", "require needs TLS to the index as well: set index to tls:HOST:PORT"
            )
        if settings.nick is None:
            yield Problem("nick", "must be set: the name this peer goes by")
        for root in share_roots(settings.share):
            yield from checks.folder("share", root.path)
        yield from self._access_problems(settings)
        for program in settings.on_finished[:1]:
            yield from checks.program("on_finished", program)
        yield from self._password_problems(settings)
        yield from self._authority_problems(settings)

    def _access_problems(self, settings: Settings) -> Iterator[Problem]:
        shared = [os.fsdecode(root.name) for root in share_roots(settings.share)]
        for name in settings.access:
            if name.lower() not in map(str.lower, shared):
                known = f"those are {', '.join(shared)}" if shared else "there is none"
                yield Problem("access", f"{name} is not the name of a share; {known}")

    def _password_problems(self, settings: Settings) -> Iterator[Problem]:
        if settings.password_file is not None:
            try:
                read_password(settings.password_file)
            except DaemonError as error:
                yield Problem("password_file", str(error))
        elif settings.register:
            yield Problem("register", "needs password_file: the password to register with")

    def _authority_problems(self, settings: Settings) -> Iterator[Problem]:
        if settings.index_ca is None:
            return
        if not any(place.tls for place in settings.index):
            yield Problem("index_ca", "is of no use without TLS: set index to tls:HOST:PORT")
        if settings.index_ca != SYSTEM:
            try:
                read_authorities(Path(settings.index_ca))
            except DaemonError as error:
                yield Problem("index_ca", str(error))


def makeService(options: Options, reactor: Any = None) -> IService:
    """Make the daemon; the only place that takes the global reactor."""
    if reactor is None:
        from twisted.internet import reactor  # noqa: PLC0415  # choosing one must come first

        use_monotonic_time(reactor)
    settings = options.settings
    peer = Peer(reactor, settings, options.state.path)
    daemon = DaemonService(
        reactor,
        options,
        status_line=peer.core.status_line,
        patience=settings.drain_timeout + _MARGIN,
    )
    for service in peer.services():
        service.setServiceParent(daemon)
    control = ControlService(reactor, peer.core, settings.control, options.state.path)
    control.setServiceParent(daemon)
    return daemon


_MARGIN = 30.0
"""So many seconds a stop may take besides waiting for uploads."""
