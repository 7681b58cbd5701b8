"""Give a genome without introns those of other species: real genes, real introns, a combination that nobody has.

Budding yeast has thousands of well-annotated genes but hardly an intron; small samples of other genomes have introns but
few genes. Real introns put into yeast's coding sequences, at places whose flanks look like the intron's own, make one
genome from which a network learns both.
"""

import argparse
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from targets import write_fasta

from helixtune.annotation.gff3 import Gene, read_genes
from helixtune.fasta import iter_sequences
from helixtune.files import atomic_output

COMPLEMENT = bytes.maketrans(b"ACGTN", b"TGCAN")
# Places tried for each intron; the one whose neighbours are most like the intron's own flanks is taken.
PLACES_TRIED = 30
# Coding bases that are left between two introns, and between an intron and the ends of the coding sequence.
CLEARANCE_BP = 20


@dataclass(frozen=True)
class Intron:
    """A real intron, 5'->3', with the last three exon bases before it and the first two behind it."""

    bases: bytes
    before: bytes
    behind: bytes


def main() -> None:
    """Read genome and donors, write the genome with introns."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fasta", required=True)
    parser.add_argument("--annotation", required=True)
    parser.add_argument("--donor", action="append", required=True, help="FASTA,GFF3 of a genome with introns")
    parser.add_argument("--introns-per-kb", type=float, default=1.2)
    parser.add_argument("--longest", type=int, default=600)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--output", required=True, help="writes OUTPUT.fa and OUTPUT.gff3")
    args = parser.parse_args()
    introns = [intron for pair in args.donor for intron in real_introns(*pair.split(","), args.longest)]
    sequences = {sequence.seqid: sequence.bases for sequence in iter_sequences(args.fasta)}
    genes = read_genes(args.annotation, {seqid: len(bases) for seqid, bases in sequences.items()})
    rng = np.random.default_rng(args.seed)
    paths = [Path(f"{args.output}.{suffix}") for suffix in ("fa", "gff3")]
    with ExitStack() as stack:
        fasta, gff3 = (stack.enter_context(stack.enter_context(atomic_output(path)).open("w")) for path in paths)
        gff3.write("##gff-version 3\n")
        for seqid, bases in sequences.items():
            insertions = {}
            for gene in alone(genes, seqid):
                if gene.is_coding:
                    count = rng.poisson(args.introns_per_kb * gene.transcripts[0].cds_length_bp / 1000)
                    insertions |= insertions_into(gene, bases, introns, count, rng)
            write_fasta(fasta, seqid, inserted(bases, insertions))
            every = [gene for gene in genes if gene.seqid == seqid and gene.is_coding]
            gff3.writelines(gff3_lines(every, insertions))


def real_introns(fasta: str, annotation: str, longest_bp: int) -> list[Intron]:
    """Return the different GT-AG introns between coding exons of a genome, up to a length."""
    sequences = {sequence.seqid: sequence.bases for sequence in iter_sequences(fasta)}
    found = {}
    for gene in read_genes(annotation, sequences.keys()):
        for transcript in gene.transcripts:
            for (_, start, _), (end, _, _) in zip(transcript.cds, transcript.cds[1:], strict=False):
                window = sequences[gene.seqid][start - 3 : end + 3]
                bases = window if gene.strand == "+" else window.translate(COMPLEMENT)[::-1]
                intron = Intron(bases[3:-3], bases[:3], bases[-3:-1])
                if intron.bases[:2] == b"GT" and intron.bases[-2:] == b"AG" and end - start <= longest_bp:
                    found[intron] = None
    return list(found)


def alone(genes: list[Gene], seqid: str) -> list[Gene]:
    """Return the genes of a sequence that overlap no other gene."""
    here = sorted((gene for gene in genes if gene.seqid == seqid), key=lambda gene: gene.start)
    reach, free = 0, []
    for gene, following in zip(here, [*here[1:], None], strict=True):
        if gene.start >= reach and (following is None or following.start >= gene.end):
            free.append(gene)
        reach = max(reach, gene.end)
    return free


def insertions_into(gene: Gene, bases: bytes, introns: list[Intron], count: int, rng) -> dict[int, bytes]:
    """Choose introns and their places: plus-strand position -> plus-strand bases put before it."""
    taken: dict[int, bytes] = {}
    spans = [(start, end) for start, end, _ in gene.transcripts[0].cds if end - start > 4 * CLEARANCE_BP]
    for number in rng.integers(len(introns), size=count if spans else 0):
        intron, best = introns[number], (-1, 0)
        for _ in range(PLACES_TRIED):
            start, end = spans[rng.integers(len(spans))]
            place = int(rng.integers(start + CLEARANCE_BP, end - CLEARANCE_BP))
            if all(abs(place - other) > CLEARANCE_BP for other in taken):
                best = max(best, (likeness(intron, bases, place, gene.strand), place))
        if best[0] >= 0:
            taken[best[1]] = intron.bases if gene.strand == "+" else intron.bases.translate(COMPLEMENT)[::-1]
    return taken


def likeness(intron: Intron, bases: bytes, place: int, strand: str) -> int:
    """Count how many of the five flanking bases are those that the intron had at home."""
    window = bases[place - 3 : place + 2] if strand == "+" else bases[place - 2 : place + 3].translate(COMPLEMENT)[::-1]
    return sum(a == b for a, b in zip(window, intron.before + intron.behind, strict=True))


def inserted(bases: bytes, insertions: dict[int, bytes]) -> bytes:
    """Return the sequence with all insertions made."""
    parts, last = [], 0
    for place in sorted(insertions):
        parts += [bases[last:place], insertions[place]]
        last = place
    return b"".join([*parts, bases[last:]])


def gff3_lines(genes: list[Gene], insertions: dict[int, bytes]):
    """Yield the lines of genes whose exons are cut and moved by the insertions."""
    places = np.array(sorted(insertions), np.int64)
    shifts = np.concatenate([[0], np.cumsum([len(insertions[place]) for place in places])]).astype(np.int64)

    def moved(start: int, end: int) -> list[tuple[int, int]]:
        cuts = [start, *places[(places > start) & (places < end)].tolist(), end]
        pairs = pairwise(cuts)
        return [
            (a + int(shifts[np.searchsorted(places, a, "right")]), b + int(shifts[np.searchsorted(places, b, "left")]))
            for a, b in pairs
        ]

    for gene in genes:
        transcript = gene.transcripts[0]
        whole = moved(gene.start, gene.end)
        span = whole[0][0], whole[-1][1]
        yield _line(gene, "gene", span, ".", f"ID={gene.id}")
        yield _line(gene, "mRNA", span, ".", f"ID={transcript.id};Parent={gene.id}")
        for exon in transcript.exons:
            for part in moved(*exon):
                yield _line(gene, "exon", part, ".", f"Parent={transcript.id}")
        parts = [part for start, end, _ in transcript.cds for part in moved(start, end)]
        phases, done = {}, 0
        for part in parts if gene.strand == "+" else reversed(parts):
            phases[part] = -done % 3
            done += part[1] - part[0]
        for part in parts:
            yield _line(gene, "CDS", part, str(phases[part]), f"ID={transcript.id}.cds;Parent={transcript.id}")


def _line(gene: Gene, kind: str, span: tuple[int, int], phase: str, attributes: str) -> str:
    return f"{gene.seqid}\ttransplanted\t{kind}\t{span[0] + 1}\t{span[1]}\t.\t{gene.strand}\t{phase}\t{attributes}\n"


if __name__ == "__main__":
    main()
