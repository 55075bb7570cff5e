"""The catalog of a large index: what taking in, finding and forgetting files costs.

    python benchmarks/catalog.py [--files N] [--user-files N] [--read BYTES] [--contents]
        [--fts-files N]

Files come as raw frames of message 100, 16 users at a time, in reads of --read bytes, as they do
over the sockets of an index; each search ends with the finished frames of its reply. Times are CPU
times of the thread, memory is what the process holds in addition, the longest step is what other
users of a reactor would wait for. SQLite's FTS5 does the same in the same run, with as many files
as --fts-files says (0: not at all). With --contents files have content ids, equal ones where names
are equal, and searches find contents.
"""

import argparse
import hashlib
import statistics
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from catalog_corpus import HEADER, Corpus
from catalog_fts import FtsCatalog
from twisted.internet.task import Clock

from napster.catalog.interface import Asker, Owner
from napster.catalog.memory.catalog import MemoryCatalog
from napster.daemon.garbage import GarbageService
from napster.wire.search import SearchQuery

ACTIVE = 16
SEEKER = Asker("seeker")


def resident() -> int:
    """Return how many bytes of memory this process alone holds."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon")) * 1024


class Reactor:
    """Runs calls one after another, and measures each in CPU time."""

    def __init__(self) -> None:
        self._due: deque[Callable[[], object]] = deque()
        self.spent = 0.0
        self.longest = 0.0

    @staticmethod
    def seconds() -> float:
        """Return a time that never goes back."""
        return time.monotonic()

    def callLater(self, _delay: float, call: Callable[[], object]) -> None:  # noqa: N802  # Twisted
        """Run a call in a later turn."""
        self._due.append(call)

    def run(self, call: Callable[[], Any]) -> Any:
        """Run a call in this turn; returns its result."""
        start = time.thread_time()
        result = call()
        took = time.thread_time() - start
        self.spent += took
        self.longest = max(self.longest, took)
        return result

    def wait(self, answer: Callable[[], Any]) -> Any:
        """Ask something, and run turns until the answer is there."""
        deferred = self.run(answer)
        while not deferred.called:
            self.run(self._due.popleft())
        return deferred.result

    def idle(self) -> None:
        """Run everything that is due."""
        while self._due:
            self.run(self._due.popleft())

    def lap(self) -> tuple[float, float]:
        """Return the CPU seconds spent and the longest step since the last lap."""
        lap = self.spent, self.longest
        self.spent = self.longest = 0.0
        return lap


def records(frames: bytes, read: int) -> Iterator[list[bytes]]:
    """Take frames apart as they come in reads of so many bytes."""
    rest = b""
    for start in range(0, len(frames), read):
        data = rest + frames[start : start + read]
        bodies, at = [], 0
        while len(data) - at >= HEADER.size:
            end = at + HEADER.size + HEADER.unpack_from(data, at)[0]
            if end > len(data):
                break
            bodies.append(data[at + HEADER.size : end])
            at = end
        rest = data[at:]
        yield bodies


def owner(number: int) -> Owner:
    """Make an owner."""
    return Owner(f"user{number}", 0x0100007F + (number << 8), 6699, number % 11)


def take_in(
    users: Sequence[bytes], read: int, reactor: Reactor, share: Callable[[str, list[bytes]], Any]
) -> None:
    """Let users share all their files, some at a time."""
    for first in range(0, len(users), ACTIVE):
        readers = [
            (owner(number).nick, records(users[number], read))
            for number in range(first, min(first + ACTIVE, len(users)))
        ]
        while readers:
            for reader in list(readers):
                nick, reads = reader
                bodies = reactor.run(lambda reads=reads: next(reads, None))
                if bodies is None:
                    readers.remove(reader)
                else:
                    share(nick, bodies)


def row(name: str, *values: object) -> None:
    """Print a line of a table."""
    print(f"{name:28}" + "".join(f"{value!s:>14}" for value in values), flush=True)


def micro(seconds: float) -> str:
    """Write a short time."""
    return f"{seconds * 1e6:,.2f} us"


def milli(seconds: float) -> str:
    """Write a less short time."""
    return f"{seconds * 1e3:,.2f} ms"


class Candidate:
    """A catalog to be measured."""

    def __init__(self, name: str, catalog: Any, reactor: Reactor) -> None:
        self.name = name
        self.catalog = catalog
        self.reactor = reactor

    def share(self, nick: str, bodies: list[bytes]) -> None:
        """Take files in."""
        self.reactor.run(lambda: self.catalog.share(nick, bodies))

    def search(self, query: SearchQuery) -> int:
        """Find files and finish the frames; returns how many."""
        return self.reactor.run(lambda: self.catalog.search(query))[0]

    def tidy(self) -> None:
        """Do what is done when no more files come; nothing."""

    def remove(self, nick: str) -> None:
        """Forget an owner."""
        self.reactor.run(lambda: self.catalog.remove_owner(nick))


def _content(body: bytes) -> bytes:
    """Make a content id of a file's name."""
    name = body.partition(b'" ')[0].rpartition(b"\\")[2]
    return hashlib.blake2b(name, digest_size=32).digest()


