"""Which rows a shard asks its network for."""

import numpy as np
import pytest

from helixtune.gene_calling.regions import Thresholds
from helixtune.sharding.owned_regions import iter_owned_regions
from helixtune.sharding.places import StrandPart

N_ROWS, WIDTH = 20, 200


class AllOneGene:
    """A network that sees nothing intergenic on one strand, and notes what it is asked for."""

    def __init__(self):
        self.valid_lengths = np.full(N_ROWS, WIDTH)
        self.asked: list[int] = []

    def rows(self, stretches):
        for stretch in stretches:
            for row in range(stretch.first_row, stretch.end_row):
                self.asked.append(row)
                yield row, np.tile(np.float16([0, 0.4, 0.3, 0.3]), (2, WIDTH, 1))


@pytest.mark.parametrize(("first", "end", "asked"), [(0, 4, range(N_ROWS)), (8, 12, range(7, 13))])
def test_a_shard_looks_for_the_end_of_its_own_regions_only(first, end, asked):
    predictor = AllOneGene()
    part = StrandPart(0, "+", 0, np.arange(N_ROWS), first, end)
    regions = iter_owned_regions(
        predictor,
        [part],
        Thresholds.of(100, 0.1, 0.8),
        lambda rows: np.zeros((len(rows), WIDTH, 4), np.float16),
        lambda number, probs: None,
    )
    assert [(item.region.start, len(item.region.bases)) for item in regions] == (
        [(0, N_ROWS * WIDTH)] if first == 0 else []
    )
    assert predictor.asked == list(asked)
