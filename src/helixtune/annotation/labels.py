"""Per-base labels of one strand, and their rows: classes, phases, weights, gene lengths, transitions.

A strand's labels are one byte a base (`strand_codes`), so that a 250-Mb chromosome takes 250 MB; everything that a file
holds is unpacked from these codes block by block (`label_rows`).
"""

from collections.abc import Collection

import numpy as np

from helixtune import h5files
from helixtune.annotation.coding_transcripts import CodingTranscript, StrandedGene, turn
from helixtune.annotation.masks import Mask
from helixtune.subsequences import take_rows

# Class order of the network, everywhere.
CLASSES = ("intergenic", "UTR", "CDS", "intron")
INTERGENIC, UTR, CDS, INTRON = range(4)
# Phase classes: no phase, then phase 0, 1, 2.
PHASE_CLASSES = ("none", "0", "1", "2")
# Columns of transitions. They follow plus-strand direction on both strands: on minus rows, starts mark the 3' ends.
TRANSITIONS = ("transcript start", "CDS start", "intron start", "transcript end", "CDS end", "intron end")

# Bits of a code.
IN_TRANSCRIPT, IN_CODING, IN_INTRON, MASKED = 1, 2, 4, 8
PHASE_SHIFT = 4
PADDING = 64
STATES = IN_TRANSCRIPT | IN_CODING | IN_INTRON
N_CODES = 128

LABEL_BYTES = 1 + 4 + 4 + 1 + 4 + 6  # of a row's base: code, classes, phases, weight, gene length, transitions

Applied = list[tuple[StrandedGene, list[Mask]]]


def _class_of(code: int) -> int:
    """Where gene models overlap, intron beats CDS beats UTR."""
    if not code & IN_TRANSCRIPT:
        return INTERGENIC
    if code & IN_INTRON:
        return INTRON
    return CDS if code & IN_CODING else UTR


def _one_hot_table(classes: list[int]) -> np.ndarray:
    """Return (128,) uint32: the four one-hot bytes of each code; padding is all zero."""
    table = np.zeros((N_CODES, 4), np.int8)
    table[np.arange(PADDING), classes] = 1
    return table.view(np.uint32)[:, 0]


_CLASS_TABLE = np.array([_class_of(code) for code in range(PADDING)])
_CLASS_BYTES = _one_hot_table(_CLASS_TABLE.tolist())
_PHASE_BYTES = _one_hot_table([code >> PHASE_SHIFT for code in range(PADDING)])
_WEIGHTS = np.array([code < PADDING and not code & MASKED for code in range(N_CODES)], np.int8)
_IS_INTERGENIC = np.array([code < PADDING and _class_of(code) == INTERGENIC for code in range(N_CODES)])


def strand_codes(applied: Applied, strand: str, length_bp: int, window: tuple[int, int] | None = None) -> np.ndarray:
    """Paint the chosen transcripts and masks of one strand.

    Args:
        applied: genes with the masks that apply (`masks.chosen_masks`).
        strand: '+' or '-'.
        length_bp: length of the sequence.
        window: stretch to paint, plus-strand coordinates; None = all. Right are the codes of transcripts that lie in it whole.

    Returns:
        (length_bp or window,) uint8 codes in plus-strand coordinate order. Positions beyond it are cut off.
    """
    start, end = window or (0, length_bp)
    codes = np.zeros(end - start, np.uint8)
    stranded = codes if strand == "+" else codes[::-1]
    origin = turn(start, end, strand, length_bp)[0]
    for _, masks in applied:
        for mask in masks:
            _paint(stranded, mask.start - origin, mask.end - origin, MASKED)
    chosen = [(gene.transcripts[gene.chosen], gene.rank) for gene, _ in applied if gene.chosen is not None]
    for transcript, _ in chosen:
        _paint(stranded, transcript.start - origin, transcript.end - origin, IN_TRANSCRIPT)
        _paint(stranded, transcript.cds_start - origin, transcript.cds_end - origin, IN_CODING)
        for first, last in transcript.true_introns:
            _paint(stranded, first - origin, last - origin, IN_INTRON)
    # Where coding parts overlap, upstream lets the one that starts later on the plus strand overwrite the phases.
    chosen.sort(key=lambda one: (turn(one[0].cds_start, one[0].cds_end, strand, length_bp)[0], one[1]))
    for transcript, _ in chosen:
        _paint_phases(stranded, transcript, origin)
    return codes


def _paint(stranded: np.ndarray, start: int, end: int, bit: int) -> None:
    stranded[max(start, 0) : max(end, 0)] |= bit


def _paint_phases(stranded: np.ndarray, transcript: CodingTranscript, origin: int) -> None:
    """Count codon positions over the coding bases that lie in no intron (of any gene)."""
    begin = transcript.cds_start - origin
    start = max(begin, 0)
    part = stranded[start : max(transcript.cds_end - origin, 0)]
    coding = np.flatnonzero(part & IN_INTRON == 0)
    first_phase = transcript.first_phase or 0
    phases = (first_phase + begin - start - np.arange(len(coding))) % 3
    part[coding] = part[coding] & (STATES | MASKED) | ((1 + phases) << PHASE_SHIFT).astype(np.uint8)


