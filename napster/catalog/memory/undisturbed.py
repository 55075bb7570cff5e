"""Questions that take many steps, although ids and numbers change their meaning meanwhile.

An id may come to stand for another file, a file get another id, a number stand for another word.
Whatever a question has gathered is of no use then: it begins anew. It does so once only, for from
then on all that would disturb it waits until it has ended. As no other question is waited for than
those that were disturbed themselves, there is time between them for what waits.
"""

from collections.abc import Callable
from typing import TypeVar

from napster.catalog.memory.blocks import Blocks
from napster.catalog.memory.slices import Steps

T = TypeVar("T")


def undisturbed(blocks: Blocks, question: Callable[[], Steps[T]]) -> Steps[T]:
    """Carry out the steps of a question, anew if ids or numbers change their meaning meanwhile."""
    steps, changes = question(), blocks.changes
    while blocks.changes == changes:
        try:
            next(steps)
        except StopIteration as stop:
            answer: T = stop.value
            return answer
        yield
    steps.close()
    with blocks.in_place():
        return (yield from question())
