"""What is told to many: to everybody, in order, whatever happens meanwhile."""

from typing import Any

import pytest
from twisted.internet.defer import Deferred

from napster.index.census import CensusTaker
from napster.wire.messages.login import Notice
from tests.index.harness import Conn, World, hold_up

MANY = 1000


def _texts(conn: Conn) -> list[bytes]:
    return [each.text for each in conn.messages() if isinstance(each, Notice)]


def test_many_tellings_wait(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many wait behind one that takes long, all are told, in order, and later ones too."""
    anna, berta = world.login("anna"), world.login("berta")
    network = world.hub.network
    with monkeypatch.context() as slowly:
        hold_up(world, slowly)
        told = [network.broadcast(Notice(b"first").frame())]
    told += [network.tell(["anna"], Notice(b"%d" % each).frame()) for each in range(MANY)]
    assert not any(each.called for each in told)
    world.clock.pump([0] * 3)
    assert all(each.called for each in told)
    assert _texts(anna) == [b"first", *(b"%d" % each for each in range(MANY))]
    assert _texts(berta) == [b"first"]
    network.broadcast(Notice(b"later").frame())
    assert _texts(anna) == _texts(berta) == [b"later"]


def test_nobody_hears_what_another_was_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who takes the nick of somebody who was to be told something is told nothing of it."""
    anna, berta = world.login("anna"), world.login("berta")
    with monkeypatch.context() as slowly:
        hold_up(world, slowly)
        world.hub.network.broadcast(Notice(b"said before").frame())
    berta.lose()
    again = world.login("berta")
    world.clock.pump([0] * 3)
    assert _texts(anna) == [b"said before"]
    assert _texts(again) == []


def test_one_who_cannot_be_told(
    world: World, monkeypatch: pytest.MonkeyPatch, logged_failures: list[dict[str, Any]]
) -> None:
    """A failure is logged; the others hear it all the same."""
    world.login("anna")
    berta = world.login("berta")
    (member, _) = world.hub.network

    deliver = type(member).deliver

    def either(each: Any, frame: bytes) -> None:
        if each is member:
            raise OSError
        deliver(each, frame)

    monkeypatch.setattr(type(member), "deliver", either)
    world.hub.network.broadcast(Notice(b"said").frame())
    assert _texts(berta) == [b"said"]
    assert [each["nick"] for each in logged_failures] == ["anna"]
    logged_failures.clear()


def test_many_wait_for_a_census(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """One count is enough for all who asked meanwhile."""
    counts: list[Deferred[Any]] = []

    def count() -> Deferred[Any]:
        counts.append(Deferred())
        return counts[-1]

    monkeypatch.setattr(world.catalog, "census", count)
    taker = CensusTaker(world.clock, world.catalog)
    asked = [Deferred.fromCoroutine(taker.take()) for _ in range(MANY)]
    (only,) = counts
    only.callback("census")
    assert [each.result for each in asked] == ["census"] * MANY
