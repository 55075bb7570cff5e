"""Bytes to values and back: the Napster protocol without sockets, clocks or files."""
