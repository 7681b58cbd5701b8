"""GTF files give the same genes as GFF3."""

import pytest

from helixtune.annotation.gff3 import iter_gene_groups, read_genes

ENSEMBL = """\
#!genome-build x
c1\te\tgene\t61\t330\t.\t+\t.\tgene_id "g1"; gene_biotype "protein_coding";
c1\te\ttranscript\t61\t330\t.\t+\t.\tgene_id "g1"; transcript_id "t1";
c1\te\texon\t61\t150\t.\t+\t.\tgene_id "g1"; transcript_id "t1"; exon_number "1";
c1\te\tCDS\t91\t150\t.\t+\t0\tgene_id "g1"; transcript_id "t1";
c1\te\tstart_codon\t91\t93\t.\t+\t0\tgene_id "g1"; transcript_id "t1";
c1\te\texon\t211\t330\t.\t+\t.\tgene_id "g1"; transcript_id "t1";
c1\te\tCDS\t211\t267\t.\t+\t0\tgene_id "g1"; transcript_id "t1";
c1\te\tstop_codon\t268\t270\t.\t+\t0\tgene_id "g1"; transcript_id "t1";
"""


@pytest.fixture
def write(tmp_path):
    def write_text(text: str):
        path = tmp_path / "a.gtf"
        path.write_text(text)
        return path

    return write_text


def test_the_stop_codon_becomes_part_of_the_cds(write):
    (gene,) = read_genes(write(ENSEMBL))
    assert (gene.id, gene.biotype, gene.start, gene.end) == ("g1", "protein_coding", 60, 330)
    assert gene.transcripts[0].cds == ((90, 150, 0), (210, 270, 0))


def test_on_minus_the_joined_part_keeps_the_phase_of_the_cds(write):
    text = ENSEMBL.replace("\t+\t", "\t-\t").replace("91\t150\t.\t-\t0", "94\t150\t.\t-\t2")
    text = text.replace("stop_codon\t268\t270", "stop_codon\t91\t93").replace("211\t267", "211\t270")
    assert read_genes(write(text))[0].transcripts[0].cds == ((90, 150, 2), (210, 270, 0))


def test_a_stop_codon_split_by_an_intron_adds_a_part(write):
    text = ENSEMBL.replace("CDS\t211\t267", "CDS\t120\t121").replace(
        "stop_codon\t268\t270\t.\t+\t0", "stop_codon\t211\t212\t.\t+\t2"
    )
    assert read_genes(write(text))[0].transcripts[0].cds[-1] == (210, 212, 2)


def test_gene_and_transcript_lines_may_be_missing_or_bare(write):
    parts = "".join(line for line in ENSEMBL.splitlines(keepends=True) if "exon" in line or "CDS" in line)
    (implied,) = read_genes(write(parts))
    assert (implied.id, implied.start, implied.end) == ("g1", 60, 330)
    bare = "c1\te\tgene\t61\t330\t1\t+\t.\tg1\nc1\te\ttranscript\t61\t330\t1\t+\t.\tt1\n"
    (gene,) = read_genes(write(bare + parts))
    assert (gene.id, gene.confidence) == ("g1", 1.0)
    assert gene.transcripts == tuple(implied.transcripts)


def test_a_coding_part_without_ids_is_a_place_to_mask(write):
    places = read_genes(write(ENSEMBL + "c1\te\tCDS\t1\t9\t.\t+\t0\tnote 3\nc1\te\texon\t1\t9\t.\t+\t.\tnote 3\n"))
    assert [(gene.start, gene.end, bool(gene.problem)) for gene in places] == [(60, 330, False), (0, 9, True)]


def on_second_sequence(text: str) -> str:
    return "".join(text.splitlines(keepends=True)[1:]).replace("c1\t", "c2\t")


def test_sequences_are_read_one_after_the_other_with_implied_genes(write):
    parts = "".join(line for line in ENSEMBL.splitlines(keepends=True) if "\tgene\t" not in line)
    second = on_second_sequence(parts).replace('"g1"', '"g2"').replace('"t1"', '"t2"')
    bare = "".join(line for line in second.splitlines(keepends=True) if "\ttranscript\t" not in line)
    first, other = iter_gene_groups(write(parts + bare), {"c1": 400, "c2": 400})
    assert [(gene.id, gene.seqid, gene.start, gene.end) for gene in first + other] == [
        ("g1", "c1", 60, 330), ("g2", "c2", 60, 330),
    ]  # fmt: skip
    assert first[0].transcripts[0].cds == other[0].transcripts[0].cds == ((90, 150, 0), (210, 270, 0))


def test_a_name_on_two_sequences_is_that_of_two_genes(write):
    genes = read_genes(write(ENSEMBL + on_second_sequence(ENSEMBL)))
    assert [(gene.id, gene.seqid, gene.is_coding) for gene in genes] == [("g1", "c1", True), ("g1", "c2", True)]


def test_a_name_used_on_both_strands_is_masked_on_both_with_its_introns(write):
    def lines(strand: str, *parts: tuple[int, int]) -> str:
        names = 'gene_id "g"; transcript_id "t";'
        return "".join(f"c1\te\tCDS\t{start}\t{end}\t.\t{strand}\t0\t{names}\n" for start, end in parts)

    other = ENSEMBL.replace('"g1"', '"g2"').replace('"t1"', '"t2"')
    places = read_genes(write(other + lines("+", (401, 430), (501, 530)) + lines("-", (701, 730), (801, 830))))[1:]
    assert [(gene.strand, gene.start, gene.end) for gene in places] == [("+", 400, 830), ("-", 700, 830)]


def test_names_used_again_with_codons_are_masked_from_first_to_last(write):
    again = (
        "".join(ENSEMBL.splitlines(keepends=True)[1:])
        .replace("c1\te\tgene", "c1\te\tintron")
        .replace("\ttranscript\t", "\tintron\t")
    )
    for low in ("61", "91", "150", "211", "330", "267", "268", "270", "93"):
        again = again.replace(f"\t{low}\t", f"\t1{low.zfill(3)}\t")
    first = "".join(
        one for one in ENSEMBL.splitlines(keepends=True) if "\tgene\t" not in one and "\ttranscript\t" not in one
    )
    other = ENSEMBL.replace('"g1"', '"g2"').replace('"t1"', '"t2"')
    genes = read_genes(write(other + first + again))
    assert [(gene.start, gene.end, gene.problem) for gene in genes] == [
        (60, 330, ""),
        (60, 1330, "its name is used twice"),
    ]
