"""All that is counted on the sequence and the genes of one or two sets, gathered stretch by stretch in several processes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain

import numpy as np

from helixtune.annotation.genes import Gene
from helixtune.annotation.genome_file import GenomeFile
from helixtune.annotation.translation import decode_bases
from helixtune.evaluation.blocks import GenomeBlocks
from helixtune.evaluation.called_classes import CalledClasses
from helixtune.evaluation.called_pieces import PieceCollector
from helixtune.evaluation.changes import Changes, find_changes
from helixtune.evaluation.coded_proteins import AlikeSample, CodedProteins, alike_genes, sample_alike
from helixtune.evaluation.models import cds_models, exon_models
from helixtune.evaluation.statistics import Measures, measure
from helixtune.evaluation.strands import GeneSets, Strand
from helixtune.evaluation.stretches import Stretch, bare_strands, cut_genome, genes_of, read_strands
from helixtune.processes import in_processes
from helixtune.progress import Progress


@dataclass(frozen=True)
class GeneFacts:
    """What the genes say without the sequence.

    Attributes:
        measures, calls: of every set, by name.
        changes: from the first set to the second; none if there is one set.
        batches: the stretches of the genome that they were gathered on.
    """

    measures: dict[str, Measures]
    calls: dict[str, CalledClasses]
    changes: Changes
    batches: list[list[Stretch]]


@dataclass(frozen=True)
class Evidence:
    """What two sets call on the sequence; proteins only where somebody looks at them."""

    pieces: PieceCollector
    proteins: CodedProteins | None

    @classmethod
    def empty(cls, blocks: GenomeBlocks, sample: AlikeSample | None) -> "Evidence":
        """Begin."""
        return cls(PieceCollector(blocks), CodedProteins(blocks, sample) if sample else None)

    def add_strand(self, strand: Strand) -> None:
        """Gather from one strand."""
        for collector in self._collectors():
            collector.add_strand(strand)

    def gathered(self) -> list:
        """Return what `add` takes."""
        return [collector.gathered() for collector in self._collectors()]

    def add(self, gathered: list) -> None:
        """Add what was gathered elsewhere."""
        for collector, part in zip(self._collectors(), gathered, strict=True):
            collector.add(part)

    def _collectors(self) -> list:
        return [one for one in (self.pieces, self.proteins) if one]


def gather_gene_facts(genes: Mapping[str, list[Gene]], lengths: Mapping[str, int], processes: int) -> GeneFacts:
    """Measure one or two gene sets and compare them.

    Args:
        genes: the sets by name.
        lengths: {seqid: bases} of their genome.
        processes: how many.
    """
    batches = cut_genome(lengths, list(genes.values()))
    parts = list(in_processes(partial(_facts_of_batch, genes), batches, processes))
    return GeneFacts(
        {name: Measures.joined([part.measures[name] for part in parts]) for name in genes},
        {name: CalledClasses.joined([part.calls[name] for part in parts]) for name in genes},
        Changes.joined([part.changes for part in parts]),
        batches,
    )


def _facts_of_batch(genes: Mapping[str, list[Gene]], batch: Sequence[Stretch]) -> GeneFacts:
    sets = list(genes.values())
    by_set = zip(*(genes_of(stretch, sets) for stretch in batch), strict=True)
    here = {name: list(chain.from_iterable(some)) for name, some in zip(genes, by_set, strict=True)}
    coding = {name: cds_models(some) for name, some in here.items()}
    return GeneFacts(
        {name: measure(coding[name], exon_models(some)) for name, some in here.items()},
        {name: CalledClasses(some) for name, some in here.items()},
        find_changes(*coding.values()) if len(coding) == 2 else Changes.of([]),
        [],
    )


def gather_evidence(
    file: GenomeFile, sets: GeneSets, batches: Sequence[list[Stretch]], processes: int, *, with_proteins: bool
) -> Evidence:
    """Read the genome once and gather all that two sets call on it.

    Args:
        file: the genome.
        sets: the genes of both sets.
        batches: from `stretches.cut_genome` of these sets.
        processes: how many.
        with_proteins: whether proteins are gathered, too.
    """
    blocks, both = GenomeBlocks.of(file.lengths), [sets.base, sets.tuned]
    sample = _sample(blocks, both, batches, processes) if with_proteins else None
    whole = Evidence.empty(blocks, sample)
    decode_bases(np.zeros((1, 4), np.float16))  # the kernel is loaded once, not in every process
    work = partial(_evidence_of_batch, (file, both, blocks, sample))
    with Progress(blocks.total_bp, "bases", "evaluate-genes") as progress:
        for batch, part in zip(batches, in_processes(work, batches, processes), strict=True):
            whole.add(part)
            progress.advance(sum(stretch.end - stretch.start for stretch in batch))
    return whole


def _evidence_of_batch(context: tuple, batch: Sequence[Stretch]) -> list:
    file, sets, blocks, sample = context
    part = Evidence.empty(blocks, sample)
    for strand in read_strands(file, batch, sets, 1):
        part.add_strand(strand)
    return part.gathered()


def _sample(
    blocks: GenomeBlocks, sets: Sequence[list[Gene]], batches: Sequence[list[Stretch]], processes: int
) -> AlikeSample:
    work = partial(_alike_of_batch, (blocks, sets))
    found = [one for some in in_processes(work, batches, processes) for one in some]
    return sample_alike(found, len(sets[0]))


def _alike_of_batch(context: tuple, batch: Sequence[Stretch]) -> list:
    blocks, sets = context
    return [one for strand in bare_strands(blocks.lengths, batch, sets) for one in alike_genes(blocks, strand)]
