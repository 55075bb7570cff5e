"""Every message that the index takes or sends, over real sockets and through all its services."""

from pathlib import Path

import pytest
import pytest_twisted

from napster.index import refused
from napster.index.levels import Level
from napster.index.themes import STAGES
from napster.wire.errors import WireError
from napster.wire.extension import VERSION, Feature, Greeting, RelayRefused, RelayRequest
from napster.wire.framing import encode
from napster.wire.messages import CLIENT_MESSAGES, SERVER_MESSAGES, Message
from napster.wire.messages.login import (
    CheckNick,
    Disconnecting,
    Login,
    LoginError,
    NickFree,
    NickInvalid,
    Notice,
    Register,
)
from napster.wire.messages.people import ServerPing, Whois, WhoisRequest
from napster.wire.messages.searching import SourcesEnd
from napster.wire.messages.transfers import DownloadError
from tests.garbage import GARBAGE, TAGGED
from tests.index.client import Client, RunningIndex, running_index
from tests.index.harness import EXTENDED, FEATURES
from tests.index.scripts import SCRIPTS
from tests.index.scripts.steps import Heard, Like, Step

REGISTERED = {
    "anna": Level.USER,
    "away": Level.USER,
    "leech": Level.LEECH,
    "mod": Level.MODERATOR,
    "admin": Level.ADMIN,
}
LAST_WORDS = (LoginError, Disconnecting)
DONE = {each for each in STAGES.online if each < 20_000} - set(refused.COMMANDS)
"""What the index takes from programs of old and does something about."""


async def meet(index: RunningIndex, nick: str) -> Client:
    """Connect and, unless it is a guest, log in; hear all that is said about that."""
    if nick.startswith("guest"):
        return await index.client()
    client = await index.client(nick, port=0 if nick == "wall" else 6699)
    if REGISTERED.get(nick, Level.USER) is not Level.USER:
        await client.get(Notice)
    return client


async def play(clients: dict[str, Client], step: Step) -> None:
    """Say what a step says and hear what it hears."""
    clients[step.who].send(step.says)
    for nick, expected in step.hears:
        heard = await clients[nick].next()
        assert matches(heard, expected), (step.says, nick, heard)


def matches(heard: Message, expected: Heard) -> bool:
    """Whether a message is the expected one, or of the expected kind with the expected fields."""
    if isinstance(expected, Like):
        fields = {name: getattr(heard, name, None) for name in expected.fields}
        return isinstance(heard, expected.kind) and fields == expected.fields
    return isinstance(heard, expected) if isinstance(expected, type) else heard == expected


def leaves(script: list[Step]) -> set[str]:
    """Tell whose connection the index ends."""
    heard = [pair for each in script for pair in each.hears]
    return {nick for nick, each in heard if isinstance(each, LAST_WORDS)}


@pytest.mark.parametrize("name", SCRIPTS)
@pytest_twisted.ensureDeferred
async def test_script(tmp_path: Path, name: str) -> None:
    """Everybody hears what the script says, and nothing else."""
    script = SCRIPTS[name]
    nicks = {each.who for each in script} | {nick for each in script for nick, _ in each.hears}
    async with running_index(tmp_path, stats_interval=0) as index:
        for nick, level in REGISTERED.items():
            await index.hub.accounts.register(nick, b"pw", f"{nick}@example.org", level=level)
        clients = {nick: await meet(index, nick) for nick in sorted(nicks)}
        for each in script:
            await play(clients, each)
        for nick in leaves(script):
            assert await clients.pop(nick).over() == []
        for client in clients.values():
            await still_there(client)
        for client in clients.values():
            await client.close()


def test_all_are_there() -> None:
    """The scripts say everything that the index takes, and hear everything that it sends."""
    steps = [each for script in SCRIPTS.values() for each in script]
    assert {each.says.type for each in steps} == DONE
    heard = {message.type for each in steps for _, message in each.hears}
    assert heard == {each for each in SERVER_MESSAGES if each < 20_000}


REFUSALS = {
    652: b"log out",
    753: b"701",
    800: b"reloads",
    810: b"configuration file",
    821: b"tell the user its address",
    822: b"tell the user its address",
    10010: b"connect to the other one yourself",
    10011: b"no links",
    10018: b"no links",
    10019: b"no links",
    10100: b"no links",
    10101: b"no links",
    10110: b"systemctl stop",
    10111: b"systemctl stop",
    10112: b"no links",
    10117: b"systemctl reload",
    10200: b"napster admin add",
    10203: b"nothing to choose",
}
"""What is never done over the wire, and what the sentence about it says."""


