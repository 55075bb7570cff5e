"""Invitations: who may register where nobody else may, and once only."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napster.index.invitations import Invitations, split_email
from napster.index.kept import Invitation
from napster.wire.messages.login import LoginAccepted, LoginError, Register
from tests.catalog.helpers import fired
from tests.index.harness import NOW, World
from tests.index.test_bans import done


@pytest.fixture
def closed() -> World:
    return World(registration=False, unregistered=False)


def invite(world: World, seconds: int | None = None) -> str:
    made: Invitation = done(world.hub.records.invitations.create("console.root", "", seconds))
    return made.code


def register(nick: str, email: str) -> Register:
    return Register(nick, b"pw", 6699, b"c", 8, email)


UNKNOWN = [LoginError(b"this invitation is unknown, used up or has ended")]


@pytest.mark.parametrize(
    ("form", "email"),
    [("{}", "unknown"), ("{}/anna@example.org", "anna@example.org"), ("{}/", "unknown")],
)
@pytest.mark.parametrize("hyphen", ["-", ""])
def test_register(closed: World, form: str, email: str, hyphen: str) -> None:
    """A code as the e-mail address, alone or before it, opens a closed registration."""
    code = invite(closed).lower().replace("-", hyphen)
    anna = closed.connect()
    assert anna.ask(register("anna", form.format(code)))[0] == LoginAccepted(email)
    (used,) = fired(closed.hub.records.invitations.all())
    assert (used.nick, used.used) == ("anna", NOW)
    closed.end()


def test_once(closed: World) -> None:
    """A code makes one account, however many try; who fails keeps no account."""
    code = invite(closed)
    first, second = closed.connect(), closed.connect()
    assert isinstance(first.ask(register("anna", code))[0], LoginAccepted)
    assert second.ask(register("berta", code)) == UNKNOWN
    assert second.closed
    assert list(closed.accounts.rows) == ["anna"]
    closed.end()


def test_a_nick_that_is_taken(closed: World) -> None:
    """A registration that fails for another reason does not use the code up."""
    closed.register("anna")
    code = invite(closed)
    refused = closed.connect().ask(register("anna", code))
    assert refused == [LoginError(b"account registered to another user")]
    assert isinstance(closed.connect().ask(register("berta", code))[0], LoginAccepted)
    closed.end()


def test_end_and_revocation(closed: World) -> None:
    """A code that has ended or was revoked opens nothing."""
    ended, revoked = invite(closed, 60), invite(closed)
    assert fired(closed.hub.records.invitations.revoke(revoked))
    closed.now += 60
    for code in (ended, revoked, "AAAA-BBBB-CCCC-DDDD"):
        assert closed.connect().ask(register("anna", code)) == UNKNOWN
    assert closed.accounts.rows == {}
    closed.end()


@pytest.mark.parametrize("email", ["unknown", "anna@example.org", "AAAA-BBBB-CCCC", ""])
def test_without_a_code(closed: World, email: str) -> None:
    """Who has no invitation is told how to use one."""
    (answer,) = closed.connect().ask(register("anna", email or "x"))
    assert isinstance(answer, LoginError)
    assert answer.text.startswith(
        b"registration is closed; whoever runs this server can invite you"
    )
    closed.end()


def test_guessing(closed: World) -> None:
    """Codes cannot be tried without end."""
    answers = {
        closed.connect().ask(register("anna", "AAAA-BBBB-CCCC-DDDD"))[0].body() for _ in range(70)
    }
    assert any(b"Too many new nicks" in answer for answer in answers)
    closed.end()


def test_open_registration(world: World) -> None:
    """Where anybody may register, a code is not used up, and is no part of the address."""
    code = invite(world)
    anna = world.connect()
    assert anna.ask(register("anna", f"{code}/a@b.org"))[0] == LoginAccepted("a@b.org")
    (left,) = fired(world.hub.records.invitations.all())
    assert left.used is None


@given(st.text())
def test_any_email(given_: str) -> None:
    """Any text is an address, with a code or without."""
    code, email = split_email(given_)
    assert (email == given_) == (code is None)


def test_codes_differ(world: World) -> None:
    """No code comes twice, and each has 80 random bits in letters that look different."""
    invitations: Invitations = world.hub.records.invitations
    codes = {done(invitations.create("x", "", None)).code for _ in range(100)}
    assert len(codes) == 100
    assert not set("".join(codes)) & set("ILOU")
    assert all(split_email(code) == (code, "unknown") for code in codes)


def test_login_afterwards(closed: World) -> None:
    """Who has registered with a code logs in with the password from then on."""
    anna = closed.connect()
    anna.send(register("anna", invite(closed)))
    anna.lose()
    closed.login("anna")
    closed.end()
