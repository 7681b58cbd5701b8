"""Train the head that a model has, with or without a hidden layer or coverage, on its frozen trunk."""

from helixtune.errors import ParameterError
from helixtune.model.weights import ModelFile
from helixtune.tuning.plan import Plan, Wishes

DESCRIPTION = "the model's own head trained further on its frozen trunk"


def prepare(base: ModelFile, wishes: Wishes) -> Plan:
    """Freeze everything below the head; nothing is replaced.

    Raises:
        ParameterError: a hidden layer was asked for, which would be a new head.
    """
    if wishes.hidden_units:
        raise ParameterError("--hidden-units: --mode continue-head keeps the head as it is; use --mode new-head.")
    return Plan(base, not wishes.freeze_until, wishes.freeze_until, start_counts=True)
