"""Do the called introns agree with splice junctions seen in RNA-seq?

Junctions are matched by their coordinates alone: libraries without strand tell no strand, and introns of both strands with
equal ends are not met. Only well supported junctions count, and introns are held against the reads only in genes where
such a junction shows that the gene is expressed.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from helixtune.evaluation.blocks import GenomeBlocks
from helixtune.evaluation.models import GeneModel, introns
from helixtune.rnaseq.alignments import open_bam, reference_names, splice_junctions

# One read can be misaligned; three at one place with the same gap hardly are.
MIN_READS = 3
# A gap outside this range is a deletion or a misalignment rather than an intron.
MIN_INTRON_BP, MAX_INTRON_BP = 20, 500_000

Junctions = Mapping[str, Mapping[tuple[int, int], int]]


@dataclass(frozen=True)
class JunctionSums:
    """Numbers by block of the genome, (blocks,) each.

    Attributes:
        seen: well supported junctions.
        explained: those that equal a called intron.
        called: introns of genes in which such a junction lies.
        supported: those of them that equal such a junction.
    """

    seen: np.ndarray
    explained: np.ndarray
    called: np.ndarray
    supported: np.ndarray


def read_junctions(paths: Iterable[str], lengths: Mapping[str, int]) -> dict[str, Counter]:
    """Add up the splice junctions of BAM files.

    Args:
        paths: sorted, indexed BAM files.
        lengths: the genome's sequences; those that only a BAM has are left out.

    Raises:
        InputFileError, FormatError: a file is damaged, has no index, or its reads were aligned to another genome.
    """
    found: dict[str, Counter] = defaultdict(Counter)
    for path in paths:
        with open_bam(path) as bam:
            seqids = {name: seqid for seqid, name in reference_names(bam, lengths, lengths).items()}
        for name, _, start, end, reads in splice_junctions(path):
            if name in seqids:
                found[seqids[name]][start, end] += reads
    return dict(found)


def well_supported(junctions: Junctions) -> dict[str, np.ndarray]:
    """Return {seqid: (n, 2) int64} of junctions that count, sorted."""
    chosen = {}
    for seqid, found in junctions.items():
        kept = sorted(
            place
            for place, reads in found.items()
            if reads >= MIN_READS and MIN_INTRON_BP <= place[1] - place[0] <= MAX_INTRON_BP
        )
        if kept:
            chosen[seqid] = np.array(kept, np.int64)
    return chosen


def sum_junctions(
    models: Iterable[GeneModel], junctions: Mapping[str, np.ndarray], blocks: GenomeBlocks
) -> JunctionSums:
    """Compare the introns of one gene set (exon models) with well supported junctions."""
    sums = JunctionSums(*np.zeros((4, len(blocks))))
    by_seqid: dict[str, list[GeneModel]] = {}
    for model in models:
        by_seqid.setdefault(model.seqid, []).append(model)
    for seqid, places in junctions.items():
        known = set(map(tuple, places.tolist()))
        every, judged = set(), set()
        for model in by_seqid.get(seqid, []):
            own = {intron for chain in model.chains for intron in introns(chain)}
            every |= own
            if _is_expressed(model, places):
                judged |= own
        _add(sums.seen, known, seqid, blocks)
        _add(sums.explained, known & every, seqid, blocks)
        _add(sums.called, judged, seqid, blocks)
        _add(sums.supported, judged & known, seqid, blocks)
    return sums


def differing_share(first: Iterable[GeneModel], second: Iterable[GeneModel]) -> float:
    """Return the share of either set's introns that the other lacks (1 minus Dice's coefficient)."""
    sets = [
        {(model.seqid, *intron) for model in models for chain in model.chains for intron in introns(chain)}
        for models in (first, second)
    ]
    total = len(sets[0]) + len(sets[1])
    return len(sets[0] ^ sets[1]) / total if total else 0.0


def _is_expressed(model: GeneModel, places: np.ndarray) -> bool:
    """Tell whether a junction lies within the gene's span."""
    first, last = np.searchsorted(places[:, 0], [model.start, model.end])
    return bool((places[first:last, 1] <= model.end).any())


def _add(target: np.ndarray, places: set, seqid: str, blocks: GenomeBlocks) -> None:
    if places:
        np.add.at(target, blocks.index(seqid, [start for start, _ in places]), 1)
