"""What is learnt: patterns that were planted are found, numbers are what their names say, files come back as they were."""

import json
from dataclasses import replace

import numpy as np
import pytest

from helixtune.errors import FormatError
from helixtune.gene_calling.places import Shard
from helixtune.gene_calling.sequences import Sequence
from helixtune.signals.branch import find_branch_point
from helixtune.signals.calling import STRANDS_APART, SignalSolver, genes_with_probability
from helixtune.signals.confidence import gene_confidence
from helixtune.signals.content import CONTEXTS, ORDER, count_words, interpolated
from helixtune.signals.iterate import network_weights
from helixtune.signals.learn import Counts, add_genes, generic, learned
from helixtune.signals.lengths import generic_lengths, learned_lengths
from helixtune.signals.model import Weights, read_signals, write_signals
from helixtune.signals.seeds import longest_frames
from helixtune.signals.sites import earlier_starts
from helixtune.signals.stretches import TILE_BP, Stretch, Tile, cut_tiles, sample_tiles
from helixtune.signals.tracks import GRID, make_tracks

CODE = {letter: i for i, letter in enumerate("CATGN")}


def codes(text: str) -> np.ndarray:
    return np.array([CODE[letter] for letter in text], np.uint8)


def genome_with_genes(n_genes: int, seed: int = 1) -> tuple[np.ndarray, list]:
    """Return bases and genes, each of two exons of random codons around an intron GTATGT ... CTAAC ... AG."""
    rng = np.random.default_rng(seed)
    codons = [a + b + c for a in "CATG" for b in "CATG" for c in "CATG" if a + b + c not in ("TAA", "TAG", "TGA")]
    text, genes = "", []
    for k in range(n_genes):
        text += "".join(rng.choice(list("CATG"), 300))
        first = "AAAAATG" + "".join(rng.choice(codons, 100))
        intron = (
            "GTATGT"
            + "".join(rng.choice(list("ATTC"), 20 + k % 30))
            + "CTAAC"
            + "".join(rng.choice(list("TC"), 9))
            + "CAG"
        )
        second = "".join(rng.choice(codons, 60)) + "TAA"
        start = len(text) + 4
        donor = len(text) + len(first)
        acceptor = donor + len(intron)
        text += first + intron + second
        genes.append(("+", [(start, donor), (acceptor, len(text))]))
    return codes(text + "C" * 200), genes


@pytest.fixture(scope="module")
def counts() -> Counts:
    bases, genes = genome_with_genes(150)
    found = Counts()
    add_genes(found, bases, (0, len(bases)), genes, 1)
    return found


def test_probabilities_of_the_next_base_add_up_to_one():
    words = np.zeros((3, CONTEXTS, 4))
    count_words(codes("CATGCATGNCATTTGACCA" * 20), 1, words)
    assert words.sum() > 0
    assert np.allclose(interpolated(words).sum(axis=-1), 1)
    assert np.allclose(interpolated(words[0], interpolated(words[1]), 100.0).sum(axis=-1), 1)


def test_words_score_what_their_table_says_and_nothing_beside_unknown_bases(counts):
    table = np.rint(np.random.default_rng(1).normal(size=(3, CONTEXTS, 4)) * GRID) / GRID
    signals = replace(learned(counts, Weights(0.0, 0.0), 1), coding=table, intron=table[0])
    text = codes("CATGCATNACGTACGTA")
    tracks = make_tracks(text, (0, 0), [np.zeros((5, len(text)), np.float32)] * 2, signals)
    context = int("".join(map(str, text[8:13])), 4)
    assert tracks.emission[0, 1:, 13].tolist() == pytest.approx(table[:, context, text[13]].tolist())
    assert np.diff(tracks.inside[0, 0])[13] == pytest.approx(table[0, context, text[13]])
    assert (tracks.emission[0, :, :ORDER] == 0).all()
    assert (tracks.emission[0, :, 7:13] == 0).all()
    turned = codes("".join("GTACN"["CATGN".index("CATGN"[base])] for base in text[::-1]))
    other = make_tracks(turned, (0, 0), [np.zeros((5, len(text)), np.float32)] * 2, signals)
    assert np.array_equal(other.emission[1], tracks.emission[0, :, ::-1])
    assert np.array_equal(other.opening[1], tracks.closing[0, ::-1])


