"""Text as a terminal shows it: harmless, and measured in columns."""

import unicodedata

_ACTIVE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_MARKS = frozenset({"Mn", "Me"})
_JOINING_JAMO = range(0x1160, 0x1200)
_ELLIPSIS = "…"


def clean(text: str) -> str:
    r"""Make whatever could drive a terminal or hide from the eye visible, as `\xNN` or `\uNNNN`."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        _escape(char) if unicodedata.category(char) in _ACTIVE else char for char in text
    )


def _escape(char: str) -> str:
    code = ord(char)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def columns(text: str) -> int:
    """Count the columns a clean text takes: two for wide characters, none for marks."""
    return len(text) if text.isascii() else sum(map(_char_columns, text))


def _char_columns(char: str) -> int:
    if unicodedata.category(char) in _MARKS or ord(char) in _JOINING_JAMO:
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def crop(text: str, room: int) -> str:
    """Shorten a clean text to a number of columns, leaving out its middle.

    The end stays, because names differ there: `Part one….mp3`, `Part two….mp3`.
    """
    if columns(text) <= room:
        return text
    if room <= 1:
        return _ELLIPSIS[:room]
    tail = _start(text[::-1], (room - 1) * 2 // 5)[::-1]
    while tail and not columns(tail[0]):
        tail = tail[1:]  # a mark that lost its letter
    return _start(text, room - 1 - columns(tail)) + _ELLIPSIS + tail


def _start(text: str, room: int) -> str:
    used = 0
    for at, char in enumerate(text):
        used += _char_columns(char)
        if used > room:
            return text[:at]
    return text


def pad(text: str, room: int, *, right: bool = False) -> str:
    """Fill a clean text up with spaces; `right` puts them in front."""
    space = " " * (room - columns(text))
    return space + text if right else text + space
