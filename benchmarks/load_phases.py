"""The phases of a load: what clients do to a server, and what it costs it; see index_load.py."""

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from catalog_corpus import Corpus
from load_client import (
    BROWSE,
    REGISTER,
    Client,
    Loop,
    ask,
    frame,
    log_in,
    percentile,
    search,
    share,
    totals,
)
from load_corpus import bodies, by_directory, mixed_searches, usual_searches
from load_server import Ours, Server

from napster.wire.extension import Reason, SearchNote

_LEAVERS = 5
_MANY = 8
_REGISTERED_AT_ONCE = 200
_LISTED = 20
_CROWD = 4
_SWEPT = 5.0
"""For so many seconds after a crowd has left what it shared is swept up."""
_UNIQUE = b"zqxunique"


class Told(Client):
    """Counts the searches of its own that were answered while peers were registering."""

    program = "load 1 +ext1"
    told = 0

    def _take(self, number: int, body: bytes) -> None:
        if number == SearchNote.type:
            self.told += SearchNote.from_body(body).reason is Reason.REGISTERING
        super()._take(number, body)


class Bench:
    """A server, the clients it has and what was measured."""

    def __init__(self, options: argparse.Namespace, server: Server, index: Ours | None) -> None:
        self.options, self.server, self.index = options, server, index
        self.loop = Loop(server.host, server.port)
        self.corpus = Corpus(options.seed)
        self.requests = usual_searches(self.corpus, options.searches, options.seed)
        self.sharers: list[Client] = []
        self.report: dict[str, Any] = {}

    def users(self, files: int) -> list[bytes]:
        """Draw what users share, by message 100."""
        each = self.options.user_files
        return [self.corpus.user(each) for _ in range(files // each)]

    def note(self, name: str, **figures: float) -> None:
        """Keep and print what was measured."""
        self.report[name] = figures
        shown = "   ".join(f"{key} {value:,.6g}" for key, value in figures.items())
        print(f"{name:40}{shown}", flush=True)

    def register(self) -> None:
        """Share all files by message 100."""
        frames = self.users(self.options.files)
        before = self.server.resident()
        self.sharers = self._share("register by 100", "a", frames)
        held = self.server.resident() - before
        self.note("memory of files", bytes_per_file=held / self.options.files)

    def directories(self) -> None:
        """Share some more by message 870, and leave again."""
        frames = [by_directory(user) for user in self.users(self.options.directory_files)]
        for client in self._share("register by 870", "d", frames):
            client.close()

    def _share(self, name: str, prefix: str, frames: list[bytes]) -> list[Client]:
        clients = log_in(self.loop, (f"{prefix}{number}" for number in range(len(frames))))
        before = totals(self.loop, clients[0])[1]
        cpu, begun = self.server.cpu(), time.perf_counter()
        share(self.loop, clients, frames, self.options.parallel)
        after = totals(self.loop, clients[0])[1]
        took, cpu = time.perf_counter() - begun, self.server.cpu() - cpu
        files = len(frames) * self.options.user_files
        if after - before != files:
            sys.exit(f"{files} files were shared, but the server has {after - before} more")
        self.note(name, files_per_s=files / took, cpu_us_per_file=cpu / files * 1e6)
        return clients

    def search(self) -> None:
        """Search with acknowledgements at once."""
        self._search_both("", quick=True)

    def delayed(self) -> None:
        """Search as normal clients do."""
        self._search_both(", delayed ACKs", quick=False)

    def _search_both(self, what: str, *, quick: bool) -> None:
        seekers = log_in(self.loop, (f"s{quick}{n}" for n in range(_MANY)), quick=quick)
        search(self.loop, seekers, self.requests[:200])
        self._search(f"search, 1 connection{what}", seekers[:1], self.requests)
        self._search(f"search, {_MANY} connections{what}", seekers, self.requests)
        for seeker in seekers:
            seeker.close()

    def _search(self, name: str, seekers: list[Client], requests: list[bytes]) -> None:
        cpu = self.server.cpu()
        answers = search(self.loop, seekers, requests)
        cpu = self.server.cpu() - cpu
        self.note(
            name,
            per_s=len(requests) / answers.took,
            p50_ms=answers.percentile(50) * 1e3,
            p99_ms=answers.percentile(99) * 1e3,
            cpu_ms=cpu / len(requests) * 1e3,
            per_cpu_s=len(requests) / cpu if cpu else 0,
            found=statistics.mean(answers.hits),
            empty=answers.hits.count(0) / len(requests),
        )

    def mixed(self) -> None:
        """Search for everything there is to ask for."""
        kinds = len(self.corpus.queries(0))
        each = max(1, self.options.searches // kinds)
        requests = mixed_searches(self.corpus, each, self.options.seed)
        seekers = log_in(self.loop, (f"m{number}" for number in range(_MANY)))
        self._search("mixed, 1 connection", seekers[:1], requests)
        self._search(f"mixed, {_MANY} connections", seekers, requests)
        for seeker in seekers:
            seeker.close()

    def browse(self) -> None:
        """List users' files."""
        (seeker,) = log_in(self.loop, ["browser"])
        times = []
        cpu = self.server.cpu()
        some = self.sharers[:_LISTED]
        for sharer in some:
            begun = time.perf_counter()
            seeker.listed = False
            seeker.send(frame(BROWSE, sharer.nick.encode()))
            self.loop.run(lambda: seeker.listed)
            times.append((time.perf_counter() - begun) * 1e3)
        cpu = (self.server.cpu() - cpu) / len(some)
        self.note("list of a user", median_ms=statistics.median(times), cpu_ms=cpu * 1e3)
        seeker.close()

    def crowd(self) -> None:
        """End the connections of many who share."""
        (seeker,) = log_in(self.loop, ["crowd"])
        leaving = self.sharers[::_CROWD]
        left = len(self.sharers) - len(leaving)
        cpu, begun = self.server.cpu(), time.perf_counter()
        for sharer in leaving:
            sharer.close()
        waits = self._search_until(seeker, lambda: time.perf_counter() - begun > _SWEPT)
        found = totals(self.loop, seeker)[1]
        if found != left * self.options.user_files:
            sys.exit(f"{left} users are left, but the server has {found} files")
        self.note(
            f"{len(leaving)} users leave",
            cpu_s=self.server.cpu() - cpu,
            searches=len(waits),
            p50_ms=percentile(waits, 50) * 1e3,
            p99_ms=percentile(waits, 99) * 1e3,
            longest_ms=max(waits) * 1e3,
        )
        seeker.close()

    def leave(self) -> None:
        """End the connections of users with a word of their own."""
        (seeker,) = log_in(self.loop, ["leave"])
        times, cpus = [], []
        for number in range(_LEAVERS):
            word = b"%b%d" % (_UNIQUE, number)
            cpu, took = self._leave(seeker, f"leaver{number}", word)
            times.append(took * 1e3)
            cpus.append(cpu * 1e3)
        self.note("leave", median_ms=statistics.median(times), most_ms=max(times), cpu_ms=max(cpus))
        seeker.close()

    def _leave(self, seeker: Client, nick: str, word: bytes) -> tuple[float, float]:
        request = b'FILENAME CONTAINS "%b" MAX_RESULTS 1' % word
        (leaver,) = log_in(self.loop, [nick])
        frames = [_with_word(self.corpus.user(self.options.user_files), word)]
        share(self.loop, [leaver], frames, 1)
        if not ask(self.loop, seeker, request):
            sys.exit("the files of the user about to leave are not found")
        cpu, begun = self.server.cpu(), time.perf_counter()
        leaver.close()
        while ask(self.loop, seeker, request):
            pass
        return self.server.cpu() - cpu, time.perf_counter() - begun

    def idle(self) -> None:
        """Log users in who do nothing, and search beside them."""
        (seeker,) = log_in(self.loop, ["beside"])
        for number in self.options.idle:
            before, begun = self.server.resident(), time.perf_counter()
            idlers = log_in(self.loop, (f"i{number}x{each}" for each in range(number)))
            took = time.perf_counter() - begun
            ask(self.loop, seeker)
            held = (self.server.resident() - before) / number
            self.note(f"{number} idle users", logins_per_s=number / took, bytes_per_user=held)
            self._search(f"search beside {number} idle users", [seeker], self.requests)
            for idler in idlers:
                idler.close()
            ask(self.loop, seeker)

    def comeback(self) -> None:
        """Restart, and let all users come back and share at once while somebody searches."""
        if self.index is None:
            sys.exit("only an index started with --start can be restarted")
        count, files = self.options.returning, self.options.returning_files
        nicks = [f"r{number}" for number in range(count)]
        self._register_nicks(nicks[: self.options.registered])
        frames = [self.corpus.user(files) for _ in nicks]
        self.index.stop()
        self.server = self.index.start()
        self.loop = Loop(self.server.host, self.server.port)
        seeker = Told(self.loop, "seeker")
        self.loop.run(lambda: seeker.online)
        begun, cpu = time.perf_counter(), self.server.cpu()
        clients = [Client(self.loop, nick, source=_source(n)) for n, nick in enumerate(nicks)]
        for client, data in zip(clients, frames, strict=True):
            client.send(data)
            client.search()
        waits = self._search_until(seeker, lambda: all(client.ends for client in clients))
        took, cpu = time.perf_counter() - begun, self.server.cpu() - cpu
        found = totals(self.loop, seeker)[1]
        if found != count * files:
            sys.exit(f"{count * files} files were shared, but the server has {found}")
        self.note(
            f"{count} users return",
            seconds=took,
            cpu_s=cpu,
            searches=len(waits),
            told=seeker.told,
            p50_ms=percentile(waits, 50) * 1e3,
            p99_ms=percentile(waits, 99) * 1e3,
            longest_ms=max(waits) * 1e3,
        )

    def _register_nicks(self, nicks: list[str]) -> None:
        for at in range(0, len(nicks), _REGISTERED_AT_ONCE):
            some = nicks[at : at + _REGISTERED_AT_ONCE]
            clients = [Client(self.loop, nick, number=REGISTER) for nick in some]
            self.loop.run(lambda clients=clients: all(client.online for client in clients))
            for client in clients:
                client.close()

    def _search_until(self, seeker: Client, done: Callable[[], bool]) -> list[float]:
        """Search again and again; returns how long each search took."""
        waits: list[float] = []
        while not done():
            begun = time.perf_counter()
            ask(self.loop, seeker, self.requests[len(waits) % len(self.requests)])
            waits.append(time.perf_counter() - begun)
        return waits


def _with_word(frames: bytes, word: bytes) -> bytes:
    """Put a word in front of the extension of every file."""
    return b"".join(
        frame(100, body.replace(b'.mp3"', b' %b.mp3"' % word)) for body in bodies(frames)
    )


def _source(number: int) -> str:
    """Return a loopback address of its own for each of many users."""
    return f"127.1.{number // 250}.{number % 250 + 1}"


PHASES = {
    "register": Bench.register,
    "search": Bench.search,
    "delayed": Bench.delayed,
    "mixed": Bench.mixed,
    "browse": Bench.browse,
    "leave": Bench.leave,
    "crowd": Bench.crowd,
    "directories": Bench.directories,
    "idle": Bench.idle,
    "return": Bench.comeback,
}
