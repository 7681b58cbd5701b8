"""The GFF3 reader: what it makes of good files, and what it says about bad ones."""

import gzip
import time

import pytest

from helixtune.annotation.gff3 import iter_gene_groups, match_seqids, read_genes
from helixtune.annotation.stop_codons import with_stop_codons
from helixtune.errors import FormatError, InputFileError
from helixtune.log import logger

GENE = """\
##gff-version 3
c1\tx\tgene\t61\t330\t0.75\t+\t.\tID=g1;gene_biotype=protein_coding
c1\tx\tmRNA\t61\t330\t.\t+\t.\tID=t1;Parent=g1
c1\tx\texon\t61\t150\t.\t+\t.\tParent=t1
c1\tx\tCDS\t91\t150\t.\t+\t0\tID=c;Parent=t1
c1\tx\tCDS\t211\t270\t.\t+\t0\tID=c;Parent=t1
c1\tx\texon\t211\t330\t.\t+\t.\tParent=t1
"""


@pytest.fixture
def warnings_of(caplog):
    logger.addHandler(caplog.handler)
    yield caplog
    logger.removeHandler(caplog.handler)


@pytest.fixture
def write(tmp_path):
    def write_text(text: str, name: str = "a.gff3"):
        path = tmp_path / name
        path.write_bytes(text.encode())
        return path

    return write_text


def test_a_gene_keeps_its_structure_in_half_open_coordinates(write):
    (gene,) = read_genes(write(GENE))
    assert (gene.id, gene.seqid, gene.strand, gene.start, gene.end) == ("g1", "c1", "+", 60, 330)
    assert (gene.type, gene.biotype, gene.confidence, gene.line) == ("gene", "protein_coding", 0.75, 2)
    (transcript,) = gene.transcripts
    assert transcript.exons == ((60, 150), (210, 330))
    assert transcript.cds == ((90, 150, 0), (210, 270, 0))
    assert (transcript.cds_length_bp, gene.is_coding) == (120, True)


def reorder(text: str) -> str:
    header, *lines = text.splitlines(keepends=True)
    return header + "".join(reversed(lines))


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "\n\n"),
        lambda text: "\ufeff" + text,
        lambda text: text + "##FASTA\n>c1\nACGT\n",
        lambda text: text + ">c1\nACGT\n",
        lambda text: text + "# note\n###\n",
        lambda text: text.rstrip("\n"),
        lambda text: text.replace("t1", "t%201"),
        lambda text: text.replace("Parent=t1", "Parent=t1,t1b") + "c1\tx\ttRNA\t61\t330\t.\t+\t.\tID=t1b;Parent=g1\n",
        lambda text: text + "c1\tx\tregion\t1\t400\t.\t.\t.\tID=r\nc1\tx\tfive_prime_UTR\t61\t90\t.\t+\t.\tParent=t1\n",
    ],
)
def test_looks_do_not_change_the_gene(write, change):
    (gene,) = read_genes(write(change(GENE)))
    assert gene.transcripts[0].exons == ((60, 150), (210, 330))
    assert gene.transcripts[0].cds == ((90, 150, 0), (210, 270, 0))


def test_percent_encoding_is_undone_in_names(write):
    (gene,) = read_genes(write(GENE.replace("g1", "g%3B1").replace("c1\t", "c%7C1\t")))
    assert (gene.id, gene.seqid) == ("g;1", "c|1")


def test_children_may_stand_before_their_parents(write):
    assert read_genes(write(reorder(GENE)))[0].transcripts == read_genes(write(GENE, "b.gff3"))[0].transcripts


def test_gzip_is_known_by_content(tmp_path):
    path = tmp_path / "a.gff3"
    path.write_bytes(gzip.compress(GENE.encode()))
    assert len(read_genes(path)) == 1
    path.write_bytes(gzip.compress(GENE.encode() + b"# a note\n" * 5000)[:-30])
    with pytest.raises(InputFileError, match="copy it again"):
        read_genes(path)


