"""The same genes in the dialects of twelve and more programs and data bases, as public descriptions and examples show them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

Interval = tuple[int, int]
SEQIDS = ("c1", "c2")
LENGTH_BP = 4000


@dataclass(frozen=True)
class Model:
    """One transcript; 0-based half-open, ascending. `coding` includes the stop codon; equal `coding` and `exons`: no UTR."""

    exons: tuple[Interval, ...]
    coding: tuple[Interval, ...]


@dataclass(frozen=True)
class RandomGene:
    """A gene with its transcripts."""

    number: int
    seqid: str
    strand: str
    models: tuple[Model, ...]

    @property
    def span(self) -> Interval:
        """First base and end of its transcripts."""
        return min(m.exons[0][0] for m in self.models), max(m.exons[-1][1] for m in self.models)


def random_genes(rng: np.random.Generator) -> list[RandomGene]:
    """Return up to four genes on two sequences, of one to four exons and one or two transcripts; neighbours do not overlap."""
    genes = []
    for number in range(int(rng.integers(1, 5))):
        seqid, low = SEQIDS[number % 2], 100 + 1900 * (number // 2)
        first = _random_model(rng, low + int(rng.integers(0, 200)))
        models = (first, _shorter(first)) if len(first.coding) > 2 and rng.random() < 0.4 else (first,)
        genes.append(RandomGene(number, seqid, "+-"[int(rng.integers(2))], models))
    return genes


def _random_model(rng: np.random.Generator, start: int) -> Model:
    exons, position = [], start
    for _ in range(int(rng.integers(1, 5))):
        end = position + int(rng.integers(30, 200))
        exons.append((position, end))
        position = end + int(rng.integers(30, 200))
    left, right = (int(rng.integers(1, 12)) * int(rng.random() < 0.8) for _ in range(2))
    first, last = exons[0][0] + left, exons[-1][1] - right
    coding = [(max(a, first), min(b, last)) for a, b in exons]
    length = sum(b - a for a, b in coding)
    coding[-1] = (coding[-1][0], coding[-1][1] - length % 3)
    return Model(tuple(exons), tuple(coding))


def _shorter(model: Model) -> Model:
    """Return a second transcript without the second exon, whose coding length stays a multiple of three."""
    exons, coding = (parts[:1] + parts[2:] for parts in (model.exons, model.coding))
    length = sum(b - a for a, b in coding)
    return Model(exons, (*coding[:-1], (coding[-1][0], coding[-1][1] - length % 3)))


def phases(coding: tuple[Interval, ...], strand: str) -> list[int]:
    """Return the phase of each part, ascending."""
    done, found = 0, []
    for start, end in coding if strand == "+" else coding[::-1]:
        found.append(-done % 3)
        done += end - start
    return found if strand == "+" else found[::-1]


def split_stop(coding: tuple[Interval, ...], strand: str) -> tuple[tuple[Interval, ...], tuple[Interval, ...]]:
    """Return the coding parts without the stop codon, and the stop codon (in two parts where an intron lies in it)."""
    rest, stop, missing = list(coding), [], 3
    while missing:
        start, end = rest.pop() if strand == "+" else rest.pop(0)
        size = min(missing, end - start)
        cut = (end - size, end) if strand == "+" else (start, start + size)
        stop.append(cut)
        left = (start, end - size) if strand == "+" else (start + size, end)
        if left[0] < left[1]:
            rest.insert(len(rest) if strand == "+" else 0, left)
        missing -= size
    return tuple(rest), tuple(sorted(stop))


def utrs(model: Model) -> Iterator[tuple[Interval, bool]]:
    """Yield the parts of exons before and behind the coding part, and whether they lie before it (plus strand)."""
    first, last = model.coding[0][0], model.coding[-1][1]
    for start, end in model.exons:
        if start < first:
            yield (start, min(end, first)), True
        if end > last:
            yield (max(start, last), end), False


def line(gene: RandomGene, kind: str, part: Interval, attributes: str, phase="."):
    return f"{gene.seqid}\tx\t{kind}\t{part[0] + 1}\t{part[1]}\t.\t{gene.strand}\t{phase}\t{attributes}"


def gff3(genes: list[RandomGene]) -> list[str]:
    """Plain GFF3: the form that the others are compared with."""
    return ["##gff-version 3", *(one for gene in genes for one in _gff3_gene(gene))]


def _gff3_gene(
    gene: RandomGene, gene_id="g{n}", mrna_id="g{n}.{m}", mrna="mRNA", exons=True, utr: Callable | None = None, more="",
    stop_outside=False,
) -> Iterator[str]:  # fmt: skip
    name = gene_id.format(n=gene.number)
    yield line(gene, "gene", gene.span, f"ID={name}{more}")
    for m, model in enumerate(gene.models):
        own = mrna_id.format(n=gene.number, m=m)
        yield line(gene, mrna, (model.exons[0][0], model.exons[-1][1]), f"ID={own};Parent={name}")
        yield from _gff3_parts(gene, model, own, exons, utr, stop_outside)


def _gff3_parts(gene, model, own, exons, utr, stop_outside) -> Iterator[str]:
    if exons:
        yield from (line(gene, "exon", part, f"Parent={own}") for part in model.exons)
    coding, stop = split_stop(model.coding, gene.strand) if stop_outside else (model.coding, ())
    for part, phase in zip(coding, phases(coding, gene.strand), strict=True):
        yield line(gene, "CDS", part, f"ID={own}.cds;Parent={own}", phase)
    yield from (line(gene, "stop_codon", part, f"Parent={own}", 0) for part in stop)
    if utr:
        yield from (
            line(gene, utr(is_first == (gene.strand == "+")), part, f"Parent={own}") for part, is_first in utrs(model)
        )


def ncbi_gff3(genes):
    yield from ("##gff-version 3", "#!gff-spec-version 1.21")
    for seqid in SEQIDS:
        yield f"##sequence-region {seqid} 1 {LENGTH_BP}"
        yield f"{seqid}\tRefSeq\tregion\t1\t{LENGTH_BP}\t.\t+\t.\tID={seqid}:1..{LENGTH_BP};gbkey=Src"
        for gene in (one for one in genes if one.seqid == seqid):
            yield from _gff3_gene(
                gene, "gene-L{n}", "rna-X{n}.{m}", more=";Dbxref=GeneID:1;Note=a%2C b;gene_biotype=protein_coding"
            )
    yield "###"


def ncbi_gtf(genes):
    yield "#gtf-version 2.2"
    for gene in genes:
        name = f'gene_id "L{gene.number}"; '
        yield line(gene, "gene", gene.span, name + 'transcript_id ""; gene_biotype "protein_coding"; ')
        for m, model in enumerate(gene.models):
            own = name + f'transcript_id "X{gene.number}.{m}"; product "a; transcript_id b"; '
            yield line(gene, "transcript", (model.exons[0][0], model.exons[-1][1]), own)
            yield from _gtf_parts(gene, model, own, numbered=True)


def _gtf_parts(gene, model, own, numbered=False, exons=True, stop_inside=False, utr=None) -> Iterator[str]:
    def number(i, parts):
        return f'exon_number "{(i if gene.strand == "+" else len(parts) - 1 - i) + 1}"; ' if numbered else ""

    if exons:
        yield from (line(gene, "exon", part, own + number(i, model.exons)) for i, part in enumerate(model.exons))
    outside, stop = split_stop(model.coding, gene.strand)
    coding = model.coding if stop_inside else outside
    for i, (part, phase) in enumerate(zip(coding, phases(coding, gene.strand), strict=True)):
        yield line(gene, "CDS", part, own + number(i, coding), phase)
    yield from (line(gene, "stop_codon", part, own, 0) for part in stop)
    if utr:
        yield from (line(gene, utr(is_first == (gene.strand == "+")), part, own) for part, is_first in utrs(model))


def ensembl_gtf(genes):
    yield "#!genome-build x"
    for gene in genes:
        name = f'gene_id "E{gene.number}"; gene_version "1"; gene_source "e"; gene_biotype "protein_coding";'
        yield line(gene, "gene", gene.span, name)
        for m, model in enumerate(gene.models):
            own = name + f' transcript_id "ET{gene.number}.{m}"; transcript_version "1"; '
            yield line(gene, "transcript", (model.exons[0][0], model.exons[-1][1]), own)
            yield from _gtf_parts(gene, model, own, numbered=True, utr=_so_utr)


def ensembl_gff3(genes):
    yield "##gff-version 3"
    for gene in genes:
        yield from _gff3_gene(gene, "gene:E{n}", "transcript:ET{n}.{m}", utr=_so_utr, more=";biotype=protein_coding")
        yield "###"


def _so_utr(is_5):
    return "five_prime_UTR" if is_5 else "three_prime_UTR"


def ucsc_gtf(genes):
    """The table browser knows transcripts alone: both names are the transcript's."""
    for gene in genes:
        for m, model in enumerate(gene.models):
            name = f"uc{gene.number}.{m}"
            yield from _gtf_parts(gene, model, f'gene_id "{name}"; transcript_id "{name}";')


