"""Tickets for both sides of an arranged transfer."""

from pathlib import Path

import pytest
import pytest_twisted

from napster.index.tickets import LIFE
from napster.wire.extension import (
    TICKET_BYTES,
    VERSION,
    Feature,
    Greeting,
    Role,
    Task,
    TicketIssued,
)
from napster.wire.messages.login import Stats, StatsRequest
from napster.wire.messages.transfers import (
    DownloadReady,
    DownloadRequest,
    PushReady,
    PushRequest,
    QueueLimit,
    UploadAccepted,
    UploadRequest,
)
from tests.index.client import running_index
from tests.index.harness import EXTENDED, MD5, Conn, World, file

PATH = rb"music\band - song.mp3"
SECURE = Feature.SECURE


def login(
    world: World, nick: str, host: str, features: Feature = SECURE, *, port: int = 6699
) -> Conn:
    """Log in and agree on features; the fingerprint repeats the nick's first letter."""
    conn = world.login(nick, host, port=port, client=EXTENDED)
    assert conn.ask(Greeting(VERSION, features, nick[0].encode() * 32)) == []
    return conn


def pair(world: World, *, anna: int = 6699) -> tuple[Conn, Conn]:
    """Bring an uploader and a downloader online."""
    uploader = login(world, "anna", "127.0.0.1", port=anna)
    uploader.send(file())
    return uploader, login(world, "berta", "192.0.2.1")


def for_anna(ticket: bytes, role: Role) -> TicketIssued:
    """Make what the uploader gets."""
    about = (role, LIFE, Task.UPLOAD, b"b" * 32)
    return TicketIssued(b"berta", PATH, ticket, "192.0.2.1", *about)


def for_berta(ticket: bytes, role: Role) -> TicketIssued:
    """Make what the downloader gets."""
    about = (role, LIFE, Task.DOWNLOAD, b"a" * 32)
    return TicketIssued(b"anna", PATH, ticket, "127.0.0.1", *about)


def test_download(world: World) -> None:
    """The uploader gets it before it is asked, the downloader before it learns where to connect."""
    anna, berta = pair(world)
    assert berta.ask(DownloadRequest("Anna", PATH)) == []
    issued, asked = anna.messages()
    assert isinstance(issued, TicketIssued)
    assert len(issued.ticket) == TICKET_BYTES
    assert issued == for_anna(issued.ticket, Role.ACCEPTOR)
    assert asked == UploadRequest("berta", PATH, 8)
    assert anna.ask(UploadAccepted("berta", PATH)) == []
    ready = DownloadReady("anna", 16777343, 6699, PATH, MD5, 8)
    assert berta.messages() == [for_berta(issued.ticket, Role.CONNECTOR), ready]


def test_push(world: World) -> None:
    """The uploader, who connects, gets it when asked; the downloader before that one connects."""
    anna, berta = pair(world, anna=0)
    assert berta.ask(PushRequest("anna", PATH)) == []
    issued, asked = anna.messages()
    assert isinstance(issued, TicketIssued)
    assert issued == for_anna(issued.ticket, Role.CONNECTOR)
    assert asked == UploadRequest("berta", PATH, 8)
    (push,) = anna.ask(UploadAccepted("berta", PATH))
    assert isinstance(push, PushReady)
    assert berta.messages() == [for_berta(issued.ticket, Role.ACCEPTOR)]


def test_another_for_each_request(world: World) -> None:
    """To ask again is to get another ticket; the one of the last request counts."""
    anna, berta = pair(world)
    berta.send(DownloadRequest("anna", PATH), DownloadRequest("anna", PATH))
    first, _, second, _ = anna.messages()
    assert isinstance(first, TicketIssued)
    assert isinstance(second, TicketIssued)
    assert first.ticket != second.ticket
    anna.send(UploadAccepted("berta", PATH))
    assert berta.messages()[0] == for_berta(second.ticket, Role.CONNECTOR)


def test_late_agreement(world: World) -> None:
    """If the uploader agrees when the ticket is too old, both get another one."""
    anna, berta = pair(world)
    berta.send(DownloadRequest("anna", PATH))
    (old, _) = anna.messages()
    world.clock.advance(LIFE)
    anna.send(QueueLimit("berta", PATH, 1))
    berta.messages()
    (issued,) = anna.ask(UploadAccepted("berta", PATH))
    assert isinstance(old, TicketIssued)
    assert isinstance(issued, TicketIssued)
    assert issued.ticket != old.ticket
    assert issued == for_anna(issued.ticket, Role.ACCEPTOR)
    assert berta.messages()[0] == for_berta(issued.ticket, Role.CONNECTOR)


@pytest.mark.parametrize("who", ["uploader", "downloader"])
def test_only_if_both_can(world: World, who: str) -> None:
    """A side that has not agreed on tickets gets none, and neither does the other."""
    able = Feature(0) if who == "uploader" else SECURE
    anna = login(world, "anna", "127.0.0.1", able)
    anna.send(file())
    berta = login(world, "berta", "192.0.2.1", SECURE - able)
    berta.send(DownloadRequest("anna", PATH))
    assert anna.messages() == [UploadRequest("berta", PATH, 8)]
    anna.send(UploadAccepted("berta", PATH))
    assert [type(each) for each in berta.messages()] == [DownloadReady]


def test_no_fingerprint(world: World) -> None:
    """A side that does not encrypt has tickets all the same, without a fingerprint of its own."""
    anna = world.login("anna", "127.0.0.1", client=EXTENDED)
    anna.send(Greeting(VERSION, SECURE), file())
    berta = login(world, "berta", "192.0.2.1")
    berta.send(DownloadRequest("anna", PATH))
    anna.send(UploadAccepted("berta", PATH))
    issued, _ = berta.messages()
    assert isinstance(issued, TicketIssued)
    assert issued.fingerprint is None


def test_nothing_asked_for(world: World) -> None:
    """Nobody gets a ticket by agreeing to what was not asked for, or to refuse it."""
    anna, berta = pair(world)
    anna.send(UploadAccepted("berta", PATH))
    anna.messages()
    assert berta.messages() == []


@pytest_twisted.ensureDeferred
async def test_through_sockets(tmp_path: Path) -> None:
    """Two clients of a real index come to hold the same ticket."""
    async with running_index(tmp_path) as index:
        clients = [await index.client(nick, client=EXTENDED) for nick in ("anna", "berta")]
        anna, berta = clients
        for client, letter in zip(clients, (b"a", b"b"), strict=True):
            client.send(Greeting(VERSION, SECURE, letter * 32))
        anna.send(file(), StatsRequest())
        await anna.get(Stats)
        berta.send(DownloadRequest("anna", PATH))
        held = await anna.get(TicketIssued)
        await anna.get(UploadRequest)
        anna.send(UploadAccepted("berta", PATH))
        given = (await berta.until(DownloadReady))[-2]
        assert isinstance(given, TicketIssued)
        assert given.ticket == held.ticket
        assert (held.fingerprint, given.fingerprint) == (b"b" * 32, b"a" * 32)
        for client in clients:
            await client.close()
