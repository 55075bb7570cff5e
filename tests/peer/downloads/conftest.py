"""What tests of downloads share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.peer.downloads.helpers import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Play a daemon that downloads; whatever a test leaves open is stopped without a trace."""
    world = World(tmp_path)
    yield world
    world.stop()
    assert world.arranger.running == 0
    assert not world.clock.getDelayedCalls()
