"""Each command of `napster admin` asks the right thing, says it well, and ends as it should."""

import io
import json
from typing import Any

import pytest

from napster.cli.admin.words import moment
from napster.cli.commands.admin import COMMAND
from napster.index.kept import Ban
from napster.index.levels import Level
from napster.wire.messages.channels import Join, Topic
from napster.wire.messages.moderation import Announcement
from tests.cli.admin.fake import Terminal
from tests.index.harness import NOW, World, file
from tests.index.test_moderating import person, texts


@pytest.fixture
def _password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("secret\nnext line\n"))


@pytest.mark.usefixtures("_password")
def test_first_admin(world: World, terminal: Terminal) -> None:
    """The password comes from standard input, never from the command line."""
    assert terminal.run("add", "Anna", "--level", "elite", "--mail", "a@b.org") == 0
    assert terminal.out == "Made the account of Anna, Elite.\n"
    assert world.accounts.rows["anna"].password == "secret"
    assert terminal.run("accounts") == 0
    titles, row = terminal.out.splitlines()
    assert titles.split() == ["nick", "level", "mail", "since", "last", "seen"]
    assert row.split()[:3] == ["Anna", "Elite", "a@b.org"]
    assert row.endswith("  never")
    anna = world.login("Anna", password=b"secret")
    assert terminal.run("accounts") == 0
    assert terminal.out.splitlines()[1].endswith("  online")
    anna.lose()
    assert terminal.run("accounts") == 0
    assert terminal.out.splitlines()[1].endswith(moment(2000))
    assert terminal.run("add", "b", "extra") == 2


@pytest.mark.parametrize(
    ("typed", "status", "said"),
    [(["new", "new"], 0, "Set anna's password.\n"), (["new", "knew"], 2, "")],
)
def test_password_at_a_terminal(
    world: World, terminal: Terminal, monkeypatch: Any, typed: list[str], status: int, said: str
) -> None:
    """At a terminal the password is typed twice, unseen."""
    world.register("anna")
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    answers = iter(typed)
    monkeypatch.setattr("getpass.getpass", lambda _: next(answers))
    assert terminal.run("password", "anna") == status
    assert terminal.out == said
    assert world.accounts.rows["anna"].password == ("new" if status == 0 else "pw")


@pytest.mark.parametrize("typed", [[], ["new"]])
def test_no_password_at_a_terminal(
    world: World,
    terminal: Terminal,
    monkeypatch: pytest.MonkeyPatch,
    typed: list[str],
) -> None:
    """The end of input in place of a password is told, and nothing is changed."""
    world.register("anna")
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)

    def answer(_prompt: str) -> str:
        if not typed:
            raise EOFError
        return typed.pop()

    monkeypatch.setattr("getpass.getpass", answer)
    assert terminal.run("password", "anna") == 2
    assert terminal.err == "napster: No password was given; nothing was changed.\n"
    assert world.accounts.rows["anna"].password == "pw"


def test_level_and_delete(world: World, terminal: Terminal) -> None:
    """Accounts are changed and deleted; a nick nobody has is not found."""
    world.register("anna")
    assert terminal.run("level", "anna", "moderator") == 0
    assert terminal.out == "anna is Moderator now.\n"
    assert world.accounts.rows["anna"].level is Level.MODERATOR
    assert terminal.run("delete", "anna", "--reason", "gone") == 0
    assert terminal.out == "Deleted anna's account.\n"
    assert terminal.run("accounts") == 0
    assert terminal.out.startswith("Nobody is registered")
    world.register("carl")
    assert terminal.run("level", "carl", "2", "--json") == 0
    assert json.loads(terminal.out) == {"done": True}
    assert terminal.run("level", "carl", "0") == 0
    assert terminal.out == "carl is Leech now.\n"
    assert terminal.run("level", "anna", "user") == 3
    assert terminal.err.startswith("napster: user anna is not a known user")


