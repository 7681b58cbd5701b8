"""Do the called introns agree with splice junctions seen in RNA-seq?

Junctions are matched by their coordinates and, where aligner or library tell it, by their strand. Only well supported
junctions count, and introns are held against the reads only in genes where such a junction shows that the gene is expressed.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from helixtune.annotation.genes import Gene
from helixtune.errors import ParameterError
from helixtune.evaluation.blocks import GenomeBlocks
from helixtune.evaluation.models import GeneModel, introns
from helixtune.log import logger
from helixtune.rnaseq.alignments import UNSTRANDED, check_library, open_bam, reference_names, splice_junctions
from helixtune.rnaseq.strandedness import AUTO, count_strands

# One read can be misaligned; three at one place with the same gap hardly are.
MIN_READS = 3
# A gap outside this range is a deletion or a misalignment rather than an intron.
MIN_INTRON_BP, MAX_INTRON_BP = 20, 500_000

ANY_STRAND = "."
# {seqid: {(start, end, strand): reads}}
Junctions = Mapping[str, Mapping[tuple[int, int, str], int]]
# {seqid: {(start, end): strand}} of those that count, sorted
Supported = Mapping[str, Mapping[tuple[int, int], str]]


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


def read_junctions(
    paths: Sequence[str],
    lengths: Mapping[str, int],
    libraries: Sequence[str] = (UNSTRANDED,),
    genes: Iterable[Gene] = (),
) -> dict[str, Counter]:
    """Add up the splice junctions of BAM files.

    Args:
        paths: sorted, indexed BAM files.
        lengths: the genome's sequences; those that only a BAM has are left out.
        libraries: the protocol of each BAM, or one for all; `auto` finds it out with `genes`.
        genes: genes to find protocols out with.

    Raises:
        InputFileError, FormatError: a file is damaged, has no index, or its reads were aligned to another genome.
        ParameterError: an unknown protocol, or another number of them than of files.
    """
    libraries = tuple(libraries) * len(paths) if len(libraries) == 1 else tuple(libraries)
    if len(libraries) != len(paths):
        raise ParameterError(
            f"{len(libraries)} times --library for {len(paths)} BAM files: give it once, or once a BAM."
        )
    found: dict[str, Counter] = defaultdict(Counter)
    for path, stated in zip(paths, libraries, strict=True):
        with open_bam(path) as bam:
            names = reference_names(bam, lengths, lengths)
            library = _settle_library(stated, bam, names, list(genes))
        seqids = {name: seqid for seqid, name in names.items()}
        for name, strand, start, end, reads in splice_junctions(path, library):
            if name in seqids:
                found[seqids[name]][start, end, strand] += reads
    return dict(found)


def _settle_library(stated: str, bam, names: dict[str, str], genes: list[Gene]) -> str:
    """Return the protocol to read strands by; where it cannot be found out, unstranded, which claims nothing."""
    if stated != AUTO:
        return check_library(stated)
    counts = count_strands(bam, names, genes)
    if counts.library is None:
        logger.warning(
            "%s: the library cannot be told (%s): its junctions count for either strand.",
            bam.filename.decode(), counts.describe(),
        )  # fmt: skip
    return counts.library or UNSTRANDED


def well_supported(junctions: Junctions) -> Supported:
    """Return the junctions that count, each with the strand that most of its reads tell, or '.'."""
    chosen = {}
    for seqid, found in junctions.items():
        reads: dict[tuple[int, int], Counter] = defaultdict(Counter)
        for (start, end, strand), number in found.items():
            reads[start, end][strand] += number
        kept = {
            place: _strand_of(numbers)
            for place, numbers in sorted(reads.items())
            if numbers.total() >= MIN_READS and MIN_INTRON_BP <= place[1] - place[0] <= MAX_INTRON_BP
        }
        if kept:
            chosen[seqid] = kept
    return chosen


def _strand_of(numbers: Counter) -> str:
    if numbers["+"] == numbers["-"]:
        return ANY_STRAND
    return "+" if numbers["+"] > numbers["-"] else "-"


def sum_junctions(models: Iterable[GeneModel], junctions: Supported, blocks: GenomeBlocks) -> JunctionSums:
    """Compare the introns of one gene set (exon models) with well supported junctions."""
    sums = JunctionSums(*np.zeros((4, len(blocks))))
    by_seqid: dict[str, list[GeneModel]] = {}
    for model in models:
        by_seqid.setdefault(model.seqid, []).append(model)
    for seqid, known in junctions.items():
        places = np.array(list(known), np.int64)
        every, judged = set(), set()
        for model in by_seqid.get(seqid, []):
            own = {(*intron, model.strand) for chain in model.chains for intron in introns(chain)}
            every |= own
            if _is_expressed(model, places):
                judged |= own
        supported = {intron for intron in every if known.get(intron[:2]) in (intron[2], ANY_STRAND)}
        _add(sums.seen, set(known), seqid, blocks)
        _add(sums.explained, {intron[:2] for intron in supported}, seqid, blocks)
        _add(sums.called, judged, seqid, blocks)
        _add(sums.supported, judged & supported, seqid, blocks)
    return sums


def differing_introns(first: Iterable[GeneModel], second: Iterable[GeneModel]) -> float:
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
        np.add.at(target, blocks.index(seqid, [place[0] for place in places]), 1)
