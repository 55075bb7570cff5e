"""`napster admin invite`, `invitations` and `revoke`: who may register when nobody else may."""

import time
from argparse import ArgumentParser
from collections.abc import Sequence

from napster.cli.admin.desk import Desk, admin_command
from napster.cli.admin.words import add_name, duration, moment, no_arguments
from napster.cli.exits import DONE
from napster.cli.grid import Column
from napster.cli.listing import show_list
from napster.cli.parser import word
from napster.cli.text import clean
from napster.daemon.codec import dump
from napster.index.kept import Invitation


def _invite_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--note", type=word, default="", metavar="TEXT", help="for whom it is")
    parser.add_argument(
        "--for",
        dest="seconds",
        type=duration,
        metavar="TIME",
        help="for so long: 30m, 12h, 7d, 4w (default: for ever)",
    )
    parser.epilog = (
        "Somebody registers one nick with it, giving it as the mail address, alone or as"
        " CODE/anna@example.org: old programs ask for one, napster-peer has it in its"
        " configuration (register = true, email)."
    )


def _invite(desk: Desk) -> int:
    asked = {"note": desk.options.note, "seconds": desk.options.seconds}
    made = desk.index.value(Invitation, "invite", **asked)
    return desk.say(made.code, dump(made))


def _list(desk: Desk) -> int:
    found = desk.index.values(Invitation, "invitations")
    show_list(desk, found, _columns, "There are no invitations.")
    return DONE


def _columns(found: Sequence[Invitation]) -> list[Column]:
    now = time.time()
    return [
        Column("code", [each.code for each in found]),
        Column("by", [each.maker for each in found]),
        Column("since", [moment(each.since) for each in found]),
        Column("until", [_end(each, now) for each in found]),
        Column("used by", [each.nick or "" for each in found]),
        Column("used", [moment(each.used) for each in found]),
        Column("note", [clean(each.note) for each in found], flexible=True),
    ]


def _end(invitation: Invitation, now: float) -> str:
    """Say until when it opens something, and whether it does no longer, though nobody used it."""
    until = moment(invitation.until)
    ended = invitation.until is not None and invitation.until <= now and not invitation.used
    return f"{until} (ended)" if ended else until


def _revoke_arguments(parser: ArgumentParser) -> None:
    add_name(parser, "CODE", "an invitation that nobody has used yet")


def _revoke(desk: Desk) -> int:
    code = desk.options.name
    return desk.act(f"Revoked {code}.", "revoke", name=code)


INVITE = admin_command(_invite_arguments, _invite)
INVITATIONS = admin_command(no_arguments, _list)
REVOKE = admin_command(_revoke_arguments, _revoke)
