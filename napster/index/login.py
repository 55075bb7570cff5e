"""Logging in, registering, asking about a nick: all a client may do before it is online."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import attrs

from napster.index.accounts import Account
from napster.index.admission import (
    RefusedError,
    find_account,
    knows_password,
    login_error,
    look_again,
    new_account,
    refuse_late_ban,
)
from napster.index.commands import CommandError, Commands
from napster.index.ghosts import claim, make_room
from napster.index.levels import Level
from napster.index.limits import LimitError
from napster.index.network import User
from napster.index.nicks import nick_fault
from napster.index.profile import (
    HIGHEST_PORT,
    HIGHEST_SPEED,
    client_name,
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


@COMMANDS.on(Login)
async def log_in(session: Session, request: Login) -> None:
    """Log in with a nick, registered or not."""
    await _enter(session, request, find_account)


@COMMANDS.on(Register)
async def register(session: Session, request: Register) -> None:
    """Register a nick, then log in with it."""
    await _enter(session, request, new_account)


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
    if await knows_password(session, request.nick, request.password):
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
        displaced = await make_room(session, _user(session, request, account))
        account = await look_again(session, request.nick, account)
        # From here on nothing waits: who changes what was read finds the user online.
        user = attrs.evolve(_user(session, request, account), displaced=displaced)
        await claim(session, user)
        refuse_late_ban(session, user)
        greeting.admit(user)
    except RefusedError as error:
        greeting.refuse(error.reason)
    except (CommandError, LimitError) as error:
        greeting.refuse(login_error(str(error)))


def _check_fields(session: Session, request: Login | Register) -> None:
    if fault := nick_fault(request.nick, session.hub.settings.server_name):
        raise RefusedError(NickInvalid(fault.encode("ascii")))
    if request.speed > HIGHEST_SPEED:
        raise RefusedError("invalid speed")
    if request.port > HIGHEST_PORT:
        raise RefusedError("invalid port")


def _user(session: Session, request: Login | Register, account: Account | None) -> User:
    hub = session.hub
    return User(
        nick=account.nick if account else request.nick,
        host=session.peer.host,
        address=hub.address_map.publish(session.peer.host),
        data_port=request.port,
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
