"""One try to get the rest of a file from one source, and to finish it when all is here."""

from typing import Final, NoReturn

from twisted.internet.defer import CancelledError, Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from napster.peer.arrange import ArrangeError, Arrangement, NotSharedError
from napster.peer.dialing import DialError, NoConnectionError
from napster.peer.downloads.download import Download
from napster.peer.downloads.errors import (
    NoPushError,
    ResumedWrongError,
    SurplusError,
    UnreachableError,
    WrongSizeError,
)
from napster.peer.downloads.fetch import FetchFactory, FetchProtocol
from napster.peer.downloads.head import is_wrong
from napster.peer.downloads.intake import Intake
from napster.peer.downloads.pushes import Expectation
from napster.peer.downloads.reception import Expected, Reception
from napster.peer.downloads.record import Stage
from napster.peer.downloads.settle import settle
from napster.peer.downloads.sources import Source
from napster.peer.downloads.tools import Tools
from napster.peer.results import known_md5
from napster.wire.transfer import Downloader

OVERLAP: Final = 64 << 10
"""How many bytes that are here already a source has to send again, to prove that it can resume."""
PUSH_TIME: Final = 60.0
"""How many seconds a user behind a firewall may take to connect here."""
_CUT: Final = 2**32
"""Old programs send sizes modulo this (protocol section 1)."""


