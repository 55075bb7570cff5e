"""Who may have which file, and when: every decision about an upload is made here."""

from collections import Counter, OrderedDict
from collections.abc import Sequence
from typing import Protocol

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from napster.peer.api import UploadStatus
from napster.peer.index_link.counters import TransferCounter
from napster.peer.library.shared_file import SharedFile
from napster.peer.results import base_name
from napster.peer.uploads.access import Access
from napster.peer.uploads.estimate import UsualPace, starts
from napster.peer.uploads.line import Key, QueueFullError, UploadLimits, WaitingLine
from napster.peer.uploads.pacing import Pacer
from napster.peer.uploads.upload import Upload, UploadTies, upload_key
from napster.units import format_duration
from napster.wire.fields import display
from napster.wire.messages import Message
from napster.wire.messages.transfers import QueueLimit, UploadAccepted, UploadRefused
from napster.wire.transfer import Refusal

MOST_AGREEMENTS = 10_000
"""How many agreements are remembered, so that a download can go on while the index is away."""


class Finder(Protocol):
    """The library as decisions need it."""

    def find(self, path: bytes) -> SharedFile | None:
        """Find a file on offer by its virtual path."""


class DeclinedError(Exception):
    """A downloader who is not served: `refusal` is for the wire, the text for the log.

    `place` is that in the queue, or 0; `start` in how many seconds a slot may be free, if known.
    """

    def __init__(
        self, refusal: Refusal, message: str, place: int = 0, start: float | None = None
    ) -> None:
        super().__init__(message)
        self.refusal = refusal
        self.place = place
        self.start = start


