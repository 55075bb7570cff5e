"""What moderators do to users, over the wire or at the machine: each act is kept and told.

An act once begun is done to its end, even if whoever does it goes meanwhile.
Everything here raises CommandError where it is not allowed, NotThereError where nobody is meant.
"""

from twisted.internet.defer import Deferred

from napster.index.accounts import Account
from napster.index.actors import Actor, NotThereError
from napster.index.audit import Act
from napster.index.bans import canonical
from napster.index.commands import CommandError
from napster.index.hub import Hub
from napster.index.kept import Ban
from napster.index.levels import Level
from napster.index.masks import excess
from napster.index.network import User
from napster.index.presence import level_notice
from napster.index.profile import HIGHEST_PORT, HIGHEST_SPEED
from napster.index.slices import in_slices
from napster.index.unbroken import to_the_end
from napster.units import format_speed
from napster.wire.fields import crop, display
from napster.wire.messages.login import Disconnecting, Notice
from napster.wire.messages.moderation import Announcement, PortOrder

_LOWEST_PORT = 1024
"""Below, other programs do not connect: a user could name a port of somebody else's service."""
_LONGEST_REASON = 200
_LONGEST_BAN = 100 * 365 * 86_400
"""Seconds; a longer ban is one for ever."""


def reason_text(raw: bytes) -> str:
    """Read a reason that somebody wrote: one short line that fits between double quotes."""
    return crop(display(raw).replace('"', "'").encode(), _LONGEST_REASON).decode()


def notice(sentence: str) -> Notice:
    """Make the message that tells a user something."""
    return Notice(sentence.encode("utf-8", "replace"))


async def report(
    hub: Hub, actor: Actor, act: Act, whom: str, detail: str = "", *, seconds: int = 0
) -> None:
    """Keep an act, which holds for some seconds if not 0, and tell it to the moderators."""
    entry = await hub.records.audit.record(actor.name, act, whom, detail, seconds)
    await hub.network.broadcast(notice(str(entry)).frame(), least=Level.MODERATOR)


async def find_online(hub: Hub, nick: str) -> User:
    """Find somebody online."""
    user = await hub.network.locate(nick)
    if user is None:
        raise NotThereError(f"User {nick} is not currently online.")
    return user


async def find_account(hub: Hub, nick: str) -> Account:
    """Find a registered nick."""
    account = await hub.accounts.find(nick)
    if account is None:
        raise NotThereError(f"user {nick} is not a known user: the nick is not registered")
    return account


@to_the_end
async def kill(hub: Hub, actor: Actor, nick: str, reason: str) -> None:
    """End somebody's session."""
    user = await find_online(hub, nick)
    actor.require_above(user.nick, user.level)
    why = f": {reason}" if reason else ""
    farewell = notice(f"You were killed by {actor.shown}{why}")
    await hub.network.expel(user.nick, farewell, Disconnecting())
    await report(hub, actor, Act.KILL, user.nick, reason)


@to_the_end
async def set_level(hub: Hub, actor: Actor, nick: str, level: Level) -> None:
    """Give a registered user another level, at once if online."""
    account = await find_account(hub, nick)
    actor.require_grant(account.nick, account.level, level)
    await hub.accounts.change_level(account.nick, level)
    if await _change_owner(hub, account, level=level):
        await hub.network.send(account.nick, level_notice(actor.shown, level).frame())
    await report(hub, actor, Act.LEVEL, account.nick, level.title)


@to_the_end
async def nuke(hub: Hub, actor: Actor, nick: str, reason: str) -> None:
    """Delete an account; its owner stays online as somebody who is not registered."""
    account = await find_account(hub, nick)
    actor.require_above(account.nick, account.level)
    await hub.accounts.delete(account.nick)
    if await _change_owner(hub, account, level=Level.USER, registered=False):
        await _tell_deletion(hub, actor, account, reason)
    await hub.channels.dismiss(account.nick)
    await report(hub, actor, Act.NUKE, account.nick, reason)


async def _tell_deletion(hub: Hub, actor: Actor, account: Account, reason: str) -> None:
    """Tell somebody online that the account is no more, and the level if it is another one now."""
    why = f": {reason}" if reason else ""
    frames = notice(f"{actor.shown} deleted your account{why}").frame()
    if account.level != Level.USER:
        frames += level_notice(actor.shown, Level.USER).frame()
    await hub.network.send(account.nick, frames)


async def _change_owner(hub: Hub, account: Account, **changes: object) -> bool:
    """Change what is known of the owner of an account, never of a stranger with the same nick.

    Returns whether the owner is online.
    """
    user = await hub.network.locate(account.nick)
    if user is None or not user.registered:
        return False
    await hub.network.change(user.nick, **changes)
    return True


@to_the_end
async def ban(hub: Hub, actor: Actor, text: str, reason: str, seconds: int) -> Ban:
    """Let nobody in whom a mask means, for some seconds or for ever if 0; who is in goes."""
    mask = _mask(text)
    if fault := excess(mask):
        raise CommandError(fault)
    await _refuse_in_vain(hub, mask)
    if seconds > _LONGEST_BAN:
        seconds = 0
    now = int(hub.records.now())
    made = Ban(mask, actor.name, reason, now, now + seconds if seconds else None)
    await hub.records.bans.add(made)
    await _expel_banned(hub)
    await report(hub, actor, Act.BAN, mask, reason, seconds=seconds)
    return made


