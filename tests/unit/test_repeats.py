"""Repeats from BED files, on rows of both strands."""

import gzip

import numpy as np
import pytest

from helixtune.errors import FormatError, InputFileError
from helixtune.repeats import read_bed
from helixtune.subsequences import Rows, cut_sequence


def write(tmp_path, text):
    path = tmp_path / "r.bed"
    path.write_text(text)
    return path


def test_intervals_are_merged_and_drawn_on_both_strands(tmp_path):
    path = write(tmp_path, "track name=x\n# note\none\t12\t15\tTE\none\t2\t4\none\t3\t6\n\ntwo 0 3\nother\t1\t2\n")
    repeats = read_bed(path, {"one", "two"})
    assert [part.tolist() for part in repeats.by_seqid["one"]] == [[2, 12], [6, 15]]
    start_ends = cut_sequence(14, 10)
    rows = Rows(np.full(4, b"sp"), np.full(4, b"one"), start_ends)
    track = repeats.track(rows, 10)
    drawn = ["".join(".#"[base] for base in row) for row in track]
    assert drawn == ["..####....", "..##......", "##........", "....####.."]


def test_gzip_is_read_too(tmp_path):
    path = tmp_path / "r.bed.gz"
    path.write_bytes(gzip.compress(b"one\t5\t9\n"))
    assert read_bed(path, {"one"}).by_seqid["one"][0].tolist() == [5]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("one\t1\n", "line 1: expected sequence, start and end"),
        ("one\t0\t9\none\tx\t9\n", "line 2: expected sequence"),
        ("one\t9\t5\n", "line 1: start 9 and end 5"),
        ("one\t-1\t5\n", "line 1: start -1"),
        ("Chr1\t1\t5\n", r"none of its sequences \(Chr1\) is in the genome \(one\)"),
    ],
)
def test_what_is_no_bed_is_refused(tmp_path, text, message):
    with pytest.raises(FormatError, match=message):
        read_bed(write(tmp_path, text), {"one"})


def test_lower_case_letters_of_a_fasta_file_are_repeats(tmp_path):
    path = write(tmp_path, ">one x\nACGTac\nggACNn\n\n>two\nacgt\nACGT\n")
    found = read_bed(path, {"one", "two"}).by_seqid
    assert {seqid: np.stack(borders, axis=1).tolist() for seqid, borders in found.items()} == {
        "one": [[4, 8], [11, 12]],
        "two": [[0, 4]],
    }
    with pytest.raises(FormatError, match="100% of its letters are lower case"):
        read_bed(write(tmp_path, ">one\nacgt\n"), {"one"})


def test_binary_and_missing_files_are_refused(tmp_path):
    (tmp_path / "x.bed").write_bytes(b"\xff\xfe\x00\x01" * 9)
    with pytest.raises(FormatError, match="not a text file"):
        read_bed(tmp_path / "x.bed", {"one"})
    with pytest.raises(InputFileError, match="does not exist"):
        read_bed(tmp_path / "none.bed", {"one"})
