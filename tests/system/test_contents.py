"""What an index and our own peers make of content ids and tickets together."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.peer.security.certificates import write_certificate
from tests.system.daemons import Peer, free_port, network
from tests.system.files import MIB

Join = Callable[..., Peer]


@pytest.fixture
def join(tmp_path: Path) -> Iterator[Join]:
    """Run an index, and let peers join it that send and take nothing in the clear."""
    port = free_port()
    tls = write_certificate(tmp_path, "index").replace("ssl:0:", f"ssl:{port}:")
    careful = {"index": f"tls:127.0.0.1:{port}", "encryption": "require"}
    with network(tmp_path, listen=[tls]) as net:

        def join(nick: str, files: dict[str, bytes], **settings: Any) -> Peer:
            return net.peer(nick, files, **careful, **settings)

        yield join


def test_equal_content_is_found_as_one(join: Join) -> None:
    """Two names of one content are one row, however it is found, and it comes encrypted."""
    content = os.urandom(3 * MIB + 5)
    join("alice", {"first name.bin": content, "other.bin": b"x"})
    join("carl", {"second name.bin": content})
    bob = join("bob", {})
    rows = [row for words in ("first", "second") for row in bob.search(words).rows]
    assert [(row.shared_by, row.reachable, row.free) for row in rows] == [(2, 2, 2)] * 2
    assert rows[0].content == rows[1].content
    (path,) = bob.fetch(rows[:1])
    assert path.read_bytes() == content


def test_what_exists_only_once(join: Join) -> None:
    """A peer learns which of its files nobody else has, and what there is one copy of elsewhere."""
    both = os.urandom(5)
    join("alice", {"both.bin": both, "hers.bin": b"hers", "again.bin": both})
    bob = join("bob", {"other name.bin": both, "mine.bin": b"mine"})
    risk = bob.ask("GET", "shares/risk")
    assert [each["name"].rpartition("/")[2] for each in risk["alone"]] == ["mine.bin"]
    assert (risk["contents"], risk["alone_contents"], risk["alone_size"]) == (2, 1, 4)
    (rare,) = bob.ask("GET", "shares/rare")
    assert (rare["contents"], rare["rare"], rare["size"]) == (3, 2, 8)
    assert [row["name"] for row in rare["rows"]] == ["hers.bin"]


def test_a_pushed_file_comes_encrypted(join: Join) -> None:
    """A firewalled uploader connects with its ticket, and encrypts as well."""
    join("walled", {"song.mp3": b"la la la"}, firewalled=True)
    bob = join("bob", {})
    (path,) = bob.fetch(bob.search("song").rows)
    assert path.read_bytes() == b"la la la"
