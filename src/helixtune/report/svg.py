"""Small charts as inline SVG: coloured by the page's style sheet (light, dark and print), text stays text."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from markupsafe import Markup

WIDTH, HEIGHT = 640, 260
LEFT, RIGHT, TOP, BOTTOM = 56, 12, 26, 44


@dataclass(frozen=True)
class Series:
    """One line, set of points or set of bars; `style` is a CSS class."""

    name: str
    xs: Sequence[float]
    ys: Sequence[float]
    style: str


@dataclass(frozen=True)
class Axis:
    """A linear axis from `low` to `high` drawn between two pixels."""

    low: float
    high: float
    first_px: float
    last_px: float

    def __call__(self, value: float) -> float:
        """Return the pixel of a value."""
        return round(self.first_px + (value - self.low) / (self.high - self.low) * (self.last_px - self.first_px), 1)

    def ticks(self, wanted: int = 5, least_step: float = 0.0) -> list[float]:
        """Return round values within the axis, at least `least_step` apart (1 for things that are counted)."""
        step = nice_step(max((self.high - self.low) / wanted, least_step))
        first = math.ceil(self.low / step - 1e-9)
        return [i * step for i in range(first, math.floor(self.high / step + 1e-9) + 1)]


def nice_step(raw: float) -> float:
    """Return the next of 1, 2, 5 times a power of ten at or above `raw`."""
    power = 10 ** math.floor(math.log10(raw))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw * (1 - 1e-9))


def axis_over(values: Sequence[float], first_px: float, last_px: float, *, from_zero: bool = False) -> Axis:
    """Return an axis that holds all finite values with a little room; never of zero length."""
    finite = [value for value in values if math.isfinite(value)] or [0.0, 1.0]
    low, high = min(finite), max(finite)
    if from_zero:
        low = min(low, 0.0)
    if high - low < 1e-9:
        low, high = (low, low + 1) if from_zero else (low - 0.5, high + 0.5)
    room = 0.04 * (high - low)
    return Axis(low if from_zero else low - room, high + room, first_px, last_px)


def number(value: float) -> str:
    """Write a number for people: 12,345, 0.25, 1.2e-05."""
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:.3g}"


def line_chart(title: str, series: Sequence[Series], labels: tuple[str, str], marked: Sequence[float] = ()) -> Markup:
    """Draw lines over a common x axis; `marked` x values get a vertical line."""
    x = axis_over([value for one in series for value in one.xs], LEFT, WIDTH - RIGHT)
    y = axis_over([value for one in series for value in one.ys], HEIGHT - BOTTOM, TOP)
    counted = all(isinstance(value, int) for one in series for value in one.xs)
    parts = [_frame(x, y, labels, least_step=1.0 if counted else 0.0), _legend(series)]
    for value in marked:
        parts.append(f'<line class="mark" x1="{x(value)}" x2="{x(value)}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>')
    for one in series:
        points = [(x(a), y(b)) for a, b in zip(one.xs, one.ys, strict=True) if math.isfinite(b)]
        parts.append(f'<polyline class="line {one.style}" points="{_points(points)}"/>')
        parts += [f'<circle class="dot {one.style}" cx="{a}" cy="{b}" r="2.5"/>' for a, b in points[:60]]
    return svg(title, parts)


def scatter_chart(title: str, series: Sequence[Series], labels: tuple[str, str]) -> Markup:
    """Draw points."""
    x = axis_over([value for one in series for value in one.xs], LEFT, WIDTH - RIGHT)
    y = axis_over([value for one in series for value in one.ys], HEIGHT - BOTTOM, TOP)
    parts = [_frame(x, y, labels), _legend(series)]
    for one in series:
        points = zip(one.xs, one.ys, strict=True)
        parts += [f'<circle class="dot {one.style}" cx="{x(a)}" cy="{y(b)}" r="3"/>' for a, b in points]
    return svg(title, parts)


def bar_chart(title: str, categories: Sequence[str], series: Sequence[Series], labels: tuple[str, str]) -> Markup:
    """Draw bars side by side within categories; `ys` of every series follow the categories."""
    y = axis_over([value for one in series for value in one.ys], HEIGHT - BOTTOM, TOP, from_zero=True)
    x = Axis(0, len(categories), LEFT, WIDTH - RIGHT)
    parts = [y_grid(y), axis_labels(labels), _legend(series)]
    width = 0.8 / len(series)
    for i, category in enumerate(categories):
        parts.append(
            f'<text class="tick" x="{x(i + 0.5)}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{escape(category)}</text>'
        )
        for j, one in enumerate(series):
            left, top = x(i + 0.1 + j * width), y(one.ys[i])
            size = f'width="{round(x(width) - x(0), 1)}" height="{round(y(0) - top, 1)}"'
            tip = f"{one.name}, {category}: {number(one.ys[i])}"
            parts.append(
                f'<rect class="bar {one.style}" x="{left}" y="{top}" {size}><title>{escape(tip)}</title></rect>'
            )
    return svg(title, parts)


def _points(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{a},{b}" for a, b in points)


def _frame(x: Axis, y: Axis, labels: tuple[str, str], least_step: float = 0.0) -> str:
    return y_grid(y) + x_ticks(x, HEIGHT - BOTTOM + 16, least_step=least_step) + axis_labels(labels)


def x_ticks(x: Axis, y_px: float, wanted: int = 5, least_step: float = 0.0) -> str:
    """Return the numbers along a horizontal axis; one near the right edge ends there rather than being cut."""
    texts = []
    for value in x.ticks(wanted, least_step):
        text = number(round(value, 10))
        near_edge = x(value) + 3.5 * len(text) > WIDTH
        anchor, place = ("end", WIDTH - 1) if near_edge else ("middle", x(value))
        texts.append(f'<text class="tick" x="{place}" y="{y_px}" text-anchor="{anchor}">{text}</text>')
    return "".join(texts)


def y_grid(y: Axis) -> str:
    """Return lines and numbers of a vertical axis."""
    return "".join(
        f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(value)}" y2="{y(value)}"/>'
        f'<text class="tick" x="{LEFT - 6}" y="{y(value) + 4}" text-anchor="end">{number(round(value, 10))}</text>'
        for value in y.ticks()
    )


def axis_labels(labels: tuple[str, str]) -> str:
    """Return the names of both axes."""
    middle = (LEFT + WIDTH - RIGHT) / 2
    return (
        f'<text class="label" x="{middle}" y="{HEIGHT - 8}" text-anchor="middle">{escape(labels[0])}</text>'
        f'<text class="label" x="{LEFT - 50}" y="14">{escape(labels[1])}</text>'
    )


def _legend(series: Sequence[Series]) -> str:
    parts, x = [], float(WIDTH - RIGHT)
    for one in reversed(series):
        x -= 7.2 * len(one.name) + 26
        parts.append(
            f'<rect class="bar {one.style}" x="{x:.0f}" y="5" width="11" height="11"/>'
            f'<text class="tick" x="{x + 16:.0f}" y="15">{escape(one.name)}</text>'
        )
    return "".join(parts)


def svg(title: str, parts: Sequence[str], height: int = HEIGHT) -> Markup:
    """Return a drawing made of parts, of which all text is escaped."""
    body = "".join(parts)
    return Markup(
        f'<svg class="chart" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(title)}">'
        f"<title>{escape(title)}</title>{body}</svg>"
    )
