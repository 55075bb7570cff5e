"""Figures in the text format that Prometheus reads (exposition format 0.0.4)."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence

import attrs

CONTENT_TYPE = b"text/plain; version=0.0.4; charset=utf-8"

_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


class Histogram:
    """How many values were at most so large, for some bounds in rising order."""

    __slots__ = ("_counts", "bounds", "count", "total")

    def __init__(self, *bounds: float) -> None:
        self.bounds = bounds
        self.count = 0
        self.total = 0.0
        self._counts = [0] * (len(bounds) + 1)

    def observe(self, value: float) -> None:
        """Count a value."""
        self.count += 1
        self.total += value
        self._counts[bisect_left(self.bounds, value)] += 1

    def cumulated(self) -> Iterator[tuple[float, int]]:
        """Tell for each bound how many values were at most so large."""
        reached = 0
        for bound, count in zip(self.bounds, self._counts, strict=False):
            reached += count
            yield bound, reached


Value = float | Histogram | Mapping[str, float]
"""One figure, a histogram, or figures by the value of a label."""


@attrs.frozen
class Metric:
    """A figure with a name. `kind` is counter, gauge or histogram."""

    name: str
    kind: str
    help: str
    value: Value
    label: str | None = None
    """The name of the label by whose values there are figures."""

    def lines(self) -> Iterator[str]:
        """Write it."""
        yield f"# HELP {self.name} {self.help}"
        yield f"# TYPE {self.name} {self.kind}"
        if isinstance(self.value, Histogram):
            yield from _histogram_lines(self.name, self.value)
        elif isinstance(self.value, Mapping):
            for label, value in self.value.items():
                yield f'{self.name}{{{self.label}="{label.translate(_ESCAPES)}"}} {_number(value)}'
        else:
            yield f"{self.name} {_number(self.value)}"


def _histogram_lines(name: str, histogram: Histogram) -> Iterator[str]:
    for bound, count in histogram.cumulated():
        yield f'{name}_bucket{{le="{bound}"}} {count}'
    yield f'{name}_bucket{{le="+Inf"}} {histogram.count}'
    yield f"{name}_sum {_number(histogram.total)}"
    yield f"{name}_count {histogram.count}"


def _number(value: float) -> str:
    return str(value) if isinstance(value, int) else repr(value)


def exposition(metrics: Iterable[Metric]) -> bytes:
    """Write metrics as one page."""
    lines: Sequence[str] = [line for metric in metrics for line in metric.lines()]
    return "".join(f"{line}\n" for line in lines).encode()
