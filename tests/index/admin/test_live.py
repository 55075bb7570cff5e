"""Options of a running daemon: shown, changed, and kept over a reload."""

from pathlib import Path
from typing import Any

import pytest
import pytest_twisted

from napster.daemon.options import ConfigError
from napster.index.admin.live import LiveSettings
from napster.wire.messages.login import MotdLine, MotdRequest
from tests.index.client import RunningIndex, running_index


def live(index: RunningIndex) -> LiveSettings:
    return LiveSettings(index.options, index.daemon.reload)


@pytest_twisted.ensureDeferred
async def test_all(tmp_path: Path) -> None:
    """Every option is listed with its value and whether it can be changed."""
    async with running_index(tmp_path, max_shared=7) as index:
        found = {each.name: each for each in live(index).all()}
    assert found["max_shared"].value == "7"
    assert found["max_shared"].live
    assert found["unregistered"].value == "true"
    assert found["listen"].value == '["tcp:0:interface=127.0.0.1"]'
    assert not found["listen"].live
    assert found["http"].value == ""
    assert found["http"].help


@pytest_twisted.ensureDeferred
async def test_change(tmp_path: Path) -> None:
    """A change holds at once and stays when the file is read again."""
    async with running_index(tmp_path, motd="old") as index:
        anna = await index.client("anna")
        made = await live(index).change("motd", "new")
        assert made.value == "new"
        await index.reload(listen=["tcp:0:interface=127.0.0.1"], motd="newest", max_shared=3)
        anna.send(MotdRequest())
        assert (await anna.until(MotdLine))[0] == MotdLine(b"VERSION opennap 0.44 (napster)")
        await anna.get(MotdLine)
        assert await anna.get(MotdLine) == MotdLine(b"new")
        assert index.hub.settings.max_shared == 3
        await anna.close()


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("max_shared", "5", 5),
        ("unregistered", "no", False),
        ("address_map", '{"127.0.0.1" = "203.0.113.5"}', {"127.0.0.1": "203.0.113.5"}),
        ("log_level", "debug", "debug"),
        ("motd", "", ""),
    ],
)
@pytest_twisted.ensureDeferred
async def test_kinds(tmp_path: Path, name: str, text: str, value: Any) -> None:
    """Numbers, switches, tables and words are understood."""
    async with running_index(tmp_path) as index:
        await live(index).change(name, text)
        assert getattr(index.options.settings, name) == value
        assert getattr(index.hub.settings, name) == value


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("max_shared", "many", "max_shared: must be a whole number from 0 to 10000000, not 'many'"),
        ("max_share", "5", "max_share: is not an option; did you mean max_shared?"),
        ("", "x", "name an option; napster admin settings lists them"),
        ("listen", "tcp:1", "listen needs a restart: write it into the configuration file"),
        ("address_map", "{x", "{x is not TOML"),
        ("motd_file", "/nowhere", "motd_file: /nowhere cannot be read"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_faults(tmp_path: Path, name: str, text: str, sentence: str) -> None:
    """What cannot be is refused with a sentence, and everything stays as it was."""
    async with running_index(tmp_path) as index:
        before = index.options.settings
        with pytest.raises(ConfigError) as caught:
            await live(index).change(name, text)
        assert sentence in str(caught.value)
        assert not str(caught.value).startswith(("None", "--"))
        await index.daemon.reload()
        assert index.options.settings == before


@pytest.mark.parametrize("when", ["before", "after"])
@pytest_twisted.ensureDeferred
async def test_failed_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str) -> None:
    """A change that fails, in whatever way, leaves the old value for the next reload."""
    async with running_index(tmp_path, max_shared=7) as index:
        before = dict(index.options.overrides)

        def fail() -> None:
            raise RuntimeError("a defect")

        async def reload_nothing() -> None:
            pass

        if when == "before":
            monkeypatch.setattr(index.options, "reload", fail)
        with pytest.raises((RuntimeError, ConfigError), match=r"a defect|max_shared could not be"):
            await LiveSettings(index.options, reload_nothing).change("max_shared", "5")
        assert index.options.overrides == before
