"""Asking other users for files through the index: 203 and 500, and all that may come back."""

from collections.abc import Callable, Mapping
from typing import Any

from twisted.internet.interfaces import IReactorTime

from napster.peer.arrange import (
    ArrangeError,
    Arrangement,
    FirewalledError,
    NoAnswerError,
    NotSharedError,
    QueuedError,
    RefusedError,
    RelayPlace,
)
from napster.peer.index_link.replies import Keyed
from napster.peer.security.tickets import Ticket
from napster.wire.addresses import address_text
from napster.wire.extension import RelayRefused, RelayRequest
from napster.wire.fields import display
from napster.wire.messages import Message
from napster.wire.messages.transfers import (
    DownloadError,
    DownloadReady,
    DownloadRequest,
    PushRequest,
    Queued,
    UploadRefused,
)

Key = tuple[str, bytes]

PATIENCE = 30.0
"""How many seconds an uploader may take to agree or refuse."""
PUSH_PATIENCE = 10.0
"""After this many seconds without a refusal, a push counts as agreed: nothing confirms it."""
RELAY_PATIENCE = 10.0
"""How many seconds the index may take to say where its relay is."""
_LONGEST_TEXT = 200

BOTH_FIREWALLED = b"firewallerror"
"""What stands for the hash when neither side can be connected to (protocol section 2)."""


class Requests:
    """The transfers being arranged in one session."""

    def __init__(self, clock: IReactorTime, send: Callable[[Message], None]) -> None:
        self._send = send
        self._waiting: Keyed[Key, Arrangement] = Keyed(clock)
        self._tickets: dict[Key, Ticket] = {}
        self._relays: Keyed[bytes, RelayPlace] = Keyed(clock)

    @property
    def handlers(self) -> Mapping[type[Message], Callable[[Any], None]]:
        """What to do with each answer, by its class."""
        return {
            DownloadReady: self._ready,
            DownloadError: self._not_there,
            UploadRefused: self._refused,
            Queued: self._queued,
            RelayRefused: self._relay_refused,
        }

    async def download(self, nick: str, path: bytes) -> Arrangement:
        """Ask a user for a file (203). Raises ArrangeError."""
        self._send(DownloadRequest(nick, path))
        silence = f"{nick} did not answer the request in time"
        try:
            return await self._waiting.wait((nick.lower(), path), PATIENCE, silence)
        finally:
            self._tickets.pop((nick.lower(), path), None)

    async def push(self, nick: str, path: bytes) -> None:
        """Ask a firewalled user to connect here and send (500). Raises ArrangeError."""
        self._send(PushRequest(nick, path))
        try:
            await self._waiting.wait((nick.lower(), path), PUSH_PATIENCE, "")
        except NoAnswerError:
            return

    async def relay(self, ticket: bytes) -> RelayPlace:
        """Ask for the relay (20021). Raises ArrangeError."""
        self._send(RelayRequest(ticket))
        return await self._relays.wait(ticket, RELAY_PATIENCE, "the index did not answer in time")

    def relay_ready(self, ticket: bytes, place: RelayPlace) -> bool:
        """Take where the relay is; False if it was not asked for from here."""
        is_awaited = ticket in self._relays.keys
        self._relays.answer(ticket, place)
        return is_awaited

    def _relay_refused(self, refused: RelayRefused) -> None:
        said = display(refused.text.encode())[:_LONGEST_TEXT]
        self._relays.fail(refused.ticket, ArrangeError(f"the index has no relay for it: {said}"))

    def ticketed(self, ticket: Ticket) -> None:
        """Take what to connect with, if the user agrees now."""
        key = self._key(ticket.nick, ticket.path)
        if key in self._waiting.keys:
            self._tickets[key] = ticket

    def fail_user(self, nick: str, error: ArrangeError) -> None:
        """Take an error that concerns everything asked of a user."""
        for key in self._waiting.keys:
            if key[0] == nick.lower():
                self._waiting.fail(key, error)

    def fail_all(self, error: ArrangeError) -> None:
        """End all waiting."""
        for key in self._waiting.keys:
            self._waiting.fail(key, error)
        for ticket in self._relays.keys:
            self._relays.fail(ticket, error)

    def _key(self, nick: str, path: bytes) -> Key:
        """Find which question an answer is to: some servers change the case of nicks and paths."""
        exact = nick.lower(), path
        keys = self._waiting.keys
        alike = (key for key in keys if (key[0], key[1].lower()) == (exact[0], path.lower()))
        return exact if exact in keys else next(alike, exact)

    def _ready(self, answer: DownloadReady) -> None:
        key = self._key(answer.nick, answer.path)
        if answer.md5 == BOTH_FIREWALLED:
            sentence = (
                f"neither {answer.nick} nor this peer can be connected to, and the index has no "
                "relay for the two"
            )
            self._waiting.fail(key, FirewalledError(sentence))
            return
        ticket = self._tickets.get(key)
        arrangement = Arrangement(
            nick=answer.nick,
            path=answer.path,
            address=address_text(answer.address) if answer.address or not ticket else ticket.ipv6,
            port=answer.port,
            md5=answer.md5,
            speed=answer.speed,
            ticket=ticket,
        )
        self._waiting.answer(key, arrangement)

    def _not_there(self, answer: DownloadError) -> None:
        sentence = f"{answer.nick} is offline or does not share the file any more"
        self._waiting.fail(self._key(answer.nick, answer.path), NotSharedError(sentence))

    def _refused(self, answer: UploadRefused) -> None:
        sentence = f"{answer.nick} does not want to send the file"
        self._waiting.fail(self._key(answer.nick, answer.path), RefusedError(sentence))

    def _queued(self, answer: Queued) -> None:
        sentence = f"all upload slots of {answer.nick} are taken"
        error = QueuedError(sentence, answer.limit)
        self._waiting.fail(self._key(answer.nick, answer.path), error)
