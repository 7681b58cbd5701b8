"""Hostile annotations through `helixtune encode-labels`: read rightly, masked, or refused with the line."""

import gzip

import pytest
from annotations import CDS, EXON, GENE, GENOME, MRNA, SECOND, WHOLE, gtf, labels, line

from attempts import Case

HEAD = "##gff-version 3\n"
# 90 bases of CDS in a gene without UTRs: it is masked around, as its borders are not known.
PLAIN = labels(coding=90, learned=790)
NOTHING = labels(learned=1000)
MISSING_TRANSCRIPT = line("CDS", 201, 260, "Parent=q", phase="0")
OF_TWO_GENES = (
    line("gene", 201, 260, "ID=h") + line("gene", 201, 260, "ID=i") + line("mRNA", 201, 260, "ID=v;Parent=h,i")
    + line("CDS", 201, 260, "Parent=v", phase="0")
)  # fmt: skip
NO_STRAND = (
    line("gene", 201, 260, "ID=h", ".") + line("mRNA", 201, 260, "ID=v;Parent=h", ".")
    + line("CDS", 201, 260, "Parent=v", ".", "0")
)  # fmt: skip
NO_GENE = "no gene: a warning, and all rows count as not annotated"


def refused(content: str | bytes, sentence: str) -> Case:
    return Case(lambda path: path.write_bytes(content.encode() if isinstance(content, str) else content), sentence)


def read(content: str | bytes, right=PLAIN, result: str = "the gene is read as it is") -> Case:
    case = refused(content, "")
    return Case(case.make, right=right, result=result)


def deep(levels: int) -> str:
    """Return transcripts within transcripts; the file names the innermost first."""
    inner = "".join(line("mRNA", 61, 150, f"ID=t{i};Parent=t{i + 1}") for i in range(levels))
    return GENE + inner + line("mRNA", 61, 150, f"ID=t{levels};Parent=g")


