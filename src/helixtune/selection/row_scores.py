"""Files of row scores: what a choice needs to know about the rows of one shard, some 150 bytes a row.

The parts of all shards, joined, are in the order of a training file: longest sequence first (`label_encoding`), so that a
choice from them is the choice from a whole genome's labels and predictions.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

import h5py
import numpy as np

from helixtune.annotation.label_encoding import sequence_order
from helixtune.annotation.label_source import LabelSettings
from helixtune.h5checks import readable, text_attribute
from helixtune.h5files import HAS_VALID_BASES, IS_ANNOTATED, RowWriter, identity_of, read_rows
from helixtune.selection.gene_models import ROW, START
from helixtune.selection.row_score_files import (
    CLASS_SUMS,
    FORMAT,
    LABELLED_LINES,
    LABELLED_SEQIDS,
    MODELS,
    PHASE_SUMS,
    USABLE,
    label_settings_of,
    open_parts,
)
from helixtune.selection.scored_rows import ScoredRows
from helixtune.selection.scores import COUNTS, RowScores
from helixtune.selection.shards import joined_rows
from helixtune.subsequences import Rows, seqid_array


@dataclass(frozen=True)
class Labelled:
    """How a shard's rows were labelled.

    Attributes:
        settings: by what rules.
        first_labelled: of each sequence of the shard with a gene that makes labels, the line of the first one.
        usable_bp: (n,) bases of each row that have a weight.
    """

    settings: LabelSettings
    first_labelled: dict[str, int]
    usable_bp: np.ndarray


def write_row_scores(path: Path, scored: ScoredRows, labelled: Labelled, attributes: dict) -> None:
    """Write the scores of one shard.

    Args:
        path: file to write.
        scored: the rows.
        labelled: how they were labelled.
        attributes: `shard`, and those of `row_score_files.COMMON`.
    """
    with RowWriter(path, FORMAT, asdict(labelled.settings), attributes) as writer:
        sums = {CLASS_SUMS: np.concatenate([scored.scores.class_sums, scored.scores.class_counts], axis=1)}
        if scored.scores.phase_sums is not None:
            sums[PHASE_SUMS] = scored.scores.phase_sums
        sums[USABLE] = labelled.usable_bp
        flags = {IS_ANNOTATED: scored.is_annotated, HAS_VALID_BASES: scored.is_usable}
        writer.append({**identity_of(scored.rows), **sums, **flags})
        if scored.models is not None:
            writer.write_whole(MODELS, scored.models)
        first_labelled = labelled.first_labelled
        writer.write_whole(LABELLED_SEQIDS, seqid_array(seqid.encode() for seqid in first_labelled))
        writer.write_whole(LABELLED_LINES, np.array(list(first_labelled.values()), np.int64))


def read_row_scores(paths: Sequence[Path]) -> tuple[ScoredRows, LabelSettings, dict[str, str], int]:
    """Read and join the parts of all shards.

    Returns:
        The rows in the order of a training file; how their labels were made; the checksums that the parts carry; how many
        bases have a weight.

    Raises:
        FormatError: what `open_parts` raises.
    """
    with ExitStack() as stack:
        files = open_parts(stack, paths)
        settings = label_settings_of(files[0])
        found = {name: text_attribute(files[0], name) for name in ("fasta_sha256", "annotation_sha256")}
        checksums = {name: value for name, value in found.items() if value}
        with readable(", ".join(map(str, paths))):
            usable_bp = sum(int(file[USABLE][:].sum()) for file in files)
            return _in_training_order(*_joined(files)), settings, checksums, usable_bp


def _joined(files: list[h5py.File]) -> tuple[ScoredRows, dict[str, int]]:
    parts = [read_rows(file) for file in files]
    first_rows = np.cumsum([0, *map(len, parts[:-1])])

    def column(name: str) -> np.ndarray:
        return np.concatenate([file[name][:] for file in files])

    classes = column(CLASS_SUMS).astype(np.int64)
    phases = column(PHASE_SUMS).astype(np.int64) if PHASE_SUMS in files[0] else None
    models = None
    if MODELS in files[0]:
        models = column(MODELS).astype(np.int64)
        models[:, ROW] += np.repeat(first_rows, [len(file[MODELS]) for file in files])
    scores = RowScores(classes[:, COUNTS], classes[:, :3], phases)
    flags = (column(name).astype(bool) for name in (IS_ANNOTATED, HAS_VALID_BASES))
    lines: dict[str, int] = {}
    for seqid, line in zip(column(LABELLED_SEQIDS).tolist(), column(LABELLED_LINES).tolist(), strict=True):
        lines[seqid.decode()] = line
    return ScoredRows(joined_rows(parts), scores, *flags, models), lines


def _in_training_order(scored: ScoredRows, first_labelled: dict[str, int]) -> ScoredRows:
    order = _training_order(scored.rows, first_labelled)
    scores, models = scored.scores, scored.models
    if models is not None:
        place = np.empty(len(order), np.int64)
        place[order] = np.arange(len(order))
        models[:, ROW] = place[models[:, ROW]]
        models = models[np.lexsort((models[:, START], models[:, ROW]))]
    phase_sums = None if scores.phase_sums is None else scores.phase_sums[order]
    return ScoredRows(
        scored.rows[order],
        RowScores(scores.class_counts[order], scores.class_sums[order], phase_sums),
        scored.is_annotated[order],
        scored.is_usable[order],
        models,
    )


def _training_order(rows: Rows, first_labelled: dict[str, int]) -> np.ndarray:
    """Return row numbers: sequences as encode-labels orders them, of each the plus rows, then the minus rows, 5'->3'."""
    names, first_seen, member = np.unique(rows.seqids, return_index=True, return_inverse=True)
    ends = np.zeros(len(names), np.int64)
    np.maximum.at(ends, member, rows.ends)
    in_genome_order = np.argsort(first_seen).tolist()
    lengths = {names[i].decode(): int(ends[i]) for i in in_genome_order}
    rank = {seqid: number for number, seqid in enumerate(sequence_order(lengths, first_labelled))}
    ranks = np.array([rank[name.decode()] for name in names.tolist()], np.int64)[member]
    minus = rows.strands == "-"
    return np.lexsort((np.where(minus, -rows.starts, rows.starts), minus, ranks))
