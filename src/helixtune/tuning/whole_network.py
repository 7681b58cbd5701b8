"""Train every layer further, or every layer behind a chosen one; normalisation learns new statistics."""

from helixtune.errors import ParameterError
from helixtune.model.weights import ModelFile
from helixtune.tuning.plan import Plan, Wishes

DESCRIPTION = "whole network trained further"


def prepare(base: ModelFile, wishes: Wishes) -> Plan:
    """Make everything trainable; with `freeze_until`, everything behind that layer.

    Raises:
        ParameterError: a hidden layer was asked for, which would be a new head.
    """
    if wishes.hidden_units:
        raise ParameterError("--hidden-units: --mode whole-network keeps the head as it is; use --mode new-head.")
    return Plan(base, False, wishes.freeze_until, start_counts=True)
