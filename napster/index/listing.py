"""Browsing straight from user to user (napster.txt, section 5.3)."""

from napster.index.commands import CommandError, Commands
from napster.index.levels import Level
from napster.index.limits import Cost
from napster.index.network import User
from napster.index.people import find
from napster.index.requests import ListRequest
from napster.index.session import Session
from napster.wire.messages.searching import (
    DirectBrowse,
    DirectBrowseAccept,
    DirectBrowseError,
    DirectBrowseReady,
    DirectBrowseRequest,
)

COMMANDS = Commands()


@COMMANDS.on(DirectBrowse, Cost.MESSAGE, least=Level.USER)
async def ask(session: Session, request: DirectBrowse) -> None:
    """Ask a user for the list; a firewalled one is told where to bring it."""
    hub, asker = session.hub, session.user
    owner = await hub.network.locate(request.nick)
    fault = _fault(session, owner)
    if owner is None or fault:
        session.send(DirectBrowseError(request.nick, fault))
        return
    hub.requests.add(ListRequest(asker.nick, owner.nick))
    call = DirectBrowseRequest(asker.nick)
    if owner.firewalled:
        call = DirectBrowseRequest(asker.nick, hub.address_for(owner, asker), asker.port)
    await hub.network.send(owner.nick, call.frame())


def _fault(session: Session, owner: User | None) -> bytes:
    if owner is None:
        return b"the user is not online"
    if owner.ignores(session.user.nick):
        return f"{owner.nick} is ignoring you".encode("ascii")
    if owner.firewalled and session.user.firewalled:
        return b"both of you are firewalled"
    if not session.hub.catalog.count(owner.nick):
        return b"the user shares no files"
    return b""


@COMMANDS.on(DirectBrowseAccept)
async def accept(session: Session, request: DirectBrowseAccept) -> None:
    """Tell who asked where the list is."""
    hub, owner = session.hub, session.user
    asked = hub.requests.find_list(request.nick, owner.nick)
    if asked is None:
        raise CommandError(f"{request.nick} has not asked for your files")
    hub.requests.close(asked)
    asker = await find(session, asked.asker)
    ready = DirectBrowseReady(owner.nick, hub.address_for(asker, owner), owner.port)
    await hub.network.send(asker.nick, ready.frame())
