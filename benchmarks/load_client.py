"""Clients of a Napster server, thousands of them in one loop.

They speak plain frames over plain sockets, so that any server can be asked. A client keeps one
search outstanding at most.
"""

import errno
import selectors
import socket
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from struct import Struct

HEADER = Struct("<HH")
FAILED, LOGIN, LOGGED_IN, REGISTER = 0, 2, 3, 6
SEARCH, FOUND, SEARCH_END, TOTALS = 200, 201, 202, 214
BROWSE, BROWSE_END = 211, 213
_READ = 262_144
_PATIENCE = 3600.0
_NOTHING = b'FILENAME CONTAINS "zzqqxxnothing" MAX_RESULTS 1'


def frame(number: int, body: bytes = b"") -> bytes:
    """Make a frame."""
    return HEADER.pack(len(body), number) + body


class Loop:
    """Waits for all clients of one server at once."""

    def __init__(self, host: str, port: int) -> None:
        self.address = host, port
        self.selector = selectors.DefaultSelector()

    def run(self, done: Callable[[], bool], *, idle: Callable[[], float] = lambda: 0.1) -> None:
        """Serve the clients until something is done, looking again after `idle` seconds at most."""
        deadline = time.monotonic() + _PATIENCE
        while not done():
            if time.monotonic() > deadline:
                sys.exit(f"nothing came of it in {_PATIENCE:.0f} seconds")
            for key, mask in self.selector.select(idle()):
                key.data.ready(mask)


class Client:
    """One connection; it logs in at once.

    `source` is the address it comes from. With `quick` every segment is acknowledged at once,
    otherwise when the kernel sees fit, up to 40 ms later.
    """

    program = "load 1"
    """The client string."""

    def __init__(
        self, loop: Loop, nick: str, *, number: int = LOGIN, quick: bool = True, source: str = ""
    ) -> None:
        self.nick = nick
        self.online = self.closed = self.listed = False
        self.ends = self.hits = 0
        self.totals: tuple[int, ...] = ()
        self.on_end: Callable[[], None] | None = None
        self._loop, self._quick = loop, quick
        self._unsent, self._unread = memoryview(b""), b""
        self._socket = self._connect(source)
        email = " a@b" if number == REGISTER else ""
        self.send(frame(number, f'{nick} secret 6699 "{self.program}" 8{email}'.encode()))

    def _connect(self, source: str) -> socket.socket:
        made = socket.socket()
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        made.settimeout(0)
        if source:
            made.setsockopt(socket.IPPROTO_IP, socket.IP_BIND_ADDRESS_NO_PORT, 1)
            made.bind((source, 0))
        if (code := made.connect_ex(self._loop.address)) not in {0, errno.EINPROGRESS}:
            raise OSError(code, f"cannot connect to {self._loop.address}")
        self._loop.selector.register(made, selectors.EVENT_READ | selectors.EVENT_WRITE, self)
        return made

    def send(self, data: bytes) -> None:
        """Send, as fast as the server reads."""
        self._unsent = memoryview(bytes(self._unsent) + data)
        self._push()

    def _push(self) -> None:
        try:
            while self._unsent:
                self._unsent = self._unsent[self._socket.send(self._unsent[:_READ]) :]
        except BlockingIOError:
            self._watch(selectors.EVENT_READ | selectors.EVENT_WRITE)
        except OSError as error:
            self.lost(str(error))
        else:
            self._watch(selectors.EVENT_READ)

    def _watch(self, mask: int) -> None:
        self._loop.selector.modify(self._socket, mask, self)

    def ready(self, mask: int) -> None:
        """Send and read what can be sent and read now."""
        if mask & selectors.EVENT_WRITE and not self.closed:
            self._push()
        if mask & selectors.EVENT_READ and not self.closed:
            self._read()

    def _read(self) -> None:
        try:
            data = self._socket.recv(_READ)
        except BlockingIOError:
            return
        except ConnectionError as error:
            self.lost(str(error))
            return
        if not data:
            self.lost("the server has closed the connection")
            return
        if self._quick:
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        data, at = self._unread + data, 0
        while not self.closed and (start := at + HEADER.size) <= len(data):
            length, number = HEADER.unpack_from(data, at)
            if start + length > len(data):
                break
            at = start + length
            self._take(number, data[start:at])
        self._unread = data[at:]

    def _take(self, number: int, body: bytes) -> None:
        if number == FOUND:
            self.hits += 1
        elif number == SEARCH_END:
            self.ends += 1
            if self.on_end:
                self.on_end()
        elif number == LOGGED_IN:
            self.online = True
        elif number == TOTALS:
            self.totals = tuple(int(float(word)) for word in body.split()[:3])
        elif number == BROWSE_END:
            self.listed = True
        elif number == FAILED:
            self.lost(f"the server says: {body.decode('latin-1')}")

    def lost(self, reason: str) -> None:
        """Give the whole run up: nobody is expected to be thrown out."""
        sys.exit(f"{self.nick}: {reason}")

    def search(self, request: bytes = _NOTHING) -> None:
        """Ask; `hits` counts what is found, `ends` goes up when all is here."""
        self.hits = 0
        self.send(frame(SEARCH, request))

    def close(self) -> None:
        """End the connection."""
        self.closed = True
        self._loop.selector.unregister(self._socket)
        self._socket.close()


