"""Many offered files at once: the shape of their message bodies checked, paths and fields apart.

Message bodies of the usual shape are taken apart together, by a few operations on all of their
text. Their fields are checked, but read only when the files are settled (see `fields`). Anything
unusual in a batch makes `read_usual` give up; `of_files` then makes batches of files that were read
one by one.
"""

import re
from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter

import attrs
import numpy as np
import numpy.typing as npt

from napster.wire.messages.sharing import Share

_NUMBERS = rb" [0-9]{1,12}+ [0-9]{1,5}+ [0-9]{1,6}+ [0-9]{1,5}+\n"
_LINES = {
    5: re.compile(rb"(?: [0-9a-f]{32}" + _NUMBERS + rb")*+"),
    6: re.compile(rb"(?: [0-9a-f]{32}-[1-9][0-9]{0,9}+" + _NUMBERS + rb")*+"),
}
WIDTHS = tuple(_LINES)
"""How many numbers the lines of a batch can have."""
_USUAL_MD5 = re.compile(rb"[0-9a-f]{32}(-[1-9][0-9]{0,9})?")
Hashes = npt.NDArray[np.uint32]
_STAND_IN = b" " + b"0" * 32 + b" 0 0 0 0\n"


def hashes_of(paths: Sequence[bytes]) -> Hashes:
    """Return a number for each path that is the same for equal paths, and seldom for others."""
    return np.fromiter(map(hash, paths), np.int64, len(paths)).astype(np.uint32)


@attrs.frozen(eq=False)
class Batch:
    """Files that can be taken in, in the order offered."""

    paths: list[bytes]
    text: bytes
    """All paths, joined by NUL."""
    path_hashes: Hashes
    """32 bits each."""
    fields: bytes
    r"""One line per file: ` md5 size bitrate frequency duration\n`."""
    width: int
    """5, or 6 if every md5 is followed by `-` and a number."""
    odd: dict[int, Share] = attrs.field(factory=dict)
    """The files for which a line only stands in, by row."""
    contents: bytes = b""
    """Their content ids, one after another; empty if they have none."""
    since: Sequence[int] = ()
    """When they were offered, in seconds since 1970; empty for now."""


def read_usual(records: Sequence[bytes]) -> Batch | None:
    """Take message bodies apart together; None if any of them has not the usual shape."""
    whole = b"\n".join(records)
    parts = whole.split(b'"')
    paths = parts[1::2]
    if len(parts) != 2 * len(records) + 1 or parts[0] or not all(paths) or b"\0" in whole:
        return None
    fields = b"".join(parts[2::2]) + b"\n"
    width = 6 if b"-" in fields else 5
    if not _LINES[width].fullmatch(fields) or fields.count(b"\n") != len(records):
        return None
    text = b"\0".join(paths)
    return Batch(paths, text, hashes_of(paths), fields, width)


@attrs.frozen
class Single:
    """A file that was read by itself, its content id, and since when it is shared."""

    file: Share
    content: bytes | None = None
    since: int | None = None
    """In seconds since 1970; None for now."""

    @property
    def kind(self) -> tuple[int, bool, bool]:
        """What files of one batch have in common."""
        usual = _USUAL_MD5.fullmatch(self.file.md5)
        width = 0 if usual is None else 6 if usual[1] else 5
        return width, self.content is not None, self.since is not None


def of_singles(singles: Sequence[Single]) -> list[Batch]:
    """Make batches of files that were read one by one."""
    batches = []
    for (width, *_), group in groupby(singles, attrgetter("kind")):
        some = list(group)
        contents = b"".join(each.content or b"" for each in some)
        since = [each.since for each in some if each.since is not None]
        batch = _alike(width, [each.file for each in some])
        batches.append(attrs.evolve(batch, contents=contents, since=since))
    return batches


def _alike(width: int, files: list[Share]) -> Batch:
    paths = [file.path for file in files]
    text = b"\0".join(paths)
    hashes = hashes_of(paths)
    if not width:
        return Batch(paths, text, hashes, _STAND_IN * len(files), 5, dict(enumerate(files)))
    lines = (
        b" %b %d %d %d %d\n" % (file.md5, file.size, file.bitrate, file.frequency, file.duration)
        for file in files
    )
    return Batch(paths, text, hashes, b"".join(lines), width)
