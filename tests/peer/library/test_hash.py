"""Hashes are those of the content, whatever pieces it is read in."""

import hashlib
import io
from collections.abc import Callable

import pytest
from blake3 import blake3
from hypothesis import given
from hypothesis import strategies as st

from napster.peer.library.hash import (
    HEAD_SIZE,
    PIECE_HASH_SIZE,
    PIECE_SIZE,
    Hashes,
    content_root,
    hash_stream,
)


def hashes(content: bytes, on_piece: Callable[[int], None] = lambda size: None) -> Hashes:
    return hash_stream(io.BytesIO(content), len(content), on_piece)  # type: ignore[arg-type]


def id3(size: int, *, footer: bool = False) -> bytes:
    """Make an ID3v2.4 tag with `size` bytes of frames."""
    length = bytes(size >> 7 * place & 0x7F for place in (3, 2, 1, 0))
    header = b"ID3\x04\x00" + (b"\x10" if footer else b"\x00") + length
    return header + b"\xff" * size + (b"3DI" + header[3:] if footer else b"")


SIZES = (0, 1, HEAD_SIZE - 1, HEAD_SIZE, HEAD_SIZE + 1, PIECE_SIZE, PIECE_SIZE + 1, 3 * PIECE_SIZE)


@pytest.mark.parametrize("size", SIZES)
def test_pieces_and_head(size: int) -> None:
    """Every whole or short piece has its BLAKE3, the head its MD5; an empty file no piece."""
    content = bytes(number * 7 % 251 for number in range(size))
    read: list[int] = []
    found = hashes(content, read.append)
    pieces = [content[at : at + PIECE_SIZE] for at in range(0, size, PIECE_SIZE)]
    assert found.pieces == b"".join(blake3(piece).digest() for piece in pieces)
    assert len(found.pieces) == PIECE_HASH_SIZE * len(pieces)
    assert found.md5 == hashlib.md5(content[:HEAD_SIZE]).digest()
    assert found.size == sum(read) == size


@pytest.mark.parametrize("size", [1, 200, 100_000, 2 * PIECE_SIZE])
@pytest.mark.parametrize("footer", [False, True])
def test_md5_skips_the_id3_tag(size: int, footer: bool) -> None:  # noqa: FBT001
    """Two copies of a song with different tags have one historic hash."""
    sound = b"\xff\xfb" + bytes(HEAD_SIZE + 1000)
    found = hashes(id3(size, footer=footer) + sound)
    assert found.md5 == hashes(sound).md5
    assert found.pieces != hashes(sound).pieces


@pytest.mark.parametrize(
    "content",
    [
        b"ID3",
        b"ID3\x04\x00\x00\x80\x00\x00\x00" + bytes(100),
        b"ID3\x04\x00\x00\x00\x00\x00\x10" + bytes(16),
        b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f" + bytes(100),
    ],
    ids=["cut", "no tag size", "nothing but a tag", "longer than the file"],
)
def test_md5_of_broken_tags(content: bytes) -> None:
    """A tag that cannot be one is hashed, so that such files do not all look the same."""
    assert hashes(content).md5 == hashlib.md5(content).digest()


class Trickle(io.RawIOBase):
    """A stream that gives a few bytes at a time, as network disks may."""

    def __init__(self, content: bytes, sizes: list[int]) -> None:
        self._content = io.BytesIO(content)
        self._sizes = sizes

    def readinto(self, buffer: memoryview) -> int:
        size = self._sizes.pop() if self._sizes else len(buffer)
        part = self._content.read(min(size, len(buffer)))
        buffer[: len(part)] = part
        return len(part)


@given(st.binary(max_size=5000), st.lists(st.integers(1, 700)))
def test_short_reads(content: bytes, sizes: list[int]) -> None:
    """However the bytes arrive, the hashes are the same."""
    assert hash_stream(Trickle(content, sizes), len(content), lambda size: None) == hashes(content)


def test_stops_when_told() -> None:
    """An error raised between pieces ends the hashing at once."""

    def stop(size: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        hashes(bytes(3 * PIECE_SIZE), stop)


def test_content_root_is_fixed() -> None:
    """The content id is what it has always been: files are known by it across the network."""
    empty = "f6b1f261b4e4f9fab8b56745b4e0ac2fa8e7047ddf73359e8df20956d2c143a1"
    five = "2c7cd3cf4d513b7e2e59648966b3b1e9e96da530feafcb3b005fbce69897b2d5"
    pieces = blake3(b"12345").digest()
    assert content_root(0, b"").hex() == empty
    assert content_root(5, pieces).hex() == five
    assert content_root(6, pieces).hex() != five
