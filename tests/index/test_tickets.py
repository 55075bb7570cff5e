"""Tickets for both sides of an arranged transfer."""

from ipaddress import IPv6Address
from pathlib import Path

import pytest
import pytest_twisted

from napster.index.tickets import LIFE
from napster.wire.extension import (
    TICKET_BYTES,
    VERSION,
    Family,
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
BOTH = Family.IPV4 | Family.IPV6


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


def six(world: World, nick: str, host: str, families: Family, port: int = 6699) -> Conn:
    """Log in with a program that can connect by some kinds of addresses."""
    conn = world.login(nick, host, port=port, client=EXTENDED)
    greeting = Greeting(VERSION, SECURE, nick[0].encode() * 32, families)
    assert conn.ask(greeting) == []
    return conn


def test_by_ipv6(world: World) -> None:
    """Who was seen to come by IPv6 can be connected to there by those who can."""
    anna = six(world, "anna", "2001:db8::1", Family.IPV6)
    anna.send(file())
    berta = six(world, "berta", "192.0.2.1", BOTH)
    assert berta.ask(DownloadRequest("anna", PATH)) == []
    issued, _ = anna.messages()
    assert issued.ipv6 is None
    anna.ask(UploadAccepted("berta", PATH))
    ticket, ready = berta.messages()
    assert (ticket.role, ticket.address) == (Role.CONNECTOR, "0.0.0.0")
    assert ticket.ipv6 == IPv6Address("2001:db8::1").packed
    assert ready == DownloadReady("anna", 0, 6699, PATH, MD5, 8)


def test_push_by_ipv6(world: World) -> None:
    """An uploader who has both brings a file to a downloader who has IPv6 only."""
    anna = six(world, "anna", "192.0.2.1", BOTH)
    anna.send(file())
    berta = six(world, "berta", "2001:db8::2", Family.IPV6)
    (ready,) = berta.ask(DownloadRequest("anna", PATH))
    assert ready.port == 0
    assert berta.ask(PushRequest("anna", PATH)) == []
    ticket, _ = anna.messages()
    assert ticket.ipv6 == IPv6Address("2001:db8::2").packed
    (push,) = anna.ask(UploadAccepted("berta", PATH))
    assert (push.address, push.port) == (0, 6699)


@pytest.mark.parametrize(
    ("at", "families"),
    [
        ("192.0.2.1", Family.IPV4),
        ("192.0.2.1", Family.IPV6),  # it was not seen to be there
        ("::ffff:192.0.2.1", BOTH),
        ("fe80::1%eth0", BOTH),
        ("64:ff9b::c000:201", BOTH),
        ("2001:db8::1", Family.IPV4),
    ],
)
def test_no_address_that_was_not_seen(world: World, at: str, families: Family) -> None:
    """What a program says of itself makes nobody connect anywhere by IPv6."""
    anna = six(world, "anna", at, families)
    anna.send(file())
    berta = six(world, "berta", "2001:db8::9", BOTH, port=0)
    berta.ask(DownloadRequest("anna", PATH))
    anna.messages()
    anna.frame(608, b'berta "' + PATH + b'"')
    assert not any(getattr(each, "ipv6", None) for each in berta.messages())


def test_families_that_do_not_meet(world: World) -> None:
    """Who has IPv4 only and who has IPv6 only cannot have each other's files, and are told."""
    six(world, "anna", "2001:db8::1", Family.IPV6).send(file())
    berta = six(world, "berta", "192.0.2.1", Family.IPV4)
    (ready,) = berta.ask(DownloadRequest("anna", PATH))
    assert (ready.address, ready.port) == (0, 0)
    (ready,) = berta.ask(PushRequest("anna", PATH))
    assert ready.md5 == b"firewallerror"


def test_another_for_each_request(world: World) -> None:
    """To ask again is to get another ticket; the one of the last request counts."""
    anna, berta = pair(world)
    berta.send(DownloadRequest("anna", PATH))
    world.clock.advance(1)
    berta.send(DownloadRequest("anna", PATH))
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
