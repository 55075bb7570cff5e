"""Leaky buckets: how much was spent lately, and how long to wait before more may be."""

import attrs


@attrs.frozen
class Rate:
    """So many a second in the long run, and so many at once."""

    per_second: float
    burst: float


@attrs.define
class Bucket:
    """How much was spent lately; it drains at a rate that may change meanwhile. Times in s."""

    _level: float = 0.0
    _at: float = 0.0

    def wait(self, rate: Rate, amount: float, now: float) -> float:
        """Return the seconds until `amount` may be spent; 0.0 if it may be now."""
        excess = self._drained(rate, now) + amount - rate.burst
        return excess / rate.per_second if excess > 0 else 0.0

    def spend(self, rate: Rate, amount: float, now: float) -> None:
        """Count `amount` as spent, allowed or not."""
        self._level = self._drained(rate, now) + amount
        self._at = now

    def _drained(self, rate: Rate, now: float) -> float:
        left = self._level - (now - self._at) * rate.per_second
        return left if left > 0 else 0.0
