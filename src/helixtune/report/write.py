"""Renders the report: parsed files in, one HTML page out."""

import copy
from collections.abc import Mapping, Sequence
from importlib.resources import files

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from helixtune import __version__
from helixtune.evaluation.comparison_table import comparison_rows
from helixtune.log import logger
from helixtune.report import wording
from helixtune.report.citations import CITATIONS
from helixtune.report.figures import calibration_figure, selection_figures, structure_figures, training_figures
from helixtune.report.inputs import GenomeFiles
from helixtune.report.signal_figures import signal_figures
from helixtune.report.tracks import draw_tracks
from helixtune.report.votes_chart import draw_votes

# A page of this size still opens at once in a browser and fits into an e-mail.
MAX_BYTES = 5_000_000
# Examples a genome, tried in turn until the page is small enough.
EXAMPLES = (12, 8, 4, 2, 1, 0)
COMPARISON_GROUPS = {"gene set": "Gene sets", "evidence": "Evidence", "reference": "Against the reference"}


def render_report(
    genomes: Sequence[GenomeFiles], versions: Sequence[Mapping], parameters: Mapping, bibliography: str = ""
) -> str:
    """Return the page; examples are left out, with a warning, until it is at most 5 MB.

    Args:
        genomes: from `read_inputs`.
        versions: lines of versions.tsv (stage, tool, version).
        parameters: the run's parameters.
        bibliography: path of the BibTeX file, as the page shall name it; empty: there is none.
    """
    page = ""
    for allowed in EXAMPLES:
        page = _render(genomes, versions, parameters, bibliography, allowed)
        if len(page.encode()) <= MAX_BYTES:
            break
        logger.warning("write-report: the page is over %d MB with %d examples a genome.", MAX_BYTES // 10**6, allowed)
    return page


def _render(
    genomes: Sequence[GenomeFiles], versions: Sequence, parameters: Mapping, bibliography: str, n_examples: int
) -> str:
    folder = files("helixtune.report")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(
        figure=wording.figure, signed=wording.signed, how_sure=wording.how_sure, whole_percent=wording.whole_percent
    )
    template = environment.from_string(folder.joinpath("page.html").read_text(encoding="utf-8"))
    return template.render(
        style=Markup(folder.joinpath("page.css").read_text(encoding="utf-8")),
        genomes=[describe(genome, parameters, n_examples) for genome in genomes],
        versions=versions,
        parameters=wording.flat_parameters(parameters),
        citations=CITATIONS,
        bibliography=bibliography,
        version=__version__,
        simulated_sentence=wording.SIMULATED,
    )


def describe(genome: GenomeFiles, parameters: Mapping, n_examples: int) -> dict:
    """Return all that the template shows of one genome."""
    metrics = genome.metrics
    described = {
        "id": genome.id,
        "anchor": f"genome-{''.join(c if c.isalnum() else '-' for c in genome.id)}",
        "simulated": wording.is_simulated(metrics, parameters),
        "metrics": metrics,
        "training_figures": training_figures(genome.log),
        "selection": genome.selection,
        "selection_figures": selection_figures(genome),
        "repeats": _repeats(genome),
        **_learnt(genome),
        "card": genome.card,
        "candidates": genome.candidates if len(genome.candidates) > 1 else [],
        "warnings": [],
    }
    empty = {
        "votes": [],
        "votes_drawing": None,
        "calibration": None,
        "reference": None,
        "comparison": [],
        "reference_levels": [],
        "reference_place": "",
        "structure_figures": [],
        "changes": [],
        "examples": [],
    }
    return described | (_described_metrics(metrics, n_examples) if metrics else empty)


def _described_metrics(metrics: Mapping, n_examples: int) -> dict:
    verdict = metrics["verdict"]
    reference = metrics.get("reference")
    return {
        "headline": wording.headline(verdict["recommended"]),
        "verdict": verdict,
        "votes": verdict.get("votes", []),
        "votes_drawing": draw_votes(verdict.get("votes", []), wording.METRIC_NAMES),
        "genes_to_use": (metrics["gene_statistics"].get(verdict["recommended"]) or {}).get("genes"),
        "reference": reference,
        "comparison": comparison_groups(metrics),
        "reference_place": wording.compared_on((reference or {}).get("seqids", [])),
        "reference_levels": reference_levels(reference) if reference else [],
        "structure_figures": structure_figures(metrics["gene_statistics"]),
        "calibration": calibration_figure(reference) if reference else None,
        "changes": [(wording.KIND_NAMES.get(kind, kind), n) for kind, n in (metrics.get("gene_changes") or {}).items()],
        "examples": [
            {**_caption(example), "drawing": draw_tracks(example)}
            for example in (metrics.get("changed_genes") or [])[:n_examples]
        ],
        "warnings": metrics.get("warnings", []),
    }


def _learnt(genome: GenomeFiles) -> dict:
    """Return what was learnt of the genome by the predictions of the recommended model, or of the only one that anything was by."""
    recommended = (genome.metrics or {}).get("verdict", {}).get("recommended")
    model = recommended if recommended in genome.signals else next(iter(genome.signals), None)
    iterations = genome.iterations.get(model, [])
    return {
        "signal_model": model,
        "signal_figures": signal_figures(genome.signals[model]) if model else [],
        "iterations": [
            {name.replace("_", " "): value for name, value in iteration.items()} for iteration in iterations
        ],
    }


def _repeats(genome: GenomeFiles) -> dict:
    """Return what is known of genes in repeats: coding shares of both sets, and gene models masked in the selection."""
    shares = (genome.metrics or {}).get("coding_in_repeats")
    masked = (genome.selection or {}).get("gene_models")
    return {"shares": shares, "masked": masked, "known": shares is not None or masked is not None}


def comparison_groups(metrics: Mapping) -> list[dict]:
    """Return the before/after table in groups: name and rows (label, base, tuned, difference, better)."""
    full = copy.copy(dict(metrics))
    full.setdefault("reference", None)
    groups: dict[str, list] = {}
    for level, metric, base, tuned in comparison_rows(full):
        kind, _, detail = level.partition(" ") if level.startswith("reference") else (level, "", "")
        if kind == "reference" and (metric in ("precision", "recall") or detail.startswith("with_utrs")):
            continue  # the table of a page holds F1 on coding sequence; comparison.tsv has everything
        label = wording.METRIC_NAMES.get(metric, metric)
        label = f"{wording.level_name(detail.removeprefix('cds '))}, {label}" if metric == "f1" else label
        difference = None if base is None or tuned is None else tuned - base
        row = {"label": label, "base": base, "tuned": tuned, "difference": difference}
        groups.setdefault(kind, []).append(row | {"better": wording.better(metric, base, tuned)})
    return [{"name": COMPARISON_GROUPS.get(kind, kind), "rows": rows} for kind, rows in groups.items()]


def reference_levels(reference: Mapping) -> list[dict]:
    """Return recall and precision against the reference in groups: name and rows (level, shares: both of each set in turn)."""
    sets = [reference[name] for name in ("base", "tuned") if reference.get(name)]
    groups = []
    for features, name in (("cds", "Coding sequence"), ("with_utrs", "Exons with UTRs")):
        rows = [
            {
                "level": wording.level_name(level),
                "shares": [one[features][level][share] for one in sets for share in ("recall", "precision")],
            }
            for level in sets[0][features]
        ]
        groups.append({"name": name, "rows": rows})
    return groups


def _caption(example: Mapping) -> dict:
    kind = wording.KIND_NAMES.get(example["kind"], example["kind"])
    place = f"{example['seqid']}:{example['start'] + 1:,}–{example['end']:,} ({example['strand']})"
    return {"title": kind.capitalize(), "caption": f"{place}, {example['changed_bp']:,} coding bases differ"}