def transcript_spans(applied: Applied, strand: str, length_bp: int) -> np.ndarray:
    """Return (m, 3) int64 start, end (plus strand) and length of the chosen transcripts."""
    chosen = (gene.transcripts[gene.chosen] for gene, _ in applied if gene.chosen is not None)
    spans = [(*turn(one.start, one.end, strand, length_bp), one.end - one.start) for one in chosen]
    return np.array(spans, np.int64).reshape(-1, 3)


LABEL_DATASETS = (
    h5files.CLASSES, h5files.PHASES, h5files.WEIGHTS, h5files.GENE_LENGTHS, h5files.TRANSITIONS, h5files.HAS_VALID_BASES,
    h5files.FULLY_INTERGENIC,
)  # fmt: skip


def label_rows(
    codes: np.ndarray,
    spans: np.ndarray,
    start_ends: np.ndarray,
    subsequence_length_bp: int,
    names: Collection[str] = LABEL_DATASETS,
) -> dict[str, np.ndarray]:
    """Unpack the label datasets of neighbouring rows of one strand.

    Args:
        codes: (length,) uint8 of `strand_codes`.
        spans: (m, 3) of `transcript_spans`.
        start_ends: (b, 2) rows of this strand which join without a gap.
        subsequence_length_bp: L.
        names: the datasets wanted.

    Returns:
        Datasets by their path: classes, phases (b, L, 4) int8; weights (b, L) int8; gene lengths (b, L) uint32; transitions
        (b, L, 6) int8; two (b,) bool. Padding is zero everywhere.
    """
    start, L = int(start_ends.min()), subsequence_length_bp
    rows = take_rows(codes[start : int(start_ends.max())], start_ends - start, L, fill=PADDING)
    weights = _WEIGHTS[rows]
    makers = {
        h5files.CLASSES: lambda: _CLASS_BYTES[rows].view(np.int8).reshape(-1, L, 4),
        h5files.PHASES: lambda: _PHASE_BYTES[rows].view(np.int8).reshape(-1, L, 4),
        h5files.WEIGHTS: lambda: weights,
        h5files.GENE_LENGTHS: lambda: gene_length_rows(spans, start_ends, L),
        h5files.TRANSITIONS: lambda: transition_rows(codes, start_ends, L),
        h5files.HAS_VALID_BASES: lambda: weights.any(axis=1),
        # Upstream 0.3.6's meaning, which its readers expect: no base of the row is intergenic.
        h5files.FULLY_INTERGENIC: lambda: ~_IS_INTERGENIC[rows].any(axis=1),
    }
    return {name: make() for name, make in makers.items() if name in names}


def gene_length_rows(spans: np.ndarray, start_ends: np.ndarray, subsequence_length_bp: int) -> np.ndarray:
    """Return (b, L) uint32: the length of the longest chosen transcript over each base, 0 outside."""
    rows = np.zeros((len(start_ends), subsequence_length_bp), np.uint32)
    if not len(spans):
        return rows
    starts, ends = start_ends.min(axis=1), start_ends.max(axis=1)
    for start, end, length in spans[(spans[:, 0] < ends.max()) & (spans[:, 1] > starts.min())].tolist():
        for i in np.flatnonzero((starts < end) & (ends > start)).tolist():
            first, last = max(start, starts[i]), min(end, ends[i])
            if start_ends[i, 0] < start_ends[i, 1]:
                piece = rows[i, first - starts[i] : last - starts[i]]
            else:
                piece = rows[i, ends[i] - last : ends[i] - first]
            np.maximum(piece, length, out=piece)
    return rows


def transition_rows(codes: np.ndarray, start_ends: np.ndarray, subsequence_length_bp: int) -> np.ndarray:
    """Return (b, L, 6) int8: the steps of a strand's states, each marked on both bases beside it.

    Steps are looked at in plus-strand direction on both strands, as upstream does; counts reach 2 where two equal steps
    share a base.
    """
    rows = np.zeros((len(start_ends), subsequence_length_bp, len(TRANSITIONS)), np.int8)
    first = max(int(start_ends.min()) - 1, 0)
    states = codes[first : int(start_ends.max()) + 1] & STATES
    before = np.flatnonzero(states[1:] != states[:-1])
    if not len(before):
        return rows
    left, right = states[before], states[before + 1]
    found = [np.flatnonzero(changed & bit) for changed in (~left & right, left & ~right) for bit in _STATE_BITS]
    steps = np.repeat(np.arange(len(TRANSITIONS)), [len(one) for one in found])
    positions = before[np.concatenate(found)] + first
    for beside in (positions, positions + 1):
        inside, i, j = _locate(beside, start_ends)
        rows[i, j, steps[inside]] += 1
    return rows


_STATE_BITS = (IN_TRANSCRIPT, IN_CODING, IN_INTRON)


def _locate(positions: np.ndarray, start_ends: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return which plus-strand positions lie in neighbouring rows of one strand, and the row and column of those."""
    order = np.argsort(start_ends.min(axis=1))
    starts, ends = start_ends.min(axis=1)[order], start_ends.max(axis=1)[order]
    is_inside = (positions >= starts[0]) & (positions < ends[-1])
    inside = positions[is_inside]
    k = np.searchsorted(starts, inside, side="right") - 1
    is_plus = start_ends[0, 0] < start_ends[0, 1]
    return is_inside, order[k], inside - starts[k] if is_plus else ends[k] - 1 - inside
