"""What benchmarks share: daemons and rivals on free loopback ports, CPU time, and ratios."""

import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent

NGINX = """\
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx-error.log;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    sendfile {sendfile};
    output_buffers 2 256k;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{ listen 127.0.0.1:{port}{tls}; root {root}; }}
}}
"""


def free_port() -> int:
    """Find a TCP port nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def needed(program: str, package: str) -> str:
    """Find a rival's program, or say which Debian package has it."""
    found = shutil.which(program)
    if found is None:
        sys.exit(f"{program} is not installed: apt-get install {package}")
    return found


def start(command: Sequence[str], log: Path) -> subprocess.Popen[bytes]:
    """Start a server."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with log.open("ab") as output:
        return subprocess.Popen(command, stdout=output, stderr=output, env=environment)


@contextmanager
def running(command: Sequence[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until the context ends."""
    process = start(command, log)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until a server accepts connections."""
    for _ in range(200):
        if process.poll() is not None:
            sys.exit(f"{process.args!r} ended:\n{log.read_text(errors='replace')}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    sys.exit(f"{process.args!r} does not listen on port {port}")


@contextmanager
def nginx(
    folder: Path, root: Path, *, sendfile: str, tls: bool = False
) -> Iterator[tuple[int, int]]:
    """Run nginx over a folder of files; gives its port and the worker's process id."""
    port = free_port()
    config = folder / "nginx.conf"
    names = {"folder": folder, "sendfile": sendfile, "port": port, "root": root}
    config.write_text(NGINX.format(**names, tls=_with_certificate(folder) if tls else ""))
    log = folder / "nginx.log"
    with running([needed("nginx", "nginx-light"), "-p", str(folder), "-c", str(config)], log) as it:
        wait_for(port, it, log)
        yield port, child_of(it.pid)


def _with_certificate(folder: Path) -> str:
    """Write a key and a certificate; returns what makes nginx speak TLS 1.3 with them."""
    key, certificate = folder / "nginx.key", folder / "nginx.crt"
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=x")
    command = ["openssl", "req", "-x509", *curve, "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    return f" ssl; ssl_protocols TLSv1.3; ssl_certificate {certificate}; ssl_certificate_key {key}"


def child_of(pid: int) -> int:
    """Find the one child of a process: nginx serves from a worker."""
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])


def twistd(*words: str) -> list[str]:
    """Write the command that runs a daemon in the foreground."""
    return [str(Path(sys.executable).with_name("twistd")), "-n", *words]


@contextmanager
def index(folder: Path) -> Iterator[int]:
    """Run an index daemon; gives its port."""
    port = free_port()
    endpoint = f"tcp:{port}:interface=127.0.0.1"
    log = folder / "index.log"
    command = twistd("napster-index", "--listen", endpoint, "--state", str(folder / "index"))
    with running(command, log) as process:
        wait_for(port, process, log)
        yield port


@contextmanager
def peer(
    folder: Path, nick: str, index_port: int, *words: str, port: int = 0
) -> Iterator[tuple[Path, int]]:
    """Run a peer daemon on a port; gives its state folder and process id once it is ready."""
    state, control = folder / nick, free_port()
    log = folder / f"{nick}.log"
    command = twistd(
        "napster-peer",
        *("--index", f"127.0.0.1:{index_port}", "--nick", nick, "--state", str(state)),
        *("--listen", f"tcp:{port}:interface=127.0.0.1"),
        *("--control", f"tcp:{control}:interface=127.0.0.1"),
        *("--downloads", str(folder / f"{nick}-downloads")),
        *words,
    )
    with running(command, log) as process:
        wait_for(control, process, log)
        yield state, process.pid


def napster(*words: str) -> subprocess.CompletedProcess[str]:
    """Run the napster command."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    program = "import sys; from napster.cli.main import main; sys.exit(main())"
    command = [sys.executable, "-c", program, *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def wait_until_found(state: Path, name: str) -> None:
    """Wait until a peer's search finds a file."""
    for _ in range(300):
        if napster("search", name, "--state", str(state)).returncode == 0:
            return
        time.sleep(0.2)
    sys.exit(f"{name} is not found on the network")


def cpu_seconds(pid: int) -> float:
    """Tell how much CPU time all threads of a process have used, in seconds."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    used = [int((task / "schedstat").read_text().split()[0]) for task in tasks]
    return sum(used) / 1e9


def report(
    title: str, ours: Sequence[float], rivals: dict[str, Sequence[float]], unit: str
) -> None:
    """Print medians, and the ratio to each rival round by round."""
    print(f"\n{title}: median of {len(ours)} rounds")
    print(f"  {'ours':34}{statistics.median(ours):10.1f} {unit}")
    for name, figures in rivals.items():
        ratios = [mine / theirs for mine, theirs in zip(ours, figures, strict=True)]
        print(
            f"  {name:34}{statistics.median(figures):10.1f} {unit}"
            f"   ours is {statistics.median(ratios):.2f} times that"
            f" ({min(ratios):.2f} to {max(ratios):.2f})"
        )


def sink(*words: str) -> float:
    """Fetch with `sink.py`; returns MB/s."""
    command = [sys.executable, str(HERE / "sink.py"), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    found = json.loads(done.stdout)
    return float(found["bytes"]) / found["seconds"] / 1e6
