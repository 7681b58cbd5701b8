"""Track files of genome browsers: bigWig (by pyBigWig) and bedGraph; plus-strand coordinates, one value a bin."""

import importlib.util
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from helixtune.errors import ParameterError

# Probabilities to a thousandth: what a browser can show, and what lets bedGraph join equal neighbours.
DECIMALS = 3


class TrackFile:
    """One track; use as a context manager. `lengths` are all sequences {seqid: bases} in the order of `add`."""

    suffix = ""

    def __init__(self, path: Path, lengths: Mapping[str, int], bin_bp: int):
        self.path, self.lengths, self.bin_bp = path, lengths, bin_bp

    @classmethod
    def require(cls) -> None:
        """Say so when what this format needs is not installed."""

    def add(self, seqid: str, start: int, values: np.ndarray, length_bp: int) -> None:
        """Add the values of neighbouring bins from base `start` on; only a sequence's last bin may be short."""
        raise NotImplementedError


class BedGraph(TrackFile):
    """Text; equal neighbours are one line, bins of probability zero are left out."""

    suffix = "bedgraph"

    def __enter__(self) -> "BedGraph":
        self._file = self.path.open("w", encoding="utf-8", newline="\n")
        return self

    def __exit__(self, *exception) -> None:
        self._file.close()

    def add(self, seqid: str, start: int, values: np.ndarray, length_bp: int) -> None:
        """Write runs of equal values."""
        rounded = np.round(values, DECIMALS)
        borders = np.concatenate([[0], np.flatnonzero(rounded[1:] != rounded[:-1]) + 1, [len(rounded)]])
        for left, right in zip(borders[:-1].tolist(), borders[1:].tolist(), strict=True):
            if rounded[left] > 0:
                end = min(start + right * self.bin_bp, length_bp)
                self._file.write(f"{seqid}\t{start + left * self.bin_bp}\t{end}\t{rounded[left]:g}\n")


class BigWig(TrackFile):
    """Binary and indexed, with zoom levels: what browsers read fastest."""

    suffix = "bw"

    @classmethod
    def require(cls) -> None:
        """Raise ParameterError when pyBigWig is not installed."""
        if importlib.util.find_spec("pyBigWig") is None:
            raise ParameterError(
                "--format bigwig needs the package pyBigWig: pip install 'helixtune[tracks]', or take --format bedgraph."
            )

    def __enter__(self) -> "BigWig":
        import pyBigWig

        self._file = pyBigWig.open(str(self.path), "w")
        self._file.addHeader(list(self.lengths.items()))
        return self

    def __exit__(self, *exception) -> None:
        self._file.close()

    def add(self, seqid: str, start: int, values: np.ndarray, length_bp: int) -> None:
        """Write whole bins as one block, a short last one by itself."""
        rounded = np.round(values, DECIMALS)
        whole = min(len(rounded), (length_bp - start) // self.bin_bp)
        if whole:
            self._file.addEntries(seqid, start, values=rounded[:whole], span=self.bin_bp, step=self.bin_bp)
        if whole < len(rounded):
            self._file.addEntries(
                [seqid], [start + whole * self.bin_bp], ends=[length_bp], values=[float(rounded[whole])]
            )


WRITERS = {"bigwig": BigWig, "bedgraph": BedGraph}