def test_a_planted_branch_point_is_found(counts):
    branch = find_branch_point(counts.intron_ends, 30)
    consensus = "".join("CATG"[base] for base in branch.motif.argmax(axis=1))
    assert "CTAAC" in consensus
    assert branch.distances.sum() > 0.9
    offset = consensus.index("CTAAC")
    assert abs(int(branch.distances.argmax()) - offset - 17) <= 1  # CTAAC, nine bases, CAG


def test_no_branch_point_in_random_introns():
    rng = np.random.default_rng(1)
    introns = [rng.integers(0, 4, 60).astype(np.uint8).tobytes() for _ in range(300)]
    assert find_branch_point(introns, 30) is None


def test_learned_sites_prefer_what_was_planted(counts):
    signals = learned(counts, Weights(), 1)
    consensus = "".join("CATG"[base] for base in signals.donor.mean(axis=1).argmax(axis=1)[5:9])
    assert consensus == "ATGT"  # behind GT
    assert signals.branch is not None
    assert signals.stops["TAA"] > signals.stops["TGA"]
    assert signals.start_order[0] > signals.start_order[1]


def test_copies_of_an_intron_count_once():
    bases, genes = genome_with_genes(1)
    copies = np.concatenate([bases] * 5)
    shifted = [
        (s, [(a + k * len(bases), b + k * len(bases)) for a, b in parts]) for k in range(5) for s, parts in genes
    ]
    found = Counts()
    add_genes(found, copies, (0, len(copies)), shifted, 1)
    assert found.genes == 5
    assert len(found.introns_bp) == 1


def test_genes_of_the_minus_strand_count_as_those_of_the_plus_strand():
    bases, genes = genome_with_genes(30)
    n = len(bases)
    turned = np.where(bases < 4, 3 - bases, 4)[::-1].astype(np.uint8)
    back = [("-", [(n - b, n - a) for a, b in parts]) for _, parts in genes]
    plus, minus = Counts(), Counts()
    add_genes(plus, bases, (0, n), genes, 1)
    add_genes(minus, turned, (0, n), back, 1)
    for name in ("coding", "intron", "other", "donor", "acceptor", "start", "start_order", "donor_decoy"):
        assert np.array_equal(getattr(plus, name), getattr(minus, name)), name
    assert plus.stops == minus.stops


def test_lengths_add_up_to_one_and_none_is_shorter_than_the_shortest():
    # of generic introns, as many are longer than the longest explicit length as shorter: any order of magnitude is as likely
    for (scores, tail), least in (
        (generic_lengths(20), 0.4),
        (learned_lengths(np.array([50, 55, 60, 61, 300, 5000]), 20), 0.8),
    ):
        assert np.isneginf(scores[:20]).all()
        explicit = np.exp2(scores[20:]).sum()
        beyond = 2.0 ** scores[-1] / (1 - 2.0**-tail)
        assert least < explicit + beyond < 1.3
        assert tail > 0


def test_start_codons_are_numbered_behind_the_last_stop_in_their_frame():
    text = codes("ATGCCCATGTAACCATGATGC")
    stops = np.array([codes("TAA"), codes("TAG"), codes("TGA")])
    found = earlier_starts(text, codes("ATG"), stops, 4)
    assert {int(i): int(found[i]) for i in np.flatnonzero(found >= 0)} == {0: 0, 6: 1, 14: 0, 17: 1}


def test_the_network_counts_more_the_more_it_agrees():
    weights = [network_weights(agreement).network for agreement in (0.0, 0.3, 0.6, 0.8, 0.9, 1.0)]
    assert weights == sorted(weights)
    assert weights[0] == 0.002
    assert weights[-1] == 1.0


