"""The model card: what a trained model was made from, how, and how well it did, as Markdown."""

import importlib.metadata
import platform
from dataclasses import dataclass

from helixtune import __version__
from helixtune.training.checks import Check

SPARKS = "▁▂▃▄▅▆▇█"
# A card is read by people: more lines than this of a long run are thinned evenly, the log has them all.
MAX_TABLE_LINES = 25
LICENCE_NOTE = (
    "The weights derive from the base model (if one is named above) and from the training data: their licences and terms of"
    " citation apply to this file. The MIT licence of helixtune covers the program, not the model."
)


@dataclass(frozen=True)
class DataFile:
    """One training or validation file: its name, checksum, rows used, and the settings that made it (JSON or empty)."""

    role: str
    name: str
    sha256: str
    n_rows: int
    settings: str


@dataclass(frozen=True)
class CardFacts:
    """Everything a card says.

    Attributes:
        title: name of the model.
        made_by: the way of training, one phrase.
        base: "" or name and checksum of the base model.
        parameters: total number of weights.
        trained: number of weights that were trained.
        data: the files.
        settings: option names and values.
        checks: of the chosen run.
        best: the check whose weights were kept.
        stopped: why training stopped.
        notes: warnings and choices worth keeping, one sentence each.
    """

    title: str
    made_by: str
    base: str
    parameters: int
    trained: int
    data: list[DataFile]
    settings: dict
    checks: list[Check]
    best: Check
    stopped: str
    notes: list[str]


def model_card(facts: CardFacts) -> str:
    """Return the card as Markdown; the same run on the same machine gives the same text."""
    sections = [f"# {facts.title}", _origin(facts), _data(facts), _result(facts), _settings(facts), _versions()]
    return "\n\n".join([*sections, f"## Licence\n\n{LICENCE_NOTE}"]) + "\n"


def _origin(facts: CardFacts) -> str:
    lines = [
        f"- Made by: {facts.made_by} (helixtune {__version__})",
        f"- Base model: {facts.base or 'none, trained from random weights'}",
        f"- Weights: {facts.parameters:,}, of which {facts.trained:,} were trained",
    ]
    return "\n".join([*lines, *(f"- Note: {note}" for note in facts.notes)])


def _data(facts: CardFacts) -> str:
    lines = ["## Data", "", "| role | file | rows used | SHA-256 |", "|---|---|---|---|"]
    lines += [f"| {file.role} | {file.name} | {file.n_rows} | `{file.sha256}` |" for file in facts.data]
    made = [f"- {file.name}: `{file.settings}`" for file in facts.data if file.settings]
    return "\n".join(lines + (["", "Selection and encoding of these files:", "", *made] if made else []))


def _result(facts: CardFacts) -> str:
    start, best = facts.checks[0], facts.best
    lines = [
        "## Validation",
        "",
        f"Training stopped: {facts.stopped}. Kept: epoch {best.epoch}, batch {best.batch}.",
        "",
        "| | before | kept |",
        "|---|---|---|",
    ]
    for name in ("validation_loss", "genic_f1", "sub_genic_f1", "utr_f1", "cds_f1", "intron_f1", "macro_f1"):
        lines.append(f"| {name} | {getattr(start, name):.4f} | {getattr(best, name):.4f} |")
    lines += ["", "Figures compare with the labels of the validation rows, which may be pseudolabels.", "", "```"]
    for name in ("train_loss", "validation_loss", "genic_f1", "macro_f1"):
        lines.append(f"{name:16}{_sparkline([getattr(check, name) for check in facts.checks])}")
    lines += [
        "```",
        "",
        "| epoch | batch | train loss | validation loss | genic F1 | macro F1 |",
        "|---|---|---|---|---|---|",
    ]
    for check in _thinned(facts.checks, best):
        mark = " **kept**" if check is best else ""
        figures = (check.train_loss, check.validation_loss, check.genic_f1, check.macro_f1)
        lines.append(
            f"| {check.epoch}{mark} | {check.batch} | " + " | ".join(f"{value:.4f}" for value in figures) + " |"
        )
    return "\n".join(lines)


def _settings(facts: CardFacts) -> str:
    return "\n".join(["## Settings", "", *(f"- {name}: {value}" for name, value in facts.settings.items())])


def _versions() -> str:
    packages = ("tensorflow-cpu", "tensorflow", "keras", "numpy", "h5py")
    lines = ["## Versions", "", f"- Python {platform.python_version()}, {platform.machine()}"]
    for package in packages:
        try:
            lines.append(f"- {package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            continue
    return "\n".join(lines)


def _sparkline(values: list[float]) -> str:
    finite = [value for value in values if value == value]
    if not finite:
        return ""
    low, span = min(finite), (max(finite) - min(finite)) or 1.0
    levels = len(SPARKS) - 1
    return "".join(SPARKS[round((value - low) / span * levels)] if value == value else " " for value in values)


def _thinned(checks: list[Check], best: Check) -> list[Check]:
    step = -(-len(checks) // MAX_TABLE_LINES)
    last = len(checks) - 1
    return [check for number, check in enumerate(checks) if number % step == 0 or number == last or check is best]
