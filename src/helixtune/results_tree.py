"""The folder of one genome's results: which file of which candidate lies where.

A round's folder holds what the genome's folder would hold if the run had ended there. With one round there is only the
genome's folder; with more it holds `rounds/<n>/` besides a copy of the best of them.
"""

import csv
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from helixtune import candidates as content
from helixtune.candidates import Candidate
from helixtune.errors import InputFileError
from helixtune.files import atomic_output, duplicate

CANDIDATES_TABLE = "evaluation/candidates.tsv"
OF_WINNER = {
    content.RECOMMENDED: "genes.gff3",
    content.PROTEINS: "proteins.fa",
    content.CDS: "cds.fa",
    content.TUNED_GENES: "tuned/genes.gff3",
    content.SIGNALS: "tuned/signals.json",
    content.SIGNALS_TABLE: "tuned/signals.tsv",
    content.MODEL: "model/tuned.h5",
    content.CARD: "model/model_card.md",
    content.LOG: "model/training_log.tsv",
    content.METRICS: "evaluation/metrics.json",
    content.COMPARISON: "evaluation/comparison.tsv",
    content.PREVIOUS: "evaluation/previous_round.json",
}
OF_LOSER = {
    content.TUNED_GENES: "genes.gff3",
    content.SIGNALS: "signals.json",
    content.SIGNALS_TABLE: "signals.tsv",
    content.MODEL: "tuned.h5",
    content.CARD: "model_card.md",
    content.LOG: "training_log.tsv",
    content.METRICS: "metrics.json",
    content.COMPARISON: "comparison.tsv",
}
OF_ROUND = {content.SCORES: "selection/scores.tsv", content.SELECTION: "selection/summary.json"}
# What the report reads, from a genome's folder: {name there: <id>.<name here>}.
FOR_REPORT = {
    "evaluation/metrics.json": content.METRICS,
    "evaluation/comparison.tsv": content.COMPARISON,
    "tuned/signals.json": "tuned.signals.json",
    "tuned/signals.tsv": "tuned.signals.tsv",
    "model/training_log.tsv": content.LOG,
    "model/model_card.md": content.CARD,
    "selection/scores.tsv": content.SCORES,
    "selection/summary.json": content.SELECTION,
    CANDIDATES_TABLE: "candidates.tsv",
}
TABLE_HEADER = (
    "round",
    "candidate",
    "chosen",
    "gate",
    "estimated_gain",
    "spread",
    "confidence",
    "previous_round",
    "reason",
)


def arrange_round(folder: Path, winner: Candidate, losers: Sequence[Candidate], of_round: Mapping[str, Path]) -> None:
    """Copy the files of a round to their places; losers go to `candidates/<name>/`."""
    for name, path in (winner.lent | winner.files).items():
        _copy(path, folder / OF_WINNER[name])
    for loser in losers:
        for name, place in OF_LOSER.items():
            if name in loser.files:
                _copy(loser.files[name], folder / "candidates" / loser.name / place)
    for name, path in of_round.items():
        _copy(path, folder / OF_ROUND[name])


def write_candidates(path: Path, lines: Sequence[Mapping]) -> None:
    """Write the table of all candidates so far."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_output(path) as partial, partial.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, TABLE_HEADER, delimiter="\t", lineterminator="\n")
        table.writeheader()
        table.writerows(lines)


def read_lines(rounds: Sequence[Path]) -> list[dict]:
    """Return the lines of the last round's table, which holds those of the rounds before."""
    if not rounds:
        return []
    with (rounds[-1] / CANDIDATES_TABLE).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def candidate_line(candidate: Candidate, number: int, *, chosen: bool) -> dict:
    """Return a candidate's line of the table; empty where there is nothing to tell."""
    told = candidate.verdict
    line = {name: told.get(name) for name in ("estimated_gain", "spread", "confidence", "reason")}
    return {
        name: "" if value is None else value
        for name, value in {
            **line,
            "round": number,
            "candidate": candidate.name,
            "chosen": "yes" if chosen else "no",
            "gate": told["recommended"],
            "previous_round": candidate.previous and candidate.previous["recommended"],
        }.items()
    }


def gather_rounds(results: Path, rounds: Sequence[Path], best: Path) -> None:
    """Make the genome's folder from its rounds' folders, which lie in order: a copy of the best, and all in `rounds/`."""
    shutil.copytree(best, results, dirs_exist_ok=True)
    shutil.copyfile(rounds[-1] / CANDIDATES_TABLE, results / CANDIDATES_TABLE)
    for number, folder in enumerate(rounds, start=1):
        shutil.copytree(folder, results / "rounds" / str(number))


def sorted_rounds(folders: Sequence[str | Path]) -> list[Path]:
    """Return folders `round_<n>` in order.

    Raises:
        InputFileError: one is missing, or is no folder of a round.
    """
    found = {}
    for folder in map(Path, folders):
        number = folder.name.removeprefix("round_")
        if not number.isdecimal() or not (folder / CANDIDATES_TABLE).is_file():
            raise InputFileError(f"--earlier {folder} is no folder round_<n> of choose-candidate: give those it wrote.")
        found[int(number)] = folder
    return [found[number] for number in sorted(found)]


def copy_for_report(results: Path, report: Path, genome: str) -> None:
    """Copy what the report reads from a genome's folder to `<report>/<id>.<content>`."""
    for place, name in FOR_REPORT.items():
        if (results / place).is_file():
            _copy(results / place, report / f"{genome}.{name}")


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    duplicate(source, target)