class UploadDesk:
    """Gives out upload slots, and places in the queue to those who have to wait."""

    log = Logger()

    def __init__(
        self, clock: IReactorTime, library: Finder, limits: UploadLimits, counter: TransferCounter
    ) -> None:
        self._clock = clock
        self._library = library
        self._friends: set[str] = set()
        self._line = WaitingLine(clock, limits, self._friends)
        self._pace = UsualPace()
        self.access = Access()
        self._pacer = Pacer(clock, limits.rate, limits.rate_per_user)
        self._ties = UploadTies(clock, counter, self._pacer, self._released)
        self._uploads: list[Upload] = []
        self._agreed: OrderedDict[tuple[str, bytes], None] = OrderedDict()
        self._closed = False
        self._empty: Deferred[None] | None = None

    # Through the index.

    def requested(self, nick: str, path: bytes, fingerprint: bytes | None = None) -> Message:
        """Decide about a request that came through the index: 608, 609 or 619.

        `fingerprint` is that of the key which the downloader has to prove to hold, if any.
        """
        try:
            file = self._find(nick, path, fingerprint)
            place = self._ask(nick, file)
        except DeclinedError as error:
            self._log_refusal(nick, path, str(error))
            return UploadRefused(nick, path)
        if not place:
            return UploadAccepted(nick, path)
        wait = self._wait(place)
        self.log.info(
            "{nick}: {path}: {wait}", nick=nick, path=display(path), wait=_sentence(place, wait)
        )
        return QueueLimit(nick, path, place)

    def _log_refusal(self, nick: str, path: bytes, why: str) -> None:
        self.log.info("refused to {nick}: {path}: {why}", nick=nick, path=display(path), why=why)

    def _find(self, nick: str, path: bytes, fingerprint: bytes | None) -> SharedFile:
        """Find a file for somebody who may have it. Raises DeclinedError."""
        file = None if self._closed else self._library.find(path)
        if file is None:
            raise DeclinedError(Refusal.FILE_NOT_FOUND, "the file is not on offer")
        objection = self.access.objection(nick, file.path, fingerprint)
        if objection:
            raise DeclinedError(Refusal.FILE_NOT_FOUND, objection)
        if self.access.is_friend(nick, fingerprint):
            self._friends.add(nick.lower())
        else:
            self._friends.discard(nick.lower())
        return file

    def _ask(self, nick: str, file: SharedFile) -> int:
        """Reserve a slot; returns 0, or the place in the queue. Raises DeclinedError."""
        reserved = self._reserved(nick, file)
        if reserved is not None:
            reserved.renew()
            return 0
        try:
            place = self._line.ask(upload_key(nick, file), self._taken())
        except QueueFullError:
            raise DeclinedError(Refusal.INVALID_REQUEST, "the queue is full") from None
        if not place:
            self._uploads.append(Upload(nick, file, self._ties))
            self._agree(nick, file.path)
        return place

    def _reserved(self, nick: str, file: SharedFile) -> Upload | None:
        key = upload_key(nick, file)
        found = (each for each in self._uploads if each.is_reserved and each.key == key)
        return next(found, None)

    def _taken(self) -> Counter[str]:
        return Counter(upload.key[0] for upload in self._uploads)

    def _agree(self, nick: str, path: bytes) -> None:
        key = nick.lower(), path.lower()
        self._agreed[key] = None
        self._agreed.move_to_end(key)
        if len(self._agreed) > MOST_AGREEMENTS:
            self._agreed.popitem(last=False)

    # At the data port, and for pushes.

    def claim(
        self, nick: str, path: bytes, address: str, fingerprint: bytes | None = None
    ) -> Upload:
        """Take the slot of a downloader who has come, or is to be connected to.

        Whoever was once told to come may come again without the index, to go on with a broken
        download, if there is a slot. `fingerprint` is as for `requested`. Raises DeclinedError.
        """
        agreed = (nick.lower(), path.lower()) in self._agreed
        try:
            file = self._find(nick, path, fingerprint)
        except DeclinedError as error:
            refusal = Refusal.FILE_NOT_SHARED if agreed else error.refusal
            raise DeclinedError(refusal, str(error)) from None
        if not agreed:
            raise DeclinedError(Refusal.INVALID_REQUEST, "it was not asked for through the index")
        return self._claim(nick, file, address, fingerprint)

    def turn(
        self, nick: str, path: bytes, address: str, fingerprint: bytes | None = None
    ) -> Upload:
        """Take a slot for somebody who is here, by a ticket, and wants another file.

        That need not be asked for through the index. Raises DeclinedError.
        """
        return self._claim(nick, self._find(nick, path, fingerprint), address, fingerprint)

    def _claim(
        self, nick: str, file: SharedFile, address: str, fingerprint: bytes | None
    ) -> Upload:
        if self.access.bans_address(address):
            raise DeclinedError(Refusal.INVALID_REQUEST, f"the network of {address} is banned")
        upload = self._slot_for(nick, file)
        upload.claim(address, fingerprint)
        return upload

    def _slot_for(self, nick: str, file: SharedFile) -> Upload:
        place = self._ask(nick, file)
        upload = self._reserved(nick, file)
        if upload is None:
            wait = self._wait(place)
            raise DeclinedError(Refusal.INVALID_REQUEST, _sentence(place, wait), place, wait)
        return upload

    def _released(self, upload: Upload) -> None:
        self._uploads.remove(upload)
        if not self._uploads and self._empty is not None:
            empty, self._empty = self._empty, None
            empty.callback(None)

    # For people.

    @property
    def slots(self) -> int:
        """How many files may be sent at once."""
        return self._line.limits.slots

    @property
    def active(self) -> int:
        """How many slots are taken."""
        return len(self._uploads)

    @property
    def queued(self) -> int:
        """How many files are waited for."""
        return len(self._line)

    def set_limits(self, limits: UploadLimits) -> None:
        """Give out slots by other limits from now on; what is being sent goes on, at their pace."""
        self._line.limits = limits
        self._pacer.set_rates(limits.rate, limits.rate_per_user)

    def set_access(self, access: Access) -> None:
        """Go by other rules from now on; what is being sent against them is broken off."""
        self.access = access
        for upload in list(self._uploads):
            if self._is_against_rules(upload):
                upload.abort()
                upload.end()

    def _is_against_rules(self, upload: Upload) -> bool:
        if upload.is_reserved:
            return False  # it is looked at again when the downloader comes
        objection = self.access.objection(upload.nick, upload.file.path, upload.fingerprint)
        return bool(objection) or self.access.bans_address(upload.address)

    def status(self) -> Sequence[UploadStatus]:
        """List what is being sent, then what is waited for, in order."""
        under_way = [upload.status for upload in self._uploads]
        order = self._line.in_order(self._taken())
        waits = self._waits(order)
        return under_way + [
            _waiting_status(nick, path, place, wait)
            for place, ((nick, path), wait) in enumerate(zip(order, waits, strict=True), 1)
        ]

    def _wait(self, place: int) -> float | None:
        """Estimate in how many seconds somebody at a place of the queue gets a slot."""
        return self._waits(self._line.in_order(self._taken()))[place - 1]

    def _waits(self, order: Sequence[Key]) -> Sequence[float | None]:
        rate = self._pace.measure(self._uploads)
        slots = [upload.seconds_left(rate) for upload in self._uploads] if rate else []
        slots += [0.0] * (self.slots - len(self._uploads))
        if not (rate and slots):
            return [None] * len(order)
        files = (self._library.find(path) for _, path in order)
        return starts(slots, [file.size / rate if file else 0.0 for file in files])

    # At the end.

    async def drain(self, seconds: float) -> None:
        """Take no more requests; let what is being sent end, then break the rest off."""
        self._closed = True
        for upload in [each for each in self._uploads if each.is_reserved]:
            upload.end()
        if self._uploads:
            self._empty = Deferred()
            await self._empty.addTimeout(seconds, self._clock, lambda *_: None)
        for upload in list(self._uploads):
            upload.abort()


def _sentence(place: int, wait: float | None) -> str:
    when = "" if wait is None else f", for about {format_duration(wait)}"
    return f"it has to wait, at place {place} of the queue{when}"


def _waiting_status(nick: str, path: bytes, place: int, wait: float | None) -> UploadStatus:
    return UploadStatus(
        nick=nick,
        name=display(base_name(path)),
        address="",
        state="queued",
        size=0,
        done=0,
        rate=0.0,
        place=place,
        starts_in=wait,
    )
