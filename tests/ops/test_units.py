"""systemd takes the units as they are, finds them safe, and can make their users."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

SYSTEMD = Path(__file__).parents[2] / "etc" / "systemd"
UNITS = sorted([*SYSTEMD.glob("*.service"), *SYSTEMD.glob("*.socket")])
USER_UNITS = sorted((SYSTEMD / "user").glob("*.service"))


def analyze(*words: str | Path, **extra: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", *map(str, words)],
        env={**os.environ, **extra},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """Copy the units, with a program that exists here."""
    program = Path(sys.executable).parent / "twistd"
    for unit in [*UNITS, *USER_UNITS]:
        text = unit.read_text()
        copy = tmp_path / unit.relative_to(SYSTEMD)
        copy.parent.mkdir(exist_ok=True)
        copy.write_text(text.replace("/opt/napster/bin/twistd", str(program)))
    return tmp_path


def test_units_are_right(installed: Path) -> None:
    """No unit has a key or value that systemd does not know, and none names one that is missing."""
    units = [installed / unit.name for unit in UNITS]
    done = analyze("verify", *units, SYSTEMD_UNIT_PATH=f"{installed}:")
    assert (done.returncode, done.stderr) == (0, "")


def test_user_unit_is_right(installed: Path) -> None:
    """So does the user unit."""
    (unit,) = (installed / "user").iterdir()
    done = analyze("verify", "--user", unit, XDG_RUNTIME_DIR=str(installed))
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", ["napster-index", "napster-peer"])
def test_exposure(name: str) -> None:
    """A system unit is exposed at 1.5 or less."""
    done = analyze("security", "--offline=true", SYSTEMD / f"{name}.service")
    (level,) = re.findall(r"Overall exposure level for \S+: ([0-9.]+)", done.stdout)
    assert float(level) <= 1.5


def test_tls_may_make_callbacks() -> None:
    """No unit forbids what OpenSSL's callbacks need: memory that is written, then executed."""
    for unit in [*UNITS, *USER_UNITS]:
        assert "MemoryDenyWriteExecute" not in unit.read_text()


def test_user_unit_sees_home() -> None:
    """Nothing hides its owner's music from the user unit."""
    (unit,) = USER_UNITS
    assert "ProtectHome" not in unit.read_text()
    assert "ProtectSystem" not in unit.read_text()


def test_users() -> None:
    """Each daemon gets a user of its own."""
    done = subprocess.run(
        ["systemd-sysusers", "--dry-run", SYSTEMD.parent / "sysusers.d" / "napster.conf"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0
    for name in ("napster-index", "napster-peer"):
        assert f"'{name}'" in done.stdout + done.stderr
