"""Genes by sequence, without holding those of a genome in memory.

Annotations are read in their own order, labels are written longest sequence first: between the two, genes lie in a
temporary file beside the output, which vanishes when it is closed.
"""

import pickle
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from helixtune.annotation.coding_transcripts import CodingTranscript, StrandedGene, stranded_genes
from helixtune.annotation.genes import Gene

# The writer remembers every object of a batch.
BATCH_GENES = 1000


class GeneSpool:
    """Stranded genes by sequence and strand.

    Attributes:
        first_labelled: of each sequence with a gene that makes labels, the line of the first such gene in the annotation.
    """

    def __init__(self, file):
        self._file = file
        self._offsets: dict[tuple[str, str], int] = {}
        self._ends: dict[tuple[str, str], int] = {}
        self.first_labelled: dict[str, int] = {}

    def add(self, genes: list[Gene], length_bp: int) -> None:
        """Put the genes of one sequence at the end: all of them at once, in file order."""
        seqid, lines = genes[0].seqid, []
        for strand in "+-":
            turned = stranded_genes(genes, strand, length_bp)
            self._offsets[seqid, strand] = self._file.seek(0, 2)
            for first in range(0, len(turned), BATCH_GENES):
                batch = [_packed(gene) for gene in turned[first : first + BATCH_GENES]]
                pickle.dump(batch, self._file, pickle.HIGHEST_PROTOCOL)
            self._ends[seqid, strand] = self._file.tell()
            lines += [genes[gene.rank].line for gene in turned if gene.chosen is not None]
        if lines:
            self.first_labelled[seqid] = min(lines)

    def has(self, seqid: str) -> bool:
        """Tell whether a sequence has genes."""
        return (seqid, "+") in self._offsets

    def get(self, seqid: str, strand: str) -> list[StrandedGene]:
        """Read the genes of one strand back, sorted 5'->3'; none for a sequence without genes."""
        if (seqid, strand) not in self._offsets:
            return []
        self._file.seek(self._offsets[seqid, strand])
        genes: list[StrandedGene] = []
        while self._file.tell() < self._ends[seqid, strand]:
            # Nobody else can write this file: it has no name.
            genes += map(_unpacked, pickle.load(self._file))
        return genes


@contextmanager
def spool_genes(folder: Path) -> Iterator[GeneSpool]:
    """Open a temporary file in `folder`, which needs some 100 bytes a transcript there."""
    with tempfile.TemporaryFile(dir=folder) as file:
        yield GeneSpool(file)


def _packed(gene: StrandedGene) -> tuple:
    """Return a gene as plain tuples: writing the classes takes several times as long."""
    return tuple(gene._replace(transcripts=tuple(map(tuple, gene.transcripts))))


def _unpacked(fields: tuple) -> StrandedGene:
    gene = StrandedGene._make(fields)
    return gene._replace(transcripts=tuple(map(CodingTranscript._make, gene.transcripts)))
