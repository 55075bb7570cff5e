"""Work that goes on though whoever began it has gone."""

from collections.abc import Iterator
from typing import Any

import pytest
from twisted.internet.defer import CancelledError, Deferred
from twisted.logger import LogLevel, globalLogPublisher

from napster.daemon.database import StorageError
from napster.index.commands import CommandError
from napster.index.unbroken import to_the_end
from tests.catalog.helpers import fired


@to_the_end
async def doubled(number: Deferred[int]) -> int:
    """Wait for a number."""
    return 2 * await number


@pytest.fixture
def logged() -> Iterator[list[Any]]:
    """Give the levels at which something is logged."""
    levels: list[Any] = []

    def observe(event: Any) -> None:
        levels.append(event["log_level"])

    globalLogPublisher.addObserver(observe)
    yield levels
    globalLogPublisher.removeObserver(observe)


def test_somebody_waits(logged: list[Any]) -> None:
    """The result comes to whoever waits for it, and so does an error."""
    number: Deferred[int] = Deferred()
    waiting = doubled(number)
    number.callback(21)
    assert fired(waiting) == 42
    with pytest.raises(StorageError, match="disk full"):
        fired(doubled(_failed(StorageError("disk full"))))
    assert logged == []


def _failed(error: Exception) -> Deferred[int]:
    failed: Deferred[int] = Deferred()
    failed.errback(error)
    return failed


@pytest.mark.parametrize(
    ("error", "level"),
    [
        (CommandError("there is no ban of berta"), LogLevel.info),
        (StorageError("disk full"), LogLevel.error),
        (ZeroDivisionError(), LogLevel.critical),
    ],
)
def test_error_that_nobody_waits_for(
    logged: list[Any], logged_failures: list[Any], error: Exception, level: Any
) -> None:
    """An error of work whose beginner has gone is logged, as a defect only if it is one."""
    number: Deferred[int] = Deferred()
    waiting = doubled(number)
    waiting.cancel()
    with pytest.raises(CancelledError):
        fired(waiting)
    assert not number.called
    number.errback(error)
    assert logged == [level]
    logged_failures.clear()
