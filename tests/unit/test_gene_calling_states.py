"""The state model's tables, the costs of bases and donors, and the two searches."""

import math

import numpy as np
import pytest

from helixtune.gene_calling.emissions import IMPOSSIBLE, base_costs, donor_entries, emission_costs, fill_donor_steps
from helixtune.gene_calling.solving import Region, RegionSolver
from helixtune.gene_calling.states import UPSTREAM, build_tables, improved_rules
from helixtune.gene_calling.tie_search import N_STATES, build_search_tables, fits


def noise(seed: int, n: int, sharpness: float = 1.0) -> Region:
    rng = np.random.default_rng(seed)
    probs, phases = (rng.dirichlet(np.full(4, sharpness), n).astype(np.float32) for _ in range(2))
    return Region(0, probs, phases, np.eye(4, dtype=np.float16)[rng.integers(0, 4, n)])


def test_upstream_has_73_states_in_the_reference_order():
    tables = build_search_tables(UPSTREAM)
    assert N_STATES == 73
    successors = [tables.target[a:b].tolist() for a, b in zip(tables.first[:-1], tables.first[1:], strict=True)]
    assert successors[0] == [0, 1]
    assert successors[8][:3] == [9, 10, 6]  # T: TA, TG, then the middle of an ordinary codon
    assert successors[12][:2] == [12, 0]  # 3' UTR: itself before intergenic
    assert [len(s) for s in successors[:13]] == [2, 5, 4, 4, 5, 4, 4, 5, 6, 5, 5, 4, 5]
    assert tables.length[13:16].tolist() == [49, 49, 29]


def test_layers_of_improved_rules_forbid_tiny_exons():
    tables = build_tables(improved_rules())
    assert len(tables.labels) == 1 + 3 * 12
    assert tables.opener.min() == 1 + 2 * 12  # only the third layer opens introns


def test_emissions_follow_the_formula():
    probs = np.array([[0.1, 0.2, 0.6, 0.1]], np.float32)
    phases = np.array([[0.1, 0.5, 0.3, 0.1]], np.float32)
    costs = emission_costs(probs, phases, True)[0]
    coding = float(probs[0, 2])
    total = sum(float(p) for p in phases[0, 1:])
    mixed = [0.2 * coding * float(p) / total + 0.8 * coding for p in phases[0, 1:]]
    best = -math.log2(max(mixed))
    expected = [-math.log2(float(probs[0, 0])) - best, -math.log2(float(probs[0, 1])) - best]
    expected += [-math.log2(p) - best for p in mixed]
    assert costs[:5] == pytest.approx(expected, rel=1e-12)
    assert costs[6] == pytest.approx(-math.log2(mixed[2]))
    assert emission_costs(probs, phases, False)[0, 6] == costs[4]


def test_worthless_numbers_cost_the_floor():
    probs = np.array([[np.nan, -1, 1, 0]], np.float32)
    costs = emission_costs(probs, np.zeros((1, 4), np.float32), True)[0]
    floor = -math.log2(1e-9)
    assert costs[[0, 1, 5]] == pytest.approx(floor + math.log2(0.2 / 3 + 0.8))  # no phase: each position a third


def test_bases_cost_nothing_where_unknown():
    shares = np.array([[0, 1, 0, 0], [0.25] * 4, [0] * 4, [0.5, 0, 0.5, 0]], np.float32)
    costs = base_costs(shares)
    floor = 29.897352853986263
    assert costs.tolist() == [[floor, 0, floor, floor], [0] * 4, [0] * 4, [0, floor - 1, 0, floor - 1]]


def test_donor_sums_run_base_by_base():
    rng = np.random.default_rng(1)
    emissions = rng.random((700, 7))
    entry = donor_entries(base_costs(rng.random((700, 4)).astype(np.float32)), 1.0, 0.0, 0.0)[0]
    steps = np.empty(700, np.int64)
    fill_donor_steps(entry, emissions, 49, steps)
    for begin in (0, 1, 511, 512, 651):
        total = entry[begin]
        for value in emissions[begin : begin + 49, 5]:
            total += value
        assert steps[begin] == int(total * 1_000_000)
    assert (steps[652:] == IMPOSSIBLE).all()


@pytest.mark.parametrize("sharpness", [0.1, 1.0, 20.0])
@pytest.mark.parametrize("seed", range(4))
def test_both_searches_agree_on_noise(seed, sharpness):
    region = noise(seed, 700, sharpness)
    solver = RegionSolver(UPSTREAM)
    assert (solver.label(region) == solver.first_found(region)).all()


def test_ties_are_settled_by_the_reference_search():
    flat = Region(0, np.full((400, 4), 0.25, np.float32), np.full((400, 4), 0.25, np.float32), np.zeros((400, 4)))
    solver = RegionSolver(UPSTREAM)
    path = solver.cheapest(flat)
    assert path.ambiguous
    assert (solver.label(flat) == solver.first_found(flat)).all()
    assert path.labels.shape == (400,)


def test_regions_too_large_for_the_reference_search_are_said(monkeypatch, caplog):
    flat = Region(0, np.full((400, 4), 0.25, np.float32), np.full((400, 4), 0.25, np.float32), np.zeros((400, 4)))
    monkeypatch.setattr("helixtune.gene_calling.tie_search.LARGEST_BP", 399)
    solver = RegionSolver(UPSTREAM)
    assert (solver.label(flat) == solver.cheapest(flat).labels).all()
    assert "might choose another" in caplog.text
    assert not fits(300, 1 << 60)


def test_stretches_change_nothing(monkeypatch):
    region = noise(5, 1000)
    solver = RegionSolver(improved_rules(20))
    whole = solver.label(region)
    for stretch in (1, 2, 3, 50, 333):
        monkeypatch.setattr("helixtune.gene_calling.solving.STRETCH_BP", stretch)
        assert (solver.label(region) == whole).all()


@pytest.mark.parametrize("n", [1, 2, 3, 28, 29, 30, 49, 50, 51])
def test_short_regions(n):
    solver = RegionSolver(UPSTREAM)
    region = noise(n, n)
    assert len(solver.label(region)) == n
    assert (solver.label(region) == solver.first_found(region)).all()
