"""Keeping order over real sockets, with a real database, and after a restart."""

from pathlib import Path

import pytest_twisted

from napster.index.levels import Level
from napster.wire.messages.login import (
    Disconnecting,
    LoginAccepted,
    LoginError,
    Notice,
    Register,
    Stats,
)
from napster.wire.messages.moderation import (
    AddBan,
    Announce,
    Announcement,
    BanEntry,
    BansEnd,
    Kill,
    ListBans,
    Muzzle,
    Nuke,
    PortOrder,
    RemoveBan,
    SetLevel,
    SetPort,
    SetSpeed,
    TellModerators,
    ToldModerators,
    Unmuzzle,
)
from napster.wire.messages.people import PrivateMessage
from tests.index.client import Client, RunningIndex, running_index


async def admin(index: RunningIndex) -> Client:
    """Log an admin in."""
    await index.hub.accounts.register("admin", b"pw", "mail", level=Level.ADMIN)
    client = await index.client("admin")
    told = await client.get(Notice)
    assert told.text == b"napster set your user level to Admin (3)."
    return client


async def said(client: Client) -> str:
    return (await client.get(Notice)).text.decode()


@pytest_twisted.ensureDeferred
async def test_orders(tmp_path: Path) -> None:
    """Each order of a moderator reaches whom it is about."""
    async with running_index(tmp_path) as index:
        boss, anna = await admin(index), await index.client()
        anna.send(Register("anna", b"pw", 6699, b"c", 1))
        await anna.until(Stats)
        boss.send(SetPort("anna", 7000), SetSpeed("anna", 4), SetLevel("anna", "Moderator"))
        assert await anna.get(PortOrder) == PortOrder(7000)
        assert await said(anna) == "admin set your link speed to 56.7"
        assert await said(anna) == "admin set your user level to Moderator (2)."
        assert await said(anna) == "admin set the level of anna: Moderator"
        for act in (
            "data port of anna: 7000",
            "link speed of anna: 56.7",
            "level of anna: Moderator",
        ):
            assert await said(boss) == f"admin set the {act}"
        boss.send(TellModerators(b"hi"), Announce(b"hello"))
        assert await anna.get(ToldModerators) == ToldModerators("admin", b"hi")
        assert await anna.get(Announcement) == Announcement("admin", b"hello")
        boss.send(Nuke("anna"), Kill("anna", b"bye"))
        *_, farewell, end = await anna.over()
        assert (farewell, end) == (Notice(b"You were killed by admin: bye"), Disconnecting(b"0"))
        await boss.close()


@pytest_twisted.ensureDeferred
async def test_muzzle_survives(tmp_path: Path) -> None:
    """A muzzle outlives logout and restart, until it is taken off."""
    async with running_index(tmp_path) as index:
        boss, anna = await admin(index), await index.client("anna")
        boss.send(Muzzle("anna", b"hush"))
        assert await said(anna) == "You were muzzled by admin: hush"
        await anna.close()
        await boss.close()
    async with running_index(tmp_path) as index:
        boss, anna = await index.client("admin"), await index.client("anna")
        await boss.get(Notice)
        anna.send(PrivateMessage("anna", b"x"), PrivateMessage("admin", b"please"))
        assert await said(anna) == "You are muzzled; only moderators hear you"
        assert await boss.get(PrivateMessage) == PrivateMessage("anna", b"please")
        boss.send(Unmuzzle("anna"))
        assert await said(anna) == "You were unmuzzled by admin"
        await anna.close()
        await boss.close()


@pytest_twisted.ensureDeferred
async def test_ban_survives(tmp_path: Path) -> None:
    """After a restart the very first connection is kept out; moderators come in."""
    async with running_index(tmp_path) as index:
        boss, anna = await admin(index), await index.client("anna")
        boss.send(AddBan("127.0.0.0/8", b"floods", 3600))
        assert (await anna.over())[-1] == Disconnecting(b"0")
        await said(boss)
        boss.send(ListBans())
        entry = await boss.get(BanEntry)
        assert (entry.mask, entry.setter, entry.seconds) == ("*!127.0.0.0/8", "admin", 3600)
        await boss.get(BansEnd)
        await boss.close()
    async with running_index(tmp_path) as index:
        anna = await index.client()
        anna.raw(b'\x0e\0\x02\0anna pw 0 "" 4')
        (refused,) = await anna.over()
        assert isinstance(refused, LoginError)
        assert refused.text.startswith(b"You are banned from this server until ")
        boss = await index.client("admin")
        await boss.get(Notice)
        boss.send(RemoveBan("127.0.0.0/8"))
        await said(boss)
        anna = await index.client("anna")
        await anna.close()
        await boss.close()
        latest = [str(each) for each in await index.hub.records.audit.latest(2)]
        assert latest == [
            "admin lifted the ban of *!127.0.0.0/8",
            "admin banned *!127.0.0.0/8 for 1:00:00: floods",
        ]


@pytest_twisted.ensureDeferred
async def test_invitation(tmp_path: Path) -> None:
    """A code lets one nick in where only registered ones come in, and survives a restart."""
    closed = {"registration": False, "unregistered": False}
    async with running_index(tmp_path, **closed) as index:
        made = await index.hub.records.invitations.create("console.root", "for Anna", None)
    async with running_index(tmp_path, **closed) as index:
        stranger, anna, late = [await index.client() for _ in range(3)]
        stranger.send(Register("anna", b"pw", 0, b"c", 1, "anna@example.org"))
        assert b"registration is closed" in (await stranger.over())[0].body()
        anna.send(Register("anna", b"pw", 0, b"c", 1, f"{made.code}/anna@example.org"))
        assert await anna.get(LoginAccepted) == LoginAccepted("anna@example.org")
        late.send(Register("late", b"pw", 0, b"c", 1, made.code))
        unknown = LoginError(b"this invitation is unknown, used up or has ended")
        assert await late.over() == [unknown]
        (used,) = await index.hub.records.invitations.all()
        assert used.nick == "anna"
        await anna.close()
