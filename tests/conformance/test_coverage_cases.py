"""`add-coverage` against upstream's coverage tracks of hand-made reads with all flags and CIGAR letters."""

import json
from pathlib import Path

import h5py
import numpy as np
import pysam
import pytest

FOLDER = Path(__file__).parents[1] / "data" / "cases" / "coverage" / "01-basic"
CASE = json.loads((FOLDER / "expected.json").read_text())
LIBRARY = {
    "--unstranded": "unstranded",
    "--second-read-is-sense-strand": "fr-firststrand",
    "--first-read-is-sense-strand": "fr-secondstrand",
}
# Upstream's --shift (ATAC) is no RNA-seq and not offered.
RUNS = [run for run in CASE["runs"] if "--shift" not in run["options"]]


def make_bam(sam: Path, folder: Path, *, csi: bool = False) -> Path:
    bam = folder / (sam.stem + ".bam")
    pysam.sort("-o", str(bam), str(sam))
    pysam.index(*(["-c"] if csi else []), str(bam))
    return bam


def expand(runs: list) -> list[int]:
    return [value for value, count in runs for _ in range(count)]


@pytest.mark.parametrize("csi", [False, True])
@pytest.mark.parametrize("expected", RUNS, ids=[run["name"] for run in RUNS])
def test_counts_are_those_of_upstream(run_cli, tmp_path, expected, csi):
    genome, output = tmp_path / "genome.h5", tmp_path / "covered.h5"
    L = CASE["subsequence_length"]
    run_cli(
        "encode-genome", "--fasta", FOLDER / "genome.fa", "--species", CASE["species"],
        "--subsequence-length", L, "--output", genome,
    )  # fmt: skip
    bams = [make_bam(FOLDER / name, tmp_path, csi=csi) for name in expected["alignments"]]
    words = [word for bam in bams for word in ("--bam", bam)]
    code, messages = run_cli(
        "add-coverage", "--data", genome, *words, "--library", LIBRARY[expected["options"][0]], "--output", output
    )
    assert code == 0, messages
    with h5py.File(output) as file:
        assert [name.decode() for name in file["evaluation/rnaseq_meta/bam_files"]] == [str(bam) for bam in bams]
        assert file["data/start_ends"][:].tolist() == [row["start_end"] for row in expected["rows"]]
        for name in ("coverage", "spliced_coverage"):
            dataset = file[f"evaluation/rnaseq_{name}"]
            assert dataset.dtype == np.int64
            wanted = np.array([[expand(layer) for layer in row[name]] for row in expected["rows"]]).transpose(0, 2, 1)
            np.testing.assert_array_equal(dataset[:], wanted)


def test_all_libraries_are_covered():
    assert {run["options"][0] for run in RUNS} <= set(LIBRARY)
    assert len(RUNS) >= 2
