"""The selection from end to end: open, join, measure, choose, write."""

from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np

from helixtune.errors import EmptyResultError, ParameterError
from helixtune.files import atomic_output
from helixtune.h5files import BASES, CLASS_PROBS, CLASSES, GENE_LENGTHS, RowWriter
from helixtune.log import logger
from helixtune.repeats import read_bed
from helixtune.selection.blocks import PairedFiles
from helixtune.selection.choice import Candidates, Choice
from helixtune.selection.gene_models import GeneModels, GeneModelTable, MaskRules
from helixtune.selection.genome_bases import GenomeBases
from helixtune.selection.output import (
    TRAINING_FORMAT,
    copy_rows,
    count_places,
    inherited,
    summarise,
    write_scores,
    write_summary,
)
from helixtune.selection.pairing import pair_rows
from helixtune.selection.plot import write_plot
from helixtune.selection.row_names import IDENTITY, read_prediction_rows, read_register
from helixtune.selection.row_scores import read_row_scores
from helixtune.selection.scored_parts import ScoredParts
from helixtune.selection.scored_rows import FlagTable, ScoredRows
from helixtune.selection.scores import MOSTLY_HIDDEN, NOT_ASKED_FOR, ScoreTable, eligibility, scan
from helixtune.selection.settings import SelectionSettings
from helixtune.selection.shards import RowShards
from helixtune.selection.stratified import select_stratified
from helixtune.selection.upstream import select_upstream, upstream_candidates, upstream_sums
from helixtune.subsequences import Rows

# A split into training and validation needs one place for each.
MIN_PLACES = 2


@dataclass(frozen=True)
class SelectionFiles:
    """What is read and written; None = not wanted.

    Attributes:
        training: labelled rows; several files follow one another. Or none, with `row_scores`.
        predictions: raw probabilities. Or none, with `row_scores`.
        genomes: files that name the rows of predictions that do not, and hold the bases of labels that do not.
        repeats: BED file.
        register: of the predictions, "auto" = as the files say.
        filtered: the rows kept; None on a dry run.
        scores: a line about every row.
        summary: counts.
        plot: figure.
        row_scores: of all shards (score-shard), in place of labels and predictions.
        annotation: the genes that they were scored by, for the labels of the rows kept.
    """

    training: list[Path]
    predictions: list[Path]
    genomes: list[Path]
    repeats: Path | None
    register: str
    filtered: Path | None
    scores: Path | None
    summary: Path | None
    plot: Path | None = None
    row_scores: list[Path] = field(default_factory=list)
    annotation: Path | None = None

    @property
    def source(self) -> str:
        """What the rows come from, for messages."""
        return ", ".join(map(str, self.training or self.row_scores))


@dataclass(frozen=True)
class Selection:
    """A choice and everything it was made from."""

    candidates: Candidates
    choice: Choice
    models: GeneModels | None


def choose(
    training: RowShards, predictions: RowShards, files: SelectionFiles, settings: SelectionSettings, threads: int
) -> Selection:
    """Measure all rows and choose."""
    if settings.method == "upstream":
        sums = upstream_sums(training, predictions, threads)
        return Selection(upstream_candidates(training.read_identity(), *sums), select_upstream(*sums, settings), None)
    register = read_register(predictions, files.register)
    rows = training.read_identity()
    available = read_prediction_rows(predictions, files.genomes, training, register, threads)
    widths, names = (training.width_bp, predictions.width_bp), (training.name, predictions.name)
    paired = PairedFiles(training, predictions, pair_rows(rows, available, widths, register, names), threads)
    return _choose_paired(paired, rows, files, settings)


def choose_scored(scored: ScoredRows, files: SelectionFiles, settings: SelectionSettings) -> Selection:
    """Choose from rows that have been measured shard by shard; as `choose` does from their labels and predictions.

    Raises:
        ParameterError: the settings ask for what was not measured.
    """
    if settings.method != "stratified":
        raise ParameterError(
            "--row-scores: upstream's method pairs rows by position: give --h5-to-filter and --predictions."
        )
    if files.repeats:
        raise ParameterError("--repeats: with --row-scores they are given to score-shard.")
    if settings.min_gene_confidence is not None and scored.models is None:
        raise ParameterError("--min-gene-confidence: the row scores hold no gene models: make them with --gene-models.")
    models = None if scored.models is None else _masked(scored.models, settings)
    candidates = _candidates(scored, models)
    _bar_other_sequences(candidates, settings.seqids, files.source)
    return Selection(candidates, select_stratified(candidates, settings), models)


def _choose_paired(paired: PairedFiles, rows: Rows, files: SelectionFiles, settings: SelectionSettings) -> Selection:
    training = paired.training
    table, flags = ScoreTable(paired), FlagTable(paired)
    visitors, extra = [table, flags], [*flags.extra]
    models_table = None
    if files.repeats is not None or settings.min_gene_confidence is not None:
        repeats = read_bed(files.repeats, {name.decode() for name in np.unique(rows.seqids)}) if files.repeats else None
        models_table = GeneModelTable(rows, repeats)
        visitors.append(models_table)
        extra += [name for name in (GENE_LENGTHS,) if training.has(name)]
    scan(paired, visitors, tuple(extra))
    models = _masked(models_table.table(), settings) if models_table else None
    candidates = _candidates(ScoredRows(rows, table.scores(), *flags.flags(), None), models)
    _bar_other_sequences(candidates, settings.seqids, training.name)
    return Selection(candidates, select_stratified(candidates, settings), models)


