"""Which genes changed from base to tuned, and how: groups of genes that stand for each other on one strand."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from helixtune.evaluation.intervals import EMPTY, length_bp, merge, overlap_bp
from helixtune.evaluation.models import GeneModel
from helixtune.evaluation.partners import find_partners

KINDS = ("unchanged", "restructured", "new", "lost", "split", "fused", "rearranged")


@dataclass(frozen=True)
class Change:
    """Genes of both sets that stand for each other.

    Attributes:
        kind: one of KINDS; "split" and "fused" are seen from base to tuned.
        base, tuned: the genes; one side is empty for new and lost genes.
        changed_bp: coding bases that only one set calls.
    """

    kind: str
    base: tuple[GeneModel, ...]
    tuned: tuple[GeneModel, ...]
    changed_bp: int

    @property
    def seqid(self) -> str:
        """Sequence of all its genes."""
        return (self.base or self.tuned)[0].seqid

    @property
    def strand(self) -> str:
        """Strand of all its genes."""
        return (self.base or self.tuned)[0].strand

    @property
    def span(self) -> tuple[int, int]:
        """First base and end of all its genes."""
        genes = (*self.base, *self.tuned)
        return min(gene.start for gene in genes), max(gene.end for gene in genes)


def find_changes(base: Sequence[GeneModel], tuned: Sequence[GeneModel]) -> list[Change]:
    """Group CDS models of both sets, every gene in exactly one group, in the order of base, then of new genes."""
    partners = find_partners(list(tuned), list(base))
    groups, seen_base, seen_tuned = [], set(), set()
    for start in range(len(base)):
        if start not in seen_base:
            groups.append(_grow(start, partners, seen_base, seen_tuned))
    groups += [([], [i]) for i in range(len(tuned)) if i not in seen_tuned]
    return [_describe([base[i] for i in ours], [tuned[i] for i in theirs]) for ours, theirs in groups]


def _grow(start: int, partners, seen_base: set[int], seen_tuned: set[int]) -> tuple[list[int], list[int]]:
    """Follow partnerships from one base gene until no further gene is reached."""
    ours, theirs, waiting = [], [], [start]
    seen_base.add(start)
    while waiting:
        number = waiting.pop()
        ours.append(number)
        for other in partners.of_reference.get(number, ()):
            if other in seen_tuned:
                continue
            seen_tuned.add(other)
            theirs.append(other)
            for back in partners.of_predicted[other]:
                if back not in seen_base:
                    seen_base.add(back)
                    waiting.append(back)
    return sorted(ours), sorted(theirs)


def _describe(ours: list[GeneModel], theirs: list[GeneModel]) -> Change:
    bases = [merge(np.concatenate([model.bases for model in side])) if side else EMPTY for side in (ours, theirs)]
    changed = length_bp(bases[0]) + length_bp(bases[1]) - 2 * overlap_bp(*bases)
    same = [{chain for model in side for chain in model.chains} for side in (ours, theirs)]
    counts = (len(ours), len(theirs))
    if not theirs:
        kind = "lost"
    elif not ours:
        kind = "new"
    elif counts == (1, 1):
        kind = "unchanged" if same[0] == same[1] else "restructured"
    elif len(ours) == 1:
        kind = "split"
    elif len(theirs) == 1:
        kind = "fused"
    else:
        kind = "rearranged"
    return Change(kind, tuple(ours), tuple(theirs), changed)


def count_changes(changes: Sequence[Change]) -> dict[str, int]:
    """Return the number of groups of each kind."""
    counts = Counter(change.kind for change in changes)
    return {kind: counts.get(kind, 0) for kind in KINDS}


def pick_examples(changes: Sequence[Change], wanted: int, max_span_bp: int) -> list[Change]:
    """Choose examples that show all kinds of change, large, middling and small ones, none wider than a drawing holds."""
    piles = []
    for kind in KINDS[1:]:
        pile = [
            change
            for change in changes
            if change.kind == kind and change.changed_bp and change.span[1] - change.span[0] <= max_span_bp
        ]
        pile.sort(key=lambda change: (-change.changed_bp, change.seqid, change.span))
        if pile:
            share = min(len(pile), wanted)
            piles.append([pile[round(i * (len(pile) - 1) / max(share - 1, 1))] for i in range(share)])
    chosen: list[Change] = []
    for turn in range(wanted):
        chosen += [pile[turn] for pile in piles if turn < len(pile)]
    chosen = chosen[:wanted]
    return sorted(chosen, key=lambda change: (KINDS.index(change.kind), -change.changed_bp))