def test_genes_come_in_file_order_with_transcripts_in_file_order(write):
    more = GENE.replace("g1", "a").replace("t1", "z").removeprefix("##gff-version 3\n")
    second = "c1\tx\tmRNA\t61\t330\t.\t+\t.\tID=b;Parent=a\n"
    genes = read_genes(write(GENE + more + second))
    assert [gene.id for gene in genes] == ["g1", "a"]
    assert [transcript.id for transcript in genes[1].transcripts] == ["z", "b"]


def test_unknown_types_are_counted_and_left_out(write, warnings_of):
    genes = read_genes(write(GENE + "c1\tx\tfrobnicator\t1\t9\t.\t+\t.\tID=f\n" * 2))
    assert len(genes) == 1
    assert "frobnicator (2)" in warnings_of.text


def test_cds_directly_under_a_gene_makes_a_transcript_with_a_warning(write, warnings_of):
    (gene,) = read_genes(write("c1\tx\tgene\t1\t90\t.\t+\t.\tID=g\nc1\tx\tCDS\t1\t90\t.\t+\t0\tParent=g\n"))
    assert [(one.id, one.cds) for one in gene.transcripts] == [("g", ((0, 90, 0),))]
    assert "without a transcript line" in warnings_of.text


def test_a_coding_transcript_without_exon_lines_gets_them_from_cds_and_utr(write):
    text = "".join(line for line in GENE.splitlines(keepends=True) if "\texon\t" not in line)
    utr = "c1\tx\tthree_prime_UTR\t271\t330\t.\t+\t.\tParent=t1\nc1\tx\tfive_prime_UTR\t61\t90\t.\t+\t.\tParent=t1\n"
    assert read_genes(write(text + utr))[0].transcripts[0].exons == ((60, 150), (210, 330))


def test_transcripts_without_gene_lines_stand_for_genes(write, warnings_of):
    lines = GENE.splitlines(keepends=True)[2:]
    first = "".join(lines).replace("Parent=g1", "geneID=G")
    second = first.replace("t1", "t2").replace("\t330\t", "\t350\t")
    (gene,) = read_genes(write(first + second))
    assert (gene.id, gene.start, gene.end, len(gene.transcripts)) == ("G", 60, 350, 2)
    assert "taken as genes of their own" in warnings_of.text


def test_a_trans_spliced_gene_is_kept_as_a_place_without_transcripts(write):
    part = "c1\tx\tgene\t401\t500\t.\t-\t.\tID=g1;exception=trans-splicing;part=2\n"
    genes = read_genes(write(GENE + part + lines_on("c1", "2")))[:2]
    assert [(gene.transcripts, gene.start, gene.end, gene.strand) for gene in genes] == [
        ((), 60, 330, "+"),
        ((), 400, 500, "-"),
    ]
    assert all("several parts" in gene.problem for gene in genes)


def test_a_transcript_on_the_other_strand_spoils_its_gene(write):
    odd = lines_on("c1", "2").replace("mRNA\t61\t330\t.\t+", "mRNA\t61\t330\t.\t-")
    _, *places = read_genes(write(GENE + odd))
    assert [(gene.strand, gene.start, gene.end) for gene in places] == [("+", 60, 330), ("-", 60, 330)]
    assert all("other strand" in gene.problem for gene in places)


