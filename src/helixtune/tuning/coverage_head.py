"""A new head that sees RNA-seq coverage beside the frozen trunk's output.

The trunk keeps its last LSTM; upstream loses it when the base model has no dropout before its head.
"""

from helixtune.errors import ParameterError
from helixtune.model.network import attach_head, trunk_of
from helixtune.model.weights import LoadedModel
from helixtune.tuning.freezing import split_after, split_at_head
from helixtune.tuning.head_start import start_from_old_head
from helixtune.tuning.plan import Plan, Wishes, put_best

DESCRIPTION = "new head with RNA-seq coverage on the frozen trunk"


def prepare(base: LoadedModel, wishes: Wishes) -> Plan:
    """Join coverage and spliced coverage of every BAM file to the trunk's output, and put a new head on both.

    Raises:
        ParameterError: the training data hold no coverage.
    """
    if not wishes.coverage_tracks:
        raise ParameterError(
            "--mode coverage-head: the training data hold no RNA-seq coverage: run add-coverage on them."
        )
    model = attach_head(
        trunk_of(base.model),
        base.pool_size,
        has_phase=base.has_phase,
        coverage_tracks=wishes.coverage_tracks,
        hidden_units=wishes.hidden_units,
        seed=wishes.seed,
    )
    from_base = wishes.head_init == "base"
    if from_base:
        start_from_old_head(base.model, model)
    split = split_after(model, wishes.freeze_until) if wishes.freeze_until else split_at_head(model)
    return Plan(model, *split, start_counts=from_base, head_only=not wishes.freeze_until)


def finish(plan: Plan, weights):
    """Return the model with the best head on the untouched trunk."""
    return put_best(plan, weights)
