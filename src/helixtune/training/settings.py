"""The settings of a training run, which check themselves."""

import math
from dataclasses import dataclass, field

from helixtune.errors import ParameterError
from helixtune.training.batches import Weighting
from helixtune.training.metrics import MONITORS

SCHEDULES = ("constant", "cosine")


@dataclass(frozen=True)
class TrainingSettings:
    """How long and how fast to train; names are those of the command's options.

    Attributes:
        learning_rate: of Adam.
        schedule: "constant", or "cosine" from the learning rate down to 0 over all epochs.
        weight_decay: share of every trained weight that is taken off at every step, not multiplied by the learning rate.
        batch_size: rows in a step.
        epochs: passes over the training rows, at most.
        patience: checks in a row without a better score after which training stops.
        check_every_nth_batch: a check is also made in mid-epoch after every so many batches.
        monitor: the score that decides: genic_f1, macro_f1 or loss (of validation).
        pieces: cut every training row into this many equal parts: faster, with less context at the edges.
        seed: decides the order of rows.
        weighting: factors of the training loss.
    """

    learning_rate: float
    schedule: str = "constant"
    weight_decay: float = 3.5e-5
    batch_size: int = 4
    epochs: int = 20
    patience: int = 5
    check_every_nth_batch: int = 1_000_000
    monitor: str = "genic_f1"
    pieces: int = 1
    seed: int = 0
    weighting: Weighting = field(default_factory=Weighting)

    def __post_init__(self):
        for name, least in (("learning_rate", 1e-12), ("weight_decay", 0.0)):
            value = getattr(self, name)
            if not math.isfinite(value) or not least <= value < 1:
                raise ParameterError(
                    f"--{name.replace('_', '-')} {value}: a number above 0 and below 1 is needed (a decay may be 0)."
                )
        for name in ("batch_size", "epochs", "patience", "check_every_nth_batch", "pieces"):
            if getattr(self, name) < 1:
                raise ParameterError(f"--{name.replace('_', '-')} {getattr(self, name)}: it must be at least 1.")
        for name, known in (("monitor", MONITORS), ("schedule", SCHEDULES)):
            if getattr(self, name) not in known:
                raise ParameterError(f"--{name} {getattr(self, name)}: choose from {', '.join(known)}.")

    def rate_at(self, share_done: float) -> float:
        """Return the learning rate after a share (0 to 1) of all epochs."""
        if self.schedule == "constant":
            return self.learning_rate
        return self.learning_rate * (1 + math.cos(math.pi * share_done)) / 2
