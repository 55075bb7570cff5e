"""Commands of old servers that this one never does, each with what to use instead."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from napster.index.commands import CommandError, Commands, GatheredRun, GatheringCommand

if TYPE_CHECKING:
    from napster.index.session import Session

_SETTINGS = (
    "Settings are not changed over the network: whoever runs this server edits its configuration "
    "file and reloads it (systemctl reload napster-index)"
)
_SHUTDOWN = (
    "The server is not stopped over the network: whoever runs it does that on its machine "
    "(systemctl stop napster-index)"
)
_PASSWORDS = (
    "Nobody sets another's password over the network: its owner does that with message 701, or "
    "whoever runs this server on its machine (napster admin password)"
)
_ACCOUNTS = (
    "Nobody registers another's nick over the network: its owner does that with message 6, or "
    "whoever runs this server on its machine (napster admin add)"
)
_LINKS = "This server has no links to others; connect to the other one yourself"

_INSTEAD: Mapping[str, Sequence[int]] = {
    _SETTINGS: (800, 810, 10117),
    _SHUTDOWN: (10110, 10111),
    _PASSWORDS: (753,),
    _ACCOUNTS: (10200,),
    "Every moderator is told of all that moderators do; there is nothing to choose": (10203,),
    "Nobody can hide here; log out if you do not want to be seen": (652,),
    "Nobody is sent to another server; tell the user its address in a message": (821, 822),
    _LINKS: (10010, 10011, 10018, 10019, 10100, 10101, 10112),
}


def _refusal(sentence: str) -> GatheredRun:
    async def refuse(_session: "Session", _bodies: Sequence[bytes]) -> None:
        raise CommandError(sentence)

    return refuse


COMMANDS = Commands(
    (number, GatheringCommand(_refusal(sentence)))
    for sentence, numbers in _INSTEAD.items()
    for number in numbers
)
