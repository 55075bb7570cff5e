"""The side that dials and holds a ticket: `1`, the ticket, the answer; then pieces."""

import attrs
from automat import TypeMachineBuilder

from napster.wire.errors import ParseError
from napster.wire.transfer.events import Denied, Mode
from napster.wire.transfer.handshake import Handshake, Steps, Talk, expect_no_call, ignore
from napster.wire.transfer.tickets import read_answer, ticket_line


@attrs.define
class _Call(Talk):
    """A ticket that is shown."""

    ticket: bytes
    mode: Mode


class Bearer(Handshake):
    """Show a ticket of 16 bytes; ends in Admitted, Denied or Broken.

    Anything that comes with the greeting or with the answer makes it Broken: nobody has had reason
    to say more yet. After Admitted all bytes are the caller's.
    """

    def __init__(self, ticket: bytes, mode: Mode) -> None:
        talk = _Call(ticket, mode)
        super().__init__(talk, _machine(talk))


_builder = TypeMachineBuilder(Steps, _Call)
_greeting = _builder.state("waiting for the greeting")
_answer = _builder.state("waiting for the answer")
_admitted = _builder.state("let in")
_over = _builder.state("over")


@_greeting.upon(Steps.look).loop()
def _read_greeting(steps: Steps, talk: _Call) -> None:
    if talk.take_greeting():
        if talk.buffer:
            raise ParseError("the other side goes on before it was asked for anything")
        steps.moved_on()


@_greeting.upon(Steps.moved_on).to(_answer)
def _show(_steps: Steps, talk: _Call) -> None:
    talk.outgoing.append(ticket_line(talk.ticket, talk.mode))


@_answer.upon(Steps.look).loop()
def _read_answer(steps: Steps, talk: _Call) -> None:
    answer = read_answer(bytes(talk.buffer), talk.mode)
    if answer is None:
        return
    talk.buffer.clear()
    talk.events.append(answer)
    if isinstance(answer, Denied):
        steps.ended()
    else:
        steps.moved_on()


@_greeting.upon(Steps.hung_up).loop()
@_answer.upon(Steps.hung_up).loop()
def _left(_steps: Steps, _talk: _Call) -> None:
    raise ParseError("the other side closed the connection before it took the ticket")


_answer.upon(Steps.moved_on).to(_admitted).returns(None)
_admitted.upon(Steps.look).loop()(expect_no_call)
_admitted.upon(Steps.hung_up).loop().returns(None)
_greeting.upon(Steps.ended).to(_over).returns(None)
_answer.upon(Steps.ended).to(_over).returns(None)
_over.upon(Steps.look).loop()(ignore)
_over.upon(Steps.hung_up).loop().returns(None)
_machine = _builder.build()
