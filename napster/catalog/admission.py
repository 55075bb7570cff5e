"""What a catalog takes in: files that every later reply can name truthfully."""

import re

from napster.wire.errors import ParseError
from napster.wire.framing import MAX_BODY
from napster.wire.messages.sharing import Share

OWNER_FIELDS = len(b"  4294967295 10")
"""How long speed and address make a search result, with the spaces around the nick."""
_HASH = re.compile(rb"[!#-~]{1,255}")
_TRUE_MD5 = re.compile(rb"([0-9a-f]{32})(?:-[0-9]+)?")
_NO_MD5 = b"0" * 32


class RefusedError(Exception):
    """A file that cannot be taken; `path` as far as it could be read, the text says why."""

    def __init__(self, path: bytes, reason: str) -> None:
        super().__init__(reason)
        self.path = path
        self.reason = reason


def read_record(record: bytes, nick: str) -> Share:
    """Read the body of a message 100 from a nick; raises RefusedError."""
    try:
        file = Share.from_body(record)
    except ParseError as error:
        raise RefusedError(b"", str(error)) from error
    if not file.path:
        raise RefusedError(b"", "the file has no name")
    if b'"' in file.path:
        raise RefusedError(file.path, "the name holds a double quote, which no message can carry")
    if not _HASH.fullmatch(file.md5):
        raise RefusedError(file.path, "the hash is not a word of printable ASCII")
    if len(file.body()) + len(nick) + OWNER_FIELDS > MAX_BODY:
        reason = f"filename too long: a search result would exceed {MAX_BODY} bytes"
        raise RefusedError(file.path, reason)
    return file


def path_key(path: bytes) -> bytes:
    """Return what paths that differ in case only have in common: the path in lower case (ASCII)."""
    return path.lower()


def nick_key(nick: str) -> str:
    """Return the nick as it is compared: without case."""
    return nick.lower()


def md5_key(md5: bytes) -> bytes | None:
    """Return the 32 hexadecimal digits of a hash field, or None if it tells no content.

    Official clients append `-` and a number (protocol section 4.4); zeros mean unknown.
    """
    found = _TRUE_MD5.fullmatch(md5.lower())
    return found[1] if found and found[1] != _NO_MD5 else None
