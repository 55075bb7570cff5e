"""The file, the command line and the reference all follow one table."""

import tomllib
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napster.daemon import kinds
from napster.daemon.options import ConfigError, changed, load, option, reference, table


@attrs.frozen
class Settings:
    listen: tuple[str, ...] = option(
        kinds.listing(kinds.endpoint()), ("tcp:8888",), "Where to listen", flag="listen"
    )
    motd: str = option(kinds.text(), 'say "hi" \\ bye', "What to say", reload=True)
    limit: int = option(kinds.whole(0, 10), 3, "How many")
    open: bool = option(kinds.switch(), default=True, help="Whether")
    index: tuple[str, int] | None = option(kinds.address(), None, "Which index", flag="index")
    folder: Path = option(kinds.folder_or_file(), Path("/srv/ä"), "Which folder")
    map: dict[str, Any] = option(kinds.mapping(kinds.text()), {"a b": "c"}, "What is what")


def write(tmp_path: Path, text: str | bytes) -> Path:
    file = tmp_path / "test.toml"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return file


def test_precedence(tmp_path: Path) -> None:
    """The command line goes over the file, the file over the default."""
    file = write(tmp_path, 'limit = 4\nmotd = "file"\n')
    found = load(Settings, file, {"limit": 5})
    assert (found.limit, found.motd, found.open) == (5, "file", True)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("limt = 1", "limt: is not an option; did you mean limit?"),
        ("zzzzzz = 1", "zzzzzz: is not an option; the options are listen, motd,"),
        ("limit = 11", "limit: must be a whole number from 0 to 10, not 11"),
        ('listen = ["tcp:1", "tcp:x"]', "not 'tcp:x'"),
        ("limit = ", "is not TOML"),
        (b"motd = '\xff'", "is not TOML"),
        ("[limit]\nx = 1", "limit: must be a whole number from 0 to 10"),
    ],
)
def test_wrong_file(tmp_path: Path, text: str | bytes, wanted: str) -> None:
    """A wrong file is named in one line, with the key and what would be right."""
    file = write(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        load(Settings, file, {})
    assert str(caught.value).startswith(f"{file}: ")
    assert wanted in str(caught.value)
    assert "\n" not in str(caught.value)


def test_unreadable_file(tmp_path: Path) -> None:
    """A folder in the file's place is named."""
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        load(Settings, tmp_path, {})


def test_wrong_word() -> None:
    """A wrong word of the command line is told by its flag, if it has one."""
    with pytest.raises(ConfigError, match=r"^--index: must be HOST:PORT"):
        load(Settings, None, {"index": "nowhere"})
    with pytest.raises(ConfigError, match=r"^limit: must be"):
        load(Settings, None, {"limit": "many"})


@given(text=st.text())
def test_any_file(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """Any text is a configuration or one sentence."""
    file = write(tmp_path_factory.getbasetemp(), text.encode("utf-8", "surrogatepass"))
    said = f"{file}: "
    try:
        load(Settings, file, {})
    except ConfigError as error:
        said = str(error)
    assert said.startswith(f"{file}: ")
    assert "\n" not in said


def test_reference_is_the_default(tmp_path: Path) -> None:
    """The reference file says every default, and reading it changes nothing."""
    text = reference(Settings, "About\n\nthis.")
    assert text.startswith("# About\n#\n# this.\n")
    assert load(Settings, write(tmp_path, text), {}) == Settings()
    assert set(tomllib.loads(text)) == set(table(Settings)) - {"index"}
    assert "# index =" in text
    assert "# Which index (restart; --index)" in text
    assert "# What to say (reload)" in text


def test_changed() -> None:
    """What SIGHUP can apply is told apart from what it cannot."""
    old, new = Settings(), Settings(motd="other", limit=1)
    assert changed(old, new) == (["motd"], ["limit"])
    assert changed(old, old) == ([], [])
