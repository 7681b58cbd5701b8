"""A figure of one selection: what was kept, of what, and whether it looks like the whole."""

from pathlib import Path

import numpy as np

from helixtune.errors import ParameterError
from helixtune.selection.choice import Candidates, Choice

FORMATS = (".svg", ".png", ".pdf")
# More points make a figure slow, not clearer.
MAX_POINTS = 5_000
BINS = np.linspace(0, 1, 21)
# Okabe and Ito's palette, told apart by colour-blind readers.
KEPT_COLOUR, LEFT_COLOUR = "#0072B2", "#BBBBBB"


def check_format(path: Path) -> None:
    """Refuse a file name that no figure can be written to.

    Raises:
        ParameterError: another ending than FORMATS.
    """
    if path.suffix.lower() not in FORMATS:
        raise ParameterError(f"--plot {path}: give a file that ends in {', '.join(FORMATS)}.")


def write_plot(path: Path, suffix: str, candidates: Candidates, choice: Choice) -> None:
    """Draw discrepancy over intergenic fraction, and the spread of intergenic fraction before and after.

    Args:
        path: file to write.
        suffix: its format, one of FORMATS (the file may have another name while it is incomplete).
        candidates: all rows.
        choice: what was chosen.
    """
    import matplotlib  # takes half a second to import, and only this needs it

    matplotlib.use("Agg")
    from matplotlib.figure import Figure

    fraction, bases = candidates.scores.intergenic_fraction, candidates.rows.valid_lengths
    known = np.flatnonzero(~np.isnan(fraction))
    with matplotlib.rc_context({"svg.hashsalt": "helixtune", "font.size": 9}):
        figure = Figure(figsize=(9, 3.6), layout="constrained")
        left, right = figure.subplots(1, 2)
        _draw_rows(left, fraction, choice, known)
        for label, colour, rows in (
            ("whole genome", LEFT_COLOUR, known),
            ("kept", KEPT_COLOUR, known[choice.kept[known]]),
        ):
            if len(rows):
                share = bases[rows] / max(bases[rows].sum(), 1)
                right.hist(
                    fraction[rows], BINS, weights=share, histtype="step", color=colour, label=label, linewidth=1.8
                )
        right.set(xlabel="intergenic fraction", ylabel="share of the bases")
        right.legend(frameon=False)
        # No date: the same selection gives the same bytes.
        metadata = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}.get(suffix, {})
        figure.savefig(path, format=suffix[1:], dpi=150, metadata=metadata)


def _draw_rows(axes, fraction: np.ndarray, choice: Choice, known: np.ndarray) -> None:
    """Draw a point a subsequence, evenly thinned out."""
    for label, colour, rows in (
        ("left out", LEFT_COLOUR, known[~choice.kept[known]]),
        ("kept", KEPT_COLOUR, known[choice.kept[known]]),
    ):
        rows = rows[:: max(1, len(rows) // MAX_POINTS)]
        axes.plot(
            fraction[rows], choice.discrepancy[rows], ".", color=colour, markersize=3, label=label, rasterized=True
        )
    axes.set(xlabel="intergenic fraction", ylabel="discrepancy of network and genes")
    axes.legend(frameon=False, markerscale=3)
