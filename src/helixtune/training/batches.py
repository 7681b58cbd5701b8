"""Batches: targets and loss weights made from labels, cutting, shuffling. Arrays only, no files."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from helixtune.errors import ParameterError

# Marks a base without any label (padding): it is no class, so its cross-entropy is zero whatever is predicted.
NO_CLASS = 255
N_CLASSES = 4
N_TRANSITIONS = 6


@dataclass(frozen=True)
class Weighting:
    """How much the loss of a time step counts, beyond 1 for valid and 0 for masked.

    Attributes:
        class_weights: for intergenic, UTR, CDS, intron; those that occur in a step add up. None = all 1.
        transition_weights: for TSS, start codon, donor, TTS, stop codon, acceptor; those in a step add up, none = 1.
    """

    class_weights: tuple[float, ...] | None = None
    transition_weights: tuple[float, ...] | None = None

    def __post_init__(self):
        for name, weights, count in (
            ("--class-weights", self.class_weights, N_CLASSES),
            ("--transition-weights", self.transition_weights, N_TRANSITIONS),
        ):
            if weights is None:
                continue
            if len(weights) != count or not all(np.isfinite(weights)) or min(weights) < 0:
                raise ParameterError(f"{name} {list(weights)}: {count} numbers of at least 0 are needed.")


UNWEIGHTED = Weighting()


@dataclass(frozen=True)
class Targets:
    """What a batch should have been predicted as.

    Attributes:
        classes: (b, T, P) uint8 class numbers, 255 where a base has none.
        phases: (b, T, P) uint8 phase classes, 255 where a base has none.
        weights: (b, T) float32 factor of the loss.
        is_valid: (b, T) bool, False where any base of the step is masked or padding.
    """

    classes: np.ndarray
    phases: np.ndarray
    weights: np.ndarray
    is_valid: np.ndarray


def class_numbers(one_hot: np.ndarray) -> np.ndarray:
    """Turn (..., 4) one-hot labels into uint8 class numbers; all-zero bases become 255."""
    return np.where(one_hot.any(axis=-1), one_hot.argmax(axis=-1), NO_CLASS).astype(np.uint8)


def class_factors(one_hot: np.ndarray, class_weights: Sequence[float]) -> np.ndarray:
    """Return (b, T) float32: the weights of the classes that occur in a step, added up.

    Args:
        one_hot: (b, T, P, 4).
        class_weights: for intergenic, UTR, CDS, intron.
    """
    return (one_hot != 0).any(axis=2) @ np.asarray(class_weights, np.float32)


def transition_factors(transitions: np.ndarray, transition_weights: Sequence[float]) -> np.ndarray:
    """Return (b, T) float32: the weights of the transitions in a step, added up; 1 where there is none.

    Args:
        transitions: (b, T, P, 6), non-zero at TSS, start codon, donor, TTS, stop codon, acceptor.
        transition_weights: in that order.
    """
    factors = transitions.max(axis=2).astype(np.float32) @ np.asarray(transition_weights, np.float32)
    factors[factors == 0] = 1
    return factors


def cut_batch(inputs: list[np.ndarray], targets: Targets, pieces: int) -> tuple[list[np.ndarray], Targets]:
    """Cut every row of a batch into equal pieces that become rows of their own: (b, T, ...) -> (b * pieces, T / pieces, ...).

    An LSTM walks step by step, so many short rows are computed faster than few long ones.
    """
    if pieces == 1:
        return inputs, targets
    n_steps = targets.weights.shape[1]
    if n_steps % pieces:
        raise ParameterError(f"--pieces {pieces}: rows of {n_steps} time steps cannot be cut into equal parts.")

    def cut(array):
        return array.reshape(len(array) * pieces, array.shape[1] // pieces, *array.shape[2:])

    return [cut(array) for array in inputs], Targets(*(cut(array) for array in vars(targets).values()))


def shuffled_batches(n_rows: int, batch_size: int, seed: int, epoch: int) -> list[np.ndarray]:
    """Return the row numbers of every batch of one epoch; the last batch may be smaller.

    The order depends on seed and epoch alone, so that an interrupted run goes on exactly where it was.
    """
    order = np.random.default_rng([seed, epoch]).permutation(n_rows)
    return [order[start : start + batch_size] for start in range(0, n_rows, batch_size)]


def batches_in_order(n_rows: int, batch_size: int) -> list[np.ndarray]:
    """Return the row numbers of every batch, unshuffled."""
    return [np.arange(start, min(start + batch_size, n_rows)) for start in range(0, n_rows, batch_size)]