class Attempt:
    """Asks one source, receives, checks, saves. Used once.

    Raises ArrangeError, SourceError, NoSpaceError or OSError; what came until then is kept.
    """

    log = Logger()

    def __init__(self, tools: Tools, download: Download, source: Source) -> None:
        self._tools = tools
        self._download = download
        self._source = source
        self._worker = tools.new_worker(f"download {download.id}")
        self._start = 0
        self._reception: Reception | None = None

    async def run(self) -> None:
        """Go through with it."""
        try:
            await self._open()
            if not self._download.complete:
                await self._get()
            await self._finish()
        finally:
            if self._reception is not None:
                self._reception.abandon()
            await self._worker.run(self._download.part.close)
            self._worker.stop()
            self._download.here = self._download.part.here

    async def _open(self) -> None:
        """Read back what is here, and forget what is known to be wrong."""
        download, part = self._download, self._download.part
        await self._worker.run(part.open)
        if download.record.distrusted is not None:
            await self._worker.run(part.rewind, download.record.distrusted)
            download.change(distrusted=None)
            await download.save()
        record = download.record
        if await self._worker.run(is_wrong, part, record.size or 0, record.md5):
            self.log.warn("{download}: what is here is wrong; it begins anew", download=download)
            await self._worker.run(part.rewind, 0)
        download.here = part.here
        download.meter.start(part.here)

    async def _get(self) -> None:
        download, known = self._download, self._download.record
        await self._learn_size()
        with self._tools.space.claimed(download.id, lambda: download.missing):
            folder = download.place.folder
            await self._tools.space.check(download.id, self._worker, folder)
            download.course.ask(f"asks {self._source.who} for it")
            reception = await self._meet()
            download.course.receive(f"from {self._source.who}")
            if download.record != known:
                await download.save()
            await self._receive(reception)

    async def _learn_size(self) -> None:
        """Look up a size nobody told, in the source's own list. Raises ArrangeError."""
        if self._download.record.size is not None:
            return
        offer = self._source.offer
        for file in await self._tools.arranger.browse(offer.nick):
            if file.path == offer.path:
                self._download.change(size=file.size)
                return
        raise NotSharedError(f"{self._source.who} does not share that file")

    async def _meet(self) -> Reception:
        """Arrange the transfer through the index and bring about a connection."""
        download = self._download
        arrangement = await self._arrange()
        if not download.record.md5:
            download.change(md5=known_md5(arrangement.md5))
        overlapping = max(0, download.part.gapless(0) - OVERLAP)
        self._start = 0 if self._source.from_start else overlapping
        if arrangement.port:
            download.course.connect(f"connects to {self._source.who}")
            return await self._dial(arrangement)
        download.course.connect(f"waits for {self._source.who} to connect here")
        return await self._let_push()

    async def _arrange(self) -> Arrangement:
        """Ask the source through the index, or take it at its word while that is away."""
        arranger, source = self._tools.arranger, self._source
        if source.arrangement is not None and not arranger.online:
            return source.arrangement
        arrangement = await arranger.arrange_download(source.offer.nick, source.offer.path)
        source.arrangement = arrangement if arrangement.port else None
        return arrangement

    async def _dial(self, arrangement: Arrangement) -> Reception:
        dialer, address = self._tools.dialer, arrangement.address
        handshake = Downloader(
            self._tools.arranger.nick, self._source.offer.path, self._size, self._start
        )
        fetch = FetchProtocol(
            self._tools.clock, handshake, self._agree, lambda: dialer.greeted(address)
        )
        try:
            await dialer.dial(address, arrangement.port, FetchFactory(fetch))
        except DialError as error:
            if isinstance(error, NoConnectionError):
                self._tools.arranger.data_port_failed(arrangement.nick)
            raise UnreachableError(str(error)) from error
        return await fetch.agreed

    async def _let_push(self) -> Reception:
        offer = self._source.offer
        expected = Expectation(offer.nick, offer.path, self._size, self._start, self._agree)
        expected.agreed.addTimeout(PUSH_TIME, self._tools.clock, _no_push)
        with self._tools.pushes.expecting(expected):
            asking = Deferred.fromCoroutine(
                self._tools.arranger.arrange_push(offer.nick, offer.path)
            )
            asking.addErrback(_not_arranged, expected)
            try:
                return await expected.agreed
            finally:
                asking.cancel()

    def _agree(self, size: int) -> Reception:
        """Take the size a source offers. Raises WrongSizeError."""
        announced, start = self._size, self._start
        if size != announced and not (announced < _CUT and size % _CUT == announced):
            raise WrongSizeError(f"it offers {size} bytes, {announced} were announced")
        download = self._download
        download.change(size=size)
        self._source.person.well()
        self.log.info(
            "{download}: {who} sends it, from byte {start} of {size}",
            download=download,
            who=self._source.who,
            start=start,
            size=size,
        )
        intake = Intake(download.part, size, download.record.md5, start)
        self._reception = Reception(
            self._tools.clock, self._worker, intake, Expected(size, size - start), download.stored
        )
        return self._reception

    async def _receive(self, reception: Reception) -> None:
        """Wait until all is on the disk."""
        began = self._download.here
        self._tools.arranger.download_started()
        try:
            await reception.done
        except SurplusError as error:
            self._download.change(distrusted=reception.began)
            if self._start == 0:
                raise
            raise ResumedWrongError(f"{error}, as programs do that cannot resume") from error
        finally:
            self._tools.arranger.download_finished()
            self._source.person.slot_freed()
            self._download.sources.delivered(self._source, self._download.here - began)

    async def _finish(self) -> None:
        """Check what is complete and give it its name."""
        download = self._download
        download.course.check("checks what came")
        intake = Intake(download.part, self._size, download.record.md5, self._size)
        verified = await self._worker.run(intake.finish)
        download.change(stage=Stage.COMPLETE, verified=verified)
        await download.save()
        saved = await self._tools.librarian.run(settle, download.place, download.record)
        download.saved = str(saved)
        download.course.finish("")

    @property
    def _size(self) -> int:
        size = self._download.record.size
        if size is None:
            raise RuntimeError("the size is looked up before anything else")
        return size


def _not_arranged(failure: Failure, expected: Expectation) -> None:
    """Give up what was refused; once the source is here, what the index says is of no account."""
    if expected.agreed.called:
        failure.trap(ArrangeError, CancelledError)
    else:
        expected.agreed.errback(failure)


def _no_push(_result: object, _timeout: float) -> NoReturn:
    raise NoPushError(f"it did not connect here within {PUSH_TIME:.0f} s")
