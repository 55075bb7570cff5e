"""What every test is held to: no leaked call, socket, logged failure or unhandled error."""

import gc
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from twisted.internet.interfaces import IListeningPort, IReactorCore, ITransport
from twisted.logger import globalLogPublisher

_PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A busy machine is no failure."""
settings.register_profile("same", _PATIENT, derandomize=True)
settings.register_profile("explore", _PATIENT, max_examples=2_000)
settings.load_profile("same")


def pytest_collection_finish() -> None:
    """Put what was imported out of the garbage collector's sight: each test collects its own."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def logged_failures() -> list[dict[str, Any]]:
    """Hold the failures logged so far; a test that expects one clears the list."""
    return []


@pytest.fixture(autouse=True)
def _no_logged_failures(logged_failures: list[dict[str, Any]]) -> Iterator[None]:
    """Fail a test during which a failure was logged or a Deferred's error went unhandled."""

    def observe(event: dict[str, Any]) -> None:
        if "log_failure" in event:
            logged_failures.append(event)

    globalLogPublisher.addObserver(observe)
    yield
    gc.collect()
    globalLogPublisher.removeObserver(observe)
    assert not [str(event["log_failure"]) for event in logged_failures]


def _sockets(reactor: Any) -> set[object]:
    return {
        each
        for each in reactor.getReaders() + reactor.getWriters()
        if ITransport.providedBy(each) or IListeningPort.providedBy(each)
    }


@pytest.fixture(autouse=True)
def _clean_reactor() -> Iterator[None]:
    """Fail a test that leaves a delayed call or a socket behind."""
    from twisted.internet import reactor as _reactor  # noqa: PLC0415  # importing it installs it

    reactor: Any = _reactor
    assert IReactorCore.providedBy(reactor)
    calls, sockets = set(reactor.getDelayedCalls()), _sockets(reactor)
    yield
    left = [call for call in reactor.getDelayedCalls() if call not in calls and call.active()]
    for call in left:
        call.cancel()
    assert not left
    assert not _sockets(reactor) - sockets
