"""One source of a download: arranging with it, meeting it, taking what it sends."""

from typing import Final, NoReturn

from twisted.internet.defer import CancelledError, Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from napster.peer.api import DownloadState
from napster.peer.arrange import ArrangeError, Arrangement
from napster.peer.dialing import DialError, NoConnectionError
from napster.peer.downloads.claims import Claims
from napster.peer.downloads.download import Download
from napster.peer.downloads.errors import (
    NoPushError,
    NothingLeftError,
    ResumedWrongError,
    SurplusError,
    UnreachableError,
    WrongSizeError,
)
from napster.peer.downloads.fetch import FetchFactory, FetchProtocol
from napster.peer.downloads.intake import Intake
from napster.peer.downloads.piece_run import PieceRun
from napster.peer.downloads.piece_source import PieceSource
from napster.peer.downloads.pushes import Expectation
from napster.peer.downloads.reception import Expected, Reception
from napster.peer.downloads.sources import Source
from napster.peer.downloads.team import Team
from napster.peer.downloads.tools import Tools
from napster.peer.results import known_md5
from napster.peer.security.tickets import Ticket
from napster.wire.transfer import Downloader

PUSH_TIME: Final = 45.0
"""How many seconds a user behind a firewall may take to connect here.

More than a peer tries it, and less than a ticket holds, which may then lead to a relay.
"""
_CUT: Final = 2**32
"""Old programs send sizes modulo this (protocol section 1)."""

Run = Reception | PieceRun


