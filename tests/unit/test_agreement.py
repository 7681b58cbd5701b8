"""What several callers agree on, and what labels make of it."""

import h5py
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from helixtune import h5files
from helixtune.annotation.genes import Gene, Transcript
from helixtune.annotation.gff3 import read_genes
from helixtune.cli import main
from helixtune.evaluation.agreed_genes import write_agreed
from helixtune.evaluation.agreement import agree


def gene(*parts: tuple[int, int], strand: str = "+", seqid: str = "I", utr: int = 0) -> Gene:
    start, end = parts[0][0] - utr, parts[-1][1] + utr
    exons = list(parts)
    exons[0] = (start, exons[0][1])
    exons[-1] = (exons[-1][0], end)
    cds = tuple((*part, None) for part in parts)
    transcript = Transcript("t", "mRNA", strand, start, end, exons=tuple(exons), cds=cds)
    return Gene("g", seqid, strand, start, end, transcripts=(transcript,))


def chains(agreement):
    return [(sure.seqid, sure.transcript.strand, sure.transcript.cds) for sure in agreement.sure]


def test_what_two_sets_have_is_sure_with_the_first_ones_utrs():
    ours, theirs = gene((100, 160), (200, 290), utr=20), gene((100, 160), (200, 290))
    agreement = agree([[ours], [theirs]])
    assert [(sure.transcript.start, sure.transcript.end, sure.witnesses) for sure in agreement.sure] == [(80, 310, 2)]
    assert agreement.doubtful == []


def test_what_one_set_has_is_doubtful():
    agreement = agree([[gene((100, 190))], [gene((500, 590), strand="-")]])
    assert agreement.sure == []
    assert agreement.doubtful == [("I", 100, 190), ("I", 500, 590)]


def test_a_contradiction_is_doubtful_only_beside_the_sure_gene():
    sure = gene((100, 190))
    agreement = agree([[sure], [sure], [gene((160, 250))]])
    assert len(agreement.sure) == 1
    assert agreement.doubtful == [("I", 190, 250)]


def test_of_overlapping_sure_genes_the_one_with_more_witnesses_wins():
    short, long = gene((100, 190)), gene((100, 280))
    agreement = agree([[short], [short], [long], [long], [long]])
    assert chains(agreement) == [("I", "+", ((100, 280, None),))]
    assert agreement.doubtful == []


def test_one_set_that_has_a_gene_twice_is_one_witness():
    twice = [gene((100, 190)), gene((100, 190))]
    assert agree([twice, []]).sure == []


GENES = st.builds(
    lambda start, codons, strand: gene((start * 10, start * 10 + codons * 3), strand=strand),
    st.integers(0, 60),
    st.integers(3, 40),
    st.sampled_from("+-"),
)


@given(st.lists(st.lists(GENES, max_size=8), min_size=2, max_size=4))
def test_every_called_base_is_in_a_sure_gene_or_doubtful_and_never_both(gene_sets):
    agreement = agree(gene_sets)
    called, sure, doubtful = (np.zeros(2000, bool) for _ in range(3))
    for genes in gene_sets:
        for one in genes:
            called[one.start : one.end] = True
    for one in agreement.sure:
        sure[one.transcript.start : one.transcript.end] = True
    for _, start, end in agreement.doubtful:
        assert not doubtful[start:end].any()
        doubtful[start:end] = True
    assert not (sure & doubtful).any()
    assert np.array_equal(sure | doubtful, called)


def test_written_genes_are_read_again_and_doubtful_places_are_masked_on_both_strands(tmp_path):
    bases = np.random.default_rng(1).choice(list("ACGT"), 3000)
    bases[300:303], bases[387:390] = list("ATG"), list("TAA")
    (tmp_path / "genome.fa").write_text(">I\n" + "".join(bases) + "\n")
    sure = gene((300, 390), utr=30)
    agreement = agree([[sure, gene((1500, 1590))], [sure]])
    write_agreed(agreement, ["a.gff3", "b.gff3"], tmp_path / "agreed.gff3")
    genes = read_genes(tmp_path / "agreed.gff3")
    assert [one.transcripts[0].exons for one in genes if not one.problem] == [((270, 420),)]
    assert {(one.start, one.end) for one in genes if one.problem} == {(1500, 1590)}
    options = {"fasta": "genome.fa", "annotation": "agreed.gff3", "output": "labels.h5"}
    words = [word for name, file in options.items() for word in (f"--{name}", str(tmp_path / file))]
    assert main(["encode-labels", *words, "--species", "x", "--subsequence-length", "3006", "--quiet"]) == 0
    with h5py.File(tmp_path / "labels.h5") as file:
        weights = file[h5files.WEIGHTS][:]
        starts = file[h5files.START_ENDS][:, 0]
    plus, minus = weights[starts == 0][0], weights[starts != 0][0]
    for strand in (plus[:3000], minus[:3000][::-1]):
        assert not strand[1500:1590].any()
    assert plus[300:390].all()


def test_sets_without_anything_in_common_are_refused(tmp_path, capsys):
    for name, start in (("a", 10), ("b", 500)):
        features = (("gene", "ID=g"), ("mRNA", "ID=t;Parent=g"), ("CDS", "Parent=t"))
        lines = [f"I\t.\t{kind}\t{start}\t{start + 89}\t.\t+\t.\t{attributes}" for kind, attributes in features]
        (tmp_path / f"{name}.gff3").write_text("##gff-version 3\n" + "\n".join(lines) + "\n")
    one, other, output = (str(tmp_path / name) for name in ("a.gff3", "b.gff3", "agreed.gff3"))
    assert main(["agree-genes", "--genes", one, other, "--output", output]) == 1
    assert "No two of a.gff3, b.gff3 have a coding sequence in common" in capsys.readouterr().err
    assert main(["agree-genes", "--genes", one, "--output", output]) == 1
    assert "give two or more" in capsys.readouterr().err
    assert not (tmp_path / "agreed.gff3").exists()
