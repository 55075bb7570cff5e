"""What a command says: lines, progress that moves, JSON; all of it harmless to a terminal.

Nothing else in the command line writes to standard output or standard error.
"""

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from enum import Enum
from typing import TextIO

from napster.cli.text import clean, crop

_CLEAR_LINE = "\r\x1b[K"


class Style(Enum):
    """How a line stands out on a terminal in colour."""

    PLAIN = ""
    BOLD = "\x1b[1m"
    DIM = "\x1b[2m"


_RESET = "\x1b[0m"


class OutputError(Exception):
    """Standard output cannot be written to; the text is one sentence. A broken pipe is not this."""


class Screen:
    """A place to write for one command; `out` and `err` are its standard streams."""

    def __init__(self, out: TextIO, err: TextIO, environ: Mapping[str, str] = os.environ) -> None:
        self._out = out
        self._err = err
        terminal = out.isatty() and environ.get("TERM") != "dumb"
        self.moves = terminal
        """Whether a line can be written over."""
        self._colours = terminal and not environ.get("NO_COLOR")
        self._painted: list[str] = []
        self._fixed = environ.get("COLUMNS", "").isdigit()

    @property
    def columns(self) -> int | None:
        """The width to fit lines into; None if nobody looks at a terminal."""
        if self.moves or self._fixed:
            return shutil.get_terminal_size().columns
        return None

    @property
    def height(self) -> int:
        """How many lines a terminal shows."""
        return shutil.get_terminal_size().lines

    def line(self, text: str = "", style: Style = Style.PLAIN) -> None:
        """Write a line."""
        shown = clean(text)
        if self._colours and style is not Style.PLAIN:
            shown = f"{style.value}{shown}{_RESET}"
        self._say(f"{self._take_back()}{shown}\n")

    def error(self, text: str) -> None:
        """Write a sentence to standard error, where people look for what went wrong."""
        if clear := self._take_back():
            with suppress(OutputError, BrokenPipeError):  # what went wrong is told in any case
                self._say(clear)
        self._err.write(f"napster: {clean(text)}\n")
        self._err.flush()

    def json(self, data: object) -> None:
        """Write a JSON document; whatever is not ASCII is escaped, so any pipe carries it."""
        self._say(json.dumps(data, indent=2) + "\n")

    def paint(self, lines: Sequence[str]) -> None:
        """Write lines that the next ones replace, whatever those are; only where lines can move."""
        room = (self.columns or 80) - 1
        shown = [crop(clean(line), room) for line in lines]
        if shown != self._painted:
            self._say(self._clear() + "\n".join(shown))
            self._painted = shown

    def _say(self, text: str) -> None:
        try:
            self._out.write(text)
            self._out.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            why = f"Standard output cannot be written to: {error.strerror}."
            raise OutputError(why) from error

    def _take_back(self) -> str:
        """Forget what was painted; returns what deletes it."""
        clear = self._clear() if self._painted else ""
        self._painted = []
        return clear

    def _clear(self) -> str:
        """Make the sequence that deletes what was painted."""
        if len(self._painted) < 2:
            return _CLEAR_LINE
        return f"\r\x1b[{len(self._painted) - 1}A\x1b[J"
