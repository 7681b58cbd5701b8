"""What rows are made of, as numbers whose sums can be matched to those of the whole genome."""

from dataclasses import dataclass

import numpy as np
from numba import njit

from helixtune.h5files import BASES
from helixtune.selection.blocks import PairedBlock
from helixtune.selection.gene_models import INTRONS, LENGTH, ROW, START, STOP, GeneModels
from helixtune.selection.shards import RowShards
from helixtune.subsequences import Rows

WORD = 4
N_WORDS = 4**WORD
BASE_ONE = 0x3C00  # the bits of float16 1.0
# Rows drawn to find the main directions in which 4-mer composition varies.
SAMPLE_ROWS = 1000
SAMPLE_BLOCK = 16
DIRECTIONS = 16
GC_CLASSES = 10
# Gene lengths from 2**7 to 2**16 bp, one class each; everything shorter or longer goes to the ends.
LENGTH_CLASSES = 10
SHORTEST_POWER = 7
# Genes with 0, 1, 2, 3-4, 5-8, 9 or more introns.
INTRON_EDGES = np.array([1, 2, 3, 5, 9])
# Sequences beyond the largest ones share a class: chromosomes are matched, thousands of scaffolds are not.
LARGEST_SEQUENCES = 30


@dataclass(frozen=True)
class Features:
    """Deviations of every row from the genome.

    Attributes:
        deviations: (n, d) float32 per base; summed with bases as weights over the whole genome they are 0, and the
            squares of each group's columns add up to 1 on average.
        groups: name of the group of each column.
    """

    deviations: np.ndarray
    groups: list[str]


class BaseComposition:
    """Collect GC content and 4-mer composition of all rows of a scan, in bounded memory."""

    def __init__(self, training: RowShards, canonical: np.ndarray, seed: int):
        from sklearn.decomposition import PCA  # takes a second to import, and only this method needs it

        sample = np.random.default_rng(seed).permutation(len(canonical))[:SAMPLE_ROWS]
        numbers = canonical[np.sort(sample)]
        counts = np.zeros((len(numbers), N_WORDS), np.int64)
        for first in range(0, len(numbers), SAMPLE_BLOCK):
            part = slice(first, first + SAMPLE_BLOCK)
            counts[part] = word_counts(training.read(BASES, numbers[part]))
        shares = counts.sum(axis=0) + 1.0
        self._expected = shares / shares.sum()
        # One row alone varies in no direction.
        n_directions = min(DIRECTIONS, len(counts)) if len(counts) > 1 else 0
        self._directions = np.zeros((0, N_WORDS))
        if n_directions:
            self._directions = PCA(n_directions, svd_solver="covariance_eigh").fit(self._scaled(counts)).components_
        self.words = np.zeros((training.n_rows, len(self._directions)), np.float32)
        self.gc = np.zeros(training.n_rows)

    def add(self, block: PairedBlock) -> None:
        """Measure the rows of one block."""
        bases = block.extra[BASES]
        self.words[block.numbers] = self._scaled(word_counts(bases)) @ self._directions.T
        shares = bases.sum(axis=1, dtype=np.float32)
        self.gc[block.numbers] = (shares[:, 0] + shares[:, 3]) / np.maximum(shares.sum(axis=1), 1)

    def _scaled(self, counts: np.ndarray) -> np.ndarray:
        # In this scale the squared distance from the genome is 8 times the Jensen-Shannon divergence (nats, small ones).
        shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        known = counts.sum(axis=1, keepdims=True) > 0
        return np.where(known, (shares - self._expected) / np.sqrt(self._expected), 0.0)


def word_counts(bases: np.ndarray) -> np.ndarray:
    """Return (b, 256) int64 counts of the 4-mers of (b, L, 4) float16 rows; words with ambiguous bases do not count."""
    out = np.zeros((len(bases), N_WORDS), np.int64)
    _count_words(np.ascontiguousarray(bases, dtype=np.float16).view(np.uint16), out)
    return out


@njit(nogil=True)
def _count_words(bits, out):
    for i in range(bits.shape[0]):
        word = 0
        known = 0
        for j in range(bits.shape[1]):
            code = -1
            for c in range(4):
                if bits[i, j, c] == BASE_ONE:
                    code = c
            known = known + 1 if code >= 0 else 0
            word = (word * 4 + max(code, 0)) % N_WORDS
            if known >= WORD:
                out[i, word] += 1


