"""How soon the files of a peer can be found again when its index comes back.

An index of ours is started and stopped by SIGTERM; a peer with a library of made-up files stays,
loses it and logs in again. The peer is this process: its CPU time is told, and how long one step of
its reactor took at most, in thread time.

    python benchmarks/peer_registration.py --files 200000
"""

import argparse
import os
import random
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import load_server
from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import HostnameEndpoint
from twisted.internet.task import deferLater, react

from napster.daemon.process import use_monotonic_time
from napster.peer.arrange import ArrangeError
from napster.peer.families import families
from napster.peer.index_link.counters import TransferCounters
from napster.peer.index_link.keeper import IndexAddress
from napster.peer.index_link.link import IndexLink, PeerSide
from napster.peer.index_link.login import Identity
from napster.peer.library.beneath import Place, SharedTree, Stamp
from napster.peer.library.inventory import Folder, Tallies
from napster.peer.library.mounts import Mounts
from napster.peer.library.remember import Facts
from napster.peer.library.roots import ShareRoot
from napster.peer.library.shared_file import SharedFile
from napster.peer.library.tags import Tags
from napster.peer.security.guard import Encryption, Guard
from napster.peer.security.keys import new_key
from napster.peer.security.known_indexes import KnownIndexes
from napster.peer.security.tickets import Tickets
from napster.wire.extension import MARKER, UploadState
from napster.wire.search import SearchQuery

reactor: Any = _reactor
IN_FOLDER = 12


class MadeUp:
    """The library and the uploads of a peer."""

    state = UploadState(8, 0)

    def __init__(self, count: int) -> None:
        self.top = Folder(Place(SharedTree(ShareRoot(b"Music", Path("/")), Mounts())), Tallies())
        folder = self.top
        for number in range(count):
            if number % IN_FOLDER == 0:
                folder = self.top.add_folder(b"Some Artist - Some Album %d" % number)
            name = b"%02d - The Title of a Song n%d.mp3" % (number % IN_FOLDER, number)
            facts = Facts(os.urandom(16), Tags(192, 44100, 240), os.urandom(32))
            folder.share(name, Stamp(5_000_000 + number, 10**18, 2049, number), facts)

    def files(self) -> Iterator[SharedFile]:
        """Go through all files."""
        for folder in self.top.walk():
            yield from folder.shared()

    def subscribe(self, _listener: object) -> None:
        """Nothing changes."""


class Steps:
    """The longest step of the reactor, in seconds of thread time."""

    def __init__(self) -> None:
        self.longest = 0.0
        for name in ("runUntilCurrent", "doIteration"):
            setattr(reactor, name, self._timed(getattr(reactor, name)))

    def _timed(self, step: Callable[..., object]) -> Callable[..., object]:
        def run(*words: object) -> object:
            begun = time.thread_time()
            try:
                return step(*words)
            finally:
                self.longest = max(self.longest, time.thread_time() - begun)

        return run


def make_link(folder: Path, server: load_server.Server, nick: str, made_up: Any) -> IndexLink:
    """Make the link of a peer to an index."""
    endpoint = HostnameEndpoint(reactor, server.host, server.port)
    identity = Identity(nick, lambda: b"secret", b"napster" + MARKER, 7)
    guard = Guard(Encryption.OFF, Tickets(reactor), new_key)
    side = PeerSide(made_up, made_up, TransferCounters(), guard, lambda _: 6699, families)
    known = KnownIndexes(folder / f"{nick}.json")
    address = IndexAddress(endpoint, f"{server.host}:{server.port}", known)
    return IndexLink(reactor, address, identity, side, random.random)


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something to come true."""
    while not condition():
        await deferLater(reactor, 0.02)


async def found(seeker: IndexLink, word: bytes) -> None:
    """Wait until another user finds a file by the one word that no other has."""
    query = SearchQuery(contains=(word,))
    while True:
        try:
            if (await seeker.search(query)).hits:
                return
        except ArrangeError:
            pass
        await deferLater(reactor, 0.02)


async def measure(folder: Path, index: load_server.Ours, count: int, rounds: int) -> None:
    """Let the index go and come back some times."""
    made_up, steps, server = MadeUp(count), Steps(), index.start()
    (last,) = deque(made_up.files(), maxlen=1)
    word = last.path.rpartition(b" ")[2].removesuffix(b".mp3")
    for _ in range(rounds):
        peer = make_link(folder, server, "peer", made_up)
        seeker = make_link(folder, server, "seeker", MadeUp(0))
        for link in (peer, seeker):
            link.startService()
        await until(lambda link=peer: link.registered == count)
        index.stop()
        await until(lambda links=(peer, seeker): not any(link.online for link in links))
        server = index.start()
        begun = time.perf_counter()
        await until(lambda link=peer: link.online)
        login, cpu = time.perf_counter() - begun, time.process_time()
        idle, steps.longest = server.cpu(), 0.0
        await until(lambda link=peer: link.registered == count)
        await found(seeker, word)
        took, cpu = time.perf_counter() - begun, time.process_time() - cpu
        print(
            f"{count:,} files: logged in after {login:.2f} s, all found after {took:.2f} s; "
            f"CPU {cpu:.2f} s here and {server.cpu() - idle:.2f} s in the index; "
            f"the longest step here {steps.longest * 1e3:.1f} ms"
        )
        for link in (peer, seeker):
            await link.stopService()


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=200_000, help="how many files are shared")
    parser.add_argument("--rounds", type=int, default=3, help="how often the index comes back")
    options = parser.parse_args()
    use_monotonic_time(reactor)
    with tempfile.TemporaryDirectory() as folder, load_server.ours(Path(folder)) as index:
        react(
            lambda _: Deferred.fromCoroutine(
                measure(Path(folder), index, options.files, options.rounds)
            ),
            _reactor=reactor,
        )


if __name__ == "__main__":
    main()
