"""From the words of the command line to a command that runs, and from its errors to a sentence.

Twisted is imported only once a command needs it.
"""

import contextlib
import difflib
import os
import sys
import traceback
from collections.abc import Collection, Sequence
from importlib import import_module, metadata
from io import TextIOWrapper

from napster.cli.command import CommandGroup, LocalCommand, PeerCommand
from napster.cli.exits import BROKEN_PIPE, FAILED, exit_status
from napster.cli.main import COMMANDS, HELP, help_text
from napster.cli.parser import CommandParser
from napster.cli.screen import OutputError, Screen
from napster.daemon.errors import DaemonError
from napster.peer.api import ApiError, BadRequestError

DEBUG = "NAPSTER_DEBUG"
"""The environment variable that has a defect of the program shown in full."""


def dispatch(name: str, words: Sequence[str]) -> int:
    """Run a command; returns the exit status. Every error becomes a sentence."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    screen = Screen(sys.stdout, sys.stderr)
    try:
        return _run(name, words, screen)
    except ApiError as error:
        screen.error(str(error))
        return exit_status(error)
    except DaemonError as error:
        screen.error(f"{error}.")
        return FAILED
    except BrokenPipeError:
        _silence()
        return BROKEN_PIPE
    except OutputError as error:
        _silence()
        screen.error(str(error))
        return FAILED
    except Exception as error:  # noqa: BLE001  # no traceback reaches a user
        return _tell_defect(error, screen)


def _run(name: str, words: Sequence[str], screen: Screen) -> int:
    if name in {"-V", "--version"}:
        screen.line(f"napster {metadata.version('napster')}")
        return 0
    if name in HELP:
        for line in help_text().splitlines():
            screen.line(line)
        return 0
    _require(name, COMMANDS, "napster")
    command: CommandGroup | LocalCommand | PeerCommand = import_module(
        f"napster.cli.commands.{name}"
    ).COMMAND
    if isinstance(command, CommandGroup):
        return _run_member(name, command, words, screen)
    return _run_command(f"napster {name}", COMMANDS[name], command, words, screen)


def _run_member(name: str, group: CommandGroup, words: Sequence[str], screen: Screen) -> int:
    """Run one command of a group, or tell which there are."""
    if group.alone is not None and (not words or words[0].startswith("-")):
        return _run_command(f"napster {name}", COMMANDS[name], group.alone, words, screen)
    if not words or words[0] in HELP:
        _help_of_group(name, group, screen)
        return 0
    _require(words[0], group.commands, f"napster {name}")
    about, command = group.commands[words[0]]
    return _run_command(f"napster {name} {words[0]}", about, command, words[1:], screen)


def _run_command(
    prog: str,
    about: str,
    command: LocalCommand | PeerCommand,
    words: Sequence[str],
    screen: Screen,
) -> int:
    parser = CommandParser(prog, f"{about}.".capitalize(), screen.line)
    command.arguments(parser)
    options = parser.parse(words)
    if isinstance(command, LocalCommand):
        return command.run(options, screen)
    from napster.cli.runner import run  # noqa: PLC0415  # imports Twisted

    return run(command, options, screen)


def _help_of_group(name: str, group: CommandGroup, screen: Screen) -> None:
    width = max(map(len, group.commands))
    for line in (
        *(f"usage: napster {name} COMMAND ...", "", f"{COMMANDS[name].capitalize()}.", ""),
        *(f"  {member:<{width}}  {about}" for member, (about, _) in group.commands.items()),
        *(
            "",
            f"napster {name} COMMAND --help tells more. Behind COMMAND go --state DIR and --json.",
        ),
    ):
        screen.line(line)


def _require(name: str, commands: Collection[str], prog: str) -> None:
    """Raise BadRequestError, with the nearest one, if there is no such command."""
    if name not in commands:
        close = difflib.get_close_matches(name, commands, n=1)
        hint = f"did you mean {close[0]}?" if close else f"see {prog} --help."
        raise BadRequestError(f"There is no command {name!r}; {hint}")


def _silence() -> None:
    """Let nobody hear Python's complaint, at its exit, that what is left cannot be written."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _tell_defect(error: Exception, screen: Screen) -> int:
    if os.environ.get(DEBUG):
        traceback.print_exception(error)
    hint = f"run it again with {DEBUG}=1 for a report to send"
    screen.error(f"A defect of this program: {type(error).__name__}: {error}; {hint}.")
    return FAILED
