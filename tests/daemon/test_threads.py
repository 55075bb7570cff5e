"""Work in threads: its outcome, its order, its end, and that nothing of it stays."""

import gc
import threading

import pytest
import pytest_twisted
from twisted.internet import reactor

from napster.daemon.threads import Threads


def thread_name() -> str:
    """Tell the thread it runs in."""
    return threading.current_thread().name


def fail() -> None:
    """Fail, and tell the thread."""
    raise OSError(thread_name())


@pytest_twisted.ensureDeferred
async def test_outcomes() -> None:
    """What is returned or raised in a thread arrives in the reactor's."""
    threads = Threads(reactor, "test", 1)
    assert (await threads.run(thread_name)).startswith("test")
    with pytest.raises(OSError, match="test"):
        await threads.run(fail)
    await threads.stop()


@pytest_twisted.ensureDeferred
async def test_the_order_and_the_end() -> None:
    """One thread does one after another; the end is when all is done and the thread has ended."""
    threads = Threads(reactor, "test order", 1)
    done: list[int] = []
    for number in range(50):
        threads.run(done.append, number)
    await threads.stop()
    assert done == list(range(50))
    assert not [each for each in threading.enumerate() if each.name.startswith("test order")]


@pytest_twisted.ensureDeferred
async def test_nothing_stays() -> None:
    """What was done is freed at once, not by the garbage collector."""
    threads = Threads(reactor, "test", 1)
    gc.collect()
    gc.disable()
    try:
        for _ in range(100):
            await threads.run(int)
        assert gc.collect() < 100
    finally:
        gc.enable()
        await threads.stop()
