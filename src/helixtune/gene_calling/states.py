"""The state model of a gene as tables: which state may follow which, what that costs, and what a rule set changes.

Every state of an exon or of intergenic sequence ("primary" state) emits one base. An intron remembers the primary state
it interrupts ("family"), begins with a donor stretch of fixed length and goes on base by base until an acceptor. GT-AG
and GC-AG introns ("U2") differ in the donor only, AT-AC introns ("U12") in both ends.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

# What a base is called; the order is that of the labels in a traced path.
INTERGENIC, UTR5, CODING, INTRON, UTR3 = range(5)

# Columns of the emission table (emissions.py): cost of one base as intergenic, UTR, codon position 1, 3, 2, intron, and
# as the middle base of an ordinary codon. Codon position 2 reads phase class 2, position 3 phase class 1: the network
# counts the bases that are left until the next codon starts.
E_INTERGENIC, E_UTR, E_FIRST, E_THIRD, E_SECOND, E_INTRON, E_MIDDLE = range(7)

# Sets of bases a transition may demand; the cost of a set is that of its cheapest base (emissions.py, base_demands).
DEMANDS = ("", "A", "T", "G", "AG", "CT", "ACG", "CGT")

# Primary states: label, emission, bases demanded on entry.
PRIMARY = {
    "Intergenic": (INTERGENIC, E_INTERGENIC, ""),
    "UTR5": (UTR5, E_UTR, ""),
    "Start0": (CODING, E_FIRST, "A"),
    "Start1": (CODING, E_SECOND, "T"),
    "Start2": (CODING, E_THIRD, "G"),
    "Coding0": (CODING, E_FIRST, "ACG"),
    "Coding1": (CODING, E_MIDDLE, ""),
    "Coding2": (CODING, E_THIRD, ""),
    "Stop0T": (CODING, E_FIRST, "T"),
    "Stop1TA": (CODING, E_SECOND, "A"),
    "Stop1TG": (CODING, E_SECOND, "G"),
    "Stop2": (CODING, E_THIRD, ""),
    "UTR3": (UTR3, E_UTR, ""),
}

# Successors in the order in which the reference generates them: the order decides ties (tie_search.py).
SUCCESSORS = {
    "Intergenic": ("Intergenic", "UTR5"),
    "UTR5": ("UTR5", "Start0"),
    "Start0": ("Start1",),
    "Start1": ("Start2",),
    "Start2": ("Coding0", "Stop0T"),
    "Coding0": ("Coding1",),
    "Coding1": ("Coding2",),
    "Coding2": ("Coding0", "Stop0T"),
    "Stop0T": ("Stop1TA", "Stop1TG", "Coding1"),
    "Stop1TA": ("Stop2", "Coding2"),
    "Stop1TG": ("Stop2", "Coding2"),
    "Stop2": ("UTR3",),
    "UTR3": ("UTR3", "Intergenic"),
}

# A codon that begins with T may be a stop: what its later bases must be, besides what the successor itself demands.
CODON_DEMANDS = {
    ("Stop0T", "Coding1"): "CT",
    ("Stop1TA", "Stop2"): "AG",
    ("Stop1TA", "Coding2"): "CT",
    ("Stop1TG", "Stop2"): "A",
    ("Stop1TG", "Coding2"): "CGT",
}

# Which intron family a primary state opens: its own, except behind a whole start or stop codon.
FAMILIES = ("UTR5", "Start0", "Start1", "Coding0", "Coding1", "Coding2", "Stop0T", "Stop1TA", "Stop1TG", "UTR3")
FAMILY_OF = {name: name for name in FAMILIES} | {"Start2": "Coding2", "Stop2": "UTR3"}


@dataclass(frozen=True)
class Rules:
    """What a set of rules fixes; the defaults are the reference's (HelixerPost, October 2024).

    Attributes:
        donor_u2_bp, donor_u12_bp: length of the donor stretch; the shortest intron is one base longer.
        splice_weight: weight of a bit of mismatch at a donor or acceptor (start and stop codons: 1000).
        gcag_penalty, atac_penalty: bits for opening such an intron.
        min_exon_bp: shortest exon.
        absolute_middle: the middle base of an ordinary codon costs its absolute, not its relative, -log2.
    """

    donor_u2_bp: int = 49
    donor_u12_bp: int = 29
    splice_weight: float = 1.0
    gcag_penalty: float = 0.0
    atac_penalty: float = 0.0
    min_exon_bp: int = 1
    absolute_middle: bool = True


UPSTREAM = Rules()


def improved_rules(min_intron_bp: int = 50) -> Rules:
    """Return rules that call no micro-exons and no mismatched splice sites.

    Penalties are -log2 of how rare the intron kinds are: 0.69 % GC-AG and 0.05 % AT-AC (Burset, Seledtsov, Solovyev
    2000, Nucleic Acids Res. 28:4364-4375, after correction by ESTs).
    """
    return Rules(
        donor_u2_bp=min_intron_bp - 1,
        donor_u12_bp=min(29, min_intron_bp - 1),
        splice_weight=1000.0,
        gcag_penalty=7.2,
        atac_penalty=11.0,
        min_exon_bp=3,
        absolute_middle=False,
    )


class Tables(NamedTuple):
    """The state model as arrays for the compiled search (search.py); unsigned, which indexes faster.

    Primary states come in layers: layer a means "the exon has had a bases since its intron", up to `min_exon_bp`. Only
    the last layer may open an intron or end the gene. Intron bodies are numbered 0-9 (U2) and 10-19 (U12) by family.
    """

    labels: np.ndarray  # (S,): label of each primary state
    first_plain: np.ndarray  # (S + 1,): plain edges of state s are first_plain[s] ... first_plain[s + 1]
    plain_source: np.ndarray  # primary state
    plain_step: np.ndarray  # which step (demand and emission) the edge pays
    first_exit: np.ndarray  # (S + 1,): edges out of introns into state s
    exit_family: np.ndarray
    exit_step: np.ndarray
    step_demand: np.ndarray  # (K,): index into DEMANDS
    step_emission: np.ndarray  # (K,): column of the emission table
    opener: np.ndarray  # (10, 2): primary states that may open an intron of each family (twice the same if only one)
    two_openers: np.uint32  # bit f: family f has two
    donor_bp: np.ndarray  # (2,) int64: donor lengths U2, U12
    splice_weight: float


def steps_between() -> dict[tuple[str, str], tuple[int, int]]:
    """Return (demand, emission) for every pair of neighbouring primary states."""
    return {
        (source, target): (DEMANDS.index(CODON_DEMANDS.get((source, target), PRIMARY[target][2])), PRIMARY[target][1])
        for source, targets in SUCCESSORS.items()
        for target in targets
    }


def body_successors(family: str) -> tuple[str, ...]:
    """Return the primary states that may follow an intron of a family: a gene never ends in one."""
    return tuple(target for target in SUCCESSORS[family] if target != "Intergenic")


def _layered_states(min_exon_bp: int) -> list[tuple[str, int]]:
    exon = [name for name in PRIMARY if name != "Intergenic"]
    return [("Intergenic", min_exon_bp)] + [(name, layer) for layer in range(1, min_exon_bp + 1) for name in exon]


def _plain_edges(min_exon_bp: int) -> list[tuple]:
    """List (target, source, step) of the steps between primary states."""
    edges = []
    for source, layer in _layered_states(min_exon_bp):
        for target in SUCCESSORS[source]:
            if target == "Intergenic" and layer < min_exon_bp:
                continue
            begins_exon = source == "Intergenic" and target != "Intergenic"
            to_layer = 1 if begins_exon else min(layer + 1, min_exon_bp)
            edges.append(((target, to_layer), (source, layer), (source, target)))
    return edges


def _exit_edges() -> list[tuple]:
    """List (target, family, step) of the steps out of an intron; both kinds of intron share them."""
    return [((target, 1), family, (family, target)) for family in FAMILIES for target in body_successors(family)]


def build_tables(rules: Rules) -> Tables:
    """Lay the state model out for the compiled search."""
    states = _layered_states(rules.min_exon_bp)
    number = {state: i for i, state in enumerate(states)}
    steps = steps_between()
    step_kinds = sorted(set(steps.values()))

    def columns(edges: list[tuple], sources: dict) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        edges = sorted(edges, key=lambda edge: number[edge[0]])
        first = np.searchsorted([number[target] for target, _, _ in edges], np.arange(len(states) + 1))
        source = [sources[source] for _, source, _ in edges]
        return _unsigned(first), _unsigned(source), _unsigned([step_kinds.index(steps[step]) for _, _, step in edges])

    openers = []
    for family in FAMILIES:
        names = [name for name in PRIMARY if FAMILY_OF.get(name) == family]
        openers.append([number[name, rules.min_exon_bp] for name in (names * 2)[:2]])
    return Tables(
        _unsigned([PRIMARY[name][0] for name, _ in states]),
        *columns(_plain_edges(rules.min_exon_bp), number),
        *columns(_exit_edges(), {family: i for i, family in enumerate(FAMILIES)}),
        _unsigned([demand for demand, _ in step_kinds]),
        _unsigned([emission for _, emission in step_kinds]),
        _unsigned(openers),
        np.uint32(sum((first != second) << f for f, (first, second) in enumerate(openers))),
        np.array([rules.donor_u2_bp, rules.donor_u12_bp], np.int64),
        rules.splice_weight,
    )


def _unsigned(values) -> np.ndarray:
    return np.array(values, np.uint32)