@pytest_twisted.ensureDeferred
async def test_refused(tmp_path: Path) -> None:
    """It is answered by what to do instead; before the login, as an unknown command is."""
    assert set(REFUSALS) == set(refused.COMMANDS)
    async with running_index(tmp_path, stats_interval=0) as index:
        anna = await index.client("anna")
        for number, hint in REFUSALS.items():
            told, *others = await answers(anna, *(encode(number, body) for body in GARBAGE))
            assert [type(each) for each in told] == [Notice], number
            assert hint in told[0].body(), number
            assert others == [told] * len(others), number
            guest = await index.client()
            guest.raw(encode(number, b"x y z"))
            assert await guest.over() == [LoginError(b"invalid command")], number
        await anna.close()


@pytest_twisted.ensureDeferred
async def test_relay_refused(tmp_path: Path) -> None:
    """Whoever asks for the relay with a ticket that is nobody's is told why not."""
    async with running_index(
        tmp_path, stats_interval=0, relay="tcp:0:interface=127.0.0.1"
    ) as index:
        anna = await index.client("anna", client=EXTENDED)
        anna.send(Greeting(VERSION, FEATURES | Feature.RELAY, b"a" * 32))
        anna.send(RelayRequest(b"t" * 16))
        refusal = await anna.get(RelayRefused)
        assert refusal.ticket == b"t" * 16
        assert "was not given out for a download of yours" in refusal.text
        await anna.close()


SILENT = {
    *(4, 14, 300, 920),  # ignored
    *(218, 219, 220, 221),  # counted
}
"""What nobody ever gets an answer to."""
TAKE_ANY_TEXT = SILENT | {
    *(110, 214, 320, 326, 615, 617, 621, 827),  # without fields
    *(627, 628, 750),  # all of the body is text
}
"""Of which no body is malformed."""


def fault(number: int, body: bytes) -> str:
    """Say what is malformed about a body; nothing if it can be read."""
    try:
        CLIENT_MESSAGES[number].from_body(body)
    except WireError as error:
        return str(error)
    return ""


def complaint(number: int, body: bytes, level: Level) -> Notice | None:
    """Make the sentence that a user of a level has to be told about a body."""
    least = getattr(STAGES.online[number], "least", Level.LEECH)
    denied = f"permission denied: this takes the level {least.title}" if level < least else ""
    sentence = denied or fault(number, body)
    return Notice(sentence.encode()) if sentence else None


async def answers(client: Client, *frames: bytes) -> list[list[Message]]:
    """Send frames, each behind the answer to the one before, and return what each one brought."""
    marks = [ServerPing(b"mark %d" % place) for place in range(len(frames) + 1)]
    client.send(marks[0])
    client.raw(b"".join(each + mark.frame() for each, mark in zip(frames, marks[1:], strict=True)))
    await up_to(client, marks[0])
    return [await up_to(client, mark) for mark in marks[1:]]


async def up_to(client: Client, mark: ServerPing) -> list[Message]:
    """Wait for a ping to come back; returns what came before it."""
    came = []
    while (heard := await client.next()) != mark:
        came.append(heard)
    return came


async def still_there(client: Client) -> None:
    """Make sure that nothing more has come, and that the session goes on."""
    client.send(ServerPing(b"still there"))
    assert await client.next() == ServerPing(b"still there")


def test_only_these_take_any_text() -> None:
    """All other messages are sent malformed below."""
    never = {each for each in DONE if not any(fault(each, body) for body in GARBAGE)}
    assert never == TAKE_ANY_TEXT


@pytest_twisted.ensureDeferred
async def test_garbage(tmp_path: Path) -> None:
    """Who sends a malformed body is told what is wrong with it; nobody's session ends."""
    levels = {"anna": Level.USER, "mod": Level.MODERATOR, "elite": Level.ELITE}
    settings = {"stats_interval": 0, "message_rate": 0, "search_rate": 0, "command_rate": 0}
    async with running_index(tmp_path, **settings) as index:
        for nick, level in levels.items():
            await index.hub.accounts.register(nick, b"pw", "mail", level=level)
        clients = {nick: await index.client(nick) for nick in levels}
        for number in sorted(DONE):
            frames = [encode(number, body) for body in GARBAGE]
            for nick, client in clients.items():
                *came, _ = await answers(client, *frames, b"".join(frames))
                for body, heard in zip(GARBAGE, came, strict=True):
                    told = complaint(number, body, levels[nick])
                    assert told is None or told in heard, (number, nick, body, heard)
                    assert not heard or number not in SILENT, (number, nick, body, heard)
        for client in clients.values():
            await client.close()


