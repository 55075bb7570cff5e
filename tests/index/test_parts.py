"""The outbox, the periodic service, slices, the command table, the message of the day."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.abstract import FileDescriptor
from twisted.internet.defer import Deferred
from twisted.internet.main import CONNECTION_LOST
from twisted.internet.task import Clock
from twisted.internet.testing import MemoryReactor, StringTransport

from napster.index.commands import Commands, GatheringCommand
from napster.index.config import Settings
from napster.index.meters import Traffic
from napster.index.motd import MotdError, read_motd
from napster.index.outbox import Outbox
from napster.index.periodic import Periodic
from napster.index.slices import in_slices
from napster.index.themes import STAGES
from napster.wire.messages.login import StatsRequest


def test_outbox_gathers() -> None:
    """Frames leave in one piece at the flush, or when they have become many."""
    transport = StringTransport()
    outbox = Outbox(transport, Clock(), Traffic())
    outbox.put(b"a")
    outbox.put(b"b")
    assert transport.value() == b""
    outbox.flush()
    assert transport.value() == b"ab"
    outbox.put(b"x" * 70_000)
    assert len(transport.value()) == 70_002
    assert len(outbox) == 0


def test_outbox_waits_for_room() -> None:
    """While the client does not read nothing is written; then all of it, in order."""
    transport = StringTransport()
    outbox = Outbox(transport, Clock(), Traffic())
    outbox.pauseProducing()
    outbox.put(b"a" * 70_000)
    room = outbox.room()
    outbox.flush()
    assert (len(outbox), transport.value(), room.called) == (70_000, b"", False)
    outbox.resumeProducing()
    assert len(transport.value()) == 70_000
    assert room.called
    assert outbox.room().called


def test_outbox_that_fills_again() -> None:
    """Room is told only if there still is some after the flush."""
    transport = StringTransport()
    outbox = Outbox(transport, Clock(), Traffic())
    outbox.pauseProducing()
    outbox.put(b"a")
    room = outbox.room()
    transport.write = lambda data: outbox.pauseProducing()
    outbox.resumeProducing()
    assert not room.called


def test_closed_outbox() -> None:
    """Closing writes what is left; afterwards everything is dropped."""
    transport = StringTransport()
    outbox = Outbox(transport, Clock(), Traffic())
    outbox.pauseProducing()
    outbox.put(b"last words")
    outbox.close()
    outbox.put(b"more")
    outbox.flush()
    assert transport.value() == b"last words"


class Socket(FileDescriptor):
    """A connection that takes so many bytes at once; None means that it is lost."""

    connected = 1

    def __init__(self, takes: int | None) -> None:
        super().__init__(MemoryReactor())
        self.takes = takes
        self.sent = b""
        self.asked = 0

    def writeSomeData(self, data: bytes) -> int | BaseException:  # noqa: N802  # called by Twisted
        """Take what there is room for."""
        if self.takes is None:
            return CONNECTION_LOST
        taken = data[: self.takes]
        self.sent += taken
        return len(taken)

    def startWriting(self) -> None:  # noqa: N802  # called by Twisted
        """Count how often the reactor is asked to watch it."""
        self.asked += 1
        super().startWriting()


def outbox_of(transport: Socket) -> Outbox:
    """Make an outbox as a session has it."""
    outbox = Outbox(transport, Clock(), Traffic())
    transport.registerProducer(outbox, streaming=True)
    return outbox


def send(outbox: Outbox, data: bytes) -> None:
    """Send at once."""
    outbox.put(data)
    outbox.flush()


def test_sent_within_the_turn() -> None:
    """What is flushed is sent at once, without asking the reactor first."""
    transport = Socket(takes=100)
    send(outbox_of(transport), b"answer")
    assert transport.sent == b"answer"
    assert not transport.asked


@pytest.mark.parametrize("takes", [2, 0, None])
def test_rest_is_left_to_the_reactor(takes: int | None) -> None:
    """What the kernel does not take at once the reactor goes on sending, or finds to be broken."""
    transport = Socket(takes)
    send(outbox_of(transport), b"answer")
    assert transport in transport.reactor.writers
    assert isinstance(transport.doWrite(), Exception) == (takes is None)
    transport.takes = 100
    transport.doWrite()
    assert transport.sent == b"answer"
    assert not transport.reactor.writers


@given(data=st.data())
def test_bytes_keep_their_order(data: st.DataObject) -> None:
    """However much is taken each time, nothing is lost, nor overtakes what was not taken."""
    transport = Socket(0)
    outbox = outbox_of(transport)
    sizes = st.sampled_from([1, 100, 40_000, 70_000, 150_000])
    wanted = b""
    for number, size in enumerate(data.draw(st.lists(sizes, max_size=12))):
        transport.takes = data.draw(st.sampled_from([0, 1, 50_000, 300_000]))
        if data.draw(st.booleans()):
            transport.doWrite()
        wanted += bytes([number]) * size
        send(outbox, bytes([number]) * size)
    transport.takes = 300_000
    while transport in transport.reactor.writers:
        transport.doWrite()
    assert transport.sent == wanted
    assert not outbox.congested


def test_periodic() -> None:
    """Work is done after each pause, never twice at once, until the stop."""
    clock, done, working = Clock(), [], []

    async def work() -> None:
        done.append(clock.seconds())
        working.append(Deferred())
        await working[-1]

    service = Periodic(clock, lambda: 10, work)
    service.startService()
    clock.advance(10)
    clock.advance(100)
    assert done == [10]
    working[0].callback(None)
    clock.advance(10)
    assert done == [10, 120]
    service.stopService()
    clock.advance(1000)
    assert done == [10, 120]
    assert not clock.getDelayedCalls()


def test_periodic_survives(logged_failures: list[Any]) -> None:
    """A failure is logged and does not end it."""
    clock, done = Clock(), []

    async def work() -> None:
        done.append(1)
        raise ValueError("no")

    service = Periodic(clock, lambda: 10, work)
    service.startService()
    clock.pump([10] * 3)
    service.stopService()
    assert len(done) == len(logged_failures) == 3
    logged_failures.clear()


def test_periodic_pauses() -> None:
    """An interval of 0 means not now; a later change is noticed."""
    clock, done, interval = Clock(), [], [0.0]

    async def work() -> None:
        done.append(1)

    service = Periodic(clock, lambda: interval[0], work)
    service.startService()
    clock.advance(60)
    assert not done
    interval[0] = 5
    clock.pump([60, 5])
    assert done == [1]
    service.stopService()


def test_slices() -> None:
    """Many things take several turns, and all have theirs."""
    clock, done = Clock(), []

    def act(thing: int) -> None:
        """Take a millisecond."""
        done.append(thing)
        clock.rightNow += 0.001

    finished = Deferred.fromCoroutine(in_slices(clock, range(7), act))
    assert len(done) < 4
    clock.pump([0, 0, 0])
    assert done == list(range(7))
    assert finished.called


def test_commands_collide() -> None:
    """Two themes cannot answer the same message."""

    async def run(*_: Any) -> None:
        """Do nothing."""

    one, two = Commands(), Commands()
    one.on(StatsRequest)(run)
    two.add(214, GatheringCommand(run))
    with pytest.raises(ValueError, match="214 has two commands"):
        one.join(two)


def test_every_command_before_the_login_is_known_after_it() -> None:
    """A client that repeats itself after the login is not a stranger."""
    assert set(STAGES.before) < set(STAGES.online)


def test_motd(tmp_path: Path) -> None:
    """A file goes over the text; lines fit a message."""
    assert read_motd(Settings()) == ()
    assert read_motd(Settings(motd="a\nb")) == (b"a", b"b")
    file = tmp_path / "motd"
    file.write_text("é" * 3000 + "\n\nend\n\n", encoding="utf-8")
    first, blank, last = read_motd(Settings(motd="x", motd_file=file))
    assert (len(first), blank, last) == (2048, b"", b"end")


def test_motd_faults(tmp_path: Path) -> None:
    """A file that cannot be read is named, with the reason."""
    file = tmp_path / "motd"
    with pytest.raises(MotdError, match=r"motd cannot be read: No such file"):
        read_motd(Settings(motd_file=file))
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(MotdError, match="not UTF-8"):
        read_motd(Settings(motd_file=file))
