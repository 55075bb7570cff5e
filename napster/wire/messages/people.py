"""Users: who they are, what they say to each other, and what they change about themselves."""

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


@message(205, CLIENT, SERVER)
class PrivateMessage(Message):
    """Text to a user; arrives under the sender's nick."""

    nick: str = word()
    text: bytes = rest(default=b"")


@message(210, SERVER)
class SignedOff(Message):
    """A user is not (or no longer) online."""

    nick: str = word()


@message(600, CLIENT)
class SpeedRequest(Message):
    """Ask for a user's link speed."""

    nick: str = word()


@message(601, SERVER)
class Speed(Message):
    """A user's link speed, 0 to 10."""

    nick: str = word()
    speed: int = number()


@message(603, CLIENT)
class WhoisRequest(Message):
    """Ask about a user."""

    nick: str = word()


@message(604, SERVER)
class Whois(Message):
    """A user who is online. `online` is in seconds; `channels` are each followed by a space.

    Moderators are told what is behind `client`, admins also the server.
    """

    nick: str = word()
    level: bytes = quoted()
    online: int = number()
    channels: bytes = quoted()
    status: bytes = quoted()
    shared: int = number()
    downloads: int = number()
    uploads: int = number()
    speed: int = number()
    client: bytes = quoted()
    total_downloads: int | None = number(default=None)
    total_uploads: int | None = number(default=None)
    address: str | None = word(default=None)
    connecting_port: int | None = number(default=None)
    data_port: int | None = number(default=None)
    email: str | None = word(default=None)
    server: str | None = word(default=None)


@message(605, SERVER)
class Whowas(Message):
    """A registered user who is offline. `last_seen` is in seconds since 1970 (UTC)."""

    nick: str = word()
    level: bytes = quoted()
    last_seen: int = number()


@message(700, CLIENT)
class ChangeSpeed(Message):
    """Change one's link speed, 0 to 10."""

    speed: int = number()


@message(701, CLIENT)
class ChangePassword(Message):
    """Change one's password."""

    password: bytes = token(repr=False)


@message(702, CLIENT)
class ChangeEmail(Message):
    """Change one's e-mail address."""

    email: str = word()


@message(703, CLIENT)
class ChangePort(Message):
    """Change one's data port; 0 means firewalled."""

    port: int = number()


@message(750, CLIENT, SERVER)
class ServerPing(Message):
    """Ask the other end of the index link whether it is alive; answered by the same."""

    text: bytes = rest(default=b"")


@message(751, CLIENT, SERVER)
class Ping(Message):
    """Ask a user for a sign of life, with optional text that comes back in the pong."""

    nick: str = word()
    text: bytes = rest(default=b"")


@message(752, CLIENT, SERVER)
class Pong(Message):
    """The answer to a ping, relayed back."""

    nick: str = word()
    text: bytes = rest(default=b"")
