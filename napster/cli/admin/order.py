"""`napster admin online`, `kick`, `ban`, `muzzle`, `announce`, `audit`: keeping order."""

from argparse import ArgumentParser
from collections.abc import Sequence

from napster.cli.admin.desk import Desk, admin_command
from napster.cli.admin.words import (
    add_name,
    add_reason,
    duration,
    moment,
    no_arguments,
    whole,
)
from napster.cli.command import LocalCommand
from napster.cli.exits import DONE
from napster.cli.grid import NOTHING, Column
from napster.cli.listing import show_list
from napster.cli.parser import word
from napster.cli.text import clean
from napster.daemon.codec import dump
from napster.index.admin.values import MOST_LATEST, UserInfo
from napster.index.kept import AuditEntry, Ban
from napster.units import format_duration


def _online(desk: Desk) -> int:
    found = desk.index.all_pages(UserInfo, "online", lambda each: each.nick)
    show_list(desk, found, _user_columns, "Nobody is online.")
    return DONE


def _user_columns(found: Sequence[UserInfo]) -> list[Column]:
    return [
        Column("nick", [each.nick for each in found]),
        Column("level", [each.level for each in found]),
        Column("address", [each.address for each in found]),
        Column("port", [str(each.port) if each.port else NOTHING for each in found], right=True),
        Column("speed", [each.speed for each in found]),
        Column("files", [f"{each.files:,}" for each in found], right=True),
        Column("online", [format_duration(each.online) for each in found], right=True),
        Column("program", [clean(each.client) for each in found], flexible=True),
        Column("", ["muzzled" if each.muzzled else "" for each in found]),
    ]


def _about(metavar: str, about: str, call: str, done: str) -> LocalCommand:
    """Make a command about one thing, with a reason; `done` says that it is done."""

    def arguments(parser: ArgumentParser) -> None:
        add_name(parser, metavar, about)
        add_reason(parser)

    def run(desk: Desk) -> int:
        name = desk.options.name
        return desk.act(done.format(name=name), call, name=name, reason=desk.options.reason)

    return admin_command(arguments, run)


def _ban_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "mask",
        type=word,
        metavar="MASK",
        help="a nick, an address, a network (192.0.2.0/24), or nick!address; with * and ?",
    )
    parser.add_argument(
        "--for",
        dest="seconds",
        type=duration,
        default=0,
        metavar="TIME",
        help="for so long: 30m, 12h, 7d, 4w (default: for ever)",
    )
    add_reason(parser)


def _ban(desk: Desk) -> int:
    given = desk.options
    asked = {"mask": given.mask, "reason": given.reason, "seconds": given.seconds}
    ban = desk.index.value(Ban, "ban", **asked)
    until = f"until {moment(ban.until)}" if ban.until else "for ever"
    return desk.say(f"Banned {ban.mask} {until}.", dump(ban))


def _bans(desk: Desk) -> int:
    found = desk.index.all_pages(Ban, "bans", lambda each: each.mask)
    show_list(desk, found, _ban_columns, "Nobody is banned.")
    return DONE


def _ban_columns(found: Sequence[Ban]) -> list[Column]:
    return [
        Column("mask", [each.mask for each in found]),
        Column("by", [each.setter for each in found]),
        Column("since", [moment(each.since) for each in found]),
        Column("until", [moment(each.until) for each in found]),
        Column("reason", [clean(each.reason) for each in found], flexible=True),
    ]


def _announce_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "text", nargs="+", type=word, metavar="WORD", help="what to say to everybody online"
    )


def _announce(desk: Desk) -> int:
    return desk.act("Announced.", "announce", text=" ".join(desk.options.text))


def _audit_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--limit",
        type=whole(1, MOST_LATEST),
        default=100,
        metavar="N",
        help=f"so many of the latest, up to {MOST_LATEST} (default: 100)",
    )


def _audit(desk: Desk) -> int:
    found = desk.index.values(AuditEntry, "audit", limit=desk.options.limit)
    show_list(desk, found, _audit_columns, "Nothing was done yet.")
    return DONE


def _audit_columns(found: Sequence[AuditEntry]) -> list[Column]:
    return [
        Column("when", [moment(each.moment) for each in found]),
        Column("what", [clean(str(each)) for each in found], flexible=True),
    ]


ONLINE = admin_command(no_arguments, _online)
KICK = _about("NICK", "whom to disconnect", "kick", "Disconnected {name}.")
MUZZLE = _about("NICK", "who is not to talk", "muzzle", "Muzzled {name}.")
UNMUZZLE = _about("NICK", "who may talk again", "unmuzzle", "{name} may talk again.")
BAN = admin_command(_ban_arguments, _ban)
UNBAN = _about("MASK", "a mask of napster admin bans", "unban", "Lifted the ban of {name}.")
BANS = admin_command(no_arguments, _bans)
ANNOUNCE = admin_command(_announce_arguments, _announce)
AUDIT = admin_command(_audit_arguments, _audit)
