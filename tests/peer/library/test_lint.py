"""What would be shared is told before it is."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napster.peer.library.homes import Homes
from napster.peer.library.lint import Linter, Verdict
from napster.peer.library.roots import ShareRoot
from napster.peer.library.rules import HIDDEN, LINK, OTHERS_HOME, SUSPICIOUS, Rules
from tests.peer.library.test_homes import entry

NOBODY = Homes(4711, list)


def check(folder: Path, *allow: str, homes: Homes = NOBODY) -> Verdict:
    """Look through a folder shared as Music."""
    return Linter(allow, homes).check([ShareRoot(b"Music", folder)], lambda _: None)


def reasons(verdict: Verdict) -> dict[str, Sequence[str]]:
    """Return what was refused, by reason."""
    return {finding.reason: finding.paths for finding in verdict.refused}


def fill(folder: Path, **sizes: int) -> None:
    """Make files of such sizes."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, size in sizes.items():
        (folder / name.replace("_DOT_", ".")).write_bytes(bytes(size))


def test_ordinary_folders(tmp_path: Path) -> None:
    """What there is most of comes first; nothing needs attention."""
    fill(tmp_path / "Album", a_DOT_mp3=10, b_DOT_MP3=20, cover_DOT_jpg=5)
    fill(tmp_path, notes=1)
    verdict = check(tmp_path)
    assert (verdict.files, verdict.size, verdict.folders) == (4, 36, 2)
    assert [(each.ending, each.files, each.size) for each in verdict.types] == [
        (".mp3", 2, 30), (".jpg", 1, 5), ("", 1, 1),
    ]  # fmt: skip
    assert verdict.largest[0] == ("Music\\Album\\b.MP3", 20)
    assert verdict.is_clean


def test_secrets_links_and_hidden_files(tmp_path: Path) -> None:
    """Each is told with its reason; only what may be secret needs attention."""
    fill(tmp_path, song_DOT_mp3=1, _DOT_bashrc=1)
    (tmp_path / "out").symlink_to("/etc")
    verdict = check(tmp_path)
    assert reasons(verdict) == {HIDDEN: ["Music\\.bashrc"], LINK: ["Music\\out"]}
    assert verdict.is_clean
    fill(tmp_path / "backup", id_rsa=1, key4_DOT_db=1)
    verdict = check(tmp_path)
    assert reasons(verdict)[SUSPICIOUS] == ["Music\\backup\\id_rsa", "Music\\backup\\key4.db"]
    assert verdict.refused[0].reason == SUSPICIOUS
    assert not verdict.is_clean
    assert check(tmp_path, "id_rsa", "backup/*").is_clean


def test_homes_of_others(tmp_path: Path) -> None:
    """They are left out with all that is in them, unless they are named."""
    fill(tmp_path / "bob", letter=1)
    homes = Homes(1000, lambda: [entry(1001, tmp_path / "bob"), entry(1000, tmp_path)])
    verdict = check(tmp_path, homes=homes)
    assert reasons(verdict) == {OTHERS_HOME: ["Music\\bob"]}
    assert verdict.concerns == [f"{tmp_path} is your whole home: share a folder in it instead"]
    assert check(tmp_path, "bob", homes=homes).files == 1
    assert check(tmp_path / "bob", homes=homes).concerns == [
        f"{tmp_path / 'bob'} is another user's home"
    ]


@pytest.mark.parametrize(("folder", "said"), [("/", "whole machine"), ("/etc/ssl", "system")])
def test_folders_of_the_system(monkeypatch: pytest.MonkeyPatch, folder: str, said: str) -> None:
    """Sharing all of them is hardly meant."""
    monkeypatch.setattr(Linter, "_walk", lambda *_: None)
    (concern,) = check(Path(folder)).concerns
    assert said in concern


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """It is said, and the others are looked through all the same."""
    fill(tmp_path / "here", song=1)
    roots = [ShareRoot(b"a", tmp_path / "gone"), ShareRoot(b"b", tmp_path / "here")]
    verdict = Linter((), NOBODY).check(roots, lambda _: None)
    assert verdict.concerns == [f"{tmp_path / 'gone'} is not there"]
    assert verdict.files == 1


NAMES = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1)


@given(st.lists(NAMES, min_size=1, max_size=4), st.lists(st.text(max_size=8), max_size=3))
def test_patterns_only_ever_allow(parts: list[str], allow: list[str]) -> None:
    """No pattern refuses what is shared without it; a name itself is always a pattern for it."""
    path = tuple(part.encode() for part in parts)
    refused = Rules().refuse(path, 0o100644)
    assert Rules(allow).refuse(path, 0o100644) in {refused, None}
