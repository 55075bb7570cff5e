"""One file from peer to peer over loopback, beside aria2c from nginx; and sending alone.

    python benchmarks/transfer.py [--tls] [--size MIB] [--rounds N] [--folder DIR]

Whole commands are timed: `napster get` with its daemon (which hashes all it receives with BLAKE3)
against `aria2c`, without and with SHA-256 verification. For an equal hash on both sides ours is
timed again with a pass of SHA-256 over what it has saved. Without TLS `ncdc` takes part as well,
from the key that begins a download to the file it has checked and saved.

Sending alone is read by a sink whose kernel drops the bytes, from our peer's data port and from
nginx in turn. Rounds interleave all candidates, so that a machine whose speed drifts is fair to
each. With `--tls` all of it is encrypted, and sending alone is left to `pieces.py`.
"""

import argparse
import hashlib
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import direct_connect
import rivals

NAME = "benchmark.bin"


def make_file(path: Path, size: int) -> str:
    """Write random bytes; returns their SHA-256."""
    digest = hashlib.sha256()
    with Path("/dev/urandom").open("rb") as source, path.open("wb") as file:
        for _ in range(size >> 20):
            block = source.read(1 << 20)
            digest.update(block)
            file.write(block)
    return digest.hexdigest()


def timed(size: int, work: Callable[[], object]) -> float:
    """Run once; returns MB/s."""
    begun = time.perf_counter()
    work()
    return size / (time.perf_counter() - begun) / 1e6


def aria2(folder: Path, url: str, *words: str) -> Callable[[], None]:
    """Make a download with aria2c into a fresh file."""
    program = rivals.needed("aria2c", "aria2")
    command = [program, "-q", "--allow-overwrite=true", "--file-allocation=none", *words]
    command += ["--check-certificate=false", "-d", str(folder), f"{url}/{NAME}"]
    print(shlex.join(command))

    def fetch() -> None:
        (folder / NAME).unlink(missing_ok=True)
        subprocess.run(command, check=True)

    return fetch


def get(state: Path, downloads: Path) -> Callable[[], None]:
    """Make a download with the napster command into a fresh file."""
    words = ("get", "alice", f"shared/{NAME}", "--state", str(state))
    print(shlex.join(("napster", *words)))

    def fetch() -> None:
        for old in downloads.glob("*"):
            old.unlink()
        done = rivals.napster(*words)
        if done.returncode:
            sys.exit(done.stderr)

    return fetch


def then_sha256(fetch: Callable[[], None], saved: Path, digest: str) -> Callable[[], None]:
    """Make a download after which the saved file is read and hashed once more."""

    def fetch_and_hash() -> None:
        fetch()
        with saved.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                sys.exit(f"{saved} is not what is shared")

    return fetch_and_hash


def nothing() -> None:
    """Prepare for rivals that need nothing."""


def rivals_by_http(folder: Path, url: str, digest: str) -> dict[str, Callable[[], None]]:
    """Make the downloads with aria2c, by name."""
    checked = f"--checksum=sha-256={digest}"
    return {
        "aria2c -x1, unverified": aria2(folder, url, "-x1"),
        "aria2c -x4, unverified": aria2(folder, url, "-x4"),
        "aria2c -x1, SHA-256": aria2(folder, url, "-x1", checked),
        "aria2c -x4, SHA-256": aria2(folder, url, "-x4", checked),
    }


def receive(folder: Path, options: argparse.Namespace, digest: str, ports: tuple[int, int]) -> None:
    """Time whole downloads: ours beside aria2c and ncdc."""
    size, (index_port, nginx_port) = options.size << 20, ports
    url = f"{'https' if options.tls else 'http'}://127.0.0.1:{nginx_port}"
    with ExitStack() as running:
        bob = rivals.peer(folder, "bob", index_port, *policy(folder, options))
        state, _ = running.enter_context(bob)
        rivals.wait_until_found(state, "benchmark")
        downloads = folder / "bob-downloads"
        fetch = get(state, downloads)
        ours = {"alone": fetch, "hashed": then_sha256(fetch, downloads / NAME, digest)}
        others, prepare = rivals_by_http(folder, url, digest), nothing
        if not options.tls:
            hub = direct_connect.fetching(folder, folder / "shared", NAME)
            ncdc = running.enter_context(hub)
            others["ncdc through uhub"] = ncdc.fetch
            prepare = ncdc.prepare
        candidates = ours | others
        figures: dict[str, list[float]] = {name: [] for name in candidates}
        for _ in range(options.rounds):
            prepare()
            for name, candidate in candidates.items():
                figures[name].append(timed(size, candidate))
    alone, hashed = figures.pop("alone"), figures.pop("hashed")
    rivals.report("download, whole command", alone, figures, "MB/s")
    same = {name: each for name, each in figures.items() if name.endswith("SHA-256")}
    rivals.report("download, then SHA-256 of all of it on both sides", hashed, same, "MB/s")


def policy(folder: Path, options: argparse.Namespace) -> tuple[str, str]:
    """Write what our peers do about encryption into a configuration; returns how to name it."""
    config = folder / "peer.toml"
    config.write_text(f'encryption = "{"prefer" if options.tls else "off"}"\n')
    return "--config", str(config)


def send(options: argparse.Namespace, pids: tuple[int, int], ports: tuple[int, int]) -> None:
    """Time sending alone: ours beside nginx with sendfile."""
    index_port, nginx_port = ports
    commands = (
        ("napster", "127.0.0.1", str(index_port), "alice", f"shared\\{NAME}"),
        ("http", "127.0.0.1", str(nginx_port), f"/{NAME}"),
    )
    speeds: tuple[list[float], list[float]] = ([], [])
    costs: tuple[list[float], list[float]] = ([], [])
    for _ in range(options.rounds):
        for command, pid, speed, cost in zip(commands, pids, speeds, costs, strict=True):
            before = rivals.cpu_seconds(pid)
            speed.append(rivals.sink(*command))
            cost.append((rivals.cpu_seconds(pid) - before) * 1000 * 1024 / options.size)
    rivals.report("sending alone", speeds[0], {"nginx, sendfile on": speeds[1]}, "MB/s")
    rivals.report("its CPU time", costs[0], {"nginx, sendfile on": costs[1]}, "ms/GiB")


def main() -> None:
    """Run all rounds and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--tls", action="store_true", help="encrypt everything")
    parser.add_argument("--size", type=int, default=1024, help="MiB, by default 1024")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", help="where to work; by default the temporary folder")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="napster-bench-", dir=options.folder) as name:
        folder = Path(name)
        folder.chmod(0o755)  # nginx serves as another user
        shared = folder / "shared"
        shared.mkdir()
        digest = make_file(shared / NAME, options.size << 20)
        with (
            rivals.nginx(folder, shared, sendfile="on", tls=options.tls) as (nginx_port, nginx_pid),
            rivals.index(folder) as index_port,
            rivals.peer(
                folder, "alice", index_port, "--share", str(shared), *policy(folder, options)
            ) as (_, pid),
        ):
            ports = (index_port, nginx_port)
            print((folder / "nginx.conf").read_text())
            receive(folder, options, digest, ports)
            if not options.tls:
                send(options, (pid, nginx_pid), ports)


if __name__ == "__main__":
    main()
