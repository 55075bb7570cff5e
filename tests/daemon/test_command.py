"""Flags come from the table; what is wrong is said before anything is touched."""

from pathlib import Path

import attrs
import pytest
from twisted.python import usage

from napster.daemon import checks
from napster.daemon.command import DaemonOptions
from napster.daemon.kinds import folder_or_file, listing, text
from napster.daemon.options import ConfigError, option
from napster.daemon.settings import DaemonSettings
from napster.daemon.state import StateFolder


@attrs.frozen
class Settings(DaemonSettings):
    share: tuple[Path, ...] = option(listing(folder_or_file()), (), "Folders", flag="share")
    nick: str = option(text(), "me", "Name", flag="nick", metavar="NAME", reload=True)
    quiet_word: str = option(text(), "a", "Two words", flag="quiet-word")


class Options(DaemonOptions):
    name = "test"
    settings_class = Settings

    def checks(self, settings: Settings):
        for each in settings.share:
            yield from checks.folder("share", each)


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the test an environment of its own."""
    for name in ("CONFIGURATION_DIRECTORY", "STATE_DIRECTORY", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))


def parse(*words: str) -> Options:
    options = Options()
    options.parseOptions(list(words))
    return options


def test_flags(tmp_path: Path) -> None:
    """A repeated flag makes a list, and dashes stand for underscores."""
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    found = parse("--share", str(one), f"--share={two}", "--nick", "x", "--quiet-word", "y")
    assert found.settings == Settings(share=(one, two), nick="x", quiet_word="y")


def test_defaults(tmp_path: Path) -> None:
    """Without words there are defaults, no file, and the state folder of the user."""
    found = parse()
    assert found.settings == Settings()
    assert found.config_file is None
    assert found.state.path == tmp_path / ".local/state/napster/test"
    assert not found.state.path.exists()


def test_help_names_each_flag() -> None:
    """The help shows each flag with what it takes and means."""
    shown = Options().getUsage(width=200)
    assert "--nick=" in shown
    assert "(NAME) Name" in shown
    assert "--config=" in shown


def test_default_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The user's own file is read unasked, and a file that is named goes before it."""
    folder = tmp_path / ".config/napster"
    folder.mkdir(parents=True)
    (folder / "test.toml").write_text('nick = "user"')
    assert parse().settings.nick == "user"
    other = tmp_path / "other.toml"
    other.write_text('nick = "other"')
    assert parse("--config", str(other)).settings.nick == "other"


def test_reload(tmp_path: Path) -> None:
    """A reload reads the file again and keeps the command line."""
    file = tmp_path / "test.toml"
    file.write_text('nick = "one"')
    options = parse("--config", str(file), "--quiet-word", "kept")
    file.write_text('nick = "two"\nquiet_word = "lost"')
    assert options.reload() == Settings(nick="two", quiet_word="kept")
    assert options.settings.nick == "one"
    file.write_text("nick = 1")
    with pytest.raises(ConfigError):
        options.reload()


def test_problem_names_its_origin(tmp_path: Path) -> None:
    """A value that is wrong in this place is told by flag, or by file and key."""
    with pytest.raises(usage.UsageError, match=r"^--share: /absent does not exist"):
        parse("--share", "/absent")
    file = tmp_path / "test.toml"
    file.write_text('share = ["/absent"]')
    with pytest.raises(usage.UsageError, match=rf"^{file}: share: /absent does not exist"):
        parse("--config", str(file))


def test_problem_of_a_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """A default that does not suit this machine is told by its key."""
    problem = checks.Problem("nick", "is in use")
    monkeypatch.setattr(Options, "checks", lambda self, settings: [problem])
    with pytest.raises(usage.UsageError, match=r"^nick: is in use"):
        parse()


def test_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--check` says that all is right, also while the daemon is running."""
    state = StateFolder(tmp_path / "state")
    state.create()
    state.lock()
    with pytest.raises(SystemExit) as ended:
        parse("--check", "--state", str(state.path))
    assert ended.value.code == 0
    assert capsys.readouterr().out == "configuration is right\n"
    state.unlock()


def test_print_config(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What `--print-config` prints is a configuration file that changes nothing."""
    with pytest.raises(SystemExit):
        parse("--print-config")
    file = tmp_path / "test.toml"
    file.write_text(capsys.readouterr().out)
    assert parse("--config", str(file)).settings == Settings()


def test_state_in_use(tmp_path: Path) -> None:
    """A state folder in use is refused before anything else happens."""
    state = StateFolder(tmp_path / "state")
    state.create()
    state.lock()
    with pytest.raises(usage.UsageError, match="is in use by process"):
        parse("--state", str(state.path))
    state.unlock()


@pytest.mark.parametrize("words", [["--unknown"], ["surplus"], ["--nick"], ["--nick", ""]])
def test_wrong_words(words: list[str]) -> None:
    """What is not an option is refused."""
    with pytest.raises(usage.UsageError):
        parse(*words)
