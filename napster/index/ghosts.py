"""Who gets a nick that somebody online has already (protocol section 1, second login)."""

from typing import TYPE_CHECKING

from napster.daemon.addresses import limit_key
from napster.index.commands import CommandError
from napster.index.network import NickInUseError, User

if TYPE_CHECKING:
    from napster.index.session import Session

_PEACE = 600.0
"""For so many seconds a session that displaced a living one is not displaced while it lives."""


async def make_room(session: "Session", user: User) -> bool:
    """End an older session with the user's nick if it is a ghost or the password rules so.

    A registered nick goes to whoever knows its password, from anywhere. One that is not registered
    goes to its own address if the older session misses a ping. Two daemons that know the same
    password do not throw each other out for ever: after one has, the other has to wait. Returns
    whether a session ended that still answered; raises CommandError if the nick stays where it is.
    """
    network = session.hub.network
    holder = await network.locate(user.nick)
    if holder is None:
        return False
    displaces = await _displaces(session, user, holder)
    await network.displace(holder)
    return displaces


async def claim(session: "Session", user: User) -> None:
    """Take the user's nick; raises CommandError if somebody has it."""
    try:
        await session.hub.network.claim(user.nick, session)
    except NickInUseError:
        raise _active(user.nick) from None


async def _displaces(session: "Session", user: User, holder: User) -> bool:
    """Whether the holder, who has to go, was alive; raises CommandError if the holder stays."""
    if user.registered and not _at_peace(session, holder):
        return True
    if not user.registered and limit_key(user.host) != limit_key(holder.host):
        raise _active(holder.nick)
    if await session.hub.network.answers(user.nick):
        raise _active(holder.nick)
    return False


def _at_peace(session: "Session", holder: User) -> bool:
    return holder.displaced and session.hub.clock.seconds() - holder.since < _PEACE


def _active(nick: str) -> CommandError:
    return CommandError(f"{nick} is already active")