class Memory(Candidate):
    """Our own."""

    def share(self, nick: str, bodies: list[bytes]) -> None:
        """Take files in, and see that none is refused."""
        result = self.reactor.wait(lambda: self.catalog.share(nick, bodies))
        assert not result.refusals, result.refusals[:3]

    def search(self, query: SearchQuery) -> int:
        """Find files, finish the frames and tidy up what is due; returns how many."""
        hits = self.reactor.wait(lambda: self.catalog.search(query, SEEKER))
        self.reactor.run(hits.frames)
        self.reactor.idle()
        return len(hits)

    def tidy(self) -> None:
        """Tidy up as it is done a moment after the last files came."""
        for _ in range(2):
            self.catalog.tidy()
        self.reactor.idle()


class WithContents(Memory):
    """Our own, with content ids."""

    def share(self, nick: str, bodies: list[bytes]) -> None:
        """Take files in, and see that none is refused."""
        ids = list(map(_content, bodies))
        result = self.reactor.wait(lambda: self.catalog.share(nick, bodies, ids))
        assert not result.refusals, result.refusals[:3]

    def search(self, query: SearchQuery) -> int:
        """Find contents and tidy up what is due; returns how many."""
        found = self.reactor.wait(lambda: self.catalog.search_contents(query, SEEKER))
        self.reactor.idle()
        return len(found)


def measure(
    candidate: Candidate, users: Sequence[bytes], read: int, queries: dict[str, list[SearchQuery]]
) -> dict[str, list[int]]:
    """Measure everything; returns how much each search found."""
    reactor, catalog = candidate.reactor, candidate.catalog
    print(f"\n{candidate.name}")
    before = resident()
    for number in range(len(users)):
        catalog.add_owner(owner(number))
    take_in(users, read, reactor, candidate.share)
    files = sum(user.count(b'" ') for user in users)
    reactor.idle()
    candidate.search(SearchQuery(contains=[b"nothing like this"]))
    spent, longest = reactor.lap()
    row("take in, CPU per file", micro(spent / files), "longest step", milli(longest))
    candidate.tidy()
    spent, longest = reactor.lap()
    row("tidy up, CPU", milli(spent), "longest step", milli(longest))
    row("memory per file", f"{(resident() - before) / files:.0f} B")
    found = find(candidate, queries)
    leave(candidate, len(users))
    return found


def find(candidate: Candidate, queries: dict[str, list[SearchQuery]]) -> dict[str, list[int]]:
    """Measure searches; returns how much each found."""
    found, times, longest = {}, [], 0.0
    row("searches", "median", "99 %", "longest step", "found, mean")
    for kind, asked in queries.items():
        found[kind], mine, step = [], [], 0.0
        for query in asked:
            found[kind].append(candidate.search(query))
            spent, slowest = candidate.reactor.lap()
            mine.append(spent)
            step = max(step, slowest)
        mine.sort()
        mean = statistics.mean(found[kind])
        middle = micro(statistics.median(mine))
        row(f"  {kind}", middle, micro(mine[-1]), milli(step), f"{mean:.0f}")
        times += mine
        longest = max(longest, step)
    times.sort()
    slow = times[len(times) * 99 // 100]
    row("  all", micro(statistics.median(times)), micro(slow), milli(longest))
    row("searches per CPU second", f"{len(times) / sum(times):,.0f}")
    return found


def leave(candidate: Candidate, users: int) -> None:
    """Measure how a fifth of all owners leave."""
    gone = range(0, users, 5)
    for number in gone:
        candidate.remove(owner(number).nick)
    spent, longest = candidate.reactor.lap()
    row("forget an owner", milli(spent / len(gone)), "longest", milli(longest))
    candidate.reactor.idle()
    spent, longest = candidate.reactor.lap()
    row("sweep after that", milli(spent), "longest step", milli(longest))


def main() -> None:
    """Make a world, and let each candidate live in it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--files", type=int, default=1_000_000)
    parser.add_argument("--user-files", type=int, default=5000)
    parser.add_argument("--fts-files", type=int, default=200_000)
    parser.add_argument("--contents", action="store_true")
    parser.add_argument("--read", type=int, default=65_536, help="bytes of one read")
    parser.add_argument("--each", type=int, default=50, help="searches of each kind")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    corpus = Corpus(options.seed)
    users = [corpus.user(options.user_files) for _ in range(options.files // options.user_files)]
    queries = corpus.queries(options.each)
    size = sum(map(len, users))
    print(f"{options.files:,} files of {len(users)} users, {size:,} bytes of frames")
    GarbageService(Clock(), full_collections=False).startService()  # as in the index
    reactor = Reactor()
    kind = WithContents if options.contents else Memory
    ours = kind("catalog in memory", MemoryCatalog(reactor), reactor)
    measure(ours, users, options.read, queries)
    if options.fts_files:
        some = users[: options.fts_files // options.user_files]
        ours = Memory("the same with as many files", MemoryCatalog(reactor), reactor)
        theirs = Candidate("SQLite FTS5", FtsCatalog(), reactor)
        for candidate in (ours, theirs):
            measure(candidate, some, options.read, queries)


if __name__ == "__main__":
    main()
