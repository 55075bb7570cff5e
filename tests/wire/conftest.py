"""Hypothesis without deadlines: a slow machine is not a wrong parser."""

from hypothesis import settings

settings.register_profile("wire", deadline=None)
settings.load_profile("wire")
