"""The real logrotate turns the log of a busy daemon, and no line is lost or doubled."""

import getpass
import grp
import gzip
import os
import re
import subprocess
import time
from pathlib import Path

from tests.daemon.running import Twistd

SHIPPED = Path(__file__).parents[2] / "etc" / "logrotate.d" / "napster"
TURNS = 5


def configuration(logs: Path, process_id: int) -> str:
    """Take the shipped stanza of the index, for other users, folders and a process of this test."""
    stanza = SHIPPED.read_text().partition("\n/var/log/napster/peer/")[0]
    group = grp.getgrgid(os.getgid()).gr_name
    stanza = stanza.replace("/var/log/napster/index", str(logs))
    stanza = stanza.replace("su napster-index napster-index", f"su {getpass.getuser()} {group}")
    stanza, count = re.subn("systemctl kill .*", f"kill -HUP {process_id}", stanza)
    assert count == 1
    return stanza


def text_of(path: Path) -> str:
    if path.suffix == ".gz":
        return gzip.decompress(path.read_bytes()).decode()
    return path.read_text()


def test_no_line_is_lost(twistd: Twistd, tmp_path: Path) -> None:
    """Over several turns, with compression, every line is in exactly one file."""
    logs = tmp_path / "logs"
    logs.mkdir()
    process = twistd.start("--lines", "1000", NAPSTER_LOG=str(logs / "index.log"))
    config = tmp_path / "logrotate.conf"
    config.write_text(configuration(logs, process.pid))
    config.chmod(0o644)
    for _ in range(TURNS):
        subprocess.run(
            ["logrotate", "--force", "--state", tmp_path / "turned", config],
            check=True,
            env={**os.environ, "PATH": f"{os.environ['PATH']}:/usr/sbin"},
        )
        twistd.expect("READY=1")
        time.sleep(0.05)
    twistd.stop(process)
    files = sorted(logs.iterdir())
    assert len(files) == TURNS + 1
    assert sum(path.suffix == ".gz" for path in files) == TURNS - 1
    counts = sorted(
        int(each) for path in files for each in re.findall(r"line (\d+) ends", text_of(path))
    )
    assert counts == list(range(len(counts)))
    assert len(counts) > 100
