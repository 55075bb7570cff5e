"""Which files are not taken because of their names."""

import re
from collections.abc import Sequence

import attrs

from napster.catalog.interface import Refusal
from napster.wire.errors import ParseError
from napster.wire.fields import FieldReader

_REGEX = "re:"


@attrs.frozen
class _Pattern:
    text: str
    regex: re.Pattern[bytes]


class NameFilter:
    """Patterns of names; upper and lower case ASCII letters count as the same.

    `*.exe` means a file's own name, in any folder; `*` and `?` stand for anything. `re:REGEX` is a
    regular expression that is searched for in the whole path.
    """

    def __init__(self, patterns: Sequence[str]) -> None:
        """Read the patterns; raises ValueError for one that makes no sense."""
        self._patterns = [_Pattern(text, _compile(text)) for text in patterns]
        self._any = re.compile(
            b"|".join(_glob(text) for text in patterns if not text.startswith(_REGEX)) or b"(?!)",
            re.IGNORECASE | re.DOTALL,
        )
        self._regexes = [each for each in self._patterns if each.text.startswith(_REGEX)]

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._patterns)

    def sift(self, records: Sequence[bytes]) -> tuple[Sequence[bytes], list[Refusal]]:
        """Part the bodies of messages 100: those to take, and why the others are not taken."""
        if not self._patterns:
            return records, []
        taken, refusals = [], []
        for record in records:
            refusal = self._refusal(record)
            if refusal:
                refusals.append(refusal)
            else:
                taken.append(record)
        return (taken, refusals) if refusals else (records, [])

    def _refusal(self, record: bytes) -> Refusal | None:
        try:
            path = FieldReader(record).argument()
        except ParseError:
            return None  # the catalog says what is wrong with it
        fault = self.fault(path)
        return Refusal(path, fault) if fault else None

    def fault(self, path: bytes) -> str | None:
        """Say why a file of this path is not taken; None if it is."""
        pattern = self._meant_by(path)
        return f"not taken here, as {pattern}" if pattern else None

    def _meant_by(self, path: bytes) -> str | None:
        suspects = self._patterns if self._any.search(path) else self._regexes
        return next((each.text for each in suspects if each.regex.search(path)), None)


def _compile(text: str) -> re.Pattern[bytes]:
    if not text.startswith(_REGEX):
        return re.compile(_glob(text), re.IGNORECASE | re.DOTALL)
    try:
        return re.compile(text.removeprefix(_REGEX).encode(), re.IGNORECASE | re.DOTALL)
    except re.error as error:
        raise ValueError(f"{text} is no regular expression: {error}") from error


def _glob(text: str) -> bytes:
    wild = {"*": r"[^\\/]*", "?": r"[^\\/]"}
    body = "".join(wild.get(char, re.escape(char)) for char in text)
    return rf"(?:\A|[\\/]){body}\Z".encode()
