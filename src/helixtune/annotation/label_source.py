"""Labelled rows of a genome, made from its genes when they are read: a training file that is never written.

It reads like the open files of `selection.shards.RowShards`. The genes of the sequences asked for lie in a temporary file,
bases are read from the genome file where a gene begins or ends.
"""

import functools
import itertools
from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from helixtune import h5files
from helixtune.annotation.gene_spool import spool_genes
from helixtune.annotation.gff3 import iter_gene_groups
from helixtune.annotation.label_encoding import stranded_bases
from helixtune.annotation.labels import LABEL_DATASETS
from helixtune.annotation.nominal_utrs import UtrLengths, add_nominal_utrs
from helixtune.annotation.partial import Spans, known_spans, mask_unknown
from helixtune.annotation.strand_labels import StrandLabels
from helixtune.annotation.translation import decode_bases
from helixtune.h5checks import checksum_attribute
from helixtune.h5files import BASES, SEQIDS, SPECIES, START_ENDS, identity_of, open_file, read_block, read_rows
from helixtune.subsequences import Rows, strand_runs

LABELS = (*LABEL_DATASETS, h5files.IS_ANNOTATED)
# Decoded letters that are kept at hand: both strands ask for the same ones, one after the other.
LETTERS_AT_HAND = 64 * 1024**2


@dataclass(frozen=True)
class LabelSettings:
    """How labels are made; what files of them say in their attribute `settings`.

    Attributes:
        subsequence_length: bases a row.
        nominal_utr: `50,110` or None, see `nominal_utrs`.
        partial_annotation: whether genes are missing, see `partial`.
    """

    subsequence_length: int
    nominal_utr: str | None = None
    partial_annotation: bool = False


