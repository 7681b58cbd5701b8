"""A training or genome file with coverage added: a new file with everything that the old one holds, and the counts."""

from collections.abc import Iterator
from dataclasses import dataclass

import h5py
import numpy as np

from helixtune import h5files as h5
from helixtune.encoding import BASE_BYTES
from helixtune.errors import FormatError, ParameterError
from helixtune.h5checks import PACKED_GENOME, copied_attributes, json_attribute, text_attribute
from helixtune.packed_bases import is_packed
from helixtune.rnaseq.coverage import BYTES_PER_BASE_AND_BAM, CoverageSource, coverage_of_rows
from helixtune.subsequences import Rows

REQUIRED = (h5.SEQIDS, h5.SPECIES, h5.START_ENDS)
COUNTS = (h5.COVERAGE, h5.SPLICED_COVERAGE)
LIBRARIES_ATTRIBUTE = "coverage_libraries"  # root attribute: JSON list, one protocol a BAM file
# What the writer sets itself.
OWN_ATTRIBUTES = frozenset(("format", "format_version", "created_by", "settings", LIBRARIES_ATTRIBUTE))


@dataclass(frozen=True)
class DataFile:
    """An open data file: its rows, and the datasets that belong to rows or not."""

    file: h5py.File
    rows: Rows
    row_datasets: tuple[str, ...]
    other_datasets: tuple[str, ...]

    @classmethod
    def of(cls, file: h5py.File) -> "DataFile":
        """Look at an open file.

        Raises:
            FormatError: the rows belong to several species.
        """
        rows = h5.read_rows(file)
        species = sorted(set(rows.species.tolist()))
        if len(species) > 1:
            names = ", ".join(name.decode() for name in species)
            raise FormatError(
                f"{file.filename} holds several species ({names}): add coverage to each before joining them."
            )
        names: list[str] = []
        file.visititems(lambda name, item: names.append(name) if isinstance(item, h5py.Dataset) else None)
        of_rows = [name for name in names if file[name].ndim and len(file[name]) == len(rows) and name != h5.BAM_FILES]
        return cls(file, rows, tuple(of_rows), tuple(name for name in names if name not in of_rows))

    @property
    def subsequence_length_bp(self) -> int:
        """Width of a row."""
        for name in (h5.BASES, h5.CLASSES, *COUNTS):
            if name in self.row_datasets:
                return self.file[name].shape[1]
        raise FormatError(
            f"{self.file.filename} has neither '{h5.BASES}' nor '{h5.CLASSES}': give a genome or training file."
        )

    def sequence_lengths(self) -> tuple[dict[str, int], set[str]]:
        """Return the last position of every sequence, and those sequences of which it is surely the end.

        A filtered file may lack the end of a sequence, and look as if it had all rows; a padded row shows where it is.
        """
        L = self.subsequence_length_bp
        ends: dict[str, int] = {}
        padded: set[str] = set()
        widths = self.rows.valid_lengths.tolist()
        for seqid, end, width in zip(self.rows.seqids.tolist(), self.rows.ends.tolist(), widths, strict=True):
            name = seqid.decode()
            ends[name] = max(end, ends.get(name, 0))
            if width < L:
                padded.add(name)
        return ends, padded

    def earlier_bams(self) -> list[str]:
        """Return the BAM files whose coverage the file holds already."""
        return [name.decode() for name in self.file[h5.BAM_FILES][:].tolist()] if h5.BAM_FILES in self.file else []

    def earlier_libraries(self) -> list[str]:
        """Return the protocols of those; upstream's files do not say."""
        known = [str(name) for name in json_attribute(self.file, LIBRARIES_ATTRIBUTE, list)]
        return known or ["unknown"] * len(self.earlier_bams())

    def refuse_counted(self, bams: list[str]) -> None:
        """Check that no BAM file would be counted again.

        Raises:
            ParameterError: the file holds its coverage already.
        """
        for path in bams:
            if path in self.earlier_bams():
                raise ParameterError(f"{self.file.filename} holds the coverage of {path} already: leave it out.")

    def settings(self) -> dict:
        """Return the settings that made the file."""
        return json_attribute(self.file, "settings", dict)

    def kept_attributes(self) -> dict:
        """Return the root attributes that the new file keeps."""
        return copied_attributes(self.file, OWN_ATTRIBUTES)

    def file_format(self) -> str:
        """Return what kind of file it is; upstream's files do not say."""
        implied = "helixtune training" if h5.CLASSES in self.row_datasets else "helixtune genome"
        stored = text_attribute(self.file, "format")
        return implied if stored in (None, PACKED_GENOME) else stored  # copied bases are unpacked


def rows_per_block(data: DataFile, n_bams: int, budget: int) -> int:
    """Return how many rows fit into the memory budget with all their datasets and counts."""
    L = data.subsequence_length_bp
    stored = sum(data.file[name].dtype.itemsize * int(np.prod(data.file[name].shape[1:])) for name in data.row_datasets)
    unpacked = BASE_BYTES if is_packed(data.file) else 0
    return h5.rows_per_block(L, -(-stored // L) + unpacked + BYTES_PER_BASE_AND_BAM * n_bams, budget)


def iter_covered_blocks(
    data: DataFile, sources: list[CoverageSource], block_rows: int, threads: int | None
) -> Iterator[dict[str, np.ndarray]]:
    """Yield all row datasets block by block with the coverage added, behind layers that the file has already."""
    for start in range(0, len(data.rows), block_rows):
        rows = slice(start, start + block_rows)
        block = {name: h5.read_block(data.file, name, rows, threads) for name in data.row_datasets}
        counts = coverage_of_rows(sources, data.rows[rows], data.subsequence_length_bp)
        for name, layers in counts.items():
            block[name] = np.concatenate([block[name], layers], axis=2) if name in block else layers
        yield block


def encode_bam_names(paths: list[str]) -> np.ndarray:
    """Return the paths as the format holds them: (k,) ASCII of at most 512 bytes."""
    return np.array([path.encode("ascii", "backslashreplace")[:512] for path in paths], "S512")
