"""A new final layer (with or without a hidden one) on the frozen trunk of the base model."""

from helixtune.errors import ParameterError
from helixtune.model.network import attach_head, head_dropout_of, trunk_of
from helixtune.model.weights import LoadedModel
from helixtune.tuning.freezing import split_after, split_at_head
from helixtune.tuning.head_start import start_from_old_head
from helixtune.tuning.plan import Plan, Wishes, put_best

DESCRIPTION = "new head on the frozen trunk"


def prepare(base: LoadedModel, wishes: Wishes) -> Plan:
    """Replace the head; everything up to the last LSTM (or `freeze_until`) stays as it is.

    Raises:
        ParameterError: the base model takes coverage, which a new head without coverage would silently ignore.
    """
    if base.coverage_tracks:
        raise ParameterError(
            "--mode new-head: the base model takes RNA-seq coverage; use --mode continue-head or coverage-head with it."
        )
    model = attach_head(
        trunk_of(base.model),
        base.pool_size,
        has_phase=base.has_phase,
        hidden_units=wishes.hidden_units,
        dropout=head_dropout_of(base.model),
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
