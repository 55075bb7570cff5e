"""Whom a user watches for, whom a user does not want to hear from, and who is online."""

from napster.wire.messages.base import CLIENT, SERVER, Message, message, number, word


@message(207, CLIENT)
class HotlistAdd(Message):
    """Tell me when this user comes and goes."""

    nick: str = word()


@message(208, CLIENT)
class HotlistEntry(Message):
    """The same, as clients send it for each entry right after the login."""

    nick: str = word()


@message(209, SERVER)
class SignedOn(Message):
    """A user of the hotlist is online."""

    nick: str = word()
    speed: int = number()


@message(301, SERVER)
class HotlistAdded(Message):
    """A user is on the hotlist now."""

    nick: str = word()


@message(302, SERVER)
class HotlistRefused(Message):
    """A user cannot be put on the hotlist."""

    nick: str = word()


@message(303, CLIENT)
class HotlistRemove(Message):
    """Watch for a user no longer; there is no answer."""

    nick: str = word()


@message(320, CLIENT)
class IgnoreListRequest(Message):
    """Ask whom one ignores; answered by 321 for each and 320."""


@message(320, SERVER)
class IgnoreListEnd(Message):
    """How many users are ignored; ends their list."""

    count: int = number()


@message(321, SERVER)
class IgnoreListEntry(Message):
    """One user who is ignored."""

    nick: str = word()


@message(322, CLIENT, SERVER)
class Ignore(Message):
    """Ignore a user; the server answers with the same when it is done."""

    nick: str = word()


@message(323, CLIENT, SERVER)
class Unignore(Message):
    """Ignore a user no longer; the server answers with the same when it is done."""

    nick: str = word()


@message(324, SERVER)
class NotIgnored(Message):
    """A user who was not ignored anyway."""

    nick: str = word()


@message(325, SERVER)
class AlreadyIgnored(Message):
    """A user who is ignored already."""

    nick: str = word()


@message(326, CLIENT)
class ClearIgnored(Message):
    """Ignore nobody any longer."""


@message(326, SERVER)
class IgnoredCleared(Message):
    """How many users were ignored until now."""

    count: int = number()


@message(831, CLIENT)
class UserListRequest(Message):
    """Ask for the users of a server (`*`: of all) whose level is among the letters in `levels`."""

    server: str | None = word(default=None)
    levels: str | None = word(default=None)


@message(831, SERVER)
class UserListEnd(Message):
    """The end of the users."""


@message(832, SERVER)
class UserListEntry(Message):
    """One user, and the address as text."""

    nick: str = word()
    address: str = word()
