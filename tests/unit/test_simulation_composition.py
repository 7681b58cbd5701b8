"""Composition of simulated sequence: what a preset promises is what comes out."""

import numpy as np
import pytest

from helixtune.errors import ParameterError
from helixtune.simulation.codon_usage import AMINO_ACIDS, CODONS, CODONS_PER_THOUSAND, codon_weights, sample_codons
from helixtune.simulation.composition import MarkovChain, encode, reverse_complement, sample_columns, tilted
from helixtune.simulation.parameters import Composition

PLANT = Composition(codon_table="Arabidopsis thaliana")


@pytest.mark.parametrize("acgt", [(0.33, 0.17, 0.17, 0.33), (0.28, 0.16, 0.16, 0.40)])
def test_markov_chain_has_the_wanted_base_frequencies(acgt):
    """The dinucleotide odds must not pull the frequencies away from the target."""
    bases = MarkovChain(np.array(acgt), Composition()).sample(np.random.default_rng(1), 400_000)
    assert np.bincount(bases, minlength=4) / len(bases) == pytest.approx(acgt, abs=0.006)


def test_cpg_is_rarer_than_its_bases_suggest():
    bases = MarkovChain(np.array((0.3, 0.2, 0.2, 0.3)), Composition(cpg_odds=0.5)).sample(
        np.random.default_rng(1), 400_000
    )
    share = np.mean((bases[:-1] == 1) & (bases[1:] == 2))
    assert 0.35 < share / (np.mean(bases == 1) * np.mean(bases == 2)) < 0.65


def test_runs_of_adenine_are_commoner_with_tract_odds():
    def runs(odds):
        composition = Composition(tract_odds=odds)
        bases = MarkovChain(np.array((0.33, 0.17, 0.17, 0.33)), composition).sample(np.random.default_rng(1), 200_000)
        return np.mean(np.lib.stride_tricks.sliding_window_view(bases == 0, 6).all(axis=1))

    assert runs(1.5) > 1.5 * runs(1.0)


def test_reverse_complement_twice_is_the_identity_and_keeps_n():
    bases = np.array([0, 1, 2, 3, 4, 0], dtype=np.uint8)
    assert reverse_complement(bases).tolist() == [3, 4, 0, 1, 2, 3]
    assert reverse_complement(reverse_complement(bases)).tolist() == bases.tolist()


def test_columns_are_drawn_with_their_frequencies():
    matrix = np.tile([(0.7, 0.1, 0.0, 0.2)], (50_000, 1))
    drawn = np.bincount(sample_columns(np.random.default_rng(3), matrix), minlength=4) / 50_000
    assert drawn == pytest.approx([0.7, 0.1, 0.0, 0.2], abs=0.01)


def test_codon_table_is_in_the_order_of_the_genetic_code():
    """ATG is the only methionine, TGG the only tryptophan; stops have no usage."""
    letters = ["".join("ACGT"[base] for base in codon) for codon in CODONS]
    code = dict(zip(letters, AMINO_ACIDS, strict=True))
    assert (code["ATG"], code["TGG"], code["TAA"], code["GCC"], code["AGA"]) == ("M", "W", "*", "A", "R")
    weights = dict(zip(letters, codon_weights(PLANT), strict=True))
    assert weights["TAA"] == weights["TAG"] == weights["TGA"] == 0
    assert weights["CTT"] == pytest.approx(0.0241, rel=0.01)  # as published: 24.1 in a thousand


@pytest.mark.parametrize(("table", "gc3"), [("Aspergillus nidulans", 0.584), ("Neurospora crassa", 0.652)])
def test_codon_tables_have_the_published_gc_of_third_positions(table, gc3):
    """CUTG release 146 gives these figures beside the tables; a typing error would show."""
    weights = codon_weights(Composition(codon_table=table))
    assert weights[np.isin(CODONS[:, 2], (1, 2))].sum() / weights.sum() == pytest.approx(gc3, abs=0.004)
    assert sum(CODONS_PER_THOUSAND[table]) == pytest.approx(1000, abs=3)


def test_unknown_codon_table_is_refused():
    with pytest.raises(ParameterError, match='no codon table "Yeti"'):
        Composition(codon_table="Yeti")


def test_third_position_tilt_moves_gc3_and_leaves_amino_acids_alone():
    plain, rich = codon_weights(Composition()), codon_weights(Composition(gc3_tilt=1.0))
    third_is_gc = np.isin(CODONS[:, 2], (1, 2))
    assert rich[third_is_gc].sum() > plain[third_is_gc].sum() + 0.15
    for letter in set(AMINO_ACIDS) - {"*"}:
        family = np.array([amino_acid == letter for amino_acid in AMINO_ACIDS])
        assert rich[family].sum() == pytest.approx(plain[family].sum())


def test_drawn_codons_never_stop():
    codons = sample_codons(np.random.default_rng(5), Composition(gc3_tilt=-2.0), 20_000)
    stops = {tuple(encode(stop)) for stop in ("TAA", "TAG", "TGA")}
    assert not stops & set(map(tuple, codons.tolist()))


def test_tilt_raises_the_odds_of_gc():
    frequencies = tilted((0.3, 0.2, 0.2, 0.3), 0.5)
    assert frequencies.sum() == pytest.approx(1)
    assert (frequencies[1] / frequencies[0]) / (0.2 / 0.3) == pytest.approx(np.exp(0.5))
