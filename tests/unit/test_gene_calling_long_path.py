"""A region that passes by piece by piece has the genes of one that is solved as a whole, in memory that does not grow."""

import itertools

import numpy as np
import pytest

from helixtune.gene_calling import long_path, tie_search
from helixtune.gene_calling.confidence import gene_confidence
from helixtune.gene_calling.genes import split_segments
from helixtune.gene_calling.long_path import LongPath
from helixtune.gene_calling.region_stream import Strand, StrandRegion
from helixtune.gene_calling.regions import Thresholds
from helixtune.gene_calling.solving import Region, RegionSolver
from helixtune.gene_calling.states import UPSTREAM, improved_rules
from helixtune.gene_calling.tracing import needed_items
from helixtune.h5files import BASES, CLASS_PROBS, PHASE_PROBS

# Bases of a block, and of the longest region that is cut into such.
BLOCKS = [(1, 90), (2, 150), (17, 400), (48, 600), (49, 600), (50, 600), (64, 900), (333, 3000)]
RULES = {"upstream": UPSTREAM, "improved": improved_rules(), "15": improved_rules(15), "100": improved_rules(100)}


def noise(rng: np.random.Generator, n: int) -> np.ndarray:
    return rng.dirichlet(np.full(4, rng.choice([0.1, 1, 20])), n)


def steps(rng: np.random.Generator, n: int) -> np.ndarray:
    lengths = rng.integers(1, 120, n)
    return np.repeat(rng.dirichlet(np.full(4, 0.5), n), lengths, axis=0)[:n]


def one_class(rng: np.random.Generator, n: int) -> np.ndarray:
    return np.tile(rng.dirichlet(np.ones(4)), (n, 1))


def all_equal(rng: np.random.Generator, n: int) -> np.ndarray:
    return np.full((n, 4), 0.25)


def random_region(rng: np.random.Generator, n: int, probs) -> Region:
    classes, phases = (probs(rng, n).astype(np.float16) for _ in range(2))
    return Region(0, classes, phases, np.eye(4, dtype=np.float16)[rng.integers(0, 4, n)])


def cut(region: Region, cuts: list[int]) -> list[Region]:
    arrays = (region.class_probs, region.phase_probs, region.bases)
    return [Region(region.start, *(array[a:b] for array in arrays)) for a, b in itertools.pairwise(cuts)]


def genes_and_ties(solver: RegionSolver, pieces: list[Region]) -> tuple[list, bool]:
    path, tied = LongPath(solver), []
    solver.warn_of_ties = tied.append
    for piece in pieces:
        path.add(piece)
    return list(path.finish()), bool(tied)


@pytest.mark.parametrize("probs", [noise, steps, one_class, all_equal])
@pytest.mark.parametrize("rules", RULES)
def test_pieces_and_blocks_change_no_gene_confidence_or_tie(monkeypatch, rules, probs):
    rng = np.random.default_rng(len(rules) + len(probs.__name__))
    n_genes = n_ties = 0
    for block_bp, longest in BLOCKS * 2:
        monkeypatch.setattr(long_path, "BLOCK_BP", block_bp)
        n = int(rng.integers(1, longest))
        region = random_region(rng, n, probs)
        solver = RegionSolver(RULES[rules])
        path = solver.cheapest(region)
        genes = [(gene, gene_confidence(gene, region.class_probs)) for gene in split_segments(path.labels)]
        cuts = sorted({0, n, *rng.integers(1, n + 1, rng.integers(0, 9)).tolist()})
        assert genes_and_ties(solver, cut(region, cuts)) == (genes, path.ambiguous)
        n_genes += len(genes)
        n_ties += path.ambiguous
    assert n_genes or n_ties


def gene_with_two_donors() -> Region:
    """A gene whose intron may begin at either GT of GTAGTA for the same cost, and no other choice."""
    parts = [("C" * 30, 0), ("C" * 9, 1), ("ATGGCC", 2), ("GTA", 2), ("GTA" + "C" * 80 + "AG", 3), ("GCCTAA", 2)]
    parts += [("C" * 9, 1), ("C" * 30, 0)]
    letters = "".join(text for text, _ in parts)
    classes = np.concatenate([np.full(len(text), label) for text, label in parts])
    probs, phases = np.eye(4)[classes], np.eye(4)[np.zeros(len(letters), int)]
    coding = np.flatnonzero(classes == 2)
    phases[coding] = np.eye(4)[np.resize([1, 3, 2], len(coding))]
    probs[letters.index("GTAGTA") :][:3] = [0, 0, 0.5, 0.5]
    bases = np.eye(4)[["CATG".index(letter) for letter in letters]]
    return Region(0, *(array.astype(np.float16) for array in (probs, phases, bases)))


@pytest.mark.parametrize("block_bp", [1, 3, 1000])
def test_a_tie_between_donors_is_seen_across_blocks(monkeypatch, block_bp):
    monkeypatch.setattr(long_path, "BLOCK_BP", block_bp)
    region = gene_with_two_donors()
    solver = RegionSolver(improved_rules())
    assert genes_and_ties(solver, [region])[1]
    region.class_probs[:, 2] *= 0.99
    genes, tied = genes_and_ties(solver, [region])
    assert not tied
    assert [label for label, _, _ in genes[0][0]] == [1, 2, 3, 2, 4]


