"""Going through many things without holding the reactor up."""

from collections.abc import AsyncIterator, Callable, Iterable
from typing import TYPE_CHECKING, TypeVar

from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater

if TYPE_CHECKING:
    from napster.index.session import Session

T = TypeVar("T")

_SLICE = 500
_ANSWERS = 128


async def in_slices(clock: IReactorTime, things: Iterable[T], act: Callable[[T], object]) -> None:
    """Act on each thing, and after every few hundred let others have their turn."""
    for number, thing in enumerate(things, 1):
        act(thing)
        if number % _SLICE == 0:
            await deferLater(clock, 0)


async def in_answers(session: "Session", things: Iterable[T]) -> AsyncIterator[T]:
    """Give each thing for an answer, and after every hundred or so wait for the client to read."""
    for number, thing in enumerate(things, 1):
        yield thing
        if number % _ANSWERS == 0:
            await session.breathe()
