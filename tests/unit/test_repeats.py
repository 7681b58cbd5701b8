"""Repeats from BED files, on rows of both strands; copies of k-mers."""

import gzip

import numpy as np
import pytest

from helixtune.errors import FormatError, InputFileError, ParameterError
from helixtune.repeats import KMER_LENGTH, KmerCopies, read_bed
from helixtune.subsequences import Rows, cut_sequence, reverse_complement


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


def bases_of(codes):
    return np.eye(4, dtype=np.float16)[codes][None]


def test_copies_of_a_family_are_counted_on_both_strands():
    rng = np.random.default_rng(0)
    codes, family = rng.integers(0, 4, 40_000), rng.integers(0, 4, 400)
    for i in range(12):
        codes[3000 * i : 3000 * i + 400] = family if i % 2 else 3 - family[::-1]
    copies = KmerCopies(len(codes))
    copies.count(bases_of(codes))
    for bases in (bases_of(family), np.ascontiguousarray(reverse_complement(bases_of(family)))):
        track = copies.track(bases)[0]
        assert np.median(track[: -KMER_LENGTH + 1]) == 12
        assert (track[-KMER_LENGTH + 1 :] == 0).all()
    assert np.median(copies.track(bases_of(rng.integers(0, 4, 400)))) == 0


def test_ambiguous_bases_break_kmers_and_counters_saturate():
    codes = np.zeros(2000, np.int64)
    bases = bases_of(codes)
    bases[0, 1000] = 0.25
    copies = KmerCopies(2000)
    copies.count(bases)
    track = copies.track(bases)[0]
    assert track.max() == 255
    assert (track[1001 - KMER_LENGTH : 1001] == 0).all()


def test_large_genomes_are_sampled_so_that_memory_stays_bounded():
    copies = KmerCopies(1_000_000_000)
    assert len(copies.counters) == 1 << 27
    assert copies.sampling == 32
    codes = np.random.default_rng(0).integers(0, 4, 100_000)
    copies.count(bases_of(codes))
    assert (copies.track(bases_of(codes)) > 0).mean() == pytest.approx(1 / 32, rel=0.1)


def test_a_genome_without_bases_is_an_error():
    with pytest.raises(ParameterError):
        KmerCopies(0)
