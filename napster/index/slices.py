"""Going through many things without holding the reactor up."""

from collections.abc import AsyncIterator, Callable, Iterable
from typing import TYPE_CHECKING, TypeVar

from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater

if TYPE_CHECKING:
    from napster.index.session import Session

T = TypeVar("T")

_SLICE = 0.002
"""After so many seconds of work others have their turn."""
_ANSWERS = 128


async def in_slices(clock: IReactorTime, things: Iterable[T], act: Callable[[T], object]) -> None:
    """Act on each thing, and let others have their turn every few milliseconds."""
    end = clock.seconds() + _SLICE
    for thing in things:
        act(thing)
        if clock.seconds() >= end:
            await deferLater(clock, 0)
            end = clock.seconds() + _SLICE


async def in_answers(session: "Session", things: Iterable[T]) -> AsyncIterator[T]:
    """Give each thing for an answer, and after every hundred or so wait for the client to read."""
    for number, thing in enumerate(things, 1):
        yield thing
        if number % _ANSWERS == 0:
            await session.breathe()