def test_online(world: World, terminal: Terminal) -> None:
    """Who is online is a table, as wide as what it says."""
    assert terminal.run("online") == 0
    assert terminal.out == "Nobody is online.\n"
    anna = world.login("anna", port=0)
    anna.send(file())
    world.clock.advance(83)
    assert terminal.run("online") == 0
    titles, row = terminal.out.splitlines()
    assert titles.split() == ["nick", "level", "address", "speed", "files", "online", "program"]
    assert row.split() == ["anna", "User", "192.0.2.1", "dsl", "1", "1:23", "test", "1.0"]


def test_kick_muzzle_announce(world: World, terminal: Terminal) -> None:
    """Acts on users are done and said."""
    anna = world.login("anna")
    assert terminal.run("muzzle", "anna", "--reason", "hush") == 0
    assert terminal.out == "Muzzled anna.\n"
    assert terminal.run("unmuzzle", "anna") == 0
    assert terminal.out == "anna may talk again.\n"
    assert terminal.run("announce", "we", "move") == 0
    assert anna.messages()[-1] == Announcement("napster", b"we move")
    assert terminal.run("kick", "anna", "--reason", "enough", "--json") == 0
    assert json.loads(terminal.out) == {"done": True}
    assert texts(anna.messages()[:1]) == [b"You were killed by napster: enough"]
    assert terminal.run("kick", "anna") == 3
    assert terminal.err == "napster: User anna is not currently online.\n"


@pytest.mark.parametrize(
    ("words", "until"),
    [
        ([], None),
        (["--for", "30m"], 1800),
        (["--for", "7d"], 604_800),
        (["--for", "2w"], 1_209_600),
    ],
)
def test_ban(world: World, terminal: Terminal, words: list[str], until: int | None) -> None:
    """A ban holds for ever or for a time as people write it."""
    assert terminal.run("ban", "192.0.2.0/24", "--reason", "floods", *words) == 0
    assert terminal.out.startswith("Banned *!192.0.2.0/24 " + ("until" if until else "for ever."))
    assert terminal.run("bans", "--json") == 0
    (ban,) = json.loads(terminal.out)
    assert ban["until"] == (until and ban["since"] + until)
    assert terminal.run("bans") == 0
    assert "*!192.0.2.0/24" in terminal.out
    assert terminal.out.splitlines()[1].endswith("floods")
    assert terminal.run("unban", "192.0.2.0/24") == 0
    assert terminal.out == "Lifted the ban of 192.0.2.0/24.\n"
    assert terminal.run("bans") == 0
    assert terminal.out == "Nobody is banned.\n"


def test_many_bans(world: World, terminal: Terminal) -> None:
    """A list of any length is shown whole."""
    for number in range(1203):
        world.hub.records.bans._keep(Ban(f"user{number}!*", "mod", "", 0))
    assert terminal.run("bans", "--json") == 0
    masks = [each["mask"] for each in json.loads(terminal.out)]
    assert masks == sorted(f"user{number}!*" for number in range(1203))


@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        (["ban", "anna", "--for", "soon"], 2, "soon is no length of time such as 30m, 12h, 7d"),
        (["ban", "anna", "--for", "0d"], 2, "0d is no length of time"),
        (["ban", "*"], 1, "this would ban everybody, or nearly: write more than wildcards."),
        (["ban"], 2, "the following arguments are required: MASK; see napster admin ban --help."),
        (["unban", "anna"], 3, "there is no ban of anna!*."),
        (["level", "anna", "God"], 1, "there is no such level; the levels are Leech, User,"),
        (["bann", "anna"], 2, "There is no command 'bann'; did you mean ban?"),
        (["xyzzy"], 2, "There is no command 'xyzzy'; see napster admin --help."),
        (["revoke", "x"], 3, "there is no unused invitation X."),
        (["audit", "--limit", "x"], 2, "x is no whole number from 1 to 5000; see"),
        (["audit", "--limit", "0"], 2, "0 is no whole number from 1 to 5000; see"),
        (["audit", "--limit", "-3"], 2, "-3 is no whole number from 1 to 5000; see"),
        (["audit", "--limit", "9" * 23], 2, f"{'9' * 23} is no whole number from 1 to 5000; see"),
    ],
)
def test_errors(terminal: Terminal, words: list[str], status: int, sentence: str) -> None:
    """A mistake gets one sentence and its exit status."""
    assert terminal.run(*words) == status
    assert terminal.out == ""
    assert terminal.err.startswith("napster: ")
    assert sentence in terminal.err
    assert len(terminal.err.splitlines()) == 1


