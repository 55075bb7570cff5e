"""What the dialing side asks for: a verb, for a file also `nick "path" number`, no terminator.

Between our own programs there is one more, which is a line: see `tickets`.
"""

import re
from typing import Final

from napster.wire.errors import ParseError
from napster.wire.fields import excerpt
from napster.wire.transfer.events import GetRequested, ListRequested, SendRequested, TicketShown
from napster.wire.transfer.handshake import END_OF_LINE, MAX_LINE
from napster.wire.transfer.tickets import VERB, read_ticket_line

Request = GetRequested | SendRequested | ListRequested | TicketShown

_VERBS: Final = (b"GET", b"SEND")
_LIST: Final = b"LIST"
_QUOTED: Final = re.compile(
    rb' *(?P<nick>[^ "\r\n\0]+) +"(?P<path>[^"\0]+)" *(?P<number>[0-9]{0,20})(?P<end>[ \r\n\0]*)'
)
_BARE: Final = re.compile(
    rb' *(?P<nick>[^ "\r\n\0]+) +(?P<path>[^ "\r\n\0]+) +(?P<number>[0-9]{1,20})(?P<end>[ \r\n\0]*)'
)
_HIGHEST: Final = 2**64 - 1


def read_request(text: bytes, *, final: bool) -> Request | None:
    """Read a request; None if more bytes are needed.

    Verb and line may come in one piece or in many. The request is complete at an end of line, or
    when nothing more comes (`final`). A file without an offset is wanted from its start. Raises
    ParseError.
    """
    if len(text) > MAX_LINE:
        raise ParseError(f"the request has more than {MAX_LINE} bytes")
    if VERB.startswith(text[: len(VERB)]):
        return read_ticket_line(text)
    verb = next((each for each in _VERBS if text.startswith(each)), None)
    if verb is None:
        if any(each.startswith(text) for each in _VERBS):
            return None
        raise ParseError(f"{excerpt(text)!r} begins neither with GET nor with SEND or GETLIST")
    line = text[len(verb) :]
    if verb == b"GET" and line.rstrip(END_OF_LINE) == _LIST:
        return ListRequested() if final or line.endswith(b"\n") else None
    return _read_line(verb, line, final=final)


def _read_line(verb: bytes, line: bytes, *, final: bool) -> Request | None:
    found = _QUOTED.fullmatch(line) or _BARE.fullmatch(line)
    if found is None:
        _check_unfinished(line, final=final)
        return None
    if not (final or found["end"].strip(b" ") or found["number"] == b"0"):
        return None
    nick, number = found["nick"].decode("latin-1"), int(found["number"] or 0)
    if number > _HIGHEST:
        raise ParseError(f"{number} is neither the size of a file nor an offset in one")
    if verb == b"GET":
        return GetRequested(nick, found["path"], number)
    if not found["number"]:
        raise ParseError("a file is offered without its size")
    return SendRequested(nick, found["path"], number)


def _check_unfinished(line: bytes, *, final: bool) -> None:
    """Raise ParseError for a line that no further bytes can mend."""
    before, _, quoted = line.partition(b'"')
    over = b'"' in quoted or b"\n" in before or b"\0" in line
    if over or (final and not quoted and before.strip().count(b" ")):
        raise ParseError(f'{excerpt(line)!r} is not of the form nick "path" number')
