"""Channels: coming and going, talking, and who and what is there."""

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


@message(400, CLIENT)
class Join(Message):
    """Enter a channel; answered by 405, 408 for each member, 409 and 410."""

    channel: str = word()


@message(401, CLIENT, SERVER)
class Part(Message):
    """Leave a channel; from the server: you are not in this channel any longer."""

    channel: str = word()


@message(402, CLIENT)
class Say(Message):
    """Say something to everybody in a channel."""

    channel: str = word()
    text: bytes = rest(default=b"")


@message(403, SERVER)
class Said(Message):
    """What a member said, also sent to that member."""

    channel: str = word()
    nick: str = word()
    text: bytes = rest(default=b"")


@message(405, SERVER)
class Joined(Message):
    """You are in this channel now; the name may differ from the one asked for."""

    channel: str = word()


@message(406, SERVER)
class MemberCame(Message):
    """Somebody has entered the channel."""

    channel: str = word()
    nick: str = word()
    shared: int = number()
    speed: int = number()


@message(407, SERVER)
class MemberLeft(Message):
    """Somebody has left the channel."""

    channel: str = word()
    nick: str = word()
    shared: int = number()
    speed: int = number()


@message(408, SERVER)
class ListedMember(Message):
    """One member of the channel just entered, oneself included."""

    channel: str = word()
    nick: str = word()
    shared: int = number()
    speed: int = number()


@message(409, SERVER)
class MembersEnd(Message):
    """The end of the members of the channel just entered."""

    channel: str = word()


@message(410, CLIENT, SERVER)
class Topic(Message):
    """The topic of a channel; from a client without text: ask for it."""

    channel: str = word()
    topic: bytes = rest(default=b"")


@message(430, CLIENT)
class Invite(Message):
    """Invite a user to a channel."""

    nick: str = word()
    channel: str = word()


@message(430, SERVER)
class Invitation(Message):
    """A user invites to a channel. What the last two mean is not known (napster.txt)."""

    nick: str = word()
    channel: str = word()
    topic: bytes = quoted(default=b"")
    number: int = number(default=0)
    text: bytes = rest(default=b"Hello!")


@message(431, CLIENT)
class AcceptInvitation(Message):
    """Enter the channel to which a user has invited."""

    nick: str = word()
    channel: str = word()


@message(432, CLIENT)
class DeclineInvitation(Message):
    """Stay out of the channel to which a user has invited."""

    nick: str = word()
    channel: str = word()


@message(617, CLIENT, SERVER)
class ListChannels(Message):
    """Ask for the channels; the server ends their list with the same."""


@message(618, SERVER)
class ListedChannel(Message):
    """One channel."""

    channel: str = word()
    members: int = number()
    topic: bytes = rest(default=b"")


@message(824, CLIENT)
class Emote(Message):
    """Tell everybody in a channel what one does."""

    channel: str = word()
    text: bytes = remark(default=b"")


@message(824, SERVER)
class Emoted(Message):
    """What a member does, also sent to that member."""

    channel: str = word()
    nick: str = word()
    text: bytes = quoted()


@message(825, SERVER)
class ListedName(Message):
    """One member of the channel asked about."""

    channel: str = word()
    nick: str = word()
    shared: int = number()
    speed: int = number()


@message(827, CLIENT, SERVER)
class ListChannelsFully(Message):
    """Ask for the channels with their limits; the server ends their list with the same."""


@message(828, SERVER)
class ListedChannelFully(Message):
    """One channel. `temporary` is 1 if it ends with its last member; `limit` 0 is none."""

    channel: str = word()
    members: int = number()
    temporary: int = number()
    level: int = number()
    limit: int = number()
    topic: bytes = quoted()


@message(830, CLIENT)
class ListNames(Message):
    """Ask for the members of a channel."""

    channel: str = word()


@message(830, SERVER)
class NamesEnd(Message):
    """The end of the members of a channel."""
