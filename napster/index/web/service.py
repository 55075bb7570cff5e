"""The services behind `--http`."""

import time
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


def web_services(reactor: Any, endpoint: str, hub: Hub, passwords: Passwords) -> list[IService]:
    """Have the hub remember what the page shows, and serve it at an endpoint."""
    hub.search_log = SearchLog(hub.clock)
    sampler = Sampler(hub)
    shown = pages(Sources(hub, passwords), sampler.history, time.time)
    return [sampler, Listener(reactor, endpoint, build_site(reactor, lambda: None, shown))]
