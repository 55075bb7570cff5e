"""Reading a user's list straight from that user, and writing one's own.

After `1` and `GETLIST` come the nick in a line, each file in a line as in message 100, and an empty
line. TekNap sends a line `SENDLIST` before all that.
"""

from collections.abc import Iterable, Iterator
from typing import Final

import attrs
from automat import TypeMachineBuilder

from napster.wire.errors import ParseError
from napster.wire.fields import excerpt, write_text
from napster.wire.messages.sharing import Share
from napster.wire.transfer.events import (
    ListedFile,
    ListEnded,
    ListStarted,
    Refusal,
    Refused,
)
from napster.wire.transfer.handshake import MAX_LINE, Handshake, Steps, Talk, ignore

_HEADING: Final = b"SENDLIST"
_REFUSALS: Final = frozenset(each.encode("ascii") for each in Refusal)


def list_segments(nick: str, files: Iterable[Share]) -> Iterator[bytes]:
    """Write the answer to GETLIST: the nick's line, to be sent on its own, the files, the end.

    Raises ParseError for a path that holds a line feed or a double quote.
    """
    yield write_text(nick) + b"\n"
    for file in files:
        line = file.body()
        if b"\n" in line:
            raise ParseError("a path with a line feed cannot be listed")
        yield line + b"\n"
    yield b"\n"


@attrs.define
class _Browse(Talk):
    """A list being read. `unreadable` counts the lines that could not be understood."""

    unreadable: int = attrs.field(default=0, init=False)

    def take_line(self) -> bytes | None:
        """Take a line off the buffer, or None if it is not whole. Raises ParseError."""
        end = self.buffer.find(b"\n", 0, MAX_LINE)
        if end < 0:
            if len(self.buffer) >= MAX_LINE:
                raise ParseError(f"a line of the list has more than {MAX_LINE} bytes")
            return None
        line = bytes(self.buffer[:end])
        del self.buffer[: end + 1]
        return line.removesuffix(b"\r")

    def start(self, nick: bytes) -> None:
        """Note whose list it is. Raises ParseError."""
        if b" " in nick:
            raise ParseError(f"a list begins with a nick in a line, not with {excerpt(nick)!r}")
        self.events.append(ListStarted(nick.decode("latin-1")))

    def list_file(self, line: bytes) -> None:
        """Note a file, or that its line cannot be understood; a nick is no news (TekNap)."""
        if b" " not in line:
            return
        try:
            self.events.append(ListedFile(Share.from_body(line)))
        except ParseError:
            self.unreadable += 1


class Browser(Handshake):
    """Ask for the whole list; leads to ListStarted, ListedFile..., ListEnded, Refused or Broken.

    How many files are taken is the caller's to limit: this keeps none of them.
    """

    def __init__(self) -> None:
        talk = _Browse()
        super().__init__(talk, _machine(talk))


_builder = TypeMachineBuilder(Steps, _Browse)
_greeting = _builder.state("waiting for the greeting")
_nick = _builder.state("waiting for the nick")
_files = _builder.state("reading the list")
_over = _builder.state("over")


@_greeting.upon(Steps.look).loop()
def _read_greeting(steps: Steps, talk: _Browse) -> None:
    if talk.take_greeting():
        steps.moved_on()


@_greeting.upon(Steps.moved_on).to(_nick)
def _ask(steps: Steps, talk: _Browse) -> None:
    talk.outgoing.append(b"GETLIST")
    steps.look()


@_nick.upon(Steps.look).loop()
def _read_nick(steps: Steps, talk: _Browse) -> None:
    if bytes(talk.buffer).rstrip(b"\r\n") in _REFUSALS:
        talk.events.append(Refused(talk.buffer.decode().rstrip("\r\n")))
        steps.ended()
        return
    line = talk.take_line()
    if line is None:
        return
    if line == _HEADING or line.startswith(_HEADING + b" "):
        line = line[len(_HEADING) + 1 :]
    if line:
        talk.start(line)
        steps.moved_on()
    else:
        steps.look()


@_files.upon(Steps.look).loop()
def _read_files(steps: Steps, talk: _Browse) -> None:
    while (line := talk.take_line()) is not None:
        if not line:
            talk.events.append(ListEnded(talk.unreadable))
            steps.ended()
            return
        talk.list_file(line)


@_greeting.upon(Steps.hung_up).loop()
@_nick.upon(Steps.hung_up).loop()
@_files.upon(Steps.hung_up).loop()
def _left(_steps: Steps, _talk: _Browse) -> None:
    raise ParseError("the other side closed the connection before its list was complete")


@_nick.upon(Steps.moved_on).to(_files)
def _go_on(steps: Steps, _talk: _Browse) -> None:
    steps.look()


for _state in (_greeting, _nick, _files):
    _state.upon(Steps.ended).to(_over).returns(None)
_over.upon(Steps.look).loop()(ignore)
_over.upon(Steps.hung_up).loop().returns(None)
_machine = _builder.build()
