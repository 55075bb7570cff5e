"""What the demo does, step by step."""

import shutil
import sys
import tempfile
import time
from pathlib import Path

from napster.cli.demo.files import LARGE_SIZE, SMALL_FILES, SMALL_FOLDER, digests, make_files
from napster.cli.demo.interruption import InterruptedDemoError, Interruption
from napster.cli.demo.network import Network, environment
from napster.cli.demo.processes import Processes
from napster.cli.exits import DONE, FAILED
from napster.cli.screen import Screen, Style
from napster.cli.text import crop
from napster.peer.api import ApiError
from napster.units import format_rate, format_size

_ROOM = 3 * LARGE_SIZE


def run_demo(screen: Screen) -> int:
    """Run the demo from beginning to end; returns the exit status. Leaves nothing behind."""
    with Interruption() as interruption:
        try:
            with tempfile.TemporaryDirectory(prefix="napster-demo-") as folder:
                _check_room(Path(folder))
                _Story(Path(folder), screen, interruption).tell()
        except InterruptedDemoError as error:
            screen.error("Interrupted. All daemons are stopped and all files removed.")
            return 128 + error.number
        except ApiError as error:
            screen.error(str(error))
            return FAILED
    screen.line("All daemons are stopped and all files removed. To run an index of your own, type:")
    screen.line(f"{_twistd()} -n napster-index")
    return DONE


def _check_room(folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if free < _ROOM:
        raise ApiError(
            f"The demo needs {format_size(_ROOM)} in {folder.parent}, which has"
            f" {format_size(free)} left; set TMPDIR to a folder with more."
        )


def _twistd() -> str:
    twistd = Path(sys.executable).with_name("twistd")
    here = Path.cwd()
    return str(twistd.relative_to(here) if twistd.is_relative_to(here) else twistd)


class _Story:
    """One run of the demo in a folder of its own."""

    def __init__(self, folder: Path, screen: Screen, interruption: Interruption) -> None:
        self._screen = screen
        self._interruption = interruption
        self._processes = Processes(folder, environment(folder), interruption)
        self._network = Network(folder, self._processes, interruption)
        self._shared = folder / "alice" / "Demo"
        self._downloads = folder / "bob" / "downloads"

    def tell(self) -> None:
        try:
            self._tell()
        except ApiError:
            self._show_logs()
            raise
        finally:
            self._processes.stop()

    def _tell(self) -> None:
        self._make_files()
        self._start()
        self._get_large_file()
        self._get_small_files()
        self._compare()

    def _make_files(self) -> None:
        size = make_files(self._shared, self._interruption)
        self._screen.line(
            f"Made {SMALL_FILES} small files and one of {format_size(LARGE_SIZE)},"
            f" {format_size(size)} in all."
        )

    def _start(self) -> None:
        self._network.start_index()
        self._screen.line(f"Started an index on {self._network.index}.")
        began = time.monotonic()
        self._network.start_peer("alice", 2, "--share", str(self._shared))
        self._network.start_peer("bob", 3)
        self._network.wait_for_login("bob")
        self._network.wait_for_registration("alice", SMALL_FILES + 1)
        self._screen.line(
            f"Started two peers. alice hashed and registered {SMALL_FILES + 1} files"
            f" within {time.monotonic() - began:.0f} s; bob has none."
        )

    def _get_large_file(self) -> None:
        self._search("concert")
        self._screen.line("bob gets it straight from alice: napster get 1", Style.BOLD)
        began = time.monotonic()
        self._processes.napster(["get", "1", *self._network.state("bob")], shown=True)
        rate = LARGE_SIZE / (time.monotonic() - began)
        self._screen.line(f"That was {format_rate(rate)}, checks included.")

    def _get_small_files(self) -> None:
        self._search("夜の歌")
        place = f"{self._shared.name}/{SMALL_FOLDER}"
        self._screen.line(
            f"bob gets a whole folder: napster get --folder alice {place}", Style.BOLD
        )
        got = self._network.ask("bob", "get", "--folder", "alice", place)
        self._screen.line(f"{len(got)} files have arrived.")

    def _search(self, words: str) -> None:
        self._screen.line(f"bob searches: napster search {words}", Style.BOLD)
        page = self._network.ask("bob", "search", words)
        first = page["rows"][0]
        self._screen.line(
            f"{page['files']} found, the first of them {first['name']},"
            f" {format_size(first['size'])}, shared by {first['sources'][0]['nick']}."
        )

    def _compare(self) -> None:
        sent = digests(self._shared, self._interruption)
        arrived = digests(self._downloads, self._interruption)
        if sent != arrived:
            wrong = [str(place) for place in sent if arrived.get(place) != sent[place]]
            raise ApiError(f"{len(wrong)} files differ, the first of them {wrong[:1]}.")
        self._screen.line(f"All {len(sent)} files are equal to alice's, by SHA-256.")

    def _show_logs(self) -> None:
        for daemon in self._processes.daemons:
            self._screen.line(f"The end of the log of {daemon.name}:", Style.BOLD)
            for line in daemon.tail():
                self._screen.line(crop(f"  {line}", self._screen.columns or 200))
