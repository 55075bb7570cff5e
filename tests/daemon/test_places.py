"""Configuration, state and logs are where systemd, XDG or a checkout has them."""

from pathlib import Path

import pytest

from napster.daemon import places


def test_systemd_goes_first(tmp_path: Path) -> None:
    """The directories that systemd names are used, the first of several."""
    (tmp_path / "index.toml").touch()
    environ = {
        "CONFIGURATION_DIRECTORY": f"{tmp_path}:/etc/other",
        "STATE_DIRECTORY": "/var/lib/napster",
        "LOGS_DIRECTORY": "/var/log/napster/index",
        "XDG_STATE_HOME": "/elsewhere",
    }
    assert places.config_file("index", environ) == tmp_path / "index.toml"
    assert places.state_folder("index", environ) == Path("/var/lib/napster")
    assert places.log_file("index", environ) == Path("/var/log/napster/index/index.log")


def test_xdg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without systemd the XDG folders count; relative ones are ignored, as XDG wants."""
    monkeypatch.setenv("HOME", "/home/ann")
    assert places.state_folder("peer", {"XDG_STATE_HOME": "/s"}) == Path("/s/napster/peer")
    assert places.state_folder("peer", {"XDG_STATE_HOME": "s"}) == Path(
        "/home/ann/.local/state/napster/peer"
    )
    assert places.config_file("peer", {"XDG_CONFIG_HOME": str(tmp_path)}) is None
    assert places.log_file("peer", {}) is None


def test_closed_home(closed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another user's home has no configuration for us; systemd's folder is named when read."""
    monkeypatch.setenv("HOME", str(closed))
    assert places.config_file("peer", {}) is None
    assert places.config_file("peer", {"XDG_CONFIG_HOME": str(closed)}) is None
    environ = {"CONFIGURATION_DIRECTORY": str(closed)}
    assert places.config_file("peer", environ) == closed / "peer.toml"


def test_named_log() -> None:
    """NAPSTER_LOG names the log and goes before systemd's folder."""
    environ = {"NAPSTER_LOG": "/tmp/x.log", "LOGS_DIRECTORY": "/var/log/napster"}
    assert places.log_file("peer", environ) == Path("/tmp/x.log")


def test_background_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkout logs to etc/log, an installed daemon to /var/log/napster, else to its state."""
    checkout, system, state = tmp_path / "log", tmp_path / "system", tmp_path / "state"
    monkeypatch.setattr(places, "CHECKOUT_LOGS", checkout)
    monkeypatch.setattr(places, "SYSTEM_LOGS", system)
    assert places.background_log_file("peer", state) == state / "peer.log"
    system.mkdir()
    assert places.background_log_file("peer", state) == system / "peer.log"
    checkout.mkdir()
    (checkout / "README").touch()
    assert places.background_log_file("peer", state) == checkout / "peer.log"