def test_genes_are_the_surer_the_more_the_genome_holds(counts):
    signals = learned(counts, Weights(), 1)
    parts = [(2, 0, 300), (2, 400, 900)]
    base = replace(signals, agreement=0.3, stability=0.7, parts_per_gene=2.0)
    known = gene_confidence(0.9, parts, base)
    assert 0 < known < 1
    for better in ({"agreement": 0.6}, {"stability": 0.95}):
        assert gene_confidence(0.9, parts, replace(base, **better)) > known
    assert gene_confidence(0.5, parts, base) < known
    assert gene_confidence(1.0, parts, replace(base, agreement=0.0, stability=0.0, parts_per_gene=0.0)) > 0
    assert gene_confidence(0.9, parts, replace(base, parts_per_gene=9.0)) == gene_confidence(
        0.9, parts, replace(base, parts_per_gene=5.0)
    )


def test_signals_come_back_from_their_file(counts, tmp_path):
    for number, build in enumerate((generic, learned)):
        path = tmp_path / f"{number}.json"
        signals = build(counts, Weights(0.02, 0.03), 1)
        write_signals(signals, path)
        again = read_signals(path)
        for name in ("coding", "intron", "donor", "acceptor", "start", "start_order", "lengths"):
            assert np.allclose(getattr(signals, name), getattr(again, name), atol=1e-3), name
        assert (again.branch is None) == (signals.branch is None)
        assert again.weights == signals.weights
        assert again.stops == pytest.approx(signals.stops)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda content: content.update(format="other"), "holds no signals"),
        (lambda content: content.update(format_version=99), "version 99"),
        (lambda content: content.update(donor=content["donor"][:3]), "donor has shape"),
        (lambda content: content.update(genetic_code=99), "genetic code 99"),
        (lambda content: content["stops"].pop("TAA"), "stop codons"),
        (lambda content: content.pop("coding"), "coding"),
        (lambda content: content.update(coding="x"), "coding"),
        (lambda content: content.update(branch=None), "branch"),
    ],
)
def test_damaged_signals_are_refused_in_one_sentence(counts, tmp_path, change, said):
    path = tmp_path / "s.json"
    write_signals(learned(counts, Weights(), 1), path)
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))
    with pytest.raises(FormatError, match=said):
        read_signals(path)


