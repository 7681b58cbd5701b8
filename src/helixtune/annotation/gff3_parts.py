"""Reading a large GFF3 file in several processes: each reads the lines of some sequences.

The genes, warnings and errors are those of `gff3.read_genes`. Files whose lines have to be seen in one go (gzip, GTF, sequences
whose lines do not stand together, small files) are read by it.
"""

import gc
import marshal
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import partial
from io import BytesIO
from itertools import groupby
from pathlib import Path

from helixtune.annotation.genes import Gene, Transcript
from helixtune.annotation.gff3 import GFF3_KINDS, AnnotatedGenome, read_genes
from helixtune.annotation.gff3_assembly import GFF3, assemble_genes, finish_file, require_coding_gene
from helixtune.annotation.gff3_lines import (
    KINDS,
    LONGEST_LINE,
    Line,
    LinePart,
    columns_of,
    decode,
    is_quoted,
    split_lines,
)
from helixtune.annotation.gff3_records import Records
from helixtune.annotation.gtf_records import dialect_of
from helixtune.errors import FormatError
from helixtune.files import is_gzip, require_file
from helixtune.processes import in_processes

# A process looks through so much at a time, and reads the genes of so much, or of one sequence.
PART_BYTES = 8 * 1024**2


@dataclass
class _Run:
    """Neighbouring lines of one sequence.

    Attributes:
        text: its name as it stands in the file.
        skipped: lines of the part before them.
        count: lines up to the next run, of the whole file.
        has_genes: whether genes or transcripts are among them.
        part: number of the part in which they begin.
        number: of their first line in the file.
    """

    text: str
    skipped: int
    count: int = 0
    has_genes: bool = False
    part: int = 0
    number: int = 0


@dataclass
class _Found:
    """What a part of a file holds.

    Attributes:
        runs: may be none, where there are comments only.
        n_lines: lines of the part.
        is_last: whether it ends within sequence.
    """

    runs: list[_Run]
    n_lines: int
    is_last: bool


def read_genes_in_processes(path: str | Path, known_seqids: Mapping[str, int], processes: int) -> list[Gene]:
    """Read all genes of an annotation as `gff3.read_genes` does, in so many processes."""
    path = require_file(path, "Annotation")
    runs, offsets = _look_through(path, processes) if processes > 1 and _can_be_cut(path) else ([], [])
    seqids = [decode(run.text.strip()) for run in runs]
    if len(set(seqids)) < len(seqids) or len(runs) < 2:
        return read_genes(path, known_seqids)
    with_genes = [seqid for seqid, run in zip(seqids, runs, strict=True) if run.has_genes]
    genome = AnnotatedGenome(path, with_genes, known_seqids, lambda _: True) if with_genes else None
    records, genes = Records(path), []
    work = partial(_read_part, path, genome)
    gc.disable()  # a collection would look through all genes again and again
    try:
        for packed, left, left_out in in_processes(work, _batches(runs, offsets), processes):
            genes += map(_unpacked, marshal.loads(packed))
            records.add_left(left)
            if genome:
                genome.left_out.update(left_out)
    finally:
        gc.enable()
    finish_file(records, GFF3)
    if genome:
        genome.log()
    require_coding_gene(records)
    return genes


def _can_be_cut(path: Path) -> bool:
    return path.stat().st_size > PART_BYTES and not is_gzip(path) and dialect_of(path) is GFF3 and not is_quoted(path)


def _look_through(path: Path, processes: int) -> tuple[list[_Run], list[int]]:
    """Return the runs of a file, and where its parts begin; nothing if it is better read as a whole."""
    offsets = _offsets(path)
    runs: list[_Run] = []
    ranges = list(zip(offsets, [*offsets[1:], path.stat().st_size], strict=True))
    n_before = 0
    for part, found in enumerate(in_processes(partial(_look_through_part, path), ranges, processes)):
        if found is None:
            return [], []
        for run in found.runs:
            run.part, run.number = part, n_before + run.skipped + 1
        _append(runs, found)
        n_before += found.n_lines
        if found.is_last:  # what follows is sequence, or there would be tabs in it
            return (runs, offsets) if _has_no_tab(path, [*offsets, 0][part + 1]) else ([], [])
    return runs, offsets


