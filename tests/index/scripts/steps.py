"""One thing said to an index, and what is heard of it."""

from typing import Any

import attrs

from napster.wire.messages import Message
from napster.wire.messages.login import Notice

Heard = Message | type[Message]
HERE = 16777343
"""127.0.0.1 on the wire."""
PATH = rb"music\band - song.mp3"


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


def notice(text: str) -> Notice:
    """Make a sentence."""
    return Notice(text.encode())
