"""Logging in, registering a nick, and what the server says about itself."""

from napster.wire.messages.base import (
    CLIENT,
    SERVER,
    Message,
    message,
    number,
    quoted,
    rest,
    token,
    word,
)


@message(0, SERVER)
class LoginError(Message):
    """Why a login failed; the connection closes after it."""

    text: bytes = rest()


@message(2, CLIENT)
class Login(Message):
    """Log in; a data port of 0 means firewalled. Further fields (e-mail, build) are ignored."""

    nick: str = word()
    password: bytes = token(repr=False)
    port: int = number(lenient=True)
    client: bytes = quoted()
    speed: int = number(lenient=True)


@message(3, SERVER)
class LoginAccepted(Message):
    """The login succeeded; carries the e-mail address of the account, which some leave out."""

    email: str = word(default="")


@message(4, CLIENT)
class VersionCheck(Message):
    """A client tells its version and asks for an update; never offered."""

    version: bytes = rest()


@message(6, CLIENT)
class Register(Message):
    """Register the nick, then log in with it."""

    nick: str = word()
    password: bytes = token(repr=False)
    port: int = number(lenient=True)
    client: bytes = quoted()
    speed: int = number(lenient=True)
    email: str = word(default="unknown")


@message(7, CLIENT)
class CheckNick(Message):
    """Ask whether a nick is free; answered by 8, 9 or 10."""

    nick: str = word()


@message(8, SERVER)
class NickFree(Message):
    """The nick asked about is not registered."""


@message(9, SERVER)
class NickTaken(Message):
    """The nick asked about is registered."""


@message(10, SERVER)
class NickInvalid(Message):
    """The nick has characters or a length that is not allowed."""

    text: bytes = rest(default=b"")


@message(11, CLIENT)
class CheckPassword(Message):
    """Ask whether a password is right; answered by 12 if so, else not at all."""

    nick: str = word()
    password: bytes = token(repr=False)


@message(12, SERVER)
class PasswordRight(Message):
    """The password asked about is right."""


@message(14, CLIENT)
class LoginOptions(Message):
    """What the official client asked of its user; ignored."""

    text: bytes = rest()


@message(214, CLIENT)
class StatsRequest(Message):
    """Ask for the totals of the network."""


@message(214, SERVER)
class Stats(Message):
    """Users, files and size of all files in whole gigabytes; also ends every login."""

    users: int = number()
    files: int = number()
    gigabytes: int = number()


@message(300, CLIENT)
class DataPortCheck(Message):
    """Other ports a client could listen on; no answer is due."""

    text: bytes = rest(default=b"")


@message(316, SERVER)
class Disconnecting(Message):
    """The connection is about to be closed by the server, with `0`."""

    text: bytes = rest(default=b"0")


@message(404, SERVER)
class Notice(Message):
    """A sentence for the user: an error or a report."""

    text: bytes = rest()


@message(621, CLIENT)
class MotdRequest(Message):
    """Ask for the message of the day."""


@message(621, SERVER)
class MotdLine(Message):
    """One line of the message of the day."""

    text: bytes = rest()


@message(748, SERVER)
class Ghosted(Message):
    """Somebody logs in under this session's nick; the session ends."""


@message(920, CLIENT)
class BetaEight(Message):
    """Sent by one official client before the login; meaning unknown, ignored."""

    text: bytes = rest(default=b"")
