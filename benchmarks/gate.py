"""How often is the gate right on genomes that it has not seen? Pairs of gene sets of known truth, one genome after the other
left out.

    python gate.py FOLDER [--most 18] [--table results/gate.tsv] [--learn ../src/helixtune/evaluation/votes/learnt.json]

FOLDER holds one folder a genome (benchmarks/gate_sets.py, or tunes of any kind): genome.h5, truth.gff3, any number of gene sets
*.gff3 and, where there are some, reads.bam and proteins.fa of other species. `species` in a folder names the genome that it is
a part of (else its name): the parts of one are left out together. Every two sets are a case, of which each genome gives at most
`--most`: two fifths with sets within 0.02 of F1, a third within 0.08. None is judged both ways round.

What was gathered of a case is kept in FOLDER/cases. The regression of `votes/sequence.py`, the errors of all votes and the
usual gain are fitted on the other genomes, each case then judged by them alone. `--learn` writes what is learnt of all."""

import argparse
import json
import pickle
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations, product
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from helixtune.annotation.gff3 import read_genes
from helixtune.evaluation.blocks import GenomeBlocks, block_weights
from helixtune.evaluation.called_pieces import Pieces
from helixtune.evaluation.changes import find_changes
from helixtune.evaluation.gate import SURE, combine, probability_of_gain
from helixtune.evaluation.gathering import gather_evidence
from helixtune.evaluation.genome import Genome, read_genome
from helixtune.evaluation.homologues import KnownProteins
from helixtune.evaluation.junctions import read_junctions, well_supported
from helixtune.evaluation.models import GeneModel, cds_models
from helixtune.evaluation.piece_features import EXON_FACTS, GENE_FACTS, facts_of
from helixtune.evaluation.piece_scores import score_pieces
from helixtune.evaluation.scores import add_up, score_by_sequence
from helixtune.evaluation.strands import GeneSets
from helixtune.evaluation.stretches import cut_genome
from helixtune.evaluation.votes import sequence, vote
from helixtune.evaluation.votes.junctions import junction_figure
from helixtune.evaluation.votes.protein_likeness import protein_likeness_figure
from helixtune.evaluation.votes.proteins import protein_figure
from helixtune.evaluation.votes.vote import Figure, Vote, cast_vote

DRAWS = 300
STRATA = ((0.02, 0.4), (0.08, 0.35), (np.inf, 0.25))
MAX_TEACHING = 60_000
REGULARISATION = 0.1
LEAST_RESPONSE = 0.02
TELLING = 0.002  # the sign of smaller gains says nothing
FACTS = {"exon": EXON_FACTS, "gene": GENE_FACTS}
OPTIONAL = ("junctions", "proteins", "protein_likeness")
NEWEST = ("upstream", "cut", "state", "mix", "signals")  # what of two sets counts as the newer candidate
COLUMNS = (
    "species", "genome", "base", "tuned", "truth_base", "truth_tuned", "gain", "estimated_gain", "spread", "verdict", "confidence",
    "right", *(f"with_{name}" for name in OPTIONAL), "with_all",
)  # fmt: skip


@dataclass
class Case:
    """One pair of gene sets.

    Attributes:
        facts: {level: [base, tuned]} facts of every piece; right, shared: bool each; block: of the genome.
        figures: of the optional votes.
        truth: mean F1 of exons and genes of base and tuned.
    """

    species: str
    genome: str
    base: str
    tuned: str
    truth: tuple[float, float]
    n_blocks: int
    judged: bool
    facts: dict[str, list[np.ndarray]]
    right: dict[str, list[np.ndarray]]
    shared: dict[str, list[np.ndarray]]
    block: dict[str, list[np.ndarray]]
    differing_share: float
    figures: dict[str, Figure]
    votes: list[Vote] = field(default_factory=list)

    @property
    def gain(self) -> float:
        """What tuned gains in truth."""
        return self.truth[1] - self.truth[0]


# ---- gathering ----


