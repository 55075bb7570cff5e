"""The admin socket of a real daemon."""

import json
import socket
import sqlite3
import stat
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from twisted.internet import reactor
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.threads import deferToThread

from napster.daemon.listening import ListenError
from napster.index.admin.client import AdminClient, AdminError
from napster.index.levels import Level
from napster.wire.messages.login import Disconnecting, Notice
from tests.index.client import running_index


def state(folder: Path) -> Path:
    return folder / "state"


async def ask(folder: Path, call: str, **asked: object) -> Any:
    """Ask over a connection of its own, in a thread: the client blocks."""

    def work() -> Any:
        with AdminClient(state(folder)) as client:
            return client.ask(call, **asked)

    return await deferToThread(work).addTimeout(20, reactor)


async def raw(folder: Path, sent: bytes) -> list[dict[str, Any]]:
    """Send lines at once and read an answer to each."""

    def work() -> list[bytes]:
        with dial(folder) as talk, talk.makefile("rb") as answers:
            talk.sendall(sent)
            return [answers.readline() for _ in range(sent.count(b"\n"))]

    return list(map(json.loads, await deferToThread(work).addTimeout(20, reactor)))


def dial(folder: Path) -> socket.socket:
    talk = socket.socket(socket.AF_UNIX)
    talk.settimeout(10)
    talk.connect(str(state(folder) / "admin"))
    return talk


@pytest_twisted.ensureDeferred
async def test_socket_is_private(tmp_path: Path) -> None:
    """Only its owner can open the socket, which goes with the daemon."""
    tmp_path.chmod(0o755)
    state(tmp_path).mkdir(mode=0o755)
    async with running_index(tmp_path):
        found = (state(tmp_path) / "admin").stat()
        assert stat.S_ISSOCK(found.st_mode)
        assert stat.S_IMODE(found.st_mode) == 0o600
    assert not (state(tmp_path) / "admin").exists()


@pytest_twisted.ensureDeferred
async def test_dead_socket(tmp_path: Path) -> None:
    """A socket that a killed daemon left behind does not hinder the next one."""
    state(tmp_path).mkdir()
    with closing(socket.socket(socket.AF_UNIX)) as dead:
        dead.bind(str(state(tmp_path) / "admin"))
    async with running_index(tmp_path):
        assert await ask(tmp_path, "bans") == []


@pytest_twisted.ensureDeferred
async def test_long_path(tmp_path: Path) -> None:
    """A state folder too deep for a socket is one sentence at the start."""
    deep = tmp_path / ("x" * 100)
    deep.mkdir()
    with pytest.raises(ListenError, match="bytes long, but a socket's path has at most 107"):
        async with running_index(deep):
            pass
    assert not state(deep).exists()


@pytest_twisted.ensureDeferred
async def test_first_admin(tmp_path: Path) -> None:
    """The first admin is made at the machine, and the act is kept under the caller's login."""
    async with running_index(tmp_path) as index:
        asked = {"nick": "boss", "password": "secret", "level": "Elite"}
        assert (await ask(tmp_path, "account.add", **asked))["level"] == "Elite"
        boss = await index.client("boss", password=b"secret")
        assert (await boss.get(Notice)).text.endswith(b"set your user level to Elite (4).")
        (user,) = await ask(tmp_path, "online")
        assert (user["nick"], user["address"], user["level"]) == ("boss", "127.0.0.1", "Elite")
        await ask(tmp_path, "kick", name="boss", reason="test")
        assert (await boss.over())[-1] == Disconnecting(b"0")
        first = (await ask(tmp_path, "audit"))[-1]
        assert first["who"].startswith("console.")
        assert first["who"] != "console."


@pytest_twisted.ensureDeferred
async def test_errors(tmp_path: Path) -> None:
    """Each way to fail has its kind and its sentence."""
    async with running_index(tmp_path):
        for call, asked, kind, sentence in [
            ("kick", {"name": "anna"}, "not found", "User anna is not currently online."),
            ("ban", {"mask": "*"}, "failed", "this would ban everybody"),
            ("ban", {"mask": 5}, "bad request", "mask must be a text"),
            ("ban", {}, "bad request", "mask is missing"),
            ("dance", {}, "bad request", "there is no request dance; this daemon may be of"),
            ("set", {"name": "http", "value": "tcp:1"}, "failed", "http needs a restart"),
        ]:
            with pytest.raises(AdminError) as caught:
                await ask(tmp_path, call, **asked)
            assert caught.value.kind == kind
            assert str(caught.value).startswith(sentence)