def log_in(loop: Loop, nicks: Iterable[str], *, quick: bool = True) -> list[Client]:
    """Log in one nick after the other, fifty at a time."""
    clients: list[Client] = []
    for nick in nicks:
        clients.append(Client(loop, nick, quick=quick))
        if len(clients) % 50 == 0:
            loop.run(lambda: all(client.online for client in clients[-50:]))
    loop.run(lambda: all(client.online for client in clients))
    return clients


def share(loop: Loop, clients: Sequence[Client], frames: Sequence[bytes], at_once: int) -> None:
    """Let clients share, some at a time; a search behind the last file tells that all are in."""
    waiting = list(zip(clients, frames, strict=True))[::-1]
    active: dict[Client, int] = {}

    def ready() -> list[Client]:
        return [client for client, end in active.items() if client.ends >= end]

    while waiting or active:
        while waiting and len(active) < at_once:
            client, data = waiting.pop()
            active[client] = client.ends + 1
            client.send(data)
            client.search()
        loop.run(lambda: bool(ready()))
        for client in ready():
            del active[client]


def ask(loop: Loop, client: Client, request: bytes = _NOTHING) -> int:
    """Search and wait; returns how much was found."""
    end = client.ends + 1
    client.search(request)
    loop.run(lambda: client.ends >= end)
    return client.hits


def totals(loop: Loop, client: Client) -> tuple[int, ...]:
    """Ask for the totals; returns users, files and gigabytes."""
    client.totals = ()
    client.send(frame(TOTALS))
    loop.run(lambda: bool(client.totals))
    return client.totals


@dataclass
class Answers:
    """How long searches took, in seconds, and how much they found."""

    times: list[float]
    hits: list[int]
    took: float

    def percentile(self, percent: float) -> float:
        """Return the time that so many percent of the searches did not exceed."""
        return percentile(self.times, percent)


def percentile(times: Sequence[float], percent: float) -> float:
    """Return the time that so many percent of all times did not exceed."""
    return sorted(times)[min(len(times) - 1, round(percent / 100 * (len(times) - 1)))]


def search(loop: Loop, clients: Sequence[Client], requests: Sequence[bytes]) -> Answers:
    """Have each client ask the next request as soon as its last one is answered."""
    left, answers, asked = iter(requests), Answers([], [], 0.0), {}

    def next_one(client: Client) -> None:
        if (request := next(left, None)) is not None:
            asked[client] = time.perf_counter()
            client.search(request)

    def ended(client: Client) -> None:
        answers.times.append(time.perf_counter() - asked[client])
        answers.hits.append(client.hits)
        next_one(client)

    begun = time.perf_counter()
    for client in clients:
        client.on_end = lambda client=client: ended(client)
        next_one(client)
    loop.run(lambda: len(answers.times) == len(requests))
    answers.took = time.perf_counter() - begun
    for client in clients:
        client.on_end = None
    return answers
