"""A new final layer (with or without a hidden one) on the frozen trunk of the base model."""

from helixtune.errors import ParameterError
from helixtune.model.weights import ModelFile
from helixtune.tuning.head_start import with_new_head
from helixtune.tuning.plan import Plan, Wishes

DESCRIPTION = "new head on the frozen trunk"


def prepare(base: ModelFile, wishes: Wishes) -> Plan:
    """Replace the head; everything up to the last LSTM (or `freeze_until`) stays as it is.

    Raises:
        ParameterError: the base model takes coverage, which a new head without coverage would silently ignore.
    """
    if base.graph.coverage_tracks:
        raise ParameterError(
            "--mode new-head: the base model takes RNA-seq coverage; use --mode continue-head or coverage-head with it."
        )
    start = with_new_head(base, wishes)
    return Plan(start, not wishes.freeze_until, wishes.freeze_until, start_counts=wishes.head_init == "base")
