"""The index daemon as a whole, over real sockets."""

import socket
import sqlite3
import struct
from pathlib import Path

import pytest
import pytest_twisted
import treq
from twisted.internet import reactor
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.task import deferLater
from twisted.logger import capturedLogs

from napster.catalog.memory.catalog import MemoryCatalog
from napster.daemon.listening import ListenError
from napster.index.session import Session
from napster.wire.messages import Message
from napster.wire.messages.login import (
    CheckNick,
    Disconnecting,
    Ghosted,
    LoginAccepted,
    LoginError,
    MotdLine,
    MotdRequest,
    NickFree,
    NickTaken,
    Notice,
    Register,
    Stats,
    StatsRequest,
)
from napster.wire.messages.people import (
    Ping,
    Pong,
    PrivateMessage,
    ServerPing,
    Whois,
    WhoisRequest,
    Whowas,
)
from napster.wire.messages.searching import (
    Browse,
    BrowseEnd,
    DirectBrowse,
    DirectBrowseAccept,
    DirectBrowseReady,
    DirectBrowseRequest,
    Search,
    SearchEnd,
    SearchHit,
    Source,
    SourcesEnd,
    SourcesRequest,
)
from napster.wire.messages.sharing import Unshare, UnshareAll
from napster.wire.messages.transfers import (
    DataPortError,
    DownloadReady,
    DownloadRequest,
    PushReady,
    PushRequest,
    Queued,
    QueueLimit,
    UploadAccepted,
    UploadRefused,
    UploadRequest,
)
from napster.wire.search import SearchQuery
from tests.index.client import Client, running_index
from tests.index.harness import MD5, file

PATH = rb"music\band - song.mp3"
LOOPBACK = 16777343
SONG = Search(SearchQuery(contains=(b"song",)))


async def congested(session: Session) -> None:
    """Wait until a client that does not read makes its session wait."""
    for _ in range(1000):
        await deferLater(reactor, 0.01)
        if session.outbox.congested:
            return
    raise AssertionError("the session never had to wait")


@pytest_twisted.ensureDeferred
async def test_login(tmp_path: Path) -> None:
    """The welcome arrives, and a second login is refused."""
    async with running_index(tmp_path, server_name="attic", motd="Hello") as index:
        client = await index.client()
        welcome = await client.log_in("anna")
        assert welcome[0] == LoginAccepted("anon@attic")
        assert welcome[-2:] == [MotdLine(b"Hello"), Stats(1, 0, 0)]
        await client.close()


@pytest_twisted.ensureDeferred
async def test_registration(tmp_path: Path) -> None:
    """An account outlives the daemon; its password is needed afterwards."""
    async with running_index(tmp_path) as index:
        client = await index.client()
        client.send(CheckNick("anna"), Register("anna", b"secret", 0, b"c", 1, "a@example.org"))
        await client.get(NickFree)
        assert (await client.until(Stats))[0] == LoginAccepted("a@example.org")
        await client.close()
    async with running_index(tmp_path) as index:
        client = await index.client()
        client.send(CheckNick("ANNA"))
        await client.get(NickTaken)
        await client.log_in("anna", password=b"secret")
        guess = await index.client()
        guess.raw(b"\x11\0\x02\0" + b'anna wrong 0 "" 4')
        assert await guess.over() == [LoginError(b"Invalid Password")]
        await client.close()
        asker = await index.client("berta")
        asker.send(WhoisRequest("anna"))
        assert (await asker.get(Whowas)).last_seen > 1_000_000_000
        await asker.close()


@pytest_twisted.ensureDeferred
async def test_share_search_and_go(tmp_path: Path) -> None:
    """Files are found as long as their owner is connected, and not one search longer."""
    async with running_index(tmp_path) as index:
        anna, berta = await index.client("anna"), await index.client("berta")
        anna.send(file(), file(b"other.mp3"), Unshare(b"other.mp3"), StatsRequest())
        assert await anna.get(Stats) == Stats(2, 1, 0)
        berta.send(SONG)
        hit = SearchHit(PATH, MD5, 1000, 128, 44100, 60, "anna", LOOPBACK, 8)
        assert await berta.until(SearchEnd) == [hit, SearchEnd()]
        await anna.close()
        berta.send(SONG)
        await berta.get(SearchEnd)
        await berta.close()


