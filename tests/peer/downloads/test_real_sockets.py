"""Downloads over real sockets, with real threads, and a daemon that is really killed."""

import hashlib
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from twisted.internet.defer import Deferred
from twisted.internet.error import ProcessTerminated
from twisted.internet.protocol import ProcessProtocol
from twisted.internet.task import deferLater
from twisted.python.failure import Failure

from napster.peer.api import DownloadState, DownloadStatus
from napster.peer.arrange import Arranger
from napster.peer.dialing import Dialer
from napster.peer.downloads.disk import DiskThread
from napster.peer.downloads.downloads import Downloads
from napster.peer.downloads.hook import Hook
from napster.peer.downloads.settle import Shelf
from napster.peer.downloads.tools import Tools
from tests.peer.downloads.helpers import FakePieceDialer, content, wanted_of
from tests.peer.downloads.uploader import Uploaders

SIZE = 40 << 20
MIB = 1 << 20


def real_downloads(reactor: Any, folder: Path, arranger: Arranger) -> Downloads:
    """Make downloads as a daemon does."""
    tools = Tools(
        clock=reactor,
        arranger=arranger,
        dialer=Dialer(reactor, reactor),
        shelf=Shelf(folder / "downloads"),
        librarian=DiskThread(reactor, "downloads folder"),
        new_worker=lambda name: DiskThread(reactor, name),
        random=lambda: 0.0,
        pieces=FakePieceDialer(),
    )
    return Downloads(tools, folder, 3, Hook(reactor))


async def ended(reactor: Any, downloads: Downloads) -> DownloadStatus:
    """Wait until the only download has ended."""
    while True:
        (status,) = downloads.list()
        if status.state in {DownloadState.DONE, DownloadState.FAILED}:
            return status
        await deferLater(reactor, 0.01)


def within(reactor: Any, seconds: float, work: Any) -> Deferred[Any]:
    """Let nothing hang."""
    return Deferred.fromCoroutine(work).addTimeout(seconds, reactor)


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("size", [0, 5, 300_000, 20 * MIB + 1])
async def test_a_file_arrives_over_a_real_socket(tmp_path: Path, size: int) -> None:
    """A program of 1999 on a real socket sends a file, and it is saved byte for byte."""
    from twisted.internet import reactor  # noqa: PLC0415  # not before the plugin has chosen it

    data = content(size)
    uploaders = Uploaders(reactor, data)
    downloads = real_downloads(reactor, tmp_path, uploaders.arranger())
    await downloads.start()
    md5 = hashlib.md5(data[:299_008]).hexdigest()
    await downloads.add(wanted_of(data, md5=md5))
    status = await within(reactor, 30, ended(reactor, downloads))
    await downloads.stop()
    await uploaders.stop()
    assert (status.state, status.verified) == (DownloadState.DONE, "head checked")
    assert Path(status.saved).read_bytes() == data


@pytest_twisted.ensureDeferred
async def test_a_broken_line(tmp_path: Path) -> None:
    """A connection that is reset in the middle goes on at most 1 MiB before where it broke."""
    from twisted.internet import reactor  # noqa: PLC0415  # not before the plugin has chosen it

    data = content(5 * MIB)
    uploaders = Uploaders(reactor, data, breaks_at=3 * MIB)
    downloads = real_downloads(reactor, tmp_path, uploaders.arranger())
    await downloads.start()
    await downloads.add(wanted_of(data))
    status = await within(reactor, 30, ended(reactor, downloads))
    await downloads.stop()
    await uploaders.stop()
    assert status.state is DownloadState.DONE
    assert Path(status.saved).read_bytes() == data
    assert len(uploaders.offsets) == 2


class Victim(ProcessProtocol):
    """A daemon in a process of its own, killed once it has told enough progress."""

    def __init__(self, kill_at: int) -> None:
        self.kill_at = kill_at
        self.done = 0
        self.ended: Deferred[None] = Deferred()
        self.errors = b""
        self._output = b""

    def outReceived(self, data: bytes) -> None:
        self._output += data
        *lines, self._output = self._output.split(b"\n")
        self.done = int(lines[-1]) if lines else self.done
        if self.done >= self.kill_at and self.transport.pid:
            self.transport.signalProcess(signal.SIGKILL)

    def errReceived(self, data: bytes) -> None:
        self.errors += data

    def processEnded(self, reason: Failure) -> None:
        assert reason.check(ProcessTerminated), self.errors
        self.ended.callback(None)


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("kill_at", [1, 7 * MIB, 23 * MIB + 5])
async def test_a_killed_daemon_goes_on(tmp_path: Path, kill_at: int) -> None:
    """After SIGKILL a download goes on, fetches at most 1 MiB again, and its content is right."""
    from twisted.internet import reactor  # noqa: PLC0415  # not before the plugin has chosen it

    data = content(SIZE)
    uploaders = Uploaders(reactor, data)
    victim = Victim(kill_at)
    command = [sys.executable, "-m", "tests.peer.downloads.victim"]
    arguments = [*command, str(tmp_path), str(uploaders.port)]
    reactor.spawnProcess(  # type: ignore[attr-defined]  # every reactor on a POSIX system can
        victim, sys.executable, arguments, env=None, path=str(Path(__file__).parents[3])
    )
    await victim.ended.addTimeout(30, reactor)
    downloads = real_downloads(reactor, tmp_path, uploaders.arranger())
    await downloads.start()
    status = await within(reactor, 30, ended(reactor, downloads))
    await downloads.stop()
    await uploaders.stop()
    assert status.state is DownloadState.DONE
    assert Path(status.saved).read_bytes() == data
    assert uploaders.offsets[-1] >= victim.done - MIB
    assert sorted(path.name for path in (tmp_path / "downloads").iterdir()) == ["song.mp3"]
