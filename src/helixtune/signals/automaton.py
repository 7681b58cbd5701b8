"""The gene model of both strands as tables: states, what may follow what, and where introns interrupt.

A state says what the last base was. Bases are read along the plus strand. A gene of the minus strand is met end first, so
its half of the tables is that of the plus strand with every step turned round. Introns have no states: they go from a border
between two bases to another, have an explicit length, and remember what they interrupt (their "family").
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from Bio.Data import CodonTable

from helixtune.gene_calling.states import CODING, INTERGENIC, INTRON, UTR3, UTR5

# Columns of bases as everywhere in the package; NO_BASE stands for N and other ambiguous letters.
LETTERS = "CATG"
C, A, T, G = range(4)
NO_BASE = 4
ANY = 0b11111
# What a base is emitted as: a column of the emission tracks of its strand.
E_UTR, E_FIRST, E_SECOND, E_THIRD, E_NONE = range(5)
# What a step's border may be: a column of the border tracks of its strand.
B_NONE, B_START, B_STOP = range(3)


class Automaton(NamedTuple):
    """Tables for the compiled search. S states, E steps, F families of both strands, O ways to open an intron.

    Attributes:
        label: (S,) what a base in the state is called (states.INTERGENIC ...).
        strand: (S,) 0 plus, 1 minus; intergenic counts as plus.
        emission: (S,) column of the strand's emissions.
        first: (S + 1,) steps into state s are first[s] ... first[s + 1].
        source: (E,) state a step comes from, or S + f: out of an intron of family f.
        here: (E,) bit set of the bases that may be read.
        before: (E,) bit set of the bases that may lie before the border.
        border: (E,) column of the border tracks of the state's strand, or of the source's where the target is intergenic.
        border_strand: (E,).
        open_state, open_family, open_before: (O,) states that open an intron of a family, and the base that must lie before.
        family_strand: (F,).
        coding_family: (F,) whether the intron lies in coding sequence.
        target: (E,) state that a step leads to.
        allowed, allowed_first: numbers of the steps that may be taken, by the base before the border, the base behind it, and
            what they come out of: states, introns of the plus, introns of the minus strand, states by a start or stop. Those of
            group g = (before * 5 + here) * 4 + origin are allowed[allowed_first[g] : allowed_first[g + 1]].
        may_open, may_open_first: numbers of the ways to open an intron, in groups of strand * 5 + base before the border.
    """

    label: np.ndarray
    strand: np.ndarray
    emission: np.ndarray
    first: np.ndarray
    source: np.ndarray
    here: np.ndarray
    before: np.ndarray
    border: np.ndarray
    border_strand: np.ndarray
    open_state: np.ndarray
    open_family: np.ndarray
    open_before: np.ndarray
    family_strand: np.ndarray
    coding_family: np.ndarray
    target: np.ndarray
    allowed: np.ndarray
    allowed_first: np.ndarray
    may_open: np.ndarray
    may_open_first: np.ndarray


def stop_codons(genetic_code: int) -> dict[str, bool]:
    """Return the stop codons of one of NCBI's tables, and whether each is nothing else: some are an amino acid inside a gene."""
    table = CodonTable.unambiguous_dna_by_id[genetic_code]
    return {codon: codon not in table.forward_table for codon in sorted(table.stop_codons)}


def _bits(letters: str) -> int:
    return sum(1 << LETTERS.index(letter) for letter in letters)


def _strand_steps(stops: dict[str, bool]) -> tuple[dict, list, list, list]:
    """Describe the plus strand's half.

    Returns:
        states {name: (label, emission)}, steps [(source, target, bases read, border)], openings [(state, family)] and
        exits [(family, target, bases read)].
    """
    firsts = sorted({stop[0] for stop in stops})
    seconds = sorted({stop[:2] for stop in stops})
    states = {
        "UTR5": (UTR5, E_UTR),
        "Start0": (CODING, E_NONE),
        "Start1": (CODING, E_NONE),
        "Start2": (CODING, E_NONE),
        "Coding2": (CODING, E_THIRD),
        "Stop2": (CODING, E_NONE),
        "UTR3": (UTR3, E_UTR),
    }
    # What was read of a codon, as far as it may become a stop: '' is anything else.
    states |= {f"Coding0{prefix}": (CODING, E_FIRST) for prefix in ["", *firsts]}
    states |= {f"Coding1{prefix}": (CODING, E_SECOND) for prefix in ["", *seconds]}
    first_steps = [("", ANY & ~_bits("".join(firsts)))] + [(letter, _bits(letter)) for letter in firsts]

    def second_steps(before: str) -> list[tuple[str, int]]:
        dangerous = [prefix for prefix in seconds if before and prefix[0] == before]
        others = ANY & ~_bits("".join(prefix[1] for prefix in dangerous))
        return [("", others)] + [(prefix, _bits(prefix[1])) for prefix in dangerous]

    def third_steps(before: str) -> list[tuple[str, int]]:
        found = {stop[2]: only for stop, only in stops.items() if before and stop.startswith(before)}
        never_inside = _bits("".join(letter for letter, only in found.items() if only))
        return [("Coding2", ANY & ~never_inside)] + ([("Stop2", _bits("".join(found)))] if found else [])

    after = {
        "Coding2": [(f"Coding0{prefix}", bases) for prefix, bases in first_steps],
        **{f"Coding0{p}": [(f"Coding1{q}", bases) for q, bases in second_steps(p)] for p in ["", *firsts]},
        **{f"Coding1{p}": third_steps(p) for p in ["", *seconds]},
    }
    a, t, g = (_bits(letter) for letter in "ATG")
    steps = [
        ("Intergenic", "UTR5", ANY, B_NONE),
        ("UTR5", "UTR5", ANY, B_NONE),
        ("Intergenic", "Start0", a, B_START),
        ("UTR5", "Start0", a, B_START),
        ("Start0", "Start1", t, B_NONE),
        ("Start1", "Start2", g, B_NONE),
        ("Stop2", "UTR3", ANY, B_STOP),
        ("Stop2", "Intergenic", ANY, B_STOP),
        ("UTR3", "UTR3", ANY, B_NONE),
        ("UTR3", "Intergenic", ANY, B_NONE),
    ]
    steps += [("Start2", target, bases, B_NONE) for target, bases in after["Coding2"]]
    steps += [(source, target, bases, B_NONE) for source, targets in after.items() for target, bases in targets]
    openings = [(name, name) for name in [*after, "UTR5", "UTR3"]] + [("Start2", "Coding2")]
    exits = [(family, target, bases) for family, targets in after.items() for target, bases in targets]
    exits += [("UTR5", "UTR5", ANY), ("UTR3", "UTR3", ANY)]
    return states, steps, openings, exits