def test_exons_of_two_strands_are_told_apart(write):
    (gene,) = read_genes(write(GENE.replace("exon\t211\t330\t.\t+", "exon\t211\t330\t.\t-")))
    assert gene.transcripts[0].exon_strands == "+-"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.replace("61\t330", "x\t330", 1), "line 2: start 'x'"),
        (lambda t: t.replace("61\t330", "0\t330", 1), "line 2: 0 to 330 is no interval"),
        (lambda t: t.replace("61\t330", "-5\t330", 1), "line 2: -5 to 330"),
        (lambda t: t.replace("61\t330", "331\t330", 1), "line 2: 331 to 330"),
        (lambda t: t.replace("ID=g1;", ""), "line 2: gene without ID"),
        (lambda t: t.replace("\t+\t", "\t.\t"), "coding lines, the first in line 5 .*line 2: it has no strand"),
        (lambda t: t.replace("0.75\t+", "0.75\tx"), "line 2: strand 'x'"),
        (lambda t: t.replace("Parent=g1", "Parent=t1"), "line 3: .*lead back"),
        (lambda t: t.replace("+\t0\t", "+\t3\t", 1), "line 5: phase '3'"),
        (lambda t: t + t.splitlines()[1] + "\n", "line 8: ID 'g1' was used before, in line 2"),
        (lambda t: t + t.splitlines()[3] + "\n", "line 8: .*in line 4 already"),
        (lambda t: t.replace("c1\tx\tmRNA", "c2\tx\tmRNA"), "line 3: .*another sequence than its gene"),
        (lambda t: t.replace("c1\tx\texon\t61", "c2\tx\texon\t61"), "line 4: .*another sequence"),
        (lambda t: t + "c1 x gene 1 9\n", "line 8: 1 tab-separated columns"),
    ],
)  # fmt: skip
def test_broken_files_are_refused_with_the_line(write, change, message):
    text = change(GENE)
    assert text != GENE
    with pytest.raises(FormatError, match=message):
        read_genes(write(text))


def test_a_missing_or_empty_file_is_named(tmp_path):
    with pytest.raises(InputFileError, match="does not exist"):
        read_genes(tmp_path / "none.gff3")
    (tmp_path / "empty.gff3").touch()
    with pytest.raises(InputFileError, match="is empty"):
        read_genes(tmp_path / "empty.gff3")


def test_comments_alone_give_no_genes(write):
    assert read_genes(write("##gff-version 3\n# nothing\n"), {"c1": 400}) == []


def test_coordinates_beyond_the_sequence_are_refused(write):
    path = write(GENE)
    assert len(read_genes(path, {"c1": 330})) == 1
    with pytest.raises(FormatError, match="line 2: gene 'g1' ends at 330 but sequence 'c1' has 329"):
        read_genes(path, {"c1": 329})
    circle = "c1\tx\tregion\t1\t329\t.\t+\t.\tID=c1;Is_circular=true\n"
    places = read_genes(write(GENE + circle), {"c1": 329})
    assert [(gene.start, gene.end, gene.transcripts) for gene in places] == [(60, 329, ()), (0, 1, ())]


def test_an_annotation_of_another_genome_is_refused(write):
    with pytest.raises(FormatError, match="none of its sequences \\('c1'\\) is in the genome \\('zz'\\)"):
        read_genes(write(GENE), {"zz": 400})


def test_genes_on_sequences_that_the_genome_lacks_are_left_out(write, warnings_of):
    other = GENE.replace("c1\t", "Mt\t").replace("g1", "g2").replace("t1", "t2")
    assert [gene.id for gene in read_genes(write(GENE + other), ["c1", "c2"])] == ["g1"]
    assert "1 genes on 1 sequences" in warnings_of.text


def test_names_match_equal_first_then_as_unique_parts():
    assert match_seqids(["1", "10"], ["1", "10"]) == {"1": "1", "10": "10"}
    assert match_seqids(["chr1"], ["sp_chr1", "sp_chr2"]) == {"chr1": "sp_chr1"}
    assert match_seqids(["1"], ["chr1", "chr10"]) == {}
    assert match_seqids(["1", "Mt"], ["1", "10"]) == {"1": "1"}


def test_matching_many_names_takes_no_quadratic_time():
    names = [f"contig{i:06}" for i in range(30_000)]
    start = time.process_time()
    assert match_seqids(names, [f"sp_{name}" for name in names])["contig000007"] == "sp_contig000007"
    assert match_seqids([*names, "Mt"], names) == {name: name for name in names}
    assert time.process_time() - start < 10  # comparing all with all takes over a minute


