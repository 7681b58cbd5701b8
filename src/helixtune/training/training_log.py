"""The training log: one line of tab-separated values for every check."""

from dataclasses import fields
from pathlib import Path

from helixtune.files import atomic_output
from helixtune.training.checks import Check

COLUMNS = tuple(field.name for field in fields(Check))


def write_training_log(path: Path, checks: list[Check]) -> None:
    """Write the checks of all stages in the order in which they were made; the columns are `Check`'s fields."""
    with atomic_output(path) as partial, partial.open("w") as file:
        file.write("\t".join(COLUMNS) + "\n")
        for check in checks:
            file.write("\t".join(_text(getattr(check, name)) for name in COLUMNS) + "\n")


def _text(value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}"
    return str(value)