class GenomeLetters:
    """Letters of a genome file, read a row at a time; a context manager."""

    def __init__(self, path: str | Path):
        self._file = open_file(path, (BASES, SEQIDS, SPECIES, START_ENDS))
        with ExitStack() as on_error:
            on_error.callback(self._file.close)
            self.path = Path(path)
            self.rows = read_rows(self._file)
            self._width_bp = self._file[BASES].shape[1]
            self.fasta_sha256 = checksum_attribute(self._file, "fasta_sha256")
            plus = [run for run in strand_runs(self.rows) if run.strand == "+"]
            on_error.pop_all()
        self.lengths = {run.seqid: run.length_bp for run in plus}
        self._numbers = {run.seqid: run.row_indices for run in plus}
        self._row = functools.lru_cache(max(2, LETTERS_AT_HAND // self._width_bp))(self._read_row)

    def __enter__(self) -> "GenomeLetters":
        return self

    def __exit__(self, *exception) -> None:
        self._file.__exit__(*exception)

    def sequence(self, seqid: str) -> "_SequenceLetters":
        """Return a sequence's letters, to be read in slices."""
        return _SequenceLetters(self, seqid, self.lengths[seqid])

    def read(self, seqid: str, start: int, end: int) -> bytes:
        """Return the plus strand's letters from start to end, which lie in the sequence."""
        width = self._width_bp
        rows = [self._row(int(self._numbers[seqid][k])) for k in range(start // width, -(-end // width))]
        first = start // width * width
        return b"".join(rows)[start - first : end - first]

    def _read_row(self, number: int) -> bytes:
        return decode_bases(read_block(self._file, BASES, slice(number, number + 1), threads=1))[0].tobytes()


@dataclass(frozen=True)
class _SequenceLetters:
    """What `label_encoding.stranded_bases` reads: letters by slice."""

    genome: GenomeLetters
    seqid: str
    length_bp: int

    def __len__(self) -> int:
        return self.length_bp

    def __getitem__(self, part: slice) -> bytes:
        start, end, _ = part.indices(self.length_bp)
        return self.genome.read(self.seqid, start, end) if start < end else b""


class LabelSource:
    """Labelled rows; a context manager.

    Args:
        genome: the open genome file.
        annotation: GFF3 or GTF of its genes.
        rows: the rows that there are.
        settings: how labels are made.
        folder: where the genes of the rows' sequences lie meanwhile, some 100 bytes a transcript.
        wants: tells of a sequence whether its genes are needed, as in `gff3.iter_gene_groups`.
        labels: the datasets of labels that there are; each costs time in every row that is read.

    Attributes:
        name: the genome file, for messages.
        n_rows: how many rows there are.
        width_bp: positions a row.
        row_names: the datasets.

    Raises:
        InputFileError, FormatError: the annotation is damaged, or belongs to another genome.
    """

    def __init__(
        self,
        genome: GenomeLetters,
        annotation: str | Path,
        rows: Rows,
        settings: LabelSettings,
        folder: Path,
        wants: Callable[[str], bool],
        labels: Collection[str] = LABELS,
    ):
        self.name, self.width_bp, self.n_rows = str(genome.path), settings.subsequence_length, len(rows)
        self.row_names = tuple(sorted((*labels, *identity_of(rows[:0]))))
        self._genome, self._rows = genome, rows
        self._known: Spans | None = {} if settings.partial_annotation else None
        self._stack = ExitStack()
        with ExitStack() as on_error:
            on_error.callback(self._stack.close)
            self._genes = self._stack.enter_context(spool_genes(folder))
            utrs = UtrLengths.parse(settings.nominal_utr) if settings.nominal_utr else None
            self._spool_genes(annotation, utrs, wants)
            on_error.pop_all()
        self._strand: tuple[tuple[str, str], StrandLabels] | None = None
        self._block: tuple[bytes, Mapping[str, np.ndarray]] | None = None

    def __enter__(self) -> "LabelSource":
        return self

    def __exit__(self, *exception) -> None:
        self._stack.close()

    @property
    def first_labelled(self) -> dict[str, int]:
        """Of each sequence with a gene that makes labels, the line of the first one."""
        return self._genes.first_labelled

    def has(self, dataset: str) -> bool:
        """Tell whether rows have this dataset."""
        return dataset in self.row_names

    def read_identity(self) -> Rows:
        """Return which bases the rows hold."""
        return self._rows

    def read(self, dataset: str, numbers: np.ndarray, threads: int | None = None) -> np.ndarray:
        """Return one dataset of some rows, given by ascending numbers; `threads` is not used."""
        key = np.asarray(numbers, np.int64).tobytes()
        if self._block is None or self._block[0] != key:
            self._block = key, self._read_block(numbers)
        return self._block[1][dataset]

    def no_rows(self, dataset: str) -> np.ndarray:
        """Return a dataset of no rows: its type and shape."""
        return self.read(dataset, np.arange(1))[:0]

    def row_bytes(self, dataset: str) -> int:
        """Return the bytes of one row of a dataset."""
        return self.read(dataset, np.arange(1)).nbytes

    def whole_datasets(self) -> dict:
        """Return the datasets that do not belong to rows: none."""
        return {}

    def _spool_genes(self, annotation: str | Path, utrs: UtrLengths | None, wants: Callable[[str], bool]) -> None:
        for group in iter_gene_groups(annotation, self._genome.lengths, wants):
            genes = add_nominal_utrs(group, self._genome.lengths, utrs)[0] if utrs else group
            if self._known is not None:
                self._known |= known_spans(genes)
            self._genes.add(genes, self._genome.lengths[genes[0].seqid])

    def _read_block(self, numbers: np.ndarray) -> dict[str, np.ndarray]:
        rows = self._rows[numbers]
        strands = rows.strands
        # Rows that follow one another in 5'->3' direction of one strand are painted at once.
        joined = (
            (rows.seqids[1:] == rows.seqids[:-1])
            & (strands[1:] == strands[:-1])
            & (rows.start_ends[1:, 0] == rows.start_ends[:-1, 1])
        )
        edges = [0, *(np.flatnonzero(~joined) + 1).tolist(), len(rows)]
        parts = [self._read_run(rows[first:end]) for first, end in itertools.pairwise(edges)]
        block = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]} | identity_of(rows)
        if self._known is not None:
            mask_unknown(block, self._known)
        return block

    def _read_run(self, rows: Rows) -> dict[str, np.ndarray]:
        place = rows.seqids[0].decode(), str(rows.strands[0])
        if self._strand is None or self._strand[0] != place:
            bases = stranded_bases(self._genome.sequence(place[0]), place[1])
            genes = self._genes.get(*place)
            self._strand = place, StrandLabels(genes, place[1], self._genome.lengths[place[0]], bases)
        labels = self._strand[1].rows(rows.start_ends, self.width_bp, self.row_names)
        return labels | {h5files.IS_ANNOTATED: np.full(len(rows), place[0] in self.first_labelled)}
