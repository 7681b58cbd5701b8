"""What a finished training leaves behind: the model file, the training log and the model card."""

import json
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from helixtune.errors import EmptyResultError, ParameterError
from helixtune.files import atomic_output, sha256_of
from helixtune.log import logger
from helixtune.model.card import CardFacts, DataFile, model_card
from helixtune.model.graph import NetworkGraph
from helixtune.model.weights import write_arrays
from helixtune.training.checks import Check
from helixtune.training.labelled_rows import LabelledRows
from helixtune.training.loop import Outcome
from helixtune.training.training_log import write_training_log


@dataclass(frozen=True)
class OutputPaths:
    """Where results go."""

    model: Path
    log: Path
    card: Path


def data_files(role: str, rows: LabelledRows) -> list[DataFile]:
    """Describe the files behind rows."""
    return [
        DataFile(role, Path(path).name, sha256_of(path), n_rows, settings)
        for path, n_rows, settings in rows.describe_files()
    ]


def warnings_of(outcome: Outcome, start_weights: list[np.ndarray], monitor: str, *, start_counts: bool) -> list[str]:
    """Say loudly what is wrong with an outcome; the sentences also go into the model card.

    Raises:
        ParameterError: training diverged before it had gained anything.
        EmptyResultError: training changed no weight at all.
    """
    if outcome.diverged and not outcome.improved:
        raise ParameterError(
            "Training diverged (the loss is not a finite number) before anything was learned: choose a lower --learning-rate."
        )
    notes = []
    if outcome.diverged:
        notes.append("Training diverged; the best weights before that were kept: a lower --learning-rate is safer.")
    if not outcome.improved and start_counts:
        figure = outcome.best.score(monitor)
        notes.append(
            f"Nothing beat the starting point ({monitor} {abs(figure):.4f}): the model is the one that training started from."
        )
    elif all(np.array_equal(old, new) for old, new in zip(start_weights, outcome.best_weights, strict=True)):
        raise EmptyResultError(
            "Training changed no weight at all: the learning rate is too small, or nothing was trained."
        )
    if all(check.genic_f1 == 0 for check in outcome.checks):
        notes.append(
            "No genic base of the validation rows was ever predicted right: the scores say nothing about genes."
        )
    for note in notes:
        logger.warning(note)
    return notes


def write_outputs(
    network: tuple[NetworkGraph, dict], paths: OutputPaths, checks: list[Check], facts: CardFacts, attributes: dict
) -> None:
    """Write log, card and model (graph and weights); the model comes last, so that where it is, all is."""
    write_training_log(paths.log, checks)
    with atomic_output(paths.card) as partial:
        partial.write_text(model_card(facts))
    write_arrays(*network, paths.model, attributes)
    logger.info("wrote %s (%s %.4f on validation rows)", paths.model, "genic F1", facts.best.genic_f1)


def model_attributes(task: str, settings: dict, data: list[DataFile], best: Check) -> dict:
    """Return what a model file says about its making, without paths or times: same run, same bytes."""
    figures = {name: value for name, value in vars(best).items() if isinstance(value, float) and math.isfinite(value)}
    figures.pop("seconds")  # the same run must give the same bytes
    return {
        "task": task,
        "settings": json.dumps(settings, sort_keys=True),
        "data_sha256": [f"{file.role} {file.sha256}" for file in data],
        "validation_figures": json.dumps({name: round(value, 6) for name, value in sorted(figures.items())}),
    }
