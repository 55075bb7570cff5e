"""One session with the index: from the connection to its loss."""

from collections.abc import Callable, Iterable, Mapping
from ipaddress import IPv6Address
from typing import Any

import attrs
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime

from napster.peer.api import IndexState
from napster.peer.arrange import ArrangeError, IndexAwayError, RelayPlace
from napster.peer.index_link.backoff import Ending, SessionEnd
from napster.peer.index_link.busyness import Busyness
from napster.peer.index_link.counters import TransferCounters
from napster.peer.index_link.duties import Duties
from napster.peer.index_link.liveness import Liveness
from napster.peer.index_link.login import Identity, LoginCore, new_login
from napster.peer.index_link.notices import Notices, is_about_shutdown
from napster.peer.index_link.offers import ContentForm, OldForm
from napster.peer.index_link.protocol import IndexProtocol
from napster.peer.index_link.questions import Questions
from napster.peer.index_link.registration import Registration
from napster.peer.index_link.standing import StandingSearches, Told
from napster.peer.index_link.terms import Terms, agree
from napster.peer.library.shared_file import SharedFile
from napster.peer.security.guard import Guard
from napster.peer.security.known_indexes import IndexChangedError
from napster.peer.security.tickets import Ticket
from napster.wire.errors import ParseError
from napster.wire.extension import (
    ContentShared,
    Family,
    Hello,
    RelayReady,
    Role,
    Task,
    TicketIssued,
    UploadState,
)
from napster.wire.fields import display
from napster.wire.messages import Message
from napster.wire.messages.base import fits
from napster.wire.messages.login import (
    Disconnecting,
    Ghosted,
    LoginAccepted,
    LoginError,
    NickFree,
    NickInvalid,
    NickTaken,
    Notice,
    Stats,
    StatsRequest,
)
from napster.wire.messages.people import ServerPing

LOGIN_PATIENCE = 60.0
"""How many seconds a login may take."""


@attrs.frozen
class Surroundings:
    """What every session works with."""

    clock: IReactorTime
    duties: Duties
    counters: TransferCounters
    guard: Guard
    check_greeting: Callable[[bool], None]
    """Told whether the index speaks the extension; raises IndexChangedError if it has before."""
    notices: Notices
    data_port: Callable[[str], int]
    """The port that others can connect to, by the index's IP address; 0 means firewalled."""
    families: Callable[[str], Family]
    """By what this host can connect to others, being connected to an address."""
    uploads: Callable[[], UploadState]
    """How busy uploads are now."""
    shared: Callable[[], Iterable[SharedFile]]
    """All that is to be offered, as it is now."""
    watched: Told
    """Told of files that standing searches were left for."""


