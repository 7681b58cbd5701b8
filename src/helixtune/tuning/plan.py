"""What a way of tuning is told, and what it answers."""

from dataclasses import dataclass

from helixtune.errors import ParameterError
from helixtune.model.graph import Dropout
from helixtune.model.weights import ModelFile

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
    """A network made ready for tuning, and which part of it is trained.

    Attributes:
        start: graph and weights that training starts from; otherwise the base model's file.
        head_only: everything below the head is frozen, so an epoch costs next to nothing.
        freeze_until: name of the last frozen layer; with None and no `head_only` everything is trained.
        start_counts: the first weights already do the job, so tuning has to beat them.
    """

    start: ModelFile
    head_only: bool
    freeze_until: str | None
    start_counts: bool

    @property
    def head_has_dropout(self) -> bool:
        """Whether values are dropped before the head while it is trained."""
        last = self.start.graph.trunk[-1]
        return isinstance(last, Dropout) and last.rate > 0