def build_features(
    rows: Rows, intergenic_fraction: np.ndarray, strata: np.ndarray, bases: BaseComposition, models: GeneModels
):
    """Return the `Features` of all rows: strata of intergenic fraction, GC, 4-mers, gene length, introns, sequence, strand.

    Args:
        rows: all rows of the training file.
        intergenic_fraction: (n,) NaN without labels.
        strata: (n,) stratum of intergenic fraction, negative for rows that have none.
        bases: what a scan collected.
        models: gene models of all rows.
    """
    weights = rows.valid_lengths.astype(np.float64)
    fraction = np.floor(np.nan_to_num(intergenic_fraction, nan=-0.1) * 10).astype(np.int64)
    lengths, introns = _model_classes(models)
    groups = {
        "strata": one_hot(strata, weights),
        "intergenic": one_hot(fraction, weights),
        "gc": one_hot(np.searchsorted(_quantiles(bases.gc, weights), bases.gc), weights),
        "words": centred(bases.words, weights),
        "gene length": shares_of_models(models, lengths, weights),
        "introns": shares_of_models(models, introns, weights),
        "sequence": one_hot(_sequence_classes(rows, weights), weights),
        "strand": one_hot((rows.strands == "-").astype(np.int64), weights),
    }
    scaled = {name: _unit_variance(columns, weights) for name, columns in groups.items()}
    names = [name for name, columns in scaled.items() for _ in range(columns.shape[1])]
    return Features(np.concatenate(list(scaled.values()), axis=1).astype(np.float32), names)


def _model_classes(models: GeneModels) -> tuple[np.ndarray, np.ndarray]:
    powers = np.floor(np.log2(np.maximum(models.table[:, LENGTH], 1))).astype(np.int64)
    return np.clip(powers - SHORTEST_POWER, 0, LENGTH_CLASSES - 1), np.searchsorted(
        INTRON_EDGES, models.table[:, INTRONS], side="right"
    )


def one_hot(classes: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return (n, c) centred columns, one a class, scaled so that squared distances are chi-square distances."""
    distinct, member = np.unique(classes, return_inverse=True)
    columns = np.zeros((len(classes), len(distinct)))
    columns[np.arange(len(classes)), member] = 1
    share = np.average(columns, axis=0, weights=weights) if weights.sum() else np.ones(len(distinct))
    return (columns - share) / np.sqrt(np.maximum(share, 1e-12))


def centred(columns: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the columns minus their means over bases."""
    return columns - np.average(columns, axis=0, weights=weights) if weights.sum() else columns


def shares_of_models(models: GeneModels, classes: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return (n, c) deviations of how a row's genic bases are spread over classes of genes, from the genome's spread."""
    n_classes = int(classes.max(initial=0)) + 1
    genic = np.zeros((len(weights), n_classes))
    np.add.at(genic, (models.table[:, ROW], classes), models.table[:, STOP] - models.table[:, START])
    total = genic.sum()
    if not total:
        return np.zeros((len(weights), n_classes))
    share = genic.sum(axis=0) / total
    deviation = genic - share * genic.sum(axis=1, keepdims=True)
    return deviation / np.maximum(weights, 1)[:, None] / np.sqrt(np.maximum(share, 1e-12))


def _unit_variance(columns: np.ndarray, weights: np.ndarray) -> np.ndarray:
    variance = ((columns**2).sum(axis=1) * weights).sum() / max(weights.sum(), 1)
    return columns / np.sqrt(variance) if variance > 0 else columns


def _quantiles(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    wanted = np.arange(1, GC_CLASSES) / GC_CLASSES * reached[-1]
    return np.unique(values[order][np.searchsorted(reached, wanted)])


def _sequence_classes(rows: Rows, weights: np.ndarray) -> np.ndarray:
    keys = np.char.add(np.char.add(rows.species, b"\t"), rows.seqids)
    distinct, member = np.unique(keys, return_inverse=True)
    size = np.bincount(member, weights=weights)
    place = np.empty(len(distinct), np.int64)
    place[np.lexsort((distinct, -size))] = np.arange(len(distinct))
    return np.minimum(place, LARGEST_SEQUENCES)[member]
