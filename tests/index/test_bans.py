"""Bans: whom they mean, how long they last, and how many there can be."""

import time
from collections.abc import Callable
from typing import Any

import attrs
import pytest
from twisted.internet.defer import Deferred

from napster.index.bans import Bans, canonical
from napster.index.kept import Ban
from napster.index.levels import Level
from tests.catalog.helpers import fired
from tests.index.harness import NOW, MemoryDatabase

ANNA = ("Anna", "192.0.2.7")
BERTA = ("berta", "2001:db8::7")


class Wall:
    """A wall clock to be set."""

    def __init__(self) -> None:
        self.now = float(NOW)

    def __call__(self) -> float:
        return self.now


def done(work: Any) -> Any:
    return fired(Deferred.fromCoroutine(work))


def ban(text: str, **changes: Any) -> Ban:
    return Ban(canonical(text), "mod", "floods", NOW, **changes)


@pytest.fixture
def database() -> Any:
    return MemoryDatabase()


@pytest.fixture
def wall() -> Wall:
    return Wall()


@pytest.fixture
def bans(database: Any, wall: Callable[[], float]) -> Bans:
    return Bans(database, wall)


@pytest.mark.parametrize(
    ("text", "keeps_out", "lets_in"),
    [
        ("anna", [ANNA], [BERTA, ("annab", "192.0.2.7")]),
        ("an?a", [ANNA, ("anka", "::1")], [BERTA]),
        ("192.0.2.7", [ANNA, ("x", "192.0.2.7")], [BERTA, ("anna", "192.0.2.70")]),
        ("192.0.2.", [ANNA], [BERTA, ("anna", "192.0.20.1")]),
        ("192.0.*", [ANNA], [BERTA, ("anna", "192.1.2.7")]),
        ("192.0.2.99/24", [ANNA], [BERTA, ("anna", "192.0.3.7")]),
        ("2001:db8::/32", [BERTA], [ANNA, ("berta", "2001:db9::1")]),
        ("2001:db8::7", [BERTA], [ANNA, ("berta", "2001:db8::8")]),
        ("anna!192.0.2.0/24", [ANNA], [("berta", "192.0.2.7"), ("anna", "10.0.0.1")]),
        ("*!192.0.2.7", [ANNA], [BERTA]),
        ("a*!2001:db8:*", [("anna", "2001:db8::7")], [BERTA, ANNA]),
    ],
)
def test_every_kind(
    bans: Bans, text: str, keeps_out: list[tuple[str, str]], lets_in: list[tuple[str, str]]
) -> None:
    """Each kind of ban keeps out whom it means and nobody else, and lets in again when lifted."""
    done(bans.add(ban(text)))
    assert all(bans.find(*who, Level.USER) for who in keeps_out)
    assert not any(bans.find(*who, Level.USER) for who in lets_in)
    assert done(bans.remove(canonical(text)))
    assert not any(bans.find(*who, Level.USER) for who in keeps_out)
    assert not done(bans.remove(canonical(text)))


@pytest.mark.parametrize(
    ("text", "mask"),
    [
        ("Anna", "anna!*"),
        ("192.0.2.99/24", "*!192.0.2.0/24"),
        ("192.0.2.7/32", "*!192.0.2.7"),
        ("2001:DB8:0::/32", "*!2001:db8::/32"),
        ("*!192.0.2.", "*!192.0.2.*"),
    ],
)
def test_canonical(text: str, mask: str) -> None:
    """Two ways to write one ban are one ban."""
    assert canonical(text) == canonical(mask) == mask


def test_moderators_pass(bans: Bans) -> None:
    """No ban keeps a moderator out."""
    done(bans.add(ban("192.0.2.0/24")))
    levels = [level for level in Level if bans.find(*ANNA, level)]
    assert levels == [Level.LEECH, Level.USER]


def test_expiry(bans: Bans, wall: Wall) -> None:
    """A ban ends by itself, to the second."""
    done(bans.add(ban("anna", until=NOW + 60)))
    wall.now += 59
    assert bans.find(*ANNA, Level.USER)
    wall.now += 1
    assert not bans.find(*ANNA, Level.USER)
    assert list(bans) == []
    assert not done(bans.remove("anna!*"))


def test_overlap(bans: Bans, wall: Wall) -> None:
    """The end of one ban does not open the door that another holds shut."""
    done(bans.add(ban("192.0.2.7", until=NOW + 60)))
    done(bans.add(ban("192.0.2.0/24")))
    done(bans.add(ban("10.0.0.0/24")))
    wall.now += 60
    assert bans.find(*ANNA, Level.USER) == ban("192.0.2.0/24")
    assert done(bans.remove("*!10.0.0.0/24"))
    assert bans.find(*ANNA, Level.USER) == ban("192.0.2.0/24")


def test_again(bans: Bans) -> None:
    """A ban set again replaces the one before."""
    done(bans.add(ban("anna", until=NOW + 60)))
    done(bans.add(ban("ANNA")))
    assert list(bans) == [ban("anna")]
    assert done(bans.remove("anna!*"))
    assert list(bans) == []


def test_restart(bans: Bans, database: Any, wall: Wall) -> None:
    """Bans outlive the daemon; one that has ended is forgotten when the next is set."""
    for text in ("anna", "192.0.2.0/24", "b*"):
        done(bans.add(ban(text)))
    done(bans.add(ban("old", until=NOW + 5)))
    wall.now += 10
    again = Bans(database, wall)
    assert not again.find(*ANNA, Level.USER)
    fired(again.load())
    assert [each.mask for each in again] == ["*!192.0.2.0/24", "anna!*", "b*!*"]
    assert again.find(*BERTA, Level.USER)
    done(again.add(attrs.evolve(ban("carl"), since=NOW + 10)))
    assert database.connection.execute("SELECT count(*) FROM ban").fetchone() == (4,)


@pytest.mark.parametrize("years", [-2, 2])
def test_a_clock_that_goes_wrong(bans: Bans, database: Any, wall: Wall, years: int) -> None:
    """A clock that is years off for a while, also over a restart, lifts no ban for good."""
    done(bans.add(ban("anna", until=NOW + 60)))
    wall.now += years * 366 * 86_400
    assert len(list(bans)) == (1 if years < 0 else 0)
    again = Bans(database, wall)
    fired(again.load())
    wall.now = NOW
    assert [each.mask for each in again] == [each.mask for each in bans] == ["anna!*"]


def test_sentence() -> None:
    """Whoever is kept out learns until when and why."""
    assert ban("anna").sentence == "You are banned from this server: floods"
    limited = Ban("anna!*", "mod", "", 0, until=86_400)
    assert limited.sentence == "You are banned from this server until 1970-01-02 00:00 UTC"
    assert (limited.seconds, ban("anna").seconds) == (86_400, 0)


def test_many(bans: Bans) -> None:
    """Twenty thousand bans of nicks, addresses and networks do not slow a login down."""
    for number in range(10_000):
        bans._keep(ban(f"user{number}"))
        bans._keep(ban(f"10.{number >> 8}.{number & 255}.0/24"))
    begun = time.thread_time()
    for _ in range(1000):
        assert not bans.find(*ANNA, Level.USER)
    assert time.thread_time() - begun < 0.5
    assert bans.find("x", "10.3.4.5", Level.USER)