@pytest_twisted.ensureDeferred
async def test_garbage_before_the_login(tmp_path: Path) -> None:
    """It is told and ends the connection; what is ignored is ignored whatever it holds."""
    async with running_index(tmp_path, stats_interval=0) as index:
        for number in sorted(STAGES.before):
            for body in GARBAGE:
                sentence = fault(number, body)
                if not sentence and number not in TAKE_ANY_TEXT:
                    continue
                guest = await index.client()
                guest.raw(encode(number, body))
                guest.send(CheckNick("dora"))
                expected = Notice(sentence.encode()) if sentence else NickFree()
                assert await guest.next() == expected, (number, body)
                if not sentence:
                    guest.transport.loseConnection()
                assert await guest.over() == [], (number, body)


ODD: list[tuple[int, bytes, Message]] = [
    (2, b'dora pw 6699 "c" 8', Notice(b"you are already logged in")),
    (6, b'dora pw 6699 "c" 8', Notice(b"you are already logged in")),
    (7, b"&x", NickInvalid(b"a nick does not begin with &")),
    (205, b"anna", Notice(b"parameters are unparsable: there is no text")),
    (215, b"nobody 99999", SourcesEnd()),
    (500, b'nobody "x"', DownloadError("nobody", b"x")),
    (613, b"anna 80", Notice(b"a data port is 0, or a number from 1024 to 65535")),
    (613, b"anna 65536", Notice(b"a data port is 0, or a number from 1024 to 65535")),
    (625, b"anna 11", Notice(b"invalid speed")),
    (627, b"", Notice(b"parameters are unparsable: there is no text")),
    (628, b"", Notice(b"parameters are unparsable: there is no text")),
    (700, b"11", Notice(b"invalid speed")),
    (703, b"65536", Notice(b"invalid data port")),
]
"""What can be read and makes no sense, and the answer to it."""


@pytest_twisted.ensureDeferred
async def test_values_that_make_no_sense(tmp_path: Path) -> None:
    """They are answered as well, and change nothing."""
    async with running_index(tmp_path, stats_interval=0) as index:
        await index.hub.accounts.register("elite", b"pw", "mail", level=Level.ELITE)
        elite, anna = await index.client("elite"), await index.client("anna")
        await elite.get(Notice)
        for number, body, answer in ODD:
            assert await answers(elite, encode(number, body)) == [[answer]], (number, body)
        for nick in ("anna", "elite"):
            elite.send(WhoisRequest(nick))
            whois = await elite.get(Whois)
            assert (whois.speed, whois.data_port) == (8, 6699)
        await still_there(anna)
        await anna.close()
        await elite.close()


@pytest.mark.parametrize("number", [Login.type, Register.type])
@pytest_twisted.ensureDeferred
async def test_a_login_that_makes_no_sense(tmp_path: Path, number: int) -> None:
    """It is refused in its own words, and the connection closes."""
    refusals = {
        b'dora pw 65536 "c" 8': LoginError(b"invalid port"),
        b'dora pw 6699 "c" 11': LoginError(b"invalid speed"),
        b'&dora pw 6699 "c" 8': NickInvalid(b"a nick does not begin with &"),
    }
    async with running_index(tmp_path, stats_interval=0) as index:
        for body, refusal in refusals.items():
            guest = await index.client()
            guest.raw(encode(number, body))
            assert await guest.over() == [refusal]


@pytest_twisted.ensureDeferred
async def test_garbage_in_extension_messages(tmp_path: Path) -> None:
    """So it is with those who may say more, and the clients of old are told nothing new."""
    async with running_index(tmp_path, stats_interval=0, search_rate=0) as index:
        anna = await index.client("anna", client=EXTENDED)
        anna.send(Greeting(VERSION, FEATURES))
        old = await index.client("old")
        for number in sorted(STAGES.extension):
            await answers(anna, *(encode(number, body) for body in (*GARBAGE, *TAGGED)))
            old.raw(encode(number, b""))
            assert await old.get(Notice) == Notice(b"Unknown command code %d" % number)
        await anna.close()
        await old.close()
