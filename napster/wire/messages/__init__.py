"""One frozen class per message of the index link, found by number and sender."""

from napster.wire.framing import MAX_BODY
from napster.wire.messages import (
    channels,
    chanops,
    login,
    moderation,
    people,
    searching,
    sharing,
    social,
    transfers,
)
from napster.wire.messages.base import CLIENT_MESSAGES, SERVER_MESSAGES, Message, Sender, fits

__all__ = [
    "CLIENT_MESSAGES",
    "MAX_BODY",
    "SERVER_MESSAGES",
    "Message",
    "Sender",
    "channels",
    "chanops",
    "fits",
    "login",
    "moderation",
    "people",
    "searching",
    "sharing",
    "social",
    "transfers",
]
