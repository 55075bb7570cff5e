"""Registered nicks: made, listed, changed and deleted."""

from napster.index import acts
from napster.index.accounts import Account, NickTakenError
from napster.index.admin.calls import Calls, Console, tidy
from napster.index.admin.values import (
    About,
    AccountInfo,
    NewAccount,
    NewLevel,
    NewPassword,
    Page,
)
from napster.index.audit import Act
from napster.index.commands import CommandError
from napster.index.levels import Level
from napster.index.nicks import nick_fault
from napster.index.profile import email_fault, typed_password_fault

CALLS = Calls()


@CALLS.on("accounts", Page)
async def accounts(console: Console, asked: Page) -> list[AccountInfo]:
    """List accounts."""
    found = await console.hub.accounts.page(asked.after, asked.limit)
    return [await _info(console, account) for account in found]


@CALLS.on("account.add", NewAccount)
async def add(console: Console, asked: NewAccount) -> AccountInfo:
    """Register a nick that nobody has, online or not."""
    hub = console.hub
    level = _level(asked.level)
    password = _password(asked.password)
    if fault := nick_fault(asked.nick, hub.settings.server_name) or email_fault(asked.email):
        raise CommandError(fault)
    if await hub.accounts.find(asked.nick):
        raise CommandError(f"{asked.nick} is registered already")
    if await hub.network.locate(asked.nick):
        raise CommandError(f"{asked.nick} is online without an account; kick that user first")
    try:
        account = await hub.accounts.register(asked.nick, password, asked.email, level=level)
    except NickTakenError:
        raise CommandError(f"{asked.nick} is registered already") from None
    await acts.report(hub, console.actor, Act.CREATE, account.nick, level.title)
    return await _info(console, account)


@CALLS.on("account.password", NewPassword)
async def set_password(console: Console, asked: NewPassword) -> None:
    """Set another password; who is online with the old one stays."""
    password = _password(asked.password)
    account = await acts.find_account(console.hub, asked.nick)
    await console.hub.accounts.change_password(account.nick, password)
    await acts.report(console.hub, console.actor, Act.PASSWORD, account.nick)


@CALLS.on("account.level", NewLevel)
async def set_level(console: Console, asked: NewLevel) -> str:
    """Set another level, at once if online; the answer is its name."""
    level = _level(asked.level)
    await acts.set_level(console.hub, console.actor, asked.nick, level)
    return level.title


@CALLS.on("account.delete", About)
async def delete(console: Console, asked: About) -> None:
    """Delete an account."""
    await acts.nuke(console.hub, console.actor, asked.name, tidy(asked.reason))


def _level(text: str) -> Level:
    try:
        return Level.read(text)
    except ValueError as error:
        raise CommandError(str(error)) from error


def _password(text: str) -> bytes:
    password = text.encode("utf-8", "replace")
    if fault := typed_password_fault(password):
        raise CommandError(fault)
    return password


async def _info(console: Console, account: Account) -> AccountInfo:
    user = await console.hub.network.locate(account.nick)
    return AccountInfo(
        nick=account.nick,
        level=account.level.title,
        email=account.email,
        created=account.created,
        last_seen=account.last_seen,
        online=user is not None and user.registered,
    )
