"""Part subsequences into those to tune on and those to watch the tuning with.

Both strands of a place stay together. Whole sequences are held out where that gives a validation set of the right size that
looks like the rest; else stretches of sequences, with a place left out between the sides so that no gene lies in both.
"""

from dataclasses import dataclass, field

import numpy as np

from helixtune.errors import EmptyResultError, ParameterError
from helixtune.selection.strata import assign_strata
from helixtune.splitting.holdout_search import HoldOutSearch
from helixtune.subsequences import Rows

TRAIN, VALIDATION, LEFT_OUT = 0, 1, -1
# Quartiles of intergenic fraction and of GC: finer classes would be mostly noise in a validation set of some dozens of places.
CLASSES_PER_FEATURE = 4
# Whole sequences are held out if their share of the bases is right within a half of what was asked for.
SHARE_TOLERANCE = 0.5
# Stretches of 4 places lose at most 2 of 5 * 4 places to gaps at the usual fraction of 0.2; 8 of them are held out.
MIN_STRETCH = 4
STRETCHES_HELD_OUT = 8


@dataclass(frozen=True)
class SplitSettings:
    """Settings that check themselves.

    Attributes:
        validation_fraction: share of the bases to hold out (upstream: of the sequences).
        seed: of the draws.
        method: "blocks", or "upstream" = sequences drawn from both halves of the N90.
    """

    validation_fraction: float = 0.2
    seed: int = 0
    method: str = "blocks"

    def __post_init__(self):
        if not 0 < self.validation_fraction < 1:
            raise ParameterError(f"--validation-fraction {self.validation_fraction}: it must lie between 0 and 1.")
        if self.method not in ("blocks", "upstream"):
            raise ParameterError(f"--method {self.method}: give blocks or upstream.")


@dataclass(frozen=True)
class Split:
    """Which side every row is on.

    Attributes:
        sides: (n,) int8 TRAIN, VALIDATION or LEFT_OUT.
        unit: what was held out: "sequences" or "stretches".
        warnings: sentences for the user.
    """

    sides: np.ndarray
    unit: str
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Places:
    """The stretches of the genome that rows hold, in genome order.

    Attributes:
        members: (n,) place of each row.
        sequences: (p,) number of the sequence.
        starts: (p,) plus-strand start.
        ends: (p,) plus-strand end.
        bases: (p,) bases of its rows.
    """

    members: np.ndarray
    sequences: np.ndarray
    starts: np.ndarray
    ends: np.ndarray
    bases: np.ndarray

    @property
    def follows(self) -> np.ndarray:
        """(p,) True where a place begins where the one before ends."""
        joins = (self.sequences[1:] == self.sequences[:-1]) & (self.starts[1:] == self.ends[:-1])
        return np.concatenate([[False], joins]) if len(self.starts) else np.zeros(0, bool)


def find_places(rows: Rows) -> Places:
    """Group rows by species, sequence and start: both strands of a place are one."""
    keys = np.char.add(np.char.add(rows.species, b"\t"), rows.seqids)
    _, sequence = np.unique(keys, return_inverse=True)
    distinct, members = np.unique(np.stack([sequence, rows.starts], axis=1), axis=0, return_inverse=True)
    members = members.ravel()
    ends = np.zeros(len(distinct), np.int64)
    np.maximum.at(ends, members, rows.ends)
    bases = np.bincount(members, rows.valid_lengths, minlength=len(distinct))
    return Places(members, distinct[:, 0], distinct[:, 1], ends, bases)


@dataclass(frozen=True)
class RowMeasures:
    """What the two sides should have alike.

    Attributes:
        class_counts: (n, 4) labelled bases of each class.
        gc: (n,) share of G and C, or None.
        length_counts: (n, k) genic bases by class of gene length, or None.
    """

    class_counts: np.ndarray
    gc: np.ndarray | None = None
    length_counts: np.ndarray | None = None


def split_rows(rows: Rows, measures: RowMeasures, settings: SplitSettings) -> Split:
    """Choose sides for all rows.

    Raises:
        EmptyResultError: a side would be empty.
    """
    places = find_places(rows)
    if len(places.starts) < 2:
        raise EmptyResultError(
            f"{len(places.starts)} place in the input: training and validation need one each; keep more subsequences."
        )
    amounts = _amounts(places, rows, measures)
    by_stretch = _hold_out(places, _stretches(places, settings.validation_fraction), amounts, settings)
    by_sequence = _hold_out(places, places.sequences, amounts, settings)
    best = by_stretch
    if by_sequence and (by_sequence.good_enough(settings, by_stretch) or by_sequence.cost <= by_stretch.cost):
        best = by_sequence
    held_out = set(places.sequences[best.place_sides == VALIDATION])
    parted = held_out & set(places.sequences[best.place_sides != VALIDATION])
    return Split(best.place_sides[places.members], "stretches" if parted else "sequences", best.warnings)


