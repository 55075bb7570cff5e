"""Every message that the index takes or sends, over real sockets and through all its services."""

from pathlib import Path

import pytest
import pytest_twisted

from napster.index import refused
from napster.index.levels import Level
from napster.index.themes import STAGES
from napster.wire.extension import VERSION, Greeting
from napster.wire.framing import encode
from napster.wire.messages import SERVER_MESSAGES, Message
from napster.wire.messages.login import Disconnecting, LoginError, Notice, Stats, StatsRequest
from tests.index.client import Client, RunningIndex, running_index
from tests.index.harness import EXTENDED, FEATURES
from tests.index.scripts import SCRIPTS
from tests.index.scripts.steps import Heard, Like, Step

REGISTERED = {
    "anna": Level.USER,
    "away": Level.USER,
    "leech": Level.LEECH,
    "mod": Level.MODERATOR,
    "admin": Level.ADMIN,
}
LAST_WORDS = (LoginError, Disconnecting)
TAKEN = sorted(each for each in STAGES.online if each < 20_000)


async def meet(index: RunningIndex, nick: str) -> Client:
    """Connect and, unless it is a guest, log in; hear all that is said about that."""
    if nick.startswith("guest"):
        return await index.client()
    client = await index.client(nick, port=0 if nick == "wall" else 6699)
    if REGISTERED.get(nick, Level.USER) is not Level.USER:
        await client.get(Notice)
    return client


async def play(clients: dict[str, Client], step: Step) -> None:
    """Say what a step says and hear what it hears."""
    clients[step.who].send(step.says)
    for nick, expected in step.hears:
        heard = await clients[nick].next()
        assert matches(heard, expected), (step.says, nick, heard)


def matches(heard: Message, expected: Heard) -> bool:
    """Whether a message is the expected one, or of the expected kind with the expected fields."""
    if isinstance(expected, Like):
        fields = {name: getattr(heard, name, None) for name in expected.fields}
        return isinstance(heard, expected.kind) and fields == expected.fields
    return isinstance(heard, expected) if isinstance(expected, type) else heard == expected


def leaves(script: list[Step]) -> set[str]:
    """Tell whose connection the index ends."""
    heard = [pair for each in script for pair in each.hears]
    return {nick for nick, each in heard if isinstance(each, LAST_WORDS)}


@pytest.mark.parametrize("name", SCRIPTS)
@pytest_twisted.ensureDeferred
async def test_script(tmp_path: Path, name: str) -> None:
    """Everybody hears what the script says, and nothing else."""
    script = SCRIPTS[name]
    nicks = {each.who for each in script} | {nick for each in script for nick, _ in each.hears}
    async with running_index(tmp_path, stats_interval=0) as index:
        for nick, level in REGISTERED.items():
            await index.hub.accounts.register(nick, b"pw", f"{nick}@example.org", level=level)
        clients = {nick: await meet(index, nick) for nick in sorted(nicks)}
        for each in script:
            await play(clients, each)
        for nick in leaves(script):
            assert await clients.pop(nick).over() == []
        for client in clients.values():
            client.send(StatsRequest())
            await client.get(Stats)
        for client in clients.values():
            await client.close()


def test_all_are_there() -> None:
    """The scripts say everything that the index takes, and hear everything that it sends."""
    steps = [each for script in SCRIPTS.values() for each in script]
    assert {each.says.type for each in steps} == set(TAKEN) - set(refused.COMMANDS)
    heard = {message.type for each in steps for _, message in each.hears}
    assert heard == {each for each in SERVER_MESSAGES if each < 20_000}


GARBAGE = [b"", b"\0", b'"', b"\xff" * 2048, b" ".join([b"nobody"] * 200), b'#x "a "b" c" -1 99999']


@pytest_twisted.ensureDeferred
async def test_garbage(tmp_path: Path) -> None:
    """Whatever a message's body holds, the session goes on, and so does everybody else's."""
    async with running_index(tmp_path, stats_interval=0, message_rate=0, search_rate=0) as index:
        await index.hub.accounts.register("mod", b"pw", "mail", level=Level.MODERATOR)
        anna, mod = await index.client("anna"), await meet(index, "mod")
        for number in TAKEN:
            frames = b"".join(encode(number, body) for body in GARBAGE)
            for client in (anna, mod):
                client.raw(frames)
                client.send(StatsRequest())
                while not isinstance(await client.next(), Stats):
                    pass
        await anna.close()
        await mod.close()


TAGGED = [b"\1\4\0\7\0\0\0\2\1\0x", b"\1\4\0\7\0\0\0\2\0\0\3\3\0\xff\xff\xff", b"\1\2\0" * 5000]


@pytest_twisted.ensureDeferred
async def test_garbage_in_extension_messages(tmp_path: Path) -> None:
    """So it is with those who may say more, and the clients of old are told nothing new."""
    async with running_index(tmp_path, stats_interval=0, search_rate=0) as index:
        anna = await index.client("anna", client=EXTENDED)
        anna.send(Greeting(VERSION, FEATURES))
        old = await index.client("old")
        for number in sorted(STAGES.extension):
            anna.raw(b"".join(encode(number, body) for body in (*GARBAGE, *TAGGED)))
            old.raw(encode(number, b""))
            anna.send(StatsRequest())
            while not isinstance(await anna.next(), Stats):
                pass
            assert await old.get(Notice) == Notice(b"Unknown command code %d" % number)
        await anna.close()
        await old.close()
