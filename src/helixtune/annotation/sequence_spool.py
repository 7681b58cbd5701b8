"""A genome's sequences in any order, without holding the genome in memory.

FASTA is read front to back, labels are written longest sequence first: between the two, the bases lie one byte each in
a temporary file beside the output, which vanishes when it is closed.
"""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from helixtune.fasta import Sequence


class SequenceSpool:
    """Sequences by their id; `lengths` are in the order of reading."""

    def __init__(self, file):
        self._file = file
        self._offsets: dict[str, int] = {}
        self.lengths: dict[str, int] = {}

    def add(self, sequence: Sequence) -> None:
        """Put one sequence at the end."""
        self._offsets[sequence.seqid] = self._file.seek(0, 2)
        self.lengths[sequence.seqid] = len(sequence)
        self._file.write(sequence.bases)

    def get(self, seqid: str) -> Sequence:
        """Read one sequence back."""
        self._file.seek(self._offsets[seqid])
        return Sequence(seqid, self._file.read(self.lengths[seqid]))


@contextmanager
def spool_sequences(sequences: Iterable[Sequence], folder: Path) -> Iterator[SequenceSpool]:
    """Copy all sequences into a temporary file in `folder`, which needs one byte a base there."""
    with tempfile.TemporaryFile(dir=folder) as file:
        spool = SequenceSpool(file)
        for sequence in sequences:
            spool.add(sequence)
        yield spool
