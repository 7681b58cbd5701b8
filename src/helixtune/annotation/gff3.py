"""Reading gene annotations: GFF3 (and GTF), plain, gzip or bgzip.

A damaged line is refused with its number. A gene that cannot be understood becomes a place to mask, and what a gene model does
not need is left out; both are counted in a warning, unless that is commonplace.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from copy import copy
from dataclasses import replace
from itertools import groupby, islice
from pathlib import Path

from helixtune.annotation.genes import Gene, Transcript
from helixtune.annotation.gff3_assembly import GFF3, assemble_genes, finish_file, require_coding_gene
from helixtune.annotation.gff3_lines import (
    CDS,
    EXON,
    GENE,
    STOP_CODON,
    TRANSCRIPT,
    UTR,
    Line,
    Outline,
    is_quoted,
    outline_of,
    split_lines,
    unquoted,
)
from helixtune.annotation.gff3_records import Records
from helixtune.annotation.gtf_records import dialect_of
from helixtune.errors import FormatError
from helixtune.files import require_file
from helixtune.log import logger
from helixtune.subsequences import cut_seqid

__all__ = ["Gene", "Transcript", "iter_gene_groups", "match_seqids", "read_genes"]

OVER_ORIGIN = "it goes over the origin of its sequence"
# Lines that genes can be made of: in GFF3 a CDS may stand alone, a GTF file may leave out the lines of genes and transcripts.
GFF3_KINDS = (GENE, TRANSCRIPT, CDS)
GTF_KINDS = (*GFF3_KINDS, EXON, UTR, STOP_CODON)


def read_genes(path: str | Path, known_seqids: Collection[str] | Mapping[str, int] | None = None) -> list[Gene]:
    """Read all genes of an annotation, in file order.

    Args:
        path: GFF3 or GTF file.
        known_seqids: the genome's sequence ids; as a mapping to lengths, coordinates are checked too. Genes get the
            genome's spelling of their sequence id; those on other sequences are left out with a warning.

    Returns:
        Genes with 0-based half-open plus-strand coordinates. May be empty.

    Raises:
        InputFileError: missing, empty, or damaged file.
        FormatError: a line that is not GFF3, a broken gene model, coding lines of which no gene can be read, or (with
            `known_seqids`) a file that belongs to another genome; the message names the line.
    """
    return [gene for genes in _iter_assembled(path, known_seqids) for gene in genes]


def iter_gene_groups(
    path: str | Path,
    known_seqids: Collection[str] | Mapping[str, int] | None = None,
    wants: Callable[[str], bool] = lambda _: True,
) -> Iterator[list[Gene]]:
    """Yield the genes of one sequence after the other, each sequence once; those of a sequence are in file order.

    Memory is bounded by the genes of one sequence where the lines of each sequence stand together in the file, as they
    usually do; otherwise by the whole file. Some errors are found at the end of the file alone: use nothing of it before.
    Arguments and errors are those of `read_genes`. `wants` tells of a sequence (by the genome's name; by the annotation's if the
    genome lacks it) whether its genes are read, or counted in a warning; where the lines of each sequence stand together, the
    others take a fifth to a quarter of the time.
    """
    for genes in _iter_assembled(path, known_seqids, wants):
        by_seqid: dict[str, list[Gene]] = {}
        for gene in genes:
            if wants(gene.seqid):
                by_seqid.setdefault(gene.seqid, []).append(gene)
        yield from by_seqid.values()


def _iter_assembled(
    path: str | Path,
    known_seqids: Collection[str] | Mapping[str, int] | None,
    wants: Callable[[str], bool] = lambda _: True,
) -> Iterator[list[Gene]]:
    """Yield genes in file order: by sequence where its lines stand together, otherwise all at once."""
    path = require_file(path, "Annotation")
    dialect = dialect_of(path)
    outline = outline_of(path, GFF3_KINDS if dialect is GFF3 else GTF_KINDS)
    genome = (
        AnnotatedGenome(path, outline.seqids, known_seqids, wants)
        if known_seqids is not None and outline.seqids
        else None
    )
    records = Records(path)
    names = genome.known_as if genome else {}
    skipped = {name for name in outline.seqids if not wants(names.get(name, name))}
    all_lines = unquoted(split_lines(path)) if is_quoted(path) else split_lines(path)
    for lines in _groups(all_lines, outline, skipped):
        genes = assemble_genes(records, dialect, lines)
        yield genome.matching(genes, records) if genome else genes
    finish_file(records, dialect)
    if genome:
        genome.log()
    if not skipped:
        require_coding_gene(records)


def _groups(lines: Iterator[Line], outline: Outline, skipped: Collection[str]) -> Iterator[Iterable[Line]]:
    if not outline.is_grouped:
        yield lines
        return
    for seqid, group in groupby(lines, key=lambda line: line[1][0]):
        if seqid not in skipped:
            yield group


def match_seqids(annotation_seqids: Collection[str], genome_seqids: Collection[str]) -> dict[str, str]:
    """Find the genome's name of each sequence of an annotation.

    Equal names match, and long ones whose first 50 characters the genome has, as others' HDF5 files do. When some names have no
    equal, upstream's rule is tried: every annotation name is part of exactly one genome name, one to one (`chr1` in
    `sp_chr1`). When that fails too, only equal names match.
    """
    names, known = set(annotation_seqids), set(genome_seqids)
    equal = {name: cut_seqid(name, known) for name in annotation_seqids if cut_seqid(name, known) in known}
    if len(equal) == len(names):
        return equal
    found = _parts_found(names, known)
    if all(len(found[name]) == 1 for name in names) and len(set().union(*found.values())) == len(names):
        return {name: found[name].pop() for name in annotation_seqids}
    return equal


def _parts_found(names: set[str], longer_names: set[str]) -> dict[str, set[str]]:
    """Return for each name the longer names that it is part of; assemblies have 100,000: no name meets all others."""
    found: dict[str, set[str]] = {name: set() for name in names}
    lengths = {len(name) for name in names}
    for longer in longer_names:
        for length in lengths:
            for start in range(len(longer) - length + 1):
                part = longer[start : start + length]
                if part in found:
                    found[part].add(longer)
    return found


class AnnotatedGenome:
    """The genome that an annotation's genes are to lie on."""

    def __init__(
        self,
        path: Path,
        seqids: Collection[str],
        known: Collection[str] | Mapping[str, int],
        wants: Callable[[str], bool],
    ):
        self.path, self._wants = path, wants
        self.lengths_bp = known if isinstance(known, Mapping) else None
        self.known_as = match_seqids(seqids, known)
        self.left_out: Counter[str] = Counter()
        if not self.known_as:
            raise FormatError(
                f"{path}: none of its sequences ({_some(seqids)}) is in the genome ({_some(known)}): give the genome"
                " that the annotation was made for."
            )
        renamed = [name for name in seqids if self.known_as.get(name, name) != name]
        if renamed:
            logger.warning(
                "%s: sequence '%s' is taken for '%s' (%d such names).",
                path, renamed[0], self.known_as[renamed[0]], len(renamed),
            )  # fmt: skip

    def anew(self) -> "AnnotatedGenome":
        """Return the same genome for another part of the file: nothing was left out so far."""
        genome = copy(self)
        genome.left_out = Counter()
        return genome

    def matching(self, genes: list[Gene], records: Records) -> list[Gene]:
        """Return the genes on sequences of the genome, by the genome's names."""
        kept = []
        for gene in genes:
            name = self.known_as.get(gene.seqid)
            if name is None:
                self.left_out[gene.seqid] += self._wants(gene.seqid)
                continue
            own = gene if name == gene.seqid else replace(gene, seqid=name)
            kept += [own] if self.lengths_bp is None else self._within(own, gene.seqid in records.circular, records)
        return kept

    def _within(self, gene: Gene, is_circular: bool, records: Records) -> list[Gene]:  # noqa: FBT001
        """Return a gene that ends within its sequence; the places of one that goes over the origin of a circle."""
        length_bp = self.lengths_bp[gene.seqid]
        if gene.end <= length_bp:
            return [gene]
        if not is_circular or gene.end > 2 * length_bp:
            records.fail(
                gene.line,
                f"gene '{gene.id}' ends at {gene.end} but sequence '{gene.seqid}' has {length_bp} bases: give the genome that the"
                " annotation was made for, or, if the sequence is a circle, say so in a line of it with Is_circular=true.",
            )
        text = "genes over the origin of a circular sequence will be masked"
        records.notes.add(text, f"'{gene.id}', line {gene.line}")
        parts = [(gene.start, length_bp)] if gene.start < length_bp else []
        parts.append((max(gene.start - length_bp, 0), gene.end - length_bp))
        return [replace(gene, start=start, end=end, transcripts=(), problem=OVER_ORIGIN) for start, end in parts]

    def log(self) -> None:
        """Warn about genes on other sequences."""
        if self.left_out.total():
            logger.warning(
                "%s: %d genes on %d sequences that are not in the genome (%s) were left out.",
                self.path, self.left_out.total(), len(self.left_out), _some(self.left_out),
            )  # fmt: skip


def _some(names: Collection[str]) -> str:
    first = ", ".join(f"'{name}'" for name in islice(names, 3))
    return first if len(names) <= 3 else f"{first}, … {len(names)} in all"
