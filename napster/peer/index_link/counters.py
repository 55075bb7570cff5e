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

    An index forgets its count when a session ends, while transfers go on without it: what is
    under way then is told again in the next session. There may be sessions with several indexes.
    """

    def __init__(self, started: Message, finished: Message) -> None:
        self._started = started
        self._finished = finished
        self._running = 0
        self._sessions: list[Callable[[Message], None]] = []

    def online(self, send: Callable[[Message], None]) -> None:
        """Begin a session by telling what is under way."""
        self._sessions.append(send)
        for _ in range(self._running):
            send(self._started)

    def offline(self, send: Callable[[Message], None]) -> None:
        """End a session, if it had begun."""
        if send in self._sessions:
            self._sessions.remove(send)

    def start(self) -> None:
        """Count a transfer that starts."""
        self._running += 1
        self._tell(self._started)

    def finish(self) -> None:
        """Count a transfer that ends."""
        self._running -= 1
        self._tell(self._finished)

    def _tell(self, message: Message) -> None:
        for send in self._sessions:
            send(message)


class TransferCounters:
    """Both counters of a peer."""

    def __init__(self) -> None:
        self.uploads = TransferCounter(UploadStarted(), UploadFinished())
        self.downloads = TransferCounter(DownloadStarted(), DownloadFinished())

    def online(self, send: Callable[[Message], None]) -> None:
        """Begin a session by telling what is under way."""
        self.uploads.online(send)
        self.downloads.online(send)

    def offline(self, send: Callable[[Message], None]) -> None:
        """End a session, if it had begun."""
        self.uploads.offline(send)
        self.downloads.offline(send)
