"""Services stop one after another, and none can hold the others for ever."""

import os
import signal
from collections.abc import Callable

import pytest
import pytest_twisted
from twisted.application.service import Service
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock, deferLater
from twisted.logger import capturedLogs

from napster.daemon.stopping import OrderlyStop


class Part(Service):
    """Stops when it is told to, and records it."""

    def __init__(self, name: str, events: list[str]) -> None:
        self.setName(name)
        self.events = events
        self.stopped: Deferred[None] = Deferred(lambda _: self.events.append(f"{self.name} cut"))

    def stopService(self) -> Deferred[None]:
        self.events.append(f"{self.name} asked")
        return self.stopped


def run(clock: Clock, *parts: Service) -> Deferred[None]:
    async def stop() -> None:
        with OrderlyStop(clock, 10) as stop:
            await stop.run(parts)

    return Deferred.fromCoroutine(stop())


def test_in_turn() -> None:
    """The second is asked only when the first has stopped."""
    clock, events = Clock(), []
    one, two = Part("one", events), Part("two", events)
    done = run(clock, one, two)
    assert events == ["one asked"]
    one.stopped.callback(None)
    assert events == ["one asked", "two asked"]
    two.stopped.callback(None)
    assert done.called
    assert clock.getDelayedCalls() == []


def test_patience_ends() -> None:
    """One that takes all the time is cut off; the next still gets a moment."""
    clock, events = Clock(), []
    one, two = Part("one", events), Part("two", events)
    done = run(clock, one, two)
    with capturedLogs() as logged:
        clock.advance(10)
        assert events == ["one asked", "one cut", "two asked"]
        clock.advance(0.9)
        assert not done.called
        clock.advance(0.1)
    assert done.called
    assert [each["service"] for each in logged] == ["one", "two"]


def test_failure_stops_nobody(logged_failures: list[object]) -> None:
    """A failure is logged, and the next service is stopped all the same."""
    events: list[str] = []
    one, two = Part("one", events), Part("two", events)
    done = run(Clock(), one, two)
    one.stopped.errback(ValueError("broken"))
    two.stopped.callback(None)
    assert done.called
    assert len(logged_failures) == 1
    logged_failures.clear()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest_twisted.ensureDeferred
async def test_second_signal(number: int) -> None:
    """A second signal cuts off the one that is being waited for; handlers are put back."""
    before: Callable[..., object] = signal.getsignal(number)
    events: list[str] = []
    one, two = Part("one", events), Part("two", events)
    two.stopped.callback(None)
    done = run(reactor, one, two)
    os.kill(os.getpid(), number)
    await done.addTimeout(5, reactor)
    assert events == ["one asked", "one cut", "two asked"]
    assert signal.getsignal(number) is before
    await deferLater(reactor, 0)
