"""What a way of tuning is told, and what it answers."""

from dataclasses import dataclass

import numpy as np

from helixtune.errors import ParameterError

HEAD_INITS = ("base", "random")


@dataclass(frozen=True)
class Wishes:
    """The user's choices about the network.

    Attributes:
        hidden_units: size of a linear layer before the output layer of a new head; 0 = none.
        freeze_until: name of the last frozen layer; None = the mode's own.
        head_init: a new head starts from the old one ("base") or from random weights ("random").
        coverage_tracks: BAM files in the training data, for a head that takes coverage.
        seed: of random weights.
    """

    hidden_units: int = 0
    freeze_until: str | None = None
    head_init: str = "base"
    coverage_tracks: int = 0
    seed: int = 0

    def __post_init__(self):
        if self.hidden_units < 0:
            raise ParameterError(f"--hidden-units {self.hidden_units}: it must be at least 0 (0 = no hidden layer).")
        if self.head_init not in HEAD_INITS:
            raise ParameterError(f"--head-init {self.head_init}: choose from {', '.join(HEAD_INITS)}.")


@dataclass(frozen=True)
class Plan:
    """A network made ready for tuning.

    Attributes:
        model: keras.Model that will be saved; shares its layers with the two below.
        frozen: keras.Model, bases -> features, never changed; None when everything is trained.
        trained: keras.Model that is trained: from features (and coverage) or, without a frozen part, from bases.
        start_counts: its first weights already do the job, so tuning has to beat them.
        head_only: the trained part is a head, so an epoch costs next to nothing.
    """

    model: object
    frozen: object | None
    trained: object
    start_counts: bool
    head_only: bool


def put_best(plan: Plan, weights: list[np.ndarray]):
    """Give the trained part its best weights and return the whole model."""
    plan.trained.set_weights(weights)
    return plan.model
