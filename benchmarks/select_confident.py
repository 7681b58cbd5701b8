"""select-confident against the NumPy expression that upstream's scores are made with, in one run.

    python benchmarks/select_confident.py                       the sums alone, on arrays in memory
    python benchmarks/select_confident.py --megabases 20        also from file to scores, both strands of so long a genome
    python benchmarks/select_confident.py --megabases 1000 --only-ours   peak memory on 1 Gb (needs 4 GB of disk)

The expression is the published one, `np.abs(y - p).sum(axis=1)` over 100 rows of 21,384 bases with labels int8 and
probabilities float16, with the zeroing of padding before it. JIT compilation is not counted in the sums alone; the whole
command includes it. The probabilities are those of a network's kind: mostly close to 0 and 1.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import h5py
import numpy as np
from paired import compare, measure

from helixtune import h5files
from helixtune.h5files import RowWriter
from helixtune.selection.blocks import PairedBlock
from helixtune.selection.scores import block_sums
from helixtune.subsequences import cut_sequence

WIDTH = 21384
ROWS = 100


def labels_and_probs(n_rows: int, rng) -> tuple[np.ndarray, np.ndarray]:
    """Genes of some kilobases and a network that mostly agrees; probabilities to 1/256, so that files stay small."""
    classes = np.zeros((n_rows, WIDTH), np.int64)
    for row in classes:
        for start in range(0, WIDTH, 4000):
            row[start : start + int(rng.integers(500, 3500))] = rng.integers(1, 4)
    labels = np.eye(4, dtype=np.int8)[classes]
    doubt = rng.beta(0.3, 8, (n_rows, WIDTH, 1)) / 3
    probs = np.round((labels * (1 - 4 * doubt) + doubt) * 256) / 256
    return labels, probs.astype(np.float16)


def expression(labels: np.ndarray, probs: np.ndarray) -> np.ndarray:
    probs = probs.copy()
    probs[labels.sum(axis=2) == 0] = 0
    return np.abs(labels - probs).sum(axis=1)


def compare_sums(runs: int, threads: int) -> dict:
    labels, probs = labels_and_probs(ROWS, np.random.default_rng(0))
    rows = np.arange(ROWS)
    block = PairedBlock(
        rows, labels, None, probs.view(np.uint16), None, rows, np.zeros(ROWS, np.int64), np.full(ROWS, WIDTH), {}
    )
    block_sums(block, "class", threads)  # compile
    pairs = []
    for _ in range(runs):
        times = [time.perf_counter()]
        block_sums(block, "class", 1)
        times.append(time.perf_counter())
        block_sums(block, "class", threads)
        times.append(time.perf_counter())
        expression(labels, probs)
        times.append(time.perf_counter())
        pairs.append(np.diff(times))
    one, _, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    megabases = ROWS * WIDTH / 1e6
    return {
        "expression_mb_per_s": round(megabases / theirs, 1),
        "ours_1_thread_mb_per_s": round(megabases / one, 1),
        "ratio_1_thread": round(statistics.median(pair[2] / pair[0] for pair in pairs), 1),
        f"ratio_{threads}_threads": round(statistics.median(pair[2] / pair[1] for pair in pairs), 1),
        "runs": runs,
    }


def write_files(folder: Path, megabases: float) -> None:
    """Write training and prediction files of a genome of one sequence; the same 100 rows again and again."""
    rng = np.random.default_rng(1)
    labels, probs = labels_and_probs(ROWS, rng)
    phases = np.where((labels[..., 2] == 1)[..., None], np.eye(4, dtype=np.int8)[1], np.eye(4, dtype=np.int8)[0])
    wide = {
        "training": {
            h5files.BASES: np.eye(4, dtype=np.float16)[rng.integers(0, 4, (ROWS, WIDTH))],
            h5files.CLASSES: labels,
            h5files.PHASES: phases,
            h5files.WEIGHTS: np.ones((ROWS, WIDTH), np.int8),
            h5files.GENE_LENGTHS: (labels[..., 0] == 0).astype(np.uint32) * 2000,
        },
        "predictions": {h5files.CLASS_PROBS: probs, h5files.PHASE_PROBS: (phases * 0.75 + 0.0625).astype(np.float16)},
    }
    start_ends = cut_sequence(int(megabases * 1e6) // WIDTH * WIDTH, WIDTH)
    n = len(start_ends)
    narrow = {
        h5files.SEQIDS: np.full(n, b"chr1", "S50"),
        h5files.SPECIES: np.full(n, b"bench", "S25"),
        h5files.START_ENDS: start_ends,
        h5files.IS_ANNOTATED: np.ones(n, bool),
        h5files.HAS_VALID_BASES: np.ones(n, bool),
    }
    for name, arrays in wide.items():
        with RowWriter(folder / "few.h5", f"helixtune {name}", {}, {"register": "last"}) as writer:
            writer.append(arrays)
        with h5py.File(folder / "few.h5") as few, h5py.File(folder / f"{name}.h5", "w") as many:
            many.attrs.update(few.attrs)
            for dataset, array in narrow.items():
                many[dataset] = array
            for dataset in arrays:
                repeat_rows(few[dataset], many, n)


def repeat_rows(few: h5py.Dataset, file: h5py.File, n_rows: int) -> None:
    """Write the compressed rows of a dataset over and over, without compressing them again."""
    shape = few.shape[1:]
    many = file.create_dataset(
        few.name, (n_rows, *shape), few.dtype, chunks=(1, *shape), compression="gzip", shuffle=few.shuffle
    )
    origin = (0,) * len(shape)
    raw = [few.id.read_direct_chunk((row, *origin))[1] for row in range(len(few))]
    for row in range(n_rows):
        many.id.write_direct_chunk((row, *origin), raw[row % len(raw)])


def score_as_published(folder: Path) -> None:
    """The published steps in plain h5py and NumPy: 100 rows at a time, classes only."""
    with h5py.File(folder / "training.h5") as training, h5py.File(folder / "predictions.h5") as predictions:
        for first in range(0, len(training["data/y"]), ROWS):
            labels = training["data/y"][first : first + ROWS]
            expression(labels, predictions["predictions"][first : first + ROWS])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--megabases", type=float)
    parser.add_argument("--method", default="stratified")
    parser.add_argument("--only-ours", action="store_true")
    parser.add_argument("--folder", help="for the files; default: a temporary one")
    parser.add_argument("--score-as-published", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--write-files", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.score_as_published:
        score_as_published(args.score_as_published)
    elif args.write_files:
        write_files(args.write_files, args.megabases)
    else:
        files = compare_files(args) if args.megabases else {}
        print(json.dumps({"sums": compare_sums(args.runs, args.threads), **files}, indent=1))


def compare_files(args: argparse.Namespace) -> dict:
    """Compare the whole commands. This process stays small: a child's peak memory counts from its parent's."""
    with tempfile.TemporaryDirectory(dir=args.folder) as folder:
        this = f"{sys.executable} {Path(__file__).resolve()}"
        subprocess.run([*this.split(), "--write-files", folder, "--megabases", str(args.megabases)], check=True)
        ours = (
            f"{sys.executable} -m helixtune select-confident --h5-to-filter {folder}/training.h5 --predictions"
            f" {folder}/predictions.h5 --dry-run --output-file {folder}/f.h5 --method {args.method} --threads {args.threads}"
        )
        theirs = f"{this} --score-as-published {folder}"
        return {"files": vars(measure(ours)) if args.only_ours else compare(ours, theirs, args.runs)}


if __name__ == "__main__":
    main()
