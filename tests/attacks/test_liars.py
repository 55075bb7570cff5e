"""Sources that send something else, more, less, or nothing; and those who never read."""

import contextlib
import hashlib
import socket
import time
from itertools import count
from pathlib import Path

import attrs
import pytest

from napster.peer.api import DownloadState, FoundFile
from napster.wire.messages.login import Notice
from napster.wire.messages.searching import Browse, BrowseEnd, BrowseFile
from napster.wire.messages.transfers import DownloadReady, DownloadRequest
from tests.attacks.conftest import SONG
from tests.attacks.enemies import Script, Source, Wire, file, honest
from tests.attacks.test_frames import memory
from tests.system.daemons import Network, Peer, network, until
from tests.system.files import MIB, make_sparse

SIZE = 300_000
TRUE = hashlib.shake_128(b"true").digest(SIZE)
FALSE = hashlib.shake_128(b"false").digest(SIZE)
_NUMBERS = count(1)
MD5 = hashlib.md5(TRUE[:299_008]).hexdigest().encode()


def endless(caller: socket.socket, _path: bytes, _offset: int) -> None:
    """Announce the right size and send until the other side hangs up.

    The last byte never comes without more behind it: till then all would be as it should.
    """
    caller.sendall(b"%d" % SIZE + TRUE[:-1])
    while True:
        caller.sendall(TRUE[-1:] + TRUE[:-1])


def longer(caller: socket.socket, _path: bytes, offset: int) -> None:
    """Announce the right size and send some more bytes than that."""
    caller.sendall(b"%d" % SIZE + TRUE[offset:] + b"more")


def of_another_size(caller: socket.socket, _path: bytes, _offset: int) -> None:
    """Announce and send more than the index was told."""
    caller.sendall(b"%d" % (2 * SIZE))
    time.sleep(0.5)
    caller.sendall(TRUE + TRUE)


def silly(caller: socket.socket, _path: bytes, _offset: int) -> None:
    """Answer with a number that no file has."""
    caller.sendall(b"9" * 400)


def mute(caller: socket.socket, _path: bytes, _offset: int) -> None:
    """Hang up instead of answering."""


LIARS = {
    "endless": (endless, "it sends more than it announced"),
    "longer": (longer, "it sends more than it announced"),
    "false": (honest(FALSE), "what came is not the file that was offered"),
}


@pytest.mark.parametrize("kind", LIARS)
def test_only_a_liar(net: Network, bob: Peer, kind: str) -> None:
    """The download fails with the reason; the file never grew beyond what was announced."""
    script, reason = LIARS[kind]
    name = f"only {kind}.mp3"
    with Source(net.index.port, "mallory", script) as mallory:
        mallory.share(file(name.encode(), SIZE, MD5))
        (number,) = bob.get(bob.search(f'"only {kind}"').rows)
        part = bob.downloads_folder / f"{name}.part"
        largest = 0

        def failed() -> bool:
            nonlocal largest
            with contextlib.suppress(FileNotFoundError):
                largest = max(largest, part.stat().st_size)
            return bob.download(number).state is DownloadState.FAILED

        until(failed, "it has failed")
        assert reason in bob.download(number).reason
        assert largest <= SIZE
        assert mallory.calls == 1
        assert not (bob.downloads_folder / name).exists()
    bob.ask("POST", "downloads/cancel", {"ids": [number]})
    assert not part.exists()


@pytest.mark.parametrize("script", [endless, longer, honest(FALSE), of_another_size, silly, mute])
def test_a_liar_among_the_sources(net: Network, bob: Peer, script: Script) -> None:
    """What one source spoils another makes good, and nothing false is saved."""
    number = next(_NUMBERS)
    name = b"both %d.mp3" % number
    with (
        Source(net.index.port, "mallory", script) as mallory,
        Source(net.index.port, "honest", honest(TRUE)) as other,
    ):
        mallory.share(file(name, SIZE, MD5))
        other.share(file(name, SIZE, MD5))
        (row,) = bob.search(f'"both {number}"').rows
        assert {each.nick for each in row.sources} == {"mallory", "honest"}
        (path,) = bob.fetch([prefer("mallory", row)])
    assert path.read_bytes() == TRUE
    assert mallory.calls == 1


def prefer(nick: str, row: FoundFile) -> FoundFile:
    """Put a source first."""
    return attrs.evolve(row, sources=sorted(row.sources, key=lambda each: each.nick != nick))


def test_retries_are_few(net: Network, bob: Peer) -> None:
    """Sources that talk nonsense are asked again only after a while."""
    with contextlib.ExitStack() as stack:
        liars = [
            stack.enter_context(Source(net.index.port, script.__name__, script))
            for script in (silly, mute, of_another_size)
        ]
        for liar in liars:
            liar.share(file(b"nonsense\\" + liar.nick.encode(), SIZE))
        numbers = bob.get(bob.search("nonsense").rows)
        for number in numbers:
            until(lambda: "next try" in bob.download(number).reason, "it waits")  # noqa: B023  # used at once
        time.sleep(2)
        assert [liar.calls for liar in liars] == [1, 1, 1]
    for number in numbers:
        bob.ask("POST", "downloads/cancel", {"ids": [number]})


def test_too_many_files(tmp_path: Path) -> None:
    """Nobody fills the index with more than the quota, and who tries is told."""
    with network(tmp_path, max_shared=100) as net, Wire.connect(net.index.port) as mallory:
        mallory.log_in("mallory")
        mallory.say(*(file(b"fake\\song %d.mp3" % number, SIZE) for number in range(300)))
        assert mallory.until(Notice).text.startswith(b"100 of 300 accepted; ")
        mallory.say(Browse("mallory"))
        listed = mallory.all_until(BrowseEnd)
        assert sum(isinstance(each, BrowseFile) for each in listed) == 100


def test_readers_who_never_read(net: Network, bob: Peer) -> None:
    """They cost an uploader next to no memory, and nobody else the transfer."""
    carol = net.prepare("carol", upload_slots=40, upload_slots_per_user=40)
    make_sparse(carol.share / "huge of carol.bin", 512 * MIB)
    net.join(carol, {f"{n}/of carol.bin": b"x" * 1000 for n in range(30)} | {"song of carol": SONG})
    with contextlib.ExitStack() as stack:
        mallory = stack.enter_context(Wire.connect(net.index.port))
        mallory.log_in("mallory")
        before = memory(carol.pid)
        for _ in range(20):
            never_read(stack, mallory, carol)
        time.sleep(1)
        assert len([each for each in carol.uploads() if each.state == "sending"]) == 20
        assert memory(carol.pid) < before + 20 * MIB
        (path,) = bob.fetch(bob.search('"song of carol"').rows)
        assert path.read_bytes() == SONG
    until(lambda: not carol.uploads(), "all slots are free")


def never_read(stack: contextlib.ExitStack, mallory: Wire, carol: Peer) -> None:
    """Ask for a file and leave it at that."""
    path = b"share\\huge of carol.bin"
    mallory.say(DownloadRequest("carol", path))
    mallory.until(DownloadReady)
    caller = stack.enter_context(socket.create_connection(("127.0.0.1", carol.data_port)))
    caller.recv(1)
    caller.sendall(b"GET")
    caller.sendall(b'mallory "%b" 0' % path)
