"""The index daemon's options."""

from pathlib import Path
from typing import Any

import pytest
from twisted.python import usage

from napster.daemon.options import ConfigError, load, table
from napster.index.config import Settings
from napster.index.tap import Options


def options(tmp_path: Path, *words: str, config: str = "") -> Options:
    """Parse a command line with a configuration file."""
    file = tmp_path / "index.toml"
    file.write_text(config, encoding="utf-8")
    made = Options()
    made.parseOptions(["--config", str(file), "--state", str(tmp_path / "state"), *words])
    return made


def test_defaults(tmp_path: Path) -> None:
    """Without a word the index listens where old programs look for it."""
    settings = options(tmp_path).settings
    assert settings == Settings()
    assert settings.listen == ("tcp6:8888",)
    assert settings.http is None


def test_reference_is_the_defaults(tmp_path: Path) -> None:
    """The file that holds every option with its default changes nothing."""
    assert options(tmp_path, config=Options.reference()).settings == Settings()


def test_command_line_goes_over_the_file(tmp_path: Path) -> None:
    """Endpoints of the command line replace those of the file."""
    words = ["--listen", "tcp:1", "--listen", "haproxy:tcp:2", "--http", "tcp:3"]
    settings = options(tmp_path, *words, config='listen = ["tcp:9"]').settings
    assert settings.listen == ("tcp:1", "haproxy:tcp:2")
    assert settings.http == "tcp:3"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("server_name", ""),
        ("server_name", "two words"),
        ("server_name", 7),
        ("address_map", {"x": "1.1.1.1"}),
        ("address_map", {"10.0.0.0/8": "::1"}),
        ("address_map", {"10.0.0.0/8": 5}),
        ("address_map", "10.0.0.1"),
        ("max_shared", -1),
        ("listen", "tcp:8888"),
        ("max_user", 5),
    ],
)
def test_wrong_values(key: str, value: Any) -> None:
    """A value that cannot be used is named with its option."""
    with pytest.raises(ConfigError, match=key):
        load(Settings, None, {key: value})


@pytest.mark.parametrize("relay", ["tcp:800", "tcp6:1023", "haproxy:tcp:800"])
def test_port_of_the_relay(relay: str) -> None:
    """A port that no peer goes to is refused; any free one, or one that systemd holds, is not."""
    with pytest.raises(ConfigError, match=r"^--relay: must have a port of at least 1024: peers"):
        load(Settings, None, {"relay": relay})
    for right in ("tcp:1024", "tcp:0", "systemd:domain=INET:name=napster-relay"):
        assert load(Settings, None, {"relay": right}).relay == right


def test_motd_file_is_checked(tmp_path: Path) -> None:
    """A message of the day that cannot be read stops the start with one line."""
    missing = tmp_path / "missing"
    with pytest.raises(usage.UsageError, match=r"motd_file: .*missing cannot be read"):
        options(tmp_path, config=f'motd_file = "{missing}"')


def test_every_option_says_what_it_is() -> None:
    """Every option has a line of help that is a line."""
    for name, (info, _) in table(Settings).items():
        assert info.help, name
        assert "\n" not in info.help
