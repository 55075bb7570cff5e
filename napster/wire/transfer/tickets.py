"""The two lines by which a ticket lets one of our peers in to another (docs/extensions.md)."""

import hashlib
import re
from typing import Final

from napster.wire.errors import ParseError
from napster.wire.fields import excerpt
from napster.wire.transfer.events import Admitted, Denial, Denied, Mode, TicketShown

MAX_TICKET_LINE: Final = 64
"""The longest of these lines in bytes, its end included."""
VERB: Final = b"NAPX1"

_SHOWN: Final = re.compile(rb"NAPX1 (?P<ticket>[0-9a-f]{32}) (?P<mode>[TP])\n")
_ANSWER: Final = re.compile(rb"NAPX1 (?:(?P<mode>[TP])|REFUSED (?P<word>[A-Z]{1,20}))\n")


def ticket_line(ticket: bytes, mode: Mode) -> bytes:
    """Write the line that shows a ticket of 16 bytes."""
    return b"%b %b %b\n" % (VERB, ticket.hex().encode("ascii"), mode.encode("ascii"))


def admission_line(mode: Mode) -> bytes:
    """Write the line that lets its bearer in."""
    return b"%b %b\n" % (VERB, mode.encode("ascii"))


def denial_line(denial: Denial) -> bytes:
    """Write the line that does not."""
    return b"%b REFUSED %b\n" % (VERB, denial.encode("ascii"))


def lines_digest(ticket: bytes, mode: Mode) -> bytes:
    """Hash both lines (SHA-256), for the two sides to compare once nobody can change them."""
    return hashlib.sha256(ticket_line(ticket, mode) + admission_line(mode)).digest()


def read_ticket_line(text: bytes) -> TicketShown | None:
    """Read the line that shows a ticket; None if more bytes are needed. Raises ParseError."""
    if not _is_whole(text):
        return None
    found = _SHOWN.fullmatch(text)
    if found is None:
        raise ParseError(f"{excerpt(text)!r} shows no ticket, or more than that")
    return TicketShown(bytes.fromhex(found["ticket"].decode("ascii")), Mode(found["mode"].decode()))


def read_answer(text: bytes, asked: Mode) -> Admitted | Denied | None:
    """Read the answer to it; None if more bytes are needed.

    Raises ParseError, also for another mode than the one asked for, and for bytes that follow.
    """
    if not _is_whole(text):
        return None
    found = _ANSWER.fullmatch(text)
    if found is None:
        raise ParseError(f"the other side answers a ticket by {excerpt(text)!r}")
    if found["word"]:
        return Denied(found["word"].decode("ascii"))
    if found["mode"].decode() != asked:
        raise ParseError("the other side answers in another mode than the one asked for")
    return Admitted()


def _is_whole(text: bytes) -> bool:
    if b"\n" in text:
        return True
    if len(text) >= MAX_TICKET_LINE:
        raise ParseError(f"a line about a ticket has more than {MAX_TICKET_LINE} bytes")
    return False
