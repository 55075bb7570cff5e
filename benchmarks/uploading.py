"""A peer that many readers fetch one file from, without a real index in the way.

The index here lets the peer log in, waits until its file is offered, and has it agree to uploads to
as many made-up users as there are to be readers.
"""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import attrs
import rivals

from napster.wire.framing import FrameReader
from napster.wire.messages import CLIENT_MESSAGES, Message
from napster.wire.messages.login import Login, LoginAccepted, Stats
from napster.wire.messages.sharing import Share, ShareDirectory
from napster.wire.messages.transfers import UploadAccepted, UploadRequest

NAME = "benchmark.bin"
PATH = f"shared\\{NAME}".encode()
TIMEOUT = 120


class Arranger:
    """The peer's session with an index."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._reader = FrameReader()
        self._messages = self._read()

    def _read(self) -> Iterator[Message]:
        while data := self._connection.recv(2**16):
            for number, body in self._reader.feed(data):
                if number in CLIENT_MESSAGES:
                    yield CLIENT_MESSAGES[number].from_body(body)
        raise SystemExit("the peer has closed its session")

    def until(self, *kinds: type[Message]) -> Message:
        """Read until a message of one of some kinds comes."""
        return next(each for each in self._messages if isinstance(each, kinds))

    def say(self, *messages: Message) -> None:
        """Send messages."""
        self._connection.sendall(b"".join(each.frame() for each in messages))

    def agree(self, nick: str) -> None:
        """Have an upload to a user agreed."""
        self.say(UploadRequest(nick, PATH, 0))
        self.until(UploadAccepted)


@attrs.frozen
class Uploader:
    """A running peer."""

    arranger: Arranger
    port: int
    pid: int

    def connect(self, nick: str, *, buffer: int = 0) -> socket.socket:
        """Ask for the file; returns the connection, of which only the greeting has been read.

        `buffer` is how many bytes the reader's kernel is to hold, 0 for its own choice.
        """
        self.arranger.agree(nick)
        reader = socket.socket()
        if buffer:
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        reader.settimeout(TIMEOUT)
        reader.connect(("127.0.0.1", self.port))
        reader.recv(1)
        reader.sendall(b"GET")
        reader.sendall(b'%b "%b" 0' % (nick.encode(), PATH))
        return reader


@contextmanager
def uploader(folder: Path, size: int, **settings: object) -> Iterator[Uploader]:
    """Run a peer that shares a file of so many bytes, with settings beside those for many slots."""
    shared = folder / "shared"
    shared.mkdir()
    with (shared / NAME).open("wb") as file:
        file.truncate(size)
    port = rivals.free_port()
    usual = {
        "listen": f"tcp:{port}:interface=127.0.0.1",
        "share": [str(shared)],
        "upload_slots": 2000,
        "data_connections": 4000,
        "data_connections_per_address": 4000,
        "drain_timeout": 0,
    }
    lines = [f"{key} = {json.dumps(value)}\n" for key, value in {**usual, **settings}.items()]
    config = folder / "peer.toml"
    config.write_text("".join(lines), encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as index:
        words = ("--listen", usual["listen"], "--config", str(config))
        with rivals.peer(folder, "alice", index.getsockname()[1], *words) as (_, pid):
            connection, _ = index.accept()
            connection.settimeout(TIMEOUT)
            with connection:
                arranger = Arranger(connection)
                arranger.until(Login)
                arranger.say(LoginAccepted("anon@anon"), Stats(1, 1, 1))
                arranger.until(Share, ShareDirectory)
                yield Uploader(arranger, port, pid)
