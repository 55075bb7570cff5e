"""The side that dials and asks for a file: `1`, `GET`, `nick "path" offset`, size and content."""

import attrs
from automat import TypeMachineBuilder

from napster.wire.errors import ParseError
from napster.wire.transfer.events import SizeKnown
from napster.wire.transfer.handshake import (
    Handshake,
    Steps,
    Talk,
    expect_no_call,
    ignore,
    request_line,
)
from napster.wire.transfer.sizes import read_size, safe_offset


@attrs.define
class _Download(Talk):
    """A file asked for. `skip` is how many bytes come before those that are wanted."""

    line: bytes
    announced: int
    offset: int
    skip: int


class Downloader(Handshake):
    """Ask for a file from `offset` on; ends in SizeKnown, Refused or Broken.

    `announced` is the size that the index told, or an earlier SizeKnown. The offset really asked
    for may be a few bytes smaller (see `safe_offset`); content before `offset` is dropped here.
    After SizeKnown all bytes are the caller's: `feed` must not be called any more. Raises
    ParseError for a nick or path that cannot be sent.
    """

    def __init__(self, nick: str, path: bytes, announced: int, offset: int = 0) -> None:
        asked = safe_offset(announced, offset)
        talk = _Download(request_line(nick, path, asked), announced, asked, offset - asked)
        super().__init__(talk, _machine(talk))


_builder = TypeMachineBuilder(Steps, _Download)
_greeting = _builder.state("waiting for the greeting")
_size = _builder.state("waiting for the size")
_content = _builder.state("content follows")
_over = _builder.state("over")


@_greeting.upon(Steps.look).loop()
def _read_greeting(steps: Steps, talk: _Download) -> None:
    if talk.take_greeting():
        steps.moved_on()


@_greeting.upon(Steps.moved_on).to(_size)
def _ask(steps: Steps, talk: _Download) -> None:
    talk.outgoing += [b"GET", talk.line]
    steps.look()


@_size.upon(Steps.look).loop()
def _read_answer(steps: Steps, talk: _Download) -> None:
    if talk.buffer[:1].isdigit():
        _read_size(steps, talk)
    elif talk.buffer and talk.take_refusal():
        steps.ended()


def _read_size(steps: Steps, talk: _Download) -> None:
    answer = bytes(talk.buffer)
    found = read_size(answer, talk.announced, talk.offset, final=talk.final)
    content = answer[found.digits :] if found else b""
    if found is None or len(content) < talk.skip:
        talk.needs_quiet = not talk.final
        return
    if len(content) > found.size - talk.offset:
        raise ParseError(f"the other side sends more than the {found.size} bytes it offers")
    talk.buffer.clear()
    talk.events.append(SizeKnown(found.size, content[talk.skip :]))
    steps.moved_on()


@_greeting.upon(Steps.hung_up).loop()
@_size.upon(Steps.hung_up).loop()
def _left(_steps: Steps, _talk: _Download) -> None:
    raise ParseError("the other side closed the connection before it told the file's size")


_size.upon(Steps.moved_on).to(_content).returns(None)
_content.upon(Steps.look).loop()(expect_no_call)
_content.upon(Steps.hung_up).loop().returns(None)
_greeting.upon(Steps.ended).to(_over).returns(None)
_size.upon(Steps.ended).to(_over).returns(None)
_over.upon(Steps.look).loop()(ignore)
_over.upon(Steps.hung_up).loop().returns(None)
_machine = _builder.build()
