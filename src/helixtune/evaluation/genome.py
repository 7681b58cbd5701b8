"""What a genome file says about itself."""

from collections.abc import Mapping
from dataclasses import dataclass

from helixtune.annotation.genome_file import GenomeFile
from helixtune.evaluation.predictions import require_genome
from helixtune.h5files import BASES, SEQIDS, SPECIES, START_ENDS, open_file, read_rows
from helixtune.subsequences import Rows


@dataclass(frozen=True)
class Genome:
    """A genome.h5: its rows, how many bases a row has, where to read sequences, its species."""

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
