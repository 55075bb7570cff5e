"""Names and texts that would play with a terminal or forge lines of a log."""

import json
import re
from pathlib import Path

from napster.wire.framing import encode
from napster.wire.messages.login import Login, LoginAccepted, LoginError, MotdLine, Notice, Stats
from napster.wire.messages.searching import BrowseEnd, BrowseFile
from tests.attacks.enemies import NO_MD5, Source, WickedIndex, Wire, controls, file, honest
from tests.system.daemons import Network, Peer, until

NASTY = (
    b"\x1b]0;title\x07\x1b[31mred",
    b"clear\x1b[2J\x1b[H",
    b"c1 \xc2\x9b31m \x9b31m",
    b"back\x08\x08\x08space\rreturn",
    b"rtl \xe2\x80\xaegnp.exe",
    b"two\nlines",
    b"2026-01-01T00:00:00.000+00:00 info napster: a lie",
)
PASSWORD = b"s3cret-passw0rd"
_LINE = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+\+\d\d:\d\d \w+ [\w.]+: ")


def check_log(log: str) -> None:
    """Check that every line of a log is one event, and harmless."""
    assert not controls(log)
    assert not [line for line in log.splitlines() if not _LINE.match(line)]
    assert PASSWORD.decode() not in log


def test_names_of_files(net: Network, bob: Peer) -> None:
    """Whatever the command prints of a stranger's files is fit for a terminal."""
    with Source(net.index.port, "mallory", honest(b"x")) as mallory:
        mallory.share(*(file(b"nasty\\" + name, 1) for name in NASTY))
        said = [bob.napster(*words) for words in (("search", "nasty"), ("browse", "mallory"))]
        rows = len(bob.browse("mallory").rows)
        assert rows == len(NASTY)
        said.append(bob.napster("get", f"1-{rows}"))
        said.append(bob.napster("downloads"))
        asked = bob.napster("browse", "mallory", "--json")
    for each in said:
        assert each.returncode == 0, each.stderr
        assert "nasty" in each.stdout or "red" in each.stdout
        assert not controls(each.stdout + each.stderr)
    assert asked.stdout.isascii()
    assert len(json.loads(asked.stdout)["rows"]) == rows
    check_log(bob.log)
    check_log(net.index.log)


def test_clients_in_the_log(net: Network) -> None:
    """A client cannot forge a line of the index's log, nor write a password into it."""
    for text in NASTY:
        with Wire.connect(net.index.port) as mallory:
            body = b'mallory %b 6699 "%b" 8' % (PASSWORD, text)
            mallory.connection.sendall(encode(Login.type, body))
            mallory.until(Stats)
            mallory.connection.sendall(encode(100, b'"%b" %b 1 1 1 1' % (text, NO_MD5)))
            mallory.connection.sendall(encode(9999, text))
            mallory.until(Notice)
    check_log(net.index.log)
    assert "mallory" in net.index.log


def test_texts_of_an_index(tmp_path: Path) -> None:
    """What an index says reaches neither a terminal nor the log as it is."""
    with WickedIndex() as index:
        peer = Peer(tmp_path / "peer", "peer", index.port)
        peer.launch()
        try:
            with index.answer() as link:
                link.until(Login)
                link.say(LoginAccepted("x@y"), Stats(1, 1, 1))
                for text in NASTY:
                    link.say(Notice(text), MotdLine(text))
                    link.say(BrowseFile("nobody", text, NO_MD5, 1, 1, 1, 1), BrowseEnd("nobody"))
                until(lambda: "a lie" in peer.log, "it is in the log")
            with index.answer() as link:
                link.until(Login)
                link.say(LoginError(b" ".join(NASTY)))
                link.the_rest()
            until(lambda: "refuses" in peer.status().indexes[0].reason, "the refusal is known")
            shown = peer.napster("status")
            assert shown.returncode == 0
            assert not controls(shown.stdout + shown.stderr)
            check_log(peer.log)
        finally:
            peer.kill()
