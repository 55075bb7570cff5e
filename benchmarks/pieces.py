"""Pieces over TLS from our data port, beside a bare Twisted FileSender over TLS.

    python benchmarks/pieces.py [--size MIB] [--rounds N] [--folder DIR]

One process sends, both ways in turn: pieces as asked for, two Wants open; and a whole file in the
64 KiB chunks that suit a bare FileSender best. Another process reads and throws away. What counts
is the ratio within a round, and the CPU time of the sender.
"""

import argparse
import hashlib
import json
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import rivals
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from twisted.internet import reactor as _reactor
from twisted.internet.defer import maybeDeferred
from twisted.internet.protocol import Factory, Protocol
from twisted.protocols.basic import FileSender

from napster.peer.data_port import DataPortFactory, DataPortParts
from napster.peer.doorkeeper import ConnectionLimits
from napster.peer.index_link.counters import TransferCounters
from napster.peer.library.beneath import Place, SharedTree, Stamp
from napster.peer.library.hash import hash_stream
from napster.peer.library.mounts import Mounts
from napster.peer.library.remember import Facts
from napster.peer.library.roots import ShareRoot
from napster.peer.library.serve import open_shared
from napster.peer.library.shared_file import SharedFile
from napster.peer.library.tags import Tags
from napster.peer.security.guard import Encryption, Guard
from napster.peer.security.keys import PeerKey, new_key
from napster.peer.security.tickets import Ticket, Tickets
from napster.peer.security.tls import ALPN, PeerTls
from napster.peer.uploads.desk import UploadDesk
from napster.peer.uploads.line import UploadLimits
from napster.wire.pieces import PIECE_SIZE, Data, Open, Want
from napster.wire.transfer import Mode, lines_digest

reactor: Any = _reactor
NAME = "benchmark.bin"
PATH = b"shared\\" + NAME.encode()
MOST = 5000
"""So many can be served at once."""


class OneFile:
    """A library of one file."""

    def __init__(self, folder: Path) -> None:
        self._place = Place(SharedTree(ShareRoot(b"shared", folder), Mounts()))
        status = (folder / NAME).stat()
        stamp = Stamp(status.st_size, status.st_mtime_ns, status.st_dev, status.st_ino)
        self.file = SharedFile.of(PATH, stamp, Facts(b"", Tags(), b""))
        with (folder / NAME).open("rb", buffering=0) as stream:
            self._hashes = hash_stream(stream, self.file.size, lambda _: None).pieces

    def find(self, path: bytes) -> SharedFile | None:
        """Find it."""
        return self.file if path == PATH else None

    async def open(self, file: SharedFile) -> Any:
        """Open it."""
        return open_shared(file, self._place, NAME.encode(), maybeDeferred)

    def empty_folders(self, _file: SharedFile) -> Iterator[bytes]:
        """Tell of none."""
        return iter(())

    async def pieces(self, _file: SharedFile) -> bytes:
        """Tell its hashes."""
        return self._hashes


class Bare(Protocol):
    """Sends the file as soon as somebody has connected and said something."""

    path: Path

    def dataReceived(self, _data: bytes) -> None:
        """Begin."""
        sender = FileSender()
        sender.CHUNK_SIZE = 2**16
        sending = sender.beginFileTransfer(self.path.open("rb"), self.transport)
        sending.addBoth(lambda _: self.transport.loseConnection())


def serve(folder: Path, secrets: list[str], fingerprint: str) -> None:
    """Serve the file both ways; prints the ports."""
    key, tickets, library = new_key(), Tickets(reactor), OneFile(folder)
    for secret in secrets:
        tickets.add(
            Ticket(
                *(bytes.fromhex(secret), "sink", PATH, bytes.fromhex(fingerprint), ""),
                dials=False,
                uploads=True,
                life=86_400,
            )
        )
    limits = UploadLimits(MOST, MOST, MOST)
    desk = UploadDesk(reactor, library, limits, TransferCounters().uploads)
    desk.requested("sink", PATH)
    guard = Guard(Encryption.PREFER, tickets, lambda: key)
    parts: Any = DataPortParts("bench", library, desk, None, guard)
    ours = reactor.listenTCP(
        0, DataPortFactory(reactor, parts, ConnectionLimits(MOST, MOST)), interface="127.0.0.1"
    )
    Bare.path = folder / NAME
    bare = reactor.listenSSL(0, Factory.forProtocol(Bare), PeerTls(key), interface="127.0.0.1")
    print(json.dumps([ours.getHost().port, bare.getHost().port]), flush=True)
    reactor.run()


