import json
import random

import pytest

LINES = "{seqid}\tx\tgene\t{a}\t{b}\t.\t{strand}\t.\tID={id}\n{seqid}\tx\tmRNA\t{a}\t{b}\t.\t{strand}\t.\tID={id}.1;Parent={id}\n"
PART = "{seqid}\tx\t{kind}\t{a}\t{b}\t.\t{strand}\t{phase}\tID={id}.{kind}.{a};Parent={id}.1\n"


def gene(name, segments, strand="+", seqid="a"):
    """GFF3 of a gene whose exons are coding: segments are 0-based half-open."""
    text = LINES.format(seqid=seqid, a=segments[0][0] + 1, b=segments[-1][1], strand=strand, id=name)
    for start, end in segments:
        for kind, phase in (("exon", "."), ("CDS", 0)):
            text += PART.format(seqid=seqid, kind=kind, a=start + 1, b=end, strand=strand, phase=phase, id=name)
    return text


@pytest.fixture
def genome(write_fasta):
    """300 bases: a whole spliced gene at 30-96 (introns GT-AG), a broken one at 150-162, filled with C."""
    bases = ["C"] * 300
    bases[30:60] = "ATG" + "GCA" * 9
    bases[60:81] = "GT" + "C" * 17 + "AG"
    bases[81:96] = "GCA" * 4 + "TAA"
    bases[150:162] = "GGGTAACCCTAA"
    return write_fasta({"a": "".join(bases)})


@pytest.fixture
def predicted(tmp_path):
    path = tmp_path / "p.gff3"
    path.write_text("##gff-version 3\n" + gene("whole", [(30, 60), (81, 96)]) + gene("broken", [(150, 162)]))
    return path


def metrics_of(run_cli, tmp_path, *words):
    code, message = run_cli("evaluate-genes", *words, "--output", tmp_path / "m.json")
    assert code == 0, message
    return json.loads((tmp_path / "m.json").read_text())


def test_without_a_reference_soundness_and_places_are_told(run_cli, tmp_path, genome, predicted):
    (tmp_path / "r.bed").write_text("a\t150\t162\n")
    found = metrics_of(run_cli, tmp_path, "--predicted", predicted, "--genome", genome, "--repeats", tmp_path / "r.bed")
    sound = found["soundness"]
    assert found["reference"] is None
    assert (sound["transcripts"], sound["whole"], sound["starts_with_atg"], sound["no_stop_inside"]) == (2, 1, 1, 1)
    assert sound["splice_sites"] == {"AT-AC": 0, "GC-AG": 0, "GT-AG": 1, "other": 0}
    assert found["places"]["in_repeats"] == pytest.approx(12 / 57, abs=1e-5)
    assert found["places"]["on_both_strands"] == 0.0


def test_a_gene_on_minus_is_read_backwards(run_cli, tmp_path, write_fasta):
    random.seed(1)
    coding = "ATG" + "GCA" * 8 + "TAA"
    complement = str.maketrans("ACGT", "TGCA")
    fasta = write_fasta({"a": "C" * 20 + coding.translate(complement)[::-1] + "C" * 20})
    (tmp_path / "p.gff3").write_text(gene("m", [(20, 50)], "-"))
    found = metrics_of(run_cli, tmp_path, "--predicted", tmp_path / "p.gff3", "--genome", fasta)
    assert found["soundness"]["whole"] == 1


def test_nothing_but_the_genes_is_enough(run_cli, tmp_path, predicted):
    found = metrics_of(run_cli, tmp_path, "--predicted", predicted)
    assert found["gene_statistics"]["predicted"]["genes"] == 2
    assert [found[name] for name in ("reference", "junctions", "soundness", "places")] == [None] * 4


def test_every_sequence_gets_its_line(run_cli, tmp_path, predicted):
    reference, table = tmp_path / "r.gff3", tmp_path / "t.tsv"
    reference.write_text(gene("r1", [(30, 60), (81, 96)]) + gene("r2", [(5, 35)], seqid="b"))
    metrics_of(run_cli, tmp_path, "--predicted", predicted, "--reference", reference, "--per-sequence", table)
    rows = [line.split("\t") for line in table.read_text().splitlines()]
    assert len(rows) == 1 + 2 * 2 * 6
    found = {(row[0], row[1], row[2]): row[3:6] for row in rows[1:]}
    assert found["a", "cds", "gene"] == ["0.5", "1.0", "0.6667"]
    assert found["b", "cds", "base"] == ["0.0", "0.0", "0.0"]


def test_genes_that_are_not_compared_are_counted(run_cli, tmp_path):
    predicted, reference = tmp_path / "p.gff3", tmp_path / "r.gff3"
    predicted.write_text("".join(gene(name, [(30, 60)], seqid=name) for name in "abc"))
    reference.write_text("".join(gene(name, [(30, 60)], seqid=name) for name in "ab"))
    words = ["--predicted", predicted, "--reference", reference]
    told = f"{predicted}: %d genes were not compared with the reference: %s."
    elsewhere = "it has no gene on their sequences"
    assert metrics_of(run_cli, tmp_path, *words)["warnings"] == [told % (1, elsewhere)]
    named = "their sequences are not among those of --seqid (in the pipeline: --judge_seqids)"
    assert metrics_of(run_cli, tmp_path, *words, "--seqid", "a")["warnings"] == [told % (2, named)]


def test_genes_beyond_the_genome_are_refused(run_cli, tmp_path, write_fasta, predicted):
    words = ["--predicted", predicted, "--genome", write_fasta({"a": "ACGT" * 10}), "--output", tmp_path / "m.json"]
    code, message = run_cli("evaluate-genes", *words)
    assert code == 1
    assert "has 40 bases" in message


def test_rna_seq_judges_introns_of_expressed_genes(run_cli, tmp_path):
    species = tmp_path / "species"
    assert run_cli("simulate-species", "--seed", 1, "--size-mb", 0.06, "--output-dir", species)[0] == 0
    words = ["--predicted", species / "annotation.gff3", "--bam", species / "reads.bam"]
    found = metrics_of(run_cli, tmp_path, *words)
    assert found["junctions"]["precision"] > 0.5  # the truth; introns that few reads span are not junctions
    assert found["junctions"]["recall"] > 0.95
    assert found["warnings"] == []
    stated = metrics_of(run_cli, tmp_path, *words, "--library", "fr-firststrand")
    assert stated["junctions"] == found["junctions"]