@pytest_twisted.ensureDeferred
async def test_files_are_settled_though_nobody_searches(tmp_path: Path) -> None:
    """Soon after the last files came, the catalog has made them ready for the first search."""
    async with running_index(tmp_path) as index:
        anna = await index.client("anna")
        catalog = index.hub.catalog
        assert isinstance(catalog, MemoryCatalog)
        anna.send(*(file(b"%05d.mp3" % n) for n in range(1000)))
        while not catalog.count("anna") or catalog._intake._waiting.count:
            await deferLater(reactor, 0.05)
        await anna.close()


@pytest_twisted.ensureDeferred
async def test_many_files(tmp_path: Path) -> None:
    """A library of thousands is shared, listed in full, and withdrawn."""
    async with running_index(tmp_path) as index:
        anna, berta = await index.client("anna"), await index.client("berta")
        anna.send(*(file(b"%05d.mp3" % n) for n in range(5000)), StatsRequest())
        assert (await anna.get(Stats)).files == 5000
        berta.send(Browse("anna"))
        assert len(await berta.until(BrowseEnd)) == 5001
        berta.send(SourcesRequest(MD5, 1000))
        *sources, _ = await berta.until(SourcesEnd)
        assert len(sources) == 100
        assert isinstance(sources[0], Source)
        anna.send(UnshareAll(), StatsRequest())
        await gatherResults([deferLater(reactor, 0.05)])
        berta.send(StatsRequest())
        assert (await berta.get(Stats)).files == 0
        anna.transport.loseConnection()
        await berta.close()


@pytest_twisted.ensureDeferred
async def test_download(tmp_path: Path) -> None:
    """A download is arranged, refused, queued, and its data port complained about."""
    async with running_index(tmp_path) as index:
        anna, berta = await index.client("anna"), await index.client("berta")
        anna.send(file(), StatsRequest())
        await anna.get(Stats)
        for answer in (UploadAccepted, UploadRefused):
            berta.send(DownloadRequest("anna", PATH))
            assert await anna.get(UploadRequest) == UploadRequest("berta", PATH, 8)
            anna.send(answer("berta", PATH))
        assert await berta.next() == DownloadReady("anna", LOOPBACK, 6699, PATH, MD5, 8)
        assert await berta.next() == UploadRefused("anna", PATH)
        berta.send(DownloadRequest("anna", PATH))
        assert await anna.get(UploadRequest) == UploadRequest("berta", PATH, 8)
        anna.send(QueueLimit("berta", PATH, 2))
        assert await berta.get(Queued) == Queued("anna", PATH, 1000, 2)
        berta.send(DataPortError("anna"))
        assert await anna.get(DataPortError) == DataPortError("berta")
        await anna.close()
        await berta.close()


@pytest_twisted.ensureDeferred
async def test_push(tmp_path: Path) -> None:
    """A firewalled uploader is sent to the downloader."""
    async with running_index(tmp_path) as index:
        anna, berta = await index.client("anna", port=0), await index.client("berta")
        anna.send(file(), StatsRequest())
        await anna.get(Stats)
        berta.send(DownloadRequest("anna", PATH))
        assert (await berta.get(DownloadReady)).port == 0
        berta.send(PushRequest("anna", PATH))
        await anna.get(UploadRequest)
        anna.send(UploadAccepted("berta", PATH))
        assert await anna.get(PushReady) == PushReady("berta", LOOPBACK, 6699, PATH, MD5, 8)
        await anna.close()
        await berta.close()


@pytest_twisted.ensureDeferred
async def test_direct_browse(tmp_path: Path) -> None:
    """A list is fetched straight from its owner."""
    async with running_index(tmp_path) as index:
        anna, berta = await index.client("anna"), await index.client("berta")
        anna.send(file(), StatsRequest())
        await anna.get(Stats)
        berta.send(DirectBrowse("anna"))
        assert await anna.get(DirectBrowseRequest) == DirectBrowseRequest("berta")
        anna.send(DirectBrowseAccept("berta"))
        ready = await berta.get(DirectBrowseReady)
        assert ready == DirectBrowseReady("anna", LOOPBACK, 6699)
        await anna.close()
        await berta.close()


@pytest_twisted.ensureDeferred
async def test_talk(tmp_path: Path) -> None:
    """Messages and pings reach their addressees."""
    async with running_index(tmp_path) as index:
        anna, berta = await index.client("anna"), await index.client("berta")
        anna.send(PrivateMessage("berta", b"hi"), Ping("berta", b"1"), WhoisRequest("berta"))
        assert await berta.next() == PrivateMessage("anna", b"hi")
        assert await berta.next() == Ping("anna", b"1")
        await anna.get(Whois)
        berta.send(Pong("anna", b"1"), ServerPing(b"x"))
        assert await anna.get(Pong) == Pong("berta", b"1")
        assert await berta.get(ServerPing) == ServerPing(b"x")
        await anna.close()
        await berta.close()


