"""The documentation names what there is, and nothing else."""

import re
from pathlib import Path

import napster
from napster.cli.main import COMMANDS
from napster.peer.api import ApiError, DownloadState
from napster.peer.control.problems import from_api_error
from napster.peer.control.routes import PREFIX, ROUTES

DOCS = Path(napster.__file__).parents[1] / "docs"


def test_every_call_is_described() -> None:
    """Each call of the control API has a heading with its method and path."""
    text = (DOCS / "control-api.md").read_text(encoding="utf-8")
    described = set(re.findall(r"^### `(GET|POST) (/api/[a-z/]+)", text, re.MULTILINE))
    assert described == {(method, PREFIX + path) for path in ROUTES for method in ROUTES[path]}


def test_every_state_and_error_is_described() -> None:
    """Whoever writes a program against it finds each state and each kind of error."""
    text = (DOCS / "control-api.md").read_text(encoding="utf-8")
    kinds = [ApiError, *ApiError.__subclasses__()]
    problems = [from_api_error(kind("x")) for kind in kinds]
    assert all(f"| {each.status} | `{each.kind}` |" in text for each in problems)
    assert all(f"`{state.value}`" in text for state in DownloadState)


def test_every_command_is_described() -> None:
    """Each command of the command line has its row."""
    text = (DOCS / "command-line.md").read_text(encoding="utf-8")
    assert all(re.search(rf"^\| .*`{name}[` ]", text, re.MULTILINE) for name in COMMANDS)
