"""All that a choice is made from: what the rows hold, how they score, and what forbids them."""

from dataclasses import dataclass

import numpy as np

from helixtune.h5files import HAS_VALID_BASES, IS_ANNOTATED, WEIGHTS
from helixtune.selection.blocks import PairedBlock, PairedFiles
from helixtune.selection.scores import RowScores
from helixtune.subsequences import Rows


@dataclass(frozen=True)
class ScoredRows:
    """Labelled rows after they have been compared with the network.

    Attributes:
        rows: which bases they hold.
        scores: their sums.
        is_annotated: (n,) whether their sequence has a gene that makes labels.
        is_usable: (n,) whether any base has a weight.
        models: (g, 11) table of gene models (`gene_models`), or None where nobody asked for it.
    """

    rows: Rows
    scores: RowScores
    is_annotated: np.ndarray
    is_usable: np.ndarray
    models: np.ndarray | None


class FlagTable:
    """Collect from all blocks of a scan what labels say about whole rows; labels that do not say so count as good."""

    NAMES = (IS_ANNOTATED, HAS_VALID_BASES)

    def __init__(self, files: PairedFiles):
        self.extra = tuple(name for name in self.NAMES if files.training.has(name))
        self._flags = {name: np.ones(files.training.n_rows, bool) for name in self.NAMES}

    def add(self, block: PairedBlock) -> None:
        """Note the rows of one block."""
        for name in self.extra:
            self._flags[name][block.numbers] = block.extra[name]

    def flags(self) -> tuple[np.ndarray, np.ndarray]:
        """Return (n,) annotated and (n,) usable."""
        return self._flags[IS_ANNOTATED], self._flags[HAS_VALID_BASES]


class UsableBases:
    """Collect from all blocks of a scan how many bases of each row have a weight."""

    extra = (WEIGHTS,)

    def __init__(self, n_rows: int):
        self.bp = np.zeros(n_rows, np.int64)

    def add(self, block: PairedBlock) -> None:
        """Count the rows of one block."""
        self.bp[block.numbers] = block.extra[WEIGHTS].sum(axis=1, dtype=np.int64)
