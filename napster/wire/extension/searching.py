"""Searching by words and by content; equal content is found as one."""

from enum import IntEnum

from napster.wire.extension.base import ID_BYTES, IPV6_BYTES, Extension, extension, found
from napster.wire.messages.base import CLIENT, SERVER
from napster.wire.messages.searching import SearchHit
from napster.wire.tagged import octets, utf8, whole


class Reason(IntEnum):
    """Why a search found nothing, or perhaps not all."""

    UNKNOWN_WORD = 1
    NEVER_TOGETHER = 2
    EXCLUDED = 3
    FILTERED = 4
    HIDDEN = 5
    NO_WORD = 6
    REGISTERING = 7


@extension(20015, SERVER)
class SearchNote(Extension):
    """Something to know about the search that the next 202 ends."""

    reason: Reason = whole(1, 1, Reason)
    text: str = utf8(2)
    """One sentence for a person."""
    suggestion: str | None = utf8(3, default=None)
    """Words to search for instead."""


@extension(20010, CLIENT)
class Find(Extension):
    """Search. Answered by 20011, 20015 and at the end a 20012, all of the same `req`."""

    req: int = whole(1, 4)
    query: bytes = octets(2)
    """The search, written as the body of a 200."""


@extension(20011, SERVER)
class Found(Extension):
    """A file found, with all who share it, as far as its content is known."""

    req: int = whole(1, 4)
    hit: SearchHit = found(2)
    """The offer of it that is most likely to be had."""
    size: int = whole(3, 8)
    sources: int = whole(4, 4)
    """How many users offer it, be it under several names."""
    reachable: int = whole(5, 4)
    """How many of them can be connected to."""
    free: int = whole(6, 4)
    """How many of those have told of a free upload slot."""
    content_id: bytes | None = octets(7, ID_BYTES, default=None)
    since: int | None = whole(8, 8, default=None)
    """When the oldest of the offers was made, about; seconds since 1970."""


@extension(20012, SERVER)
class FindEnd(Extension):
    """All that was found for a 20010 or 20013 has been told."""

    req: int = whole(1, 4)


@extension(20013, CLIENT)
class FindSources(Extension):
    """Ask who shares a content. Answered by 20014 and at the end a 20012, of the same `req`."""

    req: int = whole(1, 4)
    content_id: bytes = octets(2, ID_BYTES)


@extension(20014, SERVER)
class ContentSource(Extension):
    """One user's offer of a content."""

    req: int = whole(1, 4)
    nick: bytes = octets(2)
    path: bytes = octets(3)
    address: int = whole(4, 4)
    """As in a 201."""
    port: int = whole(5, 2)
    """The data port; 0 means firewalled."""
    speed: int = whole(6, 1)
    free: int | None = whole(7, 2, default=None)
    """How many upload slots are free, if that is known."""
    waiting: int | None = whole(8, 2, default=None)
    """How many requests wait for one."""
    fingerprint: bytes | None = octets(9, ID_BYTES, default=None)
    ipv6: bytes | None = octets(10, IPV6_BYTES, default=None)
    """Where this user can be connected to by IPv6, at the same port, if the asker can do that."""
