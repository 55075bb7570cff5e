"""The client is a PeerApi: what the daemon's peer says or raises comes out on this side."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import attrs
import pytest
import pytest_twisted
from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import serverFromString
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.task import Clock

from napster.daemon.listening import ListenError
from napster.peer.api import (
    ApiError,
    BadRequestError,
    DownloadState,
    NotFoundError,
    PeerApi,
    Priority,
    UnreachableError,
    Wanted,
)
from napster.peer.control import client as client_module
from napster.peer.control.client import PATIENCE, HttpPeerApi, connect
from napster.peer.control.place import ControlAddress, ControlPlace
from napster.peer.control.service import ControlService
from tests.peer.control.fake import (
    ALICE,
    CANNOT,
    DOWNLOAD,
    PAGE,
    RARE,
    RISK,
    SHARES,
    STATUS,
    UPLOAD,
    WISH,
    FakePeer,
)

reactor: Any = _reactor
TOKEN = "T" * 43
WANTED = Wanted("a.mp3", 5, "", (ALICE,))


@asynccontextmanager
async def listening(api: FakePeer, folder: Path) -> AsyncIterator[ControlPlace]:
    service = ControlService(reactor, api, "tcp:0:interface=127.0.0.1", folder)
    service.privilegedStartService()
    service.startService()
    try:
        yield ControlPlace(folder)
    finally:
        await service.stopService()
        await closed()


async def closed() -> None:
    """Wait until the server's ends of the connections have gone too."""
    for _ in range(100):
        if not [
            each
            for each in reactor.getReaders() + reactor.getWriters()
            if hasattr(each, "protocol")
        ]:
            return
        pause: Deferred[None] = Deferred()
        reactor.callLater(0.01, pause.callback, None)
        await pause


async def call_everything(peer: PeerApi) -> None:
    assert await peer.status() == STATUS
    assert await peer.shares() == SHARES
    assert await peer.risk() == RISK
    assert await peer.rare() == (RARE, CANNOT)
    assert await peer.search("a -b & =?%\N{SNOWMAN}", ping=True) == PAGE
    assert await peer.browse("al/ice&b") == PAGE
    assert await peer.wishes() == (WISH,)
    assert (await peer.wish("a -b", get=True)).words == "a -b"
    assert [each.id for each in await peer.drop_wishes([7, 9])] == [7, 9]
    await peer.see_wishes(5)
    assert [each.name for each in await peer.get([WANTED])] == ["a.mp3"]
    assert [each.name for each in await peer.downloads()] == ["a.mp3"]
    assert [each.state for each in await peer.pause([1, 2])] == [DownloadState.PAUSED] * 2
    assert await peer.resume([1]) == [DOWNLOAD]
    assert [each.state for each in await peer.cancel([1])] == [DownloadState.CANCELLED]
    assert [each.priority for each in await peer.prioritize([1], Priority.LOW)] == [Priority.LOW]
    assert await peer.uploads() == (UPLOAD,)


@pytest_twisted.ensureDeferred
async def test_every_call(tmp_path: Path) -> None:
    """Each call of a PeerApi makes the same call at the other end, and brings the answer."""
    api = FakePeer()
    async with listening(api, tmp_path) as place:
        await call_everything(connect(reactor, place.read()))
    assert api.calls == [
        ("status",),
        ("shares",),
        ("risk",),
        ("rare",),
        ("search", "a -b & =?%\N{SNOWMAN}", True),
        ("browse", "al/ice&b"),
        ("wishes",),
        ("wish", "a -b", True),
        ("drop_wishes", (7, 9)),
        ("see_wishes", 5),
        ("get", (WANTED,)),
        ("downloads",),
        ("pause", (1, 2)),
        ("resume", (1,)),
        ("cancel", (1,)),
        ("prioritize", (1,), Priority.LOW),
        ("uploads",),
    ]


