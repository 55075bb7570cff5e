"""Waiting for replies in a protocol that does not number its questions."""

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IReactorTime

from napster.daemon.turns import Turns
from napster.peer.arrange import ArrangeError, NoAnswerError

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)

MOST_ITEMS = 500_000
"""How many items one answer may have; what an index sends beyond that is dropped."""


class Collecting(Generic[T]):
    """Items that come one by one until the end comes, or none has come for `patience` seconds."""

    def __init__(self, clock: IReactorTime, patience: float, silence: str) -> None:
        """`silence` is the sentence of the NoAnswerError when patience ends."""
        self.items: list[T] = []
        self.done: Deferred[list[T]] = Deferred(lambda _: self._timer.cancel())
        self._patience = patience
        self._timer = clock.callLater(patience, self._give_up, silence)

    def add(self, item: T) -> None:
        """Take one more item."""
        if len(self.items) < MOST_ITEMS:
            self.items.append(item)
            self._timer.reset(self._patience)

    def end(self) -> None:
        """Fire `done` with the items."""
        self._timer.cancel()
        self.done.callback(self.items)

    def fail(self, error: ArrangeError) -> None:
        """Fail `done`."""
        self._timer.cancel()
        self.done.errback(error)

    def _give_up(self, silence: str) -> None:
        self.done.errback(NoAnswerError(silence))


class InOrder(Generic[T]):
    """Questions of one kind whose answers name nothing: asked one at a time.

    When an answer does not end in time, its late rest must not pass for the answer to the next
    question: `sync` fires when all that was under way has arrived.
    """

    def __init__(
        self,
        clock: IReactorTime,
        patience: float,
        silence: str,
        sync: Callable[[], Deferred[float]],
    ) -> None:
        self._clock = clock
        self._patience = patience
        self._silence = silence
        self._sync = sync
        self._lock = Turns()
        self._current: Collecting[T] | None = None

    @property
    def waiting(self) -> bool:
        """Whether an answer is being waited for."""
        return self._current is not None

    @property
    def found(self) -> bool:
        """Whether the answer being waited for has items already."""
        return self._current is not None and bool(self._current.items)

    async def ask(self, send: Callable[[], None]) -> list[T]:
        """Send a question when its turn comes, and collect the answer. Raises ArrangeError."""
        await self._lock.acquire()
        release = self._lock.release
        try:
            send()
            self._current = Collecting(self._clock, self._patience, self._silence)
            return await self._current.done
        except (NoAnswerError, CancelledError):
            release = self._release_in_step
            raise
        finally:
            self._current = None
            release()

    def _release_in_step(self) -> None:
        self._sync().addBoth(lambda _: self._lock.release())

    def item(self, item: T) -> None:
        """Take an item of the answer."""
        if self._current is not None:
            self._current.add(item)

    def end(self) -> None:
        """Take the end of the answer."""
        if self._current is not None:
            current, self._current = self._current, None
            current.end()

    def fail(self, error: ArrangeError) -> None:
        """Take an error instead of an answer."""
        if self._current is not None:
            current, self._current = self._current, None
            current.fail(error)


class Numbered(Generic[T]):
    """Questions with a number, which every part of the answer repeats; several may be open.

    An index answers in order: what names no number belongs to the oldest.
    """

    def __init__(self, clock: IReactorTime, patience: float, silence: str) -> None:
        self._clock = clock
        self._patience = patience
        self._silence = silence
        self._waiting: dict[int, Collecting[T]] = {}
        self._asked = 0

    async def ask(self, send: Callable[[int], None]) -> list[T]:
        """Send a question under a new number, and collect the answer. Raises ArrangeError."""
        self._asked += 1
        number = self._asked
        send(number)
        answer: Collecting[T] = Collecting(self._clock, self._patience, self._silence)
        self._waiting[number] = answer
        try:
            return await answer.done
        finally:
            del self._waiting[number]

    @property
    def oldest(self) -> int | None:
        """The number of the question that is being answered."""
        return next(iter(self._waiting), None)

    def item(self, number: int | None, item: T) -> None:
        """Take an item of an answer."""
        if number in self._waiting:
            self._waiting[number].add(item)

    def end(self, number: int, complaint: ArrangeError | None = None) -> None:
        """Take the end of an answer; one without items fails if there is a complaint."""
        answer = self._waiting.get(number)
        if answer is None:
            return
        if complaint is not None and not answer.items:
            answer.fail(complaint)
        else:
            answer.end()

    def fail(self, error: ArrangeError) -> None:
        """End all waiting."""
        for answer in list(self._waiting.values()):
            answer.fail(error)


class Keyed(Generic[K, T]):
    """Questions whose answers name what they answer; equal questions share one answer."""

    def __init__(self, clock: IReactorTime) -> None:
        self._clock = clock
        self._waiting: dict[K, list[Deferred[T]]] = {}

    @property
    def keys(self) -> tuple[K, ...]:
        """What is being waited for."""
        return tuple(self._waiting)

    def wait(self, key: K, patience: float, silence: str) -> Deferred[T]:
        """Wait for the answer; errbacks with NoAnswerError after `patience` seconds."""
        waiting: Deferred[T] = Deferred()
        self._waiting.setdefault(key, []).append(waiting)

        def give_up(_value: object, _seconds: float) -> T:
            raise NoAnswerError(silence)

        def forget(result: object) -> object:
            self._forget(key, waiting)
            return result

        waiting.addTimeout(patience, self._clock, give_up)
        waiting.addBoth(forget)
        return waiting

    def _forget(self, key: K, waiting: Deferred[T]) -> None:
        others = [each for each in self._waiting.get(key, ()) if each is not waiting]
        if others:
            self._waiting[key] = others
        else:
            self._waiting.pop(key, None)

    def answer(self, key: K, value: T) -> None:
        """Answer a question, if anybody asked it."""
        for each in self._waiting.pop(key, ()):
            each.callback(value)

    def fail(self, key: K, error: ArrangeError) -> None:
        """Answer a question with an error, if anybody asked it."""
        for each in self._waiting.pop(key, ()):
            each.errback(error)
