"""Shared folders get the names their owner means, or one sentence says why not."""

from pathlib import Path

import pytest

from napster.peer.library.roots import ShareRoot, ShareRootError, share_roots


def test_names_and_suffixes() -> None:
    """Names are given, else taken from the folder, and made different."""
    roots = share_roots(["/a/Music", "Films=/b/x", "/c/music/", "/d/Music", "odd=/e/with=sign"])
    assert roots == (
        ShareRoot(b"Music", Path("/a/Music")),
        ShareRoot(b"Films", Path("/b/x")),
        ShareRoot(b"music (2)", Path("/c/music")),
        ShareRoot(b"Music (3)", Path("/d/Music")),
        ShareRoot(b"odd", Path("/e/with=sign")),
    )


def test_path_with_equals_sign() -> None:
    """A slash before the equals sign makes it part of the path."""
    assert share_roots(["/a=b"]) == (ShareRoot(b"a=b", Path("/a=b")),)


def test_relative_and_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Paths are made absolute; `~` is the home folder."""
    monkeypatch.setenv("HOME", "/home/u")
    monkeypatch.chdir(tmp_path)
    assert [each.path for each in share_roots(["~/x", "a/../b"])] == [
        Path("/home/u/x"),
        tmp_path / "b",
    ]


def test_no_name() -> None:
    """The root of the file system has no name of its own."""
    with pytest.raises(ShareRootError, match="NAME=/"):
        share_roots(["/"])


@pytest.mark.parametrize("other", ["/a/b", "/a/b/c", "/a", "/a/b/../b"])
def test_one_in_the_other(other: str) -> None:
    """A folder within another shared one would be shared twice."""
    with pytest.raises(ShareRootError, match="one lies in the other"):
        share_roots(["/a/b", other])


def test_no_such_user() -> None:
    """The home folder of a user who does not exist is refused, and named."""
    with pytest.raises(ShareRootError, match="Music=~nobody-here/x: ~nobody-here is no user's"):
        share_roots(["Music=~nobody-here/x"])
