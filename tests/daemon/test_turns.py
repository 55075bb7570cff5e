"""However many wait for their turn, each has it, in the order in which they came."""

import pytest
from twisted.internet.defer import CancelledError, Deferred

from napster.daemon.turns import Turns

MANY = 2000


@pytest.mark.parametrize("at_once", [1, 3])
def test_many_who_need_no_time(at_once: int) -> None:
    """Those who wait and are done at once all have their turn, and leave none taken."""
    turns = Turns(at_once)
    for _ in range(at_once):
        turns.acquire()
    served: list[int] = []
    for number in range(MANY):
        turns.run(served.append, number)
    assert turns.locked
    assert served == []
    turns.release()
    assert served == [*range(MANY)]
    for _ in range(at_once - 1):
        turns.release()
    assert turns.tokens == at_once
    assert not turns.locked


def test_so_many_at_once() -> None:
    """Others have to wait; a turn that ends is the next one's."""
    turns = Turns(2)
    begun: list[int] = []
    ends: list[Deferred[None]] = [Deferred() for _ in range(4)]

    def work(number: int) -> Deferred[None]:
        begun.append(number)
        return ends[number]

    for number in range(4):
        turns.run(work, number)
    assert begun == [0, 1]
    ends[1].callback(None)
    assert begun == [0, 1, 2]
    ends[0].callback(None)
    assert begun == [0, 1, 2, 3]
    assert turns.locked
    ends[2].callback(None)
    assert not turns.locked
    ends[3].callback(None)
    assert turns.tokens == 2


def test_who_comes_later_waits_behind() -> None:
    """Somebody whose turn ends, and who asks for another at once, gets behind those who wait."""
    turns = Turns()
    served: list[str] = []

    async def serve(name: str, *again: str) -> None:
        async with turns:
            served.append(name)
        for each in again:
            await serve(each)

    turns.acquire()
    for names in (("anna", "anna again"), ("berta",), ("carl",)):
        Deferred.fromCoroutine(serve(*names))
    turns.release()
    assert served == ["anna", "berta", "carl", "anna again"]


def test_who_waits_no_longer() -> None:
    """A wait that is cancelled takes no turn."""
    turns = Turns()
    turns.acquire()
    given_up, next_ = turns.acquire(), turns.acquire()
    given_up.addErrback(lambda failure: failure.trap(CancelledError))
    given_up.cancel()
    turns.release()
    assert next_.called
    turns.release()
    assert not turns.locked