def test_invitations(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """A code stands alone on its line, so that it can be piped; a list shows who used which."""
    monkeypatch.setattr("napster.cli.admin.invitations.time.time", lambda: float(NOW))
    assert terminal.run("invite", "--note", "for Berta", "--for", "7d") == 0
    code = terminal.out.strip()
    assert terminal.run("invitations") == 0
    assert terminal.out.splitlines()[1].split()[0] == code
    assert terminal.out.splitlines()[1].endswith("for Berta")
    assert terminal.run("revoke", code.lower()) == 0
    assert terminal.run("invitations") == 0
    assert terminal.out == "There are no invitations.\n"


def test_ended_invitations(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list says which codes open nothing any more; they are revoked without hyphens, too."""
    assert terminal.run("invite", "--for", "7d") == 0
    code = terminal.out.strip()
    for later, ended in ((7 * 86_400 - 1, False), (7 * 86_400, True)):
        monkeypatch.setattr("napster.cli.admin.invitations.time.time", lambda at=later: NOW + at)
        assert terminal.run("invitations") == 0
        assert ("(ended)" in terminal.out) == ended
    assert terminal.run("revoke", code.replace("-", "").lower()) == 0
    assert terminal.run("invitations") == 0
    assert terminal.out == "There are no invitations.\n"


def test_channels(world: World, terminal: Terminal) -> None:
    """Channels are listed and dropped, with or without their sign."""
    assert terminal.run("channels") == 0
    assert terminal.out == "There are no channels.\n"
    anna = world.login("anna")
    anna.send(Join("attic"), Topic("#attic", b"\xffhi"))
    assert terminal.run("channels") == 0
    assert terminal.out.splitlines()[1].split()[:2] == ["#attic", "1"]
    assert terminal.run("drop", "attic") == 0
    assert terminal.out == "Dropped attic.\n"
    assert terminal.run("drop", "#attic") == 3
    assert terminal.err == "napster: there is no channel #attic.\n"


def test_audit(world: World, terminal: Terminal) -> None:
    """What was done is told one sentence a line, the latest first, harmless to a terminal."""
    assert terminal.run("audit") == 0
    assert terminal.out == "Nothing was done yet.\n"
    mod = person(world, "mod", Level.MODERATOR)
    world.login("anna")
    mod.tell(610, b'anna "\x1b[2J"')
    terminal.run("ban", "anna")
    assert terminal.run("audit") == 0
    _, last, first = terminal.out.splitlines()
    assert last.endswith("  console.root banned anna!*")
    assert first.endswith("  mod disconnected anna: \\x1b[2J")
    assert terminal.run("audit", "--limit", "1", "--json") == 0
    assert [each["act"] for each in json.loads(terminal.out)] == ["banned"]


def test_help(terminal: Terminal) -> None:
    """Help lists every command, and each has its own."""
    for words in ([], ["--help"], ["-h"], ["help"]):
        assert terminal.run(*words) == 0
        assert all(f"\n  {name} " in terminal.out for name in COMMAND.commands)


@pytest.mark.parametrize("name", COMMAND.commands)
def test_help_of_commands(
    terminal: Terminal, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each command says what it takes."""
    with pytest.raises(SystemExit):
        terminal.run(name, "--help")
    out = capsys.readouterr().out
    assert out.startswith(f"usage: napster admin {name} ")
    assert "--json" in out
    assert "--state" in out