def build_automaton(genetic_code: int = 1) -> Automaton:
    """Lay both strands' gene model out as tables."""
    states, steps, openings, exits = _strand_steps(stop_codons(genetic_code))
    names = ["Intergenic"] + [f"{side}{name}" for side in "+-" for name in states]
    number = {name: i for i, name in enumerate(names)}
    families = list(dict.fromkeys(family for _, family in openings))
    n_states = len(names)

    def at(side: str, name: str) -> int:
        return number[name if name == "Intergenic" else f"{side}{name}"]

    def family_at(side: str, family: str) -> int:
        return families.index(family) + (len(families) if side == "-" else 0)

    # target, source, bases here, bases before, border, border's strand
    rows = [(0, 0, ANY, ANY, B_NONE, 0)]
    opens = []
    for source, target, bases, border in steps:
        rows.append((at("+", target), at("+", source), bases, ANY, border, 0))
        rows.append((at("-", source), at("-", target), ANY, _complement(bases), border, 1))
    for family, target, bases in exits:
        rows.append((at("+", target), n_states + family_at("+", family), bases, ANY, B_NONE, 0))
        opens.append((at("-", target), family_at("-", family), _complement(bases)))
    for state, family in openings:
        opens.append((at("+", state), family_at("+", family), ANY))
        rows.append((at("-", state), n_states + family_at("-", family), ANY, ANY, B_NONE, 1))
    rows.sort(key=lambda row: row[0])
    target, source, here, before, border, border_strand = np.array(rows, np.int64).T
    open_state, open_family, open_before = np.array(sorted(opens, key=lambda row: row[1]), np.int64).T
    family_strand = np.repeat([0, 1], len(families))
    of_states = np.where(border == B_NONE, 0, 3)
    origin = np.where(source < n_states, of_states, 1 + family_strand[np.maximum(source - n_states, 0)])
    allowed = _grouped(
        (before >> base_before & 1) & (here >> base & 1) & (origin == of)
        for base_before in range(5) for base in range(5) for of in range(4)
    )  # fmt: skip
    may_open = _grouped(
        (family_strand[open_family] == strand) & (open_before >> base_before & 1)
        for strand in range(2) for base_before in range(5)
    )  # fmt: skip
    kinds = [(INTERGENIC, E_NONE)] + [states[name] for _ in "+-" for name in states]
    return Automaton(
        np.array([label for label, _ in kinds], np.uint8),
        np.array([int(name[0] == "-") for name in names]),
        np.array([emission for _, emission in kinds]),
        np.searchsorted(target, np.arange(n_states + 1)),
        source, here, before, border, border_strand,
        open_state, open_family, open_before,
        family_strand,
        np.array([not family.startswith("UTR") for family in families] * 2),
        target, *allowed, *may_open,
    )  # fmt: skip


def _grouped(groups: Iterable[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers of the rows that each group holds, one group after the other, and where each begins."""
    members = [np.flatnonzero(holds) for holds in groups]
    return np.concatenate(members), np.cumsum([0, *map(len, members)])


def restricted(automaton: Automaton, states: np.ndarray) -> Automaton:
    """Return a model in which no step leads into or out of states but (S,) some, nor introns interrupt others."""
    opened = states[automaton.open_state]
    families = np.isin(np.arange(len(automaton.family_strand)), automaton.open_family[opened])
    inside = np.concatenate([states, families])
    steps = (inside[automaton.source] & inside[automaton.target])[automaton.allowed]
    opens = opened[automaton.may_open]
    return automaton._replace(
        allowed=automaton.allowed[steps],
        allowed_first=np.append(0, np.cumsum(steps))[automaton.allowed_first],
        may_open=automaton.may_open[opens],
        may_open_first=np.append(0, np.cumsum(opens))[automaton.may_open_first],
    )


def labels_of(states: np.ndarray, automaton: Automaton) -> np.ndarray:
    """Return what each base of a path is called, (n,) uint8; numbers beyond the states stand for introns."""
    labels = np.full(256, INTRON, np.uint8)
    labels[: len(automaton.label)] = automaton.label
    return labels[states]


def _complement(bases: int) -> int:
    """Return the complements of a set of bases: columns in reverse."""
    return sum(1 << (3 - i) for i in range(4) if bases >> i & 1) | (bases & 1 << NO_BASE)
