"""What an index and a peer agree on at login, and what the peer tells of itself."""

from enum import IntFlag

from napster.wire.extension.base import ID_BYTES, Extension, extension
from napster.wire.messages.base import CLIENT, SERVER
from napster.wire.tagged import octets, utf8, whole

VERSION = 1


class Feature(IntFlag):
    """What a side can do. A session has the features that both sides have told."""

    CONTENT = 1
    """Content ids: 20002, 20003, 20005 and 20010 to 20014."""
    SECURE = 2
    """Tickets (20020), and what they are for at the data port."""
    RELAY = 4
    """A relay (20021 to 20023) for peers of whom neither can be connected to."""


class Family(IntFlag):
    """Kinds of addresses."""

    IPV4 = 1
    IPV6 = 2


@extension(20000, SERVER)
class Hello(Extension):
    """Says what the index can do, right after the login is accepted."""

    version: int = whole(1, 1)
    features: Feature = whole(2, 4, Feature)
    max_frame: int = whole(3, 4)
    """How many bytes of body the index takes in extension messages."""
    address: str = utf8(4)
    """Where the index sees the client come from."""


@extension(20001, CLIENT)
class Greeting(Extension):
    """Answers a 20000; the features are those to be used."""

    version: int = whole(1, 1)
    features: Feature = whole(2, 4, Feature)
    fingerprint: bytes | None = octets(3, ID_BYTES, default=None)
    """SHA-256 of the public key (SPKI, DER) the client uses at data ports."""
    families: Family | None = whole(4, 1, Family, default=None)
    """By what the client can connect to others; None means IPv4."""


@extension(20005, CLIENT)
class UploadState(Extension):
    """How busy this peer's uploads are; told after the login and when it changes."""

    free: int = whole(1, 2)
    """Upload slots."""
    waiting: int = whole(2, 2)
    """Requests in the queue."""
