"""Users: what they say to each other, what is known of them, what they change about themselves."""

from napster.index.accounts import Account
from napster.index.channels import chanserv
from napster.index.channels.ranks import SERVICE
from napster.index.commands import CommandError, Commands
from napster.index.levels import Level
from napster.index.limits import Cost
from napster.index.network import User
from napster.index.nicks import nick_key
from napster.index.profile import (
    HIGHEST_PORT,
    HIGHEST_SPEED,
    email_address,
    password_fault,
)
from napster.index.session import Session
from napster.wire.fields import crop
from napster.wire.messages.login import Notice
from napster.wire.messages.people import (
    ChangeEmail,
    ChangePassword,
    ChangePort,
    ChangeSpeed,
    Ping,
    Pong,
    PrivateMessage,
    Speed,
    SpeedRequest,
    Whois,
    WhoisRequest,
    Whowas,
)

COMMANDS = Commands()


async def find(session: Session, nick: str) -> User:
    """Find somebody online; raises CommandError."""
    user = await session.hub.network.locate(nick)
    if user is None:
        raise CommandError(f"User {nick} is not currently online.")
    return user


@COMMANDS.on(PrivateMessage, Cost.MESSAGE)
async def say(session: Session, request: PrivateMessage) -> None:
    """Pass a message on; one that old programs would not survive is cut, and its sender told."""
    if not request.text:
        raise CommandError("parameters are unparsable: there is no text")
    if nick_key(request.nick) == nick_key(SERVICE):
        await chanserv.serve(session, request.text)
        return
    user = await find(session, request.nick)
    require_attention(session, user)
    _require_voice(session, user)
    text = _cut(session, request.text)
    await session.hub.network.send(user.nick, PrivateMessage(session.user.nick, text).frame())
    if len(text) < len(request.text):
        session.tell(f"Your message was too long; {request.nick} got {len(text)} bytes of it")


def require_attention(session: Session, user: User) -> None:
    """Raise CommandError if somebody does not want to hear from the session's user."""
    if user.ignores(session.user.nick):
        raise CommandError(f"{user.nick} is ignoring you")


def _require_voice(session: Session, user: User) -> None:
    """Raise CommandError if the user is muzzled, unless it is a moderator who is to listen."""
    if session.user.muzzled and user.level < Level.MODERATOR:
        raise CommandError("You are muzzled; only moderators hear you")


@COMMANDS.on(Ping, Cost.MESSAGE)
async def ping(session: Session, request: Ping) -> None:
    """Pass a ping on."""
    await _relay_ping(session, request.nick, Ping(session.user.nick, _echo(session, request.text)))


@COMMANDS.on(Pong, Cost.MESSAGE)
async def pong(session: Session, request: Pong) -> None:
    """Pass the answer to a ping on."""
    await _relay_ping(session, request.nick, Pong(session.user.nick, _echo(session, request.text)))


async def _relay_ping(session: Session, nick: str, message: Ping | Pong) -> None:
    user = await session.hub.network.locate(nick)
    if user is None:
        raise CommandError(f"ping failed, {nick} is not online")
    require_attention(session, user)
    await session.hub.network.send(user.nick, message.frame())


def _echo(session: Session, text: bytes) -> bytes:
    """Return what a ping says: nothing, for somebody who may not talk."""
    return b"" if session.user.muzzled else _cut(session, text)


def _cut(session: Session, text: bytes) -> bytes:
    longest = session.hub.settings.max_message - len(session.user.nick) - len(b" ")
    return crop(text, longest)


@COMMANDS.on(SpeedRequest)
async def speed(session: Session, request: SpeedRequest) -> None:
    """Tell a user's link speed."""
    user = await find(session, request.nick)
    session.send(Speed(user.nick, user.speed))


@COMMANDS.on(WhoisRequest)
async def whois(session: Session, request: WhoisRequest) -> None:
    """Tell about a user: online, or registered and seen before.

    Moderators are told who asks about them; so that costs what a message does.
    """
    user = await session.hub.network.locate(request.nick)
    if user and user.level >= Level.MODERATOR and user.serial != session.user.serial:
        session.allowance.spend(Cost.MESSAGE)
        session.send(_whois(session, user))
        sentence = f"{session.user.nick} has requested your info"
        await session.hub.network.send(user.nick, Notice(sentence.encode("ascii")).frame())
    elif user:
        session.send(_whois(session, user))
    elif account := await session.hub.accounts.find(request.nick):
        session.send(_whowas(account))
    else:
        raise CommandError(f"User {request.nick} is not currently online.")


def _whois(session: Session, user: User) -> Whois:
    """Tell about somebody as much as the asker's level allows (protocol section 2, 604)."""
    hub = session.hub
    names = (each.name for each in hub.channels.of(user.nick) if each.is_known_to(session.user))
    known = Whois(
        nick=user.nick,
        level=user.level.label,
        online=int(hub.clock.seconds() - user.since),
        channels="".join(f" {name}" for name in names).encode("ascii") + b" ",
        status=b"Muzzled" if user.muzzled else b"Active",
        shared=hub.catalog.count(user.nick),
        downloads=user.downloads,
        uploads=user.uploads,
        speed=user.speed,
        client=user.client,
    )
    if session.user.level < Level.MODERATOR:
        return known
    return known.evolve(
        total_downloads=user.total_downloads,
        total_uploads=user.total_uploads,
        address=user.host,
        connecting_port=user.remote_port,
        data_port=user.port,
        email=user.email,
        server=hub.settings.server_name if session.user.level >= Level.ADMIN else None,
    )


def _whowas(account: Account) -> Whowas:
    return Whowas(account.nick, account.level.label, account.last_seen)


@COMMANDS.on(ChangeSpeed)
async def change_speed(session: Session, request: ChangeSpeed) -> None:
    """Publish another link speed."""
    if request.speed > HIGHEST_SPEED:
        raise CommandError("invalid speed")
    _publish(session, session.change(speed=request.speed))


@COMMANDS.on(ChangePort)
async def change_port(session: Session, request: ChangePort) -> None:
    """Publish another data port."""
    if request.port > HIGHEST_PORT:
        raise CommandError("invalid data port")
    before = session.user.data_port
    _publish(session, session.change(data_port=request.port))
    if request.port != before:
        session.hub.port_tester.try_port(session)


def _publish(session: Session, user: User) -> None:
    session.hub.catalog.update_owner(user.owner)


@COMMANDS.on(ChangePassword)
async def change_password(session: Session, request: ChangePassword) -> None:
    """Set another password for a registered nick."""
    nick = _registered(session)
    if fault := password_fault(request.password):
        raise CommandError(fault)
    await session.hub.accounts.change_password(nick, request.password)
    session.tell("password changed")


@COMMANDS.on(ChangeEmail)
async def change_email(session: Session, request: ChangeEmail) -> None:
    """Set another e-mail address for a registered nick."""
    nick = _registered(session)
    email = email_address(request.email)
    await session.hub.accounts.change_email(nick, email)
    session.change(email=email)


def _registered(session: Session) -> str:
    user = session.user
    if not user.registered:
        raise CommandError(f"{user.nick} is not registered, so there is nothing to change")
    return user.nick
