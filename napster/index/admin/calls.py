"""The table of requests at the admin socket, filled by one module per theme."""

from collections.abc import Awaitable, Callable, Iterable
from heapq import nsmallest
from typing import Any, TypeVar

import attrs

from napster.index.actors import Actor
from napster.index.acts import reason_text
from napster.index.admin.backups import Backups
from napster.index.admin.live import LiveSettings
from napster.index.admin.values import Page
from napster.index.hub import Hub

A = TypeVar("A")
T = TypeVar("T")


@attrs.frozen
class Console:
    """What requests are about, and who makes them."""

    hub: Hub
    live: LiveSettings
    backups: Backups
    actor: Actor


Run = Callable[[Console, A], Awaitable[object]]


@attrs.frozen
class Call:
    """What is done on a request; its answer is a value, or a list of values, or None."""

    asked: type
    run: Run[Any]


class Calls(dict[str, Call]):
    """Requests by name."""

    def on(self, name: str, asked: type[A]) -> Callable[[Run[A]], Run[A]]:
        """Make a coroutine function what is done on a request."""

        def decorate(run: Run[A]) -> Run[A]:
            if name in self:
                raise ValueError(f"{name} is answered twice")
            self[name] = Call(asked, run)
            return run

        return decorate


def page_of(things: Iterable[T], name: Callable[[T], str], asked: Page) -> list[T]:
    """Choose a page of things, in the order of their names without case."""
    after = asked.after.lower()
    later = (each for each in things if name(each).lower() > after)
    return nsmallest(asked.limit, later, key=lambda each: name(each).lower())


def tidy(reason: str) -> str:
    """Make a reason one short line, as those that come over the wire."""
    return reason_text(reason.encode("utf-8", "replace"))
