"""Train every layer further, or every layer behind a chosen one; normalisation learns new statistics."""

from helixtune.errors import ParameterError
from helixtune.model.weights import LoadedModel
from helixtune.tuning.freezing import split_after
from helixtune.tuning.plan import Plan, Wishes, put_best

DESCRIPTION = "whole network trained further"


def prepare(base: LoadedModel, wishes: Wishes) -> Plan:
    """Make everything trainable; with `freeze_until`, everything behind that layer.

    Raises:
        ParameterError: a hidden layer was asked for, which would be a new head.
    """
    if wishes.hidden_units:
        raise ParameterError("--hidden-units: --mode whole-network keeps the head as it is; use --mode new-head.")
    model = base.model
    frozen, trained = split_after(model, wishes.freeze_until) if wishes.freeze_until else (None, model)
    return Plan(model, frozen, trained, start_counts=True, head_only=False)


def finish(plan: Plan, weights):
    """Return the model with the best weights."""
    return put_best(plan, weights)
