"""The Python API for notebooks: genes, rows, probabilities and scores, without files in between.

Coordinates are 0-based, half-open, on the plus strand. Everything here is a thin door to the modules that do the work; what
changes files or models is a command (`helixtune --help`), which `helixtune.api.run` calls with the same options.
"""

import contextlib
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from helixtune.annotation.genes import Gene, Transcript
from helixtune.annotation.gff3 import read_genes
from helixtune.errors import HelixtuneError, ParameterError
from helixtune.evaluation.against_reference import judge_against_reference, sequences_to_score
from helixtune.evaluation.models import cds_models, exon_models
from helixtune.evaluation.predictions import Predictions
from helixtune.evaluation.statistics import gene_statistics
from helixtune.fasta import iter_sequences
from helixtune.h5files import BASES, SEQIDS, SPECIES, START_ENDS, open_file, read_rows
from helixtune.subsequences import Rows

__all__ = [
    "CLASSES", "Gene", "HelixtuneError", "Rows", "Transcript", "describe", "iter_sequences", "probabilities", "read_genes",
    "rows", "run", "score",
]  # fmt: skip

CLASSES = ("intergenic", "UTR", "CDS", "intron")


def rows(path: str | Path) -> Rows:
    """Return what the rows of an HDF5 file are: species, seqid, strand, start and end of each (`len(rows)` of them).

    Raises:
        InputFileError, FormatError: no HDF5 file, or one without rows.
    """
    with open_file(path, (SPECIES, SEQIDS, START_ENDS)) as file:
        return read_rows(file)


def probabilities(
    predictions: str | Path, genome: str | Path, seqid: str, start: int, end: int, strand: str = "+"
) -> np.ndarray:
    """Return the class probabilities of a stretch of one strand.

    Args:
        predictions: file of predict-classes, or of Helixer.
        genome: genome.h5 that they were made from.
        seqid, start, end: the stretch; parts beyond the sequence are an error.
        strand: '+' or '-'.

    Returns:
        (end - start, 4) float32, columns as in `CLASSES`; position i is base start + i of the plus strand on either strand.

    Raises:
        ParameterError: no such stretch. FormatError, ShapeError: predictions of another genome.
    """
    with open_file(genome, (BASES, SEQIDS, SPECIES, START_ENDS)) as file:
        known, width = read_rows(file), file[BASES].shape[1]
    chosen = np.flatnonzero(
        (known.seqids == seqid.encode()) & (known.strands == strand) & (known.starts < end) & (known.ends > start)
    )
    covered = int((np.minimum(known.ends[chosen], end) - np.maximum(known.starts[chosen], start)).sum())
    if start < 0 or end <= start or covered != end - start:
        raise ParameterError(
            f"{genome} does not hold {seqid}:{start}-{end} ({strand}): check sequence, strand and borders."
        )
    found = np.zeros((end - start, len(CLASSES)), np.float32)
    with Predictions(predictions, known, width, str(genome)) as source:
        for number, block in zip(chosen, source.read(chosen), strict=True):
            first, last = int(known.starts[number]), int(known.ends[number])
            piece = block[: last - first] if strand == "+" else block[: last - first][::-1]
            left, right = max(first, start), min(last, end)
            found[left - start : right - start] = piece[left - first : right - first]
    return found


def score(predicted: Sequence[Gene], reference: Sequence[Gene], seqids: Sequence[str] | None = None) -> dict[str, Any]:
    """Score genes against reference genes, as `evaluate-genes --predicted --reference` does.

    Args:
        predicted, reference: from `read_genes`.
        seqids: sequences to judge on; None = all that the reference has genes on.

    Returns:
        `cds` and `with_utrs`: {level: {precision, recall, f1, …}}; `genes`: missed, novel, split, fused; `per_sequence`;
        `confidence`.

    Raises:
        FormatError: the two share no sequence.
    """
    judged = sequences_to_score(predicted, reference, seqids, ("predicted genes", "reference genes"))
    return judge_against_reference(predicted, reference, judged)


def describe(genes: Sequence[Gene]) -> dict[str, Any]:
    """Return counts, lengths and distributions of a gene set, as in `gene_statistics` of metrics.json."""
    return gene_statistics(cds_models(genes), exon_models(genes))


def run(verb: str, *words: object) -> dict[str, Any]:
    """Run a command in this process, e.g. `run("call-genes", "--genome", path, …)`, and return what `--json` would print.

    Raises:
        HelixtuneError: what the command refused, with its sentence.
    """
    from helixtune.cli import COMMANDS, main

    if verb not in COMMANDS:
        raise ParameterError(f"'{verb}' is no command of helixtune: one of {', '.join(COMMANDS)}.")
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        code = main([verb, *map(str, words), "--json"])
    if code == 2:
        raise ParameterError(f"helixtune {verb} {' '.join(map(str, words))}: wrong usage, see the message above.")
    told = json.loads(output.getvalue())
    if code:
        raise HelixtuneError(told["error"])
    return told
