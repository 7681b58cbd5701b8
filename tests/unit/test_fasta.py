import gzip

import numpy as np
import pytest

from helixtune.errors import FormatError, InputFileError
from helixtune.fasta import encode_bases, iter_sequences, sequence_lengths
from helixtune.subsequences import reverse_complement

COMPLEMENT = str.maketrans("ACGTYRKMDHBVSWN", "TGCARYMKHDVBSWN")


def read(path):
    return {sequence.seqid: sequence.bases.decode() for sequence in iter_sequences(path)}


def test_every_letter_complements():
    letters = "CATGYRWSKMDVHBN"
    complement = letters.translate(COMPLEMENT)[::-1]
    assert (reverse_complement(encode_bases(letters.encode())) == encode_bases(complement.encode())).all()


def test_three_base_codes_are_a_third_cut_to_two_digits():
    assert encode_bases(b"D").tolist() == [[0, *[float(np.float16(0.33))] * 3]]


@pytest.mark.parametrize(
    "pack", [lambda data: data, gzip.compress, lambda data: gzip.compress(data[:9]) + gzip.compress(data[9:])]
)
def test_plain_gzip_and_blocked_gzip_read_alike(tmp_path, pack):
    path = tmp_path / "g.fa"
    path.write_bytes(pack(b">a desc\r\nacgt\r\n\nNN\n>b\tx\nTT\n\n\n"))
    assert read(path) == {"a": "ACGTNN", "b": "TT"}
    assert sequence_lengths(path) == {"a": 6, "b": 2}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"ACGT\n", "line 1: text before the first"),
        (b">a\nAC\n>a\nGG\n", "line 3: sequence id 'a' occurs twice"),
        (b">" + b"x" * 256 + b"\nA\n", "more than 255 characters"),
        (b">a\nACGT\nAC>b\nACGT\n", "line 3: '>' inside the line"),
        (b">a\n>b\nAC\n", "line 1: record 'a' has no sequence"),
        (b"> a\nAC\n", "line 1: a header without a sequence id"),
        (b">a\nACZT\n", "line 2: 'Z' in sequence 'a'"),
        (b">a\nAC GT\n", "line 2: ' ' in sequence 'a'"),
        (">ä\nAC\n".encode(), "not plain ASCII"),
        (b"\x00\x01\x02", "text before the first"),
        (b"\n\n", "no FASTA record"),
    ],
)
def test_bad_content_is_one_sentence(tmp_path, content, words):
    path = tmp_path / "bad.fa"
    path.write_bytes(content)
    with pytest.raises(FormatError, match=words) as caught:
        read(path)
    assert str(path) in str(caught.value)


def test_truncated_gzip_is_named(tmp_path):
    path = tmp_path / "g.fa.gz"
    path.write_bytes(gzip.compress(b">a\n" + bytes(np.random.default_rng(0).choice(list(b"ACGT"), 9999)))[:-900])
    with pytest.raises(InputFileError, match="truncated or damaged gzip"):
        read(path)
