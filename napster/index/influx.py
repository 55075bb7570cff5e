"""Whether many files are being registered at the moment, as after a restart."""

from twisted.internet.interfaces import IReactorTime

_SPAN = 10.0
_PART = 50
_FEW = 100
_YOUNG = 60.0


class Influx:
    """Counts the files taken in lately, in spans of ten seconds."""

    def __init__(self, clock: IReactorTime) -> None:
        self._clock = clock
        self._born = clock.seconds()
        self._begun = self._born
        self._taken = self._taken_before = 0

    def add(self, files: int) -> None:
        """Count files taken in."""
        self._turn_over()
        self._taken += files

    def sentence(self, files: int) -> str | None:
        """Say that peers are still registering, if many files have just come.

        Many are 100, and 2 % of the files that are shared now. What has come may have gone again.
        """
        self._turn_over()
        recent = self._taken + self._taken_before
        if recent < max(_FEW, files / _PART):
            return None
        return (
            f"peers are registering their files ({recent:,} came in the last seconds, {files:,} "
            "are shared now): the same search may find more soon"
        )

    def youth(self) -> str | None:
        """Say that this index has just started, if it has."""
        age = self._clock.seconds() - self._born
        if age >= _YOUNG:
            return None
        return f"this index started {age:.0f} s ago, and its peers may still be coming back"

    def _turn_over(self) -> None:
        spans = (self._clock.seconds() - self._begun) // _SPAN
        if spans:
            self._taken_before = self._taken if spans == 1 else 0
            self._taken = 0
            self._begun += spans * _SPAN
