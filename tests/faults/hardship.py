"""Put daemons into hardship that takes root to make, and see that they get over it.

Run by hand as root, from the root of a checkout; it takes two minutes:

    python -m tests.faults.hardship --folder /var/tmp/hardship
    python -m tests.faults.hardship --folder /var/tmp/hardship unmounted index-full

Disks that run full or go away are small tmpfs of a mount namespace of its own, which ends with it,
whatever happens. The clock is set for the daemons alone, by libfaketime: LIBFAKETIME in the
environment is the path of its shared library, and without it that scenario is left out. A disk is
slowed for one daemon by a control group of version 1; the folder has to be on a real disk then. A
line for each scenario tells what was seen; the status is 1 if any of them failed.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from napster.daemon.codec import dump
from napster.peer.api import DownloadState, Wanted
from tests.faults.command import parser, say
from tests.faults.slow_disk import BLKIO, is_possible, slow_disk
from tests.system.daemons import Daemon, Peer, network, put, until
from tests.system.files import MIB, fill, same_content
from tests.system.throttle import Throttle

Scenario = Callable[[Path], str]
YEAR = 366 * 86_400
_APART = "--apart"
_FAKETIME = "LIBFAKETIME"


def run(*words: object) -> None:
    """Run a program that must not fail."""
    subprocess.run([str(word) for word in words], check=True)


@contextmanager
def disk(folder: Path, size: int, mode: str = "755") -> Iterator[Path]:
    """Mount a disk of so many bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    run("mount", "-t", "tmpfs", "-o", f"size={size},mode={mode}", "tmpfs", folder)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=False, stderr=subprocess.DEVNULL)


@contextmanager
def bound(disk: Path, folder: Path) -> Iterator[None]:
    """Have a disk at a folder as well, until it is unmounted there."""
    run("mount", "--bind", disk, folder)
    try:
        yield
    finally:
        run("umount", "--lazy", folder)


