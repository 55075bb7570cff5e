"""What the server tells of itself, and what it does not do over the wire."""

from typing import Any

import pytest

from napster.index.config import Settings
from napster.wire.messages.login import MotdLine, MotdRequest, Notice, Stats, StatsRequest
from napster.wire.messages.people import ServerPing
from tests.index.harness import World, file


def test_stats(world: World) -> None:
    """Users, files and whole gibibytes."""
    anna = world.login("anna")
    anna.send(file(size=3 * 2**30), file(b"x", size=2**29))
    assert anna.ask(StatsRequest()) == [Stats(1, 2, 3)]


def test_motd(world: World) -> None:
    """The message of the day can be read again, as it is by then."""
    anna = world.login("anna")
    world.hub.motd = (b"new",)
    assert anna.ask(MotdRequest())[2:] == [MotdLine(b"new")]


def test_server_ping(world: World) -> None:
    """A ping to the server comes back as it was."""
    anna = world.login("anna")
    assert anna.ask(ServerPing()) == [ServerPing()]
    assert anna.ask(ServerPing(b"attic LAG 1 2")) == [ServerPing(b"attic LAG 1 2")]


def test_answer_to_a_ping_is_not_answered(world: World) -> None:
    """Two programs that answer each other's pings do not go on for ever."""
    anna = world.login("anna")
    world.patrol(301)
    assert anna.messages() == [ServerPing()]
    assert anna.ask(ServerPing(b"ANNA")) == []
    assert anna.ask(ServerPing(b"anna")) == [ServerPing(b"anna")]


@pytest.mark.parametrize("number", [0, 1, 3, 5, 201, 202, 310, 5555, 20000, 65535])
def test_unknown(world: World, number: int) -> None:
    """An unknown command is named, and nothing else happens."""
    anna = world.login("anna")
    assert anna.tell(number, b"x") == [Notice(b"Unknown command code %d" % number)]
    assert not anna.closed


def test_failing_command(
    world: World, logged_failures: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A defect is logged and told, and what was sent behind it is still answered."""
    world.hub.limits.configure(Settings(command_rate=0))
    anna = world.login("anna")

    def fail() -> None:
        raise RuntimeError("defect")

    monkeypatch.setattr(world.catalog, "totals", fail)
    *told, pong = anna.ask(*[StatsRequest()] * 2000, ServerPing())
    assert len(told) == len(logged_failures) == 2000
    assert all(isinstance(each, Notice) for each in told)
    assert b"error of its own" in told[0].text
    assert pong == ServerPing()
    assert "anna@192.0.2.1:50000" in str(logged_failures[0]["session"])
    logged_failures.clear()
    monkeypatch.undo()