def _has_no_tab(path: Path, start: int) -> bool:
    """Tell whether the rest of a file has no tab (0 = there is no rest)."""
    with path.open("rb") as file:
        file.seek(start)
        return not start or all(b"\t" not in block for block in iter(partial(file.read, PART_BYTES), b""))


def _append(runs: list[_Run], found: _Found) -> None:
    """Add the runs of the next part; the last one before it goes on up to the first of another sequence."""
    here = found.runs
    if runs:
        runs[-1].count += here[0].skipped if here else found.n_lines
    if runs and here and runs[-1].text == here[0].text:
        runs[-1].count += here[0].count
        runs[-1].has_genes |= here[0].has_genes
        here = here[1:]
    runs += here


def _offsets(path: Path) -> list[int]:
    """Return where parts begin: at about every PART_BYTES, and with a line."""
    offsets, size = [0], path.stat().st_size
    with path.open("rb") as file:
        while offsets[-1] + PART_BYTES < size:
            file.seek(offsets[-1] + PART_BYTES)
            file.readline(4 * LONGEST_LINE)  # bytes of so many characters, at most
            offsets.append(file.tell())
    return offsets if offsets[-1] < size else offsets[:-1]


class _FeatureLines:
    """The feature lines of a part, to be gone through once; then `are_over` tells whether they end within sequence."""

    def __init__(self, path: Path, data: bytes, offset: int):
        self._columns = columns_of(path, BytesIO(data), LinePart(offset=offset))
        self.are_over = False

    def __iter__(self) -> Iterator[Line]:
        self.are_over = yield from self._columns


def _look_through_part(path: Path, place: tuple[int, int]) -> _Found | None:
    """Return what lies from one byte to another; None if something is wrong there."""
    start, end = place
    with path.open("rb") as file:
        file.seek(start)
        data = file.read(end - start)
    if data.count(b"\r") != data.count(b"\r\n"):  # lines may end where parts do not
        return None
    n_lines = data.count(b"\n") + (not data.endswith(b"\n"))
    runs: list[_Run] = []
    lines = _FeatureLines(path, data, start)
    try:
        for number, columns in lines:
            if not runs or columns[0] != runs[-1].text:
                runs.append(_Run(columns[0], number - 1))
            if not runs[-1].has_genes and KINDS[columns[2]] in GFF3_KINDS:
                runs[-1].has_genes = True
    except FormatError:
        return None  # read as a whole, the file is refused by the number of the line
    for run, next_skipped in zip(runs, [*(run.skipped for run in runs), n_lines][1:], strict=True):
        run.count = next_skipped - run.skipped
    if b"##FASTA" in data and not lines.are_over:
        return None  # features between sequences: rare, and sequence may have lines of any length
    return _Found(runs, n_lines, lines.are_over)


def _batches(runs: list[_Run], offsets: list[int]) -> list[LinePart]:
    """Put runs together that begin in one part."""
    batches: list[LinePart] = []
    for _, group in groupby(runs, key=lambda run: run.part):
        together = list(group)
        first, count = together[0], sum(run.count for run in together)
        batches.append(LinePart(offsets[first.part], first.skipped, count, first.number))
    return batches


def _read_part(path: Path, genome: AnnotatedGenome | None, part: LinePart) -> tuple[bytes, Records, Counter]:
    genome = genome and genome.anew()
    records, found = Records(path), []
    for _, lines in groupby(split_lines(path, part), key=lambda line: line[1][0]):
        genes = assemble_genes(records, GFF3, lines)
        found += genome.matching(genes, records) if genome else genes
    return marshal.dumps([_packed(gene) for gene in found]), records, genome.left_out if genome else Counter()


_GENE_FIELDS = tuple(field.name for field in fields(Gene))
_TRANSCRIPT_FIELDS = tuple(field.name for field in fields(Transcript))
_TRANSCRIPTS = _GENE_FIELDS.index("transcripts")


def _packed(gene: Gene) -> list:
    """Return a gene as plain values: pickle takes ten times as long for objects."""
    values = [getattr(gene, name) for name in _GENE_FIELDS]
    values[_TRANSCRIPTS] = [tuple(getattr(one, name) for name in _TRANSCRIPT_FIELDS) for one in gene.transcripts]
    return values


def _unpacked(values: list) -> Gene:
    values[_TRANSCRIPTS] = tuple(Transcript(*one) for one in values[_TRANSCRIPTS])
    return Gene(*values)
