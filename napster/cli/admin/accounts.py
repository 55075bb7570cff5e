"""`napster admin accounts`, `add`, `password`, `level` and `delete`: registered nicks."""

from argparse import ArgumentParser
from collections.abc import Sequence

from napster.cli.admin.desk import Desk, admin_command
from napster.cli.admin.words import add_name, add_reason, moment, no_arguments, read_password
from napster.cli.exits import DONE
from napster.cli.grid import Column
from napster.cli.listing import show_list
from napster.cli.parser import word
from napster.cli.text import clean
from napster.daemon.codec import dump
from napster.index.admin.values import AccountInfo

_LEVELS = "leech, user, moderator, admin or elite"


def _list(desk: Desk) -> int:
    found = desk.index.all_pages(AccountInfo, "accounts", lambda each: each.nick)
    show_list(desk, found, _columns, "Nobody is registered; napster admin add makes an account.")
    return DONE


def _columns(found: Sequence[AccountInfo]) -> list[Column]:
    return [
        Column("nick", [each.nick for each in found]),
        Column("level", [each.level for each in found]),
        Column("mail", [clean(each.email) for each in found], flexible=True),
        Column("since", [moment(each.created) for each in found]),
        Column("last seen", [_seen(each) for each in found]),
    ]


def _seen(account: AccountInfo) -> str:
    if account.online:
        return "online"
    return "never" if account.last_seen == account.created else moment(account.last_seen)


def _add_arguments(parser: ArgumentParser) -> None:
    add_name(parser, "NICK", "the nick to register")
    parser.add_argument("--level", default="user", help=f"{_LEVELS} (default: user)")
    parser.add_argument("--mail", type=word, default="unknown", help="the owner's mail address")
    parser.epilog = "The password is asked for at the terminal, or read from standard input."


def _add(desk: Desk) -> int:
    given = desk.options
    password = read_password(given.name)
    account = desk.index.value(
        AccountInfo,
        "account.add",
        nick=given.name,
        password=password,
        level=given.level,
        email=given.mail,
    )
    return desk.say(f"Made the account of {account.nick}, {account.level}.", dump(account))


def _password_arguments(parser: ArgumentParser) -> None:
    add_name(parser, "NICK", "whose password to set")
    parser.epilog = "The password is asked for at the terminal, or read from standard input."


def _password(desk: Desk) -> int:
    nick = desk.options.name
    password = read_password(nick)
    return desk.act(f"Set {nick}'s password.", "account.password", nick=nick, password=password)


def _level_arguments(parser: ArgumentParser) -> None:
    add_name(parser, "NICK", "whose level to set")
    parser.add_argument("level", metavar="LEVEL", help=_LEVELS)


def _level(desk: Desk) -> int:
    nick, level = desk.options.name, desk.options.level
    title = desk.index.value(str, "account.level", nick=nick, level=level)
    return desk.say(f"{nick} is {title} now.", {"done": True})


def _delete_arguments(parser: ArgumentParser) -> None:
    add_name(parser, "NICK", "whose account to delete")
    add_reason(parser)


def _delete(desk: Desk) -> int:
    nick, reason = desk.options.name, desk.options.reason
    return desk.act(f"Deleted {nick}'s account.", "account.delete", name=nick, reason=reason)


ACCOUNTS = admin_command(no_arguments, _list)
ADD = admin_command(_add_arguments, _add)
PASSWORD = admin_command(_password_arguments, _password)
LEVEL = admin_command(_level_arguments, _level)
DELETE = admin_command(_delete_arguments, _delete)