def fill_up(folder: Path) -> Path:
    """Take all the room of a disk; returns the file that holds it."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for step in (MIB, 4096, 1):
            try:
                while file.write(bytes(step)) == step:
                    pass
            except OSError:
                continue
    return ballast


def no_defects(*daemons: Daemon) -> None:
    """Fail if a daemon has logged a fault of its own: those name lines of the program."""
    for each in daemons:
        faults = [line for line in each.log.splitlines() if ".py:" in line]
        assert not faults, faults


def begin(bob: Peer, nick: str = "alice") -> int:
    """Begin to download the only file of a user."""
    (number,) = bob.get(bob.browse(nick).rows)
    return number


def blocked(bob: Peer, number: int) -> str:
    """Wait until a download is blocked; tell why."""
    until(lambda: bob.download(number).state is DownloadState.BLOCKED, "it is blocked")
    return bob.download(number).reason


def too_small(folder: Path) -> str:
    """Download what does not fit: it is not begun, and goes on once there is room."""
    with (
        disk(folder / "bob" / "downloads", 8 * MIB) as small,
        network(folder, search_rate=0) as net,
    ):
        alice = net.prepare("alice")
        fill(alice.share / "long.bin", 10 * MIB)
        net.join(alice)
        bob = net.peer("bob")
        number = begin(bob)
        reason = blocked(bob, number)
        assert "needs 10.0 MiB more" in reason, reason
        assert not list(small.glob("*.bin")), "a file has its name too early"
        run("mount", "-o", "remount,size=32m", small)
        (path,) = bob.saved([number])
        assert same_content(path, alice.share / "long.bin")
        no_defects(alice, bob, net.index)
        return f"blocked: {reason}; then saved"


def runs_full(folder: Path) -> str:
    """Fill the disk under a download: it is blocked, and nothing that came is lost."""
    with (
        disk(folder / "bob" / "downloads", 16 * MIB) as small,
        network(folder, search_rate=0) as net,
        Throttle(2 * MIB) as gate,
    ):
        alice = net.prepare("alice", public_port=gate.port)
        gate.target = alice.data_port
        fill(alice.share / "long.bin", 10 * MIB)
        net.join(alice)
        bob = net.peer("bob")
        number = begin(bob)
        until(lambda: bob.download(number).done > 2 * MIB, "some has come")
        ballast = fill_up(small)
        reason = blocked(bob, number)
        here = bob.download(number).done
        assert not (small / "long.bin").exists()
        bob.restart()
        assert blocked(bob, number)
        ballast.unlink()
        gate.passages.clear()
        run_out = bob.napster("resume", str(number))
        assert run_out.returncode == 0, run_out.stderr
        (path,) = bob.saved([number])
        assert same_content(path, alice.share / "long.bin")
        assert gate.passed < 10 * MIB - here + MIB + 4096, "all was fetched again"
        no_defects(alice, bob, net.index)
        return f"blocked at {here / MIB:.1f} MiB: {reason}; resumed after a restart, then saved"


def peer_state_full(folder: Path) -> str:
    """Fill the state folder of a peer: it says so, and goes on sharing all files."""
    with (
        disk(folder / "alice" / "state", 2 * MIB, "700") as state,
        network(folder, search_rate=0) as net,
    ):
        alice = net.peer("alice", {"old.bin": b"old"})
        bob = net.peer("bob", {"wanted.bin": b"wanted"})
        ballast = fill_up(state)
        for number in range(40):
            put(alice.share / f"{number}.bin", os.urandom(200))
        until(lambda: len(bob.browse("alice").rows) == 41, "all files are offered")
        row = alice.browse("bob").rows[0]
        wanted = Wanted(row.name, row.size, row.md5, row.sources, content=row.content)
        refused = alice.refused("POST", "downloads", {"wanted": dump([wanted])})
        assert "last-download: No space left on device" in refused, refused
        said = [line for line in alice.log.splitlines() if "disk is full" in line]
        assert said, "nothing was said"
        ballast.unlink()
        (path,) = alice.fetch([row])
        assert path.read_bytes() == b"wanted"
        alice.restart()
        alice.restart()
        assert last_look(alice).startswith("41 files"), last_look(alice)
        assert ", 0 to be hashed" in last_look(alice), last_look(alice)
        no_defects(alice, bob, net.index)
        return f"all were shared; a download was refused: {refused}; all right again with room"


def last_look(peer: Peer) -> str:
    """Read in the log what was found when the share was looked through last."""
    return peer.log.rpartition(" as share: ")[2].partition("\n")[0]


def index_state_full(folder: Path) -> str:
    """Fill the state folder of an index: what cannot be kept is refused in a sentence."""
    with (
        disk(folder / "index" / "state", 2 * MIB, "700") as state,
        network(folder, search_rate=0) as net,
    ):
        index = net.index
        alice = net.peer("alice", {"song.bin": b"song"})
        assert admin(index, "ban", "early").returncode == 0
        ballast = fill_up(state)
        refused = [admin(index, "ban", f"nick{n}*", "--reason", "x" * 200) for n in range(60)]
        worst = refused[-1]
        assert worst.returncode == 1, "the disk is not full"
        bob = net.peer("bob")
        assert bob.fetch(bob.search("song").rows)
        ballast.unlink()
        assert admin(index, "ban", "late").returncode == 0
        kept = sum(each.returncode == 0 for each in refused)
        index.restart()
        bans = admin(index, "bans").stdout
        assert "early" in bans, bans
        assert "late" in bans, bans
        assert bans.count("nick") == kept, f"{kept} were accepted, {bans.count('nick')} kept"
        no_defects(alice, bob, index)
        return f"{kept} kept, then refused: {worst.stderr.strip()}; right again with room"


def admin(index: Daemon, *words: str) -> subprocess.CompletedProcess[str]:
    """Run `napster admin` against an index."""
    command = "import sys; from napster.cli.main import main; sys.exit(main())"
    return index.run(sys.executable, "-c", command, "admin", *words, "--state", "state")


def unmounted(folder: Path) -> str:
    """Unmount the disk of a share: its files are withdrawn, and come back without being hashed."""
    store = folder / "store"
    with (
        disk(store, 64 * MIB),
        network(folder, search_rate=0) as net,
        Throttle(MIB) as gate,
    ):
        alice = net.prepare("alice", public_port=gate.port)
        gate.target = alice.data_port
        fill(store / "long.bin", 16 * MIB)
        with bound(store, alice.share):
            net.join(alice)
            bob = net.peer("bob")
            number = begin(bob)
            until(lambda: bob.download(number).done > MIB, "some has come")
        until(lambda: not bob.search("long").rows, "its files are withdrawn")
        state = alice.napster("shares").stdout
        assert "not mounted" in state, state
        assert "is not mounted: its files are withdrawn until" in alice.log
        going_on = bob.download(number).state.value
        alice.restart()
        assert "not mounted" in alice.napster("shares").stdout
        with bound(store, alice.share):
            until(lambda: bool(bob.search("long").rows), "its files are shared again")
            assert ", 0 to be hashed" in last_look(alice), last_look(alice)
            (path,) = bob.saved([number])
            assert same_content(path, store / "long.bin")
        no_defects(alice, bob, net.index)
        return (
            "withdrawn, not mounted also after a restart, shared again with 0 to be hashed; "
            f"the download under way was {going_on} after the withdrawal, and was saved in the end"
        )


def clock(folder: Path) -> str:
    """Set the clock of all daemons a year ahead and back: nothing is hashed or expires."""
    assert _FAKETIME in os.environ, f"{_FAKETIME} names no library"
    setting = folder / "clock"
    folder.mkdir(parents=True)
    set_clock(setting, 0)
    Daemon.more_environment |= {
        "LD_PRELOAD": os.environ[_FAKETIME],
        "FAKETIME_TIMESTAMP_FILE": str(setting),
        "FAKETIME_NO_CACHE": "1",
        "DONT_FAKE_MONOTONIC": "1",
        "NO_FAKE_STAT": "1",
    }
    try:
        return _with_clock(folder, setting)
    finally:
        Daemon.more_environment.clear()


def _with_clock(folder: Path, setting: Path) -> str:
    with network(folder / "net", search_rate=0) as net:
        alice = net.peer("alice", {"song.bin": b"song"})
        bob = net.peer("bob")
        assert admin(net.index, "ban", "mallory", "--for", "7d").returncode == 0
        looks = alice.log.count(" as share: ")
        for years in (1, -1, 0):
            set_clock(setting, years * YEAR)
            time.sleep(1)
            assert bob.search("song").rows
        (path,) = bob.fetch(bob.search("song").rows)
        assert path.read_bytes() == b"song"
        assert alice.log.count(" as share: ") == looks, "a change of the clock had all looked at"
        for years in (2, -2, 0):
            set_clock(setting, years * YEAR)
            for each in (net.index, alice):
                each.restart()
            until(alice.is_ready, "it is back")
            assert ", 0 to be hashed" in last_look(alice), last_look(alice)
            assert ("mallory" in admin(net.index, "bans").stdout) == (years <= 0)
            until(bob.is_ready, "the other is back")
            assert bob.search("song").rows
        no_defects(alice, bob, net.index)
    return "a year ahead, a year back while running; two years each over restarts: nothing hashed"


def set_clock(setting: Path, seconds: int) -> None:
    """Let daemons see a wall clock that is so many seconds ahead."""
    spare = setting.with_suffix(".new")
    spare.write_text(f"{seconds:+d}\n", encoding="ascii")
    spare.replace(setting)


def odd_names(folder: Path) -> str:
    """Share what file systems allow and nobody expects: all of it arrives, byte by byte."""
    with network(folder, search_rate=0) as net:
        alice = net.prepare("alice")
        deep = Path(*[f"{depth:02}" for depth in range(60)])
        names = [b"Case.bin", b"case.bin", b"CASE.bin", b"caf\xe9.bin", b"two\nlines.bin"]
        paths = [Path(os.fsdecode(each)) for each in names] + [deep / "deep.bin"]
        for path in paths:
            put(alice.share / path, os.fsencode(path))
        (alice.share / "loop").symlink_to(alice.share)
        (alice.share / deep / "up").symlink_to(alice.share)
        net.join(alice)
        bob = net.peer("bob")
        rows = bob.browse("alice").rows
        assert len(rows) == len(paths), [row.name for row in rows]
        arrived = sorted(path.read_bytes() for path in bob.fetch(rows))
        assert arrived == sorted(map(os.fsencode, paths)), arrived
        replaced = alice.share / "Case.bin"
        status = replaced.stat()
        spare, md5 = folder / "spare", hashlib.md5(b"esaC.bin").hexdigest()
        put(spare, b"esaC.bin")
        os.utime(spare, ns=(status.st_atime_ns, status.st_mtime_ns))
        spare.replace(replaced)
        until(
            lambda: any(row.md5 == md5 for row in bob.browse("alice").rows),
            "the file in its place is shared",
        )
        no_defects(alice, bob, net.index)
        return f"{len(rows)} files arrived; another of equal size and time was told apart"


SCENARIOS: dict[str, Scenario] = {
    "too-small": too_small,
    "runs-full": runs_full,
    "peer-full": peer_state_full,
    "index-full": index_state_full,
    "unmounted": unmounted,
    "clock": clock,
    "odd-names": odd_names,
    "slow-disk": slow_disk,
}


def play(name: str, folder: Path) -> bool:
    """Play one scenario; tell whether it went well."""
    began = time.monotonic()
    try:
        seen = SCENARIOS[name](folder)
    except AssertionError as error:
        say(f"FAULT {name}: {error}")
        return False
    say(f"ok    {name} ({time.monotonic() - began:.0f} s): {seen}")
    return True


def possible() -> list[str]:
    """List the scenarios for which all is there; say which are left out."""
    names = list(SCENARIOS)
    if _FAKETIME not in os.environ:
        say("left out: clock, as LIBFAKETIME names no library")
        names.remove("clock")
    if not is_possible():
        say(f"left out: slow-disk, as there is no {BLKIO} to slow one by")
        names.remove("slow-disk")
    return names


def apart() -> int:
    """Run this command again in a mount namespace of its own; returns its status."""
    words = ["unshare", "--mount", sys.executable, "-m", "tests.faults.hardship", _APART]
    return subprocess.run([*words, *sys.argv[1:]], check=False).returncode


def main() -> None:
    """Play what the command line names."""
    words = parser(__doc__)
    words.add_argument("scenario", nargs="*", choices=[[], *SCENARIOS], default=[])
    words.add_argument(_APART, action="store_true", help=argparse.SUPPRESS)
    options = words.parse_args()
    if not options.apart:
        sys.exit(apart())
    try:
        good = [play(each, options.folder / each) for each in options.scenario or possible()]
    finally:
        shutil.rmtree(options.folder, ignore_errors=True)
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
