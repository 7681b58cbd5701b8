"""Sequence logos: a column is as high as its information content in bits, a letter as its share of that.

Schneider and Stephens 1990, doi:10.1093/nar/18.20.6097.
"""

import math
from collections.abc import Sequence
from html import escape

from markupsafe import Markup

from helixtune.report.svg import HEIGHT, LEFT, RIGHT, TOP, WIDTH, Axis, axis_labels, svg, y_grid

LETTERS = "CATG"
# Outlines in a box of 100 x 100, so that a letter fills its place in every font.
OUTLINES = {
    "A": "M0 100 36 0H64L100 100H78L70 76H30L22 100ZM36 58H64L50 18Z",
    "C": "M93 76A50 50 0 1 1 93 24L73 34A28 30 0 1 0 73 66Z",
    "G": "M93 24A50 50 0 1 0 100 64V46H54V62H76A28 30 0 1 1 73 34Z",
    "T": "M0 0H100V18H61V100H39V18H0Z",
}
BOTTOM = 44
MOST_BITS = 2.0
# Letters that would be lower than this are left out.
LEAST_PX = 0.6


def information(shares: Sequence[float], sites: int) -> float:
    """Return the bits that bases of these shares tell, less what as few sites would tell by chance; at least 0."""
    entropy = -sum(share * math.log2(share) for share in shares if share > 0)
    return max(2 - entropy - 3 / (2 * math.log(2) * max(sites, 1)), 0.0)


def draw_logo(title: str, site: dict, label: str) -> Markup:
    """Draw one site of the observed part of signals.json; places count from 1, and -1 is the base before the border."""
    columns = site["frequencies"]
    x = Axis(0, len(columns), LEFT, WIDTH - RIGHT)
    y = Axis(0, MOST_BITS, HEIGHT - BOTTOM, TOP)
    step = 1 if len(columns) <= 12 else 3
    parts = [y_grid(y), axis_labels((label, "bits"))]
    for i, shares in enumerate(columns):
        place = site["first"] + i
        place += place >= 0 and site["first"] < 0  # there is no place 0
        if i % step == 0:
            parts.append(
                f'<text class="tick" x="{x(i + 0.5)}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{place}</text>'
            )
        parts.append(_column(shares, information(shares, site["sites"]), (x(i + 0.04), x(i + 0.96)), y))
    return svg(title, parts)


def _column(shares: Sequence[float], bits: float, sides: tuple[float, float], y: Axis) -> str:
    """Stack the letters of a column, the rarest at the bottom."""
    letters, base = [], 0.0
    for share, letter in sorted(zip(shares, LETTERS, strict=True)):
        top = base + share * bits
        height = y(base) - y(top)
        if height >= LEAST_PX:
            place = f"translate({sides[0]} {y(top)})scale({(sides[1] - sides[0]) / 100:.4f} {height / 100:.4f})"
            letters.append(f'<path class="base-{letter}" transform="{place}" d="{OUTLINES[letter]}"/>')
        base = top
    told = ", ".join(
        f"{letter} {100 * share:.0f} %" for share, letter in sorted(zip(shares, LETTERS, strict=True))[::-1]
    )
    return f"<g><title>{escape(told)}</title>{''.join(letters)}</g>"
