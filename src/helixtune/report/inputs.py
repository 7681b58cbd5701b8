"""What the report is made from: files `<id>.<content>` of any number of genomes, recognised by their names."""

import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from helixtune.errors import EmptyResultError, FormatError
from helixtune.files import require_file
from helixtune.log import logger
from helixtune.report.observed_signals import first_fault
from helixtune.report.shares import Shares

METRICS, COMPARISON, SELECTION = "metrics.json", "comparison.tsv", "selection.json"
SCORES, LOG, CARD, CANDIDATES = "scores.tsv", "training_log.tsv", "model_card.md", "candidates.tsv"
# Gene sets are described by metrics.json; their files are taken so that callers need not sort them out.
SIGNALS = ("base.signals.json", "tuned.signals.json")
SIGNALS_TABLES = ("base.signals.tsv", "tuned.signals.tsv")
CONTENTS = (
    METRICS, COMPARISON, SELECTION, SCORES, LOG, CARD, CANDIDATES, *SIGNALS, *SIGNALS_TABLES, "base.gff3", "tuned.gff3",
)  # fmt: skip
# Points of the selection plot; more would only blacken it.
MAX_POINTS = 800


@dataclass
class GenomeFiles:
    """Parsed files of one genome; None or empty where one is missing.

    `signals` and `iterations`: what was learnt of the genome and how that went, by whose predictions (base, tuned).
    """

    id: str
    metrics: dict | None = None
    comparison: list[dict] = field(default_factory=list)
    selection: dict | None = None
    scores: list[dict] = field(default_factory=list)
    shares: Shares = field(default_factory=Shares)
    log: list[dict] = field(default_factory=list)
    candidates: list[dict] = field(default_factory=list)
    signals: dict[str, dict] = field(default_factory=dict)
    iterations: dict[str, list[dict]] = field(default_factory=dict)
    card: str = ""


def read_inputs(paths: Iterable[str | Path], expected: Iterable[str] = ()) -> list[GenomeFiles]:
    """Read all files, grouped by genome: evaluated ones first, then by id.

    Args:
        paths: files `<id>.<content>`.
        expected: ids of genomes that the run was given; those without a file are in the result, too, with nothing in them.

    Raises:
        InputFileError: a file is missing or empty.
        FormatError: a file is not what its name says.
        EmptyResultError: no file was recognised.
    """
    genomes: dict[str, GenomeFiles] = {}
    for path in map(Path, paths):
        name, content = split_name(path.name)
        if content is None:
            logger.warning("%s is no file that the report knows (<id>.%s, …); it was left out.", path, METRICS)
            continue
        genome = genomes.setdefault(name, GenomeFiles(name))
        _READERS[content](genome, require_file(path, "Report input"))
    if not genomes:
        raise EmptyResultError(
            f"None of the inputs is a file that the report knows: name them <id>.<content> ({', '.join(CONTENTS)})."
        )
    for name in expected:
        genomes.setdefault(name, GenomeFiles(name))
    return sorted(genomes.values(), key=lambda genome: (genome.metrics is None, genome.id))


def split_name(name: str) -> tuple[str, str | None]:
    """Split `pombe.metrics.json` into `pombe` and `metrics.json`; content None if unknown."""
    for content in CONTENTS:
        if name.endswith(f".{content}") and len(name) > len(content) + 1:
            return name.removesuffix(f".{content}"), content
    return name, None


def read_json(path: str | Path) -> dict:
    """Return a JSON object.

    Raises:
        FormatError: the file is no JSON object.
    """
    path = require_file(path, "JSON file")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise FormatError(f"{path} is no JSON: {error}; make it again.") from error
    if not isinstance(content, dict):
        raise FormatError(f"{path} holds no JSON object: make it again.")
    return content


def read_table(path: str | Path) -> list[dict]:
    """Return the lines of a tab-separated table with a header as dictionaries.

    Raises:
        FormatError: a line has another number of cells than the header.
    """
    return list(iter_table(path))


def iter_table(path: str | Path) -> Iterator[dict]:
    """Yield what `read_table` returns, a line at a time."""
    path = require_file(path, "Table")
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        lines = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        header = next(lines)
        for number, cells in enumerate(lines, start=2):
            if len(cells) != len(header):
                raise FormatError(
                    f"{path} line {number}: {len(cells)} cells, the header has {len(header)}: make it again."
                )
            yield dict(zip(header, cells, strict=True))


def _read_metrics(genome: GenomeFiles, path: Path) -> None:
    metrics = read_json(path)
    missing = [name for name in ("verdict", "gene_statistics") if name not in metrics]
    if missing:
        raise FormatError(f"{path} has no '{missing[0]}': give the metrics.json of a comparison by evaluate-genes.")
    genome.metrics = metrics


def _read_signals(genome: GenomeFiles, path: Path) -> None:
    signals = read_json(path)
    if "observed" not in signals:
        raise FormatError(f"{path} has no 'observed': give the signals that learn-signals wrote.")
    if fault := first_fault(signals):
        raise FormatError(f"{path} is damaged ({fault}): learn the signals again.")
    genome.signals[_model_of(path)] = signals


def _model_of(path: Path) -> str:
    """Return `base` of `pombe.base.signals.json`."""
    return path.name.split(".")[-3]


def _read_scores(genome: GenomeFiles, path: Path) -> None:
    """Count all rows, keep an even sample of them: the plot needs no more, and a large genome has half a million."""
    step, kept = 1, []
    for number, row in enumerate(iter_table(path)):
        genome.shares.add(row)
        if number % step == 0:
            kept.append(row)
        if len(kept) > MAX_POINTS:
            kept, step = kept[::2], 2 * step
    genome.scores = kept


_READERS = {
    METRICS: _read_metrics,
    COMPARISON: lambda genome, path: setattr(genome, "comparison", read_table(path)),
    SELECTION: lambda genome, path: setattr(genome, "selection", read_json(path)),
    SCORES: _read_scores,
    CANDIDATES: lambda genome, path: setattr(genome, "candidates", read_table(path)),
    LOG: lambda genome, path: setattr(genome, "log", read_table(path)),
    CARD: lambda genome, path: setattr(genome, "card", path.read_text(encoding="utf-8", errors="replace")),
    **dict.fromkeys(SIGNALS, _read_signals),
    **dict.fromkeys(SIGNALS_TABLES, lambda genome, path: genome.iterations.update({_model_of(path): read_table(path)})),
    "base.gff3": lambda genome, path: None,
    "tuned.gff3": lambda genome, path: None,
}
