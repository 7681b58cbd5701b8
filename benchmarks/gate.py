"""How often is the gate right? Judge pairs of gene sets whose truth is known, beside always-base and always-tuned.

    python benchmarks/gate.py OUT --output gate.tsv [--pair NAME=GENOME.h5,BASE.gff3,BASE.h5,TUNED.gff3,TUNED.h5,REF.gff3[,SEQID]]

OUT is the folder that gate_networks.py and graded_gene_sets.py wrote to. Each tune is judged both ways round: base against
tuned, and as if the base had been the tuned one (a bad base wins, a good one must be kept). Graded sets are judged pair by
pair, the better one in turns on either side. A verdict is right if the recommended set is at most 0.002 worse than the other
in the mean F1 of exons and genes by the truth, which the gate never reads.
"""

import argparse
import math
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

from graded_gene_sets import SETS

from helixtune.annotation.gff3 import read_genes
from helixtune.evaluation.against_reference import judge_against_reference
from helixtune.evaluation.compare import ComparisonInputs, read_genome, weigh
from helixtune.evaluation.gate import decide
from helixtune.evaluation.gathering import gather_gene_facts
from helixtune.evaluation.junctions import read_junctions
from helixtune.evaluation.predictions import Predictions
from helixtune.repeats import read_repeats

TOLERANCE = 0.002
TUNES = ("pseudo", "true", "sparse", "moved")
COLUMNS = (
    "group", "case", "truth_base", "truth_tuned", "gain", "verdict", "confidence", "estimated_gain", "spread", "right",
    "verdict_with_reads", "confidence_with_reads", "right_with_reads",
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """One pair of gene sets; paths."""

    group: str
    name: str
    genome: Path
    base: tuple[Path, Path]
    tuned: tuple[Path, Path]
    truth: Path
    scores: Path | None = None
    repeats: Path | None = None
    bam: Path | None = None
    seqid: str | None = None

    def swapped(self, group: str) -> "Case":
        return replace(self, group=group, name=f"{self.name}, swapped", base=self.tuned, tuned=self.base)


def network_cases(folder: Path) -> Iterator[Case]:
    distance = folder.name.split("_")[1]
    for tag in TUNES:
        if not (folder / f"{tag}.gff3").exists():
            continue
        unshifted = "own calls, no shift" if distance == "0.0" else "own calls, growing shift"
        group = {"pseudo": unshifted, "true": "true labels"}.get(tag, "damaged labels")
        one = Case(
            group, f"{folder.name}, {tag}", folder / "genome.h5", _set(folder, "base"), _set(folder, tag),
            folder / "annotation.gff3", folder / "scores.tsv" if tag == "pseudo" else None, folder / "repeats.bed",
            folder / "reads.bam",
        )  # fmt: skip
        yield one
        yield one.swapped(f"{group}, swapped")


def graded_cases(folder: Path) -> Iterator[Case]:
    for i, tags in enumerate(combinations(SETS, 2)):
        base, tuned = tags if i % 2 else tags[::-1]
        name = f"{folder.name}, {base} to {tuned}"
        yield Case(
            "real genomes, graded sets",
            name,
            folder / "genome.h5",
            _set(folder, base),
            _set(folder, tuned),
            folder / "annotation.gff3",
        )


def _set(folder: Path, tag: str) -> tuple[Path, Path]:
    return folder / f"{tag}.gff3", folder / f"{tag}.h5"


def judge(case: Case) -> dict:
    """Return one line of the table."""
    genome = read_genome(str(case.genome))
    genes = {"base": read_genes(case.base[0], genome.lengths), "tuned": read_genes(case.tuned[0], genome.lengths)}
    inputs = ComparisonInputs(
        str(case.genome), str(case.base[0]), str(case.base[1]), scores=case.scores and str(case.scores),
        junctions=read_junctions([case.bam], genome.lengths) if case.bam else {},
        repeats=read_repeats(case.repeats, genome.lengths) if case.repeats else None,
    )  # fmt: skip
    with ExitStack() as stack:
        predictions = {
            name: stack.enter_context(Predictions(path, genome.rows, genome.width_bp, str(case.genome)))
            for name, path in (("base", case.base[1]), ("tuned", case.tuned[1]))
        }
        found = gather_gene_facts(genes, genome.lengths, processes=1)
        votes, facts = weigh(inputs, genome, genes, predictions, found)
    truth = read_genes(case.truth, genome.lengths)
    seqids = [case.seqid] if case.seqid else list(genome.lengths)
    scores = {name: mean_f1(judge_against_reference(some, truth, seqids)["cds"]) for name, some in genes.items()}
    alone = decide([vote for vote in votes if vote.name != "junctions"], facts)
    line = {
        "group": case.group, "case": case.name, "truth_base": f"{scores['base']:.4f}", "truth_tuned": f"{scores['tuned']:.4f}",
        "gain": f"{scores['tuned'] - scores['base']:+.4f}", "verdict": alone.recommended,
        "confidence": f"{alone.confidence:.2f}", "estimated_gain": _number(alone.gain), "spread": _number(alone.spread),
        "right": _is_right(alone.recommended, scores),
    }  # fmt: skip
    if case.bam:
        seen = decide(votes, facts)
        line |= {"verdict_with_reads": seen.recommended, "confidence_with_reads": f"{seen.confidence:.2f}"}
        line["right_with_reads"] = _is_right(seen.recommended, scores)
    return line


def mean_f1(levels: dict) -> float:
    return (levels["exon"]["f1"] + levels["gene"]["f1"]) / 2


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:+.4f}"


