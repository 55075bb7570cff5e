"""The daemon's own web pages, of which one says whether the daemon is well."""

from collections.abc import Callable, Mapping
from typing import Any

from twisted.web.http import Request
from twisted.web.resource import IResource, Resource
from twisted.web.server import Site


class PlainPage(Resource):
    """A page of one line that answers GET and HEAD; any other method gets status 405."""

    isLeaf = True

    def status_and_line(self) -> tuple[int, str]:
        """Say the HTTP status and the text."""
        raise NotImplementedError

    def render(self, request: Request) -> bytes:
        """Answer, without a body for HEAD."""
        status, line = self.status_and_line()
        if request.method not in {b"GET", b"HEAD"}:
            status, line = 405, "only GET and HEAD are answered here"
            request.setHeader(b"allow", b"GET, HEAD")
        body = f"{line}\n".encode()
        request.setResponseCode(status)
        request.setHeader(b"content-type", b"text/plain; charset=utf-8")
        request.setHeader(b"content-length", str(len(body)).encode())
        request.setHeader(b"cache-control", b"no-store")
        return b"" if request.method == b"HEAD" else body


class Health(PlainPage):
    """`/healthz`: status 200 and `ok`, or 503 and the reason."""

    def __init__(self, trouble: Callable[[], str | None]) -> None:
        super().__init__()
        self._trouble = trouble

    def status_and_line(self) -> tuple[int, str]:
        """Say how the daemon is at this moment."""
        trouble = self._trouble()
        return (503, trouble) if trouble else (200, "ok")


class NotFound(PlainPage):
    """Every page that does not exist."""

    def status_and_line(self) -> tuple[int, str]:
        """Say so."""
        return 404, "there is no such page"


class Root(Resource):
    """What the site's pages hang on."""

    def getChild(self, _path: bytes, _request: Request) -> IResource:
        """Answer for a page that nobody has put here."""
        return NotFound()


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
    root = Root()
    root.putChild(b"healthz", Health(trouble))
    for name, page in (pages or {}).items():
        root.putChild(name, page)
    return QuietSite(root, reactor=reactor, timeout=60)