@pytest.mark.parametrize("shards", [1, 2, 3, 7, 40])
def test_every_base_belongs_to_one_tile_of_one_shard(shards):
    row_bp = 21384
    sequences = []
    for k, length in enumerate((3_210_000, 1000, 500_000, 777_777)):
        rows = np.arange(-(-length // row_bp))
        sequences.append(Sequence(f"s{k}", {"+": rows, "-": rows}, length, 0))
    tiles = [tile for n in range(shards) for tile in cut_tiles(sequences, row_bp, Shard(n + 1, shards))]
    assert tiles == cut_tiles(sequences, row_bp, Shard(1, 1))
    for number, sequence in enumerate(sequences):
        own = [tile for tile in tiles if tile.sequence == number]
        assert [tile.begin for tile in own] == list(range(0, sequence.length_bp, TILE_BP))
        assert own[-1].end == sequence.length_bp
        assert all(tile.first <= tile.begin < tile.end <= tile.last for tile in own)


def test_a_sample_is_spread_over_the_genome():
    rows = np.arange(10_000)
    sequences = [Sequence("a", {"+": rows, "-": rows}, 200_000_000, 0)]
    tiles = cut_tiles(sequences, 21384, Shard(1, 1))
    sample = sample_tiles(tiles, 50_000_000)
    assert abs(sum(tile.end - tile.begin for tile in sample) - 50_000_000) <= TILE_BP
    assert np.diff([tile.begin for tile in sample]).max() <= 5 * TILE_BP
    assert sample_tiles(tiles, 10**9) == tiles


def test_a_sample_of_many_short_sequences_is_as_large_as_asked_for():
    sequences = [
        Sequence(f"s{k}", {"+": np.arange(k, k + 1), "-": np.arange(k, k + 1)}, 20_000, 0) for k in range(1000)
    ]
    sample = sample_tiles(cut_tiles(sequences, 21384, Shard(1, 1)), 4_000_000)
    assert abs(sum(tile.end - tile.begin for tile in sample) - 4_000_000) <= 20_000
    assert np.diff([tile.sequence for tile in sample]).max() <= 6


def test_a_gene_in_an_intron_of_another_is_found_where_the_network_is_strong(counts):
    rng = np.random.default_rng(4)
    between = codes("".join(rng.choice(list("CATG"), 300)))
    bases, genes = genome_with_genes(1, seed=9)
    (start, donor), (acceptor, end) = genes[0][1]
    inner = (3 - bases[bases < 4])[::-1].astype(np.uint8)  # the same gene on the minus strand
    middle = donor + 15  # behind the donor, before branch point and acceptor
    whole = np.concatenate([bases[:middle], between, inner, between, bases[middle:]])
    n, shift, first = len(whole), len(whole) - len(bases), middle + len(between)
    outer = [(start, donor), (acceptor + shift, end + shift)]
    nested = [(first + len(inner) - b, first + len(inner) - a) for a, b in genes[0][1]]
    labels = np.zeros((2, n), int)
    phases = np.zeros((2, n), int)
    for side, parts in enumerate((outer, nested)):
        labels[side, min(parts)[0] : max(parts)[1]] = 3
        place = 0
        for a, b in parts:
            labels[side, a:b] = 2
            phases[side, a:b] = np.array([1, 3, 2])[(place + np.arange(b - a)[:: 1 - 2 * side]) % 3]
            place += b - a
    probs = [np.eye(4, dtype=np.float16)[rows] * np.float16(0.97) + np.float16(0.0075) for rows in (labels, phases)]
    stretch = Stretch(
        Tile(0, 0, n, 0, n, n), whole, (0, 0), *((both[0], np.ascontiguousarray(both[1][::-1])) for both in probs)
    )
    strong = SignalSolver(learned(counts, Weights(STRANDS_APART, STRANDS_APART), 1))
    found = [
        (s, [part[1:] for part in parts if part[0] == 2], p) for s, parts, p in genes_with_probability(stretch, strong)
    ]
    assert [gene[:2] for gene in found] == [("+", outer), ("-", sorted(nested))]
    assert all(p > 0.9 for *_, p in found)


def test_genes_beside_one_that_the_end_cuts_off_have_a_probability(counts):
    """The network is sure of a gene of which the stretch holds no end: the paths without it lose thousands of bits."""
    bases, genes = genome_with_genes(8, seed=9)
    last, n = genes[-1][1], genes[-1][1][1][0] + 90  # in the second exon of the last gene
    labels = np.zeros(n, int)
    for _, parts in genes:
        labels[parts[0][0] : parts[1][1]] = 3
        for a, b in parts:
            labels[a:b] = 2
    probs = np.eye(4, dtype=np.float16)[labels] * np.float16(0.99) + np.float16(0.0025)
    none = np.zeros((n, 4), np.float16)
    none[:, 0] = 1
    even = np.full((n, 4), 0.25, np.float16)
    stretch = Stretch(Tile(0, 0, n, 0, n, 2 * n), bases[:n], (0, 0), (probs, none), (even, even))
    solver = SignalSolver(learned(counts, Weights(1.0, 1.0), 1))
    found = {
        tuple(part[1:] for part in parts if part[0] == 2): p for _, parts, p in genes_with_probability(stretch, solver)
    }
    assert tuple(last) not in found
    assert all(found[tuple(parts)] > 0.9 for _, parts in genes[1:-1])


def test_seeds_are_the_longest_open_frames_of_either_strand_and_do_not_overlap():
    rng = np.random.default_rng(3)
    codons = [a + b + c for a in "CATG" for b in "CATG" for c in "CATG" if a + b + c not in ("TAA", "TAG", "TGA")]
    gene = "ATG" + "".join(rng.choice(codons, 400)) + "TAA"
    spacer = "TAACTAACTAAC" * 40  # stops in all frames of both strands
    turned = "".join("GTAC"["CATG".index(letter)] for letter in reversed(gene))
    short = "ATG" + "".join(rng.choice(codons, 100)) + "TAA"
    text = spacer + gene + spacer + turned + spacer + short + spacer
    found = longest_frames(codes(text), 1)
    first, second = len(spacer), 2 * len(spacer) + len(gene)
    assert sorted(found) == [("+", [(first, first + len(gene))]), ("-", [(second, second + len(gene))])]
    broken = text[: first + 600] + "N" + text[first + 601 :]
    assert [strand for strand, _ in longest_frames(codes(broken), 1)] == ["-"]