class Attempt:
    """Asks one source for a file and takes what it sends. Used once.

    Raises ArrangeError, SourceError or OSError; what came until then is kept.
    """

    log = Logger()

    def __init__(self, tools: Tools, download: Download, team: Team, source: Source) -> None:
        self._tools = tools
        self._download = download
        self._team = team
        self._source = source
        self._claims: Claims | None = None
        self._run: Run | None = None
        self.is_connected = False
        """Whether the source has begun to send."""

    async def run(self) -> None:
        """Go through with it; return once the source can be of no more use."""
        known = self._download.record
        try:
            run = await self._meet()
            if self._download.record != known:
                await self._download.save()
            await self._receive(run)
        finally:
            if self._run is not None:
                self._run.abandon()
            if self._claims is not None:
                self._team.plan.leave(self._claims.member)

    async def _meet(self) -> Run:
        """Arrange the transfer through the index and bring about a connection."""
        download, who = self._download, self._source.who
        download.note(DownloadState.ASKING, f"asks {who} for it")
        offer = self._source.offer
        if (kept := self._tools.pieces.kept(offer.nick, offer.path)) is not None:
            download.note(DownloadState.CONNECTING, f"is connected to {who}")
            connection, self._source.address = kept
            self._source.is_relayed = False
            return self._join(connection)
        arrangement = await self._arrange()
        if not download.record.md5:
            download.change(md5=known_md5(arrangement.md5))
            self._team.target.md5 = "" if download.record.content else download.record.md5
        if arrangement.port:
            download.note(DownloadState.CONNECTING, f"connects to {who}")
            return await self._connect(arrangement)
        if arrangement.ticket is not None:
            return await self._meet_at_relay(arrangement.ticket)
        download.note(DownloadState.CONNECTING, f"waits for {who} to connect here")
        return await self._wait_for_push()

    async def _connect(self, arrangement: Arrangement) -> Run:
        """Connect to the data port; where that cannot be, and there is one, by the relay."""
        try:
            connection = await self._tools.pieces.dial(arrangement)
        except UnreachableError:
            ticket = arrangement.ticket
            if ticket is None or not self._tools.arranger.relays(arrangement.nick):
                raise
            return await self._meet_at_relay(ticket)
        return await self._dial(arrangement) if connection is None else self._join(connection)

    async def _meet_at_relay(self, ticket: Ticket) -> Run:
        self._download.note(DownloadState.CONNECTING, f"meets {self._source.who} at the relay")
        place = await self._tools.arranger.arrange_relay(ticket.nick, ticket.secret)
        connection = await self._tools.pieces.meet(ticket, place)
        self._source.is_relayed = True
        return self._join(connection)

    async def _arrange(self) -> Arrangement:
        """Ask the source through the index, or take it at its word while that is away."""
        arranger, source = self._tools.arranger, self._source
        if source.arrangement is not None and not arranger.online:
            return source.arrangement
        arrangement = await arranger.arrange_download(source.offer.nick, source.offer.path)
        # A ticket is good for one connection: going on takes another.
        is_lasting = arrangement.port and arrangement.ticket is None
        source.arrangement = arrangement if is_lasting else None
        source.address, source.is_relayed = arrangement.address, False
        return arrangement

    async def _dial(self, arrangement: Arrangement) -> Run:
        dialer, address = self._tools.dialer, arrangement.address
        start = self._claim()
        handshake = Downloader(
            self._tools.arranger.nick, self._source.offer.path, self._team.target.size, start
        )
        fetch = FetchProtocol(
            self._tools.clock,
            handshake,
            lambda size: self._agree(size, start),
            lambda: dialer.greeted(address),
        )
        try:
            await dialer.dial(address, arrangement.port, FetchFactory(fetch))
        except DialError as error:
            if isinstance(error, NoConnectionError):
                self._tools.arranger.data_port_failed(arrangement.nick)
            raise UnreachableError(str(error)) from error
        return await fetch.agreed

    async def _wait_for_push(self) -> Run:
        """Let the source connect here; where that cannot be, and there is one, go by the relay."""
        try:
            return await self._let_push()
        except NoPushError:
            offer = self._source.offer
            ticket = self._tools.pieces.not_pushed(offer.nick, offer.path)
            if ticket is None or not self._tools.arranger.relays(offer.nick):
                raise
            return await self._meet_at_relay(ticket)

    async def _let_push(self) -> Run:
        offer = self._source.offer
        expected = Expectation(
            offer.nick,
            offer.path,
            self._team.target.size,
            lambda size: self._agree(size, self._claim()),
            self._join,
        )
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

    def _claim(self) -> int:
        """Choose what a source in order is to send. Raises NothingLeftError."""
        self._claims = Claims(self._team, self._source)
        start = self._claims.begin()
        if start is None:
            raise NothingLeftError("others fetch all that is still missing")
        return start

    def _agree(self, size: int, start: int) -> Reception:
        """Take the size a source offers. Raises WrongSizeError."""
        download, team = self._download, self._team
        announced = team.target.size
        is_cut = announced < _CUT and size % _CUT == announced and not download.record.content
        if size != announced and not is_cut:
            raise WrongSizeError(f"it offers {size} bytes, {announced} were announced")
        claims = self._claims
        if claims is None:
            raise RuntimeError("what to ask for is chosen before a size is agreed on")
        if size != announced:
            download.change(size=size)
            team.resize(size)
            claims.begin()
        expected = Expected(size, start, is_checked=bool(team.target.hashes))
        intake = Intake(team.target, start, self._source)
        reception = Reception(team, claims, intake, expected)
        self._begun(reception, start)
        return reception

    def _join(self, connection: PieceSource) -> PieceRun:
        """Take a connection that serves pieces."""
        run = PieceRun(self._team, self._source, connection)
        self._begun(run, 0)
        return run

    def _begun(self, run: Run, start: int) -> None:
        self._run = run
        self.is_connected = True
        self._source.person.well()
        self.log.info(
            "{download}: {who} sends it, from byte {start} of {size}",
            download=self._download,
            who=self._source.who,
            start=start,
            size=self._team.target.size,
        )

    async def _receive(self, run: Run) -> None:
        """Wait until all that this source is to send is on the disk."""
        download = self._download
        download.note(DownloadState.RECEIVING, "")
        download.senders.append(self._source)
        self._tools.arranger.download_started()
        try:
            await run.done
        except SurplusError as error:
            self._mind_surplus(run, error)
            raise
        finally:
            download.senders.remove(self._source)
            self._tools.arranger.download_finished()
            self._source.person.slot_freed()
            self._tools.people.slot_freed()
            download.sources.delivered(self._source, run.came)
            if run.came:
                download.givers[self._source.who] = None

    def _mind_surplus(self, run: Run, error: SurplusError) -> None:
        """Distrust what came from a source that sends too much; it may not be able to resume."""
        if not isinstance(run, Reception):
            return
        if not self._download.record.content:
            self._download.change(distrusted=run.began)
        if run.start > 0:
            raise ResumedWrongError(f"{error}, as programs do that cannot resume") from error


def _not_arranged(failure: Failure, expected: Expectation) -> None:
    """Give up what was refused; once the source is here, what the index says is of no account."""
    if expected.agreed.called:
        failure.trap(ArrangeError, CancelledError)
    else:
        expected.agreed.errback(failure)


def _no_push(_result: object, _timeout: float) -> NoReturn:
    raise NoPushError(f"it did not connect here within {PUSH_TIME:.0f} s")
