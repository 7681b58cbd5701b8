"""Gene sets of known truth for benchmarks/gate.py, without training: by every amount and in every direction better or worse.

    python gate_sets.py FOLDER --genome genome.h5 --truth genes.gff3 --labels labels.h5 --predictions NAME=predictions.h5 ...

FOLDER becomes one genome of the benchmark: genome.h5, truth.gff3, and NAME.<kind>.gff3 for each network's predictions and
variants of it. `mix` stands for a better network, of which a share of all stretches is replaced by the truth; `cut` for a worse
one, which lost half of its introns. Each is called by the state model and with signals, those with the network's weight changed
tenfold, too. A blend of two sets takes each cluster of overlapping genes from either. What lies in the folder is not made
again."""

import argparse
import json
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path

import h5py
import numpy as np

from helixtune.annotation.gff3 import read_genes
from helixtune.evaluation.genome import read_genome

PIECES_A_ROW = 6  # of about 3.5 kb each: so long is a stretch that a better network gets right
MIX_SHARES = (0.15, 0.3, 0.7)
BLEND_SHARES = (0.1, 0.2, 0.35, 0.5)
MOST_BLENDS = 8
WEIGHTS = {"x0.1": 0.1, "x10": 10.0}


def run(*words) -> bool:
    """Run a helixtune command; tell whether it worked (too few genes teach no signals)."""
    done = subprocess.run([sys.executable, "-m", "helixtune", *map(str, words), "--quiet"], check=False)
    return done.returncode == 0


def row_names(file: h5py.File) -> list[tuple]:
    """Return what tells rows apart."""
    return [
        (name, int(at[0]), int(at[1]))
        for name, at in zip(file["data/seqids"][:], file["data/start_ends"][:], strict=True)
    ]


def mix(predictions: Path, labels: Path, output: Path, share: float) -> None:
    """Replace a share of all stretches by the truth, not quite sure of itself."""
    shutil.copy(predictions, output)
    rng = np.random.default_rng(int(1000 * share))
    with h5py.File(labels) as truth, h5py.File(output, "r+") as file:
        numbers = {name: i for i, name in enumerate(row_names(truth))}
        order = np.array([numbers.get(name, -1) for name in row_names(file)])
        rows, width, _ = file["predictions"].shape
        use = (rng.random((rows, PIECES_A_ROW)) < share) & (order >= 0)[:, None]
        use = np.repeat(use, width // PIECES_A_ROW, axis=1)[:, :, None]
        for name, of_truth in (("predictions", "y"), ("predictions_phase", "phases")):
            told, right = file[name][:].astype(np.float32), truth[f"data/{of_truth}"][:].astype(np.float32)
            right = right[np.maximum(order, 0)]
            better = 0.8 * (0.9 * right + 0.025) + 0.2 * told
            file[name][:] = np.where(use & (right.sum(axis=2, keepdims=True) > 0), better, told).astype(np.float16)


def cut(predictions: Path, output: Path) -> None:
    """Move half of what speaks for introns to the other classes."""
    shutil.copy(predictions, output)
    with h5py.File(output, "r+") as file:
        told = file["predictions"][:].astype(np.float32)
        moved = told[:, :, 3] / 2
        told[:, :, 3] -= moved
        told[:, :, 0] += 0.6 * moved
        told[:, :, 2] += 0.4 * moved
        file["predictions"][:] = told.astype(np.float16)


def call(folder: Path, name: str, predictions: Path) -> None:
    """Call genes by the state model and with signals."""
    both = ("--genome", folder / "genome.h5", "--predictions", predictions, "--threads", 1)
    state, signals = folder / f"{name}.state.gff3", folder / f"{name}.signals.json"
    for rules, path in (("improved", state), ("upstream", folder / f"{name}.upstream.gff3")):
        if not path.exists():
            run("call-genes", *both, "--rules", rules, "--output", path)
    if not signals.exists() and not run("learn-signals", *both, "--genes", state, "--output", signals):
        return
    learnt = json.loads(signals.read_text())
    for tag, factor in {"": 1.0, **{f"-{tag}": factor for tag, factor in WEIGHTS.items()}}.items():
        genes = folder / f"{name}.signals{tag}.gff3"
        if not genes.exists():
            changed = folder / f"{name}.signals{tag}.json"
            weights = {term: min(1.0, value * factor) for term, value in learnt["weights"].items()}
            changed.write_text(json.dumps({**learnt, "weights": weights}))
            run("call-genes", *both, "--signals", changed, "--output", genes)


def gene_lines(path: Path) -> list[tuple[str, int, int, list[str]]]:
    """Return (sequence, start, end, lines) of every gene of a GFF3 file of call-genes."""
    genes: list[tuple[str, int, int, list[str]]] = []
    for line in path.read_text().splitlines():
        cells = line.split("\t")
        if line.startswith("#") or len(cells) < 9:
            continue
        if cells[2] == "gene":
            genes.append((cells[0], int(cells[3]), int(cells[4]), []))
        genes[-1][3].append(line)
    return genes


def blend(first: Path, second: Path, share: float, seed: int) -> Iterator[str]:
    """Yield the lines of a set that takes each cluster of overlapping genes from the first or, a share of them, from the second."""
    genes = sorted((*gene, side) for side, path in enumerate((first, second)) for gene in gene_lines(path))
    rng, reached, chosen = random.Random(seed), ("", -1), 0
    yield "##gff-version 3"
    for seqid, start, end, lines, side in genes:
        if seqid != reached[0] or start > reached[1]:
            chosen, reached = int(rng.random() < share), (seqid, end)
        reached = seqid, max(reached[1], end)
        if side == chosen:
            yield from (line.replace("ID=", f"ID={side}_").replace("Parent=", f"Parent={side}_") for line in lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--genome", type=Path, required=True)
    parser.add_argument("--truth", type=Path, required=True)
    parser.add_argument("--labels", type=Path, help="of encode-labels, with rows of the same length: for mixtures")
    parser.add_argument("--predictions", nargs="+", default=[], metavar="NAME=H5")
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    for source, name in ((args.genome, "genome.h5"), (args.truth, "truth.gff3")):
        if not (args.folder / name).exists():
            shutil.copy(source, args.folder / name)
    read_genes(args.folder / "truth.gff3", read_genome(str(args.folder / "genome.h5")).lengths)  # they belong together
    for name, _, path in (one.partition("=") for one in args.predictions):
        call(args.folder, name, Path(path))
        worse = args.folder / f"{name}-cut.h5"
        if not worse.exists():
            cut(Path(path), worse)
        call(args.folder, f"{name}-cut", worse)
        for share in MIX_SHARES if args.labels else ():
            better = args.folder / f"{name}-mix{round(100 * share)}.h5"
            if not better.exists():
                mix(Path(path), args.labels, better, share)
            call(args.folder, f"{name}-mix{round(100 * share)}", better)
    called = [
        path for path in sorted(args.folder.glob("*.gff3")) if path.name != "truth.gff3" and "blend" not in path.name
    ]
    pairs = list(permutations(called, 2))
    random.Random(args.folder.name).shuffle(pairs)
    for number, (first, second) in enumerate(pairs[:MOST_BLENDS]):
        share = BLEND_SHARES[number % len(BLEND_SHARES)]
        lines = blend(first, second, share, number)
        (args.folder / f"blend{round(100 * share)}.{first.stem}+{second.stem}.gff3").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
