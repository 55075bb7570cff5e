"""Tests of the wish list."""
