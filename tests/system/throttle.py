"""A slow way to a data port that notes what passes: from which offset, and how much."""

import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Self

import attrs

_CHUNK = 64 << 10
_REQUEST = re.compile(rb"GET.* (\d+)$", re.DOTALL)


@attrs.define
class Passage:
    """One connection: the offset that was asked for, and what went the other way."""

    asked: bytes = b""
    passed: int = 0
    """How many bytes went to the downloader, the greeting and the size included."""

    @property
    def offset(self) -> int | None:
        """From where on the downloader wanted the file; None if it has not asked."""
        request = _REQUEST.match(self.asked)
        return int(request[1]) if request else None


class Throttle:
    """Forwards connections to the port `target`, each at `rate` bytes a second.

    It stands before an uploader's data port, as a router does that forwards another port.
    """

    def __init__(self, rate: float) -> None:
        self.target = 0
        self.rate = rate
        self.passages: list[Passage] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self._sockets: list[socket.socket] = [self._listening]
        self._threads: list[threading.Thread] = []
        self._start(self._accept)

    @property
    def passed(self) -> int:
        """Count all bytes that went to downloaders."""
        return sum(each.passed for each in self.passages)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close everything."""
        for each in self._sockets:
            _hang_up(each)
        for thread in self._threads:
            thread.join()
        for each in self._sockets:
            each.close()

    def _start(self, work: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=work, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                caller, _ = self._listening.accept()
            except OSError:
                return
            self._sockets.append(caller)
            caller.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _CHUNK)
            try:
                called = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                _hang_up(caller)
                continue
            called.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._sockets.append(called)
            passage = Passage()
            self.passages.append(passage)
            self._start(self._ask, caller, called, passage)
            self._start(self._answer, called, caller, passage)

    def _ask(self, caller: socket.socket, called: socket.socket, passage: Passage) -> None:
        """Forward what the downloader says."""
        for data in _received(caller):
            passage.asked += data
            if not _sent(called, data):
                break
        _hang_up(called)

    def _answer(self, called: socket.socket, caller: socket.socket, passage: Passage) -> None:
        """Forward what the uploader says, at the rate."""
        for data in _received(called):
            if not _sent(caller, data):
                break
            passage.passed += len(data)
            time.sleep(len(data) / self.rate)
        _hang_up(caller)


def _received(source: socket.socket) -> Iterator[bytes]:
    while True:
        try:
            data = source.recv(_CHUNK)
        except OSError:
            return
        if not data:
            return
        yield data


def _sent(target: socket.socket, data: bytes) -> bool:
    try:
        target.sendall(data)
    except OSError:
        return False
    return True


def _hang_up(one: socket.socket) -> None:
    try:
        one.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