def jgi_gff(genes):
    for gene in genes:
        for m, model in enumerate(gene.models):
            own = f'name "e_gw1.{gene.number}.{m}"; '
            yield from (line(gene, "exon", part, own + "transcriptId 11") for part in model.exons)
            for i, (part, phase) in enumerate(zip(model.coding, phases(model.coding, gene.strand), strict=True)):
                yield line(gene, "CDS", part, own + f"proteinId 12; exonNumber {i + 1}", phase)
            yield from (line(gene, "stop_codon", part, own, 0) for part in split_stop(model.coding, gene.strand)[1])


def augustus_gtf(genes):
    yield "# This output was generated with AUGUSTUS"
    for gene in genes:
        yield f"# start gene g{gene.number}"
        yield line(gene, "gene", gene.span, f"g{gene.number}")
        for m, model in enumerate(gene.models):
            name = f"g{gene.number}.t{m}"
            own = f'transcript_id "{name}"; gene_id "g{gene.number}";'
            yield line(gene, "transcript", (model.exons[0][0], model.exons[-1][1]), name)
            yield from _gtf_parts(
                gene, model, own, exons=False, stop_inside=True, utr=lambda is_5: "5'-UTR" if is_5 else "3'-UTR"
            )
        yield "# protein sequence = [MFASTA"
        yield f"# end gene g{gene.number}"
        yield "###"


