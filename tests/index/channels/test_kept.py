"""Registered channels outlive the daemon; a disk that fails is not passed over."""

from pathlib import Path

import pytest_twisted
from twisted.logger import capturedLogs, formatEvent

from napster.daemon.database import StorageError
from napster.index.levels import Level
from napster.wire.messages.channels import (
    Join,
    ListChannelsFully,
    ListedChannelFully,
    Topic,
)
from napster.wire.messages.chanops import (
    BanFromChannel,
    ChannelBan,
    ChannelBansEnd,
    ChannelLevel,
    ChannelLimit,
    ChannelMode,
    ListChannelBans,
    ListOps,
    Op,
)
from napster.wire.messages.login import Notice, Stats, StatsRequest
from napster.wire.messages.people import PrivateMessage
from tests.index.channels.people import ROOM, gather, hush, moderator, room, told
from tests.index.client import running_index
from tests.index.harness import World


@pytest_twisted.ensureDeferred
async def test_restart(tmp_path: Path) -> None:
    """Topic, limit, level, modes, operators and bans are there again; a passing channel is not."""
    async with running_index(tmp_path) as index:
        for nick, level in (("mod", Level.MODERATOR), ("Anna", Level.USER)):
            await index.hub.accounts.register(nick, b"pw", "mail", level=level)
        mod = await index.client("mod")
        mod.send(
            Join("Room"),
            Op("room", ("anna",)),
            Topic("room", b'caf\xe9 "x"'),
            ChannelLimit("room", 7),
            ChannelLevel("room", "Leech"),
            ChannelMode("room", ("+MODERATED",)),
            BanFromChannel("room", "192.0.2.0/24", b"bots"),
            Join("passing"),
            StatsRequest(),
        )
        await mod.until(Stats)
        await mod.close()
    async with running_index(tmp_path) as index:
        mod, anna = await index.client("mod"), await index.client("Anna")
        await mod.get(Notice)
        mod.send(ListChannelsFully(), ListChannelBans("room"), ListOps("room"))
        line, _ = await mod.until(ListChannelsFully)
        assert line == ListedChannelFully("#Room", 0, 0, 0, 7, b"caf\xe9 'x'")
        ban, _ = await mod.until(ChannelBansEnd)
        assert isinstance(ban, ChannelBan)
        assert (ban.mask, ban.setter, ban.reason) == ("*!192.0.2.0/24", "mod", b"bots")
        assert ban.since > 1_700_000_000
        _, *operators, _ = [(await mod.get(PrivateMessage)).text for _ in range(4)]
        assert set(operators) == {b"Anna", b"mod"}
        mod.send(ChannelMode("room"))
        assert (await mod.get(Notice)).text == b"mode for channel #Room +MODERATED +REGISTERED"
        anna.send(Join("room"), StatsRequest())
        *_, topic, operator, _ = await anna.until(Stats)
        assert topic == Topic("#Room", b'caf\xe9 "x"')
        assert operator == Notice(b"Server napster set you as operator on channel #Room")
        await mod.close()
        await anna.close()


def test_full_disk(world: World) -> None:
    """Who changes a channel that then cannot be kept is told, and the log says why."""
    (anna,) = gather(world, "anna")
    mod = moderator(world)
    hush(anna, mod)

    async def save(_charter: object) -> None:
        raise StorageError("accounts.db: cannot be read or written: database or disk is full")

    world.channel_store.save = save
    with capturedLogs() as logs:
        *_, answer = told(mod.ask(ChannelMode(ROOM, ("+REGISTERED",))))
    assert answer == "The server could not do this: its disk is full or fails, try later"
    assert any("disk is full" in formatEvent(each) for each in logs)
    world.hub.channels.amend(room(world), modes=frozenset())
