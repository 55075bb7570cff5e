"""One thing said to an index, and what is heard of it."""

from typing import Any

import attrs

from napster.wire.messages import Message
from napster.wire.messages.login import Notice
from napster.wire.messages.people import ServerPing

HERE = 16777343
"""127.0.0.1 on the wire."""
PATH = rb"music\band - song.mp3"


@attrs.frozen
class Like:
    """A message of a kind whose other fields are different each time."""

    kind: type[Message]
    fields: dict[str, object]

    @property
    def type(self) -> int:
        """The number of the kind."""
        return self.kind.type


Heard = Message | type[Message] | Like


@attrs.frozen
class Step:
    """Somebody says something; the others, or who said it, hear something in this order."""

    who: str
    says: Message
    hears: tuple[tuple[str, Heard], ...]


def step(who: str, says: Message, *answers: Heard, **others: Any) -> Step:
    """Make a step: `answers` go to who speaks, others' by their name are one or a list."""
    heard = [(who, each) for each in answers]
    for nick, messages in others.items():
        several = messages if isinstance(messages, list) else [messages]
        heard += [(nick, each) for each in several]
    return Step(who, says, tuple(heard))


def like(kind: type[Message], **fields: object) -> Like:
    """Expect a message of a kind with these fields."""
    return Like(kind, fields)


def pinged(who: str) -> Step:
    """Let somebody wait until all that was said before is done."""
    return step(who, ServerPing(b"done"), ServerPing(b"done"))


def notice(text: str) -> Notice:
    """Make a sentence."""
    return Notice(text.encode())
