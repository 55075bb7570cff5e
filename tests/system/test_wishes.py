"""What is wished for is told and downloaded as soon as somebody shares it."""

import os
from pathlib import Path

from tests.system.daemons import network, put, until
from tests.system.files import MIB


def test_wish_first_and_share_later(tmp_path: Path) -> None:
    """It comes once: not again under another name, nor after a restart; `-live` stays away."""
    content = os.urandom(MIB + 5)
    with network(tmp_path) as net:
        bob = net.peer("bob")
        said = bob.napster("wish", "wonder", "song", "-live", "--get")
        assert said.returncode == 0, said.stderr
        until(lambda: bob.ask("GET", "wishes")[0]["places"][0]["at_once"], "the wish is left")
        alice = net.prepare("alice")
        net.join(alice, {"wonder song.mp3": content, "wonder song live.mp3": b"la"})
        until(bob.downloads, "it is found", 20)
        (path,) = bob.saved([1])
        assert path.read_bytes() == content
        listed = bob.napster("wish").stdout
        assert "tells at once" in listed
        assert " new  wonder song.mp3 " in listed
        assert " new " not in bob.napster("wish").stdout
        bob.stop()
        put(alice.share / "song of wonder.mp3", content)
        put(alice.share / "wonder song 2.mp3", b"la la")
        until(lambda: alice.status().library.registered == 4, "alice shares more", 60)
        bob.start()
        until(lambda: len(bob.ask("GET", "wishes")[0]["finds"]) == 2, "more is found", 30)
        until((bob.downloads_folder / "wonder song 2.mp3").exists, "it has come", 20)
        assert len(list(bob.downloads_folder.glob("*.mp3"))) == 2
        assert bob.log.count("found ") == 2