def _is_right(name: str, scores: dict) -> int:
    return int(scores[name] >= max(scores.values()) - TOLERANCE)


def summarise(lines: list[dict]) -> Iterator[str]:
    """Yield a table: how often each rule is right, and how much F1 it loses against the better set on average."""
    groups = defaultdict(list)
    for line in lines:
        groups[line["group"]].append(line)
    groups["all in which the sets differ"] = [line for line in lines if abs(float(line["gain"])) > TOLERANCE]
    groups["all"] = lines
    yield "| cases | n | gate right | 95 % interval | always base | always tuned | F1 lost: gate | always base | always tuned |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for name, some in groups.items():
        verdicts = {"gate": [line["verdict"] for line in some]}
        verdicts |= {rule: [rule] * len(some) for rule in ("base", "tuned")}
        right = {rule: sum(map(_right, some, chosen)) for rule, chosen in verdicts.items()}
        lost = {rule: sum(map(_lost, some, chosen)) / len(some) for rule, chosen in verdicts.items()}
        low, high = wilson(right["gate"], len(some))
        shares = " | ".join(f"{right[rule] / len(some):.0%}" for rule in ("base", "tuned"))
        losses = " | ".join(f"{lost[rule]:.4f}" for rule in ("gate", "base", "tuned"))
        yield f"| {name} | {len(some)} | {right['gate'] / len(some):.0%} | {low:.0%} to {high:.0%} | {shares} | {losses} |"
    with_reads = [line for line in lines if "right_with_reads" in line]
    if with_reads:
        counts = [sum(line[key] for line in with_reads) for key in ("right", "right_with_reads")]
        n = len(with_reads)
        yield f"\nWith splice junctions: right in {counts[1]} of {n} cases that have reads; without them in {counts[0]}."


def _right(line: dict, verdict: str) -> bool:
    return _lost(line, verdict) <= TOLERANCE


def _lost(line: dict, verdict: str) -> float:
    scores = {"base": float(line["truth_base"]), "tuned": float(line["truth_tuned"])}
    return max(scores.values()) - scores[verdict]


def wilson(successes: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """Return Wilson's score interval of a share."""
    share, extra = successes / n, z * z / n
    middle, half = share + extra / 2, z * math.sqrt(share * (1 - share) / n + extra / (4 * n))
    return (middle - half) / (1 + extra), (middle + half) / (1 + extra)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--output", type=Path, required=True, help="table of all cases")
    parser.add_argument("--pair", action="append", default=[], help="a tune of your own on a real genome")
    args = parser.parse_args()
    cases = [case for folder in sorted(args.out.glob("network_*")) for case in network_cases(folder)]
    cases += [case for folder in sorted(args.out.glob("graded_*")) for case in graded_cases(folder)]
    for pair in args.pair:
        name, _, words = pair.partition("=")
        paths = [Path(word) for word in words.split(",")]
        seqid = str(paths[6]) if len(paths) > 6 else None
        one = Case(
            "real genome, tuned", name, paths[0], (paths[1], paths[2]), (paths[3], paths[4]), paths[5], seqid=seqid
        )
        cases += [one, one.swapped("real genome, tuned")]
    lines = []
    with args.output.open("w") as table:
        print("\t".join(COLUMNS), file=table, flush=True)
        for case in cases:
            lines.append(judge(case))
            print("\t".join(str(lines[-1].get(name, "")) for name in COLUMNS), file=table, flush=True)
    print("\n".join(summarise(lines)))


if __name__ == "__main__":
    main()