async def _refuse_in_vain(hub: Hub, mask: str) -> None:
    nick, _, _ = mask.partition("!")
    account = await hub.accounts.find(nick)
    if account and account.level >= Level.MODERATOR:
        raise CommandError(f"{account.nick} is {account.level.title}, whom no ban stops")


async def _expel_banned(hub: Hub) -> None:
    def expel(user: User) -> None:
        if hub.records.bans.of(user):
            Deferred.fromCoroutine(_expel_if_banned(hub, user))

    await in_slices(hub.clock, [member.user for member in hub.network], expel)


async def _expel_if_banned(hub: Hub, seen: User) -> None:
    """End the session of somebody seen a while ago, not one of a stranger with the nick."""
    user = await hub.network.locate(seen.nick)
    found = hub.records.bans.of(user) if user and user.serial == seen.serial else None
    if found:
        await hub.network.expel(seen.nick, notice(found.sentence), Disconnecting())
        hub.relay.expel(seen.nick)


@to_the_end
async def unban(hub: Hub, actor: Actor, text: str, reason: str) -> None:
    """Lift a ban."""
    mask = _mask(text)
    if not await hub.records.bans.remove(mask):
        raise NotThereError(f"there is no ban of {mask}")
    await report(hub, actor, Act.UNBAN, mask, reason)


def _mask(text: str) -> str:
    try:
        return canonical(text)
    except ValueError as error:
        raise CommandError(str(error)) from error


@to_the_end
async def muzzle(hub: Hub, actor: Actor, nick: str, reason: str) -> None:
    """Forbid a nick to talk to others, until it is unmuzzled."""
    nick, level = await _known(hub, nick)
    actor.require_above(nick, level)
    await hub.records.muzzles.add(nick, actor.name, reason)
    await hub.network.change(nick, muzzled=True)
    why = f": {reason}" if reason else ""
    await hub.network.send(nick, notice(f"You were muzzled by {actor.shown}{why}").frame())
    await report(hub, actor, Act.MUZZLE, nick, reason)


@to_the_end
async def unmuzzle(hub: Hub, actor: Actor, nick: str, reason: str) -> None:
    """Let a nick talk again."""
    user = await hub.network.locate(nick)
    if user:
        actor.require_above(user.nick, user.level)
    if not await hub.records.muzzles.remove(nick):
        raise NotThereError(f"{nick} is not muzzled")
    await hub.network.change(nick, muzzled=False)
    await hub.network.send(nick, notice(f"You were unmuzzled by {actor.shown}").frame())
    await report(hub, actor, Act.UNMUZZLE, nick, reason)


async def _known(hub: Hub, nick: str) -> tuple[str, Level]:
    user = await hub.network.locate(nick)
    if user:
        return user.nick, user.level
    account = await find_account(hub, nick)
    return account.nick, account.level


@to_the_end
async def set_port(hub: Hub, actor: Actor, nick: str, port: int) -> None:
    """Publish another data port of a user, and ask the user's program to listen there."""
    user = await find_online(hub, nick)
    _require_self_or_above(actor, user)
    if port > HIGHEST_PORT or 0 < port < _LOWEST_PORT:
        raise CommandError(f"a data port is 0, or a number from {_LOWEST_PORT} to {HIGHEST_PORT}")
    await _publish(hub, user.nick, data_port=port)
    await hub.network.send(user.nick, PortOrder(port).frame())
    await report(hub, actor, Act.PORT, user.nick, str(port))


@to_the_end
async def set_speed(hub: Hub, actor: Actor, nick: str, speed: int) -> None:
    """Publish another link speed of a user."""
    user = await find_online(hub, nick)
    _require_self_or_above(actor, user)
    if speed > HIGHEST_SPEED:
        raise CommandError("invalid speed")
    await _publish(hub, user.nick, speed=speed)
    told = notice(f"{actor.shown} set your link speed to {format_speed(speed)}")
    await hub.network.send(user.nick, told.frame())
    await report(hub, actor, Act.SPEED, user.nick, format_speed(speed))


def _require_self_or_above(actor: Actor, user: User) -> None:
    if actor.name != user.nick:
        actor.require_above(user.nick, user.level)


async def _publish(hub: Hub, nick: str, **changes: object) -> None:
    user = await hub.network.change(nick, **changes)
    if user:
        hub.catalog.update_owner(user.owner)


def longest_words(hub: Hub, actor: Actor) -> int:
    """Tell how many bytes somebody can say to many at once."""
    return max(0, hub.settings.max_message - len(actor.shown) - len(b" "))


@to_the_end
async def announce(hub: Hub, actor: Actor, text: bytes) -> None:
    """Tell everybody something of at most `longest_words`."""
    await hub.network.broadcast(Announcement(actor.shown, text).frame())
    await hub.records.audit.record(actor.name, Act.ANNOUNCE, display(text))
