"""The services behind `--http`."""

import time
from collections.abc import Callable
from typing import Any

from twisted.application.service import IService

from napster.daemon.http import build_site
from napster.daemon.listening import Listener
from napster.index.hub import Hub
from napster.index.passwords import Passwords
from napster.index.search_log import SearchLog
from napster.index.web.measures import Sources
from napster.index.web.sampler import Sampler
from napster.index.web.site import pages


def web_services(
    reactor: Any,
    endpoint: str,
    hub: Hub,
    passwords: Passwords,
    trouble: Callable[[], str | None],
) -> list[IService]:
    """Have the hub remember what the page shows, and serve it at an endpoint.

    `trouble` says what the disk says of the database, or None if all is well.
    """

    def unhealthy() -> str | None:
        reason = trouble()
        return f"accounts, bans and channels cannot be written: {reason}" if reason else None

    hub.search_log = SearchLog(hub.clock)
    sampler = Sampler(hub)
    shown = pages(Sources(hub, passwords), sampler.history, time.time)
    return [sampler, Listener(reactor, endpoint, build_site(reactor, unhealthy, shown))]
