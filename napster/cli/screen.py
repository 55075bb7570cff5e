"""What a command says: lines, a progress line that moves, JSON; all of it harmless to a terminal.

Nothing else in the command line writes to standard output or standard error.
"""

import json
import os
import shutil
from collections.abc import Mapping
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


class Screen:
    """A place to write for one command; `out` and `err` are its standard streams."""

    def __init__(self, out: TextIO, err: TextIO, environ: Mapping[str, str] = os.environ) -> None:
        self._out = out
        self._err = err
        terminal = out.isatty() and environ.get("TERM") != "dumb"
        self.moves = terminal
        """Whether a line can be written over."""
        self._colours = terminal and not environ.get("NO_COLOR")
        self._moving = ""
        self._fixed = environ.get("COLUMNS", "").isdigit()

    @property
    def columns(self) -> int | None:
        """The width to fit lines into; None if nobody looks at a terminal."""
        if self.moves or self._fixed:
            return shutil.get_terminal_size().columns
        return None

    def line(self, text: str = "", style: Style = Style.PLAIN) -> None:
        """Write a line."""
        self._take_back()
        shown = clean(text)
        if self._colours and style is not Style.PLAIN:
            shown = f"{style.value}{shown}{_RESET}"
        self._out.write(f"{shown}\n")
        self._out.flush()

    def error(self, text: str) -> None:
        """Write a sentence to standard error, where people look for what went wrong."""
        self._take_back()
        self._out.flush()
        self._err.write(f"napster: {clean(text)}\n")
        self._err.flush()

    def json(self, data: object) -> None:
        """Write a JSON document; whatever is not ASCII is escaped, so any pipe carries it."""
        self._out.write(json.dumps(data, indent=2) + "\n")
        self._out.flush()

    def move(self, text: str) -> None:
        """Write a line that the next one replaces; only where lines can move."""
        shown = crop(clean(text), (self.columns or 80) - 1)
        if shown != self._moving:
            self._out.write(f"{_CLEAR_LINE}{shown}")
            self._out.flush()
            self._moving = shown

    def _take_back(self) -> None:
        if self._moving:
            self._out.write(_CLEAR_LINE)
            self._moving = ""
