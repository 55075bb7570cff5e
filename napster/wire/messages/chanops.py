"""Running a channel: its bans, operators, level, limit and modes."""

from napster.wire.messages.base import (
    CLIENT,
    SERVER,
    Message,
    message,
    number,
    quoted,
    remark,
    rest,
    word,
    words,
)


@message(420, CLIENT)
class ListChannelBans(Message):
    """Ask who is banned from a channel."""

    channel: str = word()


@message(420, SERVER)
class ChannelBansEnd(Message):
    """The end of a channel's bans."""


@message(421, SERVER)
class ChannelBan(Message):
    """One ban. `since` is in seconds since 1970 (UTC); it lasts `seconds`, or for ever if 0."""

    mask: str = word()
    setter: str = word()
    reason: bytes = quoted()
    since: int = number()
    seconds: int = number()


@message(422, CLIENT)
class BanFromChannel(Message):
    """Ban a nick, an address or `nick!address` from a channel."""

    channel: str = word()
    mask: str = word()
    reason: bytes = remark(default=b"")


@message(423, CLIENT)
class UnbanFromChannel(Message):
    """Lift a ban."""

    channel: str = word()
    mask: str = word()
    reason: bytes = remark(default=b"")


@message(424, CLIENT)
class ClearChannelBans(Message):
    """Lift all bans of a channel."""

    channel: str = word()


@message(820, CLIENT)
class ClearChannel(Message):
    """Throw everybody out of a channel."""

    channel: str = word()
    reason: bytes = remark(default=b"")


@message(823, CLIENT)
class ChannelLevel(Message):
    """Set the lowest level that may enter a channel, by name or number; without it: ask."""

    channel: str = word()
    level: str | None = word(default=None)


@message(826, CLIENT)
class ChannelLimit(Message):
    """Set how many may be in a channel, 0 for no limit; without it: ask."""

    channel: str = word()
    limit: int | None = number(highest=65_535, default=None)


@message(829, CLIENT)
class KickFromChannel(Message):
    """Throw somebody out of a channel."""

    channel: str = word()
    nick: str = word()
    reason: bytes = remark(default=b"")


@message(10201, CLIENT)
class OldChannelLevel(ChannelLevel):
    """The number 823 had before."""


@message(10202, CLIENT)
class OldKickFromChannel(KickFromChannel):
    """The number 829 had before."""


@message(10204, CLIENT)
class Op(Message):
    """Make users operators of a channel; without any: ask who is."""

    channel: str = word()
    nicks: tuple[str, ...] = words(default=())


@message(10205, CLIENT)
class Deop(Message):
    """Make users operators of a channel no longer; without any: ask who is."""

    channel: str = word()
    nicks: tuple[str, ...] = words(default=())


@message(10206, CLIENT)
class ListOps(Message):
    """Ask for the operators of a channel; answered by private messages."""

    channel: str = word()


@message(10207, CLIENT)
class DropChannel(Message):
    """Let a channel that is kept end with its last member."""

    channel: str = word()
    reason: bytes = remark(default=b"")


@message(10208, CLIENT)
class TellOps(Message):
    """Say something to the operators of a channel."""

    channel: str = word()
    text: bytes = rest(default=b"")


@message(10209, CLIENT)
class ChannelMode(Message):
    """Set modes of a channel, such as `+INVITE` or `-PRIVATE`; without any: ask."""

    channel: str = word()
    changes: tuple[str, ...] = words(default=())


@message(10210, CLIENT)
class InviteToChannel(Message):
    """Invite a user to a channel."""

    channel: str = word()
    nick: str = word()


@message(10211, CLIENT)
class Voice(Message):
    """Let users talk in a moderated channel; without any: ask who may."""

    channel: str = word()
    nicks: tuple[str, ...] = words(default=())


@message(10212, CLIENT)
class Unvoice(Message):
    """Let users talk in a moderated channel no longer; without any: ask who may."""

    channel: str = word()
    nicks: tuple[str, ...] = words(default=())


@message(10213, CLIENT)
class MuzzleInChannel(Message):
    """Forbid a member to talk in a channel."""

    channel: str = word()
    nick: str = word()
    reason: bytes = remark(default=b"")


@message(10214, CLIENT)
class UnmuzzleInChannel(Message):
    """Let a member talk in a channel again."""

    channel: str = word()
    nick: str = word()
    reason: bytes = remark(default=b"")
