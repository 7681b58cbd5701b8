"""Drawings of what was learnt of a genome: the observed part of its signals.json."""

from itertools import pairwise

from helixtune.report.figures import Figure
from helixtune.report.logos import draw_logo
from helixtune.report.svg import Series, line_chart

SITES = (
    ("donor", "Donor: where introns begin", "base of the intron; before it: of the exon", "introns"),
    ("acceptor", "Acceptor: where introns end", "base of the exon; before it: of the intron", "introns"),
    ("branch", "Branch point", "base of the motif", "introns that have one"),
    ("start", "Start codon", "base of the coding sequence; before it: upstream", "genes"),
)


def signal_figures(signals: dict) -> list[Figure]:
    """Draw a logo of every site that was seen, and the lengths of introns."""
    observed = signals["observed"]
    figures = [
        Figure(title, draw_logo(title, observed[name], label), f"From {observed[name]['sites']:,} {counted}.")
        for name, title, label, counted in SITES
        if observed.get(name)
    ]
    return figures + ([_lengths_figure(observed["introns"])] if observed.get("introns") else [])


def _lengths_figure(introns: dict) -> Figure:
    edges, counts = introns["edges_bp"], introns["counts"]
    title = "Lengths of introns"
    middles = [(low + high) / 2 for low, high in pairwise(edges)]
    drawing = line_chart(title, [Series("introns", middles, counts, "tuned")], ("bases", "introns"))
    longer = introns["number"] - sum(counts)
    note = (
        f"{introns['number']:,} different introns, half of them shorter than {introns['median_bp']:,.0f} bases; {longer:,} longer"
        " ones are not shown."
    )
    return Figure(title, drawing, note)
