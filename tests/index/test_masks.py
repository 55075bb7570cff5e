"""Masks: whom a ban means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napster.index.masks import excess, matches, normalise


@pytest.mark.parametrize(
    ("text", "mask"),
    [
        ("anna", "anna!*"),
        ("a:b", "a:b!*"),
        ("12345", "12345!*"),
        ("spam*", "spam*!*"),
        ("192.0.2.1", "*!192.0.2.1"),
        ("192.0.2.", "*!192.0.2.*"),
        ("192.0.*", "*!192.0.*"),
        ("192.0.2.0/24", "*!192.0.2.0/24"),
        ("2001:db8::1", "*!2001:db8::1"),
        ("2001:db8:*", "*!2001:db8:*"),
        ("anna!192.0.2.1", "anna!192.0.2.1"),
        ("a?na!10.0.0.0/8", "a?na!10.0.0.0/8"),
        ("*!192.0.2.", "*!192.0.2.*"),
        ("anna:*", "anna:*!*"),
        ("1.*.3", "*!1.*.3"),
        ("::ffff:192.0.2.1", "*!192.0.2.1"),
        ("::FFFF:c000:201", "*!192.0.2.1"),
        ("::ffff:192.0.2.0/120", "*!192.0.2.0/24"),
        ("anna!::ffff:192.0.2.*", "anna!192.0.2.*"),
    ],
)
def test_normalise(text: str, mask: str) -> None:
    """A nick, an address, its beginning or a network becomes nick!address, and stays so."""
    assert normalise(text) == mask
    assert normalise(mask) == mask


@pytest.mark.parametrize(
    "text",
    [
        *("", "!", "anna!", "!192.0.2.1", "a b", 'a"b', "ann\xe4", "a\x01", "x" * 20, "*" * 81),
        *("192.0.2", "a!b!*", "anna!here", "300.1.1.1", "192.0.2.0/33"),
        *("2001:db8::/200", "2001:db8/32", "2001:db8:/32", "*!2001:db8::/200", "a::b/129"),
        *("\\x", "#chan", "&chan*", ":x!*", "a,b!*", "anna!here*", "300.*", "1.2.3.4.*", "1..*"),
    ],
)
def test_no_mask(text: str) -> None:
    """What could never match anybody, or cannot be sent in a list, is refused."""
    with pytest.raises(ValueError, match="a mask "):
        normalise(text)


@pytest.mark.parametrize(
    "mask",
    [
        *("*!*", "?*!*", "**!*", "*?*!*", "*!*.*", "*!?*", "?!*:*", "**!?.?.?.?"),
        *("*!0.0.0.0/0", "*!0.0.0.0/7", "?*!128.0.0.0/1", "*!::/0", "*!2000::/15"),
    ],
)
def test_excess(mask: str) -> None:
    """What is nothing but wildcards, or a network with a large part of all hosts, is too much."""
    assert normalise(mask) == mask
    fault = excess(mask)
    assert fault
    assert fault.startswith("this would ban everybody, or nearly: ")


@pytest.mark.parametrize(
    "mask",
    [
        *("anna!*", "a*!*", "*a!*.*", "anna!0.0.0.0/0", "*!1*", "*!::", "*!::1"),
        *("*!10.0.0.0/8", "*!2001::/16"),
    ],
)
def test_no_excess(mask: str) -> None:
    """What means some users is not too much."""
    assert normalise(mask) == mask
    assert excess(mask) is None


@pytest.mark.parametrize(
    ("mask", "yes", "no"),
    [
        ("anna!*", [("Anna", "192.0.2.1"), ("anna", "2001:db8::1")], [("annab", "192.0.2.1")]),
        ("ANN?!*", [("anna", "::1")], [("ann", "::1")]),
        ("[x]*!*", [("[X]y", "::1")], [("x", "::1")]),
        ("*!192.0.2.1", [("a", "192.0.2.1"), ("b", "::ffff:192.0.2.1")], [("a", "192.0.2.10")]),
        ("*!192.0.2.*", [("a", "192.0.2.99")], [("a", "192.0.20.1")]),
        ("*!192.0.2.0/24", [("a", "192.0.2.255")], [("a", "192.0.3.0"), ("a", "local")]),
        ("*!2001:DB8::/32", [("a", "2001:db8:1::5")], [("a", "2001:db9::1"), ("a", "192.0.2.1")]),
        ("*!2001:DB8:*", [("a", "2001:db8:1::5")], [("a", "2001:db9::1")]),
        ("anna!10.0.0.0/8", [("anna", "10.1.2.3")], [("anna", "11.1.2.3"), ("bob", "10.1.2.3")]),
    ],
)
def test_matches(mask: str, yes: list[tuple[str, str]], no: list[tuple[str, str]]) -> None:
    """Nicks compare without case, addresses as numbers where they are some."""
    assert all(matches(mask, nick, host) for nick, host in yes)
    assert not any(matches(mask, nick, host) for nick, host in no)


@given(text=st.text("an!*?.:/[]-^12", max_size=30), nick=st.text("an[]-^", max_size=19))
def test_any_text(text: str, nick: str) -> None:
    """Any text is a mask that can be matched or is refused; a nick's own mask matches it."""
    try:
        mask = normalise(text)
    except ValueError:
        pass
    else:
        assert isinstance(matches(mask, nick, "192.0.2.1"), bool)
    if nick:
        assert matches(normalise(nick), nick, "192.0.2.1")


def test_many_stars_are_quick() -> None:
    """A mask cannot keep the index busy."""
    assert not matches("*!" + "*a" * 38 + "b", "anna", "a" * 200)
