"""Fixtures of the tests of what daemons stand on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.daemon.running import Twistd, running


@pytest.fixture
def twistd(tmp_path: Path) -> Iterator[Twistd]:
    """Give a test real twistd processes of its own."""
    with running(tmp_path) as found:
        yield found