@pytest_twisted.ensureDeferred
async def test_ghost(tmp_path: Path) -> None:
    """The right password ends the older session; a living unregistered one stays."""
    async with running_index(tmp_path) as index:
        old = await index.client()
        old.send(Register("anna", b"pw", 0, b"c", 1, "mail"))
        await old.until(Stats)
        new = await index.client("anna")
        assert [type(each) for each in await old.over()] == [Ghosted, Notice, Disconnecting]
        berta = await index.client("berta")
        double = await index.client()
        double.raw(b'\x0f\0\x02\0berta pw 0 "" 4')
        await berta.get(ServerPing)
        berta.send(ServerPing(b"berta"))
        assert await double.over() == [LoginError(b"berta is already active")]
        await new.close()
        await berta.close()


@pytest_twisted.ensureDeferred
async def test_oversize(tmp_path: Path) -> None:
    """An over-long frame gets its sentence before the connection closes."""
    async with running_index(tmp_path) as index:
        client = await index.client("anna")
        client.raw(b"\xff\xff\xc8\0" + b"x" * 100_000)
        (told,) = await client.over()
        assert isinstance(told, Notice)
        assert b"65535 bytes" in told.text


@pytest_twisted.ensureDeferred
async def test_too_many_connections(tmp_path: Path) -> None:
    """A connection over the limit of its address is told before it closes."""
    async with running_index(tmp_path, max_connections_per_address=1) as index:
        anna = await index.client("anna")
        second = await index.client()
        (told,) = await second.over()
        assert isinstance(told, LoginError)
        await anna.close()


@pytest_twisted.ensureDeferred
async def test_client_that_never_reads(tmp_path: Path) -> None:
    """A client that asks for much and reads nothing holds up nobody and little memory."""
    async with running_index(tmp_path, search_rate=0) as index:
        anna, berta, carl = [await index.client(nick) for nick in ("anna", "berta", "carl")]
        anna.send(*(file(b"song %05d.mp3" % n) for n in range(1000)), StatsRequest())
        await anna.get(Stats)
        berta.transport.pauseProducing()
        berta.send(*[Browse("anna")] * 200)
        (session,) = [each for each in index.hub.sessions if str(each).startswith("berta")]
        await congested(session)
        carl.send(SONG)
        assert len(await carl.until(SearchEnd)) == 101
        assert session.outbox.congested
        assert len(session.outbox) < 65_536
        berta.transport.abortConnection()
        await berta.over()
        await anna.close()
        await carl.close()


@pytest_twisted.ensureDeferred
async def test_connection_that_breaks_while_it_is_sent_to(tmp_path: Path) -> None:
    """A client that is gone when something is sent to it ends as any other, without a word."""
    async with running_index(tmp_path) as index:
        client = socket.create_connection(("127.0.0.1", index.ports[-1]))
        anna = await index.client("anna")
        (session,) = [each for each in index.hub.sessions if not str(each).startswith("anna")]
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()  # a reset: the index can send no more, and does not know yet
        with capturedLogs() as events:
            session.deliver(ServerPing().frame())
            assert session in index.hub.sessions
            anna.send(StatsRequest())
            await anna.get(Stats)
        assert session not in index.hub.sessions
        assert not events
        await anna.close()


@pytest_twisted.ensureDeferred
async def test_goodbye(tmp_path: Path) -> None:
    """A daemon that stops takes leave of everybody first."""
    async with running_index(tmp_path) as index:
        anna, nobody = await index.client("anna"), await index.client()
    text = b"The server is shutting down; try again later"
    assert await anna.over() == [Notice(text), Disconnecting(b"0")]
    assert await nobody.over() == [Notice(text), Disconnecting(b"0")]


async def _stuck(session: Session) -> None:
    """Wait until a client's buffers are full too."""
    before = -1
    while not session.outbox.congested or len(session.outbox) != before:
        before = len(session.outbox)
        await deferLater(reactor, 0.2)


