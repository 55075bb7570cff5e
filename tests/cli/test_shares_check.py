"""`napster shares check` as a person sees it."""

import json
from pathlib import Path

import pytest

from napster.cli.main import main


@pytest.fixture(autouse=True)
def _no_configuration(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "none"))


def test_a_clean_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What would be shared is told, and that nothing is wrong with it."""
    folder = tmp_path / "Music"
    folder.mkdir()
    (folder / "song.mp3").write_bytes(bytes(2048))
    assert main(["shares", "check", str(folder)]) == 0
    said = capsys.readouterr().out
    assert "1 file in 1 folder would be shared, 2.00 KiB in all." in said
    assert "Nothing needs your attention." in said


def test_a_secret(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is named, with the reason, and the exit status asks for attention."""
    for number in range(5):
        (tmp_path / f"id_rsa{number}").touch()
    assert main(["shares", "check", str(tmp_path)]) == 1
    said = capsys.readouterr().out
    assert "5 not shared: looks like a secret" in said
    assert "and 2 more" in said
    assert main(["shares", "check", "--all", str(tmp_path)]) == 1
    assert "id_rsa4" in capsys.readouterr().out
    assert main(["shares", "check", str(tmp_path), "--allow", "id_rsa*"]) == 0


def test_json_and_the_configured_folders(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a name, the folders of the configuration are looked through."""
    (tmp_path / "x.key").touch()
    config = tmp_path / "peer.toml"
    config.write_text(f'share = ["Name={tmp_path}"]\n')
    assert main(["shares", "check", "--config", str(config), "--json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert answer["refused"][0]["paths"] == ["Name\\x.key"]
    assert (answer["files"], answer["clean"]) == (1, False)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "No folder is named"),
        (["/"], "has no name of its own"),
        (["--config", "/nowhere.toml"], "cannot be read"),
    ],
)
def test_mistakes(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each gets a sentence."""
    assert main(["shares", "check", *words]) != 0
    assert said in capsys.readouterr().err
