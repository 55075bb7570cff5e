"""Talking in channels."""

from napster.index.channels.channel import Channel
from napster.index.channels.rooms import (
    find_own_channel,
    find_run_channel,
    publish,
    require_voice_here,
    tell_operators,
)
from napster.index.commands import CommandError, Commands
from napster.index.levels import Level
from napster.index.limits import Cost
from napster.index.session import Session
from napster.wire.fields import crop
from napster.wire.messages.channels import Emote, Emoted, Said, Say
from napster.wire.messages.chanops import TellOps

COMMANDS = Commands()


@COMMANDS.on(Say, Cost.MESSAGE)
async def say(session: Session, request: Say) -> None:
    """Pass on what somebody says, to that user as well."""
    channel = _place_to_talk(session, request.channel, request.text)
    said = Said(channel.name, session.user.nick)
    text = _cut(session, request.text, len(said.body()) + len(b" "))
    await publish(session.hub, channel, said.evolve(text=text))
    _tell_if_cut(session, channel, request.text, text)


@COMMANDS.on(Emote, Cost.MESSAGE)
async def emote(session: Session, request: Emote) -> None:
    """Pass on what somebody does, to that user as well."""
    channel = _place_to_talk(session, request.channel, request.text)
    emoted = Emoted(channel.name, session.user.nick, b"")
    text = _cut(session, request.text, len(emoted.body()))
    await publish(session.hub, channel, emoted.evolve(text=text))
    _tell_if_cut(session, channel, request.text, text)


@COMMANDS.on(TellOps, Cost.MESSAGE)
async def tell_ops(session: Session, request: TellOps) -> None:
    """Pass on what an operator says to the operators."""
    _require_text(request.text)
    _require_voice(session)
    channel = find_run_channel(session, request.channel)
    start = f"{session.user.nick} [ops/{channel.name}]: ".encode("ascii")
    text = _cut(session, request.text, len(start))
    await tell_operators(session.hub, channel, start + text)
    _tell_if_cut(session, channel, request.text, text)


def _place_to_talk(session: Session, name: str, text: bytes) -> Channel:
    """Find a channel in which the user may say something; raises CommandError."""
    _require_text(text)
    _require_voice(session)
    channel, member = find_own_channel(session, name)
    if session.user.level < Level.MODERATOR and not member.operator:
        require_voice_here(channel, member)
    return channel


def _require_voice(session: Session) -> None:
    if session.user.muzzled:
        raise CommandError("You are muzzled.")


def _require_text(text: bytes) -> None:
    if not text:
        raise CommandError("parameters are unparsable: there is no text")


def _cut(session: Session, text: bytes, taken: int) -> bytes:
    """Cut a text so that its message, of which so much is taken, harms no old program."""
    return crop(text, max(0, session.hub.settings.max_message - taken))


def _tell_if_cut(session: Session, channel: Channel, text: bytes, passed_on: bytes) -> None:
    if len(passed_on) < len(text):
        session.tell(f"Your message was too long; {channel.name} got {len(passed_on)} bytes of it")