@pytest_twisted.ensureDeferred
async def test_goodbye_to_somebody_who_does_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that does not read its farewell does not keep the daemon alive."""
    monkeypatch.setattr("napster.index.service._FAREWELL", 0.2)
    async with running_index(tmp_path, search_rate=0) as index:
        anna = await index.client("anna")
        berta = await index.client("berta")
        anna.send(*(file(b"song %05d.mp3" % n) for n in range(3000)), StatsRequest())
        await anna.get(Stats)
        berta.transport.pauseProducing()
        berta.send(*[Browse("anna")] * 500)
        (session,) = [each for each in index.hub.sessions if str(each).startswith("berta")]
        await _stuck(session)
        with capturedLogs() as events:
            await index.daemon.getServiceNamed("sessions").stopService()
    assert "does not read its farewell" in [event.get("reason") for event in events]
    berta.transport.resumeProducing()
    await berta.over()
    await anna.over()


@pytest_twisted.ensureDeferred
async def test_stats_are_pushed(tmp_path: Path) -> None:
    """Everybody is told the totals now and then."""
    async with running_index(tmp_path, stats_interval=1) as index:
        anna = await index.client("anna")
        assert await anna.get(Stats) == Stats(1, 0, 0)
        await anna.close()


@pytest_twisted.ensureDeferred
async def test_reload(tmp_path: Path) -> None:
    """A reload changes the message of the day and limits without disturbing anybody."""
    async with running_index(tmp_path, motd="old") as index:
        anna = await index.client("anna")
        await index.reload(listen=["tcp:0:interface=127.0.0.1"], motd="new", max_shared=1)
        anna.send(MotdRequest(), file(b"a"), file(b"b"), StatsRequest())
        *_, motd, stats = await anna.until(Stats)
        assert motd == MotdLine(b"new")
        assert stats == Stats(1, 1, 0)
        assert (await anna.get(Notice)).text.startswith(b"1 of 2 accepted")
        await index.reload(motd_file=str(tmp_path / "missing"))
        anna.send(MotdRequest(), StatsRequest())
        assert (await anna.until(Stats))[-2] == MotdLine(b"new")
        await anna.close()


@pytest_twisted.ensureDeferred
async def test_http(tmp_path: Path) -> None:
    """The HTTP port says that all is well."""
    endpoint = "tcp:0:interface=127.0.0.1"
    async with running_index(tmp_path, http=endpoint) as index:
        response = await treq.get(
            f"http://127.0.0.1:{index.ports[0]}/healthz", persistent=False, timeout=10
        )
        assert response.code == 200
        assert await response.text() == "ok\n"
        await deferLater(reactor, 0.05)


@pytest_twisted.ensureDeferred
async def test_full_disk(tmp_path: Path) -> None:
    """A registration that finds no room is refused, and the HTTP port says so until one does."""

    async def health() -> tuple[int, str]:
        url = f"http://127.0.0.1:{index.ports[0]}/healthz"
        response = await treq.get(url, persistent=False, timeout=10)
        return response.code, await response.text()

    async def register(nick: str) -> Message:
        client = await index.client()
        client.send(Register(nick, b"pw", 6699, b"test 1.0", 8, "a@example.org"))
        answer = await client.next()
        await client.close()
        return answer

    async with running_index(tmp_path, http="tcp:0:interface=127.0.0.1") as index:
        await index.hub.accounts._database.run(_no_room)
        answer = await register("anna")
        assert isinstance(answer, LoginError)
        assert b"its disk is full" in answer.text
        status, text = await health()
        assert status == 503
        assert text == "accounts, bans and channels cannot be written: database or disk is full\n"
        await index.hub.accounts._database.run(_room)
        assert isinstance(await register("anna"), LoginAccepted)
        assert await health() == (200, "ok\n")
        await deferLater(reactor, 0.05)


def _no_room(connection: sqlite3.Connection) -> None:
    """Let a new account take more room than there is."""
    connection.execute("CREATE TABLE filler (bytes BLOB)")
    filling = "INSERT INTO filler VALUES (zeroblob(100000))"
    connection.execute(f"CREATE TRIGGER fill AFTER INSERT ON account BEGIN {filling}; END")
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}").fetchall()


def _room(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA max_page_count = 100000").fetchall()


@pytest_twisted.ensureDeferred
async def test_proxy(tmp_path: Path) -> None:
    """Behind a proxy users are published at the addresses the proxy tells."""
    listen = ["haproxy:tcp:0:interface=127.0.0.1"]
    async with running_index(tmp_path, listen=listen, max_connections_per_address=1) as index:
        anna, berta = await index.client(), await index.client()
        anna.raw(b"PROXY TCP4 198.51.100.7 10.0.0.1 5000 8888\r\n")
        berta.raw(b"PROXY TCP4 198.51.100.8 10.0.0.1 5000 8888\r\n")
        await anna.log_in("anna")
        await berta.log_in("berta")
        anna.send(file(), StatsRequest())
        await anna.get(Stats)
        berta.send(SONG)
        hit = await berta.get(SearchHit)
        assert hit.address == int.from_bytes(bytes([198, 51, 100, 7]), "little")
        await anna.close()
        await berta.close()


@pytest_twisted.ensureDeferred
async def test_silent_behind_a_proxy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who sends nothing behind a proxy's header is limited, counted, and closed in time."""
    monkeypatch.setattr("napster.index.service.INTERVAL", 0.05)
    listen = ["haproxy:tcp:0:interface=127.0.0.1"]
    settings = {"max_connections_per_address": 1, "login_timeout": 1}
    async with running_index(tmp_path, listen=listen, **settings) as index:
        silent, second, bare = [await index.client() for _ in range(3)]
        silent.raw(b"PROXY TCP4 198.51.100.7 10.0.0.1 5000 8888\r\n")
        assert await silent.over() == [LoginError(b"login timed out")]
        bare.raw(b"PROXY UNKNOWN\r\n")
        await deferLater(reactor, 0.05)
        second.raw(b"PROXY UNKNOWN\r\n")
        (refusal,) = await second.over()
        assert isinstance(refusal, LoginError)
        assert b"1 connections already" in refusal.text
        assert index.hub.meters.connections == 2
        await bare.over()


