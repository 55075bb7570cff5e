"""One frozen class per message of the index link, found by number and sender."""

from napster.wire.messages import login, people, searching, sharing, transfers
from napster.wire.messages.base import CLIENT_MESSAGES, MAX_BODY, SERVER_MESSAGES, Message, Sender

__all__ = [
    "CLIENT_MESSAGES",
    "MAX_BODY",
    "SERVER_MESSAGES",
    "Message",
    "Sender",
    "login",
    "people",
    "searching",
    "sharing",
    "transfers",
]
