"""HTTP requests as the control API takes them: of limited size, with JSON in the body."""

import json
from collections.abc import Mapping

from twisted.web.server import Request

from napster.peer.control.problems import Problem, bad_request, too_large

MAX_BODY = 8 * 2**20
"""The largest request body in bytes; some 20,000 files to get in one call."""


class ControlRequest(Request):
    """A request that is cut off when its body grows too large."""

    _received = 0

    def gotLength(self, length: int | None) -> None:
        """Refuse a body by its announced length, before any of it came."""
        fits = length is None or length <= MAX_BODY
        super().gotLength(length if fits else 0)
        if not fits:
            self._cut_off()

    def handleContentChunk(self, data: bytes) -> None:
        """Keep a part of the body while all of it stays within the limit."""
        if self._is_cut_off:
            return
        self._received += len(data)
        if self._is_cut_off:
            self._cut_off()
        else:
            super().handleContentChunk(data)

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
        """Carry the request out, unless it was refused while it came."""
        if not self._is_cut_off:
            super().requestReceived(command, path, version)

    @property
    def _is_cut_off(self) -> bool:
        return self._received > MAX_BODY

    def _cut_off(self) -> None:
        self._received = MAX_BODY + 1
        body = encode(too_large().body())
        head = b"HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
        self.channel.write(head % len(body) + body)
        self.channel.loseConnection()


def encode(data: object) -> bytes:
    """Make the bytes of a JSON document, ending in a newline."""
    return json.dumps(data, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"


def read_json(request: Request) -> object:
    """Read the JSON of a request's body. Raises Problem."""
    kinds = request.requestHeaders.getRawHeaders(b"content-type", [])
    if [each.partition(b";")[0].strip().lower() for each in kinds] != [b"application/json"]:
        message = "The body must be JSON, with Content-Type: application/json."
        raise Problem(415, "wrong content type", message)
    body = request.content.read() if request.content else b""
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise bad_request("The body is not JSON.") from error


def write_json(request: Request, status: int, headers: Mapping[str, str], body: bytes) -> None:
    """Answer a request with JSON, and with headers that keep it out of caches and pages."""
    fixed = {
        "Content-Type": "application/json",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Content-Length": str(len(body)),
    }
    request.setResponseCode(status)
    for name, value in (fixed | dict(headers)).items():
        request.setHeader(name, value)
    request.write(body)
    request.finish()
