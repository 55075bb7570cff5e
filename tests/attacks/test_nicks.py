"""A nick is taken over while its owner is online, or guessed into."""

import time
from pathlib import Path

from napster.wire.messages.login import Login, LoginAccepted, LoginError, Register
from tests.attacks.enemies import Wire
from tests.system.daemons import Network, Peer, network, until

PASSWORD = "correct-horse-battery"


def said_to(net: Network, request: Login | Register) -> str:
    """Try to log in; return why not, or nothing if it was granted."""
    with Wire.connect(net.index.port) as mallory:
        mallory.say(request)
        answer = mallory.hear()
        if isinstance(answer, LoginAccepted):
            return ""
        assert isinstance(answer, LoginError), answer
        return answer.text.decode()


def test_of_somebody_online(net: Network, alice: Peer) -> None:
    """Whoever answers is not displaced, not even from the same address, however often one tries."""
    before = alice.log.count("logged in")
    for _ in range(5):
        assert said_to(net, Login("ALICE", b"pw", 6699, b"x", 8))
        assert said_to(net, Register("alice", b"pw", 6699, b"x", 8))
    assert alice.is_ready()
    assert alice.log.count("logged in") == before


def test_guessing(tmp_path: Path) -> None:
    """Only the password displaces its owner; guesses are few, and others are not held up."""
    with network(tmp_path, wrong_passwords_per_minute=5) as net:
        alice = net.prepare("alice", password_file="password", register=True)
        password = alice.folder / "password"
        password.write_text(PASSWORD)
        password.chmod(0o600)
        net.join(alice, {"song.mp3": b"la"})
        answers = [said_to(net, Login("alice", b"%d" % n, 6699, b"x", 8)) for n in range(20)]
        assert answers[:4] == ["Invalid Password"] * 4
        assert "Too many wrong passwords for this nick from your address" in answers[-1]
        began = time.monotonic()
        assert said_to(net, Login("mallory", b"pw", 6699, b"x", 8)) == ""
        assert time.monotonic() - began < 1
        assert alice.is_ready()
        for text in (alice.log, net.index.log, str(alice.status()), arguments_of(alice.pid)):
            assert password.read_text() not in text


def arguments_of(pid: int) -> str:
    """Read what every user of the machine can read of a process."""
    return Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8")


def test_a_password_others_can_read(tmp_path: Path) -> None:
    """A peer does not start with a password that is no secret."""
    with network(tmp_path) as net:
        alice = net.prepare("alice", password_file="password")
        (alice.folder / "password").write_text(PASSWORD)
        (alice.folder / "password").chmod(0o644)
        done = alice.run(*alice.command)
        assert done.returncode == 1
        assert "password_file" in done.stderr
        assert not alice.state.exists()
        (alice.folder / "password").chmod(0o600)
        alice.start()
        until(alice.is_ready, "it is logged in")
