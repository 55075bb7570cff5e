"""What happens when a user comes online and goes."""

from typing import TYPE_CHECKING

from twisted.logger import Logger

from napster.index.channels.rooms import leave_all
from napster.index.levels import Level
from napster.index.network import User
from napster.index.requests import ListRequest, Request
from napster.units import format_speed
from napster.wire.extension import MAX_EXTENSION_BODY, VERSION, Hello
from napster.wire.fields import display
from napster.wire.messages import Message
from napster.wire.messages.login import LoginAccepted, MotdLine, Notice
from napster.wire.messages.people import SignedOff
from napster.wire.messages.searching import DirectBrowseError
from napster.wire.messages.social import SignedOn
from napster.wire.messages.transfers import DownloadError

if TYPE_CHECKING:
    from napster.index.hub import Hub
    from napster.index.session import Session

log = Logger()

_OPENNAP = b"VERSION opennap 0.44 (napster)"
"""TekNap uses what OpenNap adds to the protocol only after a line that begins like this."""


def arrive(session: "Session", user: User) -> None:
    """Bring a user online whose nick is claimed, and welcome them."""
    hub = session.hub
    hub.catalog.add_owner(user.owner)
    if user.registered:
        _remember(session, user)
    log.info(
        "{session}: logged in with {client}, link speed {speed}, data port {port}",
        session=session,
        client=display(user.client),
        speed=format_speed(user.speed),
        port=user.port or "none (firewalled)",
    )
    session.send(LoginAccepted(user.email))
    if user.extended:
        session.send(Hello(VERSION, hub.features, MAX_EXTENSION_BODY, user.host))
    show_motd(session)
    session.send(hub.stats())
    if user.level != Level.USER:
        session.send(level_notice(hub.settings.server_name, user.level))
    _tell_watchers(hub, user, SignedOn(user.nick, user.speed))
    hub.port_tester.try_port(session)


def level_notice(setter: str, level: Level) -> Notice:
    """Tell a user the level, in the words old programs know (protocol section 4.8)."""
    return Notice(b"%s set your user level to %s (%d)." % (setter.encode(), level.label, level))


def show_motd(session: "Session") -> None:
    """Send what the server is and its message of the day."""
    name = f"SERVER {session.hub.settings.server_name}".encode()
    for line in (_OPENNAP, name, *session.hub.motd):
        session.send(MotdLine(line))


def depart(session: "Session", user: User) -> None:
    """Take a user offline: no file is found, and nobody waits for an answer, from now on."""
    hub = session.hub
    shared = hub.catalog.count(user.nick)
    hub.catalog.remove_owner(user.nick)
    hub.network.release(user.nick, session)
    hub.standing.leave(user.nick)
    leave_all(hub, user, shared)
    hub.hotlists.forget(user.nick)
    _tell_watchers(hub, user, SignedOff(user.nick))
    for request in hub.requests.leave(user.nick):
        _give_up(hub, request)
    if user.registered:
        _remember(session, user)
    log.info("{session}: gone", session=session)


def _tell_watchers(hub: "Hub", user: User, message: Message) -> None:
    if watchers := hub.hotlists.watchers(user.nick):
        hub.network.tell(watchers, message.frame())


def _give_up(hub: "Hub", request: Request) -> None:
    if isinstance(request, ListRequest):
        message = DirectBrowseError(request.owner, b"the user has gone").frame()
    else:
        message = DownloadError(request.owner, request.path).frame()
    hub.network.send(request.asker, message)


def _remember(session: "Session", user: User) -> None:
    seen = session.hub.accounts.was_seen(user.nick, user.total_downloads, user.total_uploads)
    seen.addErrback(
        lambda failure: log.failure(
            "{session}: cannot remember this visit", failure, session=session
        )
    )