def test_items_that_are_needed_lie_on_a_path():
    region = random_region(np.random.default_rng(0), 600, noise)
    solver = RegionSolver(UPSTREAM)
    front = long_path.first_frontier(solver.tables)
    solver.search(region, 0, 0, 300, front)
    back = solver.search(region, 0, 300, 600, front)
    needed = np.flatnonzero(needed_items(solver.tables, back))
    labels = np.empty(300, np.uint8)
    n_plain = len(solver.tables.labels) + 20
    reached = {long_path.trace_labels(item, solver.tables, back, labels)[0] for item in range(n_plain)}
    assert reached <= set(needed.tolist())
    assert len(needed) < n_plain  # few paths are left, or nothing would be saved


def test_what_is_kept_does_not_grow(monkeypatch):
    monkeypatch.setattr(long_path, "BLOCK_BP", 500)
    region = random_region(np.random.default_rng(1), 30_000, noise)
    path = LongPath(RegionSolver(UPSTREAM))
    for piece in cut(region, list(range(0, 30_001, 100))):
        path.add(piece)
        assert sum(len(piece.bases) for piece in path._pieces) <= 700
        assert len(path._parts) <= 60
    assert path.length_bp == 30_000


def some_stretches(rng: np.random.Generator, count: int) -> np.ndarray:
    """Return intergenic probabilities of a strand: peaks, candidates that stay without one, next to nothing, nothing, and
    single bases that are something, where candidates end and begin again within a window."""
    stretches = []
    for level, length in zip(
        rng.choice([0.0, 0.3, 0.85, 0.97, 1.0, 2.0], count), rng.integers(10, 80, count), strict=True
    ):
        single = np.where(rng.random(length) < 0.1, 0.0, 1.0)
        stretches.append(single if level > 1 else np.full(length, level))
    return np.concatenate(stretches)


def rows_of(rng: np.random.Generator, intergenic: np.ndarray, width: int) -> dict[str, list[np.ndarray]]:
    """Cut a strand of some intergenic probabilities into rows."""
    probs = np.repeat(((1 - intergenic) / 3)[:, None], 4, axis=1).astype(np.float16)
    probs[:, 0] = intergenic
    arrays = {CLASS_PROBS: probs, PHASE_PROBS: noise(rng, len(probs)), BASES: noise(rng, len(probs))}
    return {name: np.split(array, range(width, len(probs), width)) for name, array in arrays.items()}


def pieces_of(rows: dict[str, list[np.ndarray]], own_rows: range, block: int, most_kept: int) -> list[StrandRegion]:
    """Pass rows by in blocks; no more of them than `most_kept` may stay."""
    lengths = np.array([len(row) for row in rows[BASES]])
    limits = Thresholds.of(10, 0.1, 0.8)
    strand = Strand((0, "+"), np.arange(len(lengths)), lengths, limits, 0, own_rows)
    pieces = []
    for first in range(0, len(lengths), block):
        for k in range(first, min(first + block, len(lengths))):
            strand.keep(CLASS_PROBS, k, rows[CLASS_PROBS][k])
            strand.scan(k)
        for name in (PHASE_PROBS, BASES):
            for k in strand.missing_rows(name):
                strand.keep(name, k, rows[name][k])
        pieces += strand.take_regions()
        assert all(len(kept) <= most_kept for kept in strand.parts.values())
    return pieces


def joined(pieces: list[StrandRegion]) -> dict[int, np.ndarray]:
    """Return start and bases of every region that closed."""
    found, parts = {}, {}
    for piece in pieces:
        parts.setdefault(piece.region.start, []).append(piece.region.bases)
        assert len(piece.region.bases)
        if piece.is_closed:
            found[piece.region.start] = np.concatenate(parts.pop(piece.region.start))
    return found


@pytest.mark.parametrize("block", [1, 2, 5])
@pytest.mark.parametrize("seed", range(8))
def test_long_candidates_come_in_pieces(monkeypatch, seed, block):
    rng = np.random.default_rng(seed)
    intergenic = some_stretches(rng, 200)
    width = int(rng.integers(2, 15))  # rows may be shorter than a window, too
    rows = rows_of(rng, intergenic, width)
    n_rows = len(rows[BASES])
    own_rows = range(n_rows // 4, n_rows - n_rows // 4)
    whole = pieces_of(rows, own_rows, block, n_rows)
    monkeypatch.setattr(tie_search, "LARGEST_BP", 50)
    pieces = pieces_of(rows, own_rows, block, (50 + 20) // width + block + 3)
    assert all(piece.is_closed for piece in whole)
    assert len(pieces) > len(whole) > 0
    expected, found = joined(whole), joined(pieces)
    assert found.keys() == expected.keys()
    assert all((found[start] == expected[start]).all() for start in found)
    assert all(width * own_rows.start <= piece.region.start < width * own_rows.stop for piece in pieces)