def truth_pieces(models: Iterable[GeneModel], blocks: GenomeBlocks) -> tuple[set, set]:
    """Return exons and chains of the truth, on the genome laid end to end."""
    chains = {
        (
            model.strand == "-",
            tuple((blocks.offsets[model.seqid] + a, blocks.offsets[model.seqid] + b) for a, b in chain),
        )
        for model in models
        for chain in model.chains
    }
    return {(minus, exon) for minus, chain in chains for exon in chain}, chains


def chains_of(pieces: Pieces) -> list[tuple]:
    """Return the chains of a gene set, in the order of its pieces."""
    gaps: list[list] = [[] for _ in pieces.gene_block]
    for number, at in zip(pieces.intron_gene.tolist(), pieces.intron_at.tolist(), strict=True):
        gaps[number].extend(at)
    chains = []
    for (start, end), minus, inner in zip(pieces.gene_at.tolist(), pieces.gene_minus.tolist(), gaps, strict=True):
        edges = sorted([start, *inner, end])
        chains.append((minus, tuple(zip(edges[::2], edges[1::2], strict=True))))
    return chains


class Folder:
    """One genome of the benchmark."""

    def __init__(self, path: Path):
        self.path, self.name = path, path.name
        self.species = (path / "species").read_text().strip() if (path / "species").exists() else path.name
        self.genome: Genome = read_genome(str(path / "genome.h5"))
        self.blocks = GenomeBlocks.of(self.genome.lengths)
        self.models = cds_models(read_genes(path / "truth.gff3", self.genome.lengths))
        self.seqids = sorted({model.seqid for model in self.models})
        self.truth = truth_pieces(self.models, self.blocks)
        self._genes: dict[Path, list] = {}

    def genes(self, path: Path) -> list:
        if path not in self._genes:
            here = set(self.seqids)
            self._genes[path] = [gene for gene in read_genes(path, self.genome.lengths) if gene.seqid in here]
        return self._genes[path]

    def f1(self, path: Path) -> float:
        scores = add_up(score_by_sequence(cds_models(self.genes(path)), self.models, self.seqids).values())
        return (scores["exon"].f1 + scores["gene"].f1) / 2

    def pairs(self, most: int) -> list[tuple[Path, Path]]:
        """Return pairs of sets, of small and of large differences, in random order of base and tuned."""
        paths = [path for path in sorted(self.path.glob("*.gff3")) if path.name != "truth.gff3"]
        truth = {path: self.f1(path) for path in paths}
        rng, every = random.Random(self.name), list(combinations(paths, 2))
        rng.shuffle(every)
        chosen, lowest, left = [], -1.0, 0
        for highest, share in STRATA:
            some = [pair for pair in every if lowest < abs(truth[pair[0]] - truth[pair[1]]) <= highest]
            wanted = round(share * most) + left
            chosen += some[:wanted]
            lowest, left = highest, max(wanted - len(some), 0)
        return [pair if rng.random() < 0.5 else pair[::-1] for pair in chosen]

    def extras(self) -> dict:
        """Return junctions and known proteins, where there are some."""
        found = {}
        if (self.path / "reads.bam").exists():
            junctions = read_junctions([str(self.path / "reads.bam")], self.genome.lengths)
            found["junctions"] = {
                name: some for name, some in well_supported(junctions).items() if name in self.genome.lengths
            }
        if (self.path / "proteins.fa").exists():
            found["proteins"] = KnownProteins.read(self.path / "proteins.fa", 1)
        return found

    def case(self, base: Path, tuned: Path, extras: dict) -> Case:
        weights = block_weights(len(self.blocks), 1, DRAWS)
        sets = GeneSets(self.genes(base), self.genes(tuned))
        both = [sets.base, sets.tuned]
        evidence = gather_evidence(self.genome.file, sets, cut_genome(self.genome.lengths, both), 1, with_proteins=True)
        pieces, decoys = evidence.pieces.pieces(), evidence.pieces.decoys
        facts = facts_of(pieces, score_pieces(pieces, decoys))
        figures = {"protein_likeness": protein_likeness_figure(evidence.proteins.proteins, weights)}
        if "junctions" in extras:
            figures["junctions"] = junction_figure(sets, extras["junctions"], self.blocks, weights)
        if "proteins" in extras:
            figures["proteins"] = protein_figure("proteins", evidence.proteins, extras["proteins"].match, weights)
        chains = [chains_of(one) for one in pieces]
        exons = [[(m, exon) for m, chain in some for exon in (chain[::-1] if m else chain)] for some in chains]
        changed = find_changes(*map(cds_models, both)).changed_share()
        return Case(
            self.species, self.name, base.stem, tuned.stem, (self.f1(base), self.f1(tuned)), len(self.blocks),
            bool(
                changed > 0.002
                and pieces[0].pair_shared.sum() >= sequence.MIN_SHARED_PAIRS
                and sequence.shared_bits(facts[0][0], pieces[0].exon_shared) > sequence.MIN_SHARED_BITS
            ),
            {"exon": [one[0] for one in facts], "gene": [one[1] for one in facts]},
            {"exon": [np.array([one in self.truth[0] for one in some], bool) for some in exons],
             "gene": [np.array([one in self.truth[1] for one in some], bool) for some in chains]},
            {"exon": [one.exon_shared for one in pieces], "gene": [one.gene_shared for one in pieces]},
            {"exon": [one.gene_block[one.exon_gene] for one in pieces], "gene": [one.gene_block for one in pieces]},
            sequence.differing_share(pieces), {name: one for name, one in figures.items() if one},
        )  # fmt: skip


