"""What moderators with old programs do: levels, kills, muzzles, and words to many."""

from napster.index import acts
from napster.index.actors import Actor
from napster.index.acts import reason_text
from napster.index.commands import CommandError, Commands
from napster.index.levels import Level
from napster.index.limits import Cost
from napster.index.session import Session
from napster.wire.fields import crop
from napster.wire.messages.moderation import (
    Announce,
    Kill,
    Muzzle,
    Nuke,
    SetLevel,
    SetPort,
    SetSpeed,
    TellModerators,
    ToldModerators,
    Unmuzzle,
)

COMMANDS = Commands()


def actor_of(session: Session) -> Actor:
    """Say who acts."""
    return Actor.user(session.user)


@COMMANDS.on(SetLevel, least=Level.MODERATOR)
async def set_level(session: Session, request: SetLevel) -> None:
    """Give a registered user another level."""
    try:
        level = Level.read(request.level)
    except ValueError as error:
        raise CommandError(str(error)) from error
    await acts.set_level(session.hub, actor_of(session), request.nick, level)


@COMMANDS.on(Kill, least=Level.USER)
async def kill(session: Session, request: Kill) -> None:
    """End the session of somebody below; a user may do so to a leech."""
    actor, reason = actor_of(session), reason_text(request.reason)
    await acts.kill(session.hub, actor, request.nick, reason)
    if actor.rank < Level.MODERATOR:
        session.tell(f"{request.nick} was disconnected")


@COMMANDS.on(Nuke, least=Level.MODERATOR)
async def nuke(session: Session, request: Nuke) -> None:
    """Delete an account."""
    reason = reason_text(request.reason)
    await acts.nuke(session.hub, actor_of(session), request.nick, reason)


@COMMANDS.on(Muzzle, least=Level.MODERATOR)
async def muzzle(session: Session, request: Muzzle) -> None:
    """Forbid somebody to talk."""
    reason = reason_text(request.reason)
    await acts.muzzle(session.hub, actor_of(session), request.nick, reason)


@COMMANDS.on(Unmuzzle, least=Level.MODERATOR)
async def unmuzzle(session: Session, request: Unmuzzle) -> None:
    """Let somebody talk again."""
    reason = reason_text(request.reason)
    await acts.unmuzzle(session.hub, actor_of(session), request.nick, reason)


@COMMANDS.on(SetPort, least=Level.MODERATOR)
async def set_port(session: Session, request: SetPort) -> None:
    """Publish another data port of somebody."""
    await acts.set_port(session.hub, actor_of(session), request.nick, request.port)


@COMMANDS.on(SetSpeed, least=Level.MODERATOR)
async def set_speed(session: Session, request: SetSpeed) -> None:
    """Publish another link speed of somebody."""
    await acts.set_speed(session.hub, actor_of(session), request.nick, request.speed)


@COMMANDS.on(TellModerators, Cost.MESSAGE, least=Level.MODERATOR)
async def tell_moderators(session: Session, request: TellModerators) -> None:
    """Say something to the moderators online, the sender among them."""
    text = _cut(session, request.text)
    told = ToldModerators(session.user.nick, text)
    await session.hub.network.broadcast(told.frame(), least=Level.MODERATOR)
    _tell_if_cut(session, request.text, text, "the moderators")


@COMMANDS.on(Announce, Cost.MESSAGE, least=Level.ADMIN)
async def announce(session: Session, request: Announce) -> None:
    """Say something to everybody."""
    text = _cut(session, request.text)
    await acts.announce(session.hub, actor_of(session), text)
    _tell_if_cut(session, request.text, text, "everybody")


def _cut(session: Session, text: bytes) -> bytes:
    """Cut a text so that its message harms no old program; raises CommandError if there is none."""
    if not text:
        raise CommandError("parameters are unparsable: there is no text")
    return crop(text, acts.longest_words(session.hub, actor_of(session)))


def _tell_if_cut(session: Session, text: bytes, passed_on: bytes, whom: str) -> None:
    if len(passed_on) < len(text):
        session.tell(f"Your message was too long; {whom} got {len(passed_on)} bytes of it")
