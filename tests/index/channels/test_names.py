"""What a channel can be called."""

import pytest

from napster.index.channels.names import channel_key, channel_name, name_fault


@pytest.mark.parametrize(
    ("given", "name"), [("80's", "#80's"), ("#x", "#x"), ("&x", "&x"), ("", "#"), ("##x", "##x")]
)
def test_prefix(given: str, name: str) -> None:
    """A name without a mark gets one; the key is the same with and without it, in any case."""
    assert channel_name(given) == name
    assert channel_key(given) == channel_key(name.upper())


@pytest.mark.parametrize("name", ["#a", "&a", "#80's", "#[x]", "#" + "a" * 32, "##"])
def test_sound(name: str) -> None:
    """Odd but sound names."""
    assert name_fault(name, 32) is None


@pytest.mark.parametrize(
    "name",
    ["#", "#a b", "#a\x01", "#a\x7f", "#\xe4", "#a\xa0", "#a\u202e", "#" + "a" * 33]
    + [f"#a{char}" for char in '%$*?",'],
)
def test_unsound(name: str) -> None:
    """Controls, spaces, other alphabets, wildcards and quotes are refused, as is what is long."""
    assert "a channel's name" in str(name_fault(name, 32))
