"""What the index asks of a peer, on its own account and for other users."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from twisted.logger import Logger

from napster.peer.arrange import RelayPlace
from napster.peer.index_link.notices import Notices
from napster.wire.addresses import address_text
from napster.wire.extension import UploadState
from napster.wire.messages import Message
from napster.wire.messages.login import MotdLine
from napster.wire.messages.people import Ping, Pong
from napster.wire.messages.searching import DirectBrowseAccept, DirectBrowseRequest
from napster.wire.messages.transfers import DataPortError, PushReady, UploadRequest


class UploadSide(Protocol):
    """Who decides about uploads."""

    def requested(self, nick: str, path: bytes) -> Message:
        """Decide about a request (607): the answer is a 608, 609 or 619."""

    @property
    def state(self) -> UploadState:
        """How many slots are free, and how many requests wait for one."""

    def push(self, nick: str, address: str, port: int, path: bytes) -> None:
        """Connect to a downloader who cannot connect here, and send (501)."""

    def relay(self, ticket: bytes, place: RelayPlace) -> None:
        """Meet a downloader at a relay, and send what the ticket is for (20022)."""


class Duties:
    """Answers pings and requests for files, in and out of sessions alike."""

    log = Logger()

    def __init__(self, uploads: UploadSide, notices: Notices) -> None:
        self._uploads = uploads
        self._notices = notices

    def handlers(
        self, send: Callable[[Message], None]
    ) -> Mapping[type[Message], Callable[[Any], None]]:
        """Say what to do with each message of the session that `send` belongs to."""
        return {
            Ping: lambda ping: send(Pong(ping.nick, ping.text)),
            UploadRequest: lambda request: send(
                self._uploads.requested(request.nick, request.path)
            ),
            PushReady: self._push,
            DataPortError: self._unreachable,
            DirectBrowseRequest: lambda request: self._browsed(request, send),
            MotdLine: lambda line: self._notices.add(line.text),
        }

    def relay(self, ticket: bytes, place: RelayPlace) -> None:
        """Meet a downloader at a relay."""
        self._uploads.relay(ticket, place)

    def _push(self, ready: PushReady) -> None:
        address = address_text(ready.address)
        self._uploads.push(ready.nick, address, ready.port, ready.path)

    def _browsed(self, request: DirectBrowseRequest, send: Callable[[Message], None]) -> None:
        # An address means that the list would have to be pushed: the index has it as well.
        if request.address is None:
            send(DirectBrowseAccept(request.nick))

    def _unreachable(self, error: DataPortError) -> None:
        self.log.warn("{nick} could not connect to the data port of this peer", nick=error.nick)
        self._notices.unreachable_for(error.nick)
