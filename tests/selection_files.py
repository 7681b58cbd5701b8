"""Small training and prediction files with known contents, for the tests of selection and splitting."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from helixtune import h5files
from helixtune.h5files import RowWriter
from helixtune.subsequences import cut_sequence, take_rows, to_contiguous_register


@dataclass
class World:
    """A genome's labels and a network's view of them, per base and strand, to be cut into rows of any length."""

    lengths: dict[str, int]
    genic: float = 0.5  # share of the sequences' stretches that carry a gene
    noise: float = 0.4
    seed: int = 0
    species: bytes = b"testus"
    tracks: dict = field(default_factory=dict)

    def __post_init__(self):
        rng = np.random.default_rng(self.seed)
        for seqid, length in self.lengths.items():
            for strand in "+-":
                self.tracks[seqid, strand] = _strand_tracks(length, rng, self.genic, self.noise)

    def training(self, path: Path, width: int, change=None, order=None) -> Path:
        """Write the labelled rows; `change(arrays)` may alter them, `order` shuffles rows."""
        names = (h5files.BASES, h5files.CLASSES, h5files.PHASES, h5files.WEIGHTS, h5files.GENE_LENGTHS)
        arrays = self._rows(width, names)
        n = len(arrays[h5files.SEQIDS])
        arrays[h5files.HAS_VALID_BASES] = arrays[h5files.WEIGHTS].any(axis=1)
        arrays[h5files.IS_ANNOTATED] = np.ones(n, bool)
        if change:
            change(arrays)
        return _write(path, arrays, np.arange(n) if order is None else order, {})

    def predictions(self, path: Path, width: int, change=None, order=None, register="last", named=True) -> Path:
        """Write the network's probabilities, with or without the names of the rows."""
        arrays = self._rows(width, (h5files.CLASS_PROBS, h5files.PHASE_PROBS))
        n = len(arrays[h5files.SEQIDS])
        if register == "upstream":
            for name in (h5files.CLASS_PROBS, h5files.PHASE_PROBS):
                arrays[name] = to_contiguous_register(arrays[name], arrays[h5files.START_ENDS])
        if change:
            change(arrays)
        if not named:
            arrays = {name: arrays[name] for name in (h5files.CLASS_PROBS, h5files.PHASE_PROBS)}
        return _write(path, arrays, np.arange(n) if order is None else order, {"register": register})

    def _rows(self, width: int, names: tuple[str, ...]) -> dict[str, np.ndarray]:
        parts: dict[str, list] = {name: [] for name in (*names, h5files.SEQIDS, h5files.SPECIES, h5files.START_ENDS)}
        for seqid, length in self.lengths.items():
            start_ends = cut_sequence(length, width)
            half = len(start_ends) // 2
            for strand, piece in (("+", start_ends[:half]), ("-", start_ends[half:])):
                for name in names:
                    parts[name].append(take_rows(self.tracks[seqid, strand][name], piece, width))
            parts[h5files.SEQIDS].append(np.full(len(start_ends), seqid.encode(), "S50"))
            parts[h5files.SPECIES].append(np.full(len(start_ends), self.species, "S25"))
            parts[h5files.START_ENDS].append(start_ends)
        return {name: np.concatenate(arrays) for name, arrays in parts.items()}


def _strand_tracks(length: int, rng, genic: float, noise: float) -> dict[str, np.ndarray]:
    classes, phases = np.zeros(length, np.int64), np.zeros(length, np.int64)
    gene_lengths = np.zeros(length, np.uint32)
    blur = np.full(length, 0.02)
    for start in range(0, length - 60, 90):
        blur[start : start + 90] = rng.uniform(0.01, noise)
        if rng.random() < genic:
            stop = start + int(rng.integers(36, 60))
            classes[start:stop] = 1
            classes[start + 6 : stop - 6] = 2
            classes[start + 15 : start + 21] = 3
            phases[start:stop] = np.where(classes[start:stop] == 2, 1 + np.arange(stop - start) % 3, 0)
            gene_lengths[start:stop] = stop - start
    return {
        h5files.BASES: np.eye(4, dtype=np.float16)[rng.integers(0, 4, length)],
        h5files.CLASSES: np.eye(4, dtype=np.int8)[classes],
        h5files.PHASES: np.eye(4, dtype=np.int8)[phases],
        h5files.WEIGHTS: np.ones(length, np.int8),
        h5files.GENE_LENGTHS: gene_lengths,
        h5files.CLASS_PROBS: _blurred(classes, blur, rng),
        h5files.PHASE_PROBS: _blurred(phases, blur, rng),
    }


def _blurred(classes: np.ndarray, blur: np.ndarray, rng) -> np.ndarray:
    guess = rng.dirichlet([1.0] * 4, len(classes))
    return ((1 - blur[:, None]) * np.eye(4)[classes] + blur[:, None] * guess).astype(np.float16)


def _write(path: Path, arrays: dict[str, np.ndarray], order: np.ndarray, attributes: dict) -> Path:
    with RowWriter(path, "helixtune test", {}, attributes) as writer:
        writer.append({name: array[order] for name, array in arrays.items()})
    return path