@pytest_twisted.ensureDeferred
async def test_many_requests_at_once(tmp_path: Path) -> None:
    """Requests of one caller are answered in order, also when it hangs up early."""
    async with running_index(tmp_path):
        lines = [{"call": "ban", "with": {"mask": f"user{n}"}} for n in range(20)]
        sent = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
        answers = await raw(tmp_path, sent)
        assert [each["result"]["mask"] for each in answers] == [f"user{n}!*" for n in range(20)]
        assert len(await ask(tmp_path, "bans")) == 20


@pytest.mark.parametrize(
    "sent",
    [
        b"\n",
        b"{\n",
        b"\xff\n",
        b"[]\n",
        b'{"call": "bans"}\n',
        b'{"call": "bans", "with": 5}\n',
        b"5\n",
    ],
)
@pytest_twisted.ensureDeferred
async def test_garbage(tmp_path: Path, sent: bytes) -> None:
    """What is no request is answered with a sentence, and the next request is answered."""
    async with running_index(tmp_path):
        wrong, right = await raw(tmp_path, sent + b'{"call": "bans", "with": {}}\n')
        assert wrong["error"]["kind"] == "bad request"
        assert right == {"result": []}


@pytest_twisted.ensureDeferred
async def test_endless_line(tmp_path: Path) -> None:
    """A line that does not end ends the connection."""
    async with running_index(tmp_path):

        def send_without_end() -> None:
            with dial(tmp_path) as talk:
                while True:
                    talk.sendall(b"x" * 65_536)

        with pytest.raises(OSError, match=r"[Bb]roken pipe|reset"):
            await deferToThread(send_without_end).addTimeout(20, reactor)
        assert await ask(tmp_path, "bans") == []


@pytest_twisted.ensureDeferred
async def test_defect(tmp_path: Path, logged_failures: list[Any], monkeypatch: Any) -> None:
    """A defect is logged and told, and the next request is answered."""
    async with running_index(tmp_path) as index:
        monkeypatch.setattr(index.hub, "records", None)
        with pytest.raises(AdminError, match="an error of the daemon's own, see its log"):
            await ask(tmp_path, "bans")
        monkeypatch.undo()
        assert await ask(tmp_path, "bans") == []
    assert len(logged_failures) == 1
    logged_failures.clear()


@pytest_twisted.ensureDeferred
async def test_backup(tmp_path: Path) -> None:
    """A copy made while the index is in use holds everything, for its owner only."""
    async with running_index(tmp_path) as index:
        await index.hub.accounts.register("anna", b"pw", "mail", level=Level.ADMIN)
        copies = await gatherResults(
            [Deferred.fromCoroutine(ask(tmp_path, "backup")) for _ in range(3)]
        )
        assert len(set(copies)) == 1
        copy = Path(copies[0])
        assert copy.parent == state(tmp_path)
        assert stat.S_IMODE(copy.stat().st_mode) == 0o600
        with closing(sqlite3.connect(copy)) as connection:
            assert connection.execute("SELECT nick FROM account").fetchall() == [("anna",)]
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert not list(copy.parent.glob("*.new"))


@pytest_twisted.ensureDeferred
async def test_restored_backup(tmp_path: Path) -> None:
    """An index started on a copy knows what the first one knew."""
    async with running_index(tmp_path) as index:
        await index.hub.accounts.register("anna", b"pw", "mail")
        await ask(tmp_path, "ban", mask="berta", reason="floods")
        copy = Path(await ask(tmp_path, "backup"))
    other = tmp_path / "other"
    state(other).mkdir(parents=True)
    copy.rename(state(other) / "accounts.db")
    async with running_index(other) as index:
        assert [each["mask"] for each in await ask(other, "bans")] == ["berta!*"]
        anna = await index.client("anna", password=b"pw")
        await anna.close()


@pytest_twisted.ensureDeferred
async def test_stop_with_a_caller(tmp_path: Path) -> None:
    """A caller that stays connected does not keep the daemon alive."""
    async with running_index(tmp_path):
        talk = await deferToThread(dial, tmp_path)
        assert await ask(tmp_path, "bans") == []
    assert talk.recv(1) == b""
    talk.close()
    with pytest.raises(FileNotFoundError):
        AdminClient(state(tmp_path))
