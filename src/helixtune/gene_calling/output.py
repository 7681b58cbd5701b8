"""Called genes as GFF3: sorted and with confidence, or the very bytes that HelixerPost writes.

1-based closed coordinates exist in this module only.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from helixtune import __version__
from helixtune.gene_calling.calling import CalledSequence
from helixtune.gene_calling.genes import CalledGene
from helixtune.gene_calling.prediction_source import Origin
from helixtune.gene_calling.states import CODING, UTR3, UTR5
from helixtune.h5checks import SHA256

FEATURE_OF_LABEL = {UTR5: "five_prime_UTR", CODING: "CDS", UTR3: "three_prime_UTR"}
# GFF3 1.26: characters of a seqid that need no escape, and those of an attribute value that do.
_NOT_IN_SEQID = re.compile(r"[^a-zA-Z0-9.:^*$@!+_?|-]")
_NOT_IN_VALUE = re.compile(r"[\x00-\x1f\x7f%;=&,]")
# attribute of genome.h5 or predictions.h5 -> line of the header
CHECKSUM_LINES = {"fasta_sha256": "SHA-256 of the genome's FASTA", "model_sha256": "SHA-256 of the model"}
# feature, start, end (0-based half-open, plus strand), phase, number of this feature in the gene
Part = tuple[str, int, int, str, int]


def gene_parts(gene: CalledGene) -> list[Part]:
    """Return exons, each followed by its UTR and CDS parts, in transcript order.

    The phase always counts from the first coding base, also when the gene is cut off.
    """
    counts: Counter = Counter()
    parts: list[Part] = []
    coding_bp = 0

    def add(feature: str, start: int, end: int, phase: str = ".") -> None:
        counts[feature] += 1
        parts.append((feature, start, end, phase, counts[feature]))

    for exon in gene.exons():
        add("exon", min(start for _, start, _ in exon), max(end for _, _, end in exon))
        for label, start, end in exon:
            if label == CODING:
                add("CDS", start, end, str(-coding_bp % 3))
                coding_bp += end - start
            else:
                add(FEATURE_OF_LABEL[label], start, end)
    return parts


def upstream_lines(species: str, model_md5sum: str | None, sequences: list[CalledSequence]) -> Iterator[str]:
    """Yield the lines of HelixerPost's file: names verbatim, plus strand forwards, then minus strand backwards."""
    yield "##gff-version 3.2.1"
    yield f"##species {species}"
    if model_md5sum is not None:
        yield f"# {model_md5sum}"
    for sequence in sequences:
        yield f"##sequence-region {sequence.seqid} 1 {sequence.length_bp}"
        for number, gene in enumerate(sequence.genes, start=1):
            gene_id = f"{species}_{sequence.seqid}_{number:06d}"
            transcript = f"{gene_id}.1"

            def line(feature, start, end, phase, attributes, place=(sequence.seqid, gene.strand)):
                return f"{place[0]}\tHelixer\t{feature}\t{start + 1}\t{end}\t.\t{place[1]}\t{phase}\t{attributes}"

            yield line("gene", gene.start, gene.end, ".", f"ID={gene_id}")
            yield line("mRNA", gene.start, gene.end, ".", f"ID={transcript};Parent={gene_id}")
            for feature, start, end, phase, k in gene_parts(gene):
                yield line(feature, start, end, phase, f"ID={transcript}.{feature}.{k};Parent={transcript}")


def helixtune_lines(species: str, provenance: dict[str, str], sequences: list[CalledSequence]) -> Iterator[str]:
    """Yield the lines of helixtune's file: sequences in file order, genes by start, escaped names, confidence.

    Args:
        species: name as stored.
        provenance: what the header says about how the file was made, besides the program's version.
        sequences: a sequence id that occurs twice (the genome file's rows went back to it) becomes one.
    """
    yield "##gff-version 3"
    yield f"# made by helixtune {__version__} call-genes; species: {species}"
    for key, value in provenance.items():
        yield f"# {key}: {' '.join(value.split())}"
    by_seqid: dict[str, list[CalledSequence]] = defaultdict(list)
    for sequence in sequences:
        by_seqid[sequence.seqid].append(sequence)
    for seqid, same in by_seqid.items():
        yield f"##sequence-region {escape_seqid(seqid)} 1 {max(sequence.length_bp for sequence in same)}"
        genes = sorted(
            (gene for sequence in same for gene in sequence.genes), key=lambda gene: (gene.start, gene.end, gene.strand)
        )
        for number, gene in enumerate(genes, start=1):
            yield from _gene_lines(gene, seqid, gene_id(species, seqid, number))
        if genes:
            yield "###"


def _gene_lines(gene: CalledGene, seqid: str, identifier: str) -> Iterator[str]:
    head, tail = f"{escape_seqid(seqid)}\thelixtune", f"{gene.strand}"
    confidence = f"{gene.confidence:.4f}"
    span = f"{gene.start + 1}\t{gene.end}"
    yield f"{head}\tgene\t{span}\t{confidence}\t{tail}\t.\tID={identifier};confidence={confidence}"
    yield f"{head}\tmRNA\t{span}\t.\t{tail}\t.\tID={identifier}.1;Parent={identifier}"
    for feature, start, end, phase, k in sorted(
        gene_parts(gene), key=lambda part: (part[1], -part[2], part[0] != "exon")
    ):
        # All CDS lines of a transcript are one discontinuous feature and share its id.
        part_id = f"{identifier}.1.CDS" if feature == "CDS" else f"{identifier}.1.{feature}.{k}"
        yield f"{head}\t{feature}\t{start + 1}\t{end}\t.\t{tail}\t{phase}\tID={part_id};Parent={identifier}.1"


def provenance_of(options: Mapping[str, str], genome: str, origin: Origin) -> dict[str, str]:
    """Return the header's lines: inputs, their checksums and every setting; no times, no paths.

    Args:
        options: how genes are called, a line each.
        genome: name of the genome file.
        origin: how the predictions were made; of its checksums, what is none is left out.
    """
    model = {"model": origin.model_md5sum} if origin.model_md5sum else {}
    sums = {
        title: str(origin.checksums[name])
        for name, title in CHECKSUM_LINES.items()
        if SHA256.fullmatch(str(origin.checksums.get(name)))
    }
    return {"genome": genome, "predictions": origin.made_by, **model, **sums, **options}


def gene_id(species: str, seqid: str, number: int) -> str:
    """Return an id that is unique in the file and without white space, since FASTA headers take it up."""
    name = "_".join(f"{species}_{seqid}".split())
    return f"{_NOT_IN_VALUE.sub(_percent, name)}_{number:06d}"


def escape_seqid(seqid: str) -> str:
    """Percent-escape what a GFF3 seqid may not hold."""
    return _NOT_IN_SEQID.sub(_percent, seqid)


def _percent(match: re.Match) -> str:
    return "".join(f"%{byte:02X}" for byte in match.group().encode())
