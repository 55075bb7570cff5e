"""Fixtures of the tests of the index."""

from collections.abc import Iterator

import pytest

from tests.index.harness import World, worlds


@pytest.fixture
def world() -> Iterator[World]:
    """Give a test an index in memory."""
    yield from worlds()
