"""Find the order of sequences in a prediction file that does not name its rows.

Helixer writes predictions in FASTA order and labels longest sequence first, and names the rows of the latter only. Which
sequence a run of rows belongs to shows in how well it agrees with the labels. Where that is not clear, it is an error.
"""

import numpy as np

from helixtune.errors import FormatError
from helixtune.h5files import CLASS_PROBS, CLASSES
from helixtune.log import logger
from helixtune.selection.blocks import PairedFiles
from helixtune.selection.pairing import pair_rows
from helixtune.selection.scores import RowScores, block_sums
from helixtune.selection.shards import RowShards, joined_rows
from helixtune.subsequences import Rows, cut_sequence

# Beyond this, trying every sequence at every place takes too long.
MAX_SEQUENCES = 64
# Rows with most genes of each sequence that are compared.
ROWS_COMPARED = 8
# The right sequence must disagree with its labels clearly less than any other one.
CLEARLY_LESS = 0.85


def infer_prediction_rows(predictions: RowShards, training: RowShards, register: str, threads: int) -> Rows:
    """Return the rows of a nameless prediction file, sequence by sequence the one that agrees best with the labels.

    Raises:
        FormatError: there are too many sequences, the numbers of rows do not fit, or the best is not clearly the best.
    """
    labelled = training.read_identity()
    waiting = _sequences(labelled, predictions.width_bp)
    if sum(map(len, waiting)) != predictions.n_rows or len(waiting) > MAX_SEQUENCES:
        raise FormatError(
            _advice(predictions, "it has not the rows of the training file's sequences, or too many of them")
        )
    trial = _Trial(predictions, training, labelled, register, threads)
    found: list[Rows] = []
    position = 0
    while waiting:
        fits = [rows for rows in waiting if position + len(rows) <= predictions.n_rows]
        costs = [trial.discrepancy(rows, position) for rows in fits]
        best = int(np.argmin(costs))
        others = [cost for i, cost in enumerate(costs) if i != best]
        if others and not costs[best] < CLEARLY_LESS * min(others):
            raise FormatError(
                _advice(predictions, f"which sequence row {position} begins is not clear from its agreement")
            )
        found.append(fits[best])
        waiting = [rows for rows in waiting if rows is not fits[best]]
        position += len(fits[best])
    order = ", ".join(rows.seqids[0].decode() for rows in found)
    logger.warning(
        "%s does not name its rows; by their agreement with the labels its sequences are in this order: %s. Give --genome, the"
        " file that the predictions were made from, to be certain.",
        predictions.name,
        order,
    )
    return joined_rows(found)


def _advice(predictions: RowShards, why: str) -> str:
    return f"{predictions.name} does not name its rows, and {why}: give --genome, the file that the predictions were made from."


def _sequences(labelled: Rows, width_bp: int) -> list[Rows]:
    """Return the rows that every sequence of the training file has in a file of rows of `width_bp`."""
    keys = np.stack([labelled.species.astype(labelled.seqids.dtype), labelled.seqids], axis=1)
    distinct, member = np.unique(keys, axis=0, return_inverse=True)
    found = []
    for i, (species, seqid) in enumerate(distinct):
        start_ends = cut_sequence(int(labelled.ends[member.ravel() == i].max()), width_bp)
        n = len(start_ends)
        found.append(Rows(np.full(n, species, "S25"), np.full(n, seqid, keys.dtype), start_ends))
    return found


class _Trial:
    """Measure how far the predictions at some place are from the labels of some sequence."""

    def __init__(self, predictions: RowShards, training: RowShards, labelled: Rows, register: str, threads: int):
        self.predictions, self.training, self.labelled = predictions, training, labelled
        self.register, self.threads = register, threads
        self._chosen: dict[tuple[bytes, bytes], np.ndarray] = {}

    def discrepancy(self, rows: Rows, position: int) -> float:
        """Return the mean discrepancy if `rows` were the predictions from row `position` on."""
        numbers = self._rows_with_most_genes(rows.species[0], rows.seqids[0])
        widths = (self.training.width_bp, self.predictions.width_bp)
        names = (self.training.name, self.predictions.name)
        pairing = pair_rows(self.labelled[numbers], rows, widths, self.register, names)
        files = PairedFiles(
            _Subset(self.training, numbers),
            _Subset(self.predictions, np.arange(len(rows)) + position),
            pairing,
            self.threads,
        )
        sums = np.concatenate([block_sums(block, "class", self.threads) for block in files.iter_blocks()])
        scores = RowScores(sums[:, 3:], sums[:, :3].sum(axis=0)[None], None)
        return float(np.nan_to_num(scores.discrepancy[0], nan=np.inf))

    def _rows_with_most_genes(self, species: bytes, seqid: bytes) -> np.ndarray:
        key = (species, seqid)
        if key not in self._chosen:
            mine = np.flatnonzero((self.labelled.species == species) & (self.labelled.seqids == seqid))
            genic = [int(self.training.read(CLASSES, mine[i : i + 1])[..., 1:].sum()) for i in range(len(mine))]
            self._chosen[key] = np.sort(mine[np.argsort(genic, kind="stable")[::-1][:ROWS_COMPARED]])
        return self._chosen[key]


class _Subset:
    """Some rows of open files, looking like files of their own; labels and class probabilities only."""

    def __init__(self, shards: RowShards, numbers: np.ndarray):
        self._shards, self._numbers = shards, numbers
        self.width_bp = shards.width_bp

    def has(self, dataset: str) -> bool:
        return dataset in (CLASSES, CLASS_PROBS) and self._shards.has(dataset)

    def read(self, dataset: str, numbers: np.ndarray, threads: int) -> np.ndarray:
        return self._shards.read(dataset, self._numbers[numbers], threads)
