"""The daemon's own web pages, of which one says whether the daemon is well."""

from collections.abc import Callable, Mapping
from typing import Any

import attrs
from twisted.web.http import Request
from twisted.web.resource import IResource, Resource
from twisted.web.server import Site

PLAIN = b"text/plain; charset=utf-8"
HTML = b"text/html; charset=utf-8"
CSS = b"text/css; charset=utf-8"

_HEADERS = {
    b"cache-control": b"no-store",
    b"content-security-policy": b"default-src 'none'; style-src 'self'; base-uri 'none'; "
    b"form-action 'none'; frame-ancestors 'none'",
    b"referrer-policy": b"no-referrer",
    b"server": b"napster",
    b"x-content-type-options": b"nosniff",
}


@attrs.frozen
class Reply:
    """What a page answers."""

    status: int
    body: bytes
    kind: bytes


def line(status: int, text: str) -> Reply:
    """Answer in one line."""
    return Reply(status, f"{text}\n".encode(), PLAIN)


class Page(Resource):
    """A page that answers GET and HEAD; any other method gets status 405.

    No script runs in it, nothing is loaded from elsewhere, and no other site can frame it.
    """

    isLeaf = True

    def reply(self, request: Request) -> Reply:
        """Answer a GET."""
        raise NotImplementedError

    def render(self, request: Request) -> bytes:
        """Answer, without a body for HEAD."""
        if request.method in {b"GET", b"HEAD"}:
            reply = self.reply(request)
        else:
            reply = line(405, "only GET and HEAD are answered here")
            request.setHeader(b"allow", b"GET, HEAD")
        request.setResponseCode(reply.status)
        for name, value in _HEADERS.items():
            request.setHeader(name, value)
        request.setHeader(b"content-type", reply.kind)
        request.setHeader(b"content-length", str(len(reply.body)).encode())
        return b"" if request.method == b"HEAD" else reply.body


class Health(Page):
    """`/healthz`: status 200 and `ok`, or 503 and the reason."""

    def __init__(self, trouble: Callable[[], str | None]) -> None:
        super().__init__()
        self._trouble = trouble

    def reply(self, _request: Request) -> Reply:
        """Say how the daemon is at this moment."""
        trouble = self._trouble()
        return line(503, trouble) if trouble else line(200, "ok")


class NotFound(Page):
    """Every page that does not exist."""

    def reply(self, _request: Request) -> Reply:
        """Say so."""
        return line(404, "there is no such page")


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
    """Make the site behind `--http`: `/healthz`, and other pages by their only path segment.

    `trouble` says in a few words why the daemon is not well, or None.
    """
    root = Root()
    root.putChild(b"healthz", Health(trouble))
    for name, page in (pages or {}).items():
        root.putChild(name, page)
    return QuietSite(root, reactor=reactor, timeout=60)
