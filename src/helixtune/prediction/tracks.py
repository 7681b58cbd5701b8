"""Raw probabilities as tracks for genome browsers: one file a class and strand, means over bins, plus-strand coordinates."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from helixtune.errors import ParameterError
from helixtune.evaluation.predictions import Predictions
from helixtune.files import atomic_output
from helixtune.h5files import BASES, SEQIDS, SPECIES, START_ENDS, open_file, read_rows, rows_per_block
from helixtune.prediction.track_files import WRITERS, TrackFile
from helixtune.progress import Progress
from helixtune.subsequences import StrandRun, strand_runs

CLASSES = ("intergenic", "UTR", "CDS", "intron")
STRANDS = {"+": "plus", "-": "minus"}
# Four probabilities as read (float32) and as summed (float64).
BYTES_PER_BASE = 48
BLOCK_BYTES = 64 * 1024**2


@dataclass(frozen=True)
class TrackSettings:
    """How tracks are written.

    Attributes:
        format: "bigwig" or "bedgraph".
        bin_bp: bases a value.
        classes: names of CLASSES.
        seqids: sequences to write; none = all.
        prefix: of the file names.
    """

    format: str
    bin_bp: int
    classes: tuple[str, ...]
    seqids: tuple[str, ...] = ()
    prefix: str = ""

    def __post_init__(self):
        if self.bin_bp < 1:
            raise ParameterError(f"--bin {self.bin_bp}: it must be at least 1 base.")
        if "/" in self.prefix:
            raise ParameterError(f"--prefix {self.prefix}: it must not hold a slash; folders go into --output-dir.")


def export_tracks(predictions: str | Sequence[str], genome: str, folder: Path, settings: TrackSettings) -> list[Path]:
    """Write the tracks of all classes and strands; all appear together or not at all.

    Raises:
        ParameterError: a sequence that the genome does not have; bigWig without pyBigWig.
        ShapeError, FormatError: predictions of another genome.
    """
    with open_file(genome, (BASES, SEQIDS, SPECIES, START_ENDS)) as file:
        rows, width = read_rows(file), file[BASES].shape[1]
    runs = chosen_runs(strand_runs(rows), settings.seqids, genome)
    writer = WRITERS[settings.format]
    writer.require()
    lengths = {run.seqid: run.length_bp for run in runs}
    columns = [CLASSES.index(name) for name in settings.classes]
    paths = []
    with ExitStack() as stack:
        source = stack.enter_context(Predictions(predictions, rows, width, genome))
        folder.mkdir(parents=True, exist_ok=True)
        progress = stack.enter_context(Progress(sum(run.length_bp for run in runs), "bases", "export-tracks"))
        for strand, word in STRANDS.items():
            names = [folder / f"{settings.prefix}{name}.{word}.{writer.suffix}" for name in settings.classes]
            partials = [stack.enter_context(atomic_output(path)) for path in names]
            with ExitStack() as open_tracks:
                tracks = [open_tracks.enter_context(writer(path, lengths, settings.bin_bp)) for path in partials]
                for run in runs:
                    if run.strand == strand:
                        _write_run(source, run, tracks, columns, settings.bin_bp)
                        progress.advance(run.length_bp)
            paths += names
    return paths


def chosen_runs(runs: Sequence[StrandRun], seqids: Sequence[str], genome: str) -> list[StrandRun]:
    """Return the strands of the wanted sequences (all of them if none is named)."""
    absent = sorted(set(seqids) - {run.seqid for run in runs})
    if absent:
        raise ParameterError(f"--seqid {absent[0]}: {genome} has no such sequence; check the spelling.")
    return [run for run in runs if not seqids or run.seqid in seqids]


def _write_run(source: Predictions, run: StrandRun, tracks: Sequence[TrackFile], columns, bin_bp: int) -> None:
    start = 0
    for probs in binned(_plus_order(source, run), bin_bp):
        for track, column in zip(tracks, columns, strict=True):
            track.add(run.seqid, start, probs[:, column], run.length_bp)
        start += len(probs) * bin_bp


def _plus_order(source: Predictions, run: StrandRun) -> Iterator[np.ndarray]:
    """Yield (n, 4) probabilities of one strand in pieces, in the direction of the plus strand."""
    indices = run.row_indices if run.strand == "+" else run.row_indices[::-1]
    lengths = source.rows.valid_lengths
    step = rows_per_block(int(lengths[indices].max()), BYTES_PER_BASE, BLOCK_BYTES)
    for first in range(0, len(indices), step):
        numbers = indices[first : first + step]
        for number, block in zip(numbers, source.read(numbers), strict=True):
            valid = block[: lengths[number]]
            yield valid if run.strand == "+" else valid[::-1]


def binned(pieces: Iterator[np.ndarray], bin_bp: int) -> Iterator[np.ndarray]:
    """Turn pieces of any length into means over bins that are counted from the first base on; the last bin may be short.

    Args:
        pieces: (n, k) each.
        bin_bp: bases a bin.

    Yields:
        (bins, k) float64.
    """
    rest = None
    for piece in pieces:
        joined = piece if rest is None else np.concatenate([rest, piece])
        whole = len(joined) // bin_bp * bin_bp
        if whole:
            yield joined[:whole].reshape(-1, bin_bp, joined.shape[1]).mean(axis=1, dtype=np.float64)
        rest = joined[whole:]
    if rest is not None and len(rest):
        yield rest.mean(axis=0, dtype=np.float64)[None]
