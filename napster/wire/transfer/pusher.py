"""The side that dials and sends a file: `1`, `SEND`, `nick "path" size`, offset, then content."""

import re
from typing import Final

import attrs
from automat import TypeMachineBuilder

from napster.wire.errors import ParseError
from napster.wire.fields import excerpt
from napster.wire.transfer.events import OffsetKnown
from napster.wire.transfer.handshake import (
    END_OF_LINE,
    Handshake,
    Steps,
    Talk,
    expect_nothing,
    ignore,
    request_line,
)

_OFFSET: Final = re.compile(rb"([0-9]{1,20})[ \r\n\0]*")


@attrs.define
class _Push(Talk):
    """A file offered."""

    line: bytes
    size: int


class Pusher(Handshake):
    """Offer a file of `size` bytes; ends in OffsetKnown, Refused or Broken.

    Go on feeding while the content is sent: a Broken then means that the offset was cut short on
    its way. Raises ParseError for a nick or path that cannot be sent.
    """

    def __init__(self, nick: str, path: bytes, size: int) -> None:
        talk = _Push(request_line(nick, path, size), size)
        super().__init__(talk, _machine(talk))


_builder = TypeMachineBuilder(Steps, _Push)
_greeting = _builder.state("waiting for the greeting")
_offset = _builder.state("waiting for the offset")
_sending = _builder.state("sending the content")
_over = _builder.state("over")


@_greeting.upon(Steps.look).loop()
def _read_greeting(steps: Steps, talk: _Push) -> None:
    if talk.take_greeting():
        steps.moved_on()


@_greeting.upon(Steps.moved_on).to(_offset)
def _offer(steps: Steps, talk: _Push) -> None:
    talk.outgoing += [b"SEND", talk.line]
    steps.look()


@_offset.upon(Steps.look).loop()
def _read_answer(steps: Steps, talk: _Push) -> None:
    if talk.buffer[:1].isdigit():
        _read_offset(steps, talk)
    elif talk.buffer and talk.take_refusal():
        steps.ended()


def _read_offset(steps: Steps, talk: _Push) -> None:
    answer = bytes(talk.buffer)
    found = _OFFSET.fullmatch(answer)
    if not found or int(found[1]) > talk.size:
        raise ParseError(f"the other side wants a file of {talk.size} bytes from {excerpt(answer)}")
    if not (talk.final or _whole(answer, talk.size)):
        talk.needs_quiet = True
        return
    talk.buffer.clear()
    talk.events.append(OffsetKnown(int(found[1])))
    steps.moved_on()


def _whole(answer: bytes, size: int) -> bool:
    """Whether no further digit can belong to an offset: one more would make it too large."""
    return answer[-1:] in END_OF_LINE or answer == b"0" or int(answer) * 10 > size


@_greeting.upon(Steps.hung_up).loop()
@_offset.upon(Steps.hung_up).loop()
def _left(_steps: Steps, _talk: _Push) -> None:
    raise ParseError("the other side closed the connection before it took the file")


_offset.upon(Steps.moved_on).to(_sending).returns(None)
_sending.upon(Steps.look).loop()(expect_nothing)
_sending.upon(Steps.hung_up).loop().returns(None)
_greeting.upon(Steps.ended).to(_over).returns(None)
_offset.upon(Steps.ended).to(_over).returns(None)
_sending.upon(Steps.ended).to(_over).returns(None)
_over.upon(Steps.look).loop()(ignore)
_over.upon(Steps.hung_up).loop().returns(None)
_machine = _builder.build()
