"""What every extension message is made of, and how long it may be."""

from collections.abc import Callable
from typing import Any, TypeVar, dataclass_transform

from napster.wire.framing import MAX_BODY
from napster.wire.messages.base import CLIENT, Message, Sender
from napster.wire.messages.searching import SearchHit
from napster.wire.tagged import Tag, Tagged, octets, tagged, tagged_message, utf8, whole

MARKER = b" +ext1"
NUMBERS = range(20000, 20064)
"""The numbers of extension messages; old programs use numbers up to 10302."""
MAX_EXTENSION_BODY = 16_384
"""The longest body of an extension message, in bytes."""
ID_BYTES = 32
"""How long a content id is, and the fingerprint of a key."""
TICKET_BYTES = 16
IPV6_BYTES = 16
"""How long an IPv6 address is."""

T = TypeVar("T", bound="Extension")


def speaks_extension(client: bytes) -> bool:
    """Whether a program that logs in with this client string understands extension messages."""
    return client.endswith(MARKER)


def body_limit(type_: int) -> int:
    """Allow a message as many bytes of body as it may have; see `FrameReader`."""
    return MAX_EXTENSION_BODY if type_ in NUMBERS else MAX_BODY


def found(key: int, **options: Any) -> Any:
    """Declare a file found, written as the body of a 201."""
    return tagged(Tag(key, SearchHit.from_body, SearchHit.body), **options)


class Extension(Tagged, Message):
    """A message whose body is made of tagged fields. A field that is None is absent."""

    __slots__ = ()


FROM_CLIENT: dict[int, type[Extension]] = {}
"""Extension messages that a client may send, by number."""
FROM_SERVER: dict[int, type[Extension]] = {}
"""Extension messages that an index may send, by number."""


@dataclass_transform(frozen_default=True, field_specifiers=(whole, utf8, octets, found, tagged))
def extension(number: int, sender: Sender) -> Callable[[type[T]], type[T]]:
    """Make a class a frozen extension message of this number and register it for its sender."""

    def decorate(cls: type[T]) -> type[T]:
        made = tagged_message(cls)
        made.type = number
        (FROM_CLIENT if sender is CLIENT else FROM_SERVER)[number] = made
        return made

    return decorate
