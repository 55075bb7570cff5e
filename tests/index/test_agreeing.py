"""What the index and a program that understands extension messages agree on."""

from pathlib import Path

import pytest
import pytest_twisted

from napster.wire.extension import (
    MAX_EXTENSION_BODY,
    VERSION,
    Feature,
    Greeting,
    Hello,
    Unwatch,
    Watching,
    WatchState,
)
from napster.wire.framing import MAX_BODY
from napster.wire.messages.login import Login, LoginAccepted, Notice, Stats
from tests.index.client import running_index
from tests.index.harness import EXTENDED, FEATURES, World

HELLO = Hello(VERSION, FEATURES, MAX_EXTENSION_BODY, "192.0.2.1")


def test_hello(world: World) -> None:
    """Right after the 3 comes what the index can do, for those who understand it."""
    answers = world.connect().ask(Login("berta", b"pw", 6699, EXTENDED, 8))
    assert isinstance(answers[0], LoginAccepted)
    assert answers[1] == HELLO
    plain = world.connect().ask(Login("anna", b"pw", 6699, b"old", 8))
    assert not any(isinstance(each, Hello) for each in plain)


def test_what_both_can(world: World) -> None:
    """The features of a session are those that both sides have told."""
    berta = world.login("berta", client=EXTENDED)
    (session,) = world.hub.sessions
    assert not session.user.uses(Feature.SECURE)
    greeting = Greeting(VERSION, Feature(FEATURES | 2**31), b"f" * 32)
    assert berta.ask(greeting) == []
    assert session.user.features == FEATURES
    assert session.user.uses(Feature.SECURE)
    assert session.user.fingerprint == b"f" * 32


def test_only_once(world: World) -> None:
    """What was agreed on stays, whatever is said later."""
    berta = world.login("berta", client=EXTENDED)
    assert berta.ask(Greeting(VERSION, Feature(0))) == []
    refusal = Notice(b"what to use was agreed on already (20001)")
    assert berta.ask(Greeting(VERSION, FEATURES, b"f" * 32)) == [refusal]
    (session,) = world.hub.sessions
    assert not session.user.features
    assert session.user.fingerprint is None


@pytest.mark.parametrize("body", [b"", b"\1", b"\1\1\0\1", b"\1\1\0\1\2\4\0\1\0\0\0\3\1\0x"])
def test_broken_greeting(world: World, body: bytes) -> None:
    """A greeting that cannot be read is told, and may be sent again."""
    berta = world.login("berta", client=EXTENDED)
    assert [type(each) for each in berta.tell(20001, body)] == [Notice]
    assert berta.ask(Greeting(VERSION, FEATURES)) == []


def test_long_bodies(world: World) -> None:
    """Extension messages may be long, those of others not, and no longer than was told."""
    berta = world.login("berta", client=EXTENDED)
    unknown = berta.tell(20063, bytes(MAX_EXTENSION_BODY))
    assert unknown == [Notice(b"Unknown command code 20063")]
    for number, length in ((20063, MAX_EXTENSION_BODY + 1), (200, MAX_BODY + 1)):
        conn = world.login(f"user{number}", client=EXTENDED)
        conn.frame(number, bytes(length))
        assert conn.closed
    plain = world.login("plain")
    plain.frame(20063, bytes(MAX_BODY + 1))
    assert plain.closed


@pytest_twisted.ensureDeferred
async def test_through_sockets(tmp_path: Path) -> None:
    """The greeting is heard before anything that is said later."""
    async with running_index(tmp_path) as index:
        berta = await index.client()
        berta.send(Login("berta", b"pw", 6699, EXTENDED, 8), Greeting(VERSION, FEATURES))
        welcome = await berta.until(Stats)
        assert [type(each) for each in welcome[:2]] == [LoginAccepted, Hello]
        berta.send(Unwatch(3))
        assert (await berta.get(Watching)).state is WatchState.OVER
        (session,) = index.hub.sessions
        assert session.user.features == FEATURES
        await berta.close()
