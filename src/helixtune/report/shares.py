"""How subsequences spread over the intergenic share: all that could be chosen beside those that were."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

BINS = 10


@dataclass
class Shares:
    """Counts of subsequences by intergenic share, in ten equal bins."""

    counts: dict[str, list[int]] = field(default_factory=lambda: {"all": [0] * BINS, "kept": [0] * BINS})
    names: tuple[str, ...] = tuple(f"{i / BINS:g}" for i in range(BINS))

    def add(self, row: Mapping[str, str]) -> None:
        """Count one line of scores.tsv; rows without labels have no share."""
        try:
            share = float(row["intergenic_fraction"])
        except (KeyError, ValueError):
            return
        if math.isfinite(share):
            number = min(int(share * BINS), BINS - 1)
            self.counts["all"][number] += 1
            self.counts["kept"][number] += row.get("decision") == "kept"

    @property
    def comparable(self) -> bool:
        """Whether any row was kept, and any left out."""
        return 0 < sum(self.counts["kept"]) < sum(self.counts["all"])

    @property
    def of_all(self) -> list[float]:
        """Share of all rows in each bin."""
        return self._parts("all")

    @property
    def of_kept(self) -> list[float]:
        """Share of the kept rows in each bin."""
        return self._parts("kept")

    @property
    def distance(self) -> float:
        """Total variation distance of the two distributions: 0 = alike, 1 = nothing in common."""
        return sum(abs(a - b) for a, b in zip(self.of_all, self.of_kept, strict=True)) / 2

    def _parts(self, name: str) -> list[float]:
        total = max(sum(self.counts[name]), 1)
        return [count / total for count in self.counts[name]]