def lines_on(seqid: str, name: str) -> str:
    """Return the lines of a gene of its own on another sequence."""
    text = GENE.removeprefix("##gff-version 3\n").replace("c1\t", f"{seqid}\t")
    return text.replace("g1", f"g{name}").replace("t1", f"t{name}")


TWO_SEQUENCES = GENE + lines_on("c2", "2") + lines_on("c2", "3")


def alternating(text: str) -> str:
    """Return the same lines, sequences by turns; genes keep their order."""
    header, *lines = text.splitlines(keepends=True)
    on = {seqid: [line for line in lines if line.startswith(seqid)] for seqid in ("c1", "c2")}
    return header + "".join(on["c1"][:1] + on["c2"][:3] + on["c1"][1:] + on["c2"][3:])


@pytest.mark.parametrize("change", [str, alternating])
def test_groups_are_the_genes_of_one_sequence_each(write, change):
    path = write(change(TWO_SEQUENCES))
    groups = list(iter_gene_groups(path, {"c1": 400, "c2": 400}))
    assert [[gene.id for gene in group] for group in groups] == [["g1"], ["g2", "g3"]]
    assert [gene for group in groups for gene in group] == read_genes(path)
    assert all(gene.transcripts[0].cds == ((90, 150, 0), (210, 270, 0)) for group in groups for gene in group)


def test_a_sequence_that_comes_back_is_one_group(write):
    text = lines_on("c2", "2") + GENE + lines_on("c2", "3")
    assert [[gene.id for gene in group] for group in iter_gene_groups(write(text))] == [["g2", "g3"], ["g1"]]


def test_groups_are_yielded_before_the_next_sequence_is_read(write):
    groups = iter_gene_groups(write(TWO_SEQUENCES.replace("ID=t3", "Name=t3")))
    assert [gene.id for gene in next(groups)] == ["g1"]
    with pytest.raises(FormatError, match="mRNA without ID"):
        next(groups)


def test_warnings_come_once_a_file(write, warnings_of, monkeypatch):
    monkeypatch.setattr(logger, "propagate", False)  # the fixture listens already
    odd = "{0}\tx\tfrobnicator\t1\t9\t.\t+\t.\tID=f{0}\n{0}\tx\tCDS\t1\t9\t.\t+\t0\tParent=f{0}\n"
    odd += "{0}\tx\texon\t1\t9\t.\t+\t.\tID=x\n{0}\tx\tmRNA\t1\t9\t.\t+\t.\tID=alone{0}\n"
    text = GENE + odd.format("c1") + lines_on("c2", "2") + odd.format("c2") + odd.format("Mt")
    assert sum(not gene.problem for gene in read_genes(write(text), ["c1", "c2"])) == 4
    messages = [record.getMessage() for record in warnings_of.records]
    expected = [
        "frobnicator (3)",
        "3 exons or CDS without Parent were left out (e.g. line 10)",
        "3 transcripts without Parent were taken as genes of their own (e.g. 'alonec1', line 11)",
        "3 features that are not transcripts were left out with their parts, and masked if these are coding (e.g. frobnicator",
        "2 genes on 1 sequences that are not in the genome ('Mt')",
    ]
    assert len(messages) == len(expected)
    for part in expected:
        assert sum(part in message for message in messages) == 1, part


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("c2\tx\texon\t1\t9\t.\t+\t.\tParent=t1\n", "line 8: this exon lies on another sequence than its Parent 't1'"),
        ("c2\tx\tmRNA\t1\t9\t.\t+\t.\tID=t2;Parent=g1\n", "line 8: transcript 't2' lies on another sequence .*'g1'"),
        (lines_on("c2", "1"), "line 8: the ID of this gene was used before, on another sequence in line 2"),
        (lines_on("c2", "2").replace("t2", "t1"), "line 9: the ID of this transcript was used before, .* in line 3"),
    ],
)
def test_what_reaches_over_two_sequences_is_refused_with_the_line(write, more, message):
    with pytest.raises(FormatError, match=message):
        read_genes(write(GENE + more))


