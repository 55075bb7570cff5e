"""Only a command's own escape sequences reach a terminal, and none reaches a pipe."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napster.cli.screen import Style
from tests.cli.screens import Seen

EVIL = "\x1b]52;c;evil\x07\x1b[2J\r\n\x9b\u202e"
OWN = re.compile(r"\r\x1b\[K|\x1b\[[0-9]m")


@given(st.text())
def test_no_foreign_escapes(text: str) -> None:
    """Whatever a name holds, a terminal gets our own sequences and visible characters."""
    seen = Seen(terminal=True)
    seen.screen.line(text, Style.BOLD)
    seen.screen.paint([text])
    seen.screen.error(text)
    written = OWN.sub("", seen.out + seen.err)
    assert all(char.isprintable() or char in "\n\u3000\xa0" or char.isspace() for char in written)
    assert "\x1b" not in written
    assert "\r" not in written


def test_line_is_one_line() -> None:
    """A name cannot add lines."""
    seen = Seen()
    seen.screen.line(EVIL)
    assert seen.out.count("\n") == 1
    assert "\x1b" not in seen.out


@pytest.mark.parametrize(
    ("terminal", "environ", "coloured"),
    [
        (True, {}, True),
        (True, {"NO_COLOR": "1"}, False),
        (True, {"NO_COLOR": ""}, True),
        (True, {"TERM": "dumb"}, False),
        (False, {}, False),
    ],
)
def test_colours(terminal: bool, environ: dict[str, str], coloured: bool) -> None:  # noqa: FBT001
    """Colours are for terminals, and for those who want them."""
    seen = Seen(terminal=terminal, **environ)
    seen.screen.line("title", Style.BOLD)
    assert ("\x1b[1m" in seen.out) is coloured


def test_errors_are_marked() -> None:
    """An error goes to standard error and says whose it is."""
    seen = Seen()
    seen.screen.error("No.")
    assert (seen.out, seen.err) == ("", "napster: No.\n")


def test_moving_line_gives_way() -> None:
    """A line takes the place of the moving one, which is written only when it changes."""
    seen = Seen(terminal=True)
    for text in ("10%", "10%", "20%"):
        seen.screen.paint([text])
    seen.screen.line("Saved.")
    assert seen.out == "\r\x1b[K10%\r\x1b[K20%\r\x1b[KSaved.\n"


def test_moving_line_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A moving line never wraps, or it could not be taken back."""
    monkeypatch.setenv("COLUMNS", "50")
    seen = Seen(terminal=True)
    seen.screen.paint(["x" * 200])
    assert len(seen.out.removeprefix("\r\x1b[K")) == 49


def test_width(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal has a width, a pipe none unless COLUMNS asks for one."""
    monkeypatch.setenv("COLUMNS", "123")
    assert Seen(terminal=True).screen.columns == 123
    assert Seen().screen.columns is None
    assert Seen(COLUMNS="123").screen.columns == 123


def test_json_is_ascii() -> None:
    """JSON survives any pipe and says nothing to a terminal."""
    seen = Seen(terminal=True)
    seen.screen.json({"name": EVIL + "é"})
    assert seen.out.isascii()
    assert "\x1b" not in seen.out
    assert json.loads(seen.out) == {"name": EVIL + "é"}