def gather(folder: Path, most: int) -> list[Case]:
    """Return all cases; what was gathered is read."""
    (folder / "cases").mkdir(exist_ok=True)
    cases = []
    for path in sorted(folder.glob("*/genome.h5")):
        genome = Folder(path.parent)
        extras = None
        for base, tuned in genome.pairs(most):
            kept = folder / "cases" / f"{genome.name}__{base.stem}__{tuned.stem}.pkl"
            if not kept.exists():
                extras = genome.extras() if extras is None else extras
                kept.write_bytes(pickle.dumps(genome.case(base, tuned, extras)))
            cases.append(pickle.loads(kept.read_bytes()))
    return cases


# ---- fitting ----


def genome_weights(cases: Sequence[Case]) -> np.ndarray:
    """Return weights by which every species counts alike."""
    numbers = Counter(case.species for case in cases)
    return np.array([1 / numbers[case.species] for case in cases])


def learn_probabilities(cases: Sequence[Case]) -> dict:
    """Fit the regression of `votes/sequence.py`: which exons and genes are right?"""
    found: dict[str, dict] = {}
    weights = genome_weights(cases)
    for level, names in FACTS.items():
        sides = [(case, weight, side) for case, weight in zip(cases, weights, strict=True) for side in (0, 1)]
        facts = np.concatenate([case.facts[level][side] for case, _, side in sides]).astype(float)
        right = np.concatenate([case.right[level][side] for case, _, side in sides])
        shared = np.concatenate([case.shared[level][side] for case, _, side in sides])
        weight = np.concatenate([
            np.full(len(case.right[level][side]), weight / np.sqrt(max((~case.shared[level][side]).sum(), 30)))
            for case, weight, side in sides
        ])  # fmt: skip
        found[level] = {}
        for kind, chosen in (("differing", np.flatnonzero(~shared)), ("shared", np.flatnonzero(shared))):
            if len(chosen) > MAX_TEACHING:
                chosen = np.random.default_rng(1).choice(chosen, MAX_TEACHING, replace=False)
            scaler = StandardScaler().fit(facts[chosen])
            model = LogisticRegression(C=REGULARISATION, max_iter=300)
            model.fit(
                scaler.transform(facts[chosen]), right[chosen], sample_weight=weight[chosen] / weight[chosen].mean()
            )
            coefficients = model.coef_[0] / scaler.scale_
            intercept = float(model.intercept_[0] - coefficients @ scaler.mean_)
            named = {name: round(float(value), 4) for name, value in zip(names, coefficients, strict=True)}
            found[level][kind] = {"intercept": round(intercept, 4), **named}
    return found


