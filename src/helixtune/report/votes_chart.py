"""The votes drawn: how far each sees a gain, in units of its own error, and what the gate may take for chance."""

from collections.abc import Mapping, Sequence
from html import escape

from markupsafe import Markup

from helixtune.report.svg import WIDTH, Axis, x_ticks

LEFT, RIGHT, ROW, TOP = 285, 16, 30, 22
# Beyond this a longer bar says nothing more.
LARGEST = 6.0


def draw_votes(votes: Sequence[Mapping], names: Mapping[str, str]) -> Markup | None:
    """Draw one point a vote on an axis from "base is better" to "tuned is better"; None without votes."""
    if not votes:
        return None
    x = Axis(-LARGEST, LARGEST, LEFT, WIDTH - RIGHT)
    bottom = TOP + ROW * len(votes)
    parts = [
        f'<rect class="chance" x="{x(-1)}" y="{TOP}" width="{round(x(1) - x(-1), 1)}" height="{bottom - TOP}"/>',
        f'<line class="mark" x1="{x(0)}" x2="{x(0)}" y1="{TOP}" y2="{bottom}"/>',
        f'<text class="tick" x="{x(-LARGEST)}" y="14">base better</text>',
        f'<text class="tick" x="{x(LARGEST)}" y="14" text-anchor="end">tuned better</text>',
    ]
    for i, vote in enumerate(votes):
        parts += _row(vote, names.get(vote["name"], vote["name"]), x, TOP + ROW * (i + 0.5))
    parts.append(x_ticks(x, bottom + 16, 6))
    middle = (x(-LARGEST) + x(LARGEST)) / 2
    parts.append(
        f'<text class="label" x="{middle}" y="{bottom + 34}" text-anchor="middle">gain in units of its error</text>'
    )
    title = "Votes: gain by each, in units of its error"
    return Markup(  # every text above is escaped
        f'<svg class="chart" viewBox="0 0 {WIDTH} {bottom + 42}" role="img" aria-label="{title}"><title>{title}</title>'
        f"{''.join(parts)}</svg>"
    )


def _row(vote: Mapping, label: str, x: Axis, y: float) -> list[str]:
    deviation = max(-LARGEST, min(LARGEST, float(vote["deviation"])))
    style = "tuned" if vote["favours"] == "tuned" else "base" if vote["favours"] == "base" else "extra"
    left, right = sorted((x(0), x(deviation)))
    tip = f"{label}: {float(vote['deviation']):+.1f} deviations, favours {vote['favours']}"
    return [
        f"<g><title>{escape(tip)}</title>",
        f'<text class="tick" x="{LEFT - 12}" y="{y + 4}" text-anchor="end">{escape(label)}</text>',
        f'<line class="stem {style}" x1="{left}" x2="{right}" y1="{y}" y2="{y}"/>',
        f'<circle class="bar {style}" cx="{x(deviation)}" cy="{y}" r="6"/>',
        "</g>",
    ]
