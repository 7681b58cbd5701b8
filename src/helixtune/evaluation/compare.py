"""Base against tuned on one genome: reads every input once, lets the gate decide, and returns all that is worth telling."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from helixtune.annotation.genes import Gene
from helixtune.annotation.genome_file import GenomeFile
from helixtune.annotation.gff3 import read_genes
from helixtune.annotation.gff3_parts import read_genes_in_processes
from helixtune.annotation.stop_codons import with_stop_codons
from helixtune.evaluation import estimates, watchdogs
from helixtune.evaluation.against_reference import judge_against_reference, sequences_to_score
from helixtune.evaluation.blocks import GenomeBlocks, block_weights
from helixtune.evaluation.called_coding import coding_bp
from helixtune.evaluation.changes import count_changes, pick_examples
from helixtune.evaluation.examples import MAX_SPAN_BP, WANTED, draw_examples
from helixtune.evaluation.gate import Facts, Verdict, decide, nothing_to_learn_from
from helixtune.evaluation.gathering import GeneFacts, gather_evidence, gather_gene_facts
from helixtune.evaluation.homologues import KnownProteins
from helixtune.evaluation.intervals import as_intervals
from helixtune.evaluation.junctions import Junctions, well_supported
from helixtune.evaluation.kept_places import read_kept_places
from helixtune.evaluation.predictions import Predictions, require_genome
from helixtune.evaluation.profiles import Profiles
from helixtune.evaluation.raw_agreement import sum_raw_agreement
from helixtune.evaluation.statistics import describe, intron_weight
from helixtune.evaluation.strands import GeneSets
from helixtune.evaluation.votes import Vote
from helixtune.h5files import BASES, SEQIDS, SPECIES, START_ENDS, open_file, read_rows
from helixtune.subsequences import Rows

# Below this the reference sees no difference worth a name.
REFERENCE_MARGIN = 0.005
REFERENCE_LEVELS = ("base", "exon", "gene")


@dataclass(frozen=True)
class ComparisonInputs:
    """Files of one comparison; paths as given, None = absent.

    Attributes:
        junctions: splice junctions of RNA-seq that no model was tuned on, {seqid: {(start, end): reads}}.
        repeats: merged repeats {seqid: (k, 2)}, or None.
        proteins: known proteins, or None.
        profiles: profile HMMs, or None.
        seqids: sequences on which the reference judges, or None for all that it has genes on.
        threads: for reading and summing, and how many processes.
    """

    genome: str
    base_genes: str
    base_predictions: str | Sequence[str]
    tuned_genes: str | None = None
    tuned_predictions: str | Sequence[str] | None = None
    scores: str | None = None
    reference: str | None = None
    seqids: Sequence[str] | None = None
    junctions: Junctions = field(default_factory=dict)
    repeats: Mapping | None = None
    proteins: KnownProteins | None = None
    profiles: Profiles | None = None
    seed: int = 1
    threads: int = 1


@dataclass(frozen=True)
class Genome:
    """What the genome file says about itself."""

    rows: Rows
    width_bp: int
    file: GenomeFile
    species: str

    @property
    def lengths(self) -> Mapping[str, int]:
        """Bases of every sequence."""
        return self.file.lengths


def read_genome(path: str) -> Genome:
    """Return rows and sequence lengths of a genome.h5."""
    with open_file(path, (BASES, SEQIDS, SPECIES, START_ENDS)) as file:
        rows = read_rows(file)
        require_genome(file, rows)
        width = file[BASES].shape[1]
    return Genome(rows, width, GenomeFile(path, rows), rows.species[0].decode())


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
            verdict = decide(*weigh(inputs, genome, genes, predictions, found))
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
    predictions: Mapping,
    found: GeneFacts,
) -> tuple[list[Vote], Facts]:
    """Return what `gate.decide` decides by: all votes, and what is plain about the two sets.

    Args:
        inputs: the files.
        genome: their genome.
        genes: "base" and "tuned".
        predictions: open `Predictions` of both, or of none.
        found: facts of both sets.
    """
    blocks = GenomeBlocks.of(genome.lengths)
    called_bp = tuple(int(coding_bp(found.calls[name], blocks).sum()) for name in ("base", "tuned"))
    facts = Facts(called_bp, found.changes.changed_share(), intron_weight(list(found.measures.values())))
    return (_collect_votes(inputs, genome, genes, found, predictions) if all(called_bp) else []), facts


def _collect_votes(inputs, genome: Genome, genes: Mapping, found: GeneFacts, predictions: Mapping) -> list[Vote]:
    blocks, calls = GenomeBlocks.of(genome.lengths), found.calls
    weights = block_weights(len(blocks), inputs.seed)
    sets = GeneSets(genes["base"], genes["tuned"])
    matchers = {name: one.match for name, one in (("proteins", inputs.proteins), ("profiles", inputs.profiles)) if one}
    evidence = gather_evidence(genome.file, sets, found.batches, inputs.threads, with_proteins=bool(matchers))
    votes = estimates.sequence_votes(evidence, weights, matchers)
    junctions = {seqid: found for seqid, found in well_supported(inputs.junctions).items() if seqid in blocks.lengths}
    by_junctions = estimates.junction_vote(sets, junctions, blocks, weights) if junctions else None
    votes += [by_junctions] if by_junctions else []
    votes.append(watchdogs.double_coding_vote(calls, blocks, weights))
    if inputs.repeats:
        known = {seqid: as_intervals(pairs) for seqid, pairs in inputs.repeats.items() if seqid in blocks.lengths}
        votes.append(watchdogs.repeat_vote(calls, known, blocks, weights))
    if len(predictions) == 2:
        seen = read_kept_places(inputs.scores) if inputs.scores else {}
        both = {name: (predictions[name], calls[name]) for name in predictions}
        votes += watchdogs.raw_votes(sum_raw_agreement(genome.rows, both, seen, blocks, inputs.threads), weights)
    return votes


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
    """Return the mean CDS F1 of base, exon and gene level: one figure to rank two sets by."""
    return sum(judged["cds"][level]["f1"] for level in REFERENCE_LEVELS) / len(REFERENCE_LEVELS)
