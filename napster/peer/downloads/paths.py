r"""Where a download may be saved: names from the wire made safe for this disk.

A name from the wire is never a path. Its parts are made harmless one by one and joined by
`safe_join` below the downloads folder, the only way a name from outside reaches the disk.
"""

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from napster.peer.library.names import unescape_name
from napster.wire.fields import display

PART: Final = ".part"
RECORD: Final = ".part.napster"
MARKS: Final = ".part.marks"
SPARE: Final = ".part.new"
WORKING: Final = (PART, RECORD, MARKS, SPARE)
"""What the names of a download's working files end in."""

MAX_NAME: Final = 255
"""The longest name of a file on common disks, in bytes."""
_NAMELESS: Final = "unnamed"
_LONGEST_EXTENSION: Final = 16

_SEPARATORS: Final = re.compile(rb"[\\/]")
_CONTROLS: Final = re.compile("[\x00-\x1f\x7f-\x9f]")
_DRIVE: Final = re.compile(r"([A-Za-z]):")
_DEVICE: Final = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])\s*(\.|$)", re.IGNORECASE
)
_EXTENSION: Final = re.compile(rf"(?<=[^.])\.[^. ]{{1,{_LONGEST_EXTENSION}}}$")


class UnsafePathError(Exception):
    """A path that would lead out of the downloads folder; the text is one sentence."""


def local_name(path: bytes) -> str:
    """Make the last part of a wire path a harmless file name, as near to the original as can be.

    Names escaped for the wire become again what their owner's disk has, except for controls.
    """
    last = _SEPARATORS.split(path)[-1]
    return safe_name(os.fsdecode(unescape_name(last)))


def safe_name(name: str) -> str:
    """Make any text the name of one file: not hidden, no device, no control, at most 255 bytes.

    A safe name is left as it is. The endings of our own working files are kept from strangers,
    who could else have a record of their making read at the next start.
    """
    name = _CONTROLS.sub(lambda control: f"%{ord(control[0]):02X}", name.replace("/", "_"))
    name = _DRIVE.sub(r"\1_", name) if _DRIVE.match(name) else name
    name = name.rstrip(". ")
    if not name:
        return _NAMELESS
    if name[0] == "." or _DEVICE.match(name):
        name = "_" + name
    name = shorten(name, MAX_NAME)
    return name[:-1] + "_" if name.casefold().endswith(WORKING) else name


def shorten(name: str, limit: int) -> str:
    """Cut a name to `limit` bytes, keeping its extension and cutting no character in two."""
    raw = os.fsencode(name)
    if len(raw) <= limit:
        return name
    extension = os.fsencode(extension_of(name))
    room = limit - len(extension)
    while room and 0x80 <= raw[room] < 0xC0:
        room -= 1
    return os.fsdecode(raw[:room]).rstrip(". ") + os.fsdecode(extension)


def extension_of(name: str) -> str:
    """Take the extension of a name with its dot; empty if it has none worth keeping."""
    found = _EXTENSION.search(name)
    return found[0] if found else ""


def numbered(name: str, number: int, limit: int = MAX_NAME) -> str:
    """Name the n-th file of a name: `name.ext`, then `name (2).ext` and so on."""
    if number == 1:
        return shorten(name, limit)
    extension = extension_of(name)
    suffix = f" ({number}){extension}"
    return shorten(name.removesuffix(extension), limit - len(os.fsencode(suffix))) + suffix


def safe_join(folder: Path, parts: Iterable[str]) -> Path:
    """Join names from outside below `folder`, each made safe; empty ones and `.` are skipped.

    Raises UnsafePathError if a symbolic link on the way leads out of the folder.
    """
    joined = folder.joinpath(*(safe_name(part) for part in parts if part not in {"", "."}))
    if not joined.resolve().is_relative_to(folder.resolve()):
        raise UnsafePathError(f"{joined}: a symbolic link leads out of the downloads folder")
    return joined


def shown(name: str) -> str:
    """Make a name of this disk fit for a terminal and a log."""
    return display(os.fsencode(name))
