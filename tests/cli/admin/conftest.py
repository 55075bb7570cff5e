"""Fixtures of the tests of `napster admin`."""

from tests.cli.admin.fake import terminal
from tests.index.conftest import world

__all__ = ["terminal", "world"]
