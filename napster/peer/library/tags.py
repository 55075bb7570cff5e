"""What an audio file says of itself: bit rate, frequency, duration. Blocking: for threads."""

import io
import os
from io import FileIO
from typing import BinaryIO, cast

import attrs
from tinytag import TinyTag, TinyTagException

_MAX_READS = 500_000
_MAX_BYTES = 64 << 20
_OGG = (b".ogg", b".oga", b".ogv", b".opus", b".spx")


class TagsError(Exception):
    """A file that is named like audio but cannot be understood; the text says why."""


@attrs.frozen
class Tags:
    """Bit rate in kbit/s, frequency in Hz, duration in s; all 0 for what is not audio."""

    bitrate: int = 0
    frequency: int = 0
    duration: int = 0


def read_tags(name: bytes, stream: FileIO) -> Tags:
    """Read the tags of an open file; its name says whether it is audio. Raises TagsError."""
    if not TinyTag.is_supported(name) or not os.fstat(stream.fileno()).st_size:
        return Tags()
    frugal = _Frugal(stream)
    # tinytag skips the sound of an Ogg file only once it has seen the comments.
    comments = name.lower().endswith(_OGG)
    try:
        found = TinyTag.get(name, cast("BinaryIO", frugal), tags=comments)  # does what is needed
    except (TinyTagException, OSError) as error:
        raise TagsError(str(error) or type(error).__name__) from error
    finally:
        frugal.let_go()
    return Tags(_whole(found.bitrate), _whole(found.samplerate), _whole(found.duration))


def _whole(value: float | None) -> int:
    return round(value) if value is not None and 0 < value < 2**31 else 0


class _Frugal:
    """A file that stops a parser from reading it for ever, or far more of it than tags take."""

    def __init__(self, stream: FileIO) -> None:
        self._stream = io.BufferedReader(stream)
        self._reads = _MAX_READS
        self._bytes = _MAX_BYTES

    def read(self, size: int = -1) -> bytes:
        self._reads -= 1
        self._bytes -= max(size, 0)
        if size < 0 or self._reads < 0 or self._bytes < 0:
            raise OSError("it asks for more to be read than tags ever take")
        return self._stream.read(size)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def let_go(self) -> None:
        """Leave the file open for others."""
        self._stream.detach()
