"""What is kept of keeping order, as values. Moments are in seconds since 1970 (UTC)."""

from datetime import UTC, datetime

import attrs

from napster.units import format_duration


@attrs.frozen
class Ban:
    """A ban by a mask that `bans.canonical` has written."""

    mask: str
    setter: str
    reason: str
    since: int
    until: int | None = None
    """When it ends; None for never."""

    @property
    def seconds(self) -> int:
        """How long it lasts in all; 0 for ever."""
        return 0 if self.until is None else self.until - self.since

    @property
    def sentence(self) -> str:
        """Tell it to somebody whom it means."""
        until = f" until {_date(self.until)}" if self.until is not None else ""
        why = f": {self.reason}" if self.reason else ""
        return f"You are banned from this server{until}{why}"


@attrs.frozen
class Invitation:
    """A code for one registration."""

    code: str
    maker: str
    note: str
    since: int
    until: int | None = None
    """When it ends; None for never."""
    nick: str | None = None
    """Who has registered with it."""
    used: int | None = None


@attrs.frozen
class AuditEntry:
    """One act. `detail` is the reason, or what was set."""

    moment: int
    who: str
    act: str
    whom: str
    detail: str
    seconds: int = 0
    """For how long it holds; 0 for ever, or if it is at an end as it is done."""

    def __str__(self) -> str:
        """Say it in one sentence."""
        sentence = f"{self.who} {self.act} {self.whom}"
        if self.seconds:
            sentence += f" for {format_duration(self.seconds)}"
        return f"{sentence}: {self.detail}" if self.detail else sentence


def _date(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M UTC")