def test_parts_of_a_trans_spliced_gene_on_two_sequences_are_places_without_transcripts(write):
    parts = [
        lines.replace("ID=g1", f"ID=g1;part={number}").replace("ID=t1", f"ID=t1;part={number}")
        for number, lines in enumerate((GENE, lines_on("c2", "1")), start=1)
    ]
    genes = read_genes(write("".join(parts) + lines_on("c2", "3")))
    assert [(gene.seqid, gene.transcripts, gene.problem) for gene in genes[:2]] == [
        (seqid, (), "it is written in several parts") for seqid in ("c1", "c2")
    ]


def test_a_circle_may_have_another_name_in_the_genome(write):
    circle = "c1\tx\tregion\t1\t329\t.\t+\t.\tID=c1;Is_circular=true\n"
    places = read_genes(write(GENE + circle), {"sp_c1": 329})
    assert [(gene.seqid, gene.start, gene.end) for gene in places] == [("sp_c1", 60, 329), ("sp_c1", 0, 1)]


def test_names_that_the_genome_has_cut_match_by_what_is_left():
    cut, full = "x" * 50, "x" * 63
    assert match_seqids([full, "b"], [cut, "b"]) == {full: cut, "b": "b"}


STOPLESS = """\
c1\tx\tgene\t1\t12\t.\t+\t.\tID=g1
c1\tx\tmRNA\t1\t12\t.\t+\t.\tID=t1;Parent=g1
c1\tx\texon\t1\t12\t.\t+\t.\tParent=t1
c1\tx\tCDS\t1\t6\t.\t+\t0\tParent=t1
c1\tx\tgene\t21\t40\t.\t-\t.\tID=g2
c1\tx\tmRNA\t21\t40\t.\t-\t.\tID=t2;Parent=g2
c1\tx\texon\t21\t23\t.\t-\t.\tParent=t2
c1\tx\texon\t31\t40\t.\t-\t.\tParent=t2
c1\tx\tCDS\t32\t40\t.\t-\t0\tParent=t2
c1\tx\tgene\t51\t59\t.\t+\t.\tID=g3
c1\tx\tmRNA\t51\t59\t.\t+\t.\tID=t3;Parent=g3
c1\tx\texon\t51\t59\t.\t+\t.\tParent=t3
c1\tx\tCDS\t51\t59\t.\t+\t0\tParent=t3
"""
#                 1        10         20         30         40         50
BEFORE_STOPS = "ATGCCCTAACCCCCCCCCCCATTCCCCCCCAGGGGGGCATCCCCCCCCCCATGCCCCCCTGACC"


def test_stop_codons_that_a_whole_file_leaves_out_are_taken_in(write, warnings_of, tmp_path):
    """In the exon, over an intron, and beyond the transcript's end."""
    (tmp_path / "g.fa").write_text(f">c1\n{BEFORE_STOPS}\n")
    bases = BEFORE_STOPS.encode()
    assert (bases[20:23], bases[30:31]) == (b"ATT", b"A")  # read backwards: T, then AA, over the intron
    found = with_stop_codons(read_genes(write(STOPLESS)), tmp_path / "g.fa", "r.gff3")
    assert [gene.transcripts[0].cds for gene in found] == [
        ((0, 9, 0),), ((21, 23, 2), (30, 40, 0)), ((50, 62, 0),),
    ]  # fmt: skip
    assert found[2].transcripts[0].exons == ((50, 62),)
    assert "r.gff3: its coding sequences end before their stop codons" in warnings_of.text


def test_a_file_with_stop_codons_is_left_as_it_is(write, tmp_path):
    (tmp_path / "g.fa").write_text(f">c1\n{BEFORE_STOPS}\n")
    text = STOPLESS.replace("CDS\t1\t6", "CDS\t1\t9").replace("CDS\t51\t59", "CDS\t51\t62")
    genes = read_genes(write(text))
    assert with_stop_codons(genes, tmp_path / "g.fa", "r.gff3") == genes
