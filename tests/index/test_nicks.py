"""Which nicks there can be."""

from hypothesis import given
from hypothesis import strategies as st

from napster.index.nicks import nick_fault


@given(st.text(max_size=25))
def test_any_text(nick: str) -> None:
    """Whatever passes fits one word of every message."""
    if nick_fault(nick, "attic") is None:
        assert nick.isascii()
        assert nick.isprintable()
        assert 1 <= len(nick) <= 19
        assert not set(nick) & set(' "\\$%*?.!,;')


def test_server_name_is_reserved() -> None:
    """Nobody is called as the server."""
    assert nick_fault("Attic", "attic") == "this nick is reserved"
    assert nick_fault("attic2", "attic") is None
