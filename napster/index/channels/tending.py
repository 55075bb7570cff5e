"""What holds in a channel: its topic, level, limit and modes, and whether it is kept."""

import re

from napster.index.channels.channel import Channel, Mode
from napster.index.channels.rooms import (
    amend,
    because,
    find_channel,
    find_run_channel,
    publish,
    require_voice_here,
)
from napster.index.commands import CommandError, Commands
from napster.index.levels import Level
from napster.index.limits import Cost
from napster.index.session import Session
from napster.wire.fields import crop
from napster.wire.messages.channels import Topic
from napster.wire.messages.chanops import (
    ChannelLevel,
    ChannelLimit,
    ChannelMode,
    DropChannel,
    OldChannelLevel,
)

COMMANDS = Commands()

_CONTROLS = re.compile(rb"[\x00-\x1f\x7f]")


@COMMANDS.on(Topic, Cost.MESSAGE)
async def topic(session: Session, request: Topic) -> None:
    """Tell the topic, or set it; one of nothing but spaces means none."""
    channel = find_channel(session, request.channel)
    if not request.topic:
        session.send(Topic(channel.name, channel.charter.topic))
        return
    _require_topic_right(session, channel)
    text = crop(_CONTROLS.sub(b" ", request.topic).strip(), session.hub.settings.max_topic)
    sentence = f"{session.user.nick} set topic on {channel.name}: ".encode() + text
    told = publish(session.hub, channel, Topic(channel.name, text))
    await amend(session, channel, sentence, topic=text)
    await told


def _require_topic_right(session: Session, channel: Channel) -> None:
    user = session.user
    if user.muzzled:
        raise CommandError("You are muzzled.")
    if channel.is_run_by(user):
        return
    member = channel.member(user.nick)
    if member is None or not channel.has(Mode.TOPIC):
        raise CommandError(f"topic change failed: you are not operator of channel {channel.name}")
    require_voice_here(channel, member)


@COMMANDS.on(ChannelLevel, Cost.MESSAGE)
async def level(session: Session, request: ChannelLevel) -> None:
    """Tell who may enter, or set it."""
    if request.level is None:
        channel = find_channel(session, request.channel)
        session.tell(f"Channel {channel.name} is level {channel.charter.level.title}")
        return
    channel = find_run_channel(session, request.channel)
    try:
        wanted = Level.read(request.level)
    except ValueError as error:
        raise CommandError(f"channel level failed: {error}") from None
    if wanted > session.user.level:
        raise CommandError("channel level failed: it would be above your own level")
    sentence = f"{session.user.nick} set channel {channel.name} to level {wanted.title}"
    await amend(session, channel, sentence.encode(), level=wanted)


@COMMANDS.on(ChannelLimit, Cost.MESSAGE)
async def limit(session: Session, request: ChannelLimit) -> None:
    """Tell how many may be in, or set it."""
    if request.limit is None:
        channel = find_channel(session, request.channel)
        session.tell(f"Channel {channel.name} has limit {channel.charter.limit}")
        return
    channel = find_run_channel(session, request.channel)
    sentence = f"{session.user.nick} set limit on channel {channel.name} to {request.limit}"
    await amend(session, channel, sentence.encode(), limit=request.limit)


@COMMANDS.on(ChannelMode, Cost.MESSAGE)
async def mode(session: Session, request: ChannelMode) -> None:
    """Tell which modes are set, or set some."""
    if not request.changes:
        channel = find_channel(session, request.channel)
        shown = (f" +{each.value}" for each in Mode if channel.has(each))
        session.tell(f"mode for channel {channel.name}{''.join(shown)}")
        return
    channel = find_run_channel(session, request.channel)
    modes = channel.charter.modes
    for word in request.changes:
        modes = _changed(session, modes, word)
    await set_modes(session, channel, modes)


def _changed(session: Session, modes: frozenset[Mode], word: str) -> frozenset[Mode]:
    names = ", ".join(each.value for each in Mode)
    try:
        wanted = Mode(word[1:].upper())
    except ValueError:
        raise CommandError(f"channel mode failed: the modes are {names}") from None
    if word[0] not in "+-":
        raise CommandError(f"channel mode failed: write +{wanted.value} or -{wanted.value}")
    if wanted is Mode.REGISTERED and session.user.level < Level.MODERATOR:
        raise CommandError("channel mode failed: only moderators register channels")
    return modes | {wanted} if word[0] == "+" else modes - {wanted}


async def set_modes(session: Session, channel: Channel, modes: frozenset[Mode]) -> None:
    """Set a channel's modes, and tell its operators what has changed."""
    before = channel.charter.modes
    if signs := [_signed(each, modes) for each in Mode if each in before ^ modes]:
        sentence = f"{session.user.nick} changed mode on channel {channel.name}: {' '.join(signs)}"
        await amend(session, channel, sentence.encode(), modes=modes)


def _signed(mode: Mode, modes: frozenset[Mode]) -> str:
    return f"{'+' if mode in modes else '-'}{mode.value}"


@COMMANDS.on(DropChannel, Cost.MESSAGE, least=Level.MODERATOR)
async def drop(session: Session, request: DropChannel) -> None:
    """Keep a channel no longer; it ends when its last member leaves."""
    channel = find_run_channel(session, request.channel)
    if not channel.has(Mode.REGISTERED):
        raise CommandError(f"channel {channel.name} is not registered")
    sentence = f"{session.user.nick} dropped channel {channel.name}".encode()
    modes = channel.charter.modes - {Mode.REGISTERED}
    await amend(session, channel, sentence + because(session, request.reason), modes=modes)


COMMANDS.on(OldChannelLevel, Cost.MESSAGE)(level)
