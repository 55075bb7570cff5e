"""Each terminal has a name of its own."""

import os
import pty
import re
import subprocess
import sys

# The first terminal that the leader of a new session opens becomes the session's own.
SHOW = """
import os, subprocess, sys
if len(sys.argv) > 1:
    os.open(sys.argv[1], os.O_RDWR)
show = "from napster.cli.terminal import terminal_key; print(terminal_key())"
for _ in range(2):
    subprocess.run([sys.executable, "-c", show], stdin=subprocess.DEVNULL, check=True)
"""


def keys(*terminal: str) -> list[str]:
    """Run two commands one after the other in a session of their own, their streams elsewhere."""
    words = [sys.executable, "-c", SHOW, *terminal]
    run = subprocess.run(words, start_new_session=True, capture_output=True, check=True)
    return run.stdout.decode().split()


def test_a_terminal_keeps_its_name() -> None:
    """Two commands in one terminal share its name, wherever their streams go."""
    outer, inner = pty.openpty()
    first, second = keys(os.ttyname(inner))
    os.close(outer)
    os.close(inner)
    assert first == second
    assert re.fullmatch(r"terminal-[0-9]+-[0-9]+", first)


def test_terminals_differ() -> None:
    """Two terminals never have one name, not even one after the other on one device."""
    outer, inner = pty.openpty()
    first, second = (keys(os.ttyname(inner))[0] for _ in range(2))
    os.close(outer)
    os.close(inner)
    assert first != second


def test_without_a_terminal() -> None:
    """Without a terminal the program that runs the commands counts."""
    first, second = keys()
    assert first == second
    assert re.fullmatch(r"process-[0-9]+-[0-9]+", first)
    assert keys()[0] != first
