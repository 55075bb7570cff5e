"""What somebody may do."""

from enum import IntEnum


class Level(IntEnum):
    """The order of users, from the one who may do least (protocol section 2)."""

    LEECH = 0
    USER = 1
    MODERATOR = 2
    ADMIN = 3
    ELITE = 4

    @property
    def title(self) -> str:
        """The level's name for people."""
        return self.name.capitalize()

    @property
    def label(self) -> bytes:
        """The level's name on the wire."""
        return self.title.encode("ascii")

    @classmethod
    def read(cls, text: str) -> "Level":
        """Find a level by its name, in any case, or by its number; raises ValueError."""
        for level in cls:
            if text.upper() == level.name or text == str(level.value):
                return level
        names = ", ".join(level.title for level in cls)
        raise ValueError(f"there is no such level; the levels are {names}")
