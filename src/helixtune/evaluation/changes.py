"""Which genes changed from base to tuned, and how: groups of genes that stand for each other on one strand."""

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
        seqid, strand: where all of them lie.
        span: first base and end of all of them.
        changed_bp: coding bases that only one set calls.
        called_bp: coding bases of all genes, added.
    """

    kind: str
    seqid: str
    strand: str
    span: tuple[int, int]
    changed_bp: int
    called_bp: int


@dataclass(frozen=True)
class Changes:
    """Many changes, 40 bytes each: what is counted, and what examples are chosen by.

    Attributes:
        kinds: (n,) numbers of KINDS.
        seqids: (n,) bytes.
        strands: (n,) bytes, + or -.
        spans: (n, 2).
        changed_bp, called_bp: (n,) as in `Change`.
    """

    kinds: np.ndarray
    seqids: np.ndarray
    strands: np.ndarray
    spans: np.ndarray
    changed_bp: np.ndarray
    called_bp: np.ndarray

    @classmethod
    def of(cls, changes: Sequence[Change]) -> "Changes":
        """Put changes side by side."""
        return cls(
            np.array([KINDS.index(change.kind) for change in changes], np.uint8),
            np.array([change.seqid.encode() for change in changes], np.bytes_),
            np.array([change.strand.encode() for change in changes], "S1"),
            np.array([change.span for change in changes], np.int64).reshape(-1, 2),
            np.array([change.changed_bp for change in changes], np.int64),
            np.array([change.called_bp for change in changes], np.int64),
        )

    @classmethod
    def joined(cls, parts: Sequence["Changes"]) -> "Changes":
        """Return all changes of some parts."""
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in cls.__dataclass_fields__))

    def __len__(self) -> int:
        return len(self.kinds)

    def __getitem__(self, number: int) -> Change:
        start, end = self.spans[number].tolist()
        return Change(
            KINDS[self.kinds[number]], self.seqids[number].decode(), self.strands[number].decode(), (start, end),
            int(self.changed_bp[number]), int(self.called_bp[number]),
        )  # fmt: skip

    def changed_share(self) -> float:
        """Return which share of the coding bases that either set calls the other does not."""
        union = (int(self.called_bp.sum()) + int(self.changed_bp.sum())) / 2
        return int(self.changed_bp.sum()) / union if union else 0.0


def find_changes(base: Sequence[GeneModel], tuned: Sequence[GeneModel]) -> Changes:
    """Group CDS models of both sets, every gene in exactly one group, in the order of base, then of new genes."""
    partners = find_partners(list(tuned), list(base))
    groups, seen_base, seen_tuned = [], set(), set()
    for start in range(len(base)):
        if start not in seen_base:
            groups.append(_grow(start, partners, seen_base, seen_tuned))
    groups += [([], [i]) for i in range(len(tuned)) if i not in seen_tuned]
    return Changes.of([_describe([base[i] for i in ours], [tuned[i] for i in theirs]) for ours, theirs in groups])


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
    models = [*ours, *theirs]
    span = min(model.start for model in models), max(model.end for model in models)
    called = sum(length_bp(model.bases) for model in models)
    return Change(kind, models[0].seqid, models[0].strand, span, changed, called)


def count_changes(changes: Changes) -> dict[str, int]:
    """Return the number of groups of each kind."""
    return dict(zip(KINDS, np.bincount(changes.kinds, minlength=len(KINDS)).tolist(), strict=True))


def pick_examples(changes: Changes, wanted: int, max_span_bp: int) -> list[Change]:
    """Choose examples that show all kinds of change, large, middling and small ones, none wider than a drawing holds."""
    fits = (changes.changed_bp > 0) & (changes.spans[:, 1] - changes.spans[:, 0] <= max_span_bp)
    piles = []
    for kind in range(1, len(KINDS)):
        pile = np.flatnonzero(fits & (changes.kinds == kind))
        starts, ends = changes.spans[pile].T
        pile = pile[np.lexsort((ends, starts, changes.seqids[pile], -changes.changed_bp[pile]))]
        if len(pile):
            share = min(len(pile), wanted)
            piles.append([changes[pile[round(i * (len(pile) - 1) / max(share - 1, 1))]] for i in range(share)])
    chosen: list[Change] = []
    for turn in range(wanted):
        chosen += [pile[turn] for pile in piles if turn < len(pile)]
    chosen = chosen[:wanted]
    return sorted(chosen, key=lambda change: (KINDS.index(change.kind), -change.changed_bp))
