"""The side that listens: it greets, reads what is asked for, and answers as it is told."""

from typing import Protocol

from automat import TypeMachineBuilder

from napster.wire.errors import ParseError
from napster.wire.transfer.events import (
    Denial,
    Event,
    GetRequested,
    ListRequested,
    Mode,
    Refusal,
    SendRequested,
)
from napster.wire.transfer.handshake import (
    GREETING,
    Handshake,
    Steps,
    Talk,
    expect_no_call,
    expect_nothing,
    ignore,
)
from napster.wire.transfer.requests import read_request
from napster.wire.transfer.tickets import admission_line, denial_line


class _AcceptorSteps(Steps, Protocol):
    """What moves an acceptor on, besides."""

    def file_asked(self) -> None:
        """Wait for the answer to GET."""

    def file_offered(self) -> None:
        """Wait for the answer to SEND."""

    def ticket_shown(self) -> None:
        """Wait for the answer to a ticket."""

    def accept_get(self, size: int) -> None:
        """Tell the size."""

    def accept_send(self, offset: int) -> None:
        """Tell the offset."""

    def admit(self, mode: Mode) -> None:
        """Let the bearer of a ticket in."""

    def deny(self, denial: Denial) -> None:
        """Do not."""

    def refuse(self, reason: Refusal) -> None:
        """Decline."""


class Acceptor(Handshake):
    """Answer whoever dials; leads to one of the requests, to TicketShown or to Broken.

    After each request exactly one answer is due: `accept_get`, `accept_send`, the segments of a
    list, or `refuse`; to a ticket, `admit` or `deny`. Go on feeding after all of them but
    `accept_send` and `admit`: a Broken then means that a number was cut short on its way. An answer
    to what was not asked raises automat.NoTransition; one after a Broken goes nowhere.
    """

    _steps: _AcceptorSteps

    def __init__(self) -> None:
        talk = Talk()
        talk.outgoing.append(GREETING)
        super().__init__(talk, _machine(talk))

    def closed(self) -> list[Event]:
        """Take note that the connection is gone; an unterminated request goes with it."""
        return self._run(self._steps.hung_up)

    def accept_get(self, size: int) -> None:
        """Tell the size of the whole file in bytes; its content from the offset on is to follow."""
        self._steps.accept_get(size)

    def accept_send(self, offset: int) -> None:
        """Take the file from `offset` on. All that comes now is the caller's, not for `feed`."""
        self._steps.accept_send(offset)

    def admit(self, mode: Mode) -> None:
        """Let the bearer of a ticket in. All that comes now is the caller's, not for `feed`."""
        self._steps.admit(mode)

    def deny(self, denial: Denial) -> None:
        """Do not let the bearer of a ticket in; the connection is to be closed then."""
        self._steps.deny(denial)

    def refuse(self, reason: Refusal) -> None:
        """Decline; the connection is to be closed once this is written."""
        self._steps.refuse(reason)


_builder = TypeMachineBuilder(_AcceptorSteps, Talk)
_request = _builder.state("waiting for a request")
_asked = _builder.state("asked for a file")
_offered = _builder.state("offered a file")
_listing = _builder.state("asked for the list")
_shown = _builder.state("shown a ticket")
_sending = _builder.state("sending")
_content = _builder.state("content follows")
_over = _builder.state("over")


@_request.upon(_AcceptorSteps.look).loop()
def _read_request(steps: _AcceptorSteps, talk: Talk) -> None:
    request = read_request(bytes(talk.buffer), final=talk.final)
    if request is None:
        talk.needs_quiet = not talk.final
        return
    talk.buffer.clear()
    talk.events.append(request)
    if isinstance(request, GetRequested):
        steps.file_asked()
    elif isinstance(request, SendRequested):
        steps.file_offered()
    elif isinstance(request, ListRequested):
        steps.moved_on()
    else:
        steps.ticket_shown()


@_asked.upon(_AcceptorSteps.accept_get).to(_sending)
def _tell_size(_steps: _AcceptorSteps, talk: Talk, size: int) -> None:
    talk.outgoing.append(b"%d" % size)


@_offered.upon(_AcceptorSteps.accept_send).to(_content)
def _tell_offset(_steps: _AcceptorSteps, talk: Talk, offset: int) -> None:
    talk.outgoing.append(b"%d" % offset)


@_shown.upon(_AcceptorSteps.admit).to(_content)
def _admit(_steps: _AcceptorSteps, talk: Talk, mode: Mode) -> None:
    talk.outgoing.append(admission_line(mode))


@_shown.upon(_AcceptorSteps.deny).to(_over)
def _deny(_steps: _AcceptorSteps, talk: Talk, denial: Denial) -> None:
    talk.outgoing.append(denial_line(denial))


@_asked.upon(_AcceptorSteps.refuse).to(_over)
@_offered.upon(_AcceptorSteps.refuse).to(_over)
@_listing.upon(_AcceptorSteps.refuse).to(_over)
def _refuse(_steps: _AcceptorSteps, talk: Talk, reason: Refusal) -> None:
    talk.outgoing.append(reason.encode("ascii"))


@_request.upon(_AcceptorSteps.hung_up).loop()
@_asked.upon(_AcceptorSteps.hung_up).loop()
@_offered.upon(_AcceptorSteps.hung_up).loop()
@_shown.upon(_AcceptorSteps.hung_up).loop()
def _left(_steps: _AcceptorSteps, _talk: Talk) -> None:
    raise ParseError("the other side closed the connection before it was answered")


_request.upon(_AcceptorSteps.file_asked).to(_asked).returns(None)
_request.upon(_AcceptorSteps.file_offered).to(_offered).returns(None)
_request.upon(_AcceptorSteps.moved_on).to(_listing).returns(None)
_request.upon(_AcceptorSteps.ticket_shown).to(_shown).returns(None)
for _state in (_asked, _offered, _listing, _shown, _sending):
    _state.upon(_AcceptorSteps.look).loop()(expect_nothing)
for _state in (_request, _asked, _offered, _listing, _shown, _sending):
    _state.upon(_AcceptorSteps.ended).to(_over).returns(None)
for _state in (_listing, _sending, _content, _over):
    _state.upon(_AcceptorSteps.hung_up).loop().returns(None)
_content.upon(_AcceptorSteps.look).loop()(expect_no_call)
_over.upon(_AcceptorSteps.look).loop()(ignore)
_over.upon(_AcceptorSteps.accept_get).loop().returns(None)
_over.upon(_AcceptorSteps.accept_send).loop().returns(None)
_over.upon(_AcceptorSteps.refuse).loop().returns(None)
_over.upon(_AcceptorSteps.admit).loop().returns(None)
_over.upon(_AcceptorSteps.deny).loop().returns(None)
_machine = _builder.build()
