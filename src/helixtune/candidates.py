"""The candidates of a genome: the files that describe each, and which of them wins a round.

A candidate is one way of tuning in one round; its name is the tuning mode, from the second round on with the round's number
(`new-head`, `new-head-2`). `none` stands for a genome that had nothing to learn from. With `-without-signals` the name stands for
the genes of the state model alone, of the same network (`new-head-without-signals`, `base-without-signals`).
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from helixtune.errors import FormatError, InputFileError, ParameterError

METRICS, COMPARISON, PREVIOUS = "metrics.json", "comparison.tsv", "previous.metrics.json"
RECOMMENDED, PROTEINS, CDS = "genes.gff3", "proteins.fa", "cds.fa"
TUNED_GENES, MODEL, CARD, LOG = "gff3", "tuned.h5", "model_card.md", "training_log.tsv"
SIGNALS, SIGNALS_TABLE = "signals.json", "signals.tsv"
SCORES, SELECTION = "scores.tsv", "selection.json"
# Longer names first: `x.previous.metrics.json` ends as `x.metrics.json` does.
OF_CANDIDATE = (
    PREVIOUS, METRICS, COMPARISON, RECOMMENDED, PROTEINS, CDS, MODEL, CARD, LOG, SIGNALS, SIGNALS_TABLE, TUNED_GENES,
)  # fmt: skip
OF_ROUND = (SCORES, SELECTION)
# <id>.new-head.state_model.gff3 are the genes of the candidate new-head-without-signals, whose model is that of new-head.
STATE_MODEL_GENES, WITHOUT_SIGNALS = "state_model.gff3", "-without-signals"
LENT = (MODEL, CARD, LOG)
NEEDED = (METRICS, COMPARISON, RECOMMENDED, PROTEINS, CDS)


@dataclass
class Candidate:
    """One candidate: its files by content, and what the gate said of it.

    Attributes:
        name: `new-head`, `new-head-2`, …
        files: {content: path}.
        verdict: of the gate, against the base genes.
        previous: of the gate, against the genes of the round before; None in the first round.
        lent: {content: path} of the network that it shares with another candidate.
    """

    name: str
    files: dict[str, Path] = field(default_factory=dict)
    verdict: dict = field(default_factory=dict)
    previous: dict | None = None
    lent: dict[str, Path] = field(default_factory=dict)

    @property
    def is_tuned(self) -> bool:
        """Whether there is a tuned model at all."""
        return MODEL in self.files or MODEL in self.lent

    @property
    def is_accepted(self) -> bool:
        """Whether the gate prefers it to the base and, after the first round, to the round before."""
        verdicts = [self.verdict] if self.previous is None else [self.verdict, self.previous]
        return all(verdict["recommended"] == "tuned" for verdict in verdicts)

    @property
    def gain(self) -> float:
        """Estimated gain in F1 over the base; minus infinity where the gate could not estimate any."""
        gain = self.verdict.get("estimated_gain")
        return float("-inf") if gain is None else float(gain)


def read_candidates(paths: Iterable[str | Path]) -> tuple[list[Candidate], dict[str, Path]]:
    """Sort files `<id>.<candidate>.<content>` and `<id>.<content>` into candidates, by name, and files of the round.

    Raises:
        InputFileError: a file is missing, or a candidate lacks one that it needs.
        FormatError: metrics hold no verdict.
        ParameterError: a name is not understood, or no candidate is left.
    """
    candidates: dict[str, Candidate] = {}
    of_round: dict[str, Path] = {}
    for path in map(Path, paths):
        if not path.is_file():
            raise InputFileError(f"--files {path} does not exist: give the files of every candidate.")
        name, content = split_name(path.name)
        if name is None:
            of_round[content] = path
        else:
            candidates.setdefault(name, Candidate(name)).files[content] = path
    if not candidates:
        raise ParameterError("--files holds no file of a candidate: name them <id>.<candidate>.<content>.")
    for candidate in candidates.values():
        lacking = [content for content in NEEDED if content not in candidate.files]
        if lacking:
            raise InputFileError(
                f"Candidate {candidate.name} lacks its {lacking[0]}: give all that evaluate-genes wrote."
            )
        candidate.verdict = read_verdict(candidate.files[METRICS])
        if PREVIOUS in candidate.files:
            candidate.previous = read_verdict(candidate.files[PREVIOUS])
        sibling = candidates.get(candidate.name.removesuffix(WITHOUT_SIGNALS), candidate)
        candidate.lent = {
            one: sibling.files[one] for one in LENT if one in sibling.files and one not in candidate.files
        }
    return [candidates[name] for name in sorted(candidates)], of_round


def split_name(file_name: str) -> tuple[str | None, str]:
    """Return candidate (None for a file of the whole round) and content of a file name.

    Raises:
        ParameterError: the content is not known.
    """
    for content in OF_ROUND:
        if file_name.endswith(f".{content}"):
            return None, content
    if file_name.endswith(f".{STATE_MODEL_GENES}"):
        network = file_name.removesuffix(f".{STATE_MODEL_GENES}").rpartition(".")[2]
        return network + WITHOUT_SIGNALS, TUNED_GENES
    for content in OF_CANDIDATE:
        stem = file_name.removesuffix(f".{content}")
        if stem != file_name and "." in stem:
            return stem.rpartition(".")[2], content
    raise ParameterError(
        f"--files {file_name}: name it <id>.<candidate>.<content>, content one of {', '.join(OF_CANDIDATE)}."
    )


def read_verdict(path: Path) -> dict:
    """Return the verdict of a metrics.json.

    Raises:
        FormatError: it holds none.
    """
    try:
        verdict = json.loads(path.read_text(encoding="utf-8"))["verdict"]
        if verdict["recommended"] in ("base", "tuned"):
            return verdict
    except (ValueError, KeyError, TypeError):
        pass
    raise FormatError(f"{path} holds no verdict of evaluate-genes: make it again.")


def choose(candidates: Sequence[Candidate]) -> Candidate:
    """Return the winner: of those that the gate accepts the one with the largest estimated gain, else of all.

    The gate has drawn every gain towards none as far as it is uncertain, so that a lucky one does not win (`gate.combine`).
    Ties, and candidates without an estimate, go by name; the order of files plays no part.
    """
    accepted = [candidate for candidate in candidates if candidate.is_accepted]
    if accepted:
        return min(accepted, key=lambda candidate: (-candidate.gain, candidate.name))
    return min(candidates, key=lambda candidate: (not candidate.is_tuned, -candidate.gain, candidate.name))


def held_out_gain(candidates: Sequence[Candidate]) -> float | None:
    """Return what choosing among candidates and the base gains where the choice has not looked.

    By turns the best is chosen on all folds of the genome but one, and its gain on that one counts; None where gains by fold are
    not known. Of many candidates the best one's own estimate is too good: it is also the luckiest.
    """
    known = [candidate.verdict.get("gain_by_fold") for candidate in candidates]
    folds = [gains for gains in known if gains]
    if not folds:
        return None
    gains = [[0.0] * len(folds[0]), *folds]  # the base gains nothing
    total = 0.0
    for held_out in range(len(folds[0])):
        best = max(gains, key=lambda one: sum(one) - one[held_out])
        total += best[held_out]
    return total / len(folds[0])


def reason_of_choice(winner: Candidate, candidates: Sequence[Candidate]) -> str:
    """Say in a sentence or two why this candidate won."""
    told = winner.verdict.get("reason", "")
    if len(candidates) == 1:
        return told
    others = f"of {len(candidates)} candidates"
    why = (
        f"{winner.name}, the largest estimated gain {others}"
        if winner.is_accepted
        else f"base: the gate takes none {others}"
    )
    held_out = held_out_gain(candidates)
    measured = "" if held_out is None else f"; so chosen on four fifths of the genome, {held_out:+.3f} on the rest"
    return f"{why}{measured}. {told}"
