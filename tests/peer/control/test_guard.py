"""The control API is closed to web pages and to programs without the token."""

import pytest
from twisted.web.http_headers import Headers

from napster.peer.control.guard import Guard
from napster.peer.control.problems import Problem

TOKEN = "T" * 43


def headers(**changes: list[str]) -> Headers:
    good = {"Host": ["127.0.0.1:6680"], "Authorization": [f"Bearer {TOKEN}"]}
    changed = {name.replace("_", "-"): values for name, values in changes.items()}
    return Headers({name: list(values) for name, values in (good | changed).items()})


def status_of(given: Headers, token: str = TOKEN) -> int:
    try:
        Guard(token).check(given)
    except Problem as problem:
        return problem.status
    return 200


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST:6680", "127.0.0.1", "127.0.0.1:1", "[::1]:6680", "[::1]", "10.0.0.9"],
)
def test_safe_hosts(host: str) -> None:
    """Names that no stranger's DNS can point at us are let in."""
    assert status_of(headers(Host=[host])) == 200


@pytest.mark.parametrize(
    "hosts",
    [
        [],
        [""],
        ["evil.example"],
        ["evil.example:6680"],
        ["127.0.0.1.evil.example"],
        ["localhost.evil.example"],
        ["localhost@evil.example"],
        ["127.0.0.1", "evil.example"],
        ["127.0.0.1:"],
        ["2130706433.nip.example"],
    ],
)
def test_other_hosts(hosts: list[str]) -> None:
    """A rebound or doubled name is refused, token or not."""
    assert status_of(headers(Host=hosts)) == 403


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:6680", ""])
def test_origins(origin: str) -> None:
    """A call that a script in a page makes is refused."""
    assert status_of(headers(Origin=[origin])) == 403


@pytest.mark.parametrize(
    ("site", "status"), [("cross-site", 403), ("same-site", 403), ("x", 403), ("none", 200)]
)
def test_fetch_sites(site: str, status: int) -> None:
    """A call that another site's page caused is refused, one that was typed is not."""
    assert status_of(headers(Sec_Fetch_Site=[site])) == status


@pytest.mark.parametrize(
    "given",
    [
        [],
        [""],
        ["Bearer"],
        ["Bearer "],
        [f"Bearer {TOKEN}x"],
        [f"Bearer {TOKEN[1:]}"],
        [f"bearer {TOKEN}"],
        [f"Basic {TOKEN}"],
        [TOKEN],
        ["Bearer \xff"],
        [f"Bearer {TOKEN}", f"Bearer {TOKEN}"],
    ],
)
def test_tokens(given: list[str]) -> None:
    """Only the whole token, once, opens the door."""
    assert status_of(headers(Authorization=given)) == 401


def test_closed_before_it_knows_the_token() -> None:
    """A door that was told no token opens to nobody, to an empty token least of all."""
    assert status_of(headers(Authorization=["Bearer "]), token="") == 401


def test_token_is_not_shown() -> None:
    """A log line that holds the guard does not hold the token."""
    assert TOKEN not in repr(Guard(TOKEN))
