"""Fixtures of the tests that need programs of the system."""

from tests.daemon.conftest import twistd

__all__ = ["twistd"]
