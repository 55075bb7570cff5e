"""One file from several peers at once, over real sockets, in daemons of their own."""

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import attrs
import pytest

from tests.faults.several import content_id
from tests.system.daemons import Peer, network, until
from tests.system.files import MIB, fill, same_content
from tests.system.throttle import Throttle

SIZE = 12 * MIB + 12_345
RATE = 6 * MIB
NICKS = ("alice", "carol", "dave")


@attrs.define
class Party:
    """Three peers behind gates, and bob, who wants their files."""

    bob: Peer
    uploaders: Sequence[Peer]
    gates: Sequence[Throttle]
    _before: Sequence[int] = ()

    @property
    def passed(self) -> list[int]:
        """How many bytes have come through each gate since something was wanted last."""
        totals = (gate.passed for gate in self.gates)
        return [total - before for total, before in zip(totals, self._before, strict=True)]

    def begin(self, name: str) -> int:
        """Want the content that alice has under a name, of all whom a search for the name tells."""
        self._before = [gate.passed for gate in self.gates]
        rows = self.bob.search(name).rows
        content = content_id(self._original(name))
        assert content in {row.content for row in rows}
        sources = [source for row in rows for source in row.sources]
        (number,) = self.bob.get([attrs.evolve(rows[0], sources=sources, content=content)])
        return number

    def check(self, name: str, number: int) -> None:
        """Wait for the file and compare it."""
        (path,) = self.bob.saved([number])
        assert same_content(path, self._original(name))
        copies = [each.share / f"{name}.bin" for each in self.uploaders]
        assert _changed(path) in map(_changed, copies)
        assert self.bob.download(number).verified == "content checked"
        path.unlink()

    def _original(self, name: str) -> Path:
        return self.uploaders[0].share / f"{name}.bin"


def _changed(path: Path) -> int:
    """Tell when a file was last changed, in seconds since 1970."""
    return int(path.stat().st_mtime)


@pytest.fixture(scope="module")
def party(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Party]:
    """Let all share the same long file; another one dave has not as the others have it."""
    with network(tmp_path_factory.mktemp("several")) as net, ExitStack() as stack:
        gates = [stack.enter_context(Throttle(RATE)) for _ in NICKS]
        uploaders = [
            net.prepare(nick, public_port=gate.port)
            for nick, gate in zip(NICKS, gates, strict=True)
        ]
        for peer, gate in zip(uploaders, gates, strict=True):
            gate.target = peer.data_port
            fill(peer.share / "long.bin", SIZE)
            fill(peer.share / "forged.bin", SIZE, seed=3 if peer.nick == "dave" else 2)
            peer.launch()
        until(lambda: all(peer.is_ready() for peer in uploaders), "all are ready")
        yield Party(net.peer("bob"), uploaders, gates)


def test_all_of_them_send(party: Party) -> None:
    """A file comes in parts from everybody who has it, and is checked by its content id."""
    party.check("long", party.begin("long"))
    assert min(party.passed) > MIB
    assert sum(party.passed) < SIZE + 3 * MIB


def test_one_dies_on_the_way(party: Party) -> None:
    """What a peer had not sent when its process was killed comes from the others."""
    number = party.begin("long")
    until(lambda: min(party.passed) > MIB // 2, "everybody sends")
    party.uploaders[0].kill()
    party.check("long", number)
    party.uploaders[0].start()


def test_the_downloader_dies_on_the_way(party: Party) -> None:
    """After a kill with pieces from everywhere on the disk, little of it comes again."""
    number = party.begin("long")
    until(lambda: party.bob.download(number).done > SIZE // 2, "half of it is here")
    party.bob.restart()
    assert party.bob.download(number).done > SIZE // 2 - 6 * MIB
    party.check("long", number)
    assert sum(party.passed) < SIZE + 8 * MIB


def test_a_liar_among_them(party: Party) -> None:
    """Who has other bytes than was said is found out and remembered; what arrives is right."""
    party.check("forged", party.begin("forged"))
    liars = json.loads((party.bob.state / "liars.json").read_text())
    assert [liar["nick"] for liar in liars] == ["dave"]
    told = ("its list of pieces is of another content", "it sent wrong bytes")
    assert any(f"dave at 127.0.0.1: {reason}" in party.bob.log for reason in told)