def augustus_gff3(genes):
    yield "##gff-version 3"
    for gene in genes:
        yield from _gff3_gene(
            gene, "g{n}", "g{n}.t{m}", "transcript", exons=False, utr=lambda is_5: _so_utr(is_5).lower()
        )


def braker_gtf(genes):
    for gene in genes:
        yield line(gene, "gene", gene.span, f"g{gene.number}")
        for m, model in enumerate(gene.models):
            own = f'transcript_id "g{gene.number}.t{m}"; gene_id "g{gene.number}";'
            yield line(gene, "transcript", (model.exons[0][0], model.exons[-1][1]), f"g{gene.number}.t{m}")
            yield from (
                line(gene, "intron", (a[1], b[0]), own) for a, b in zip(model.exons, model.exons[1:], strict=False)
            )
            yield from _gtf_parts(gene, model, own, stop_inside=True)


def genemark_gtf(genes):
    """CDS alone would lose the UTRs: exons stand beside them here. Comments hold proteins, which may begin as directives do."""
    for gene in genes:
        yield from ("##Protein 1", "##FASTAMKL", "##end-Protein")
        for m, model in enumerate(gene.models):
            yield from _gtf_parts(gene, model, f'gene_id "{gene.number}_g"; transcript_id "{gene.number}_{m}_t";')


def maker_gff3(genes):
    yield "##gff-version 3"
    for gene in genes:
        low, high = gene.span
        yield line(gene, "protein_match", (low, high), f"ID=hit{gene.number};Name=p")
        yield line(gene, "match_part", (low, high), f"ID=hsp{gene.number};Parent=hit{gene.number}")
        yield from _gff3_gene(gene, "maker-{n}", "maker-{n}-mRNA-{m}", utr=_so_utr, more=";Name=x")
    yield from ("##FASTA", ">c1", "ACGTACGT", "ACGT")


def joined_maker_gff3(genes):
    """Two files of MAKER or Prokka, one behind the other."""
    for seqid in SEQIDS:
        yield from maker_gff3([gene for gene in genes if gene.seqid == seqid])


def miniprot_gff3(genes):
    """mRNA without a gene; the stop codon has a line of its own."""
    yield "##gff-version 3"
    for gene in genes:
        yield f"##PAF\tp{gene.number}\t100"
        for line_ in _gff3_gene(gene, "MP{n}", "MP{n}.{m}", stop_outside=True):
            if "\tgene\t" not in line_:
                yield (
                    line_.replace(f";Parent=MP{gene.number}", f";Parent=MPG{gene.number}")
                    if "\tmRNA\t" in line_
                    else line_
                )


def transdecoder_gff3(genes):
    """StringTie's transcripts with TransDecoder's coding sequences."""
    for gene in genes:
        yield from _gff3_gene(
            gene, "MSTRG.{n}", "MSTRG.{n}.{m}.p1", utr=_so_utr, more=";Name=ORF type:complete len:99 (+),score=3.2"
        )
        yield ""


def phytozome_gff3(genes):
    """CDS and UTRs, no exons; names with a version."""
    yield from ("##gff-version 3", "##annot-version v1.0")
    for gene in genes:
        yield from _gff3_gene(gene, "P.1G{n}.v1.0", "P.1G{n}.{m}.v1.0", exons=False, utr=_so_utr, more=";Name=P.1G")


