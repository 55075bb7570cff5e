"""What exists only once, as the command line tells it."""

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import attrs
from twisted.internet.defer import Deferred

from napster.cli import risk
from napster.daemon.codec import dump
from napster.peer.api import Holding, RareReport, RiskReport
from tests.cli.screens import Seen
from tests.cli.test_commands import Terminal
from tests.peer.control.fake import CANNOT, NOTES, RARE, RISK, FakePeer

COMMAND = SimpleNamespace(COMMAND=risk.COMMAND)


@attrs.define
class Collector(FakePeer):
    """Shares what others do, or what nobody else has."""

    own: RiskReport = RISK
    network: Sequence[RareReport] = (RARE, CANNOT)

    async def risk(self) -> RiskReport:
        return self.own

    async def rare(self) -> Sequence[RareReport]:
        return self.network


def test_own(tmp_path: Path) -> None:
    """Files nobody else shares are named, with all of them summed up."""
    terminal = Terminal(tmp_path)
    assert terminal.run(COMMAND) == 0
    assert terminal.seen.out.splitlines() == [
        "only here                size",
        "Music/only mine.mp3  1.00 MiB",
        "... and 1 more.",
        "2 files (2.00 MiB) of 9 (1.00 GiB): nobody else shares the same.",
    ]
    assert terminal.seen.err == "napster: Not counted: index x: away\n"
    assert terminal.run(COMMAND, "--json") == 0
    assert terminal.json == dump(RISK)


def test_many(tmp_path: Path) -> None:
    """Of many the first ones are named, or all if that is asked for."""
    many = [Holding(f"{number}.mp3", 5) for number in range(60)]
    peer = Collector(own=attrs.evolve(RISK, alone=many, alone_contents=60, notes=()))
    terminal = Terminal(tmp_path, peer)
    terminal.run(COMMAND)
    assert len(terminal.seen.out.splitlines()) == 1 + 50 + 2
    assert "... and 10 more; --all lists them." in terminal.seen.out
    terminal.run(COMMAND, "--all")
    assert len(terminal.seen.out.splitlines()) == 1 + 60 + 1


def test_none(tmp_path: Path) -> None:
    """Where others have everything, one line says so."""
    terminal = Terminal(tmp_path, Collector(own=RiskReport(9, 2**30, (), 0, 0)))
    assert terminal.run(COMMAND) == 0
    assert terminal.seen.out == "0 files (0 B) of 9 (1.00 GiB): nobody else shares the same.\n"


def test_network(tmp_path: Path) -> None:
    """Each index is told apart, and one that cannot tell is no misfortune."""
    terminal = Terminal(tmp_path)
    assert terminal.run(COMMAND, "--network") == 0
    assert terminal.seen.out.splitlines() == [
        "name       size  only at",
        "notes.txt  17 B  alice",
        "... and more; see --all.",
        "Index index.example.org:8888: 2 files (1.00 MiB) of 700, shared by one user alone.",
    ]
    assert terminal.seen.err == "napster: Index old.example.org:8888: it knows no content ids.\n"
    assert terminal.run(COMMAND, "--network", "--json") == 0
    assert terminal.json == dump((RARE, CANNOT))


def test_network_of_many(tmp_path: Path) -> None:
    """There may be more than the peer has asked for."""
    terminal = Terminal(tmp_path, Collector(network=(attrs.evolve(RARE, rows=[NOTES] * 60),)))
    terminal.run(COMMAND, "--network", "--all")
    assert len(terminal.seen.out.splitlines()) == 1 + 60 + 2
    assert "... and more.\n" in terminal.seen.out


def test_nobody_can_tell(tmp_path: Path) -> None:
    """Then the command has failed."""
    assert Terminal(tmp_path, Collector(network=(CANNOT,))).run(COMMAND, "--network") == 1


def test_somebody_looks_on(tmp_path: Path) -> None:
    """On a terminal something is said while it takes its time."""
    terminal = Terminal(tmp_path)
    terminal.begin(COMMAND)
    assert "Counting copies" not in terminal.seen.out
    seen = Seen(terminal=True)
    assert terminal.session is not None
    terminal.session.screen = seen.screen
    Deferred.fromCoroutine(risk.COMMAND.run(terminal.session))
    assert "Counting copies" in seen.out
