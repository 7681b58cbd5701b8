"""Scores, strata and choices on arrays whose answer can be worked out by hand."""

import numpy as np
import pytest

from helixtune.errors import FormatError, ParameterError, ShapeError
from helixtune.selection.blocks import block_edges
from helixtune.selection.choice import rows_wanted, within_bases
from helixtune.selection.kernels import ONE, discrepancy_sums
from helixtune.selection.pairing import pair_rows
from helixtune.selection.settings import SelectionSettings
from helixtune.selection.strata import assign_strata, dealing_order, limits
from helixtune.subsequences import Rows, cut_sequence


def sums(labels, probs, offsets=None, valid=None):
    n, width = labels.shape[:2]
    out = np.zeros((n, 7), np.int64)
    offsets = np.zeros(n, np.int64) if offsets is None else np.array(offsets)
    valid = np.full(n, width) if valid is None else np.array(valid)
    discrepancy_sums(labels, probs.astype(np.float16).view(np.uint16), np.arange(n), offsets, valid, out)
    return out


def test_sums_are_exact_where_float16_stagnates():
    """21,384 errors of 0.02 make 855 in all; a running float16 sum stops far below."""
    labels = np.zeros((1, 21384, 4), np.int8)
    labels[..., 0] = 1
    probs = np.zeros((1, 21384, 4), np.float16)
    probs[..., 0], probs[..., 1] = 0.98, 0.02
    exact = (1 - np.float64(np.float16(0.98)) + np.float64(np.float16(0.02))) * 21384
    assert sums(labels, probs)[0, 0] / ONE == pytest.approx(exact, rel=1e-12)
    with np.errstate(all="ignore"):
        assert np.abs(labels - probs).sum(axis=1).sum() < 0.2 * exact


def test_every_half_float_from_0_to_1_is_summed_exactly():
    bits = np.arange(0x3C01, dtype=np.uint16)
    probs = np.zeros((1, len(bits), 4), np.float16)
    probs[0, :, 2] = bits.view(np.float16)
    labels = np.zeros(probs.shape, np.int8)
    labels[..., 0] = 1
    expected = len(bits) - 1 + probs.astype(np.float64).sum()  # the row of four zeros was not predicted
    assert sums(labels, probs)[0, 0] / ONE == expected
    assert sums(labels, probs)[0, 1] == len(bits) - 1


@pytest.mark.parametrize("bad", [np.nan, np.inf, -0.5, 1.5])
def test_what_is_no_probability_is_counted_only_where_there_is_a_label(bad):
    labels = np.zeros((1, 3, 4), np.int8)
    labels[0, :2, 0] = 1
    probs = np.full((1, 3, 4), 0.25)
    probs[0, 2, 1] = bad
    assert sums(labels, probs)[0, 2] == 0
    probs[0, 0, 1] = bad
    assert sums(labels, probs)[0].tolist() == [int(1.5 * ONE), 1, 1, 2, 0, 0, 0]


def test_offsets_and_padding_choose_the_bases_compared():
    labels = np.zeros((1, 4, 4), np.int8)
    labels[0, :2, 1] = 1
    probs = np.zeros((1, 6, 4))
    probs[0, 3:5, 1] = 1
    probs[0, :3, 0] = 1
    assert sums(labels, probs, offsets=[3], valid=[2])[0, 0] == 0
    assert sums(labels, probs, offsets=[2], valid=[2])[0, 0] == 2 * ONE


def test_all_intergenic_rows_are_a_stratum_and_quantiles_part_the_rest():
    fractions = np.array([1, 1, 1, 1, 1, 1, 0.1, 0.4, 0.2, 0.3])
    assert assign_strata(fractions, 3).tolist() == [2] * 6 + [0, 1, 0, 1]
    assert assign_strata(np.ones(5), 6).tolist() == [0] * 5
    assert assign_strata(fractions, 1).tolist() == [0] * 10
    assert len(assign_strata(np.zeros(0), 6)) == 0


def test_a_shortfall_is_spread_by_what_the_others_have_left():
    # 18 rows of 3 strata: 6 each; the first has 2, so 4 are missing: 4 and 24 are left, they give 4/7 and 24/7 of it.
    assert np.bincount(dealing_order(np.array([2, 10, 30]))[:18]).tolist() == [2, 7, 9]


