"""Telling systemd how the daemon is (sd_notify(3)), without a library."""

import socket
from collections.abc import Callable, Mapping
from typing import Any

from twisted.internet.task import LoopingCall
from twisted.logger import Logger

_STATUS_SECONDS = 5.0


class Notifier:
    """Messages to the socket that systemd names in NOTIFY_SOCKET; without one, nothing is sent.

    `status_line` is asked for live figures with every message, and every few seconds in between.
    A message that cannot be sent is logged and forgotten: the daemon's work goes on.
    """

    log = Logger()

    def __init__(
        self, clock: Any, environ: Mapping[str, str], status_line: Callable[[], str]
    ) -> None:
        address = environ.get("NOTIFY_SOCKET", "")
        # systemd writes a socket in Linux's abstract namespace with a leading @.
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self._clock = clock
        self._status_line = status_line
        self._loop = LoopingCall(self._send)
        self._loop.clock = clock

    def ready(self) -> None:
        """Say that the daemon serves, at first or again after a reload."""
        self._send("READY=1")
        if self._address and not self._loop.running:
            self._loop.start(_STATUS_SECONDS, now=False)

    def reloading(self) -> None:
        """Say that the configuration is being read."""
        self._send("RELOADING=1", f"MONOTONIC_USEC={int(self._clock.seconds() * 1_000_000)}")

    def stopping(self) -> None:
        """Say that the daemon is about to end."""
        if self._loop.running:
            self._loop.stop()
        self._send("STOPPING=1")

    def _send(self, *lines: str) -> None:
        if not self._address:
            return
        # A line end in the text would begin another assignment.
        status = "STATUS=" + " ".join(self._status_line().split())
        message = "\n".join([*lines, status]).encode("utf-8", "replace")
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
                sender.settimeout(0)
                sender.sendto(message, self._address)
        except OSError as error:
            self.log.warn("systemd cannot be told {lines}: {error}", lines=lines, error=error)
