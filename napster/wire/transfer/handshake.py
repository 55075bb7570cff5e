"""What the four handshakes have in common: a buffer, segments to write, events, and their steps.

Much of this protocol has no terminators: a number that ends a message is complete only once
nothing has followed it for a while. A handshake that has come to such a point says so by
`needs_quiet`; whoever owns the clock then calls `quiet` after QUIET_TIME without data.
"""

import re
from collections.abc import Callable
from typing import Final, Protocol

import attrs

from napster.wire.errors import ParseError
from napster.wire.fields import display, excerpt, quote, write_text
from napster.wire.framing import MAX_BODY
from napster.wire.transfer.events import Broken, Event, Refusal, Refused

QUIET_TIME: Final = 0.2
"""How long, in seconds, nothing must follow before an unterminated message is complete."""

MAX_LINE: Final = MAX_BODY + 64
"""The longest request in bytes: what an index would carry, a verb and a number."""

GREETING: Final = b"1"
END_OF_LINE: Final = b" \r\n\0"
"""Bytes that some programs send behind a number, and that mean nothing."""

_LONGEST_REFUSAL: Final = 128
_REFUSAL: Final = re.compile(rb"[!-~\x80-\xff][ -~\x80-\xff]*[\r\n\0]*")


class Steps(Protocol):
    """What moves a handshake on."""

    def look(self) -> None:
        """Read what can be read off the buffer."""

    def hung_up(self) -> None:
        """Take note that the other side has closed the connection."""

    def moved_on(self) -> None:
        """Go on to the next state."""

    def ended(self) -> None:
        """Go to the state in which nothing matters any more."""


@attrs.define
class Talk:
    """What a handshake remembers."""

    buffer: bytearray = attrs.field(factory=bytearray, init=False)
    outgoing: list[bytes] = attrs.field(factory=list, init=False)
    events: list[Event] = attrs.field(factory=list, init=False)
    needs_quiet: bool = attrs.field(default=False, init=False)
    final: bool = attrs.field(default=False, init=False)
    """Whether nothing has come for a while, so that what is in the buffer is whole."""

    def take_greeting(self) -> bool:
        """Take the greeting off the buffer, if there is anything in it. Raises ParseError."""
        if not self.buffer:
            return False
        if not self.buffer.startswith(GREETING):
            raise ParseError(
                f"the other side greets with {excerpt(bytes(self.buffer[:9]))!r}, not with 1"
            )
        del self.buffer[:1]
        return True

    def take_refusal(self) -> bool:
        """Take a text sent instead of a number off the buffer, once it is whole.

        Raises ParseError for what cannot be a text.
        """
        text = bytes(self.buffer)
        if not _REFUSAL.fullmatch(text) or len(text) > _LONGEST_REFUSAL:
            raise ParseError(f"the other side answers {excerpt(text)!r}, which makes no sense")
        reason = display(text.rstrip(END_OF_LINE))
        if not self.final and reason not in list(Refusal):
            self.needs_quiet = True
            return False
        self.events.append(Refused(reason))
        return True


class Handshake:
    """One side of the conversation; the other side's connection is open already.

    All of `feed`, `quiet` and `closed` return the events they lead to, none for most calls.
    """

    def __init__(self, talk: Talk, steps: Steps) -> None:
        self._talk = talk
        self._steps = steps

    @property
    def needs_quiet(self) -> bool:
        """Whether `quiet` is to be called if nothing comes for QUIET_TIME."""
        return self._talk.needs_quiet

    def feed(self, data: bytes) -> list[Event]:
        """Take bytes in as they arrive."""
        self._talk.buffer += data
        return self._run(self._steps.look)

    def quiet(self) -> list[Event]:
        """Take note that nothing has come for QUIET_TIME."""
        return self._run(self._steps.look, final=True)

    def closed(self) -> list[Event]:
        """Take note that the connection is gone."""
        return self.quiet() + self._run(self._steps.hung_up)

    def take_outgoing(self) -> list[bytes]:
        """Return what is to be written now; old programs want each item in its own segment."""
        segments, self._talk.outgoing = self._talk.outgoing, []
        return segments

    def _run(self, step: Callable[[], None], *, final: bool = False) -> list[Event]:
        self._talk.needs_quiet, self._talk.final = False, final
        try:
            step()
        except ParseError as error:
            self._talk.events.append(Broken(str(error)))
            self._steps.ended()
        events, self._talk.events = self._talk.events, []
        return events


# What a state does when it is asked to look, and no longer awaits anything.


def ignore(_steps: Steps, talk: Talk) -> None:
    """Drop whatever comes: the handshake has failed."""
    talk.buffer.clear()


def expect_nothing(_steps: Steps, talk: Talk) -> None:
    """Bear an end of line; anything else shows that a number read before was not whole."""
    if more := talk.buffer.strip(END_OF_LINE):
        raise ParseError(f"the other side goes on with {excerpt(bytes(more))!r}, out of turn")
    talk.buffer.clear()


def expect_no_call(_steps: Steps, talk: Talk) -> None:
    """Stand for the caller's promise to keep the content of a file to itself."""
    if talk.buffer:
        raise RuntimeError("the content of a file is not for a handshake to read")


def request_line(nick: str, path: bytes, number: int) -> bytes:
    """Write `nick "path" number`. Raises ParseError for what cannot be sent."""
    return b"%b %b %d" % (write_text(nick), quote(path), number)
