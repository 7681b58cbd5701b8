"""Coding sequences and proteins of genes as FASTA files."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import h5py

from helixtune.annotation.genes import Gene
from helixtune.annotation.genome_file import GenomeFile
from helixtune.annotation.translation import STANDARD_CODE, coding_sequence, iter_genome, translate
from helixtune.errors import FormatError
from helixtune.files import atomic_output, require_file
from helixtune.processes import in_processes

FASTA_WIDTH = 60
# Genes that are written at a time reach over so many bases at most, which are in memory then; a process takes such portions
# until it has that many genes.
PORTION_BP, BATCH_GENES = 4_000_000, 2_000
Portion = tuple[str, list[Gene]]  # one sequence
Texts = tuple[int, bytes, bytes]  # number of transcripts, their proteins, their coding sequences


def write_sequences(
    genes: Iterable[Gene],
    genome: str | Path,
    proteins_path: str | Path | None,
    cds_path: str | Path | None,
    table: int = STANDARD_CODE,
    processes: int = 1,
) -> int:
    """Write proteins and coding sequences of all transcripts with CDS as FASTA, ids being transcript ids.

    Records stand in the genome's order of sequences, within one in the order of `genes`.

    Args:
        genes: from `gff3.read_genes`.
        genome: genome.h5 or FASTA file.
        proteins_path: protein FASTA to write, or None.
        cds_path: nucleotide FASTA to write, or None.
        table: NCBI translation table.
        processes: to do it in, if the genome is a genome.h5.

    Returns:
        Number of transcripts written.

    Raises:
        FormatError: a gene lies on a sequence that the genome lacks, or beyond its end.
    """
    by_seqid: dict[str, list[Gene]] = defaultdict(list)
    for gene in genes:
        by_seqid[gene.seqid].append(gene)
    written = 0
    with ExitStack() as stack:
        proteins, cds = (
            stack.enter_context(stack.enter_context(atomic_output(path)).open("wb")) if path is not None else None
            for path in (proteins_path, cds_path)
        )
        is_h5 = h5py.is_hdf5(require_file(genome, "Genome file"))
        texts = _of_genome_file(by_seqid, genome, table, processes) if is_h5 else _of_fasta(by_seqid, genome, table)
        for count, protein_text, cds_text in texts:
            written += count
            if proteins:
                proteins.write(protein_text)
            if cds:
                cds.write(cds_text)
        if by_seqid:
            seqid, lost = next(iter(by_seqid.items()))
            raise FormatError(
                f"Gene {lost[0].id} lies on sequence '{seqid}', which the genome {genome} does not hold:"
                " use the genome that the genes were called on."
            )
    return written


def _of_fasta(by_seqid: dict[str, list[Gene]], genome: str | Path, table: int) -> Iterator[Texts]:
    for sequence in iter_genome(genome):
        yield _texts(by_seqid.pop(sequence.seqid, []), (sequence.bases, 0, len(sequence)), table)


def _of_genome_file(by_seqid: dict[str, list[Gene]], genome: str | Path, table: int, processes: int) -> Iterator[Texts]:
    file = GenomeFile.read(genome)
    portions = [portion for seqid in file.lengths for portion in _portions(seqid, by_seqid.pop(seqid, []))]
    work = partial(_texts_of_batch, file, table)
    yield from in_processes(work, _batches(portions), processes)


def _portions(seqid: str, genes: list[Gene]) -> Iterator[Portion]:
    """Cut the genes of a sequence, in their order, where they reach over too many bases."""
    portion: list[Gene] = []
    low = high = 0
    for gene in genes:
        low, high = (min(low, gene.start), max(high, gene.end)) if portion else (gene.start, gene.end)
        if portion and (high - low > PORTION_BP or len(portion) == BATCH_GENES):
            yield seqid, portion
            portion, low, high = [], gene.start, gene.end
        portion.append(gene)
    if portion:
        yield seqid, portion


def _batches(portions: Sequence[Portion]) -> list[list[Portion]]:
    batches: list[list[Portion]] = []
    room = 0
    for portion in portions:
        if room <= 0:
            batches.append([])
            room = BATCH_GENES
        batches[-1].append(portion)
        room -= len(portion[1])
    return batches


def _texts_of_batch(file: GenomeFile, table: int, batch: Sequence[Portion]) -> Texts:
    coding = [(seqid, [gene for gene in genes if gene.is_coding]) for seqid, genes in batch]
    coding = [(seqid, genes) for seqid, genes in coding if genes]
    places = [(seqid, *_span(genes, file.lengths[seqid])) for seqid, genes in coding]
    texts = [
        _texts(genes, (letters, start, file.lengths[seqid]), table)
        for (seqid, genes), (_, start, _), letters in zip(coding, places, file.read_stretches(places, 1), strict=True)
    ]
    return sum(one[0] for one in texts), b"".join(one[1] for one in texts), b"".join(one[2] for one in texts)


def _span(genes: list[Gene], length_bp: int) -> tuple[int, int]:
    parts = [transcript.cds for gene in genes for transcript in gene.transcripts if transcript.cds]
    return min(cds[0][0] for cds in parts), min(max(cds[-1][1] for cds in parts), length_bp)


def _texts(genes: list[Gene], stretch: tuple[bytes, int, int], table: int) -> Texts:
    """Return the records of genes that lie on a stretch: its letters, its first base, and the length of its sequence."""
    letters, first, length_bp = stretch
    proteins, coding = [], []
    for gene in genes:
        for transcript in gene.transcripts:
            if not transcript.cds:
                continue
            if transcript.cds[-1][1] > length_bp:
                raise FormatError(
                    f"Gene {gene.id} ends at base {transcript.cds[-1][1]} of '{gene.seqid}', which has only {length_bp}:"
                    " use the genome that the genes were called on."
                )
            bases = coding_sequence(transcript, gene.strand, letters, first)
            header = f">{transcript.id} gene={gene.id} {gene.seqid}:{gene.start + 1}-{gene.end}({gene.strand})\n"
            coding.append(header + _wrapped(bases))
            proteins.append(header + _wrapped(translate(bases, table)))
    return len(coding), "".join(proteins).encode(), "".join(coding).encode()


def _wrapped(letters: str) -> str:
    lines = (letters[start : start + FASTA_WIDTH] for start in range(0, max(len(letters), 1), FASTA_WIDTH))
    return "".join(line + "\n" for line in lines)
