"""Untranslated regions beside coding sequences that are fixed: the network's, with introns by the genome's signals.

What lies between two neighbouring genes is solved once more, this time with the network's full say: it belongs to the gene on
its left, to nothing, or to the gene on its right.
"""

from itertools import pairwise

import numpy as np

from helixtune.gene_calling.genes import Segment, run_starts
from helixtune.signals.automaton import CODING, INTERGENIC, UTR3, UTR5, Automaton, labels_of
from helixtune.signals.search import NEVER, Tracks, best_path

# Bases beside a gene in which its untranslated region is looked for.
REACH_BP = 20_000


def with_untranslated(
    genes: list[tuple[str, list[Segment]]], tracks: Tracks, automaton: Automaton, origin: int
) -> list[tuple[str, list[Segment]]]:
    """Return genes with new untranslated regions.

    Args:
        genes: strand and segments, plus-strand order, of which the coding ones and the introns between them are kept.
        tracks: of the stretch, untranslated regions by the network's odds.
        automaton: the gene model, without coding sequence.
        origin: plus-strand coordinate of the stretch's first base.
    """
    cores = [(strand, _coding_span(segments)) for strand, segments in genes]
    borders = [
        origin,
        *(border for _, core in cores for border in (core[0][1], core[-1][2])),
        origin + len(tracks.bases),
    ]
    beside = [
        _solve_gap(tracks, automaton, origin, borders[2 * k], borders[2 * k + 1], strands)
        for k, strands in enumerate(zip([None, *(s for s, _ in cores)], [*(s for s, _ in cores), None], strict=True))
    ]
    return [(strand, [*beside[k][1], *core, *beside[k + 1][0]]) for k, (strand, core) in enumerate(cores)]


def _coding_span(segments: list[Segment]) -> list[Segment]:
    coding = [i for i, (label, _, _) in enumerate(segments) if label == CODING]
    return segments[coding[0] : coding[-1] + 1]


def _solve_gap(tracks: Tracks, automaton: Automaton, origin: int, begin: int, end: int, strands) -> tuple[list, list]:
    """Return the segments beside the gene on the left and on the right of a gap, each in plus-strand order."""
    if end <= begin:
        return [], []
    if end - begin > 2 * REACH_BP:
        left, _ = _solve_gap(tracks, automaton, origin, begin, begin + REACH_BP, (strands[0], None))
        _, right = _solve_gap(tracks, automaton, origin, end - REACH_BP, end, (None, strands[1]))
        return left, right
    enter, leave = (np.full(len(automaton.label), NEVER) for _ in range(2))
    enter[0] = leave[0] = 0.0
    for ends, strand, labels in ((enter, strands[0], (UTR3, UTR5)), (leave, strands[1], (UTR5, UTR3))):
        if strand:
            side = "+-".index(strand)
            ends[(automaton.strand == side) & (automaton.label == labels[side])] = 0.0
    first, last = begin - origin, end - origin
    _, states, _ = best_path(_slice(tracks, first, last), automaton, enter, leave)
    labels = labels_of(states, automaton)
    free = np.flatnonzero(labels == INTERGENIC)
    whole = len(labels) if strands[0] else 0
    cut = (free[0], free[-1] + 1) if len(free) else (whole, whole)
    left = _runs(labels[: cut[0]], begin) if strands[0] else []
    right = _runs(labels[cut[1] :], begin + cut[1]) if strands[1] else []
    return left, right


def _runs(labels: np.ndarray, origin: int) -> list[Segment]:
    starts = run_starts(labels)
    edges = (np.append(starts, len(labels)) + origin).tolist()
    return [(label, *edge) for label, edge in zip(labels[starts].tolist(), pairwise(edges), strict=True)]


def _slice(tracks: Tracks, first: int, last: int) -> Tracks:
    """Return the tracks of part of a stretch."""
    borders = slice(first, last + 1)
    return tracks._replace(
        bases=tracks.bases[first:last], emission=tracks.emission[:, :, first:last], border=tracks.border[:, :, borders],
        opening=tracks.opening[:, borders], closing=tracks.closing[:, borders], inside=tracks.inside[:, :, borders],
    )  # fmt: skip
