"""The health page tells a monitor the truth."""

from io import BytesIO

import pytest
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.logger import capturedLogs
from twisted.web.resource import Resource

from napster.daemon.http import build_site


class Page(Resource):
    """Some other page."""

    isLeaf = True

    def render_GET(self, _request: object) -> bytes:
        return b"x"


def ask(site: object, request: bytes) -> tuple[bytes, bytes]:
    """Return the status line and the body of the answer to a request."""
    site.factory = site
    channel = site.buildProtocol(None)
    transport = StringTransport()
    channel.makeConnection(transport)
    channel.dataReceived(request + b" HTTP/1.0\r\n\r\n")
    answer = BytesIO(transport.value())
    status = answer.readline().strip()
    return status, answer.read().partition(b"\r\n\r\n")[2]


@pytest.mark.parametrize(
    ("trouble", "status", "body"),
    [
        (None, b"HTTP/1.0 200 OK", b"ok\n"),
        ("starting", b"HTTP/1.0 503 Service Unavailable", b"starting\n"),
    ],
)
def test_health(trouble: str | None, status: bytes, body: bytes) -> None:
    """Well is 200, unwell is 503 with the reason."""
    site = build_site(Clock(), lambda: trouble)
    assert ask(site, b"GET /healthz") == (status, body)
    assert ask(site, b"HEAD /healthz")[1] == b""


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        (b"GET /", b"HTTP/1.0 404 Not Found"),
        (b"GET /healthz/more", b"HTTP/1.0 200 OK"),
        (b"POST /healthz", b"HTTP/1.0 405 Method Not Allowed"),
        (b"GET /page", b"HTTP/1.0 200 OK"),
    ],
)
def test_other_pages(request_line: bytes, status: bytes) -> None:
    """There is nothing but what was put there, and nothing can be changed."""
    site = build_site(Clock(), lambda: None, {b"page": Page()})
    assert ask(site, request_line)[0] == status


def test_requests_are_not_logged() -> None:
    """A monitor that asks every second does not fill the log."""
    with capturedLogs() as events:
        ask(build_site(Clock(), lambda: None), b"GET /healthz")
    assert events == []
