"""Commands about channels as private messages to ChanServ, for programs without buttons for them.

The words are those of OpenNap: `kick #channel nick "reason"`, and so on.
"""

from napster.index.channels import expelling, inviting, ranks, talking, tending
from napster.index.commands import Command, CommandError, Commands
from napster.index.session import Session
from napster.wire.messages.channels import Topic
from napster.wire.messages.chanops import (
    BanFromChannel,
    ChannelLevel,
    ChannelLimit,
    ChannelMode,
    ClearChannel,
    ClearChannelBans,
    Deop,
    DropChannel,
    InviteToChannel,
    KickFromChannel,
    ListChannelBans,
    ListOps,
    MuzzleInChannel,
    Op,
    TellOps,
    UnbanFromChannel,
    UnmuzzleInChannel,
    Unvoice,
    Voice,
)
from napster.wire.messages.people import PrivateMessage

_TABLE = Commands().join(
    talking.COMMANDS, tending.COMMANDS, ranks.COMMANDS, expelling.COMMANDS, inviting.COMMANDS
)
_NUMBERS = {
    "ban": BanFromChannel.type,
    "banclear": ClearChannelBans.type,
    "banlist": ListChannelBans.type,
    "clear": ClearChannel.type,
    "deop": Deop.type,
    "drop": DropChannel.type,
    "invite": InviteToChannel.type,
    "kick": KickFromChannel.type,
    "level": ChannelLevel.type,
    "limit": ChannelLimit.type,
    "mode": ChannelMode.type,
    "muzzle": MuzzleInChannel.type,
    "op": Op.type,
    "oplist": ListOps.type,
    "topic": Topic.type,
    "unban": UnbanFromChannel.type,
    "unmuzzle": UnmuzzleInChannel.type,
    "unvoice": Unvoice.type,
    "voice": Voice.type,
    "wallop": TellOps.type,
}


async def serve(session: Session, text: bytes) -> None:
    """Do what a message to ChanServ says."""
    word, _, body = text.strip(b" ").partition(b" ")
    name = word.decode("latin-1").lower()
    if name == "help":
        _help(session)
        return
    command = _TABLE.get(_NUMBERS.get(name, -1))
    if not isinstance(command, Command):
        raise CommandError(f"Unknown ChanServ command: {name}; try help")
    await command.perform(session, body.lstrip(b" "))


def _help(session: Session) -> None:
    words = " ".join(sorted(_NUMBERS))
    for line in (f"Commands: {words}", "Write COMMAND #channel, and what the command is about"):
        session.send(PrivateMessage(ranks.SERVICE, line.encode("ascii")))
