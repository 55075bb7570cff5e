"""Names from the wire on this disk."""

import os
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from napster.peer.downloads.paths import (
    MAX_NAME,
    WORKING,
    UnsafePathError,
    local_name,
    numbered,
    safe_join,
    safe_name,
    shorten,
)
from napster.peer.library.names import escape_name, virtual_path

NASTY = st.sampled_from(
    ["..", ".", "", "/etc/passwd", "C:\\x", "CON", "nul.mp3", "a\0b", "x.", " ", "x.part.napster"]
)
TEXTS = st.one_of(NASTY, st.text(max_size=40), st.text(min_size=200, max_size=400))


def assert_harmless(name: str) -> None:
    raw = os.fsencode(name)
    assert 0 < len(raw) <= MAX_NAME
    assert name not in {".", ".."}
    assert name[0] != "."
    assert not name.endswith((".", " "))
    assert b"/" not in raw
    assert all(byte >= 0x20 and byte != 0x7F for byte in raw)
    assert not name.casefold().endswith(WORKING)
    assert name.partition(".")[0].strip().lower() not in {"con", "nul", "aux", "prn", "com1"}


@given(st.binary(max_size=600))
@example(b"..\\..\\..")
@example(b"a\\..")
@example(b"%00")
@example(b"x\\" + b"y" * 300 + b".mp3")
@example(b"x" * 300 + "é".encode())
@example(b"q" * 240 + b".part.napster" + b"z" * 40)
def test_every_path_gives_a_harmless_name(path: bytes) -> None:
    """Whatever the wire says, the name is one harmless part."""
    assert_harmless(local_name(path))


@given(TEXTS)
def test_a_safe_name_stays(text: str) -> None:
    """Making a name safe twice changes nothing more."""
    name = safe_name(text.encode("utf-8", "surrogatepass").decode("utf-8", "replace"))
    assert_harmless(name)
    assert safe_name(name) == name


@given(st.lists(TEXTS, max_size=6))
def test_a_joined_path_stays_below_the_folder(parts: list[str]) -> None:
    """No sequence of names leads out of the folder."""
    clean = [part.encode("utf-8", "replace").decode() for part in parts]
    joined = safe_join(Path("/srv/downloads"), clean)
    assert joined.is_relative_to("/srv/downloads")
    assert ".." not in joined.parts


ORDINARY = st.binary(min_size=1, max_size=60).filter(
    lambda name: (
        name not in {b".", b".."}
        and b"/" not in name
        and os.fsencode(safe_name(os.fsdecode(name))) == name
    )
)


@given(ORDINARY)
def test_names_of_a_disk_come_back(name: bytes) -> None:
    """What another peer's disk has, ours gets, quotes and backslashes and odd bytes included."""
    assert os.fsencode(local_name(virtual_path(b"Music", [b"sub", name]))) == name


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (b"Z:\\nap\\Artist - Title.mp3", "Artist - Title.mp3"),
        (b"/home/u/x/song.ogg", "song.ogg"),
        (b"Music\\50%25 off.txt", "50% off.txt"),
        (b"Music\\50% off.txt", "50% off.txt"),
        (b"Music\\" + escape_name(b"a\nb.txt"), "a%0Ab.txt"),
        (b"Music\\" + escape_name(b'say "hi" \\o.txt'), 'say "hi" \\o.txt'),
        (b"Music\\%2E%2E%2Fx", "%2E%2E%2Fx"),
        (b"C:evil.exe", "C_evil.exe"),
        (b"a\\CON.mp3", "_CON.mp3"),
        (b"a\\.bashrc", "_.bashrc"),
        (b"a\\wait...", "wait"),
        (b"a\\", "unnamed"),
        (b"", "unnamed"),
        (b"a\\evil.part.napster", "evil.part.napste_"),
        (b"a\\caf\xe9.mp3", os.fsdecode(b"caf\xe9.mp3")),
    ],
)
def test_known_names(path: bytes, name: str) -> None:
    """Paths of real programs and of attackers give the expected names."""
    assert local_name(path) == name


def test_a_name_of_255_bytes_is_kept() -> None:
    """The longest name a disk can hold is not cut."""
    name = "x" * 251 + ".mp3"
    assert local_name(name.encode()) == name


def test_shortening_keeps_the_extension_and_whole_characters() -> None:
    """A cut name still says what it is and decodes."""
    name = shorten("é" * 200 + ".mp3", MAX_NAME)
    assert name == "é" * 125 + ".mp3"
    assert shorten("x" * 300 + ".not an extension", 100) == "x" * 100


def test_numbering() -> None:
    """The second file of a name gets a number before its extension, within the limit."""
    assert numbered("a.tar.gz", 2) == "a.tar (2).gz"
    assert numbered("README", 3) == "README (3)"
    assert numbered("README", 1) == "README"
    long = numbered("x" * 251 + ".mp3", 12)
    assert len(long) == MAX_NAME
    assert long.endswith("x (12).mp3")


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    """A symbolic link below the downloads folder does not lead a download out of it."""
    folder = tmp_path / "downloads"
    folder.mkdir()
    (folder / "out").symlink_to(tmp_path)
    with pytest.raises(UnsafePathError, match="leads out of the downloads folder"):
        safe_join(folder, ["out", "x"])
    assert safe_join(folder, ["in", "", ".", "x"]) == folder / "in" / "x"
