"""Both strands of whole sequences: what reading a genome stretch by stretch has to agree with."""

from collections.abc import Iterable, Iterator

from helixtune.evaluation.strands import GeneSets, Strand, strands_of
from helixtune.fasta import Sequence


def iter_strands(genome: Iterable[Sequence], sets: GeneSets) -> Iterator[Strand]:
    """Yield both strands of every sequence."""
    for sequence in genome:
        here = ([gene for gene in some if gene.seqid == sequence.seqid] for some in (sets.base, sets.tuned))
        yield from strands_of(sequence, GeneSets(*here), (0, len(sequence)), 0)