def _amounts(places: Places, rows: Rows, measures: RowMeasures) -> list[np.ndarray]:
    """Return, per group of features, (p, c) amounts whose shares the two sides should have alike."""
    counts = _by_place(places, measures.class_counts)
    strata = assign_strata(counts[:, 0] / np.maximum(counts.sum(axis=1), 1), CLASSES_PER_FEATURE)
    groups = [np.eye(int(strata.max()) + 1)[strata] * places.bases[:, None], counts]
    if measures.gc is not None:
        breaks = np.quantile(measures.gc, np.arange(1, CLASSES_PER_FEATURE) / CLASSES_PER_FEATURE)
        one_hot = np.eye(CLASSES_PER_FEATURE)[np.searchsorted(breaks, measures.gc)]
        groups.append(_by_place(places, one_hot * rows.valid_lengths[:, None]))
    if measures.length_counts is not None:
        groups.append(_by_place(places, measures.length_counts))
    return groups


def _by_place(places: Places, amounts: np.ndarray) -> np.ndarray:
    out = np.zeros((len(places.starts), amounts.shape[1]))
    np.add.at(out, places.members, amounts)
    return out


def _stretches(places: Places, fraction: float) -> np.ndarray:
    """Return (p,) the stretch of each place: runs of touching places, long ones cut into pieces."""
    follows = places.follows
    run = np.cumsum(~follows)
    first = np.flatnonzero(~follows)
    within = np.arange(len(run)) - first[run - 1]
    wanted = fraction * len(run)
    size = max(1, min(max(MIN_STRETCH, int(np.ceil(wanted / STRETCHES_HELD_OUT))), int(wanted), len(run) // 4))
    return np.cumsum((within % size == 0) | ~follows) - 1


@dataclass(frozen=True)
class _HeldOut:
    """A way to hold places out: their sides, how far it is from what was wanted, and what to say about it."""

    place_sides: np.ndarray
    share: float
    unlikeness: float
    typical_unlikeness: float
    cost: float
    warnings: list[str]

    def good_enough(self, settings: SplitSettings, stretches: "_HeldOut") -> bool:
        """Tell whether whole sequences of about the right size are as like the whole as random stretches would be."""
        wanted = settings.validation_fraction
        return abs(self.share - wanted) <= SHARE_TOLERANCE * wanted and self.unlikeness <= stretches.typical_unlikeness


def _hold_out(places: Places, units: np.ndarray, amounts: list[np.ndarray], settings: SplitSettings) -> _HeldOut | None:
    """Search the units (sequences or stretches) whose places make the best validation set; None with fewer than two."""
    distinct, member = np.unique(units, return_inverse=True)
    if len(distinct) < 2:
        return None
    search = HoldOutSearch(member, places.bases, places.follows, amounts, settings.validation_fraction)
    rng = np.random.default_rng(settings.seed)
    chosen = search.best(rng)
    sides = np.where(chosen[member], VALIDATION, TRAIN).astype(np.int8)
    cost, share, unlikeness = (float(value[0]) for value in search.costs(chosen[None]))
    sides, warnings = _with_gaps(places, sides)
    return _HeldOut(sides, share, unlikeness, search.typical_unlikeness(rng), cost, warnings)


def _with_gaps(places: Places, sides: np.ndarray) -> tuple[np.ndarray, list[str]]:
    """Leave out training places that touch a validation place, unless that would leave nothing to train on."""
    joins = places.follows[1:] & (sides[1:] != sides[:-1])
    touching = np.zeros(len(sides), bool)
    touching[1:] |= joins
    touching[:-1] |= joins
    gapped = np.where(touching & (sides == TRAIN), LEFT_OUT, sides).astype(np.int8)
    if (gapped == TRAIN).any():
        return gapped, []
    return sides, ["Too few places for a gap between training and validation: a gene on the border may be in both."]


def split_as_upstream(rows: Rows, settings: SplitSettings) -> Split:
    """Draw validation sequences as upstream does, but seeded: from the sequences within the N90 of rows, and the rest.

    Raises:
        EmptyResultError: a side would be empty (upstream then writes an empty file).
    """
    from sklearn.model_selection import train_test_split

    names, member, counts = np.unique(rows.seqids, return_inverse=True, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    reached = np.cumsum(counts[order])
    last = int(np.argmax(reached >= int(0.9 * len(rows)))) + 1
    draw = np.random.RandomState(settings.seed)
    held_out = np.zeros(len(names), bool)
    for part in (order[:last], order[last:]):
        if len(part) < 2:
            continue
        try:
            _, chosen = train_test_split(part, test_size=settings.validation_fraction, random_state=draw)
        except ValueError as error:
            raise EmptyResultError(
                f"--validation-fraction {settings.validation_fraction} leaves nothing to train on: lower it."
            ) from error
        held_out[chosen] = True
    if not held_out.any():
        raise EmptyResultError(
            f"{len(names)} sequence(s): upstream's split holds out whole sequences and finds none; use --method blocks."
        )
    return Split(np.where(held_out[member], VALIDATION, TRAIN).astype(np.int8), "sequences")
