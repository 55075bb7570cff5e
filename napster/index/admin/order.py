"""Keeping order: who is online, kicks, muzzles, bans, announcements, and what was done."""

from napster.index import acts
from napster.index.admin.calls import Calls, Console, page_of, tidy
from napster.index.admin.values import About, Latest, NewBan, Page, Text, UserInfo
from napster.index.commands import CommandError
from napster.index.kept import AuditEntry, Ban
from napster.index.network import User
from napster.units import format_speed
from napster.wire.fields import display

CALLS = Calls()


@CALLS.on("online", Page)
async def online(console: Console, asked: Page) -> list[UserInfo]:
    """List who is online, by nick."""
    users = (member.user for member in console.hub.network)
    return [_info(console, user) for user in page_of(users, lambda each: each.nick, asked)]


def _info(console: Console, user: User) -> UserInfo:
    hub = console.hub
    return UserInfo(
        nick=user.nick,
        level=user.level.title,
        registered=user.registered,
        muzzled=user.muzzled,
        address=user.host,
        port=user.port,
        speed=format_speed(user.speed),
        client=display(user.client),
        files=hub.catalog.count(user.nick),
        online=int(hub.clock.seconds() - user.since),
    )


@CALLS.on("kick", About)
async def kick(console: Console, asked: About) -> None:
    """End somebody's session."""
    await acts.kill(console.hub, console.actor, asked.name, tidy(asked.reason))


@CALLS.on("muzzle", About)
async def muzzle(console: Console, asked: About) -> None:
    """Forbid somebody to talk."""
    await acts.muzzle(console.hub, console.actor, asked.name, tidy(asked.reason))


@CALLS.on("unmuzzle", About)
async def unmuzzle(console: Console, asked: About) -> None:
    """Let somebody talk again."""
    await acts.unmuzzle(console.hub, console.actor, asked.name, tidy(asked.reason))


@CALLS.on("bans", Page)
async def bans(console: Console, asked: Page) -> list[Ban]:
    """List the bans in force, by mask."""
    return page_of(console.hub.records.bans, lambda each: each.mask, asked)


@CALLS.on("ban", NewBan)
async def ban(console: Console, asked: NewBan) -> Ban:
    """Ban whom a mask means."""
    reason = tidy(asked.reason)
    return await acts.ban(console.hub, console.actor, asked.mask, reason, asked.seconds)


@CALLS.on("unban", About)
async def unban(console: Console, asked: About) -> None:
    """Lift a ban."""
    await acts.unban(console.hub, console.actor, asked.name, tidy(asked.reason))


@CALLS.on("announce", Text)
async def announce(console: Console, asked: Text) -> None:
    """Say something to everybody, in the server's name; all of it or nothing."""
    text = asked.text.encode("utf-8", "replace")
    longest = acts.longest_words(console.hub, console.actor)
    if not text.strip():
        raise CommandError("there is no text to announce")
    if len(text) > longest:
        raise CommandError(f"an announcement has at most {longest} bytes, this one {len(text)}")
    await acts.announce(console.hub, console.actor, text)


@CALLS.on("audit", Latest)
async def audit(console: Console, asked: Latest) -> list[AuditEntry]:
    """List the latest acts, the latest first."""
    return await console.hub.records.audit.latest(asked.limit)