class Reader:
    """A TLS client that drops what it reads."""

    def __init__(self, key: PeerKey, folder: Path) -> None:
        pem = folder / "sink.pem"
        pem.write_bytes(
            key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            + key.certificate.public_bytes(Encoding.PEM)
        )
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._context.check_hostname = False
        self._context.verify_mode = ssl.CERT_NONE
        self._context.set_alpn_protocols([ALPN.decode()])
        self._context.load_cert_chain(pem)
        self._buffer = bytearray(1 << 20)

    def bare(self, port: int, size: int) -> float:
        """Read a whole file; returns MB/s."""
        with self._context.wrap_socket(socket.create_connection(("127.0.0.1", port))) as tls:
            begun = time.perf_counter()
            tls.sendall(b"x")
            self._drop(tls, size)
            return size / (time.perf_counter() - begun) / 1e6

    def pieces(self, port: int, size: int, secret: bytes) -> float:
        """Read all pieces; returns MB/s."""
        with self.open(port, secret) as tls:
            begun = time.perf_counter()
            count = -(-size // PIECE_SIZE)
            head = len(Data(0, 0, 0).frame())
            for piece in range(min(2, count)):
                tls.sendall(Want(piece + 1, piece, 1).frame())
            for piece in range(count):
                self._exactly(tls, head)
                self._drop(tls, min(PIECE_SIZE, size - piece * PIECE_SIZE))
                if piece + 2 < count:
                    tls.sendall(Want(piece + 3, piece + 2, 1).frame())
            return size / (time.perf_counter() - begun) / 1e6

    def open(self, port: int, secret: bytes, buffer: int = 0) -> ssl.SSLSocket:
        """Show a ticket; returns the connection, on which pieces can be asked for.

        `buffer` is how many bytes the reader's kernel is to hold, 0 for its own choice.
        """
        plain = socket.socket()
        if buffer:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        plain.connect(("127.0.0.1", port))
        self._exactly(plain, 1)
        plain.sendall(b"NAPX1 %b T\n" % secret.hex().encode())
        self._exactly(plain, len(b"NAPX1 T\n"))
        tls = self._context.wrap_socket(plain)
        opening = Open(secret, 1, lines_digest(secret, Mode.TLS)).frame()
        tls.sendall(opening)
        self._exactly(tls, len(opening))
        return tls

    def _drop(self, tls: socket.socket, left: int) -> None:
        while left:
            got = tls.recv_into(self._buffer, min(left, len(self._buffer)))
            if not got:
                sys.exit(f"the sender closed with {left} bytes missing")
            left -= got

    @staticmethod
    def _exactly(connection: socket.socket, size: int) -> bytes:
        data = b""
        while len(data) < size:
            more = connection.recv(size - len(data))
            if not more:
                sys.exit("the sender closed the connection")
            data += more
        return data


@contextmanager
def sender(folder: Path, secrets: list[bytes], key: PeerKey) -> Iterator[tuple[int, int, int]]:
    """Run the sending process; gives its id and its ports."""
    words = [*(each.hex() for each in secrets), key.fingerprint.hex()]
    process = subprocess.Popen(
        [sys.executable, __file__, "--serve", str(folder), *words],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(rivals.ROOT)},
    )
    try:
        assert process.stdout is not None
        ours, bare = json.loads(process.stdout.readline())
        yield process.pid, ours, bare
    finally:
        process.terminate()
        process.wait()


def measure(folder: Path, size: int, rounds: int) -> None:
    """Run all rounds and print the ratios."""
    key = new_key()
    secrets = [hashlib.sha256(bytes([each])).digest()[:16] for each in range(rounds)]
    reader = Reader(key, folder)
    speeds: tuple[list[float], list[float]] = ([], [])
    costs: tuple[list[float], list[float]] = ([], [])
    with sender(folder, secrets, key) as (pid, ours, bare):
        for secret in secrets:
            ways = partial(reader.pieces, ours, size, secret), partial(reader.bare, bare, size)
            for way, speed, cost in zip(ways, speeds, costs, strict=True):
                before = rivals.cpu_seconds(pid)
                speed.append(way())
                cost.append((rivals.cpu_seconds(pid) - before) * 1000 * (1 << 30) / size)
    rivals.report("sending over TLS", speeds[0], {"bare FileSender, 64 KiB": speeds[1]}, "MB/s")
    rivals.report("its CPU time", costs[0], {"bare FileSender, 64 KiB": costs[1]}, "ms/GiB")


def main() -> None:
    """Measure, or be the process that sends."""
    if sys.argv[1:2] == ["--serve"]:
        _, _, folder, *secrets, fingerprint = sys.argv
        serve(Path(folder), secrets, fingerprint)
        return
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--size", type=int, default=512, help="MiB, by default 512")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", help="where to work; by default the temporary folder")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="napster-bench-", dir=options.folder) as name:
        folder = Path(name)
        with (folder / NAME).open("wb") as file:
            for _ in range(options.size):
                file.write(os.urandom(1 << 20))
        measure(folder, options.size << 20, options.rounds)


if __name__ == "__main__":
    main()
