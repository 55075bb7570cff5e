"""Sending the list of all shared files to another peer."""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Final

from twisted.internet.interfaces import IConsumer, IPullProducer
from zope.interface import implementer

LINES: Final = 200
"""How many files are written at a time: some 20 KiB."""


@implementer(IPullProducer)
class ListProducer:
    """Writes segments as fast as the reader takes them; the first, the nick, on its own."""

    def __init__(
        self, consumer: IConsumer, segments: Iterator[bytes], moved: Callable[[], None]
    ) -> None:
        """Call `moved` whenever a part has been taken."""
        self._consumer = consumer
        self._segments = segments
        self._moved = moved
        self._lines = 1

    def begin(self, done: Callable[[], None]) -> None:
        """Write everything, then call `done`."""
        self._done = done
        self._consumer.registerProducer(self, streaming=False)

    def resumeProducing(self) -> None:
        """Write one more part."""
        part = b"".join(islice(self._segments, self._lines))
        self._lines = LINES
        self._moved()
        if part:
            self._consumer.write(part)
        else:
            self._consumer.unregisterProducer()
            self._done()

    def stopProducing(self) -> None:
        """End: the connection is lost."""
        self._segments = iter(())
