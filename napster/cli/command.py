"""What a command of the command line is made of."""

from argparse import ArgumentParser, Namespace
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

import attrs

from napster.cli.pages import PageStore
from napster.cli.screen import Screen
from napster.peer.api import PeerApi

if TYPE_CHECKING:
    from twisted.internet.interfaces import IReactorTime


@attrs.define
class Session:
    """What a command works with: its options, the peer it asks, where it writes."""

    options: Namespace
    peer: PeerApi
    screen: Screen
    pages: PageStore
    clock: "IReactorTime"
    farewell: str = "Interrupted."
    """What is said when a person stops the command with Ctrl-C."""


def _as_they_are(_options: Namespace, _pages: PageStore) -> None:
    """Leave the options of a command that needs no preparation."""


@attrs.frozen
class PeerCommand:
    """A command that asks a peer; `run` returns the exit status, and may raise an ApiError."""

    arguments: Callable[[ArgumentParser], Any]
    run: Callable[[Session], Awaitable[int]]
    prepare: Callable[[Namespace, PageStore], None] = _as_they_are
    """Checks and completes the options before any peer is asked; may raise an ApiError."""


@attrs.frozen
class LocalCommand:
    """A command that asks no peer; `run` returns the exit status, and may raise an ApiError."""

    arguments: Callable[[ArgumentParser], Any]
    run: Callable[[Namespace, Screen], int]


@attrs.frozen
class CommandGroup:
    """Commands that share their first word, each with a second one and what it does."""

    commands: Mapping[str, tuple[str, LocalCommand | PeerCommand]]
    alone: PeerCommand | None = None
    """What the first word does without a second one."""
