"""One shard scored: its rows are labelled by the genome's genes and compared with its predictions; only figures are kept."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from helixtune.annotation.label_source import GenomeLetters, LabelSettings, LabelSource
from helixtune.errors import FormatError, InputFileError
from helixtune.files import sha256_of
from helixtune.gene_calling.places import Shard, count_places, cut_shard
from helixtune.gene_calling.sequences import group_sequences
from helixtune.h5checks import checksum_attribute, text_attribute
from helixtune.h5files import CLASS_PROBS, CLASSES, GENE_LENGTHS, HAS_VALID_BASES, IS_ANNOTATED, PHASES, WEIGHTS
from helixtune.log import logger
from helixtune.repeats import read_bed
from helixtune.selection.blocks import PairedFiles
from helixtune.selection.gene_models import GeneModelTable
from helixtune.selection.pairing import pair_rows
from helixtune.selection.row_names import read_prediction_rows, read_register
from helixtune.selection.row_scores import Labelled, write_row_scores
from helixtune.selection.scored_rows import FlagTable, ScoredRows, UsableBases
from helixtune.selection.scores import ScoreTable, scan
from helixtune.selection.shards import RowShards
from helixtune.subsequences import Rows, cut_sequence, seqid_array

SCORED_LABELS = (CLASSES, PHASES, WEIGHTS, HAS_VALID_BASES, IS_ANNOTATED)


@dataclass(frozen=True)
class ScoreSettings:
    """How a shard is scored.

    Attributes:
        labels: how labels are made.
        gene_models: describe gene models, which masks ask for; with repeats they are described in any case.
    """

    labels: LabelSettings
    gene_models: bool = False


@dataclass(frozen=True)
class ScoreFiles:
    """What is read and written.

    Attributes:
        genome: genome file, the whole of it.
        annotation: all genes.
        predictions: probabilities of the shard's rows, compact or full.
        repeats: BED file, or None.
        output: row scores.
    """

    genome: Path
    annotation: Path
    predictions: list[Path]
    repeats: Path | None
    output: Path


def score_shard(files: ScoreFiles, shard: Shard, settings: ScoreSettings, threads: int) -> dict:
    """Score the rows of a shard.

    Args:
        files: inputs and output.
        shard: which part of the genome.
        settings: how.
        threads: for reading and measuring.

    Raises:
        FormatError, ShapeError: the files belong to different genomes, or the predictions to different models, or they lack a row.
    """
    if not files.output.parent.is_dir():
        raise InputFileError(f"Output folder {files.output.parent} does not exist: create it first.")
    with GenomeLetters(files.genome) as genome:
        sequences = group_sequences(genome.rows, str(files.genome))
        rows = training_rows(genome.rows, shard, settings.labels.subsequence_length, str(files.genome))
        wants = _wanted(rows, shard, genome)
        wants_models = settings.gene_models or files.repeats
        datasets = (*SCORED_LABELS, *((GENE_LENGTHS,) if wants_models else ()))
        with (
            LabelSource(
                genome, files.annotation, rows, settings.labels, files.output.parent, wants, datasets
            ) as labels,
            RowShards(files.predictions, (CLASS_PROBS,)) as predictions,
        ):
            _require_of_genome(predictions, genome)
            register = read_register(predictions)
            available = read_prediction_rows(predictions, [files.genome], labels, register, threads)
            widths, names = (labels.width_bp, predictions.width_bp), (labels.name, predictions.name)
            paired = PairedFiles(labels, predictions, pair_rows(rows, available, widths, register, names), threads)
            table, flags, usable = ScoreTable(paired), FlagTable(paired), UsableBases(len(rows))
            models = _model_table(rows, files.repeats, set(genome.lengths)) if wants_models else None
            extra = (*flags.extra, *usable.extra, *((GENE_LENGTHS,) if models else ()))
            scan(paired, [table, flags, usable, *([models] if models else [])], extra)
            scored = ScoredRows(rows, table.scores(), *flags.flags(), models.table() if models else None)
            attributes = {
                "shard": str(shard),
                "places": str(count_places(sequences)),
                "fasta_sha256": genome.fasta_sha256,
                "annotation_sha256": sha256_of(files.annotation),
                "model_sha256": _model_of(predictions),
                "gene_models": f"{models is not None}, repeats {sha256_of(files.repeats) if files.repeats else None}",
            }
            known = {name: value for name, value in attributes.items() if value}
            labelled = Labelled(settings.labels, labels.first_labelled, usable.bp)
            write_row_scores(files.output, scored, labelled, known)
    labelled_bp = int(scored.scores.labelled_bp.sum())
    logger.info("score-shard %s: %d subsequences, %d labelled bases", shard, len(rows), labelled_bp)
    return {"subsequences": len(rows), "labelled_bases": labelled_bp}


def _wanted(rows: Rows, shard: Shard, genome: GenomeLetters) -> Callable[[str], bool]:
    """Return what tells whose genes a shard reads: of its own sequences; the first one tells of those that the genome lacks."""
    own = set(map(bytes.decode, rows.seqids.tolist()))
    if shard.number > 1:
        return own.__contains__
    return lambda seqid: seqid in own or seqid not in genome.lengths


def _require_of_genome(predictions: RowShards, genome: GenomeLetters) -> None:
    """Check that the bases predicted from are the genome's, as far as both say; rows of the same places tell nothing of them."""
    for file in predictions.files:
        predicted_from = checksum_attribute(file, "fasta_sha256")
        if predicted_from and genome.fasta_sha256 and predicted_from != genome.fasta_sha256:
            raise FormatError(
                f"{genome.path} was made from another FASTA file than the genome of {file.filename}: give the genome predicted on."
            )


def _model_of(predictions: RowShards) -> str | None:
    """Return the checksum of the model that predicted; other programs' files have none."""
    found = {text_attribute(file, "model_sha256") for file in predictions.files}
    if len(found) > 1:
        raise FormatError(f"{predictions.name} were predicted by different models: predict all of them with one.")
    return found.pop()


def training_rows(rows: Rows, shard: Shard, subsequence_length_bp: int, name: str) -> Rows:
    """Return the rows of a training file that begin in a shard's rows of a genome file, both strands.

    Args:
        rows: of the genome file.
        shard: which part of it.
        subsequence_length_bp: bases of a training row; genome rows are a multiple as long.
        name: of the genome file, for messages.
    """
    touched, parts = cut_shard(group_sequences(rows, name), shard)
    found, seqids = [np.zeros((0, 2), np.int64)], []
    for part in parts:
        if part.strand == "-":
            continue
        own = rows[part.rows[part.first_row : part.end_row]]
        sequence = touched[part.sequence]
        start_ends = cut_sequence(sequence.length_bp, subsequence_length_bp)
        begins = start_ends.min(axis=1)
        found.append(start_ends[(begins >= own.starts.min()) & (begins < own.ends.max())])
        seqids += [sequence.seqid.encode()] * len(found[-1])
    start_ends = np.concatenate(found)
    return Rows(np.full(len(start_ends), rows.species[0], "S25"), seqid_array(seqids), start_ends)


def _model_table(rows: Rows, repeats: Path | None, seqids: set[str]) -> GeneModelTable:
    known = read_bed(repeats, seqids) if repeats else None
    return GeneModelTable(rows, known)
