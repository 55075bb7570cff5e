"""What a session does on each message: one table, filled by one module per theme."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

import attrs

from napster.index.levels import Level
from napster.index.limits import Cost, LimitError
from napster.wire.errors import WireError
from napster.wire.extension import Feature
from napster.wire.messages import Message

if TYPE_CHECKING:
    from napster.index.session import Session

M = TypeVar("M", bound=Message)
Run = Callable[["Session", M], Awaitable[None]]
GatheredRun = Callable[["Session", Sequence[bytes]], Awaitable[None]]
End = Callable[[bytes], Message]


_PENALTY = 0.05
"""So many seconds a client is not read after something was too much."""


class CommandError(Exception):
    """A command that cannot be done; the text is one sentence for the user."""


def _require_feature(session: "Session", feature: Feature | None) -> None:
    if feature is not None and not session.user.uses(feature):
        raise CommandError(
            f"this takes the feature {feature.name}, which was not agreed on (20001)"
        )


@attrs.frozen
class Command:
    """What is done on one message."""

    message: type[Message]
    run: Run[Message]
    cost: Cost
    end: End | bytes | None
    """What ends the answer, whatever came before it: always the same frame, or a message."""
    least: Level = Level.LEECH
    """Who may do it: users from this level on."""
    feature: Feature | None = None
    """What their programs must have agreed on with the index."""

    async def perform(self, session: "Session", body: bytes) -> None:
        """Read the message and answer it; what the user did wrong is told."""
        wait = 0.0
        try:
            wait = self._spend(session)
            self._require(session)
            await self.run(session, self.message.from_body(body))
        except (CommandError, WireError) as error:
            session.complain(str(error))
        except LimitError as error:
            session.complain(str(error))
            wait = _PENALTY
        finally:
            self._end(session, body)
        if wait:
            await session.pause(wait)

    def _spend(self, session: "Session") -> float:
        """Count it; returns for how long nothing more is to be read. Raises LimitError.

        To refuse an answer to another user's request would fail that user's download: what most
        commands are about is only taken more slowly.
        """
        if self.cost is Cost.COMMAND and session.greeting is None:
            return session.allowance.pace(self.cost, 1)
        session.allowance.spend(self.cost)
        return 0.0

    def _end(self, session: "Session", body: bytes) -> None:
        if isinstance(self.end, bytes):
            session.outbox.put(self.end)
        elif self.end:
            session.send(self.end(body))

    def _require(self, session: "Session") -> None:
        _require_feature(session, self.feature)
        if self.least > Level.LEECH and session.user.level < self.least:
            raise CommandError(f"permission denied: this takes the level {self.least.title}")


@attrs.frozen
class GatheringCommand:
    """What is done on messages of one kind that follow each other, given as bodies."""

    run: GatheredRun
    feature: Feature | None = None
    """What their programs must have agreed on with the index."""

    async def perform(self, session: "Session", bodies: Sequence[bytes]) -> None:
        """Answer them all; `run` sees to the limits."""
        try:
            _require_feature(session, self.feature)
            await self.run(session, bodies)
        except (CommandError, WireError) as error:
            session.complain(str(error))


class Commands(dict[int, Command | GatheringCommand]):
    """Commands by message number; a theme fills one, and the session's table is made of all."""

    def add(self, number: int, command: Command | GatheringCommand) -> None:
        """Say what is done on a number; raises ValueError if that was said before."""
        if number in self:
            raise ValueError(f"message {number} has two commands")
        self[number] = command

    def join(self, *themes: "Commands") -> "Commands":
        """Make a table of these and the themes' commands; raises ValueError if two collide."""
        joined = Commands(self)
        for theme in themes:
            for number, command in theme.items():
                joined.add(number, command)
        return joined

    def on(
        self,
        message: type[M],
        cost: Cost = Cost.COMMAND,
        end: End | bytes | None = None,
        *,
        least: Level = Level.LEECH,
        feature: Feature | None = None,
    ) -> Callable[[Run[M]], Run[M]]:
        """Make a coroutine function what is done on a message, for users from a level on.

        With a feature, only for those whose programs have agreed on it.
        """

        def decorate(run: Run[M]) -> Run[M]:
            # Safe: `perform` gives `run` what its own message class has read.
            command = Command(message, run, cost, end, least, feature)  # type: ignore[arg-type]
            self.add(message.type, command)
            return run

        return decorate

    def on_many(
        self, message: type[Message], *, feature: Feature | None = None
    ) -> Callable[[GatheredRun], GatheredRun]:
        """Make a coroutine function what is done on messages that follow each other."""

        def decorate(run: GatheredRun) -> GatheredRun:
            self.add(message.type, GatheringCommand(run, feature))
            return run

        return decorate


@attrs.frozen
class Stages:
    """What a session does before and after the login."""

    before: Commands
    online: Commands
    extension: Commands
    """What those may say besides whose programs understand extension messages."""
    extended: Commands = attrs.field(init=False)
    """What those may say in all."""

    @extended.default
    def _join(self) -> Commands:
        return self.online.join(self.extension)
