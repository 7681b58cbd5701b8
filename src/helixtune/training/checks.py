"""Looking at validation rows while training: losses, F1 scores, and the line of the training log made from them."""

import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from helixtune.training.batches import UNWEIGHTED, Targets, Weighting, batches_in_order, cut_batch
from helixtune.training.metrics import class_scores, confusion_matrix, genic_scores, macro_f1
from helixtune.training.optimisation import TrainableNetwork

# More batches than an epoch has: epoch first, then batch, says which of two checks came later.
CHECKS_APART = 1_000_000_000


class RowSource(Protocol):
    """Rows that can be trained on: `batches.LabelledRows` and `embeddings.FeatureRows`."""

    def __len__(self) -> int: ...

    def batch(self, numbers: np.ndarray, weighting: Weighting) -> tuple[list[np.ndarray], Targets]:
        """Return the network's inputs and targets of some rows."""
        ...


@dataclass(frozen=True)
class Check:
    """One look at the validation rows; a line of the training log.

    `epoch` and `batch` count finished ones (0, 0 = before training), `train_loss` is the mean since the last check and
    `best` tells whether the score was the best so far.
    """

    stage: str
    epoch: int
    batch: int
    learning_rate: float
    train_loss: float
    validation_loss: float
    genic_f1: float
    sub_genic_f1: float
    utr_f1: float
    cds_f1: float
    intron_f1: float
    macro_f1: float
    phase_macro_f1: float
    seconds: float
    best: bool

    def score(self, monitor: str) -> float:
        """Return the monitored figure, larger = better; what is not finite is worst."""
        if monitor == "last":
            value = float(self.epoch + self.batch / CHECKS_APART)
        else:
            value = -self.validation_loss if monitor == "loss" else getattr(self, monitor)
        return value if math.isfinite(value) and math.isfinite(self.validation_loss) else -math.inf


def loaded(source: RowSource, todo: list[np.ndarray], weighting: Weighting, pieces: int = 1) -> Iterator:
    """Yield `(inputs, targets)` of batches of row numbers; the next one is read while the last one is computed on."""

    def load(numbers):
        return cut_batch(*source.batch(numbers, weighting), pieces)

    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(load, todo[0]) if todo else None
        for following in [*todo[1:], None] if todo else []:
            batch = coming.result()
            coming = pool.submit(load, following) if following is not None else None
            yield batch


def evaluate(network: TrainableNetwork, validation: RowSource, batch_size: int) -> dict[str, float]:
    """Return the validation figures of a `Check`: the loss (unweighted but for masks) and the F1 scores."""
    loss, rows = 0.0, 0
    matrix, phase_matrix = np.zeros((4, 4), np.int64), np.zeros((4, 4), np.int64)
    for inputs, targets in loaded(validation, batches_in_order(len(validation), batch_size), UNWEIGHTED):
        found = network.evaluate(inputs, targets)
        loss, rows = loss + found.losses["loss"] * len(targets.weights), rows + len(targets.weights)
        matrix += confusion_matrix(targets.classes, found.classes, targets.is_valid)
        if found.phases is not None:
            phase_matrix += confusion_matrix(targets.phases, found.phases, targets.is_valid)
    by_class, groups = class_scores(matrix), genic_scores(matrix)
    return {
        "validation_loss": loss / rows,
        "genic_f1": groups["genic"]["f1"],
        "sub_genic_f1": groups["sub_genic"]["f1"],
        "utr_f1": by_class["utr"]["f1"],
        "cds_f1": by_class["cds"]["f1"],
        "intron_f1": by_class["intron"]["f1"],
        "macro_f1": macro_f1(matrix),
        "phase_macro_f1": macro_f1(phase_matrix),
    }
