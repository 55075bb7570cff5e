r"""Virtual paths: the names under which files are offered.

The wire path of a file is `Share\Folder\name.ext`: the share's virtual name and the parts below
it, joined by backslashes. It tells nothing of where the share lies on its owner's disk.

Each part is escaped reversibly, since the wire has no escape of its own: a quoted field cannot
hold `"`, and `\` separates parts. `"`, `\`, `%`, the controls 0-31 and 127, and each byte that is
not part of valid UTF-8 become `%XX` in upper-case hex. So every name a disk can hold can be
shared, and no two names become one.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

SEPARATOR = b"\\"
MAX_PATH = 1800
"""The longest virtual path in bytes: with the other fields of a search result it must fit into
the 2,048 bytes that old programs accept (protocol section 1)."""

_UNSAFE = re.compile('["\\\\%\x00-\x1f\x7f\udc80-\udcff]')
_SAFE = re.compile(rb"[ !#$&-\[\]-~]*")
"""ASCII without what is escaped: most names, which need not be looked at any further."""
_ESCAPE = re.compile(rb"%([0-9A-F]{2})")


def escape_name(name: bytes) -> bytes:
    """Make a file's name one part of a virtual path."""
    if _SAFE.fullmatch(name):
        return name
    # An invalid byte 0xNN is decoded as U+DCNN, which valid UTF-8 never yields.
    text = name.decode("utf-8", "surrogateescape")
    return _UNSAFE.sub(lambda unsafe: f"%{ord(unsafe[0]) & 0xFF:02X}", text).encode("utf-8")


def unescape_name(part: bytes) -> bytes:
    """Restore the name that one part of a virtual path stands for.

    A part that `escape_name` never makes (another program's `50% off`) is returned as it is.
    """
    name = _ESCAPE.sub(lambda escape: bytes((int(escape[1], 16),)), part)
    return name if escape_name(name) == part else part


def virtual_path(share: bytes, parts: Sequence[bytes]) -> bytes:
    """Join a share's name and the names below it to a virtual path."""
    if not parts:
        return escape_name(share)
    return _folder_path(share, tuple(parts[:-1])) + SEPARATOR + escape_name(parts[-1])


@lru_cache(maxsize=64)  # files of one folder are looked at one after the other
def _folder_path(share: bytes, parts: tuple[bytes, ...]) -> bytes:
    return SEPARATOR.join(map(escape_name, (share, *parts)))


def names_of(path: bytes) -> list[bytes]:
    """Split a virtual path into the names of the share, the folders and the file."""
    return [unescape_name(part) for part in path.split(SEPARATOR)]
