"""Train the head that a model has, with or without a hidden layer or coverage, on its frozen trunk."""

from helixtune.errors import ParameterError
from helixtune.model.weights import LoadedModel
from helixtune.tuning.freezing import split_after, split_at_head
from helixtune.tuning.plan import Plan, Wishes, put_best

DESCRIPTION = "the model's own head trained further on its frozen trunk"


def prepare(base: LoadedModel, wishes: Wishes) -> Plan:
    """Freeze everything below the head; nothing is replaced.

    Raises:
        ParameterError: a hidden layer was asked for, which would be a new head.
    """
    if wishes.hidden_units:
        raise ParameterError("--hidden-units: --mode continue-head keeps the head as it is; use --mode new-head.")
    model = base.model
    split = split_after(model, wishes.freeze_until) if wishes.freeze_until else split_at_head(model)
    return Plan(model, *split, start_counts=True, head_only=not wishes.freeze_until)


def finish(plan: Plan, weights):
    """Return the model with the best head on the untouched trunk."""
    return put_best(plan, weights)
