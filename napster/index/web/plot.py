"""A line over the last hours, as a picture within the page (SVG)."""

from collections.abc import Callable, Sequence
from math import ceil, floor, log10

import attrs
from twisted.web.template import Tag

from napster.index.web.history import Point

WIDTH, HEIGHT = 560, 150
_LEFT, _RIGHT, _TOP, _BOTTOM = 54, 8, 10, 22
_STEPS = (1, 2, 5, 10)


@attrs.frozen
class Plot:
    """What is drawn: its title, the points, what x spans, and how a figure is written."""

    title: str
    points: Sequence[Point]
    span: str
    """How long ago the left edge is, such as `8 h`."""
    show: Callable[[float], str]

    def picture(self) -> Tag:
        """Draw it."""
        top = nice_top(max((point.y for point in self.points), default=0.0))
        return _tag("svg", viewBox=f"0 0 {WIDTH} {HEIGHT}", role="img")(
            _tag("title")(f"{self.title}, the last {self.span}"),
            *(self._grid(part * top, part) for part in (0.0, 0.5, 1.0)),
            _text(f"{self.span} ago", _LEFT, HEIGHT - 6, "start"),
            _text("now", WIDTH - _RIGHT, HEIGHT - 6, "end"),
            *self._line(top),
        )

    def _grid(self, figure: float, part: float) -> Tag:
        y = _down(part)
        return _tag("g")(
            _tag("line", x1=_LEFT, x2=WIDTH - _RIGHT, y1=y, y2=y, **{"class": "grid"}),
            _text(self.show(figure), _LEFT - 6, y + 4, "end"),
        )

    def _line(self, top: float) -> Sequence[Tag]:
        if not self.points:
            return ()
        places = [f"{_across(each.x):.1f} {_down(each.y / top):.1f}" for each in self.points]
        line = "M" + " L".join(places)
        first, last = _across(self.points[0].x), _across(self.points[-1].x)
        area = f"{line} L{last:.1f} {_down(0)} L{first:.1f} {_down(0)} Z"
        return _tag("path", d=area, **{"class": "area"}), _tag("path", d=line, **{"class": "line"})


def nice_top(highest: float) -> float:
    """Return 1, 2 or 5 times a power of ten that is not below a figure; at least 0.01."""
    if highest <= 0.01:
        return 0.01 if highest > 0 else 1.0
    unit = 10.0 ** floor(log10(highest))
    return next(step for step in _STEPS if step * unit >= highest * (1 - 1e-9)) * unit


def _across(part: float) -> float:
    return _LEFT + part * (WIDTH - _LEFT - _RIGHT)


def _down(part: float) -> float:
    return ceil(HEIGHT - _BOTTOM - part * (HEIGHT - _TOP - _BOTTOM))


def _text(text: str, x: float, y: float, anchor: str) -> Tag:
    return _tag("text", x=x, y=y, **{"text-anchor": anchor})(text)


def _tag(name: str, **attributes: object) -> Tag:
    return Tag(name, attributes={key: str(value) for key, value in attributes.items()})