@pytest_twisted.ensureDeferred
async def test_socket_options(tmp_path: Path) -> None:
    """Answers are not delayed, and the kernel notices hosts that are gone, behind a proxy too."""
    endpoints = [f"{kind}tcp:0:interface=127.0.0.1" for kind in ("haproxy:", "")]
    async with running_index(tmp_path, listen=endpoints) as index:
        direct, proxied = await index.client("anna"), await Client.connect(index.ports[0])
        proxied.raw(b"PROXY TCP4 198.51.100.7 10.0.0.1 5000 8888\r\n")
        await proxied.log_in("berta")
        for session in index.hub.sessions:
            handle = session._transport.getHandle()
            assert handle.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            assert handle.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 60_000
            assert handle.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        await direct.close()
        await proxied.close()


@pytest_twisted.ensureDeferred
async def test_status_line(tmp_path: Path) -> None:
    """The status tells users, files and searches a second since it was last asked."""
    async with running_index(tmp_path) as index:
        anna = await index.client("anna")
        anna.send(file(), SONG, SONG)
        await anna.get(SearchEnd)
        await anna.get(SearchEnd)
        line = index.daemon._notifier._status_line()
        assert line.startswith("1 users, 1 files, ")
        assert line.endswith(" searches/s")
        assert float(line.split()[-2]) > 0
        assert index.daemon._notifier._status_line().endswith(" 0.0 searches/s")
        await anna.close()


@pytest_twisted.ensureDeferred
async def test_port_taken(tmp_path: Path) -> None:
    """A port already taken is one sentence, and nothing is left running."""
    async with running_index(tmp_path) as index:
        other = tmp_path / "other"
        other.mkdir()
        listen = [f"tcp:{index.ports[-1]}:interface=127.0.0.1"]
        with pytest.raises(ListenError, match="Address already in use"):
            async with running_index(other, listen=listen):
                pass
    assert not (other / "state").exists()


@pytest_twisted.ensureDeferred
async def test_crowd(tmp_path: Path) -> None:
    """A hundred clients at once log in, share, search and go, and nothing is left."""
    async with running_index(tmp_path, search_rate=0, connections_per_minute=0) as index:

        async def one(number: int) -> None:
            client = await Client.connect(index.ports[-1])
            await client.log_in(f"user{number}")
            client.send(*(file(b"song %d %d" % (number, n)) for n in range(20)), SONG)
            *hits, _ = await client.until(SearchEnd)
            assert all(isinstance(each, SearchHit) for each in hits)
            await client.close()

        await gatherResults([Deferred.fromCoroutine(one(n)) for n in range(100)])
        await deferLater(reactor, 0.2)
        last = await index.client("last")
        last.send(StatsRequest())
        assert await last.get(Stats) == Stats(1, 0, 0)
        await last.close()
