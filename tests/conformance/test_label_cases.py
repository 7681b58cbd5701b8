"""`encode-labels` against the files that the original import and export programs made of tiny annotations."""

import numpy as np
import pytest
from label_case import FOLDER, assert_equal, expected_datasets, load, read_datasets

CASES = sorted(path.name for path in FOLDER.iterdir() if path.is_dir())
# Upstream stops at these; what we do instead has a test each below.
STOPPED = [name for name in CASES if "error" in load(name)]
# Upstream forgets genes when the lines of one sequence are not together; we keep them. It learns a CDS straight under a gene as
# intergenic; we read it.
DIFFERENT = ["34-seqid-interleaved", "36-cds-under-gene"]


@pytest.fixture
def encode(run_cli, tmp_path):
    """Run encode-labels on a case (or a changed annotation) and return the datasets of its output."""

    def run(name: str, annotation: str | None = None, fails: bool = False):
        case = load(name)
        text = (FOLDER / name / "annotation.gff3").read_text() if annotation is None else annotation
        (tmp_path / "annotation.gff3").write_text(text)
        output = tmp_path / "training.h5"
        code, messages = run_cli(
            "encode-labels", "--fasta", FOLDER / name / "genome.fa", "--annotation", tmp_path / "annotation.gff3",
            "--species", case["species"], "--subsequence-length", case["subsequence_length"], "--output", output,
        )  # fmt: skip
        assert code == int(fails), messages
        assert output.exists() != fails
        return messages if fails else read_datasets(output)

    return run


@pytest.mark.parametrize("name", [name for name in CASES if name not in STOPPED + DIFFERENT])
def test_all_datasets_are_those_of_upstream(encode, name):
    assert_equal(encode(name), expected_datasets(load(name)))


def lines_of(name: str) -> list[str]:
    return (FOLDER / name / "annotation.gff3").read_text().splitlines(keepends=True)


def test_34_genes_of_a_sequence_in_two_places_are_all_kept(encode):
    header, *lines = lines_of("34-seqid-interleaved")
    found = encode("34-seqid-interleaved")
    together = encode("34-seqid-interleaved", header + "".join(sorted(lines, key=lambda line: line.split("\t")[0])))
    assert_equal(found, together)
    upstream = expected_datasets(load("34-seqid-interleaved"))
    has_lost_gene = (found["seqids"] == b"c1") & (found["start_ends"][:, 0] < found["start_ends"][:, 1])
    assert_equal(found, upstream, ~has_lost_gene)
    assert found["y"][has_lost_gene][..., 2].sum() == 60
    assert upstream["y"][has_lost_gene][..., 2].sum() == 0


def test_36_a_coding_sequence_straight_under_a_gene_is_not_learned_as_intergenic(encode):
    found, upstream = encode("36-cds-under-gene"), expected_datasets(load("36-cds-under-gene"))
    plus = found["start_ends"][:, 0] < found["start_ends"][:, 1]
    assert_equal(found, upstream, ~plus)
    coding = found["y"][plus].reshape(-1, 4)[:, 2] > 0
    assert np.flatnonzero(coding).tolist() == list(range(60, 210))
    weights = found["sample_weights"][plus].reshape(-1)
    assert not weights[:60].any()  # no UTR is known
    assert not upstream["y"][plus].reshape(-1, 4)[:, 2].any()
    assert upstream["sample_weights"][plus].reshape(-1)[60:210].all()


def test_25_missing_phases_are_masked_and_count_as_phase_0(encode):
    found = encode("25-phase-dot")
    with_phase = "".join(lines_of("25-phase-dot")).replace("CDS\t91\t150\t.\t+\t.", "CDS\t91\t150\t.\t+\t0")
    reference = encode("25-phase-dot", with_phase)
    for name in ("y", "phases", "transitions", "gene_lengths"):
        np.testing.assert_array_equal(found[name], reference[name])
    plus = found["start_ends"][:, 0] < found["start_ends"][:, 1]
    weights = found["sample_weights"][plus].reshape(-1)
    assert not weights[:90].any()  # before the coding part: its first phase is unknown
    assert weights[90:270].all()
    assert not weights[270:].any()  # behind it: of a spliced gene the last phase is looked at, too


def test_32_exons_are_made_from_cds_where_there_are_none(encode):
    exon = "c1\tinv\texon\t31\t250\t.\t+\t.\tID=e;Parent=t\n"
    annotation = "".join(lines_of("32-error-cds-without-exon"))
    assert_equal(encode("32-error-cds-without-exon"), encode("32-error-cds-without-exon", annotation + exon))


def test_33_an_unknown_type_is_left_out(encode):
    without = "".join(line for line in lines_of("33-error-unknown-type") if "frobnicator" not in line)
    assert_equal(encode("33-error-unknown-type"), encode("33-error-unknown-type", without))


def test_35_children_belong_to_their_parent_wherever_they_stand(encode):
    header, gene, first, second, *children = lines_of("35-children-by-file-order")
    in_order = [header, gene, first, *children[:2], second, *children[2:]]
    found = encode("35-children-by-file-order")
    assert_equal(found, encode("35-children-by-file-order", "".join(in_order)))
    assert found["y"][..., 2].sum() == 150


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("40-error-no-strand", "no coding gene can be read although it has coding lines, the first in line 5"),
        ("41-error-gff-id-unknown", "none of its sequences ('zz') is in the genome ('c1')"),
    ],
)
def test_what_upstream_stops_at_is_told_in_one_sentence(encode, name, message):
    assert message in encode(name, fails=True)


def test_46_a_second_parent_that_is_not_there_plays_no_part(encode):
    annotation = "".join(lines_of("46-error-two-parents"))
    assert_equal(encode("46-error-two-parents"), encode("46-error-two-parents", annotation.replace(",gX", "")))


def test_every_case_has_a_test():
    told = {"25-phase-dot", "32-error-cds-without-exon", "33-error-unknown-type", "35-children-by-file-order"}
    assert told | {"40-error-no-strand", "41-error-gff-id-unknown", "46-error-two-parents"} == set(STOPPED)


@pytest.mark.shared
def test_real_pseudolabels_are_those_of_upstream(run_cli, golden, tmp_path):
    code, messages = run_cli(
        "encode-labels", "--fasta", golden / "genome.fa", "--annotation", golden / "called.gff3",
        "--species", "pombe", "--subsequence-length", 21384, "--output", tmp_path / "labels.h5",
    )  # fmt: skip
    assert code == 0, messages
    found, expected = read_datasets(tmp_path / "labels.h5"), read_datasets(golden / "labels.h5")
    for name, array in expected.items():
        assert found[name].dtype == array.dtype
        np.testing.assert_array_equal(found[name], array, err_msg=name)
    assert set(found) == set(expected)