def wormbase_gff3(genes):
    """Exons are shared by transcripts; parts stand before their parents here and there."""
    yield "##gff-version 3"
    for gene in genes:
        name = f"Gene:WB{gene.number}"
        owners: dict[Interval, list[str]] = {}
        for m, model in enumerate(gene.models):
            own = f"Transcript:T{gene.number}.{m}"
            for part in model.exons:
                owners.setdefault(part, []).append(own)
            yield line(gene, "mRNA", (model.exons[0][0], model.exons[-1][1]), f"ID={own};Parent={name}")
            for part, phase in zip(model.coding, phases(model.coding, gene.strand), strict=True):
                yield line(gene, "CDS", part, f"ID=CDS:{gene.number}.{m};Parent={own}", phase)
        yield from (line(gene, "exon", part, f"Parent={','.join(some)}") for part, some in owners.items())
        yield line(gene, "gene", gene.span, f"ID={name};biotype=protein_coding")


def flybase_gff3(genes):
    """The CDS has two Parents where it is written so by TAIR, too: transcript and protein."""
    yield "##gff-version 3"
    for gene in genes:
        for line_ in _gff3_gene(gene, "FBgn{n}", "FBtr{n}.{m}", utr=_so_utr):
            yield line_
            if "\tmRNA\t" in line_:
                own = line_.split("ID=")[1].split(";")[0]
                yield line(gene, "protein", gene.span, f"ID={own}-Protein;Derives_from={own}")


def flybase_gtf(genes):
    for gene in genes:
        name = f'gene_id "FB{gene.number}"; gene_symbol "s";'
        yield line(gene, "gene", gene.span, name)
        for m, model in enumerate(gene.models):
            own = (
                name + f' transcript_id "FB{gene.number if not m else f"{gene.number}.{m}"}"; transcript_symbol "s-RA";'
            )
            yield line(gene, "mRNA", (model.exons[0][0], model.exons[-1][1]), own + " # SO:0000234")
            yield from _gtf_parts(gene, model, own, utr=lambda is_5: "5UTR" if is_5 else "3UTR")


def tair_gff3(genes):
    yield from (
        line_.replace(";Parent=AT", ";Parent=AT", 1)
        if "\tCDS\t" not in line_
        else line_ + "," + line_.split("Parent=")[1] + "-Protein"
        for gene in genes
        for line_ in _gff3_gene(gene, "AT{n}", "AT{n}.{m}", utr=_so_utr)
    )


def unquoted_gtf(genes):
    return (one.replace('"', "") for one in ensembl_gtf(genes))


def spreadsheet_gff3(genes):
    for one in gff3(genes):
        head, tab, attributes = one.rpartition("\t")
        yield f'{head}\t"{attributes}"' if tab else one


def shouted_gff3(genes):
    names = {"gene": "Gene", "mRNA": "MRNA", "exon": "EXON", "CDS": "cds"}
    for one in gff3(genes):
        columns = one.split("\t")
        if len(columns) == 9:
            columns[2], columns[8] = names[columns[2]], columns[8].replace("Parent=", "PARENT=")
        yield "\t".join(columns)


DIALECTS: dict[str, Callable] = {
    "NCBI GFF3": ncbi_gff3, "NCBI GTF": ncbi_gtf, "Ensembl GFF3": ensembl_gff3, "Ensembl GTF": ensembl_gtf,
    "UCSC GTF": ucsc_gtf, "JGI GFF": jgi_gff, "AUGUSTUS GTF": augustus_gtf, "AUGUSTUS GFF3": augustus_gff3,
    "BRAKER GTF": braker_gtf, "GeneMark GTF": genemark_gtf, "MAKER GFF3": maker_gff3, "joined MAKER GFF3": joined_maker_gff3,
    "miniprot GFF3": miniprot_gff3, "StringTie and TransDecoder GFF3": transdecoder_gff3, "Phytozome GFF3": phytozome_gff3,
    "WormBase GFF3": wormbase_gff3, "FlyBase GFF3": flybase_gff3, "FlyBase GTF": flybase_gtf, "TAIR GFF3": tair_gff3,
    "GTF without quotes": unquoted_gtf, "GFF3 from a spreadsheet": spreadsheet_gff3, "GFF3 in other letters": shouted_gff3,
}  # fmt: skip
# These know transcripts alone: each is a gene, of which plain GFF3 knows one each, too.
WITHOUT_GENES = ("UCSC GTF", "JGI GFF")
