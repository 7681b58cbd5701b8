"""Predictions of a genome, or of a shard of it, written as they come: full, compact or both."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from helixtune.h5checks import COMPACT_PREDICTIONS
from helixtune.h5files import CLASS_PROBS, DEFLATE_FAST, DEFLATE_RUNS, PHASE_PROBS, RowWriter, identity_of
from helixtune.log import logger
from helixtune.prediction import compact
from helixtune.prediction.layout import Stretch
from helixtune.prediction.predict import predict_rows
from helixtune.progress import Progress

FULL_FORMAT = "helixtune predictions"


@dataclass(frozen=True)
class PredictionFiles:
    """What is written; None = not wanted."""

    full: Path | None
    compact: Path | None = None

    def __str__(self) -> str:
        return " and ".join(str(path) for path in (self.full, self.compact) if path)


def write_predictions(
    setup, files: PredictionFiles, threads: int | None, stretches: list[Stretch] | None = None
) -> dict:
    """Predict and write; returns what there is to tell of it.

    Args:
        setup: genome, engine and how to predict (`commands.predict_classes.PredictionSetup`).
        files: outputs.
        threads: for packing what is written; None = all CPUs of this process.
        stretches: what to predict, as `predict_rows` takes it; None = all rows.
    """
    source = setup.source
    lengths = source.rows.valid_lengths
    with ExitStack() as outputs:
        writers = [(outputs.enter_context(writer), pack) for writer, pack in _writers(setup, files, threads)]
        progress = outputs.enter_context(Progress(_bases(source, stretches), "bases", "predict-classes"))
        for rows, probs in _blocks(setup, stretches):
            for writer, pack in writers:
                heads = {name: pack(probs[:, head], name) for head, name in enumerate(_heads(setup))}
                writer.append({**identity_of(source.rows[rows]), **heads})
            progress.advance(int(lengths[rows].sum()))
    n_rows = writers[0][0].n_rows
    logger.info("predict-classes: %d subsequences of %d bases in %s", n_rows, source.length, files)
    return {"subsequences": n_rows, "bases_of_both_strands": progress.done, "engine": setup.engine.description}


def _heads(setup) -> tuple[str, ...]:
    return (CLASS_PROBS, PHASE_PROBS) if setup.graph.has_phase else (CLASS_PROBS,)


def _writers(setup, files: PredictionFiles, threads: int | None) -> Iterator[tuple]:
    """Yield a writer and what it makes of (b, L, 4) probabilities, of each file that is wanted."""
    for path, file_format, pack, more, deflate in (
        (files.full, FULL_FORMAT, lambda probs, _name: probs, {}, DEFLATE_FAST),
        (files.compact, COMPACT_PREDICTIONS, compact.store_rows, {"coding": compact.CODING}, DEFLATE_RUNS),
    ):
        if path:
            facts = setup.settings_record, {**setup.attributes, **more}
            yield RowWriter(path, file_format, *facts, threads, deflate), pack


def _blocks(setup, stretches: list[Stretch] | None) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield rows and their probabilities; at last no rows, so that a file of none has datasets too."""
    source = setup.source
    yield from predict_rows(setup.engine, setup.graph, source, setup.settings, stretches)
    yield np.zeros(0, np.int64), np.zeros((0, len(_heads(setup)), source.length, 4), np.float16)


def _bases(source, stretches: list[Stretch] | None) -> int:
    lengths = source.rows.valid_lengths
    if stretches is None:
        return int(lengths.sum())
    runs = source.runs()
    spans = [(runs[one.run].first_row, one) for one in stretches]
    return sum(int(lengths[origin + one.first_row : origin + one.end_row].sum()) for origin, one in spans)
