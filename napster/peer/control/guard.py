"""Who may call the control API: programs that know the token, and no web page.

A browser can be made to send requests to a loopback port (CSRF), also under a name that was
bound to it later (DNS rebinding). So calls that a web page caused are refused by the headers
only browsers send, and so are calls to any name that a stranger's DNS could give us.
"""

import hmac

import attrs
from twisted.web.http_headers import Headers

from napster.daemon.hosts import is_safe_host
from napster.peer.control.problems import Problem

_SAME_SITE = ("none", "same-origin")


@attrs.define
class Guard:
    """The door of the control API: closed to all until it is told the token."""

    token: str = attrs.field(default="", repr=False)

    def check(self, headers: Headers) -> None:
        """Raise a Problem unless a request with these headers may be carried out."""
        self._check_host(headers)
        self._check_site(headers)
        self._check_token(headers)

    def _check_host(self, headers: Headers) -> None:
        hosts = _values(headers, "host")
        if len(hosts) != 1 or not is_safe_host(hosts[0]):
            raise _forbidden("The Host must be localhost or an IP address.")

    def _check_site(self, headers: Headers) -> None:
        site = _values(headers, "sec-fetch-site")
        if _values(headers, "origin") or any(each not in _SAME_SITE for each in site):
            raise _forbidden("Calls from web pages are refused.")

    def _check_token(self, headers: Headers) -> None:
        given = _values(headers, "authorization")
        wanted = f"Bearer {self.token}".encode()
        if not self.token or len(given) != 1 or not hmac.compare_digest(given[0].encode(), wanted):
            message = "Send the token of the peer's state folder: Authorization: Bearer TOKEN."
            raise Problem(401, "unauthorized", message, {"WWW-Authenticate": "Bearer"})


def _values(headers: Headers, name: str) -> list[str]:
    raw = headers.getRawHeaders(name.encode(), [])
    return [each.decode("latin-1") for each in raw]


def _forbidden(message: str) -> Problem:
    return Problem(403, "forbidden", message)
