"""What a selection leaves behind: filtered.h5, scores.tsv with a line about every row, summary.json with the counts."""

import json
from pathlib import Path

import numpy as np

from helixtune.annotation.label_source import LabelSource
from helixtune.errors import FormatError
from helixtune.h5checks import copied_attributes, text_attribute
from helixtune.h5files import BASES, HAS_VALID_BASES, WEIGHTS, RowWriter
from helixtune.progress import Progress
from helixtune.selection.choice import Candidates, Choice
from helixtune.selection.gene_models import GeneModels
from helixtune.selection.genome_bases import GenomeBases
from helixtune.selection.scores import COMPARED, UNITS
from helixtune.selection.shards import RowShards
from helixtune.selection.strata import NO_STRATUM
from helixtune.subsequences import Rows

SCORE_COLUMNS = (
    "species", "seqid", "strand", "start", "end", "intergenic_fraction", "stratum", "discrepancy", "phase_discrepancy",
    "decision", "reason",
)  # fmt: skip
# A block of all datasets of the rows that are copied; coverage makes rows several times wider.
COPY_BUDGET_BYTES = 128 * 1024**2
TRAINING_FORMAT = "helixtune training"
# The writer sets these anew.
OWN_ATTRIBUTES = ("format", "format_version", "created_by", "settings")


def write_scores(path: Path, candidates: Candidates, choice: Choice) -> None:
    """Write scores.tsv: one line a row of the training file, in its order; `nan` where there is no figure."""
    rows, scores = candidates.rows, candidates.scores
    columns = (
        [text.decode() for text in rows.species.tolist()],
        [text.decode() for text in rows.seqids.tolist()],
        rows.strands.tolist(),
        rows.starts.tolist(),
        rows.ends.tolist(),
        _fixed(scores.intergenic_fraction),
        ["" if s == NO_STRATUM else str(s) for s in choice.strata.tolist()],
        _fixed(scores.discrepancy),
        _fixed(scores.phase_discrepancy),
        np.where(choice.kept, "kept", "left out").tolist(),
        choice.reasons.tolist(),
    )
    with path.open("w", encoding="ascii") as file:
        file.write("\t".join(SCORE_COLUMNS) + "\n")
        for line in zip(*columns, strict=True):
            file.write("\t".join(map(str, line)) + "\n")


def _fixed(values: np.ndarray) -> list[str]:
    return [f"{value:.6f}" for value in values.tolist()]


def summarise(candidates: Candidates, choice: Choice, settings: dict, models: GeneModels | None) -> dict:
    """Return the content of summary.json: counts, sums and limits by stratum, and what was left out why."""
    kept = choice.kept
    valid_bp = candidates.rows.valid_lengths
    reasons, counts = np.unique(choice.reasons[~kept].astype(str), return_counts=True)
    return {
        "settings": settings,
        "rows": len(kept),
        "eligible_rows": int((candidates.barred == 0).sum()),
        "kept_rows": int(kept.sum()),
        "kept_places": count_places(candidates.rows[kept]),
        "bases": int(valid_bp.sum()),
        "kept_bases": int(valid_bp[kept].sum()),
        "left_out": {str(reason): int(n) for reason, n in zip(reasons, counts, strict=True)},
        "strata": [_stratum(candidates, choice, s) for s in range(len(choice.limits))],
        "gene_models": models.counts() if models is not None else None,
        "sums": {
            "class_counts": candidates.scores.class_counts[kept].sum(axis=0).tolist(),
            "compared_bases": int(candidates.scores.class_sums[kept, COMPARED].sum()),
            "discrepancy": round(float(candidates.scores.class_sums[kept, UNITS].sum()) / 2**24, 3),
        },
        "warnings": choice.warnings,
    }


def _stratum(candidates: Candidates, choice: Choice, stratum: int) -> dict:
    mine = choice.strata == stratum
    fraction = candidates.scores.intergenic_fraction[mine]
    valid_bp = candidates.rows.valid_lengths
    chosen = choice.discrepancy[mine & choice.kept]
    return {
        "stratum": stratum,
        "intergenic_fraction": [_number(np.min(fraction)), _number(np.max(fraction))] if len(fraction) else None,
        "rows": int(mine.sum()),
        "kept_rows": int((mine & choice.kept).sum()),
        "kept_bases": int(valid_bp[mine & choice.kept].sum()),
        "mean_discrepancy_kept": _number(chosen.mean()) if len(chosen) else None,
        "best_left_out": _number(choice.limits[stratum]),
    }


def _number(value: float | None) -> float | None:
    return round(float(value), 6) if value is not None and np.isfinite(value) else None


def count_places(rows: Rows) -> int:
    """Return how many stretches of the genome the rows hold, both strands of one counted once."""
    return len({(species, seqid, start) for species, seqid, start in zip(
        rows.species.tolist(), rows.seqids.tolist(), rows.starts.tolist(), strict=True)})  # fmt: skip


def write_summary(path: Path, summary: dict) -> None:
    """Write summary.json."""
    path.write_text(json.dumps(summary, indent=1, sort_keys=False) + "\n", encoding="utf-8")


def copy_rows(
    training: RowShards | LabelSource,
    numbers: np.ndarray,
    writer: RowWriter,
    max_bases: int,
    models: GeneModels | None = None,
    bases: GenomeBases | None = None,
) -> None:
    """Copy rows with all their datasets, in the order given, and the datasets that do not belong to rows whole.

    Args:
        training: open files, or what makes their labels.
        numbers: rows to copy, ascending.
        writer: where to.
        max_bases: bases of one block, at most (`--write-by`); memory is bounded in any case.
        models: gene models whose weights become zero.
        bases: where the rows' bases are read if the training file has none.
    """
    if models is not None and models.masked.any() and not training.has(WEIGHTS):
        raise FormatError(f"{training.name} has no '{WEIGHTS}' to mask gene models with: make it with encode-labels.")
    row_bytes = max(1, sum(map(training.row_bytes, training.row_names)))
    step = max(1, min(max_bases // training.width_bp, COPY_BUDGET_BYTES // row_bytes))
    # An empty selection still makes empty datasets of the right shape.
    with Progress(len(numbers), "subsequences", f"writing {writer.path.name}") as progress:
        for first in range(0, max(len(numbers), 1), step):
            _copy_block(training, numbers[first : first + step], writer, models, bases)
            progress.advance(step)
    for name, dataset in training.whole_datasets().items():
        writer.write_whole(name, dataset[()])


def _copy_block(
    training: RowShards | LabelSource,
    chosen: np.ndarray,
    writer: RowWriter,
    models: GeneModels | None,
    bases: GenomeBases | None,
) -> None:
    block = {
        name: training.read(name, chosen) if len(chosen) else training.no_rows(name) for name in training.row_names
    }
    if bases is not None:
        block[BASES] = bases.read(chosen)
    if models is not None and WEIGHTS in block and models.hide(chosen, block[WEIGHTS]):
        block[HAS_VALID_BASES] = block[WEIGHTS].any(axis=1)
    writer.append(block)


def inherited(training: RowShards) -> tuple[str, dict]:
    """Return the file format and the attributes that a selection of rows inherits from its (first) source."""
    first = training.files[0]
    return text_attribute(first, "format") or TRAINING_FORMAT, copied_attributes(first, OWN_ATTRIBUTES)
