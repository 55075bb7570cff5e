"""The server answers each call, and takes nothing that is not one."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure

from napster.daemon.codec import dump
from napster.peer.api import (
    ApiError,
    BadRequestError,
    NotFoundError,
    Priority,
    UnreachableError,
)
from napster.peer.control.guard import Guard
from napster.peer.control.requests import MAX_BODY
from napster.peer.control.server import IDLE_SECONDS, ControlSite
from tests.peer.control.fake import (
    ALICE,
    DOWNLOAD,
    PAGE,
    SHARES,
    STATUS,
    UPLOAD,
    FakePeer,
)

TOKEN = "T" * 43
HEADERS = f"Host: localhost\r\nAuthorization: Bearer {TOKEN}\r\n"
WANTED = {"name": "a.mp3", "size": 5, "md5": "", "sources": [dump(ALICE)]}


class Exchange:
    """One connection to the server, fed and read by hand."""

    def __init__(self, api: object) -> None:
        self.clock = Clock()
        self.transport = StringTransport(IPv4Address("TCP", "127.0.0.1", 40000))
        site = ControlSite(api, Guard(TOKEN), self.clock)  # type: ignore[arg-type]
        self.protocol: Any = site.buildProtocol(None)
        self.protocol.makeConnection(self.transport)

    def send(self, data: bytes | str) -> None:
        self.protocol.dataReceived(data.encode() if isinstance(data, str) else data)

    def hang_up(self) -> None:
        self.protocol.connectionLost(Failure(ConnectionDone()))

    @property
    def status(self) -> int:
        return int(self.transport.value().split(b" ", 2)[1])

    @property
    def head(self) -> bytes:
        return self.transport.value().partition(b"\r\n\r\n")[0]

    @property
    def json(self) -> Any:
        return json.loads(self.transport.value().partition(b"\r\n\r\n")[2])


def ask(line: str, api: object | None = None, headers: str = HEADERS, body: str = "") -> Exchange:
    exchange = Exchange(api or FakePeer())
    length = f"Content-Length: {len(body.encode())}\r\n" if body else ""
    exchange.send(f"{line} HTTP/1.1\r\n{headers}{length}\r\n{body}")
    return exchange


@pytest.mark.parametrize(
    ("line", "call", "answer"),
    [
        ("GET /api/status", ("status",), STATUS),
        ("GET /api/shares", ("shares",), SHARES),
        ("GET /api/search?words=a", ("search", "a", False), PAGE),
        ("GET /api/search?words=a+-b%26%C3%A6&ping=yes", ("search", "a -b&æ", True), PAGE),
        ("GET /api/browse?nick=al%2Fice", ("browse", "al/ice"), PAGE),
        ("GET /api/downloads", ("downloads",), []),
        ("GET /api/uploads", ("uploads",), [UPLOAD]),
    ],
)
def test_asking(line: str, call: tuple[object, ...], answer: object) -> None:
    """Each call that changes nothing reaches the peer, and its answer comes back whole."""
    api = FakePeer()
    exchange = ask(line, api)
    assert exchange.status == 200
    assert api.calls == [call]
    assert exchange.json == dump(answer)


def post(path: str, body: object, api: object) -> Exchange:
    kind = "Content-Type: application/json\r\n"
    return ask(f"POST {path}", api, HEADERS + kind, json.dumps(body))


def test_getting() -> None:
    """Files to get arrive with their raw paths, and the downloads begun come back."""
    api = FakePeer()
    exchange = post("/api/downloads", {"wanted": [WANTED]}, api)
    assert exchange.status == 200
    ((_, (wanted,)),) = api.calls  # type: ignore[misc]
    assert wanted.sources[0] == ALICE  # type: ignore[attr-defined]
    assert exchange.json[0]["state"] == "waiting"


@pytest.mark.parametrize(
    ("path", "more", "call", "changed"),
    [
        ("pause", {}, ("pause", (17,)), {"state": "paused"}),
        ("resume", {}, ("resume", (17,)), {"state": "waiting"}),
        ("cancel", {}, ("cancel", (17,)), {"state": "cancelled"}),
        (
            "priority",
            {"priority": "high"},
            ("prioritize", (17,), Priority.HIGH),
            {"priority": "high"},
        ),
    ],
)
def test_changing_downloads(
    path: str, more: dict[str, str], call: tuple[object, ...], changed: dict[str, str]
) -> None:
    """Downloads are paused, resumed, cancelled and given a priority by their numbers."""
    api = FakePeer()
    exchange = post(f"/api/downloads/{path}", {"ids": [17], **more}, api)
    assert (exchange.status, api.calls) == (200, [call])
    assert exchange.json == [dump(DOWNLOAD) | {"id": 17} | changed]


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({}, "ids: must be a list of int."),
        ({"ids": 17}, "ids: must be a list of int."),
        ({"ids": ["17"]}, "ids: the value must be a whole number."),
        ({"ids": [17]}, "priority: the value must be one of high, normal, low."),
        (
            {"ids": [17], "priority": "huge"},
            "priority: the value must be one of high, normal, low.",
        ),
    ],
)
def test_changing_wrongly(body: object, sentence: str) -> None:
    """What is wrong in a body is named, and nothing is changed."""
    api = FakePeer()
    exchange = post("/api/downloads/priority", body, api)
    assert (exchange.status, api.calls) == (400, [])
    assert exchange.json["error"]["message"] == sentence


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (BadRequestError("No."), 400, "bad request"),
        (NotFoundError("No."), 404, "not found"),
        (UnreachableError("No."), 502, "unreachable"),
        (ApiError("No."), 409, "failed"),
    ],
)
def test_errors(error: ApiError, status: int, kind: str) -> None:
    """Each kind of error has its status, and its sentence arrives."""
    exchange = ask("GET /api/status", FakePeer(error))
    assert exchange.status == status
    assert exchange.json == {"error": {"kind": kind, "message": "No."}}


def test_mistakes(logged_failures: list[dict[str, Any]]) -> None:
    """A mistake of the daemon is logged there; the caller learns nothing of its insides."""
    exchange = ask("GET /api/status", FakePeer(ValueError("secret")))
    assert exchange.status == 500
    assert b"secret" not in exchange.transport.value()
    assert [event["log_failure"].type for event in logged_failures] == [ValueError]
    logged_failures.clear()


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("GET /", 404),
        ("GET /api", 404),
        ("GET /api/", 404),
        ("GET /api/nothing", 404),
        ("GET /api/status/", 404),
        ("GET /api/status/x", 404),
        ("GET /api/../api/status", 404),
        ("GET //api/status", 404),
        ("POST /api/status", 405),
        ("HEAD /api/status", 405),
        ("OPTIONS /api/status", 405),
        ("BREW /api/status", 405),
        ("DELETE /api/downloads", 405),
        ("GET /api/downloads/pause", 405),
        ("POST /api/downloads/", 404),
        ("POST /api/downloads/1", 404),
        ("POST /api/downloads/pause/", 404),
    ],
)
def test_no_such_calls(line: str, status: int) -> None:
    """What is no call gets its status and a sentence, and never reaches the peer."""
    api = FakePeer()
    exchange = ask(line, api)
    assert exchange.status == status
    assert api.calls == []
    assert line.startswith("HEAD") or exchange.json["error"]["message"].endswith(".")


def test_wrong_method_names_the_right_one() -> None:
    """A wrong method is answered with those there are."""
    assert b"Allow: GET, POST" in ask("PUT /api/downloads").head


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/json", "", 400),
        ("application/json", "{", 400),
        ("application/json", "[" * 100_000, 400),
        ("application/json", "[]", 400),
        ("application/json", '{"wanted": 5}', 400),
        ("application/json", '{"wanted": [{"name": 5}]}', 400),
        ("text/plain", '{"wanted": []}', 415),
        ("application/x-www-form-urlencoded", '{"wanted": []}', 415),
        ("application/json; charset=utf-8", '{"wanted": []}', 200),
    ],
)
def test_bodies(kind: str, body: str, status: int) -> None:
    """Only JSON that describes files is taken; what a form could send is not."""
    exchange = ask("POST /api/downloads", None, f"{HEADERS}Content-Type: {kind}\r\n", body)
    assert exchange.status == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ("", 403),
        ("Host: localhost\r\n", 401),
        (HEADERS.replace("TTT", "TTX"), 401),
        (HEADERS.replace("localhost", "evil.example"), 403),
        (HEADERS + "Origin: http://localhost\r\n", 403),
        (HEADERS + "Sec-Fetch-Site: cross-site\r\n", 403),
    ],
)
@pytest.mark.parametrize("line", ["GET /api/status", "DELETE /api/downloads/1", "GET /nothing"])
def test_guarded(line: str, headers: str, status: int) -> None:
    """Every path is behind the guard, and a stranger cannot tell which exist."""
    api = FakePeer()
    exchange = ask(line, api, headers)
    assert (exchange.status, api.calls) == (status, [])
    assert TOKEN.encode() not in exchange.transport.value()
    assert b"Access-Control" not in exchange.head


def test_headers_of_an_answer() -> None:
    """Answers stay out of caches, and are never taken for a page."""
    head = ask("GET /api/status").head
    assert b"Content-Type: application/json" in head
    assert b"Cache-Control: no-store" in head
    assert b"X-Content-Type-Options: nosniff" in head


def test_announced_body_too_large() -> None:
    """A body too large is refused by its announced length, before any of it came."""
    exchange = Exchange(FakePeer())
    exchange.send(
        f"POST /api/downloads HTTP/1.1\r\n{HEADERS}Content-Length: {MAX_BODY + 1}\r\n\r\n"
    )
    assert exchange.status == 413
    assert exchange.json["error"]["kind"] == "too large"
    assert exchange.transport.disconnecting


def test_chunked_body_too_large() -> None:
    """A body whose length was not announced is cut off at the limit, once."""
    api = FakePeer()
    exchange = Exchange(api)
    exchange.send(f"POST /api/downloads HTTP/1.1\r\n{HEADERS}Transfer-Encoding: chunked\r\n\r\n")
    for _ in range(MAX_BODY // 2**20 + 2):
        exchange.send(b"100000\r\n" + b"x" * 2**20 + b"\r\n")
    exchange.send(b"0\r\n\r\n")
    exchange.hang_up()
    assert exchange.transport.value().count(b"413 Content Too Large") == 1
    assert exchange.transport.value().count(b"HTTP/1.1") == 1
    assert exchange.transport.disconnecting
    assert api.calls == []


def test_unfinished_request() -> None:
    """A caller that stops in the middle of a request is let go."""
    exchange = Exchange(FakePeer())
    exchange.send("GET /api/status HTTP/1.1\r\nHost: loc")
    exchange.clock.advance(IDLE_SECONDS + 1)
    assert exchange.transport.disconnecting


@given(st.binary(max_size=300))
def test_garbage(data: bytes) -> None:
    """Whatever bytes come, no call is made of them and nothing breaks."""
    api = FakePeer()
    exchange = Exchange(api)
    exchange.send(data + b"\r\n\r\n")
    assert api.calls == []


@given(st.binary(max_size=100))
def test_garbage_after_the_token(data: bytes) -> None:
    """A caller with the token who sends garbage for a body gets a sentence."""
    head = f"{HEADERS}Content-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
    exchange = Exchange(FakePeer())
    exchange.send(f"POST /api/downloads HTTP/1.1\r\n{head}".encode() + data)
    assert exchange.status == 400


class SlowPeer(FakePeer):
    """A peer whose status takes until the test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.ready: Deferred[Any] = Deferred()

    async def status(self) -> Any:
        return await self.ready


def test_caller_gone_before_the_answer() -> None:
    """An answer for a caller who hung up is dropped without a mistake in the log."""
    api = SlowPeer()
    exchange = ask("GET /api/status", api)
    exchange.hang_up()
    api.ready.callback(STATUS)
    assert exchange.transport.value() == b""
