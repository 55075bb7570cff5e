"""The process's clock and signals are set as promised and can be put back."""

import os
import resource
import signal
import time

import pytest_twisted
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.selectreactor import SelectReactor
from twisted.internet.testing import MemoryReactor

from napster.daemon import process


def test_monotonic_time() -> None:
    """A reactor with monotonic time counts as time.monotonic does."""
    fake = MemoryReactor()
    process.use_monotonic_time(fake)
    assert abs(fake.seconds() - time.monotonic()) < 1
    assert SelectReactor.seconds is not time.monotonic


def test_file_limit() -> None:
    """The soft limit becomes the hard one."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(256, before[1]), before[1]))
        assert process.raise_file_limit() == before[1]
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (before[1], before[1])
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest_twisted.ensureDeferred
async def test_signal() -> None:
    """A signal reaches the reactor's thread, and the old handler can be put back."""
    before = signal.getsignal(signal.SIGUSR2)
    heard: Deferred[None] = Deferred()
    undo = process.on_signal(reactor, signal.SIGUSR2, lambda: heard.callback(None))
    os.kill(os.getpid(), signal.SIGUSR2)
    await heard.addTimeout(5, reactor)
    undo()
    assert signal.getsignal(signal.SIGUSR2) == before
