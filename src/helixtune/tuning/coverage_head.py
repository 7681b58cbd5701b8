"""A new head that sees RNA-seq coverage beside the frozen trunk's output.

The trunk keeps its last LSTM; upstream loses it when the base model has no dropout before its head.
"""

from helixtune.errors import ParameterError
from helixtune.model.weights import ModelFile
from helixtune.tuning.head_start import with_new_head
from helixtune.tuning.plan import Plan, Wishes

DESCRIPTION = "new head with RNA-seq coverage on the frozen trunk"


def prepare(base: ModelFile, wishes: Wishes) -> Plan:
    """Join coverage and spliced coverage of every BAM file to the trunk's output, and put a new head on both.

    Raises:
        ParameterError: the training data hold no coverage.
    """
    if not wishes.coverage_tracks:
        raise ParameterError(
            "--mode coverage-head: the training data hold no RNA-seq coverage: run add-coverage on them."
        )
    start = with_new_head(base, wishes, coverage_tracks=wishes.coverage_tracks)
    return Plan(start, not wishes.freeze_until, wishes.freeze_until, start_counts=wishes.head_init == "base")
