"""What was seen at the signals of a genome, for people: frequencies of bases, and how long introns are. Nothing is called by it."""

import numpy as np

from helixtune.signals.branch import BranchPoint
from helixtune.signals.model import ACCEPTOR_OFFSET, DONOR_OFFSET, START_OFFSET

# Introns are counted in so many bins of equal width, up to the length that this share of them does not exceed.
INTRON_BINS, SHOWN_SHARE = 40, 0.95
DECIMALS = 4


def observed(counts, branch: BranchPoint | None) -> dict:
    """Return the observed part of signals.json.

    Args:
        counts: `learn.Counts` of the genes learnt from.
        branch: its frequencies are those of the introns that have one; None: none was found.

    Returns:
        donor, acceptor, start, branch: `first` = place of the first column, 0 the first base behind the border (of the start:
        of ATG), `sites` = how many were seen, `frequencies` = (w, 4) shares of C, A, T and G; None where nothing was seen.
        introns: `number`, `median_bp`, `edges_bp` and `counts` of bins; introns beyond the last edge are in none.
    """
    sites = {
        name: _site(table.sum(axis=1), offset)
        for name, table, offset in (
            ("donor", counts.donor, DONOR_OFFSET),
            ("acceptor", counts.acceptor, ACCEPTOR_OFFSET),
            ("start", counts.start, START_OFFSET),
        )
    }
    motif = None
    if branch:
        with_branch = round(float(branch.distances.sum()) * len(counts.introns_bp))
        motif = {"first": 1, "sites": with_branch, "frequencies": branch.frequencies.round(DECIMALS).tolist()}
    return sites | {"branch": motif, "introns": _introns(np.array(counts.introns_bp, int))}


def _site(counts: np.ndarray, offset: int) -> dict | None:
    seen = counts.sum(axis=1, keepdims=True)
    if not seen.all():
        return None
    return {"first": offset, "sites": int(seen.max()), "frequencies": (counts / seen).round(DECIMALS).tolist()}


def _introns(lengths_bp: np.ndarray) -> dict | None:
    if not len(lengths_bp):
        return None
    longest = int(np.quantile(lengths_bp, SHOWN_SHARE)) + 1
    shortest = int(lengths_bp.min())
    width = max(-(-(longest - shortest) // INTRON_BINS), 1)
    edges = np.arange(shortest, longest + width, width)
    counts, _ = np.histogram(lengths_bp[lengths_bp < edges[-1]], edges)
    return {
        "number": len(lengths_bp),
        "median_bp": float(np.median(lengths_bp)),
        "edges_bp": edges.tolist(),
        "counts": counts.tolist(),
    }
