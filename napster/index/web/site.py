"""The pages behind `--http`, and who may see them.

They are answered under an address, `localhost` or an allowed name only, so that no web site can
have a browser read them (DNS rebinding). What people search for is shown to this machine only.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from ipaddress import ip_address

from twisted.python.failure import Failure
from twisted.web.http import Request
from twisted.web.resource import IResource
from twisted.web.template import flattenString

from napster.daemon.addresses import unmap_address
from napster.daemon.hosts import is_safe_host
from napster.daemon.http import CSS, HTML, Page, Reply, line
from napster.daemon.metrics import CONTENT_TYPE, exposition
from napster.index.web.history import History
from napster.index.web.measures import MEASURES, Sources
from napster.index.web.overview import read
from napster.index.web.page import STYLE, OverviewPage

_MISDIRECTED = (
    "ask by address or by localhost, or add the name you asked by to http_names in the "
    "configuration of the index"
)


class GuardedPage(Page):
    """A page that no other site can read through a browser."""

    def __init__(self, sources: Sources, content: Callable[[Request], Reply]) -> None:
        super().__init__()
        self._sources = sources
        self._content = content

    def reply(self, request: Request) -> Reply:
        """Answer, unless it was asked for under a name that is not allowed."""
        hosts = request.requestHeaders.getRawHeaders(b"host", [])
        allowed = self._sources.hub.settings.http_names
        if len(hosts) != 1 or not is_safe_host(hosts[0].decode("latin-1"), allowed):
            return line(421, _MISDIRECTED)
        return self._content(request)


def pages(
    sources: Sources, history: History, wall_clock: Callable[[], float]
) -> Mapping[bytes, IResource]:
    """Make the pages, by their path segment."""

    def overview(request: Request) -> Reply:
        moment = datetime.fromtimestamp(wall_clock(), UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        content = read(sources, history, moment, searches=_is_local(request))
        return Reply(200, _html(OverviewPage(content)), HTML)

    def metrics(_request: Request) -> Reply:
        return Reply(200, exposition(each.metric(sources) for each in MEASURES), CONTENT_TYPE)

    def style(_request: Request) -> Reply:
        return Reply(200, STYLE, CSS)

    contents = {b"": overview, b"metrics": metrics, b"style.css": style}
    return {name: GuardedPage(sources, content) for name, content in contents.items()}


def _is_local(request: Request) -> bool:
    """Whether a request comes from this machine: from loopback, or over a Unix socket."""
    host = getattr(request.getClientAddress(), "host", None)
    return host is None or ip_address(unmap_address(host)).is_loopback


def _html(element: OverviewPage) -> bytes:
    """Write the page; nothing in it has to be waited for."""
    written: list[bytes | Failure] = []
    flattenString(None, element).addBoth(written.append)
    (page,) = written
    if isinstance(page, Failure):
        page.raiseException()
    return b"<!DOCTYPE html>\n" + page
