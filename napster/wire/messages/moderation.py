"""Keeping order: levels, bans, muzzles, and what moderators tell others."""

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
)


@message(606, CLIENT)
class SetLevel(Message):
    """Give a registered user another level, by name or number."""

    nick: str = word()
    level: str = word()


@message(610, CLIENT)
class Kill(Message):
    """End a user's session."""

    nick: str = word()
    reason: bytes = remark(default=b"")


@message(611, CLIENT)
class Nuke(Message):
    """Delete a user's account."""

    nick: str = word()
    reason: bytes = remark(default=b"")


@message(612, CLIENT)
class AddBan(Message):
    """Ban a nick, an address, a network or `nick!address`; for some seconds, or for ever if 0."""

    mask: str = word()
    reason: bytes = quoted(default=b"")
    seconds: int = number(default=0)


@message(613, CLIENT)
class SetPort(Message):
    """Publish another data port of a user, and have the user's program listen there."""

    nick: str = word()
    port: int = number()


@message(613, SERVER)
class PortOrder(Message):
    """Listen at this data port from now on."""

    port: int = number()


@message(614, CLIENT)
class RemoveBan(Message):
    """Lift a ban."""

    mask: str = word()
    reason: bytes = remark(default=b"")


@message(615, CLIENT)
class ListBans(Message):
    """Ask for all bans; answered by 616 for each and 615."""


@message(615, SERVER)
class BansEnd(Message):
    """The end of the bans."""


@message(616, SERVER)
class BanEntry(Message):
    """One ban. `since` is in seconds since 1970 (UTC); it lasts `seconds`, or for ever if 0."""

    mask: str = word()
    setter: str = word()
    reason: bytes = quoted()
    since: int = number()
    seconds: int = number()


@message(622, CLIENT)
class Muzzle(Message):
    """Forbid a user to talk to others, from now on and after the next login."""

    nick: str = word()
    reason: bytes = remark(default=b"")


@message(623, CLIENT)
class Unmuzzle(Message):
    """Let a user talk again."""

    nick: str = word()
    reason: bytes = remark(default=b"")


@message(625, CLIENT)
class SetSpeed(Message):
    """Publish another link speed of a user, 0 to 10."""

    nick: str = word()
    speed: int = number()


@message(627, CLIENT)
class TellModerators(Message):
    """Say something to all moderators online."""

    text: bytes = rest()


@message(627, SERVER)
class ToldModerators(Message):
    """What a moderator says to the others."""

    nick: str = word()
    text: bytes = rest()


@message(628, CLIENT)
class Announce(Message):
    """Say something to everybody online."""

    text: bytes = rest()


@message(628, SERVER)
class Announcement(Message):
    """What is said to everybody."""

    nick: str = word()
    text: bytes = rest()
