"""Watching for users, ignoring them, and listing them."""

from collections.abc import Iterator

from napster.index.commands import CommandError, Commands
from napster.index.levels import Level
from napster.index.limits import Cost
from napster.index.network import User
from napster.index.nicks import nick_fault, nick_key
from napster.index.session import Session
from napster.index.slices import in_answers
from napster.wire.messages.social import (
    AlreadyIgnored,
    ClearIgnored,
    HotlistAdd,
    HotlistAdded,
    HotlistEntry,
    HotlistRefused,
    HotlistRemove,
    Ignore,
    IgnoredCleared,
    IgnoreListEnd,
    IgnoreListEntry,
    IgnoreListRequest,
    NotIgnored,
    SignedOn,
    Unignore,
    UserListEnd,
    UserListEntry,
    UserListRequest,
)

COMMANDS = Commands()

_LETTERS = {
    "l": Level.LEECH,
    "u": Level.USER,
    "m": Level.MODERATOR,
    "a": Level.ADMIN,
    "e": Level.ELITE,
}
_MUZZLED = "z"


async def watch(session: Session, request: HotlistAdd | HotlistEntry) -> None:
    """Tell a user from now on when another comes and goes, and now if that one is here."""
    hub, watcher = session.hub, session.user.nick
    if hub.hotlists.has(watcher, request.nick):
        return
    if fault := _watch_fault(session, request.nick):
        session.send(HotlistRefused(request.nick))
        raise CommandError(f"hotlist add failed: {fault}")
    hub.hotlists.add(watcher, request.nick)
    session.send(HotlistAdded(request.nick))
    user = await hub.network.locate(request.nick)
    if user:
        session.send(SignedOn(user.nick, user.speed))


COMMANDS.on(HotlistAdd)(watch)
COMMANDS.on(HotlistEntry)(watch)


def _watch_fault(session: Session, nick: str) -> str | None:
    hub = session.hub
    if hub.hotlists.size(session.user.nick) >= hub.settings.max_hotlist:
        return f"a hotlist has at most {hub.settings.max_hotlist} users"
    return nick_fault(nick, hub.settings.server_name)


@COMMANDS.on(HotlistRemove)
async def unwatch(session: Session, request: HotlistRemove) -> None:
    """Tell a user about another no longer."""
    session.hub.hotlists.remove(session.user.nick, request.nick)


@COMMANDS.on(IgnoreListRequest)
async def list_ignored(session: Session, _request: IgnoreListRequest) -> None:
    """Tell whom a user ignores."""
    for nick in session.user.ignored:
        session.send(IgnoreListEntry(nick))
    session.send(IgnoreListEnd(len(session.user.ignored)))


@COMMANDS.on(Ignore)
async def ignore(session: Session, request: Ignore) -> None:
    """Let nothing through to a user from another."""
    user, settings = session.user, session.hub.settings
    if user.ignores(request.nick):
        session.send(AlreadyIgnored(request.nick))
        return
    if fault := nick_fault(request.nick, settings.server_name):
        raise CommandError(fault)
    if len(user.ignored) >= settings.max_ignored:
        raise CommandError(f"ignore list is limited to {settings.max_ignored} users")
    session.change(ignored=(*user.ignored, request.nick))
    session.send(request)


@COMMANDS.on(Unignore)
async def unignore(session: Session, request: Unignore) -> None:
    """Let everything through from that one again."""
    ignored = session.user.ignored
    left = tuple(nick for nick in ignored if nick_key(nick) != nick_key(request.nick))
    if left == ignored:
        session.send(NotIgnored(request.nick))
        return
    session.change(ignored=left)
    session.send(request)


@COMMANDS.on(ClearIgnored)
async def clear_ignored(session: Session, _request: ClearIgnored) -> None:
    """Let everything through from everybody."""
    count = len(session.user.ignored)
    session.change(ignored=())
    session.send(IgnoredCleared(count))


@COMMANDS.on(UserListRequest, Cost.SEARCH, end=UserListEnd().frame(), least=Level.MODERATOR)
async def list_users(session: Session, request: UserListRequest) -> None:
    """Tell a moderator who is online, and where."""
    if (request.server or "*").lower() not in {"*", session.hub.settings.server_name.lower()}:
        raise CommandError(f"there is no server {request.server} here")
    async for nick in in_answers(session, tuple(_nicks(session))):
        user = await session.hub.network.locate(nick)
        if user and _is_wanted(user, request.levels or ""):
            session.send(UserListEntry(user.nick, user.host))


def _nicks(session: Session) -> Iterator[str]:
    for member in session.hub.network:
        yield member.user.nick


def _is_wanted(user: User, letters: str) -> bool:
    """Whether a user is among those the letters stand for; no letters stand for all."""
    levels = {_LETTERS[each] for each in letters if each in _LETTERS}
    return not letters or user.level in levels or (_MUZZLED in letters and user.muzzled)