@pytest_twisted.ensureDeferred
async def test_many_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More files than fit in one request are sent in several, in order."""
    monkeypatch.setattr(client_module, "_BATCH", 2)
    api = FakePeer()
    names = ["a", "b", "c", "d", "e"]
    wanted = [Wanted(name, None, "", (ALICE,)) for name in names]
    async with listening(api, tmp_path) as place:
        begun = await connect(reactor, place.read()).get(wanted)
    assert [each.name for each in begun] == names
    assert len(api.calls) == 3


@pytest.mark.parametrize("kind", [BadRequestError, NotFoundError, UnreachableError, ApiError])
@pytest_twisted.ensureDeferred
async def test_errors(tmp_path: Path, kind: type[ApiError]) -> None:
    """An error keeps its type and its sentence."""
    async with listening(FakePeer(kind("What was wrong.")), tmp_path) as place:
        with pytest.raises(ApiError) as caught:
            await connect(reactor, place.read()).status()
    assert type(caught.value) is kind
    assert str(caught.value) == "What was wrong."


@pytest_twisted.ensureDeferred
async def test_wrong_token(tmp_path: Path) -> None:
    """A token that is refused is told as such."""
    async with listening(FakePeer(), tmp_path) as place:
        address = attrs.evolve(place.read(), token="x" * 43)
        with pytest.raises(ApiError, match="Send the token"):
            await connect(reactor, address).status()


class SilentAgent:
    """An agent whose request is never answered."""

    def request(self, *args: Any, **kwargs: Any) -> Deferred[Any]:
        return Deferred()


@pytest_twisted.ensureDeferred
async def test_no_answer() -> None:
    """A daemon that hangs is given up on, with a sentence."""
    clock, agent = Clock(), SilentAgent()
    address = ControlAddress("tcp:127.0.0.1:1", TOKEN)
    peer = HttpPeerApi(agent, clock, address)  # type: ignore[arg-type]
    answer = Deferred.fromCoroutine(peer.status())
    clock.advance(PATIENCE)
    with pytest.raises(UnreachableError, match="has not answered for 120 seconds"):
        await answer


@pytest_twisted.ensureDeferred
async def test_over_a_socket(tmp_path: Path) -> None:
    """A daemon's control API is found by its folder, answers, and is gone when it stops."""
    async with listening(FakePeer(), tmp_path) as place:
        address = place.read()
        peer = connect(reactor, address)
        assert await peer.status() == STATUS
        assert (await peer.get([WANTED]))[0].name == "a.mp3"
    assert not place.address_file.exists()
    with pytest.raises(UnreachableError, match="does not answer"):
        await peer.status()


@pytest_twisted.ensureDeferred
async def test_over_a_unix_socket(tmp_path: Path) -> None:
    """A control endpoint may be a Unix socket."""
    service = ControlService(reactor, FakePeer(), f"unix:{tmp_path}/control", tmp_path)
    service.privilegedStartService()
    service.startService()
    assert await connect(reactor, ControlPlace(tmp_path).read()).status() == STATUS
    await service.stopService()
    await closed()


@pytest_twisted.ensureDeferred
async def test_taken_port(tmp_path: Path) -> None:
    """A control port already taken stops the start, and nothing is left behind."""
    first = await serverFromString(reactor, "tcp:0:interface=127.0.0.1").listen(Factory())
    taken = f"tcp:{first.getHost().port}:interface=127.0.0.1"
    service = ControlService(reactor, FakePeer(), taken, tmp_path)
    with pytest.raises(ListenError):
        service.privilegedStartService()
    assert list(tmp_path.iterdir()) == []
    await first.stopListening()


class Answering(Protocol):
    """A server of something else: says its piece to whoever connects, then hangs up."""

    piece = b""

    def dataReceived(self, data: bytes) -> None:
        assert self.transport is not None
        self.transport.write(self.piece)
        self.transport.loseConnection()


HTML = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>"


@pytest.mark.parametrize(
    "piece",
    [
        b"",
        b"1",
        b"SSH-2.0-x\r\n",
        HTML,
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 404 No\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 302 No\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 2\r\n\r\n{}",
        b'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"\xff"\n',
    ],
)
@pytest_twisted.ensureDeferred
async def test_strangers(piece: bytes) -> None:
    """Another program on the daemon's port is told from a daemon, with a sentence."""
    factory = Factory.forProtocol(type("Stranger", (Answering,), {"piece": piece}))
    port = await serverFromString(reactor, "tcp:0:interface=127.0.0.1").listen(factory)
    address = ControlAddress(f"tcp:127.0.0.1:{port.getHost().port}", TOKEN)
    with pytest.raises(UnreachableError, match=r"is not a peer daemon|does not answer"):
        await connect(reactor, address).status()
    await port.stopListening()
    await closed()
