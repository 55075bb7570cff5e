"""What is remembered of indexes, so that nobody can pass for one that was met before."""

import json
import os
from pathlib import Path

import attrs
from twisted.application.service import Service
from twisted.logger import Logger

from napster.daemon.codec import CodecError, dump, load
from napster.daemon.errors import DaemonError


class IndexChangedError(Exception):
    """An index is not what it was; the text says what to do if that is meant to be."""


@attrs.frozen
class KnownIndex:
    """What an index was like when it was met first."""

    key: str = ""
    """The fingerprint of its key, in hex; empty if TLS was not spoken, or an authority vouched."""
    extended: bool = False
    """Whether it has greeted as our own do."""


class KnownIndexes(Service):
    """All indexes that were met, by the names that options give them; kept in a file."""

    log = Logger()
    name = "known indexes"

    def __init__(self, file: Path) -> None:
        self._file = file
        self._known: dict[str, KnownIndex] = {}

    def startService(self) -> None:
        """Read the file; raises DaemonError."""
        super().startService()
        try:
            found = json.loads(self._file.read_text("utf-8"))
            self._known = {name: load(KnownIndex, value) for name, value in found.items()}
        except FileNotFoundError:
            self._known = {}
        except OSError as error:
            raise DaemonError(f"{self._file}: cannot be read: {error.strerror}") from error
        except (ValueError, AttributeError, CodecError) as error:
            raise DaemonError(
                f"{self._file}: is not what this program has written; delete it, and each index "
                "is taken for what it is next time"
            ) from error

    def check_key(self, index: str, key: bytes) -> None:
        """Compare the key an index shows with the first. Raises IndexChangedError."""
        known = self._of(index)
        if known.key not in {"", key.hex()}:
            raise IndexChangedError(
                f"its key has changed, so that somebody else may answer in its place; if its "
                f"owner says that the key is new, remove {index} from {self._file}"
            )

    def learn_key(self, index: str, key: bytes) -> None:
        """Remember the key of an index, which has proved to have it."""
        self._learn(index, attrs.evolve(self._of(index), key=key.hex()))

    def check_greeting(self, index: str, *, extended: bool) -> None:
        """Compare how an index greets with what it once could. Raises IndexChangedError."""
        known = self._of(index)
        if known.extended and not extended:
            raise IndexChangedError(
                "it does not greet any more as napster-index does, so that somebody in between "
                f"may keep encryption from coming about; if it was replaced by another program, "
                f"remove {index} from {self._file}"
            )
        self._learn(index, attrs.evolve(known, extended=extended))

    def _of(self, index: str) -> KnownIndex:
        return self._known.get(index, KnownIndex())

    def _learn(self, index: str, known: KnownIndex) -> None:
        if known == self._of(index):
            return
        self._known[index] = known
        try:
            self._write()
        except OSError as error:
            self.log.warn(
                "{file}: cannot be written: {why}", file=str(self._file), why=error.strerror
            )

    def _write(self) -> None:
        text = json.dumps(dump(self._known), indent=1) + "\n"
        part = self._file.with_name(self._file.name + ".new")
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
            stream.write(text)
        part.replace(self._file)
