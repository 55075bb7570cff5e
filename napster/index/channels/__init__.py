"""Channels: rooms in which many talk at once."""
