"""Base against tuned on one genome: reads every input once, lets the gate decide, and returns all that is worth telling."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from helixtune.annotation.genes import Gene
from helixtune.annotation.gff3 import read_genes
from helixtune.annotation.gff3_parts import read_genes_in_processes
from helixtune.annotation.stop_codons import with_stop_codons
from helixtune.evaluation.against_reference import judge_against_reference, sequences_to_score
from helixtune.evaluation.blocks import GenomeBlocks, block_weights
from helixtune.evaluation.called_coding import coding_bp, coding_in_bp
from helixtune.evaluation.changes import count_changes, pick_examples
from helixtune.evaluation.examples import MAX_SPAN_BP, WANTED, draw_examples
from helixtune.evaluation.gate import Facts, Verdict, decide, nothing_to_learn_from
from helixtune.evaluation.gathering import GeneFacts, gather_evidence, gather_gene_facts
from helixtune.evaluation.genome import Genome, read_genome
from helixtune.evaluation.homologues import KnownProteins
from helixtune.evaluation.intervals import as_intervals
from helixtune.evaluation.junctions import Junctions, well_supported
from helixtune.evaluation.predictions import Predictions
from helixtune.evaluation.profiles import Profiles
from helixtune.evaluation.statistics import describe
from helixtune.evaluation.strands import GeneSets
from helixtune.evaluation.votes.busco import BuscoResults, busco_vote
from helixtune.evaluation.votes.junctions import junction_vote
from helixtune.evaluation.votes.protein_likeness import protein_likeness_vote
from helixtune.evaluation.votes.proteins import protein_vote
from helixtune.evaluation.votes.sequence import sequence_vote
from helixtune.evaluation.votes.vote import Vote

# Below this the reference sees no difference worth a name.
REFERENCE_MARGIN = 0.005
REFERENCE_LEVELS = ("exon", "gene")


@dataclass(frozen=True)
class ComparisonInputs:
    """Files of one comparison; paths as given, None = absent.

    Attributes:
        junctions: splice junctions of RNA-seq that no model was tuned on, {seqid: {(start, end): reads}}.
        repeats: merged repeats {seqid: (k, 2)}, or None.
        proteins: known proteins, or None.
        profiles: profile HMMs, or None.
        busco: results of BUSCO, compleasm or OMArk for base and tuned, or None.
        protein_likeness: whether proteins are held against proteins in general, too.
        seqids: sequences on which the reference judges, or None for all that it has genes on.
        threads: for reading and summing, and how many processes.
    """

    genome: str
    base_genes: str
    base_predictions: str | Sequence[str]
    tuned_genes: str | None = None
    tuned_predictions: str | Sequence[str] | None = None
    reference: str | None = None
    seqids: Sequence[str] | None = None
    junctions: Junctions = field(default_factory=dict)
    repeats: Mapping | None = None
    proteins: KnownProteins | None = None
    profiles: Profiles | None = None
    busco: tuple[BuscoResults, BuscoResults] | None = None
    protein_likeness: bool = False
    seed: int = 1
    threads: int = 1


def compare(inputs: ComparisonInputs) -> tuple[dict, dict[str, list[Gene]]]:
    """Judge base against tuned.

    Returns:
        JSON-ready metrics, of which `verdict.recommended` is "base" or "tuned"; and the genes of either set by that name.

    Raises:
        HelixtuneError: a file is missing, damaged, or belongs to another genome.
    """
    genome = read_genome(inputs.genome)
    genes = {"base": read_genes_in_processes(inputs.base_genes, genome.lengths, inputs.threads)}
    if inputs.tuned_genes:
        genes["tuned"] = read_genes_in_processes(inputs.tuned_genes, genome.lengths, inputs.threads)
    found = gather_gene_facts(genes, genome.lengths, inputs.threads)
    with ExitStack() as stack:
        predictions = {
            name: stack.enter_context(Predictions(path, genome.rows, genome.width_bp, inputs.genome, inputs.threads))
            for name, path in (("base", inputs.base_predictions), ("tuned", inputs.tuned_predictions))
            if path
        }
        verdict = nothing_to_learn_from()
        if inputs.tuned_genes:
            verdict = decide(*weigh(inputs, genome, genes, found))
        truth = {"reference": _read_reference(inputs, genome)} if inputs.reference else {}
        reference = _judge_by_reference(inputs, truth["reference"], genes, verdict) if truth else None
        chosen = pick_examples(found.changes, WANTED, MAX_SPAN_BP) if inputs.tuned_genes else []
        examples = draw_examples(chosen, {**genes, **truth}, predictions, genome.rows)
    metrics = {
        "species": genome.species,
        "simulated": genome.species.lower().startswith("simulat"),
        "genome": {"sequences": len(genome.lengths), "bases": sum(genome.lengths.values())},
        "verdict": verdict.as_dict(),
        "base": _summary(inputs.base_genes, "base", verdict),
        "tuned": _summary(inputs.tuned_genes, "tuned", verdict) if inputs.tuned_genes else None,
        "gene_statistics": {name: describe(measures) for name, measures in found.measures.items()},
        "gene_changes": count_changes(found.changes) if inputs.tuned_genes else None,
        "changed_share": round(found.changes.changed_share(), 5) if inputs.tuned_genes else None,
        "coding_in_repeats": _coding_in_repeats(inputs.repeats, genome, found) if inputs.repeats else None,
        "reference": reference,
        "changed_genes": examples,
    }
    return metrics, genes


def _summary(path: str, name: str, verdict: Verdict) -> dict:
    return {"file": Path(path).name, "figures": {vote.name: round(getattr(vote, name), 5) for vote in verdict.votes}}


def weigh(
    inputs: ComparisonInputs,
    genome: Genome,
    genes: Mapping[str, list[Gene]],
    found: GeneFacts,
) -> tuple[list[Vote], Facts]:
    """Return what `gate.decide` decides by: all votes, and what is plain about the two sets.

    Args:
        inputs: the files.
        genome: their genome.
        genes: "base" and "tuned".
        found: facts of both sets.
    """
    blocks = GenomeBlocks.of(genome.lengths)
    called_bp = tuple(int(coding_bp(found.calls[name], blocks).sum()) for name in ("base", "tuned"))
    facts = Facts(called_bp, found.changes.changed_share())
    return (_collect_votes(inputs, genome, genes, found) if all(called_bp) else []), facts


def _collect_votes(inputs: ComparisonInputs, genome: Genome, genes: Mapping, found: GeneFacts) -> list[Vote]:
    blocks = GenomeBlocks.of(genome.lengths)
    weights = block_weights(len(blocks), inputs.seed)
    sets = GeneSets(genes["base"], genes["tuned"])
    matchers = {name: one.match for name, one in (("proteins", inputs.proteins), ("profiles", inputs.profiles)) if one}
    with_proteins = bool(matchers) or inputs.protein_likeness
    evidence = gather_evidence(genome.file, sets, found.batches, inputs.threads, with_proteins=with_proteins)
    votes = [sequence_vote(evidence.pieces.pieces(), evidence.pieces.decoys, weights)]
    junctions = {seqid: found for seqid, found in well_supported(inputs.junctions).items() if seqid in blocks.lengths}
    if junctions:
        votes.append(junction_vote(sets, junctions, blocks, weights))
    votes += [protein_vote(name, evidence.proteins, matcher, weights) for name, matcher in matchers.items()]
    if inputs.protein_likeness:
        votes.append(protein_likeness_vote(evidence.proteins.proteins, weights))
    if inputs.busco:
        votes.append(busco_vote(*inputs.busco))
    return [vote for vote in votes if vote]


def _coding_in_repeats(repeats: Mapping, genome: Genome, found: GeneFacts) -> dict[str, float]:
    """Return which share of the coding sequence of either set lies in repeats: told, but no vote."""
    blocks = GenomeBlocks.of(genome.lengths)
    known = {seqid: as_intervals(pairs) for seqid, pairs in repeats.items() if seqid in blocks.lengths}
    return {
        name: round(float(coding_in_bp(calls, known, blocks).sum() / max(coding_bp(calls, blocks).sum(), 1)), 5)
        for name, calls in found.calls.items()
    }


def _read_reference(inputs: ComparisonInputs, genome: Genome) -> list[Gene]:
    truth = read_genes(inputs.reference, genome.lengths)
    return with_stop_codons(truth, inputs.genome, inputs.reference, inputs.threads)


def _judge_by_reference(inputs: ComparisonInputs, truth: list[Gene], genes: Mapping, verdict: Verdict) -> dict:
    names = (inputs.base_genes, inputs.reference)
    seqids = sequences_to_score(genes["base"], truth, inputs.seqids, names)
    judged = {name: judge_against_reference(some, truth, seqids) for name, some in genes.items()}
    result = {"file": Path(inputs.reference).name, "seqids": seqids, **judged}
    if "tuned" in judged:
        gain = mean_f1(judged["tuned"]) - mean_f1(judged["base"])
        result["prefers"] = "neither" if abs(gain) < REFERENCE_MARGIN else "tuned" if gain > 0 else "base"
        result["gain"] = round(gain, 5)
        result["agrees_with_gate"] = result["prefers"] in ("neither", verdict.recommended)
    return result


def mean_f1(judged: Mapping) -> float:
    """Return the mean CDS F1 of exact exons and of exact genes: one figure to rank two sets by."""
    return sum(judged["cds"][level]["f1"] for level in REFERENCE_LEVELS) / len(REFERENCE_LEVELS)