def sequence_figure(case: Case) -> Figure:
    """Return what `votes/sequence.py` makes of a case by what `vote.learnt` holds now."""

    def f1(drawn: np.ndarray) -> np.ndarray:
        total = np.zeros((2, len(drawn)))
        for level, names in FACTS.items():
            sums = []
            for side in (0, 1):
                probability = sequence.probabilities(level, names, case.facts[level][side], case.shared[level][side])
                sums.append([drawn @ np.bincount(case.block[level][side], values, minlength=case.n_blocks)
                             for values in (probability, None)])  # fmt: skip
            most = np.maximum(np.maximum(sums[0][1], sums[1][1]), 1)
            total += np.stack([2 * right / (called + most) for right, called in sums]) / len(FACTS)
        return total

    differing = int(sum((~some).sum() for some in case.shared["exon"]))
    return Figure.of(f1, block_weights(case.n_blocks, 1, DRAWS), case.differing_share, differing)


def learn_vote(cases: Sequence[Case], name: str) -> dict | None:
    """Fit how a figure responds to the true gain, and the error by which its sign is told best; None without enough cases."""
    some = [case for case in cases if name in case.figures and abs(case.gain) > TELLING]
    if len(some) < 8:
        return None
    weights, truth = genome_weights(some), np.array([case.gain for case in some])
    rows = [case.figures[name] for case in some]
    told, sampling, share = np.array([(one.tuned - one.base, one.sampling, one.differing_share) for one in rows]).T
    response = max(float((weights * truth * told).sum() / (weights * truth**2).sum()), LEAST_RESPONSE)
    best = (np.inf, 0.0, 0.0)
    for error, least in product(np.geomspace(0.002, 1.0, 60), (0.0005, 0.001, 0.002, 0.004)):
        spread = np.sqrt(sampling**2 + (error * share) ** 2 + least**2)
        loss = float((weights * np.log1p(np.exp(-1.702 * np.sign(truth) * told / spread))).sum())
        best = min(best, (loss, float(error), least))
    return {"response": round(response, 4), "error": round(best[1], 4), "least": best[2]}


def learn_votes(cases: Sequence[Case]) -> dict:
    """Fit all votes; those without enough cases of known truth get what is said here."""
    found = {name: learn_vote(cases, name) for name in ("sequence", *OPTIONAL)}
    found = {name: one or {"response": 0.5, "error": 0.3, "least": 0.004} for name, one in found.items()}
    found["profiles"] = found["proteins"]  # by analogy
    found["busco"] = {
        "response": 0.5,
        "error": 0.5,
        "least": 0.01,
    }  # a guess: few genes that are exactly right are new ones
    return found


def usual_gain(cases: Sequence[Case]) -> float:
    """Return the root mean square of gains, as a share of what differs."""
    weights = genome_weights(cases)
    shares = np.array([case.gain / case.differing_share for case in cases])
    return float(np.sqrt((weights * shares**2).sum() / weights.sum()))


def learn_steepness(cases: Sequence[Case]) -> float:
    """Fit how surely a gain of one error is a gain, by likelihood; by the votes that `vote.learnt` holds now."""
    cases = [case for case in cases if abs(case.gain) > TELLING]
    deviations, weights = [], genome_weights(cases)
    for case in cases:
        gain, error, _ = combine(
            [cast_vote(name, "", figure, "") for name, figure in case.figures.items() if name == "sequence"]
        )
        deviations.append(np.sign(case.gain) * gain / error)
    steep = np.geomspace(0.5, 8, 60)
    losses = [float((weights * np.log1p(np.exp(-one * np.array(deviations)))).sum()) for one in steep]
    return round(float(steep[int(np.argmin(losses))]), 3)


def learn_all(cases: Sequence[Case]) -> dict:
    """Fit what follows from figures: votes, usual gain, steepness."""
    vote.learnt().update(votes=learn_votes(cases), usual_gain=round(usual_gain(cases), 4))
    vote.learnt()["steepness"] = learn_steepness([case for case in cases if "sequence" in case.figures])
    return vote.learnt()


