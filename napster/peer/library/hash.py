"""The hashes of a file: the historic MD5 of its head, and the BLAKE3 of every piece.

Both are made in one pass at the speed of the disk. Blocking: for use in threads.
"""

import hashlib
import struct
from collections.abc import Callable
from io import RawIOBase

import attrs
from blake3 import blake3

PIECE_SIZE = 1 << 20
"""A piece has 1 MiB; the last one of a file may be shorter."""
PIECE_HASH_SIZE = 32
HEAD_SIZE = 299_008
"""How many bytes after the ID3v2 tag the historic MD5 covers (protocol section "MD5")."""

_ROOT_CONTEXT = "napster content id v1"
_ID3_HEADER = struct.Struct(">3s2xB4s")
_ID3_HAS_FOOTER = 0x10


@attrs.frozen
class Hashes:
    """What was hashed: bytes read, MD5 of the head (16 bytes), BLAKE3 of all pieces joined."""

    size: int
    md5: bytes
    pieces: bytes


def content_root(size: int, pieces: bytes) -> bytes:
    """Make the content id (32 bytes) of a file from its size and its joined piece hashes."""
    root = blake3(derive_key_context=_ROOT_CONTEXT)
    return root.update(struct.pack("<Q", size)).update(pieces).digest()


def hash_stream(stream: RawIOBase, size: int, on_piece: Callable[[int], None]) -> Hashes:
    """Hash a file from where it stands, `size` being what its status says.

    `on_piece` is called with the number of bytes after each piece, and may raise to stop.
    Raises OSError.
    """
    buffer = memoryview(bytearray(min(PIECE_SIZE, max(size, 1))))
    pieces = bytearray()
    head = _HeadMd5(size)
    total = 0
    while count := _fill(stream, buffer):
        piece = buffer[:count]
        pieces += blake3(piece).digest()
        head.update(piece)
        total += count
        on_piece(count)
    return Hashes(total, head.digest(), bytes(pieces))


def _fill(stream: RawIOBase, buffer: memoryview) -> int:
    count = 0
    while read := stream.readinto(buffer[count:]):
        count += read
    return count


class _HeadMd5:
    """MD5 of the first HEAD_SIZE bytes that follow an ID3v2 tag, fed piece by piece."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._skip: int | None = None
        self._left = HEAD_SIZE
        self._md5 = hashlib.md5(usedforsecurity=False)

    def update(self, data: memoryview) -> None:
        if self._skip is None:
            self._skip = tag_size(bytes(data[: _ID3_HEADER.size]), self._size)
        start = min(self._skip, len(data))
        self._skip -= start
        head = data[start : start + self._left]
        self._left -= len(head)
        self._md5.update(head)

    def digest(self) -> bytes:
        return self._md5.digest()


def tag_size(start: bytes, size: int) -> int:
    """Say how many bytes the ID3v2 tag at the start of a file takes (ID3v2.4 section 3.1)."""
    if len(start) < _ID3_HEADER.size:
        return 0
    marker, flags, length = _ID3_HEADER.unpack(start)
    if marker != b"ID3" or max(length) > 0x7F:
        return 0
    tag = _ID3_HEADER.size + sum(byte << 7 * (3 - place) for place, byte in enumerate(length))
    tag += _ID3_HEADER.size if flags & _ID3_HAS_FOOTER else 0
    # A tag that leaves nothing to hash would give all such files one hash.
    return tag if tag < size else 0
