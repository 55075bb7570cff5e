"""The numbers of transfers under way, as the index shows them to others."""

from collections.abc import Callable

from napster.wire.messages import Message
from napster.wire.messages.transfers import (
    DownloadFinished,
    DownloadStarted,
    UploadFinished,
    UploadStarted,
)


class TransferCounter:
    """One counter: every start told in a session is followed by its end, and by nothing more.

    The index forgets its count when a session ends, while transfers go on without it: what is
    under way then is told again in the next session.
    """

    def __init__(self, started: Message, finished: Message) -> None:
        self._started = started
        self._finished = finished
        self._running = 0
        self._send: Callable[[Message], None] | None = None

    def online(self, send: Callable[[Message], None]) -> None:
        """Begin a session by telling what is under way."""
        self._send = send
        for _ in range(self._running):
            send(self._started)

    def offline(self) -> None:
        """End a session."""
        self._send = None

    def start(self) -> None:
        """Count a transfer that starts."""
        self._running += 1
        if self._send is not None:
            self._send(self._started)

    def finish(self) -> None:
        """Count a transfer that ends."""
        self._running -= 1
        if self._send is not None:
            self._send(self._finished)


class TransferCounters:
    """Both counters of a peer."""

    def __init__(self) -> None:
        self.uploads = TransferCounter(UploadStarted(), UploadFinished())
        self.downloads = TransferCounter(DownloadStarted(), DownloadFinished())

    def online(self, send: Callable[[Message], None]) -> None:
        """Begin a session by telling what is under way."""
        self.uploads.online(send)
        self.downloads.online(send)

    def offline(self) -> None:
        """End a session."""
        self.uploads.offline()
        self.downloads.offline()
