"""Logging in, registering, asking about a nick: all a client may do before it is online."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from napster.index.accounts import Account, NickTakenError
from napster.index.commands import CommandError, Commands
from napster.index.ghosts import claim
from napster.index.kept import Ban
from napster.index.levels import Level
from napster.index.limits import Cost, LimitError
from napster.index.network import User
from napster.index.nicks import nick_fault
from napster.index.profile import (
    HIGHEST_PORT,
    HIGHEST_SPEED,
    client_name,
    data_port,
    email_address,
    password_fault,
)
from napster.index.session import Session
from napster.wire.extension import speaks_extension
from napster.wire.messages import Message
from napster.wire.messages.login import (
    BetaEight,
    CheckNick,
    CheckPassword,
    DataPortCheck,
    Login,
    LoginError,
    LoginOptions,
    NickFree,
    NickInvalid,
    NickTaken,
    PasswordRight,
    Register,
    VersionCheck,
)

COMMANDS = Commands()
R = TypeVar("R", Login, Register)


class RefusedError(Exception):
    """A login that is not granted; `reason` is the message that says so and ends it."""

    def __init__(self, reason: Message) -> None:
        super().__init__(reason)
        self.reason = reason


@COMMANDS.on(Login)
async def log_in(session: Session, request: Login) -> None:
    """Log in with a nick, registered or not."""
    await _enter(session, request, _account)


@COMMANDS.on(Register)
async def register(session: Session, request: Register) -> None:
    """Register a nick, then log in with it."""
    await _enter(session, request, _new_account)


@COMMANDS.on(CheckNick)
async def check_nick(session: Session, request: CheckNick) -> None:
    """Tell whether a nick can be registered."""
    hub = session.hub
    if fault := nick_fault(request.nick, hub.settings.server_name):
        session.send(NickInvalid(fault.encode("ascii")))
    elif await hub.accounts.find(request.nick) or await hub.network.locate(request.nick):
        session.send(NickTaken())
    else:
        session.send(NickFree())


@COMMANDS.on(CheckPassword)
async def check_password(session: Session, request: CheckPassword) -> None:
    """Tell whether a password is right, by silence if not."""
    account = await session.hub.accounts.find(request.nick)
    if account is None or _ban(session, account.nick, account.level):
        return
    if await _is_password(session, account, request.password):
        session.send(PasswordRight())


async def ignore(_session: Session, _request: Message) -> None:
    """Accept what official clients send and nobody needs."""


for _ignored in (VersionCheck, LoginOptions, DataPortCheck, BetaEight):
    COMMANDS.on(_ignored)(ignore)


async def _enter(
    session: Session, request: R, account_for: Callable[[Session, R], Awaitable[Account | None]]
) -> None:
    greeting = session.greeting
    if greeting is None:
        raise CommandError("you are already logged in")
    greeting.ask()
    try:
        _check_fields(session, request)
        account = await account_for(session, request)
        user = await claim(session, _user(session, request, account))
        _refuse_late_ban(session, user)
        greeting.admit(user)
    except RefusedError as error:
        greeting.refuse(error.reason)
    except (CommandError, LimitError) as error:
        greeting.refuse(_error(str(error)))


def _check_fields(session: Session, request: Login | Register) -> None:
    if fault := nick_fault(request.nick, session.hub.settings.server_name):
        raise RefusedError(NickInvalid(fault.encode("ascii")))
    if request.speed > HIGHEST_SPEED:
        raise RefusedError(_error("invalid speed"))
    if request.port > HIGHEST_PORT:
        raise RefusedError(_error("invalid port"))


def _refuse_banned(session: Session, nick: str, level: Level) -> None:
    """Raise RefusedError if a ban means somebody, before a password costs anything."""
    if ban := _ban(session, nick, level):
        session.log.info(
            "{session}: {nick} is banned as {mask}", session=session, nick=nick, mask=ban.mask
        )
        raise RefusedError(_error(ban.sentence))


def _ban(session: Session, nick: str, level: Level) -> Ban | None:
    return session.hub.records.bans.find(nick, session.peer.host, level)


def _refuse_late_ban(session: Session, user: User) -> None:
    """Raise RefusedError for a ban set while the login was looked into."""
    try:
        _refuse_banned(session, user.nick, user.level)
    except RefusedError:
        session.hub.network.release(user.nick, session)
        raise


async def _account(session: Session, request: Login) -> Account | None:
    """Find the account a login is for, if its nick is registered; raises RefusedError."""
    account = await session.hub.accounts.find(request.nick)
    _refuse_banned(session, request.nick, account.level if account else Level.USER)
    if account is None and not session.hub.settings.unregistered:
        raise RefusedError(_error(f"{request.nick} is not registered, and must be to log in here"))
    if account and not await _is_password(session, account, request.password):
        session.log.info("{session}: wrong password for {nick}", session=session, nick=request.nick)
        raise RefusedError(_error("Invalid Password"))
    return account


async def _new_account(session: Session, request: Register) -> Account:
    """Register a nick that nobody has, online or not; raises RefusedError."""
    hub = session.hub
    _refuse_banned(session, request.nick, Level.USER)
    if not hub.settings.registration:
        raise RefusedError(_error("registration is closed; ask who runs this server"))
    if fault := password_fault(request.password):
        raise RefusedError(_error(fault))
    if await hub.network.locate(request.nick):
        raise RefusedError(_error(f"{request.nick} is already active"))
    hub.limits.spend(Cost.REGISTRATION, session.allowance.address)
    try:
        account = await hub.accounts.register(
            request.nick, request.password, email_address(request.email)
        )
    except NickTakenError:
        raise RefusedError(_error("account registered to another user")) from None
    session.log.info("{session}: registered {nick}", session=session, nick=request.nick)
    return account


async def _is_password(session: Session, account: Account, password: bytes) -> bool:
    if password_fault(password):
        return False
    return await session.hub.accounts.is_password(account, password, session.allowance.address)


def _user(session: Session, request: Login | Register, account: Account | None) -> User:
    hub = session.hub
    address = hub.address_map.publish(session.peer.host)
    return User(
        nick=account.nick if account else request.nick,
        host=session.peer.host,
        address=address,
        port=data_port(request.port, address),
        speed=request.speed,
        client=client_name(request.client),
        email=account.email if account else f"anon@{hub.settings.server_name}",
        level=account.level if account else Level.USER,
        registered=account is not None,
        muzzled=request.nick in hub.records.muzzles,
        since=hub.clock.seconds(),
        extended=speaks_extension(request.client),
        remote_port=session.peer.port,
        total_downloads=account.downloads if account else 0,
        total_uploads=account.uploads if account else 0,
    )


def _error(text: str) -> LoginError:
    return LoginError(text.encode("utf-8", "replace"))
