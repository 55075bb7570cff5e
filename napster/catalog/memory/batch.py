"""Many offered files on their way in: their fields checked, and the hashes of their paths.

Fields are checked by a few operations on all of their text, and read only when the files are
settled (see `fields`). Of listings with a hash or a number that is none, no batch is made;
`of_singles` then makes batches of files that were read one by one.
"""

import re
from collections.abc import Sequence
from itertools import groupby, repeat
from operator import attrgetter

import attrs
import numpy as np
import numpy.typing as npt

from napster.catalog.listing import Listing, separate
from napster.catalog.memory.texts import LONGEST
from napster.wire.messages.sharing import Share

MD5_DIGITS = 32
WIDTHS = (5, 6)
"""How many numbers the lines of a batch can have."""
_MOST_DIGITS = np.array([12, 5, 6, 5])
"""Of size, bit rate, frequency and duration."""
_MOST_SUFFIX = 11
"""Of what may follow the digits of a hash: `-` and a number."""
_USUAL_MD5 = re.compile(rb"[0-9a-f]{32}(-[1-9][0-9]{0,9})?")
_DIRECTORIES = 0x9E3779B1
"""By what the hashes of directories are multiplied."""
Hashes = npt.NDArray[np.uint32]
Octets = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int64]
_STAND_IN = b" " + b"0" * MD5_DIGITS + b" 0 0 0 0\n"


def hashes_of(paths: Sequence[bytes]) -> Hashes:
    """Return a number for each path that is the same for equal paths, and seldom for others."""
    return _hashes(*separate(paths)) if paths else np.empty(0, np.uint32)


def _hashes(names: list[bytes], directories: list[bytes], lengths: list[int]) -> Hashes:
    of_names = np.fromiter(map(hash, names), np.int64, len(names))
    of_directories = np.fromiter(map(hash, directories), np.int64, len(directories))
    of_names += np.repeat(of_directories * _DIRECTORIES, lengths)
    return of_names.astype(np.uint32)


@attrs.frozen(eq=False)
class Batch:
    """Files that can be taken in, in the order offered."""

    listing: Listing
    width: int
    """How many numbers a line has: 5, or 6 if every md5 is followed by `-` and a number."""
    odd: dict[int, Share] = attrs.field(factory=dict)
    """The files for which a line only stands in, by row."""
    contents: bytes = b""
    """Their content ids, one after another; empty if they have none."""
    since: Sequence[int] = ()
    """When they were offered, in seconds since 1970; empty for now."""
    path_hashes: Hashes = attrs.field(init=False)
    """32 bits each."""

    @path_hashes.default
    def _hash_paths(self) -> Hashes:
        return _hashes(self.listing.names, self.listing.directories, self.listing.lengths)

    def __len__(self) -> int:
        """How many files there are."""
        return len(self.listing)


def of_listing(listing: Listing, contents: bytes) -> Batch | None:
    """Make a batch of all files of a listing; None if any of them has unusual fields."""
    width = _width(listing)
    return Batch(listing, width, contents=contents) if width else None


def _width(listing: Listing) -> int:
    """Tell how many numbers each line of a listing has; 0 if any is not as usual."""
    data = np.frombuffer(listing.lines, np.uint8)
    words_at = listing.grid[:, 0] + 1
    suffixes = listing.gaps[:, 1] - MD5_DIGITS
    numbers = listing.gaps[:, 2:]
    if (suffixes < 0).any() or (numbers > _MOST_DIGITS).any():
        return 0
    windows = np.ndarray((len(data) - MD5_DIGITS + 1, MD5_DIGITS), np.uint8, data, strides=(1, 1))
    hashes = windows[words_at]
    digits = _digits(hashes)
    if digits + np.count_nonzero(hashes - ord("a") < 6) != hashes.size:
        return 0
    digits += int(numbers.sum())
    if not suffixes.any():
        return 5 if _digits(data) == digits else 0
    return 6 if _have_suffixes(data, words_at + MD5_DIGITS, suffixes, digits) else 0


def _have_suffixes(data: Octets, at: Places, lengths: Places, digits: int) -> bool:
    """Whether all hashes are followed by `-` and a number that has no needless zeros."""
    return bool(
        (lengths > 1).all()
        and (lengths <= _MOST_SUFFIX).all()
        and (data[at] == ord("-")).all()
        and (data[at + 1] != ord("0")).all()
        and _digits(data) == digits + int(lengths.sum()) - len(lengths)
    )


def _digits(data: Octets) -> int:
    """Count decimal digits."""
    return int(np.count_nonzero(data - ord("0") < 10))


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
        usual = _USUAL_MD5.fullmatch(self.file.md5) if len(self.file.path) <= LONGEST else None
        width = 0 if usual is None else 6 if usual[1] else 5
        return width, self.content is not None, self.since is not None


def of_singles(singles: Sequence[Single]) -> list[Batch]:
    """Make batches of files that were read one by one."""
    batches = []
    for (width, *_), group in groupby(singles, attrgetter("kind")):
        some = list(group)
        contents = b"".join(each.content or b"" for each in some)
        since = [each.since for each in some if each.since is not None]
        files = [each.file for each in some]
        lines = map(_line, files) if width else repeat(_STAND_IN, len(files))
        odd = {} if width else dict(enumerate(files))
        listing = Listing.of_files([file.path for file in files], b"".join(lines))
        batches.append(Batch(listing, width or WIDTHS[0], odd, contents, since))
    return batches


def _line(file: Share) -> bytes:
    fields = file.md5, file.size, file.bitrate, file.frequency, file.duration
    return b" %b %d %d %d %d\n" % fields
