"""What padding does to the genes of short contigs: a genome cut into contigs, predicted with so much padding as is given.

    python benchmarks/short_contigs.py GENOME.fa ANNOTATION.gff3 MODEL.h5 [--seqid III] [--bases 600000] \\
        [--contigs 1000 3000 10000 30000] [--padding 213840 2304 500 0]

Prints for each length of contigs and each `--max-padding` the F1 of coding bases, found on contigs and compared with the
annotation of the uncut genome, strand by strand, and the CPU seconds of prediction.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from helixtune.fasta import iter_sequences

Masks = dict[str, np.ndarray]


def helixtune(*words) -> float:
    """Run a command; returns its CPU seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", "helixtune", *map(str, words), "--quiet"], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def coding_masks(path: Path, lengths: dict[str, int], *, on_contigs: bool) -> Masks:
    """Return seqid -> (2, length) bool, True where a strand codes; contigs are named `<seqid>:<start>`."""
    masks = {name: np.zeros((2, length), bool) for name, length in lengths.items()}
    for line in path.read_text().splitlines():
        cells = line.split("\t")
        if len(cells) < 9 or cells[2] != "CDS":
            continue
        name, _, start = cells[0].rpartition(":") if on_contigs else (cells[0], "", "0")
        if name in masks:
            masks[name]["+-".index(cells[6]), int(start) + int(cells[3]) - 1 : int(start) + int(cells[4])] = True
    return masks


def f1(truth: Masks, found: Masks) -> float:
    both, either = (
        sum(int(combine(truth[name], found[name]).sum()) for name in truth)
        for combine in (np.logical_and, np.logical_or)
    )
    return 2 * both / (both + either) if either else 0.0


def compare(args: argparse.Namespace, folder: Path) -> None:
    sequences = {name: bases[: args.bases] for name, bases in sequences_of(args)}
    lengths = {name: len(bases) for name, bases in sequences.items()}
    truth = coding_masks(args.annotation, lengths, on_contigs=False)
    fasta, genome, predictions, genes = (folder / name for name in ("c.fa", "g.h5", "p.h5", "genes.gff3"))
    print("contigs\tpadding\tf1\tcpu_s")
    for contig in args.contigs:
        with fasta.open("w") as file:
            for name, bases in sequences.items():
                file.writelines(
                    f">{name}:{i}\n{bases[i : i + contig].decode()}\n" for i in range(0, len(bases), contig)
                )
        helixtune("encode-genome", "--fasta", fasta, "--species", "x", "--output", genome)
        for padding in args.padding:
            options = ("--max-padding", padding, "--output", predictions)
            cpu_s = helixtune("predict-classes", "--model", args.model, "--genome", genome, *options)
            helixtune("call-genes", "--genome", genome, "--predictions", predictions, "--output", genes)
            score = f1(truth, coding_masks(genes, lengths, on_contigs=True))
            print(f"{contig}\t{padding}\t{score:.3f}\t{cpu_s:.1f}", flush=True)


def sequences_of(args: argparse.Namespace) -> list[tuple[str, bytes]]:
    found = [(one.seqid, one.bases) for one in iter_sequences(args.genome)]
    return [one for one in found if args.seqid in (None, one[0])]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("genome")
    parser.add_argument("annotation", type=Path)
    parser.add_argument("model", type=Path)
    parser.add_argument("--seqid")
    parser.add_argument("--bases", type=int, default=600_000)
    parser.add_argument("--contigs", type=int, nargs="+", default=[1000, 3000, 10_000, 30_000])
    parser.add_argument("--padding", type=int, nargs="+", default=[213_840, 2304, 500, 0])
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        compare(args, Path(name))


if __name__ == "__main__":
    main()
