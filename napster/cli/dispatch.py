"""From the words of the command line to a command that runs, and from its errors to a sentence.

Twisted is imported only once a command is about to ask a peer.
"""

import contextlib
import difflib
import os
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module, metadata
from io import TextIOWrapper

from napster.cli.command import LocalCommand, PeerCommand
from napster.cli.exits import BROKEN_PIPE, FAILED, exit_status
from napster.cli.main import COMMANDS
from napster.cli.parser import CommandParser
from napster.cli.screen import Screen
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
    except Exception as error:  # noqa: BLE001  # no traceback reaches a user
        return _tell_defect(error, screen)


def _run(name: str, words: Sequence[str], screen: Screen) -> int:
    if name in {"-V", "--version"}:
        screen.line(f"napster {metadata.version('napster')}")
        return 0
    command = _find(name)
    parser = CommandParser(prog=f"napster {name}", description=f"{COMMANDS[name]}.".capitalize())
    command.arguments(parser)
    options = parser.parse(words)
    if isinstance(command, LocalCommand):
        return command.run(options, screen)
    from napster.cli.runner import run  # noqa: PLC0415  # imports Twisted

    return run(command, options, screen)


def _find(name: str) -> LocalCommand | PeerCommand:
    if name not in COMMANDS:
        close = difflib.get_close_matches(name, COMMANDS, n=1)
        hint = f"did you mean {close[0]}?" if close else "see napster --help."
        raise BadRequestError(f"There is no command {name!r}; {hint}")
    found: LocalCommand | PeerCommand = import_module(f"napster.cli.commands.{name}").COMMAND
    return found


def _silence() -> None:
    """Let nobody hear Python's complaint, at its exit, that nobody reads any more."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _tell_defect(error: Exception, screen: Screen) -> int:
    if os.environ.get(DEBUG):
        traceback.print_exception(error)
    hint = f"run it again with {DEBUG}=1 for a report to send"
    screen.error(f"A defect of this program: {type(error).__name__}: {error}; {hint}.")
    return FAILED
