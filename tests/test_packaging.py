"""What is shipped beside the code agrees with the code."""

import fnmatch
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("name", ["index", "peer"])
def test_configuration_files(name: str) -> None:
    """The files in etc/napster hold every option with its default; `make reference` writes them."""
    options = import_module(f"napster.{name}.tap").Options
    assert (ROOT / "etc" / "napster" / f"{name}.toml").read_text() == options.reference()


def test_twisted_is_no_package_here() -> None:
    """Our plugin folder joins Twisted's; a package of ours would hide the real one."""
    assert not (ROOT / "twisted" / "__init__.py").exists()
    assert not (ROOT / "twisted" / "plugins" / "__init__.py").exists()


def test_data_files_are_packaged() -> None:
    """Every file under napster that is not Python is one that the wheel takes along."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    patterns = project["tool"]["setuptools"]["package-data"]["*"]
    others = [
        path.relative_to(ROOT)
        for path in (ROOT / "napster").rglob("*")
        if path.is_file() and path.suffix not in {".py", ".pyc"}
    ]
    assert others
    assert [
        path for path in others if not any(fnmatch.fnmatch(path.name, each) for each in patterns)
    ] == []


def test_every_folder_is_a_package() -> None:
    """A folder of code without __init__.py would be missed by tools and readers alike."""
    for path in (ROOT / "napster").rglob("*.py"):
        assert (path.parent / "__init__.py").exists(), path


@pytest.mark.parametrize("name", ["index", "peer"])
def test_log_file_of_units(name: str) -> None:
    """Logrotate turns the files that the units have the daemons write."""
    unit = (ROOT / "etc" / "systemd" / f"napster-{name}.service").read_text()
    rotation = (ROOT / "etc" / "logrotate.d" / "napster").read_text()
    assert f"LogsDirectory=napster/{name}\n" in unit
    assert f"/var/log/napster/{name}/*.log {{" in rotation
    assert f"su napster-{name} napster-{name}\n" in rotation
    assert f"User=napster-{name}\n" in unit
