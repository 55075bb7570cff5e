"""What has to stay as it is while somebody goes through it."""

from collections.abc import Iterator
from contextlib import contextmanager


class Watched:
    """Counts who relies on it; whoever would change it waits until nobody does."""

    __slots__ = ("watchers",)

    def __init__(self) -> None:
        self.watchers = 0
        """How many rely on it now."""

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Rely on it for a while."""
        self.watchers += 1
        try:
            yield
        finally:
            self.watchers -= 1
