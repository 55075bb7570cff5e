"""Kinds of content."""

import pytest

from napster.catalog.kinds import KINDS, extension, kinds_of


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (rb"C:\a.b\Song.MP3", b"mp3"),
        (b"/home/u/x.tar.gz", b"gz"),
        (rb"C:\a.b\README", b""),
        (b"a.b/README", b""),
        (b".hidden", b"hidden"),
        (b"ends.", b""),
        (b"", b""),
    ],
)
def test_extension(path: bytes, expected: bytes) -> None:
    """Only a dot in the last part of the path starts an extension."""
    assert extension(path) == expected


@pytest.mark.parametrize(
    ("path", "kinds"),
    [
        (b"a.mp3", {b"mp3", b"audio"}),
        (b"a.FLAC", {b"audio"}),
        (b"a.mkv", {b"video"}),
        (b"a.jpeg", {b"image"}),
        (b"a.pdf", {b"text"}),
        (b"a.iso", {b"application"}),
        (b"a.audio", set()),
        (b"a", set()),
    ],
)
def test_kinds_of_a_file(path: bytes, kinds: set[bytes]) -> None:
    """A file is of one kind, and an MP3 of two."""
    assert kinds_of(path) == kinds <= KINDS


def test_an_unknown_kind_has_no_files() -> None:
    """A kind nobody knows is not mistaken for an extension."""
    assert b"flac" not in kinds_of(b"a.flac")
