"""Asking a running index at its admin socket; needs nothing but the standard library."""

import json
import socket
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

SOCKET = "admin"
"""The socket's name in the daemon's state folder."""
_PATIENCE = 120.0
"""So many seconds an answer may take: a large backup needs some."""


class AdminError(Exception):
    """A request that was not carried out: a kind for programs, one sentence for people."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class AdminClient:
    """A connection to the index whose state is in a folder."""

    def __init__(self, folder: Path) -> None:
        """Connect; raises OSError if no daemon listens there, or if only others may ask it."""
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(_PATIENCE)
        try:
            self._socket.connect(str(folder / SOCKET))
        except BaseException:
            self._socket.close()
            raise
        self._answers = self._socket.makefile("rb")

    def __enter__(self) -> Self:
        """Leave the connection open within a block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self._answers.close()
        self._socket.close()

    def ask(self, call: str, **asked: object) -> Any:
        """Ask for something and return the answer, as JSON; raises AdminError."""
        request = json.dumps({"call": call, "with": asked}).encode() + b"\n"
        try:
            self._socket.sendall(request)
            answer: Mapping[str, Any] = json.loads(self._answers.readline())
        except (OSError, ValueError) as error:
            raise AdminError("unreachable", "the index daemon has stopped answering") from error
        if "error" in answer:
            raise AdminError(answer["error"]["kind"], answer["error"]["message"])
        return answer["result"]
