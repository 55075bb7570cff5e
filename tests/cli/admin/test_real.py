"""`napster admin` as it is typed, against a real daemon."""

import json
import os
import sqlite3
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import pytest_twisted
from twisted.internet import reactor
from twisted.internet.utils import getProcessOutputAndValue
from twisted.python.procutils import which

from napster.cli.admin.connect import open_index
from napster.index.kept import Ban
from napster.peer.api import UnreachableError
from tests.index.client import RunningIndex, running_index

ROOT = Path(__file__).parents[3]


POWERLESS = ("setpriv", "--bounding-set=-all", "--inh-caps=-all")
"""Takes from root what lets it open everything; others lose nothing."""


async def napster(
    folder: Path, *words: str, through: Sequence[str] = ("env",)
) -> tuple[int, str, str]:
    """Run a command, `through` a program that starts others; returns its status and output."""
    given = [*words, "--state", str(folder / "state")]
    program, *options = through
    out, err, status = await getProcessOutputAndValue(
        which(program)[0],
        [*options, sys.executable, "-m", "napster.cli.main", "admin", *given],
        env={**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(folder)},
        path=str(folder),
    ).addTimeout(60, reactor)
    return status, out.decode(), err.decode()


@pytest_twisted.ensureDeferred
async def test_settings(tmp_path: Path) -> None:
    """An option is shown, changed, and shown again."""
    async with running_index(tmp_path) as index:
        status, out, _ = await napster(tmp_path, "settings", "max_shared", "listen")
        assert status == 0
        assert [line.split()[:3] for line in out.splitlines()[1:]] == [
            ["listen", '["tcp:0:interface=127.0.0.1"]', "restart"],
            ["max_shared", "200000", "live"],
        ]
        status, out, _ = await napster(tmp_path, "set", "max_shared", "5")
        assert (status, out.split()[:3]) == (0, ["max_shared", "is", "5"])
        assert index.hub.settings.max_shared == 5
        status, out, _ = await napster(tmp_path, "set", "motd", "")
        assert (status, out[:27]) == (0, "motd is empty until the dae")
        status, _, err = await napster(tmp_path, "set", "max_shared", "-5")
        assert (status, "must be a whole number" in err) == (1, True)
        status, _, err = await napster(tmp_path, "set", "max-shared", "5")
        assert (status, err.endswith("; did you mean max_shared?\n")) == (1, True)
        assert (await napster(tmp_path, "settings", "nothing"))[0] == 3


@pytest_twisted.ensureDeferred
async def test_backup(tmp_path: Path) -> None:
    """The state is saved into a file of the person's choice, never over another."""
    async with running_index(tmp_path) as index:
        await index.hub.accounts.register("anna", b"pw", "mail")
        status, out, _ = await napster(tmp_path, "backup", "saved.db", "--json")
        assert (status, json.loads(out)["file"]) == (0, str(tmp_path / "saved.db"))
        with closing(sqlite3.connect(tmp_path / "saved.db")) as connection:
            assert connection.execute("SELECT nick FROM account").fetchall() == [("anna",)]
        status, _, err = await napster(tmp_path, "backup", "saved.db")
        assert (status, "is there already" in err) == (1, True)
        assert not (tmp_path / "state" / "backup.db").exists()


@pytest_twisted.ensureDeferred
async def test_no_daemon(tmp_path: Path) -> None:
    """Without a daemon, or with one of somebody else's, the command says what to do."""
    status, _, err = await napster(tmp_path, "bans")
    assert status == 4
    assert err.startswith(
        f"napster: No index daemon runs with its state in {tmp_path}/state: start"
    )
    async with running_index(tmp_path):
        pass
    assert (await napster(tmp_path, "bans"))[0] == 4
    (tmp_path / "file" / "state").parent.mkdir()
    (tmp_path / "file" / "state").touch()
    status, _, err = await napster(tmp_path / "file", "bans")
    assert status == 4
    assert err == (
        f"napster: {tmp_path}/file/state is no folder: name the one in which an index keeps its"
        " state.\n"
    )


@pytest_twisted.ensureDeferred
async def test_permission(tmp_path: Path) -> None:
    """A daemon whose socket this user may not open is named with its owner."""
    async with running_index(tmp_path):
        (tmp_path / "state" / "admin").chmod(0)
        through = POWERLESS if os.geteuid() == 0 else ("env",)
        status, _, err = await napster(tmp_path, "bans", through=through)
        assert status == 4
        assert "sudo -u" in err


async def ask_from(home: Path, machine: Path, *words: str) -> tuple[int, str, str]:
    """Ask as somebody without root's rights whose home is there, on a machine like this one."""
    program = (
        "import pathlib, sys; from napster.cli.admin import connect; from napster.cli import main;"
        "connect.SYSTEM_STATE = pathlib.Path(sys.argv.pop(1)); sys.exit(main.main())"
    )
    through = POWERLESS if os.geteuid() == 0 else ("env",)
    out, err, status = await getProcessOutputAndValue(
        which(through[0])[0],
        [*through[1:], sys.executable, "-c", program, str(machine), "admin", *words],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": str(home)},
        path=str(ROOT),
    ).addTimeout(60, reactor)
    return status, out.decode(), err.decode()


@pytest_twisted.ensureDeferred
async def test_closed_home(tmp_path: Path) -> None:
    """A home that may not be entered does not hide the machine's index; without one, it is told."""
    home = tmp_path / "home"
    home.mkdir(mode=0)
    async with running_index(tmp_path):
        status, out, _ = await ask_from(home, tmp_path / "state", "bans")
        assert (status, out) == (0, "Nobody is banned.\n")
    for words in ((), ("--state", f"{home}/.local/state/napster/index")):
        status, _, err = await ask_from(home, tmp_path / "state", "bans", *words)
        assert (status, err) == (
            4,
            f"napster: This user may not look into {home}/.local/state/napster/index: ask as the"
            " user as whom the index runs, or name another folder by --state DIR.\n",
        )


@pytest.mark.parametrize("name", ["napster-index", None])
def test_owner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str | None) -> None:
    """Whoever may ask is named so that it can be typed, also without a name."""

    def look_up(_user: int) -> Any:
        if name is None:
            raise KeyError
        return SimpleNamespace(pw_name=name)

    def refuse(_folder: Path) -> None:
        raise PermissionError

    monkeypatch.setattr("napster.cli.admin.connect.pwd.getpwuid", look_up)
    monkeypatch.setattr("napster.cli.admin.connect.AdminClient", refuse)
    owner = name or f"'#{os.geteuid()}'"
    with (
        pytest.raises(UnreachableError, match=f"sudo -u {owner} napster admin"),
        open_index(str(tmp_path)),
    ):
        pass


@pytest_twisted.ensureDeferred
async def test_stranger(tmp_path: Path) -> None:
    """A daemon that answers something else is told to be of another version."""
    async with running_index(tmp_path) as index:
        _spoil(index)
        status, _, err = await napster(tmp_path, "bans")
        assert status == 4
        assert "of another version" in err


def _spoil(index: RunningIndex) -> None:
    setter: Any = 5
    bans: Any = [Ban("anna!*", setter, "", 0)]
    index.hub.records.bans = bans
