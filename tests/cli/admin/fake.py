"""`napster admin` against an index in memory."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs
import pytest

from napster.cli.admin import desk
from napster.cli.admin.connect import Index
from napster.cli.dispatch import dispatch
from napster.daemon.codec import CodecError, dump
from napster.index.actors import NotThereError
from napster.index.admin.client import AdminError
from napster.index.commands import CommandError
from tests.index.admin.helpers import Desk
from tests.index.harness import World


@attrs.frozen
class FakeClient:
    """Asks as an AdminClient does, and fails as the admin socket does."""

    asked: Desk

    def ask(self, call: str, **asked: object) -> Any:
        try:
            return dump(self.asked.ask(call, **asked))
        except CodecError as error:
            raise AdminError("bad request", str(error)) from error
        except NotThereError as error:
            raise AdminError("not found", str(error)) from error
        except CommandError as error:
            raise AdminError("failed", str(error)) from error


class Terminal:
    """Runs commands and remembers what they wrote."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self.out = self.err = ""

    def run(self, *words: str) -> int:
        self._capsys.readouterr()
        status = dispatch("admin", words)
        self.out, self.err = self._capsys.readouterr()
        return status


@pytest.fixture
def terminal(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Terminal:
    asked = Desk(world)

    @contextmanager
    def open_index(state: str | None) -> Iterator[Index]:
        client: Any = FakeClient(asked)
        assert state is None or Path(state)
        yield Index(client)

    monkeypatch.setattr(desk, "open_index", open_index)
    return Terminal(capsys)
