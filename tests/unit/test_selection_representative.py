"""The representative method against confidence alone, on rows whose confidence depends on what they are."""

import numpy as np
import pytest

from helixtune.selection.choice import Candidates
from helixtune.selection.composition import Features, centred, one_hot, shares_of_models, word_counts
from helixtune.selection.gene_models import LENGTH, N_COLUMNS, ROW, START, STOP, GeneModels
from helixtune.selection.kernels import ONE
from helixtune.selection.representative import distance_from_genome, select_representative
from helixtune.selection.scores import RowScores
from helixtune.selection.settings import SelectionSettings
from helixtune.selection.stratified import select_stratified
from helixtune.subsequences import Rows


def candidates(discrepancy: np.ndarray) -> Candidates:
    n = len(discrepancy)
    starts = np.arange(n) * 1000
    rows = Rows(np.full(n, b"sp"), np.full(n, b"chr"), np.stack([starts, starts + 1000], axis=1))
    counts = np.tile([500, 0, 500, 0], (n, 1))
    sums = np.stack([(discrepancy * 1000 * ONE).astype(np.int64), np.full(n, 1000), np.zeros(n, np.int64)], axis=1)
    return Candidates(rows, RowScores(counts, sums, None), np.zeros(n, np.int64))


@pytest.fixture
def biased():
    """400 rows of four kinds; the network is most confident of the rarest kind."""
    rng = np.random.default_rng(0)
    kind = rng.choice(4, 400, p=[0.1, 0.2, 0.3, 0.4])
    discrepancy = 0.1 + 0.2 * kind + rng.uniform(0, 0.2, 400)
    columns = one_hot(kind, np.full(400, 1000.0))
    return kind, candidates(discrepancy), Features(columns.astype(np.float32), ["kind"] * columns.shape[1])


def unlikeness(kind, kept):
    shares = [np.bincount(kind[chosen], minlength=4) / chosen.sum() for chosen in (kept, np.ones(len(kind), bool))]
    return np.abs(shares[0] - shares[1]).sum() / 2


def test_it_is_like_the_genome_where_confidence_alone_is_not(biased):
    kind, rows, features = biased
    settings = SelectionSettings("representative", 0.2)
    ours = select_representative(rows, features, np.zeros(400, np.int64), settings)
    alone = select_stratified(rows, settings)
    assert ours.kept.sum() == alone.kept.sum() == 80
    assert unlikeness(kind, alone.kept) > 0.6
    assert unlikeness(kind, ours.kept) < 0.1
    assert (
        ours.facts["distance_from_genome"]["kind"]
        < 1
        < distance_from_genome(features, alone.kept, np.full(400, 1000))["kind"]
    )


def test_within_what_is_alike_it_takes_the_confident_rows(biased):
    kind, rows, features = biased
    kept = select_representative(rows, features, np.zeros(400, np.int64), SelectionSettings("representative", 0.2)).kept
    discrepancy = rows.scores.discrepancy
    for one in range(4):
        mine = kind == one
        assert discrepancy[mine & kept].max() < np.median(discrepancy[mine])


def test_phase_discrepancy_counts(biased):
    _, rows, features = biased
    worst = np.zeros((400, 3), np.int64)
    worst[:, 1] = 1000
    worst[::2, 0] = 1900 * ONE
    scores = RowScores(rows.scores.class_counts, rows.scores.class_sums, worst)
    spoiled = Candidates(rows.rows, scores, rows.barred)
    kept = select_representative(
        spoiled, features, np.zeros(400, np.int64), SelectionSettings("representative", 0.2)
    ).kept
    assert kept[::2].sum() < 0.1 * kept.sum()


def test_words_are_counted_and_ambiguous_bases_break_them():
    codes = [0, 1, 2, 3, 3, 2]
    bases = np.eye(4, dtype=np.float16)[[codes, codes]]
    bases[1, 4] = 0.25
    counts = word_counts(bases)
    word = lambda letters: int("".join(map(str, letters)), 4)  # noqa: E731
    assert np.flatnonzero(counts[0]).tolist() == sorted(word(codes[i : i + 4]) for i in range(3))
    assert np.flatnonzero(counts[1]).tolist() == [word(codes[:4])]


def test_deviations_add_up_to_nothing_over_the_genome():
    rng = np.random.default_rng(1)
    weights = rng.integers(1, 100, 50).astype(float)
    table = np.zeros((80, N_COLUMNS), np.int64)
    table[:, ROW] = rng.integers(0, 50, 80)
    table[:, START], table[:, STOP] = 0, rng.integers(1, 90, 80)
    table[:, LENGTH] = table[:, STOP]
    models = GeneModels(table, np.zeros(80, np.int64))
    for columns in (
        one_hot(rng.integers(0, 5, 50), weights),
        centred(rng.normal(size=(50, 3)), weights),
        shares_of_models(models, rng.integers(0, 4, 80), weights),
    ):
        assert np.abs(weights @ columns).max() < 1e-6 * weights.sum()