class Session:
    """Logs in, then tells, asks and answers until the connection is lost.

    `over` fires with a SessionEnd when it is.
    """

    def __init__(self, surroundings: Surroundings, identity: Identity) -> None:
        self._around = surroundings
        self._identity = identity
        self._protocol: IndexProtocol | None = None
        self._deadline: IDelayedCall | None = None
        self._online_since: float | None = None
        self._end: tuple[Ending, str] | None = None
        self._last_notice = b""
        self.terms = Terms()
        """What was agreed on at login; fixed from then on."""
        self.stats = Stats(0, 0, 0)
        self.over: Deferred[SessionEnd] = Deferred()
        clock = surroundings.clock
        self._login = new_login(
            LoginCore(
                identity,
                lambda: surroundings.data_port(self.index),
                self.send,
                self._greet,
                self._logged_in,
                self.close,
            )
        )
        self._busyness = Busyness(clock, surroundings.uploads, self.send)
        self._liveness = Liveness(clock, lambda: self.send(StatsRequest()), self._fell_silent)
        self.questions = Questions(clock, identity.nick, self.ask)
        self.standing = StandingSearches(self.ask, surroundings.watched)
        self.registration = Registration(clock, self._write, self._liveness.heard)
        self._handlers = self._all_handlers()

    def _all_handlers(self) -> Mapping[type[Message], Callable[[Any], None]]:
        return {
            LoginError: lambda error: self._refused(error.text),
            NickInvalid: lambda error: self._refused(error.text or b"it is no valid nick there"),
            NickFree: lambda _: self._login.nick_free(),
            NickTaken: lambda _: self._login.nick_taken(),
            LoginAccepted: lambda _: self._login.accepted(),
            Hello: self._login.hello,
            Stats: self._counted,
            Notice: self._noticed,
            Ghosted: lambda _: self._replaced(),
            Disconnecting: lambda _: self._thrown_out(),
            ServerPing: lambda _: self.send(ServerPing()),
            ContentShared: self.registration.answered,
            TicketIssued: self._ticketed,
            RelayReady: self._relay_ready,
            **self._around.duties.handlers(self.send),
            **self.questions.handlers,
            **self.standing.handlers,
        }

    @property
    def index(self) -> str:
        """The IP address of the index; empty while there is no connection."""
        return "" if self._protocol is None else self._protocol.host

    @property
    def state(self) -> IndexState:
        """How far the session has come."""
        if self._protocol is None:
            return IndexState.CONNECTING
        return IndexState.LOGGING_IN if self._online_since is None else IndexState.ONLINE

    # What the protocol calls.

    def opened(self, protocol: IndexProtocol) -> None:
        """Log in."""
        self._protocol = protocol
        self._deadline = self._around.clock.callLater(LOGIN_PATIENCE, self._login.too_long)
        if self._identity.email:
            self._login.sign_up()
        else:
            self._login.log_in()

    def received(self, message: Message) -> None:
        """Take a message. Raises NoTransition for one that is out of turn."""
        self._liveness.heard()
        if (handler := self._handlers.get(type(message))) is not None:
            handler(message)

    def lost(self, reason: str) -> None:
        """End: the connection is closed."""
        self._protocol = None
        self._cancel_deadline()
        self._liveness.stop()
        self._busyness.stop()
        self.registration.stopProducing()
        self._around.counters.offline(self.send)
        ending, reason = self._end or self._unexplained(reason)
        self.questions.lost(IndexAwayError(reason))
        since = self._online_since
        online_for = 0.0 if since is None else self._around.clock.seconds() - since
        self.over.callback(SessionEnd(ending, reason, online_for))

    def _unexplained(self, reason: str) -> tuple[Ending, str]:
        said = f"; it said: {display(self._last_notice)}" if self._last_notice else ""
        return Ending.LOST, reason + said

    # Sending.

    def send(self, message: Message) -> None:
        """Send a message that is known to be sound; nothing happens when the session is over."""
        if self._protocol is not None:
            self._protocol.send(message)

    def _write(self, frames: bytes) -> None:
        if self._protocol is not None:
            self._protocol.write(frames)

    def ask(self, message: Message) -> None:
        """Send a message made of what others said. Raises ArrangeError, IndexAwayError."""
        if self._online_since is None or self._protocol is None:
            raise IndexAwayError("the link to the index was lost")
        try:
            if not fits(message):
                raise ArrangeError("the index cannot be asked: the request would be too long")
            self._protocol.send(message)
        except ParseError as error:
            raise ArrangeError(f"the index cannot be asked: {error}") from error

    def close(self, ending: Ending, reason: str) -> None:
        """End the session for a reason, the first one given."""
        self._end = self._end or (ending, reason)
        if self._protocol is not None:
            self._protocol.close()

    def broken(self, reason: str) -> None:
        """Take note that the index broke the protocol."""
        self.close(Ending.LOST, reason)

    # What the index says.

    def _greet(self, hello: Hello) -> None:
        host = self._protocol.host if self._protocol else ""
        families = self._around.families(host)
        self.terms, greeting = agree(hello, self._around.guard.fingerprint, families)
        self.send(greeting)

    def _ticketed(self, issued: TicketIssued) -> None:
        """Keep a ticket for the transfer that it is for."""
        ticket = Ticket(
            secret=issued.ticket,
            nick=issued.nick.decode("latin-1"),
            path=issued.path,
            fingerprint=issued.fingerprint,
            address=issued.address,
            dials=issued.role is Role.CONNECTOR,
            uploads=issued.task is Task.UPLOAD,
            life=issued.life,
            ipv6=str(IPv6Address(issued.ipv6)) if issued.ipv6 else "",
        )
        if ticket.dials and not ticket.uploads:
            self.questions.requests.ticketed(ticket)
        else:
            self._around.guard.tickets.add(ticket)

    def _relay_ready(self, ready: RelayReady) -> None:
        """Go to the relay of this index, and to no other address."""
        if self._protocol is None:
            return
        place = RelayPlace(self._protocol.host, ready.port, ready.token)
        if not self.questions.requests.relay_ready(ready.ticket, place):
            self._around.duties.relay(ready.ticket, place)

    def _logged_in(self) -> None:
        self._cancel_deadline()
        try:
            self._around.check_greeting(self.terms.extended)
        except IndexChangedError as error:
            self.close(Ending.REFUSED, f"the index cannot be trusted: {error}")
            return
        self._liveness.start()
        self._online_since = self._around.clock.seconds()
        self._around.counters.online(self.send)
        if self._protocol is not None:
            self._protocol.fill_from(self.registration)
        if self.terms.content:
            self._busyness.start()
        form = ContentForm(self.terms.longest) if self.terms.content else OldForm()
        self.registration.begin(form, self._around.shared())

    def _cancel_deadline(self) -> None:
        if self._deadline is not None and self._deadline.active():
            self._deadline.cancel()

    def _refused(self, text: bytes) -> None:
        reason = f"the index refuses the login as {self._identity.nick}: {display(text)}"
        self._login.refused(reason)

    def _counted(self, stats: Stats) -> None:
        self.stats = stats
        self._login.complete()

    def _noticed(self, notice: Notice) -> None:
        self._last_notice = notice.text
        self._around.notices.add(notice.text)
        self.questions.noticed(notice.text)

    def _replaced(self) -> None:
        self._end = (
            Ending.REPLACED,
            f"somebody else has logged in as {self._identity.nick}; if that is a second daemon, "
            "give each a nick of its own",
        )

    def _thrown_out(self) -> None:
        said = display(self._last_notice) or "it gave no reason"
        ending = Ending.LOST if is_about_shutdown(self._last_notice) else Ending.REFUSED
        self.close(ending, f"the index ended the session: {said}")

    def _fell_silent(self) -> None:
        self.close(Ending.LOST, "the index has stopped answering")
