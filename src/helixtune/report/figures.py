"""Which figures a genome gets, from its parsed files."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from helixtune.report.inputs import GenomeFiles
from helixtune.report.svg import Series, bar_chart, line_chart, scatter_chart

SETS = ("base", "tuned")
LOG_FIGURES = (
    ("Loss", (("train_loss", "training", "base"), ("validation_loss", "validation", "tuned"))),
    (
        "F1 on validation rows",
        (("genic_f1", "genic", "tuned"), ("cds_f1", "CDS", "base"), ("intron_f1", "intron", "extra")),
    ),
)
DISTRIBUTIONS = (
    ("cds_histogram", "Coding sequence of a gene", "bases, from", "genes"),
    ("intron_histogram", "Introns", "bases, from", "introns"),
    ("confidence_histogram", "Confidence of genes", "confidence, from", "genes"),
)


@dataclass(frozen=True)
class Figure:
    """A drawing with its title and, if need be, a sentence below."""

    title: str
    drawing: Markup
    note: str = ""


def training_figures(log: Sequence[dict]) -> list[Figure]:
    """Draw losses and F1 over the checks of the last stage of a training log (trials of learning rates come before it)."""
    figures = []
    log = [row for row in log if row.get("stage") == log[-1].get("stage")]
    kept = [i for i, row in enumerate(log) if row.get("best") == "yes"][-1:]
    for title, lines in LOG_FIGURES:
        series = [
            Series(name, range(len(log)), [_float(row[column]) for row in log], style)
            for column, name, style in lines
            if log and column in log[0]
        ]
        if series:
            axes = ("check (the marked one was kept)", title)
            figures.append(Figure(title, line_chart(title, series, axes, kept)))
    return figures


def selection_figures(genome: GenomeFiles) -> list[Figure]:
    """Draw rows by stratum, intergenic shares of all and of kept rows, and discrepancy over intergenic share."""
    figures = []
    strata = (genome.selection or {}).get("strata") or []
    if strata:
        names = [str(one["stratum"]) for one in strata]
        kept = [one["kept_rows"] for one in strata]
        left = [one["rows"] - one["kept_rows"] for one in strata]
        series = [Series("left out", (), left, "base"), Series("kept", (), kept, "tuned")]
        title = "Subsequences by stratum"
        figures.append(
            Figure(title, bar_chart(title, names, series, ("stratum of the intergenic share", "subsequences")))
        )
    if genome.shares.comparable:
        figures.append(_likeness_figure(genome))
    points = [
        (_float(row.get("intergenic_fraction")), _float(row.get("discrepancy")), row.get("decision") == "kept")
        for row in genome.scores
    ]
    points = [point for point in points if math.isfinite(point[0]) and math.isfinite(point[1])]
    if points:
        series = [
            Series(name, [p[0] for p in points if p[2] is chosen], [p[1] for p in points if p[2] is chosen], style)
            for name, chosen, style in (("left out", False, "base"), ("kept", True, "tuned"))
        ]
        labels = ("intergenic share of a subsequence", "discrepancy of calls and probabilities")
        title = "Which subsequences were kept"
        figures.append(Figure(title, scatter_chart(title, series, labels)))
    return figures


def _likeness_figure(genome: GenomeFiles) -> Figure:
    shares = genome.shares
    title = "Are the kept subsequences like the genome?"
    series = [
        Series(name, (), [100 * part for part in parts], style)
        for name, parts, style in (("all", shares.of_all, "base"), ("kept", shares.of_kept, "tuned"))
    ]
    drawing = bar_chart(title, shares.names, series, ("intergenic share, from", "% of subsequences"))
    note = (
        f"The distributions differ by {100 * shares.distance:.0f} % (0 %: alike; 100 %: nothing in common). A selection that"
        " is unlike the genome teaches the model another genome."
    )
    return Figure(title, drawing, note)


def structure_figures(statistics: dict) -> list[Figure]:
    """Draw distributions of CDS length, intron length and confidence of both sets."""
    figures = []
    for key, title, unit, counted in DISTRIBUTIONS:
        found = [(name, statistics[name][key]) for name in SETS if statistics.get(name)]
        if any(sum(one["counts"]) for _, one in found):
            names = _bins(found[0][1]["edges"])
            series = [Series(name, (), one["counts"], name) for name, one in found]
            figures.append(Figure(title, bar_chart(title, names, series, (unit, counted))))
    return figures


def calibration_figure(reference: dict) -> Figure | None:
    """Draw the share of exactly right genes over confidence, if genes have confidences."""
    series = [
        Series(name, [b["mean_confidence"] for b in bins], [b["exactly_right"] for b in bins], name)
        for name in SETS
        if (bins := (reference.get(name) or {}).get("confidence"))
    ]
    if not series:
        return None
    series.append(Series("equal", [0.0, 1.0], [0.0, 1.0], "diagonal"))
    title = "Confidence and truth"
    drawing = line_chart(title, series, ("confidence of genes", "share exactly right by the reference"))
    note = (
        "A gene is exactly right when its whole coding sequence equals the reference's. Confidence was calibrated on other"
        " genomes: near the dotted line it may be read as the chance of being right here too; elsewhere it only ranks genes."
    )
    return Figure(title, drawing, note)


def _bins(edges: Sequence[float]) -> list[str]:
    """Name bins by their lower edges: short enough for a phone."""
    return [_short(low) for low in edges[:-1]]


def _short(value: float) -> str:
    return f"{value / 1000:g}k" if value >= 1000 else f"{value:g}"


def _float(text) -> float:
    try:
        return float(text)
    except (TypeError, ValueError):
        return math.nan
