"""Going through many things without holding the reactor up."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater

T = TypeVar("T")

_SLICE = 500


async def in_slices(clock: IReactorTime, things: Iterable[T], act: Callable[[T], object]) -> None:
    """Act on each thing, and after every few hundred let others have their turn."""
    for number, thing in enumerate(things, 1):
        act(thing)
        if number % _SLICE == 0:
            await deferLater(clock, 0)
