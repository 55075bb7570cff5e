"""The side of a relay that dials it: it shows its token and waits until the other side is there.

Both sides dial the relay. What comes behind its answer is the other side's.
"""

import re
from typing import Final

import attrs
from automat import TypeMachineBuilder

from napster.wire.errors import ParseError
from napster.wire.fields import excerpt
from napster.wire.transfer.events import Joined
from napster.wire.transfer.handshake import Handshake, Steps, Talk, expect_no_call, ignore

MAX_RELAY_LINE: Final = 64
"""The longest line said to a relay, in bytes, its end included."""
JOINED: Final = b"OK\n"
"""What a relay says when both sides are there."""

_TOKEN: Final = re.compile(rb"RELAY (?P<token>[0-9a-f]{32})\n")


def token_line(token: bytes) -> bytes:
    """Write the line that shows a token of 16 bytes."""
    return b"RELAY %b\n" % token.hex().encode("ascii")


def read_token_line(text: bytes) -> bytes | None:
    """Read the token that is shown to a relay; None if more bytes are needed.

    Raises ParseError, also for bytes that follow: nobody listens to them yet.
    """
    if b"\n" not in text:
        if len(text) >= MAX_RELAY_LINE:
            raise ParseError(f"a line to the relay has more than {MAX_RELAY_LINE} bytes")
        return None
    found = _TOKEN.fullmatch(text)
    if found is None:
        raise ParseError("what is said to the relay shows no token, or more than that")
    return bytes.fromhex(found["token"].decode("ascii"))


@attrs.define
class _Join(Talk):
    """A token that is shown."""

    token: bytes


class Joiner(Handshake):
    """Show a relay a token of 16 bytes; ends in Joined or Broken. Then all bytes are the caller's.

    A relay says nothing but that both sides are there: it closes the connection of others.
    """

    def __init__(self, token: bytes) -> None:
        talk = _Join(token)
        talk.outgoing.append(token_line(token))
        super().__init__(talk, _machine(talk))


_builder = TypeMachineBuilder(Steps, _Join)
_waiting = _builder.state("waiting for the other side")
_joined = _builder.state("joined")
_over = _builder.state("over")


@_waiting.upon(Steps.look).loop()
def _read_answer(steps: Steps, talk: _Join) -> None:
    answer = bytes(talk.buffer)
    if not JOINED.startswith(answer[: len(JOINED)]):
        raise ParseError(f"the relay answers by {excerpt(answer)!r}")
    if len(answer) < len(JOINED):
        return
    talk.buffer.clear()
    talk.events.append(Joined(answer[len(JOINED) :]))
    steps.moved_on()


@_waiting.upon(Steps.hung_up).loop()
def _left(_steps: Steps, _talk: _Join) -> None:
    raise ParseError("the relay closed the connection before the other side was there")


_waiting.upon(Steps.moved_on).to(_joined).returns(None)
_waiting.upon(Steps.ended).to(_over).returns(None)
_joined.upon(Steps.look).loop()(expect_no_call)
_joined.upon(Steps.hung_up).loop().returns(None)
_over.upon(Steps.look).loop()(ignore)
_over.upon(Steps.hung_up).loop().returns(None)
_machine = _builder.build()
