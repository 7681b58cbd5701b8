from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from helixtune.errors import EmptyResultError
from helixtune.evaluation.shuffling import STRETCH_BP, WINDOW_BP, shuffle_bases, shuffled_genome
from helixtune.fasta import Sequence


def random_bases(n, seed=0, letters=b"ACGT", p=(0.4, 0.1, 0.2, 0.3)):
    return np.random.default_rng(seed).choice(np.frombuffer(letters, np.uint8), n, p=p).tobytes()


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 50, WINDOW_BP])
def test_pairs_of_neighbours_and_ends_stay(n):
    bases = random_bases(n, seed=n)
    shuffled = shuffle_bases(bases, np.random.default_rng(1))
    assert Counter(pairwise(shuffled)) == Counter(pairwise(bases))
    assert (shuffled[0], shuffled[-1]) == (bases[0], bases[-1])


def test_long_words_do_not_stay():
    bases = random_bases(WINDOW_BP)
    shuffled = shuffle_bases(bases, np.random.default_rng(1))
    words = [{text[i : i + 12] for i in range(len(text) - 11)} for text in (bases, shuffled)]
    assert len(words[0] & words[1]) < 20


def test_a_genome_of_one_letter_and_unclear_letters_stay():
    assert shuffle_bases(b"A" * 100, np.random.default_rng(1)) == b"A" * 100
    bases = random_bases(500) + b"NNNRY" + random_bases(500, 1)
    shuffled = shuffle_bases(bases, np.random.default_rng(1))
    assert shuffled[500:505] == b"NNNRY"
    assert shuffled != bases


def test_all_orders_are_about_equally_likely():
    # AACAAC... : walks from A to A over the pairs AA, AC, CA; six sequences of this make-up exist.
    bases = b"AAACACA"
    seen = Counter(shuffle_bases(bases, np.random.default_rng(seed)) for seed in range(3000))
    assert len(seen) == 6
    assert min(seen.values()) > 0.7 * 3000 / 6


def test_stretches_come_from_everywhere_and_suffice():
    genome = [Sequence(f"s{i}", letter * 900_000) for i, letter in enumerate((b"A", b"C", b"G"))]
    found = list(shuffled_genome(genome, 2_700_000, 600_000, 1))
    assert {one.bases[:1] for one in found} == {b"A", b"C", b"G"}
    assert 600_000 <= sum(len(one.bases) for one in found) <= 600_000 + STRETCH_BP


def test_a_small_genome_is_shuffled_whole():
    genome = [Sequence(str(i), random_bases(700, i)) for i in range(20)]
    found = list(shuffled_genome(genome, 14_000, 2_000_000, 1))
    assert sum(len(one.bases) for one in found) == 14_000
    with pytest.raises(EmptyResultError):
        list(shuffled_genome([], 0, 100, 1))
