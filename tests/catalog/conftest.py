"""Every catalog there is, for the tests that all of them must pass."""

import pytest

from napster.catalog.interface import ICatalog
from tests.catalog.helpers import CATALOGS


@pytest.fixture(params=CATALOGS)
def catalog(request: pytest.FixtureRequest) -> ICatalog:
    """Return an empty catalog, of each kind in turn."""
    return CATALOGS[request.param]()
