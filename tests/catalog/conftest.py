"""Every catalog there is, for the tests that all of them must pass."""

import pytest

from napster.catalog.interface import ICatalog
from napster.catalog.plain import PlainCatalog


@pytest.fixture(params=[PlainCatalog])
def catalog(request: pytest.FixtureRequest) -> ICatalog:
    """Return an empty catalog, of each kind in turn."""
    made: ICatalog = request.param()
    return made