GFF3 = {
    "empty file": refused("", "is empty: check how it was made"),
    "comments alone": read(HEAD + "# nothing\n", NOTHING, NO_GENE),
    "random bytes": refused(bytes((i * 37 + 11) % 256 for i in range(4096)), "tab-separated columns in place of 9"),
    "zero bytes": refused(bytes(500), "tab-separated columns in place of 9"),
    "BED in disguise": refused("a\t60\t150\n", "3 tab-separated columns in place of 9"),
    "GenBank in disguise": refused("LOCUS  a  300 bp\n", "1 tab-separated columns in place of 9"),
    "spaces in place of tabs": refused(WHOLE.replace("\t", "    "), "1 tab-separated columns in place of 9"),
    "ten columns": refused(WHOLE.replace("Parent=t", "Parent=t\tmore"), "10 tab-separated columns in place of 9"),
    "eight columns": refused("a\tx\tgene\t1\t30\t.\t+\t.\n", "8 tab-separated columns in place of 9"),
    "UTF-16 text": refused(WHOLE.encode("utf-16"), "tab-separated columns in place of 9"),
    "gzip cut short": refused(gzip.compress(WHOLE.encode() * 50)[:-20], "copy it again"),
    "half a gigabyte in a gzip of 0.5 MB, one line": refused(
        gzip.compress(b"a" * 16 * 1024**2, 1) * 32, "has more than 4194304 characters"
    ),
    "start that is no number": refused(WHOLE.replace("\t61\t", "\tone\t"), "start 'one' and end '150' must be whole"),
    "start with a decimal point": refused(WHOLE.replace("\t61\t", "\t61.5\t"), "must be whole numbers"),
    "number with an underscore": refused(WHOLE.replace("\t61\t", "\t6_1\t"), "must be whole numbers"),
    "digits of another script": refused(WHOLE.replace("\t61\t", "\t٦١\t"), "must be whole numbers"),
    "number of 5,000 digits": refused(WHOLE.replace("\t150\t", f"\t{'9' * 5000}\t"), "start '61' and end '9999"),
    "terminal escapes in a quoted word": refused(WHOLE.replace("\t+\t", "\t\x1b[31m+\t"), "strand '\ufffd[31m+' is none of"),
    "start 0": refused(WHOLE.replace("\t61\t", "\t0\t"), "0 to 150 is no interval"),
    "negative start": refused(WHOLE.replace("\t61\t", "\t-61\t"), "-61 to 150 is no interval"),
    "start behind the end": refused(WHOLE.replace("61\t150", "150\t61"), "150 to 61 is no interval"),
    "one base beyond the end of the sequence": refused(WHOLE.replace("\t150\t", "\t301\t"), "but sequence 'a' has 300"),
    "end of 23 digits": refused(WHOLE.replace("\t150\t", f"\t{'9' * 23}\t"), "is no interval"),
    "phase of 3": refused(WHOLE.replace("\t0\t", "\t3\t"), "phase '3' is none of 0, 1, 2"),
    "strand x": refused(WHOLE.replace("\t+\t", "\tx\t"), "strand 'x' is none of"),
    "strand unknown": refused(WHOLE.replace("\t+\t", "\t?\t"), "line 1: it has no strand"),
    "gene without strand": refused(WHOLE.replace("\t+\t", "\t.\t"), "line 1: it has no strand"),
    "gene without ID": refused(WHOLE.replace("ID=g", "Name=g"), "gene without ID"),
    "gene ID used twice": refused(WHOLE + WHOLE.replace("=t", "=u"), "ID 'g' was used before, in line 1"),
    "gene ID on two sequences": refused(WHOLE + GENE.replace("a\t", "b\t", 1), "was used before, on another sequence"),
    "gene name on two sequences, by turns": refused(
        line("mRNA", 61, 150, "ID=t;geneID=q") + line("mRNA", 61, 150, "ID=u;geneID=q", seqid="b")
        + line("mRNA", 61, 150, "ID=v;geneID=q"), "gene 'q' lies on two sequences",
    ),
    "missing gene": read(MRNA + EXON + CDS, result="the transcript stands for its gene"),
    "missing transcript": refused(GENE + EXON + CDS, "Parents are the ID of no line"),
    "missing transcript of one of two genes": read(
        WHOLE + MISSING_TRANSCRIPT, labels(coding=90, learned=855), "its place is masked, with a warning"
    ),
    "empty name among the Parents": read(WHOLE.replace("Parent=t\n", "Parent=t,,\n")),
    "transcript of two genes, one of them not there": read(WHOLE.replace("Parent=g", "Parent=g,h")),
    "transcript of two genes": refused(
        WHOLE.replace("Parent=g", "Parent=g,h") + GENE.replace("=g", "=h"), "transcripts of several genes were left out"
    ),
    "transcript of two genes beside another gene": read(
        WHOLE + OF_TWO_GENES, labels(coding=90, learned=855), "its place is masked, with a warning"
    ),
    "gene without strand beside another gene": read(
        WHOLE + NO_STRAND, labels(coding=90, learned=795), "its place is masked on both strands, with a warning"
    ),
    "transcript that is its own Parent": refused(WHOLE.replace("Parent=g", "Parent=t"), "lead back to it"),
    "two transcripts in a circle": refused(
        GENE + MRNA.replace("=g", "=u") + MRNA.replace("ID=t;Parent=g", "ID=u;Parent=t"), "lead back to it"
    ),
    "3,000 transcripts one within the other": refused(deep(3000), "lead back to it, or to no end"),
    "transcript on another sequence": refused(GENE + MRNA.replace("a\t", "b\t", 1), "lies on another sequence than its"),
    "exon on another sequence": refused(GENE + MRNA + EXON.replace("a\t", "b\t", 1), "lies on another sequence than its"),
    "CDS twice": refused(WHOLE + CDS, "stands in line 4 already: remove one"),
    "another genome's sequence ids": refused(WHOLE.replace("a\tx", "chrX\tx"), "none of its sequences ('chrX') is in"),
    "ids that differ in case": refused(WHOLE.replace("a\tx", "A\tx"), "none of its sequences ('A') is in"),
    "half of it on another genome": read(
        WHOLE + SECOND.replace("a\t", "q\t"), result="genes on unknown sequences are left out with a warning"
    ),
    "CDS without phase": read(WHOLE.replace("\t+\t0", "\t+\t."), result="phases are counted from the start"),
    "CDS of 89 bases": read(
        WHOLE.replace("CDS\t61\t150", "CDS\t61\t149"), labels(coding=89, utr=1, learned=789), "masked, with a weight of 0"
    ),
    "exons that overlap": read(WHOLE + line("exon", 100, 200, "Parent=t"), labels(coding=90, utr=50, learned=700), "masked"),
    "CDS parts that overlap": read(
        WHOLE + line("CDS", 100, 200, "Parent=t", phase="0"), labels(coding=140, learned=739), "the broken part is masked"
    ),
    "intron of one base": read(
        GENE + MRNA + line("exon", 61, 100, "Parent=t") + line("exon", 102, 150, "Parent=t")
        + line("CDS", 61, 100, "Parent=t", phase="0") + line("CDS", 102, 150, "Parent=t", phase="2"),
        labels(coding=89, intron=1, learned=789), "masked",
    ),
    "gene over a whole sequence": read(WHOLE.replace("61\t150", "1\t300"), labels(coding=300, learned=1000)),
    "CDS straight under a gene": read(GENE + CDS.replace("=t", "=g"), result="it makes a transcript of its own"),
    "parts with an empty Parent": refused(WHOLE.replace("Parent=t\n", "Parent=\n"), "CDS without Parent were left out"),
    "children before their parents": read(CDS + EXON + MRNA + GENE),
    "features behind embedded FASTA": read("##FASTA\n>a\nACGT\n" + WHOLE, result="they are read"),
    "damaged line behind embedded FASTA": refused(
        "##FASTA\n>a\nACGT\n" + WHOLE.replace("\t.\tID=g", "\tID=g"), "line 4: 8 tab-separated columns in place of 9"
    ),
    "comment that begins as FASTA does": read("##FASTAMKL\n" + WHOLE),
    "coding genes on other sequences alone": refused(
        GENE + WHOLE.replace("a\t", "q\t", 1).replace("\na\t", "\nq\t").replace("=g", "=h"), "lies within a sequence of the genome"
    ),
    "embedded FASTA": read(WHOLE + "##FASTA\n>a\nACGT\n"),
    "embedded FASTA without directive": read(WHOLE + ">a\nACGT\n"),
    "percent-encoded tab, line end and semicolon": read(WHOLE.replace("=g", "=g%09%0A%3B")),
    "percent sign that encodes nothing": read(WHOLE.replace("=g", "=g%ZZ%")),
    "percent-encoded sequence id": read(WHOLE.replace("a\tx", "%61\tx")),
    "byte that is no UTF-8 in a note": read(WHOLE.encode().replace(b"ID=g", b"ID=g;Note=\xff\xfe")),
    "zero byte in an ID": read(WHOLE.replace("=g", "=g\0")),
    "markup in an ID": read(WHOLE.replace("=g", "=<script>alert(1)</script>")),
    "ID of 100,000 characters": read(WHOLE.replace("=g", "=" + "g" * 100_000)),
    "score that is no number": read(WHOLE.replace("150\t.\t+", "150\tnan\t+")),
    "line ends of Windows": read(WHOLE.replace("\n", "\r\n")),
    "line ends of old Macs": read(WHOLE.replace("\n", "\r")),
    "byte order mark": read("\ufeff" + WHOLE),
    "gzip": read(gzip.compress(WHOLE.encode())),
    "two genes in one place": read(WHOLE + SECOND, result="labels of one"),
    "unknown types of lines": read(WHOLE + line("frobnicator", 1, 9, "ID=f"), result="left out with a warning"),
}  # fmt: skip
GTF = {
    "GTF in disguise (named .gff3)": read(gtf("exon", 61, 150) + gtf("CDS", 61, 150, phase="0")),
    "GTF with the stop codon outside the CDS": read(
        gtf("exon", 61, 150) + gtf("CDS", 61, 147, phase="0") + gtf("stop_codon", 148, 150, phase="0"),
        result="it belongs to the CDS",
    ),
    "GTF transcript without gene_id": read(
        gtf("CDS", 61, 150, 'transcript_id "t";', phase="0"), result="the transcript's name stands for the gene's"
    ),
    "GTF transcript without transcript_id": read(
        gtf("CDS", 61, 150, 'gene_id "g"; transcript_id "";', phase="0"), result="it is the gene's only one"
    ),
    "GTF line of a gene without any name": refused(
        gtf("exon", 61, 150) + gtf("gene", 61, 150, 'note "g";'), "gene without gene_id"
    ),
    "GTF gene without strand": read(gtf("gene", 61, 150, 'gene_id "g";', strand="."), NOTHING, "left out with a warning"),
    "GTF CDS without strand": refused(gtf("CDS", 61, 150, strand=".", phase="0"), "it has no strand"),
    "GTF transcript on two sequences": read(
        gtf("CDS", 61, 150, phase="0") + gtf("CDS", 61, 150, seqid="b", phase="0"), labels(coding=180), "two genes"
    ),
    "GFF2 with bare names": refused(line("CDS", 61, 150, "g1", phase="0"), "CDS without Parent were left out"),
}  # fmt: skip
CASES = GFF3 | GTF


@pytest.fixture
def encode(table):
    genome = table.inputs / "genome.fa"
    genome.write_text(GENOME)
    words = ["encode-labels", "--fasta", genome, "--species", "x", "--subsequence-length", 40, "--threads", 1]
    return lambda given, made: [*words, "--annotation", given, "--output", made]


@pytest.mark.parametrize("name", CASES)
def test_annotation(table, reliability, encode, name):
    case = CASES[name]
    outcome = table.check(case, "genes.gff3", encode, "o.h5")
    reliability("annotation", name, case.promised, outcome)


@pytest.mark.full
def test_a_million_features(table, reliability, encode):
    """250,000 times the same gene under other names: one line of every kind each."""
    case = Case(many_genes, right=labels(coding=90), result="read in bounded memory")
    reliability("annotation", "1,000,000 features", case.promised, table.check(case, "genes.gff3", encode, "o.h5"))


def many_genes(path) -> None:
    with path.open("w") as file:
        for i in range(250_000):
            file.write(WHOLE.replace("=g", f"=g{i}").replace("=t", f"=t{i}"))