def _masked(table: np.ndarray, settings: SelectionSettings) -> GeneModels:
    return GeneModels(table, MaskRules(settings.min_gene_confidence).apply(table))


def _candidates(scored: ScoredRows, models: GeneModels | None) -> Candidates:
    barred = eligibility(scored.scores, scored.is_annotated, scored.is_usable)
    if models is None:
        return Candidates(scored.rows, scored.scores, barred)
    hidden = models.hidden_bp(len(scored.rows))
    barred[(barred == 0) & (2 * hidden > scored.scores.labelled_bp)] = MOSTLY_HIDDEN
    return Candidates(scored.rows, models.take_out(scored.scores), barred)


def _bar_other_sequences(candidates: Candidates, seqids: tuple[str, ...], name: str) -> None:
    if not seqids:
        return
    wanted = np.array([seqid.encode() for seqid in seqids], candidates.rows.seqids.dtype)
    absent = sorted(set(wanted.tolist()) - set(candidates.rows.seqids.tolist()))
    if absent:
        raise ParameterError(f"--seqid {absent[0].decode()}: {name} has no such sequence; check the spelling.")
    candidates.barred[(candidates.barred == 0) & ~np.isin(candidates.rows.seqids, wanted)] = NOT_ASKED_FOR


def select_confident(
    files: SelectionFiles, settings: SelectionSettings, on_empty: str, write_by: int, threads: int
) -> dict:
    """Choose the rows to tune on and write them; returns the summary.

    Args:
        files: inputs and outputs.
        settings: how to choose.
        on_empty: "fail" = an error, "skip" = everything but `filtered` is written, "write" = an empty file too (upstream).
        write_by: bases of one written block, at most.
        threads: for reading and measuring.

    Raises:
        EmptyResultError: fewer than two places are left, and `on_empty` is "fail".
    """
    with ExitStack() as stack:
        training, selection, settings = _select(stack, files, settings, on_empty, threads)
        choice = selection.choice
        enough = count_places(selection.candidates.rows[choice.kept]) >= MIN_PLACES
        if not enough:
            _handle_empty(selection, files, on_empty)
        summary = summarise(selection.candidates, choice, asdict(settings), selection.models)
        for warning in choice.warnings:
            logger.warning("%s", warning)
        if files.scores:
            write_scores(stack.enter_context(atomic_output(files.scores)), selection.candidates, choice)
        if files.summary:
            write_summary(stack.enter_context(atomic_output(files.summary)), summary)
        if files.plot:
            suffix = files.plot.suffix.lower()
            write_plot(stack.enter_context(atomic_output(files.plot)), suffix, selection.candidates, choice)
        if files.filtered and (enough or on_empty == "write"):
            _write_kept(training, selection, files, settings, (write_by, threads))
    return summary


def _select(
    stack: ExitStack, files: SelectionFiles, settings: SelectionSettings, on_empty: str, threads: int
) -> tuple[RowShards | ScoredParts, Selection, SelectionSettings]:
    """Open what was given and choose; returns what the labels of the kept rows are to be had from, too."""
    if files.row_scores:
        parts = ScoredParts(*read_row_scores(files.row_scores))
        parts.tell()
        return parts, choose_scored(parts.scored, files, settings), settings
    training = stack.enter_context(RowShards(files.training, (CLASSES, *IDENTITY)))
    predictions = stack.enter_context(RowShards(files.predictions, (CLASS_PROBS,)))
    if settings.method == "upstream" and on_empty == "skip" and training.n_rows * settings.keep_fraction < 1:
        # Upstream stops here with an assertion; the default method says what there is, and keeps too little as well.
        settings = replace(settings, method="stratified")
    return training, choose(training, predictions, files, settings, threads), settings


def _write_kept(
    source: RowShards | ScoredParts,
    selection: Selection,
    files: SelectionFiles,
    settings: SelectionSettings,
    limits: tuple[int, int],
) -> None:
    """Write the rows kept; labels that were never stored are made for them alone. `limits`: bases of a block, threads."""
    (write_by, threads), rows = limits, selection.candidates.rows
    kept = np.flatnonzero(selection.choice.kept)
    with ExitStack() as stack:
        if isinstance(source, RowShards):
            training, (file_format, attributes) = source, inherited(source)
        else:
            training = stack.enter_context(source.labels(files.genomes, files.annotation, kept, files.filtered.parent))
            file_format, attributes = TRAINING_FORMAT, source.checksums
        bases = None
        if not training.has(BASES):
            bases = stack.enter_context(GenomeBases(files.genomes, rows, training.width_bp, training.name))
        writer = stack.enter_context(RowWriter(files.filtered, file_format, asdict(settings), attributes, threads))
        copy_rows(training, kept, writer, write_by, selection.models, bases)


def _handle_empty(selection: Selection, files: SelectionFiles, on_empty: str) -> None:
    n = int(selection.choice.kept.sum())
    eligible = len(selection.candidates.eligible)
    why = (
        f"{n} of {len(selection.candidates.rows)} subsequences kept, {eligible} eligible: fewer than {MIN_PLACES} places to learn"
        " from; raise --keep-fraction, or check that genes were called on annotated sequences."
    )
    if on_empty == "fail":
        raise EmptyResultError(f"{files.source}: {why}")
    selection.choice.warnings.append(f"Nothing to tune on: {why}")
