"""What somebody may do."""

import pytest

from napster.index.levels import Level


def test_labels() -> None:
    """The levels are called as in the protocol, and stand in order."""
    labels = [level.label for level in sorted(Level)]
    assert labels == [b"Leech", b"User", b"Moderator", b"Admin", b"Elite"]


@pytest.mark.parametrize("level", Level)
def test_read(level: Level) -> None:
    """A level is read by its name in any case and by its number."""
    for text in (level.name.lower(), level.label.decode(), str(int(level))):
        assert Level.read(text) is level


@pytest.mark.parametrize("text", ["", "5", "-1", "Mod", "Elite ", "\u0661"])
def test_no_level(text: str) -> None:
    """Anything else is none, and the levels there are get named."""
    with pytest.raises(ValueError, match="the levels are Leech, User, Moderator, Admin, Elite"):
        Level.read(text)
