"""Scenes that are torn down: a link left running would keep its timers."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.peer.index_link.fakes import HELLO, Scene


@pytest.fixture
def build() -> Iterator[Callable[..., Scene]]:
    """Build a scene whose link has been started, with other parts if given."""
    scenes: list[Scene] = []

    def make(**parts: Any) -> Scene:
        scene = Scene(**parts)
        scene.link.startService()
        scenes.append(scene)
        return scene

    yield make
    for scene in scenes:
        scene.link.stopService()
    for scene in scenes:
        assert not [call for call in scene.clock.getDelayedCalls() if call.active()]


@pytest.fixture
def scene(build: Callable[..., Scene]) -> Scene:
    """Give a link that is trying to connect."""
    return build()


@pytest.fixture
def online(scene: Scene) -> Scene:
    """Give a link that is logged in and has said what it had to say."""
    scene.index.let_in()
    scene.pump()
    scene.index.heard()
    return scene


@pytest.fixture
def modern(scene: Scene) -> Scene:
    """Give a link that is logged in at an index that knows content ids."""
    scene.index.let_in(HELLO)
    scene.pump()
    scene.index.heard()
    return scene
