"""Which files are not taken because of their names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napster.daemon.options import ConfigError, load
from napster.index.config import Settings
from napster.index.name_filter import NameFilter


def body(path: bytes) -> bytes:
    return b'"%b" md5 1 2 3 4' % path


def refused(pattern: str, path: bytes) -> bool:
    taken, refusals = NameFilter([pattern]).sift([body(path)])
    assert len(taken) + len(refusals) == 1
    return bool(refusals)


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        (
            "*.exe",
            [b"a.exe", rb"C:\x\SETUP.EXE", b"/home/u/a.exe"],
            [b"a.exe.mp3", b"aexe", b"exe"],
        ),
        ("thumbs.db", [rb"x\Thumbs.db", b"thumbs.db"], [rb"thumbs.db\x", b"my thumbs.db"]),
        ("track ?.mp3", [b"track 1.mp3"], [b"track 10.mp3", b"track .mp3"]),
        (".*", [b".secret", rb"a\.ssh"], [b"a.b"]),
        ("[a].mp3", [b"[a].mp3"], [b"a.mp3"]),
        ("café*", ["café.mp3".encode()], [b"caf\xe9.mp3"]),
        ("re:(^|\\\\)private\\\\", [rb"Private\a", rb"C:\private\b\c"], [rb"C:\privateer\x"]),
        ("re:(.)\\1\\1\\1", [b"xaaaay"], [b"xaaay"]),
        ("re:^a\nb", [b"a\nb"], [b"ab"]),
    ],
)
def test_patterns(pattern: str, yes: list[bytes], no: list[bytes]) -> None:
    """A glob means the file's own name in any folder, a regular expression all of the path."""
    assert all(refused(pattern, path) for path in yes)
    assert not any(refused(pattern, path) for path in no)


def test_reasons() -> None:
    """Each refusal names its pattern, whichever of many it is; the order of the rest is kept."""
    names = NameFilter(["*.exe", "*.com", "re:(x)\\1", "re:y"])
    paths = [b"a.mp3", b"a.com", b"xx.exe", b"xx.mp3", b"b.mp3", b"y"]
    taken, refusals = names.sift([body(path) for path in paths])
    assert taken == [body(b"a.mp3"), body(b"b.mp3")]
    assert [(each.path, each.reason.rpartition(" ")[2]) for each in refusals] == [
        (b"a.com", "*.com"),
        (b"xx.exe", "*.exe"),
        (b"xx.mp3", "re:(x)\\1"),
        (b"y", "re:y"),
    ]


def test_unquoted_and_broken() -> None:
    """A name without quotes is looked at as well; what cannot be read is left to the catalog."""
    names = NameFilter(["*.exe"])
    taken, refusals = names.sift([b"a.exe md5 1 2 3 4", b'"open.exe', b""])
    assert taken == [b'"open.exe', b""]
    assert len(refusals) == 1


def test_without_patterns() -> None:
    """Without patterns nothing is looked at."""
    records = [body(b"a.exe")]
    assert NameFilter([]).sift(records) == (records, [])


@given(st.text(max_size=20), st.binary(max_size=30))
def test_any_glob(pattern: str, path: bytes) -> None:
    """Any text is a pattern, and any bytes can be looked at."""
    if not pattern.startswith("re:"):
        NameFilter([pattern]).sift([path, body(path)])


def test_wrong_regex() -> None:
    """A regular expression that is none is named when the configuration is read."""
    with pytest.raises(ConfigError, match=r"^unshareable: re:\( is no regular expression"):
        load(Settings, None, {"unshareable": ["*.exe", "re:("]})
