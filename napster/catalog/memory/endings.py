"""How file names end: one byte per file tells the kind of content, and mostly the extension too.

The extensions most files have are in a fixed table, so that they need not be stored with each name.
A name with another ending is stored whole; its code then tells its kind only.
"""

import attrs
import numpy as np
import numpy.typing as npt

from napster.catalog.kinds import kinds_of

_END = b"\0"
_STORED_WHOLE = (b"", b".mp3", b".flac", b".avi", b".jpg", b".pdf", b".zip")
_COMMON = (
    b"mp3 ogg flac wma wav m4a opus aac avi mkv mp4 mpg mov wmv jpg png gif pdf txt epub zip rar"
)


@attrs.frozen
class Ending:
    """What a code says: what follows the name stored, and the kinds of content the file is of."""

    suffix: bytes
    kinds: frozenset[bytes]


def _endings() -> list[Ending]:
    common = [b"." + ending for each in _COMMON.split() for ending in (each, each.upper())]
    whole = [Ending(b"", kinds_of(each)) for each in _STORED_WHOLE]
    return whole + [Ending(suffix, kinds_of(suffix)) for suffix in common]


ENDINGS = _endings()
"""By code."""
SUFFIXES = [ending.suffix for ending in ENDINGS]
_BY_SUFFIX = {each.suffix: code for code, each in enumerate(ENDINGS) if each.suffix}
_BY_KINDS = {each.kinds: code for code, each in enumerate(ENDINGS) if not each.suffix}


def ending_code(name: bytes) -> int:
    """Find the code of a file's name."""
    suffix = name[max(name.rfind(b"."), 0) :]
    code = _BY_SUFFIX.get(suffix)
    return _BY_KINDS[kinds_of(name)] if code is None else code


def strip(names: bytes, count: int) -> tuple[bytes, bytes]:
    """Leave out of names, each ended by NUL, what their codes say; returns what is left, and those.

    `count` is how many names there are.
    """
    code = ending_code(names[: names.index(_END)])
    ending = SUFFIXES[code] + _END
    if SUFFIXES[code]:
        stems = names.replace(ending, _END)
        if len(names) - len(stems) == len(SUFFIXES[code]) * count:
            return stems, bytes([code]) * count
    split = names.split(_END)[:-1]
    codes = bytes(map(ending_code, split))
    each = map(bytes.removesuffix, split, map(SUFFIXES.__getitem__, codes))
    return _END.join(each) + _END, codes


def codes_of(kind: bytes) -> npt.NDArray[np.bool_]:
    """Return for each possible code whether it is of a kind."""
    of_kind = np.zeros(256, np.bool_)
    of_kind[: len(ENDINGS)] = [kind in each.kinds for each in ENDINGS]
    return of_kind
