"""How long and how fast a mode trains where the user does not say: by what is trained and by how many bases there are."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Length:
    """What the user said of the length of training; None = by mode and data.

    Attributes:
        learning_rate: of Adam.
        epochs: passes over the training rows.
        batch_size: rows in a step.
    """

    learning_rate: float | None = None
    epochs: int | None = None
    batch_size: int | None = None


@dataclass(frozen=True)
class UsualLength:
    """What a kind of training takes (docs/adr/006-tuning-on-signals.md).

    Attributes:
        learning_rate: of Adam.
        step_bp: bases in a step.
        total_bp: bases to be seen in all; small sets are gone through more often, within `epochs`.
        epochs: fewest and most passes.
    """

    learning_rate: float
    step_bp: int
    total_bp: float
    epochs: tuple[int, int]

    def of_rows(self, n_rows: int, row_bp: int, wished: Length) -> tuple[float, int, int]:
        """Return learning rate, epochs and rows in a step for so many rows of so many bases; wishes come first."""
        least, most = self.epochs
        needed = math.ceil(self.total_bp / (n_rows * row_bp))
        usual = (self.learning_rate, min(max(needed, least), most), max(1, round(self.step_bp / row_bp)))
        wishes = (wished.learning_rate, wished.epochs, wished.batch_size)
        return tuple(one if wish is None else wish for one, wish in zip(usual, wishes, strict=True))


# A head has few weights and hears the frozen trunk's opinion alone: it learns in two passes what it can.
OF_HEAD = UsualLength(learning_rate=0.005, step_bp=28_512, total_bp=0, epochs=(2, 2))
OF_NETWORK = UsualLength(learning_rate=2e-3, step_bp=57_024, total_bp=60e6, epochs=(4, 20))
