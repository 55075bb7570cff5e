"""Those who do not play by the rules, over blocking sockets."""

import contextlib
import re
import socket
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Self, TypeVar

from napster.wire.framing import FrameReader
from napster.wire.messages import CLIENT_MESSAGES, SERVER_MESSAGES, Message
from napster.wire.messages.login import Login, LoginAccepted, Stats, StatsRequest
from napster.wire.messages.sharing import Share
from napster.wire.messages.transfers import UploadAccepted, UploadRequest
from tests.system.daemons import PATIENCE, free_port

M = TypeVar("M", bound=Message)

LOOPBACK = int.from_bytes(bytes([127, 0, 0, 1]), "little")
NO_MD5 = b"0" * 32
_REQUEST = re.compile(rb'GET\S+ "(.*)" (\d+)$', re.DOTALL)


class Wire:
    """One end of an index link: says messages or any bytes, and hears messages."""

    def __init__(
        self, connection: socket.socket, heard: Mapping[int, type[Message]] = SERVER_MESSAGES
    ) -> None:
        """Hear messages of these classes; others are dropped."""
        connection.settimeout(PATIENCE)
        self.connection = connection
        self._heard = heard
        self._reader = FrameReader()
        self._came: deque[Message] = deque()

    @classmethod
    def connect(cls, port: int) -> Self:
        """Connect to an index."""
        return cls(socket.create_connection(("127.0.0.1", port), timeout=PATIENCE))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Hang up."""
        self.close()

    def close(self) -> None:
        """Hang up, and wake whoever listens."""
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)
        self.connection.close()

    def log_in(self, nick: str, port: int = 6699, password: bytes = b"pw") -> None:
        """Log in and take the welcome."""
        self.say(Login(nick, password, port, b"enemy 1.0", 10))
        self.until(Stats)

    def say(self, *messages: Message) -> None:
        """Send messages."""
        self.connection.sendall(b"".join(each.frame() for each in messages))

    def hear(self) -> Message:
        """Wait for a message; raises ConnectionError if the other side hangs up."""
        while not self._came:
            data = self.connection.recv(1 << 16)
            if not data:
                raise ConnectionError("the other side has hung up")
            for number, body in self._reader.feed(data):
                if number in self._heard:
                    self._came.append(self._heard[number].from_body(body))
        return self._came.popleft()

    def until(self, kind: type[M]) -> M:
        """Wait for a message of a kind; drop those before it."""
        return self.all_until(kind)[-1]

    def all_until(self, kind: type[M]) -> list[M]:
        """Wait for a message of a kind; return all up to it."""
        messages = [self.hear()]
        while not isinstance(messages[-1], kind):
            messages.append(self.hear())
        return messages

    def the_rest(self) -> list[Message]:
        """Wait for the other side to hang up; return what it said before."""
        messages = []
        with contextlib.suppress(ConnectionError):
            while True:
                messages.append(self.hear())
        return messages


class WickedIndex:
    """An index that says whatever the test wants it to."""

    def __init__(self) -> None:
        self.port = free_port()
        self._listening = socket.create_server(("127.0.0.1", self.port))
        self._listening.settimeout(PATIENCE)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Be gone."""
        self._listening.close()

    def answer(self) -> Wire:
        """Wait for a peer to connect."""
        connection, _ = self._listening.accept()
        return Wire(connection, CLIENT_MESSAGES)

    def let_in(self) -> Wire:
        """Wait for a peer to connect, and grant its login."""
        wire = self.answer()
        wire.until(Login)
        wire.say(LoginAccepted("x@y"), Stats(1, 1, 1))
        return wire


Script = Callable[[socket.socket, bytes, int], None]
"""Called with a connection to somebody who asks for a path, from an offset on."""


class Source:
    """Somebody who shares files and follows a script when they are asked for."""

    def __init__(self, index_port: int, nick: str, script: Script) -> None:
        self.nick = nick
        self.calls = 0
        """How often somebody has connected and asked for a file."""
        self._script = script
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._callers: list[socket.socket] = []
        self._counted = threading.Event()
        self._wire = Wire.connect(index_port)
        self._wire.log_in(nick, self._listening.getsockname()[1])
        self._threads = [threading.Thread(target=work) for work in (self._agree, self._serve)]
        for thread in self._threads:
            thread.start()

    def share(self, *files: Share) -> None:
        """Offer files, and wait until they can be found."""
        self._counted.clear()
        self._wire.say(*files, StatsRequest())
        assert self._counted.wait(PATIENCE)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Log out and hang up."""
        self._wire.close()
        for each in (self._listening, *self._callers):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        for thread in self._threads:
            thread.join(PATIENCE)

    def _agree(self) -> None:
        """Agree to every request, until the link is closed."""
        with contextlib.suppress(OSError):
            while True:
                message = self._wire.hear()
                if isinstance(message, Stats):
                    self._counted.set()
                elif isinstance(message, UploadRequest):
                    self._wire.say(UploadAccepted(message.nick, message.path))

    def _serve(self) -> None:
        while True:
            try:
                caller, _ = self._listening.accept()
            except OSError:
                return
            self._callers.append(caller)
            thread = threading.Thread(target=self._talk, args=(caller,))
            self._threads.append(thread)
            thread.start()

    def _talk(self, caller: socket.socket) -> None:
        with contextlib.suppress(OSError), caller:
            caller.sendall(b"1")
            asked = b""
            while not (request := _REQUEST.match(asked)):
                data = caller.recv(4096)
                if not data:
                    return
                asked += data
            self.calls += 1
            self._script(caller, request[1], int(request[2]))


def file(path: bytes, size: int, md5: bytes = NO_MD5) -> Share:
    """Describe a file."""
    return Share(path, md5, size, 128, 44100, 60)


def honest(content: bytes) -> Script:
    """Serve this content whatever the path."""

    def script(caller: socket.socket, _path: bytes, offset: int) -> None:
        caller.sendall(b"%d" % len(content) + content[offset:])

    return script


def call(port: int, *said: bytes, seconds: float = PATIENCE) -> bytes:
    """Connect to a data port, say something in segments, and hear all until it hangs up."""
    with contextlib.closing(socket.create_connection(("127.0.0.1", port), timeout=seconds)) as me:
        heard = me.recv(1)
        with contextlib.suppress(ConnectionError):
            for each in said:
                me.sendall(each)
            while data := me.recv(1 << 16):
                heard += data
    return heard


def controls(text: str) -> list[str]:
    """List the characters of a text that a terminal may obey, line ends aside."""
    return [
        char
        for char in text
        if char != "\n" and (not char.isprintable() or char in "\u061c\u200e\u200f")
    ]


def lines_of(texts: Sequence[str]) -> Iterator[str]:
    """Go through the lines of several texts."""
    for text in texts:
        yield from text.splitlines()
