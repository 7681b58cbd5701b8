"""Are gene models whole? Codons at their ends, stops inside, splice sites: figures that need a genome but no reference.

helixtune's and Helixer's callers enforce most of them, so that they tell nothing about how good such genes are; they show
damage in annotations from elsewhere, and genes that are cut off by the end of a sequence.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

from Bio.Seq import Seq

from helixtune.annotation.genes import Gene, Transcript
from helixtune.annotation.translation import coding_sequence, iter_genome
from helixtune.errors import FormatError

STOPS = {"TAA", "TAG", "TGA"}
# U2-type introns, and the U12 type with AT-AC ends (Burge et al. 1999; Sheth et al. 2006 Nucleic Acids Res. 34:3955).
CANONICAL = {"GT-AG", "GC-AG", "AT-AC"}


def soundness(genes: Iterable[Gene], genome: str | Path, threads: int | None = None) -> dict:
    """Count whole coding sequences and canonical introns.

    Args:
        genes: gene models; transcripts without CDS are not looked at.
        genome: genome.h5 or FASTA file, read one sequence at a time.
        threads: for reading.

    Returns:
        JSON-ready: coding transcripts, those that start with ATG, end with a stop codon, have no stop inside, have whole
        codons, all of these (`whole`), introns of coding transcripts by splice sites, and the share that is canonical.

    Raises:
        FormatError: a gene lies on a sequence that the genome lacks, or beyond its end.
    """
    by_seqid: dict[str, list[Gene]] = defaultdict(list)
    for gene in genes:
        if gene.is_coding:
            by_seqid[gene.seqid].append(gene)
    counts: Counter[str] = Counter()
    sites: Counter[str] = Counter()
    for sequence in iter_genome(genome, threads):
        for gene in by_seqid.pop(sequence.seqid, []):
            if gene.end > len(sequence):
                raise FormatError(
                    f"Gene {gene.id} ends at base {gene.end} of '{gene.seqid}', which has only {len(sequence)} in {genome}:"
                    " give the genome that the genes were called on."
                )
            for transcript in gene.transcripts:
                if transcript.cds:
                    counts.update(_codons(coding_sequence(transcript, gene.strand, sequence.bases)))
                    sites.update(_splice_sites(transcript, gene.strand, sequence.bases))
    if by_seqid:
        seqid = next(iter(by_seqid))
        raise FormatError(
            f"Gene {by_seqid[seqid][0].id} lies on sequence '{seqid}', which {genome} does not hold: give the genome that the"
            " genes were called on."
        )
    return _as_dict(counts, sites)


def _codons(coding: str) -> list[str]:
    """Return the names of all that is right with one coding sequence."""
    codons = [coding[i : i + 3] for i in range(0, len(coding) - len(coding) % 3, 3)]
    right = {
        "starts_with_atg": coding.startswith("ATG"),
        "ends_with_stop": bool(codons) and codons[-1] in STOPS,
        "no_stop_inside": STOPS.isdisjoint(codons[:-1]),
        "whole_codons": len(coding) % 3 == 0,
    }
    return [
        "transcripts",
        *(name for name, is_so in right.items() if is_so),
        *(["whole"] if all(right.values()) else []),
    ]


def _splice_sites(transcript: Transcript, strand: str, bases: bytes) -> list[str]:
    gaps = [(left[1], right[0]) for left, right in zip(transcript.exons, transcript.exons[1:], strict=False)]
    ends = [bases[start : start + 2] + bases[end - 2 : end] for start, end in gaps if end - start >= 4]
    letters = [end.decode("ascii") for end in ends]
    if strand == "-":
        letters = [str(Seq(end).reverse_complement()) for end in letters]
    return [f"{end[:2]}-{end[2:]}" for end in letters]


def _as_dict(counts: Counter, sites: Counter) -> dict:
    names = ("transcripts", "starts_with_atg", "ends_with_stop", "no_stop_inside", "whole_codons", "whole")
    total = sum(sites.values())
    known = {site: sites[site] for site in sorted(CANONICAL)}
    return {
        **{name: counts[name] for name in names},
        "whole_share": round(counts["whole"] / counts["transcripts"], 5) if counts["transcripts"] else None,
        "introns": total,
        "splice_sites": known | {"other": total - sum(known.values())},
        "canonical_share": round(sum(known.values()) / total, 5) if total else None,
    }
