"""Each terminal has a name of its own."""

import os
import pty
import re
from pathlib import Path

from napster.cli.terminal import terminal_key


def test_terminals_differ() -> None:
    """Two terminals have two names, and each keeps its own."""
    opened = [pty.openpty() for _ in range(2)]
    keys = [terminal_key([inner]) for _, inner in opened]
    assert keys == [terminal_key([inner]) for _, inner in opened]
    assert len(set(keys)) == 2
    for ends in opened:
        for end in ends:
            os.close(end)


def test_any_stream_will_do() -> None:
    """A terminal is known by any stream that is still connected to it."""
    outer, inner = pty.openpty()
    with Path("/dev/null").open() as null:
        assert terminal_key([null.fileno(), inner]) == terminal_key([inner])
    os.close(outer)
    os.close(inner)


def test_without_a_terminal() -> None:
    """Without a terminal the program that runs the commands counts, by number and start."""
    key = terminal_key([])
    assert re.fullmatch(rf"process-{os.getppid()}-[0-9]+", key)


def test_fits_a_file_name() -> None:
    """A name can be part of a file's name."""
    outer, inner = pty.openpty()
    assert "/" not in terminal_key([inner])
    os.close(outer)
    os.close(inner)