def test_limits_name_the_best_row_not_taken():
    kept = np.array([True, False, False, True])
    assert limits(np.array([0.1, 0.3, 0.2, 0.5]), np.array([0, 0, 0, 1]), kept, 2) == [0.2, None]


def test_rows_wanted_and_bases_that_fit():
    assert [rows_wanted(100, 0.29), rows_wanted(3, 0.2), rows_wanted(0, 0.5), rows_wanted(7, 1)] == [29, 1, 0, 7]
    assert within_bases(np.array([2, 0, 1]), np.array([5, 6, 4]), 9) == 2


def test_blocks_are_bounded_in_rows_and_in_prediction_rows():
    holders = np.array([0, 0, 0, 1, 2, 2, 3, 9])
    assert list(block_edges(holders, 3, 2)) == [(0, 3), (3, 6), (6, 8)]
    assert list(block_edges(holders, 100, 1)) == [(0, 3), (3, 4), (4, 6), (6, 7), (7, 8)]
    assert list(block_edges(holders[:0], 3, 2)) == []


def rows_of(length, width, seqid=b"s"):
    start_ends = cut_sequence(length, width)
    n = len(start_ends)
    return Rows(np.full(n, b"sp", "S25"), np.full(n, seqid, "S50"), start_ends)


@pytest.mark.parametrize("length", [30, 47, 60, 7])
@pytest.mark.parametrize("multiple", [1, 3])
@pytest.mark.parametrize("register", ["last", "upstream"])
def test_every_base_is_found_in_prediction_rows_of_any_length_and_register(length, multiple, register):
    training, predictions = rows_of(length, 10), rows_of(length, 10 * multiple)
    pairing = pair_rows(training, predictions, (10, 10 * multiple), register, ("t", "p"))
    for i, (first, second) in enumerate(training.start_ends):
        bases = np.arange(first, second) if first < second else np.arange(first - 1, second - 1, -1)
        a, b = predictions.start_ends[pairing.prediction_rows[i]]
        holder = np.arange(a, b) if a < b else np.arange(a - 1, b - 1, -1)
        padding = np.full(10 * multiple - len(holder), -1)
        front = register == "upstream" and a > b
        holder = np.concatenate([padding, holder] if front else [holder, padding])
        assert holder[pairing.offsets[i] :][: pairing.valid_bp[i]].tolist() == bases.tolist()


def test_rows_without_a_partner_or_of_an_odd_length_are_errors():
    with pytest.raises(FormatError, match=r"t has a subsequence s:40-47\(\+\)"):
        pair_rows(rows_of(47, 10), rows_of(40, 10), (10, 10), "last", ("t", "p"))
    with pytest.raises(FormatError, match="t has a subsequence"):
        pair_rows(rows_of(47, 10), rows_of(40, 30), (10, 30), "last", ("t", "p"))
    with pytest.raises(FormatError, match="other"):
        pair_rows(rows_of(20, 10), rows_of(20, 10, b"other"), (10, 10), "last", ("t", "other"))
    with pytest.raises(ShapeError, match="not a multiple"):
        pair_rows(rows_of(40, 10), rows_of(40, 15), (10, 15), "last", ("t", "p"))
    with pytest.raises(FormatError, match="does not fit"):
        pair_rows(rows_of(40, 20), rows_of(40, 20), (10, 10), "last", ("t", "p"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"keep_fraction": 0}, "--keep-fraction 0"),
        ({"keep_fraction": 1.1}, "--keep-fraction 1.1"),
        ({"keep_fraction": float("nan")}, "--keep-fraction nan"),
        ({"strata": 0}, "--strata 0"),
        ({"max_bases": 0}, "--max-bases 0"),
        ({"max_bases": float("nan")}, "--max-bases nan"),
        ({"method": "other"}, "--method other"),
        ({"min_gene_confidence": 2}, "--min-gene-confidence 2"),
    ],
)
def test_settings_that_cannot_work_are_refused(options, message):
    with pytest.raises(ParameterError, match=message):
        SelectionSettings(**options)
