"""Words that several commands of `napster admin` take or say: reasons, times, passwords."""

import getpass
import re
import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from datetime import UTC, datetime

from napster.cli.grid import NOTHING
from napster.cli.parser import word
from napster.peer.api import BadRequestError

_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 7 * 86_400}


def no_arguments(_parser: ArgumentParser) -> None:
    """Take nothing but what every command takes."""


def add_name(parser: ArgumentParser, metavar: str, about: str) -> None:
    """Take the one thing a command is about, as `name`."""
    parser.add_argument("name", type=word, metavar=metavar, help=about)


def add_reason(parser: ArgumentParser) -> None:
    """Take a reason."""
    parser.add_argument(
        "--reason", type=word, default="", metavar="TEXT", help="why; it is told and kept"
    )


def duration(text: str) -> int:
    """Read a length of time such as `30m` or `7d` as seconds, for the `type` of an argument."""
    found = re.fullmatch(r"([0-9]{1,6})([smhdw])", text)
    if not found or not int(found[1]):
        raise ArgumentTypeError(f"{text} is no length of time such as 30m, 12h, 7d or 4w")
    return int(found[1]) * _UNITS[found[2]]


def whole(lowest: int, highest: int) -> Callable[[str], int]:
    """Make the `type` of an argument that is a whole number in an inclusive range."""

    def read(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,18}", text) or not lowest <= int(text) <= highest:
            raise ArgumentTypeError(f"{text} is no whole number from {lowest} to {highest}")
        return int(text)

    return read


def moment(seconds: int | None) -> str:
    """Say when something was or will be, in this machine's time."""
    if seconds is None:
        return NOTHING
    return datetime.fromtimestamp(seconds, UTC).astimezone().strftime("%Y-%m-%d %H:%M")


def read_password(nick: str) -> str:
    """Ask for a new password twice at a terminal; else read one line of standard input.

    Raises BadRequestError.
    """
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    try:
        password = getpass.getpass(f"Password for {nick}: ")
        again = getpass.getpass("Once more: ")
    except EOFError as error:
        raise BadRequestError("No password was given; nothing was changed.") from error
    if again != password:
        raise BadRequestError("The two passwords differ; nothing was changed.")
    return password
