"""The daemon's own web pages: who is asked over HTTP whether it is well."""

from collections.abc import Callable, Mapping
from typing import Any

from twisted.web.http import Request
from twisted.web.resource import IResource, Resource
from twisted.web.server import Site


class Health(Resource):
    """`/healthz`: status 200 and `ok`, or 503 and the reason."""

    isLeaf = True

    def __init__(self, trouble: Callable[[], str | None]) -> None:
        super().__init__()
        self._trouble = trouble

    def render_GET(self, request: Request) -> bytes:
        """Answer for monitoring programs and load balancers."""
        trouble = self._trouble()
        request.setHeader(b"content-type", b"text/plain; charset=utf-8")
        request.setHeader(b"cache-control", b"no-store")
        if trouble:
            request.setResponseCode(503)
        return f"{trouble or 'ok'}\n".encode()


class QuietSite(Site):
    """A site that does not write every request into the daemon's log."""

    noisy = False

    def log(self, request: Request) -> None:
        """Write nothing."""


def build_site(
    reactor: Any, trouble: Callable[[], str | None], pages: Mapping[bytes, IResource] | None = None
) -> Site:
    """Make the site behind `--http`: `/healthz`, and other pages by their first path segment.

    `trouble` says in a few words why the daemon is not well, or None.
    """
    root = Resource()
    root.putChild(b"healthz", Health(trouble))
    for name, page in (pages or {}).items():
        root.putChild(name, page)
    return QuietSite(root, reactor=reactor, timeout=60)
