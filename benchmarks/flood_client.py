"""One client that floods a Napster server until it is killed; run by floods.py.

    python benchmarks/flood_client.py KIND HOST PORT SOURCE

It sends as fast as the server reads, reads what comes (but for the kind `deaf`), and comes back
when it is thrown out. It yields the processor to others, as real ones run on other machines.
"""

import contextlib
import os
import random
import socket
import sys
import time
from collections.abc import Callable, Iterator
from itertools import count

from load_client import LOGIN, REGISTER, SEARCH, frame

VICTIM = "honest0"
"""Who is sent messages."""
RICH = "rich0"
"""Whose many files are listed."""
_BATCH = 65_536
_PATIENCE = 0.001
_CLIENT = '"flood 1 +ext1"'


def _login(nick: str, number: int = LOGIN, password: str = "secret") -> bytes:
    email = " a@b" if number == REGISTER else ""
    return frame(number, f"{nick} {password} 6699 {_CLIENT} 8{email}".encode())


def _again(data: bytes) -> Iterator[bytes]:
    batch = data * (_BATCH // len(data) + 1)
    while True:
        yield batch


def _shares() -> Iterator[bytes]:
    for number in count():
        body = b'"flood\\%08d the song.mp3" %032x 5000000 128 44100 240'
        yield b"".join(frame(100, body % (number << 8 | n, n)) for n in range(256))


def _search(words: bytes) -> bytes:
    return frame(SEARCH, b'FILENAME CONTAINS "%b" MAX_RESULTS 100' % words)


def _watches() -> Iterator[bytes]:
    query = b'FILENAME CONTAINS "the"'
    body = b"\1\4\0\1\0\0\0\2" + len(query).to_bytes(2, "little") + query
    return _again(frame(20016, body))


STEADY: dict[str, Callable[[], Iterator[bytes]]] = {
    "searches": lambda: _again(_search(b"the")),
    "deaf": lambda: _again(_search(b"the")),
    "misspelt": lambda: _again(_search(b"zzthhe")),
    "standing": _watches,
    "lists": lambda: _again(frame(211, RICH.encode())),
    "messages": lambda: _again(frame(205, f"{VICTIM} hello".encode())),
    "commands": lambda: _again(frame(214)),
    "unknown": lambda: _again(frame(9999)),
    "shares": _shares,
}
"""What is sent without an end after a login, by kind of flood."""


def _flood(connection: socket.socket, data: Iterator[bytes], *, deaf: bool) -> None:
    """Send without an end, reading in between."""
    connection.settimeout(_PATIENCE)
    for batch in data:
        left = memoryview(batch)
        while left:
            with contextlib.suppress(TimeoutError):
                left = left[connection.send(left) :]
            if not deaf:
                _read_all(connection)


def _read_all(connection: socket.socket) -> None:
    with contextlib.suppress(BlockingIOError, TimeoutError):
        while True:
            if not connection.recv(_BATCH, socket.MSG_DONTWAIT):
                raise ConnectionResetError


def _drops(connection: socket.socket, kind: str) -> None:
    """Do what brings connections to an end."""
    if kind == "garbage":
        connection.sendall(random.randbytes(4096))
    elif kind == "passwords":
        connection.sendall(_login("guessed", password=f"{random.random()}"))
    elif kind == "logins":
        connection.sendall(_login(f"f{random.getrandbits(32)}"))
    else:  # dribble
        for byte in _search(b"the") * 1000:
            connection.send(bytes([byte]))
        return
    connection.settimeout(0.2)
    with contextlib.suppress(TimeoutError):
        connection.recv(_BATCH)


DROPPED = ("connects", "logins", "passwords", "garbage", "dribble")
"""Kinds of floods that consist of many connections, or of tiny pieces."""
KINDS = (*STEADY, *DROPPED)


def _once(kind: str, host: str, port: int, source: str) -> None:
    with socket.create_connection((host, port), 10, (source, 0)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if kind in STEADY or kind == "dribble":
            connection.sendall(_login("flooder"))
        if kind in STEADY:
            _flood(connection, STEADY[kind](), deaf=kind == "deaf")
        elif kind != "connects":
            _drops(connection, kind)


def main() -> None:
    """Flood."""
    kind, host, port, source = sys.argv[1:]
    os.setpriority(os.PRIO_PROCESS, 0, 19)
    if kind == "passwords":
        with socket.create_connection((host, int(port)), 10, (source, 0)) as connection:
            connection.sendall(_login("guessed", REGISTER))
            connection.recv(_BATCH)
    while True:
        try:
            _once(kind, host, int(port), source)
        except OSError:
            time.sleep(0.01)


if __name__ == "__main__":
    main()
