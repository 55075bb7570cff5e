"""Who may have what: friends and their keys, shares for some, bans of users and networks."""

import pytest

from napster.peer.uploads.access import Access, read_access

KEY, OTHER = bytes(range(32)), bytes(32)
RULES = read_access(
    friends=["Anna", f"bob:{KEY.hex()}"],
    shares={"Photos": "friends", "Work": ["eve", "Bob"], "Music": "everyone"},
    banned_users=["Spam", "anna2"],
    banned_networks=["192.0.2.0/24", "2001:db8::/32", "198.51.100.7"],
)


@pytest.mark.parametrize(
    ("nick", "path", "fingerprint", "may"),
    [
        ("anyone", b"Music\\a", None, True),
        ("anyone", b"Other\\a", None, True),
        ("anyone", b"Photos\\a", None, False),
        ("anyone", b"PHOTOS\\a", None, False),
        ("anyone", b"Photos", None, False),
        ("anna", b"photos\\a", None, True),
        ("ANNA", b"Photos\\a", OTHER, True),
        ("bob", b"Photos\\a", None, False),
        ("bob", b"Photos\\a", OTHER, False),
        ("Bob", b"Photos\\a", KEY, True),
        ("eve", b"Photos\\a", None, False),
        ("Eve", b"Work\\a", None, True),
        ("anna", b"Work\\a", None, False),
        ("bob", b"Work\\a", None, False),
        ("bob", b"Work\\a", KEY, True),
        ("spam", b"Music\\a", None, False),
        ("SPAM", b"Photos\\a", None, False),
    ],
)
def test_who_may_have_a_file(nick: str, path: bytes, fingerprint: bytes | None, may: bool) -> None:  # noqa: FBT001  # a parameter
    """Letter case aside; whoever is pinned to a key must have proved to hold it, wherever named."""
    assert (RULES.objection(nick, path, fingerprint) == "") is may


def test_what_is_said_to_others() -> None:
    """The two reasons are told apart."""
    assert RULES.objection("spam", b"Music\\a", None) == "this user is banned"
    assert RULES.objection("zoe", b"Photos\\a", None) == "it is not shared with this user"


def test_what_is_public() -> None:
    """Only that may be told to an index."""
    assert RULES.is_public(b"MUSIC\\a")
    assert RULES.is_public(b"Other\\a")
    assert not RULES.is_public(b"Photos\\a")
    assert not RULES.is_public(b"work\\a")


def test_without_rules_everybody_may_have_everything() -> None:
    """As it has always been."""
    assert Access().objection("anyone", b"Music\\a", None) == ""
    assert not Access().bans_address("192.0.2.1")
    assert not Access().is_friend("anyone", KEY)


@pytest.mark.parametrize(
    ("host", "banned"),
    [
        ("192.0.2.77", True),
        ("::ffff:192.0.2.77", True),
        ("198.51.100.7", True),
        ("198.51.100.8", False),
        ("2001:db8:1::1", True),
        ("2001:db8:1::1%eth0", True),
        ("2001:db9::1", False),
        ("a socket", False),
    ],
)
def test_banned_networks(host: str, banned: bool) -> None:  # noqa: FBT001  # a parameter
    """Of both kinds, however an address is written."""
    assert RULES.bans_address(host) is banned


def test_shares_are_described() -> None:
    """As a person reads it."""
    names = (b"Music", b"Photos", b"Work", b"Other")
    assert [RULES.describe(name) for name in names] == [
        "everyone",
        "friends",
        "bob, eve",
        "everyone",
    ]
