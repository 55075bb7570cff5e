"""Who keeps order, and whom they may judge."""

import attrs

from napster.index.commands import CommandError
from napster.index.levels import Level
from napster.index.network import User

_CONSOLE = Level.ELITE + 1


class NotThereError(CommandError):
    """Something named in a command that does not exist."""


@attrs.frozen
class Actor:
    """Somebody who acts on others: a user, or whoever runs this server at its machine."""

    name: str
    """As acts are kept and told to moderators."""
    shown: str
    """As users are told."""
    rank: int
    """A level, or one more than any."""

    @classmethod
    def user(cls, user: User) -> "Actor":
        """Make the actor of a user online."""
        return cls(user.nick, user.nick, user.level)

    @classmethod
    def console(cls, login: str, server_name: str) -> "Actor":
        """Make the actor of somebody at the machine, known there by a login name.

        No nick has a dot, so nobody else can look like this.
        """
        return cls(f"console.{login}", server_name, _CONSOLE)

    def require_above(self, nick: str, level: Level) -> None:
        """Raise CommandError unless this actor stands above somebody."""
        if self.rank <= level:
            raise CommandError(f"permission denied: {nick} is {level.title}, not below you")

    def require_grant(self, nick: str, old: Level, new: Level) -> None:
        """Raise CommandError unless this actor may make somebody of one level one of another.

        Only from below oneself to below oneself; an Elite may do all.
        """
        if self.rank >= Level.ELITE:
            return
        self.require_above(nick, old)
        if new >= self.rank:
            raise CommandError(f"permission denied: {new.title} is not below you")
