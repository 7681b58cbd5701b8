"""Hostile BAM files through `helixtune add-coverage`: counted rightly, or refused in one sentence."""

import gzip
from pathlib import Path

import h5py
import numpy as np
import pysam
import pytest

from attempts import Case
from bam_files import write_bam
from helixtune.cli import main

REFERENCES = {"a": 250, "b": 60}
READS = [(0, "a", 110, "20M"), (16, "a", 40, "5M10N5M"), (0, "b", 3, "10M")]
ROWS, LENGTH = 8, 100


def bam(reads=READS, references=REFERENCES, **how):
    return lambda path: write_bam(path, references, reads, **how)


def spoiled(spoil, **how):
    """Return a maker of a good file on which `spoil(path)` has been at work."""

    def make(path: Path) -> None:
        write_bam(path, REFERENCES, READS, **how)
        spoil(path)

    return make


def covered(aligned: int, gaps: int = 0):
    """Return a check of how many bases are covered, and lie in gaps of reads."""

    def check(path: Path) -> None:
        with h5py.File(path) as file:
            tracks = [file[f"evaluation/rnaseq_{name}"][:] for name in ("coverage", "spliced_coverage")]
        assert [track.shape for track in tracks] == [(ROWS, LENGTH, 1)] * 2
        assert [int(track.clip(0).sum()) for track in tracks] == [aligned, gaps]

    return check


def damage(path: Path) -> None:
    """Overwrite the middle of a file of many blocks; head, end and index stay."""
    write_bam(path, REFERENCES, [(0, "a", i % 200, "30M", {"XZ": str(i * 7919)}) for i in range(9000)])
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 400] = np.random.default_rng(0).bytes(400)
    path.write_bytes(content)


def as_cram(path: Path) -> None:
    path.write_bytes(b"CRAM\x03\x00" + bytes(100))


def as_sam(path: Path) -> None:
    path.write_text("@HD\tVN:1.6\tSO:coordinate\n@SQ\tSN:a\tLN:250\nr\t0\ta\t1\t60\t4M\t*\t0\t0\tACGT\t*\n")


def other_index(path: Path) -> None:
    """Put the index of a file of other sequences beside the file."""
    other = write_bam(path.with_name("other.bam"), {"q": 5}, [])
    Path(f"{other}.bai").replace(f"{path}.bai")


def index_as_csi(path: Path) -> None:
    Path(f"{path}.bai").unlink()
    pysam.index("-c", str(path))


def no_header(path: Path) -> None:
    """Write compressed blocks that hold no BAM."""
    with pysam.BGZFile(str(path), "wb") as file:
        file.write(b"hello" * 99)


CASES = {
    "empty file": Case(lambda path: path.touch(), "is empty: check how it was made"),
    "text": Case(lambda path: path.write_text("hello\n"), "is not a BAM file"),
    "SAM": Case(as_sam, "is not a BAM file"),
    "CRAM": Case(as_cram, "is CRAM: convert it"),
    "gzip of text": Case(lambda path: path.write_bytes(gzip.compress(b"hello" * 99)), "its end mark is missing"),
    "compressed blocks that hold no BAM": Case(no_header, "cannot be read as BAM"),
    "cut in the middle": Case(spoiled(lambda path: path.write_bytes(path.read_bytes()[:60])), "end mark is missing"),
    "end mark cut off": Case(spoiled(lambda path: path.write_bytes(path.read_bytes()[:-28])), "end mark is missing"),
    "block in the middle overwritten": Case(damage, "is damaged near a:"),
    "no index": Case(bam(index=False), "has no index"),
    "empty index": Case(spoiled(lambda path: Path(f"{path}.bai").write_bytes(b"")), "has no index"),
    "index full of rubbish": Case(spoiled(lambda path: Path(f"{path}.bai").write_bytes(b"x" * 99)), "has no index"),
    "index of another file": Case(spoiled(other_index), "its index belongs to another file"),
    "sorted by name": Case(bam(order="queryname", index=False), "is not sorted by coordinate"),
    "said to be unsorted": Case(bam(order="unsorted", index=False), "is not sorted by coordinate"),
    "other reference": Case(bam([(0, "z", 1, "5M")], {"z": 9}), "has no sequence 'a'"),
    "sequence missing": Case(bam([], {"a": 250}), "has no sequence 'b'"),
    "sequence longer by one base": Case(bam([], {"a": 251, "b": 60}), "'a' has 251 bases there but 250"),
    "sequence of two gigabases": Case(bam([], {"a": 2**31 - 1, "b": 60}), "'a' has 2147483647 bases there"),
    "no sequence at all": Case(bam([], {}), "has no sequence 'a'"),
    "sequences in another order": Case(
        bam(READS, {"b": 60, "a": 250}), right=covered(40, 10), result="found by name"
    ),
    "30,000 further sequences": Case(
        bam(READS, REFERENCES | {f"c{i}": 9 for i in range(30_000)}), right=covered(40, 10), result="left out"
    ),
    "no read": Case(bam([]), right=covered(0), result="coverage of 0"),
    "unmapped reads alone": Case(bam([(4, "a", 1, "9M")]), right=covered(0), result="not counted"),
    "reads of failed quality": Case(bam([(512, "a", 1, "9M"), (256, "a", 1, "9M")]), right=covered(0), result="not counted"),
    "read without alignment": Case(bam([(0, "a", 1, "")]), right=covered(0), result="not counted"),
    "read beyond the end of its sequence": Case(
        bam([(0, "b", 55, "20M")]), right=covered(5), result="counted to the end"
    ),
    "intron of 200 million bases": Case(
        bam([(0, "a", 100, "5M200000000N5M")]), right=covered(5, 145), result="counted to the end, in bounded memory"
    ),
    "index of the other kind (.csi)": Case(spoiled(index_as_csi), right=covered(40, 10), result="used"),
}  # fmt: skip


@pytest.fixture
def cover(table):
    fasta, genome = table.inputs / "genome.fa", table.inputs / "genome.h5"
    fasta.write_text(f">a\n{'ACGTA' * 50}\n>b\n{'ACGTA' * 12}\n")
    words = ["--fasta", str(fasta), "--species", "x", "--subsequence-length", str(LENGTH), "--output", str(genome)]
    assert main(["encode-genome", *words]) == 0
    words = ["add-coverage", "--data", genome, "--library", "unstranded"]
    return lambda given, made: [*words, "--bam", given, "--output", made]


@pytest.mark.parametrize("name", CASES)
def test_bam(table, reliability, cover, name):
    case = CASES[name]
    outcome = table.check(case, "reads.bam", cover, "o.h5")
    reliability("bam", name, case.promised, outcome)
