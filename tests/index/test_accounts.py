"""Registered nicks in a real database, with real password hashing."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from twisted.internet import reactor
from twisted.internet.defer import CancelledError, Deferred, DeferredList, gatherResults
from twisted.internet.task import deferLater

from napster.daemon.database import Database
from napster.index.accounts import SCHEMA, Accounts, NickTakenError
from napster.index.config import Settings
from napster.index.invitations import InvitationError, Invitations
from napster.index.levels import Level
from napster.index.limits import LimitError, Limits
from napster.index.passwords import Passwords, hash_password, is_password


def with_accounts(
    test: Callable[[Accounts, Passwords, Limits], Awaitable[None]],
) -> Callable[[Path], Deferred[None]]:
    """Give a test accounts in a database of its own, and take them away again."""

    @pytest_twisted.ensureDeferred
    async def run(tmp_path: Path) -> None:
        limits = Limits(reactor, Settings(wrong_passwords_per_minute=2))
        passwords = Passwords(reactor, limits, 3, tmp_path / "key")
        database = Database(reactor, tmp_path / "accounts.db", SCHEMA)
        passwords.start()
        await database.open()
        try:
            await test(Accounts(database, passwords, lambda: 5000.7), passwords, limits)
        finally:
            await database.close()
            await passwords.stop()

    run.__name__, run.__doc__ = test.__name__, test.__doc__
    return run


@with_accounts
async def test_register(accounts: Accounts, passwords: Passwords, limits: Limits) -> None:
    """An account is found without case, and only its password is right."""
    made = await accounts.register("Anna", b"pw", "anna@example.org")
    assert (made.level, made.created, made.last_seen) == (Level.USER, 5000, 5000)
    found = await accounts.find("aNNA")
    assert found == made
    assert await accounts.find("berta") is None
    assert await accounts.is_password(made, b"pw", "a")
    assert not await accounts.is_password(made, b"PW", "a")


@with_accounts
async def test_taken(accounts: Accounts, passwords: Passwords, limits: Limits) -> None:
    """A nick is registered once, also when two try at the same time."""
    tries = [Deferred.fromCoroutine(accounts.register(n, b"pw", "x")) for n in ("anna", "ANNA")]
    outcomes = await DeferredList(tries, consumeErrors=True)
    assert sorted(succeeded for succeeded, _ in outcomes) == [False, True]
    with pytest.raises(NickTakenError):
        await accounts.register("Anna", b"pw", "x")


@with_accounts
async def test_one_invitation_for_two(
    accounts: Accounts, passwords: Passwords, limits: Limits
) -> None:
    """Of two who use an invitation at the same time one registers; nothing of the other is kept."""
    invitations = Invitations(accounts._database, lambda: 5000.0)
    code = (await invitations.create("mod", "", None)).code
    tries = [
        Deferred.fromCoroutine(accounts.register(nick, b"pw", "x", invitation=code))
        for nick in ("anna", "berta")
    ]
    outcomes: Any = await gatherResults([each.addErrback(lambda f: f.type) for each in tries])
    assert outcomes.count(InvitationError) == 1
    assert len(await accounts.page("", 5)) == 1


@with_accounts
async def test_levels_and_deletion(
    accounts: Accounts, passwords: Passwords, limits: Limits
) -> None:
    """A level is changed, an account deleted; all are listed by nick without case, in pages."""
    for nick in ("berta", "Anna", "carl"):
        await accounts.register(nick, b"pw", "x")
    await accounts.change_level("ANNA", Level.ADMIN)
    await accounts.delete("Carl")
    listed = [(each.nick, each.level) for each in await accounts.page("", 5)]
    assert listed == [("Anna", Level.ADMIN), ("berta", Level.USER)]
    assert [each.nick for each in await accounts.page("", 1)] == ["Anna"]
    assert [each.nick for each in await accounts.page("ANNA", 5)] == ["berta"]
    assert await accounts.page("berta", 5) == []


@with_accounts
async def test_changes(accounts: Accounts, passwords: Passwords, limits: Limits) -> None:
    """Password, e-mail and the last visit are kept."""
    await accounts.register("anna", b"pw", "x")
    await accounts.change_password("ANNA", b"new")
    await accounts.change_email("anna", "new@example.org")
    await accounts.was_seen("anna", 3, 4)
    found = await accounts.find("anna")
    assert found is not None
    assert (found.email, found.downloads, found.uploads) == ("new@example.org", 3, 4)
    assert await accounts.is_password(found, b"new", "a")
    assert not await accounts.is_password(found, b"pw", "a")


@with_accounts
async def test_guesses_sent_at_once(
    accounts: Accounts, passwords: Passwords, limits: Limits
) -> None:
    """Of many guesses that wait together only as many are tried as are allowed."""
    account = await accounts.register("anna", b"pw", "x")
    passwords.most_waiting = 100
    guesses = [Deferred.fromCoroutine(accounts.is_password(account, b"no", "a")) for _ in range(20)]
    outcomes: list[Any] = await gatherResults(
        [each.addErrback(lambda f: f.type) for each in guesses]
    )
    assert outcomes.count(LimitError) >= 16
    assert False in outcomes
    assert await accounts.is_password(account, b"pw", "b")


@with_accounts
async def test_bounded_queue(accounts: Accounts, passwords: Passwords, limits: Limits) -> None:
    """Above so many waiting logins the next one is told to come back."""
    waiting = [Deferred.fromCoroutine(passwords.hash(b"pw")) for _ in range(5)]
    with pytest.raises(LimitError, match="busy"):
        await Deferred.fromCoroutine(passwords.hash(b"pw"))
    await gatherResults(waiting)
    assert await passwords.hash(b"pw")


@with_accounts
async def test_giving_up(accounts: Accounts, passwords: Passwords, limits: Limits) -> None:
    """Who gives up waiting frees a place in the queue, but no thread that is at work."""
    stored, _ = await passwords.hash(b"pw")
    logins = [Deferred.fromCoroutine(passwords.check(b"pw", stored, "anna", "a")) for _ in range(5)]
    for each in logins[1:]:
        each.addErrback(lambda failure: failure.trap(CancelledError))
        each.cancel()
    assert not passwords._turns.waiting
    assert passwords._turns.tokens == 0
    assert await logins[0]
    assert await passwords.check(b"pw", stored, "anna", "a")
    for _ in range(500):
        await deferLater(reactor, 0.01)
        if passwords._turns.tokens == 2:
            break
    assert passwords._turns.tokens == 2


@with_accounts
async def test_limit_before_the_hash(
    accounts: Accounts, passwords: Passwords, limits: Limits
) -> None:
    """An address that guessed too often costs no hashing, and its turn is given back."""
    for _ in range(2):
        limits.count_wrong_password("anna", "a")
    for _ in range(5):
        with pytest.raises(LimitError):
            await passwords.check(b"pw", "not even looked at", "anna", "a")
    assert passwords._turns.tokens == 2


def test_stored_form() -> None:
    """The stored form has no password in it, differs each time, and names its own cost."""
    one, two = hash_password(b"pw"), hash_password(b"pw")
    assert one != two
    assert one.startswith("scrypt$14$8$1$")
    assert is_password(b"pw", one)
    assert is_password(b"pw", two)
    assert not is_password(b"", one)