def cross_fit(cases: Sequence[Case]) -> None:
    """Give every case the votes of a gate that was fitted without its species."""
    own = {
        species: [case for case in cases if case.species == species]
        for species in sorted({case.species for case in cases})
    }
    learnt = vote.learnt()
    for species, held_out in own.items():
        learnt["probability"] = learn_probabilities([case for case in cases if case.species != species and case.judged])
        for case in held_out:
            if case.judged:
                case.figures["sequence"] = sequence_figure(case)
    for species, held_out in own.items():
        others = [case for case in cases if case.species != species and case.judged]
        learn_all(others)
        for case in held_out:
            case.votes = (
                [cast_vote(name, "", figure, "") for name, figure in case.figures.items()] if case.judged else []
            )
            for names in ((), *((name,) for name in OPTIONAL), OPTIONAL):
                case.verdicts = getattr(case, "verdicts", {}) | {names: verdict(case, ("sequence", *names))}


def verdict(case: Case, names: Sequence[str]) -> tuple[str, float, float, float]:
    """Return recommended, confidence, gain and spread by some of the votes."""
    votes = [one for one in case.votes if one.name in names]
    if not any(one.name == "sequence" for one in votes):
        return "base", 0.5, 0.0, 0.0
    gain, error, _ = combine(votes)
    better = probability_of_gain(gain, error)
    return ("tuned", better, gain, error) if better >= SURE else ("base", 1 - better, gain, error)


# ---- telling ----


def is_right(case: Case, recommended: str) -> bool:
    return case.gain >= 0 if recommended == "tuned" else case.gain <= 0


def interval(cases: Sequence[Case], values: Sequence[float]) -> tuple[float, float]:
    """Return a 95 % interval of a mean: species are drawn, then cases of each."""
    rng = np.random.default_rng(1)
    by_species: dict[str, list[float]] = {}
    for case, value in zip(cases, values, strict=True):
        by_species.setdefault(case.species, []).append(value)
    names, means = list(by_species), []
    for _ in range(2000):
        drawn = [by_species[names[i]] for i in rng.integers(len(names), size=len(names))]
        means.append(np.mean(np.concatenate([rng.choice(one, len(one)) for one in drawn])))
    return tuple(np.quantile(means, (0.025, 0.975)))


def newest(case: Case) -> str:
    """Return which of two sets was made by the later kind of candidate; base where both were by the same."""
    ranks = [max((i for i, word in enumerate(NEWEST) if word in name), default=0) for name in (case.base, case.tuned)]
    return "tuned" if ranks[1] > ranks[0] else "base"


def likeliest(case: Case) -> str:
    """Return the set of larger likelihood under signals: decoded with them, or, if both were, with less weight of the network."""

    def rank(name: str) -> float:
        return -1.0 if "signals" not in name else 1.0 if "x0.1" in name else -0.5 if "x10" in name else 0.0

    return "tuned" if rank(case.tuned) > rank(case.base) else "base"


