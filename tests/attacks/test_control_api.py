"""Web pages, other users and strangers call the control API of a peer."""

import gzip
import http.client
import json
import stat

import pytest

from napster.peer.control.place import ControlPlace
from tests.system.daemons import Peer

Answer = tuple[int, str, http.client.HTTPMessage]


def ask(peer: Peer, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
    """Call with these headers only."""
    place = ControlPlace(peer.state).read()
    port = int(place.endpoint.rpartition(":")[2])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    for name, value in headers.items():
        text = value.replace("TOKEN", place.token)
        connection.putheader(name.replace("_", "-"), text)
    if body:
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text, answer.headers


GOOD = {"Host": "127.0.0.1", "Authorization": "Bearer TOKEN"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Authorization": ""}, 401),
        ({"Host": "evil.example.org"}, 403),
        ({"Host": "localhost.evil.example.org:6680"}, 403),
        ({"Origin": "https://evil.example.org"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec_Fetch_Site": "cross-site"}, 403),
        ({"Sec_Fetch_Site": "same-site"}, 403),
    ],
)
def test_who_may_call(bob: Peer, headers: dict[str, str], status: int) -> None:
    """Only who knows the token may, and no web page, by whatever name it calls."""
    for method, path, body in (
        ("GET", "/api/status", b""),
        ("POST", "/api/downloads", b'{"wanted": []}'),
    ):
        given = GOOD | headers | ({"Content_Type": "application/json"} if body else {})
        got, text, answered = ask(bob, method, path, body, **given)
        assert got == status, text
        assert "Access-Control-Allow-Origin" not in answered
        assert ControlPlace(bob.state).read().token not in text


def test_a_form_is_no_call(bob: Peer) -> None:
    """What a browser can send without asking first is refused, even with the token."""
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        status, _, _ = ask(
            bob, "POST", "/api/downloads", b'{"wanted": []}', Content_Type=kind, **GOOD
        )
        assert status in {400, 415}


def test_nothing_is_unpacked(bob: Peer) -> None:
    """A compressed body is not unpacked, so that a small one cannot become a huge one."""
    bomb = gzip.compress(json.dumps({"wanted": [], "x": " " * 10**7}).encode())
    packed = {"Content_Type": "application/json", "Content_Encoding": "gzip"}
    status, _, _ = ask(bob, "POST", "/api/downloads", bomb, **packed, **GOOD)
    assert status in {400, 415}


def test_the_token_is_private(bob: Peer) -> None:
    """Other users of the machine can read neither the token nor the address."""
    for name in ("token", "control.json"):
        assert stat.S_IMODE((bob.state / name).stat().st_mode) == 0o600
    assert stat.S_IMODE(bob.state.stat().st_mode) == 0o700
