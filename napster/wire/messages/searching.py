"""Searching, browsing, and finding further sources by hash."""

from typing import Self

from napster.wire.fields import FieldReader
from napster.wire.messages.base import (
    CLIENT,
    SERVER,
    Message,
    message,
    number,
    quoted,
    structured,
    token,
    word,
)
from napster.wire.search import SearchQuery, parse_query, query_body


def _read_query(reader: FieldReader) -> SearchQuery:
    return parse_query(reader.rest())


@message(200, CLIENT)
class Search(Message):
    """Search for files; answered by any number of 201 and one 202."""

    query: SearchQuery = structured(_read_query, query_body)

    @classmethod
    def from_body(cls, body: bytes) -> Self:
        """Read the query, which is all there is in a body. Raises ParseError."""
        return cls(parse_query(body))


@message(201, SERVER)
class SearchHit(Message):
    """One file found. The address is a u32 whose octets are little-endian."""

    path: bytes = quoted()
    md5: bytes = token()
    size: int = number()
    bitrate: int = number()
    frequency: int = number()
    duration: int = number()
    nick: str = word()
    address: int = number(highest=2**32 - 1)
    speed: int = number(lenient=True)


@message(202, SERVER)
class SearchEnd(Message):
    """The end of every search, also of one that failed."""


@message(211, CLIENT)
class Browse(Message):
    """Ask for all files of a user, at most `limit` if given."""

    nick: str = word()
    limit: int | None = number(lenient=True, default=None)


@message(212, SERVER)
class BrowseFile(Message):
    """One file of the user browsed."""

    nick: str = word()
    path: bytes = quoted()
    md5: bytes = token()
    size: int = number()
    bitrate: int = number()
    frequency: int = number()
    duration: int = number()


@message(213, SERVER)
class BrowseEnd(Message):
    """The end of a user's files."""

    nick: str = word()


@message(215, CLIENT)
class SourcesRequest(Message):
    """Ask who has a file of this historic MD5 and size; answered by 216 and one 217."""

    md5: bytes = token()
    size: int = number()


@message(216, SERVER)
class Source(Message):
    """One user who has the file asked for."""

    nick: str = word()
    address: int = number(highest=2**32 - 1)
    port: int = number(highest=65535)
    path: bytes = quoted()
    md5: bytes = token()
    size: int = number()
    speed: int = number()


@message(217, SERVER)
class SourcesEnd(Message):
    """The end of the users who have the file asked for."""


@message(640, CLIENT)
class DirectBrowse(Message):
    """Ask to read a user's list straight from that user."""

    nick: str = word()


@message(640, SERVER)
class DirectBrowseRequest(Message):
    """Somebody asks for this client's list; address and port if it has to be pushed."""

    nick: str = word()
    address: int | None = number(highest=2**32 - 1, default=None)
    port: int | None = number(highest=65535, default=None)


@message(641, CLIENT)
class DirectBrowseAccept(Message):
    """Agree to be browsed directly by a user."""

    nick: str = word()


@message(641, SERVER)
class DirectBrowseReady(Message):
    """Where to connect for a direct browse."""

    nick: str = word()
    address: int = number(highest=2**32 - 1)
    port: int = number(highest=65535)


@message(642, SERVER)
class DirectBrowseError(Message):
    """Why a direct browse is not possible."""

    nick: str = word()
    text: bytes = quoted(default=b"")