def tell(cases: Sequence[Case]) -> None:
    """Print all tables."""
    rules = {
        "gate": lambda case: case.verdicts[()][0],
        "always base": lambda case: "base",
        "always tuned": lambda case: "tuned",
        "always the newest candidate": newest,
        "largest signals likelihood": likeliest,
        **{f"gate with {name}": (lambda case, name=name: case.verdicts[name,][0]) for name in OPTIONAL},
        "gate with all": lambda case: case.verdicts[OPTIONAL][0],
    }
    print(f"{len(cases)} cases of {len({case.species for case in cases})} species")
    for least in (0.005, 0.02):
        some = [case for case in cases if abs(case.gain) > least]
        print(f"\nsets that differ by more than {least}: {len(some)}")
        for name, rule in rules.items():
            chosen = (
                some
                if not name.startswith("gate with ") or name.endswith("all")
                else [c for c in some if name[10:] in c.figures]
            )
            if not chosen:
                continue
            right = [is_right(case, rule(case)) for case in chosen]
            low, high = interval(chosen, right)
            lost = np.mean([0.0 if ok else abs(case.gain) for ok, case in zip(right, chosen, strict=True)])
            alone = (
                f", without it {np.mean([is_right(c, c.verdicts[()][0]) for c in chosen]):.1%}"
                if name.startswith("gate with")
                else ""
            )
            print(f"| {name} | {len(chosen)} | {np.mean(right):.1%} | {low:.0%} to {high:.0%} | {lost:.4f} |{alone}")
    gains = [case for case in cases if case.gain > 0.02]
    taken = [case.verdicts[()][0] == "tuned" for case in gains]
    judged = [case for case in cases if case.judged]
    for least in (0.005, 0.02):
        some = [case for case in judged if abs(case.gain) > least]
        right = [is_right(case, case.verdicts[()][0]) for case in some]
        print(f"where it had evidence, above {least}: {np.mean(right):.1%} of {len(some)} ({interval(some, right)})")
    told, truth = np.array([(case.verdicts[()][2], case.gain) for case in judged]).T
    print(
        f"true gain on estimated gain: slope {(told @ truth) / (told @ told):.2f}, correlation {np.corrcoef(told, truth)[0, 1]:.2f}"
    )
    if gains:
        print(f"\nclear gains taken: {sum(taken)} of {len(gains)} ({np.mean(taken):.1%}, {interval(gains, taken)})")
    losses = sorted(case.gain for case in cases if case.verdicts[()][0] == "tuned" and case.gain < 0)
    print(f"losses recommended: {len(losses)}, the worst {losses[:5]}")
    print("\n| confidence | verdicts | mean | right |")
    for low, high in ((0.5, 2 / 3), (2 / 3, 0.8), (0.8, 0.9), (0.9, 0.97), (0.97, 1.001)):
        some = [case for case in cases if low <= case.verdicts[()][1] < high]
        if some:
            right = np.mean([is_right(case, case.verdicts[()][0]) for case in some])
            print(
                f"| {low:.2f} to {min(high, 1):.2f} | {len(some)} | {np.mean([one.verdicts[()][1] for one in some]):.2f} |"
                f" {right:.2f} |"
            )
    print("\n| species | cases | right | of those that differ by more than 0.005 |")
    for species in sorted({case.species for case in cases}):
        own = [case for case in cases if case.species == species]
        clear = [is_right(case, case.verdicts[()][0]) for case in own if abs(case.gain) > 0.005]
        print(f"| {species} | {len(own)} | {sum(clear)} | {len(clear)} |")


def write_table(cases: Sequence[Case], path: Path) -> None:
    """Write one line a case."""
    lines = ["\t".join(COLUMNS)]
    for case in cases:
        recommended, confidence, gain, spread = case.verdicts[()]
        cells = [
            case.species, case.genome, case.base, case.tuned, *(f"{one:.4f}" for one in case.truth), f"{case.gain:+.4f}",
            f"{gain:+.4f}", f"{spread:.4f}", recommended, f"{confidence:.3f}", "yes" if is_right(case, recommended) else "no",
            *(case.verdicts[name,][0] if name in case.figures else "" for name in OPTIONAL), case.verdicts[OPTIONAL][0],
        ]  # fmt: skip
        lines.append("\t".join(cells))
    path.write_text("\n".join(lines) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--most", type=int, default=18, help="cases of a genome (default %(default)s)")
    parser.add_argument("--table", type=Path)
    parser.add_argument("--learn", type=Path)
    args = parser.parse_args()
    cases = gather(args.folder, args.most)
    cross_fit(cases)
    tell(cases)
    if args.table:
        write_table(cases, args.table)
    if args.learn:
        judged = [case for case in cases if case.judged]
        fitted_on = {"cases": len(judged), "species": sorted({case.species for case in judged})}
        learnt = learn_all(judged) | {"fitted_on": fitted_on, "probability": learn_probabilities(judged)}
        args.learn.write_text(json.dumps(learnt, indent=1) + "\n")


if __name__ == "__main__":
    main()
