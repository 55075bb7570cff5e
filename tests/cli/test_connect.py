"""The daemon is found where it said it would be, or a sentence says what to do."""

from argparse import Namespace
from pathlib import Path

import pytest
import pytest_twisted
from twisted.internet.address import IPv4Address
from twisted.internet.task import Clock

from napster.cli import connect
from napster.cli.connect import find_daemon, made_up_nick, one_shot_settings, open_peer
from napster.peer.api import BadRequestError, UnreachableError
from napster.peer.control.place import ControlPlace
from napster.peer.index_link.place import IndexPlace


def daemon(folder: Path, port: int) -> Path:
    folder.mkdir(parents=True)
    place = ControlPlace(folder)
    place.make_token()
    place.announce(IPv4Address("TCP", "127.0.0.1", port))
    return folder


@pytest.fixture
def system_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in for the folder of the machine's own daemon."""
    folder = tmp_path / "var/lib/napster/peer"
    monkeypatch.setattr(connect, "SYSTEM_STATE", folder)
    return folder


def test_named_folder(tmp_path: Path, system_state: Path) -> None:
    """A folder that was named is the only one looked at."""
    daemon(system_state, 1)
    assert find_daemon(str(daemon(tmp_path / "x", 2)), {}).endpoint == "tcp:127.0.0.1:2"
    with pytest.raises(UnreachableError, match="No peer daemon runs with its state in /none"):
        find_daemon("/none", {})


def test_own_before_the_machines(tmp_path: Path, system_state: Path) -> None:
    """The user's own daemon goes before the machine's."""
    environ = {"XDG_STATE_HOME": str(tmp_path)}
    daemon(system_state, 1)
    assert find_daemon(None, environ).endpoint == "tcp:127.0.0.1:1"
    daemon(tmp_path / "napster/peer", 2)
    assert find_daemon(None, environ).endpoint == "tcp:127.0.0.1:2"


def test_none(tmp_path: Path, system_state: Path) -> None:
    """Without a daemon the sentence says how to start one, and how to do without."""
    with pytest.raises(UnreachableError, match=r"twistd napster-peer.*--index HOST:PORT"):
        find_daemon(None, {"XDG_STATE_HOME": str(tmp_path)})


def test_another_users(monkeypatch: pytest.MonkeyPatch, system_state: Path) -> None:
    """Another user's daemon is named with that user."""

    def refuse(_: ControlPlace) -> None:
        raise PermissionError

    monkeypatch.setattr(ControlPlace, "read", refuse)
    with pytest.raises(UnreachableError, match="sudo -u"):
        find_daemon(None, {})


def test_damaged(tmp_path: Path, system_state: Path) -> None:
    """Damaged word of a daemon is named."""
    folder = daemon(tmp_path / "x", 1)
    ControlPlace(folder).address_file.write_text("{")
    with pytest.raises(UnreachableError, match="is damaged"):
        find_daemon(str(folder), {})


def test_not_a_folder(tmp_path: Path) -> None:
    """A file given for a folder is a mistake of the command line."""
    (tmp_path / "file").write_text("")
    with pytest.raises(BadRequestError, match="is not a folder"):
        find_daemon(str(tmp_path / "file"), {})


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"index": "h:1", "state": "/x"}, "give one of them"),
        ({"index": None, "state": None, "nick": "x"}, "--nick goes with --index"),
        ({"index": None, "state": None, "nick": None, "downloads": "x"}, "--downloads goes with"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_options_that_do_not_go_together(options: dict[str, str], sentence: str) -> None:
    """An option that would be ignored is refused."""
    with pytest.raises(BadRequestError, match=sentence):
        async with open_peer(Clock(), Namespace(**options)):
            pass


def direct(**options: str) -> Namespace:
    return Namespace(**({"index": "index.example.org:8888", "nick": None} | options))


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        *(
            ({"index": text}, "--index: must be HOST:PORT")
            for text in ["host", "host:", ":1", "host:0", "host:65536", "host:x"]
        ),
        ({"nick": "a b"}, "--nick: must be 1 to 19 letters"),
        ({"nick": "\x1b"}, "--nick"),
    ],
)
def test_wrong_settings(options: dict[str, str], sentence: str) -> None:
    """What cannot be logged in with is refused before anybody is asked."""
    with pytest.raises(BadRequestError, match=sentence):
        one_shot_settings(direct(**options))


def test_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a daemon files go where the user is, unless a folder is named."""
    monkeypatch.chdir(tmp_path)
    index, nick, downloads = one_shot_settings(direct(index="[::1]:8888", nick="alice"))
    assert (index, nick, downloads) == (IndexPlace("::1", 8888), "alice", tmp_path)
    assert one_shot_settings(direct(downloads="/x"))[2] == Path("/x")
    assert one_shot_settings(direct())[1]


@pytest.mark.parametrize("user", ["alice", "a b\x1b", "", "日本", "x" * 50])
def test_made_up_nicks(monkeypatch: pytest.MonkeyPatch, user: str) -> None:
    """A made-up nick is plain and short whatever the user's name, and never the same twice."""
    monkeypatch.setattr("getpass.getuser", lambda: user)
    nicks = {made_up_nick() for _ in range(20)}
    assert len(nicks) > 15
    assert all(nick.isascii() and nick.replace("-", "").isalnum() for nick in nicks)
    assert max(map(len, nicks)) <= 17
