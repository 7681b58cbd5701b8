"""Memory and time of call-genes where a poor model makes one candidate region of a whole chromosome.

    python benchmarks/long_region.py genome.fa.gz --megabases 5 20 --threads 1

The sequence is real, repeated as often as needed; the predictions are made up: every 50 to 300 bases another class is
likely, intergenic sequence never. Our just-in-time compilation is excluded: one run before the measured ones fills
numba's cache. Prints peak memory, CPU seconds and a checksum of the genes for each length.
"""

import argparse
import hashlib
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

import numpy as np
from paired import measure

from helixtune.encoding import encode_species, iter_genome_blocks
from helixtune.fasta import Sequence, iter_sequences
from helixtune.h5files import CLASS_PROBS, PHASE_PROBS, RowWriter

WIDTH = 21_384
SPECIES = "Schizosaccharomyces pombe"


def repeated(fasta: Path, length_bp: int) -> Sequence:
    """Return the FASTA file's sequences one after another, again and again."""
    bases = b"".join(sequence.bases for sequence in iter_sequences(fasta))
    return Sequence("chr", (bases * (length_bp // len(bases) + 1))[:length_bp])


def poor_probabilities(rng: np.random.Generator, length_bp: int, intergenic: float) -> np.ndarray:
    """Return (length_bp, 4) float16 that sum to 1, the first column about as given."""
    lengths = rng.integers(50, 300, length_bp // 50 + 1)
    levels = rng.dirichlet(np.ones(3), len(lengths)) * (1 - intergenic)
    levels = np.concatenate([np.full((len(lengths), 1), intergenic), levels], axis=1).astype(np.float16)
    return np.repeat(levels, lengths, axis=0)[:length_bp]


def write_files(fasta: Path, length_bp: int, folder: Path, intergenic: float) -> tuple[Path, Path]:
    """Write a genome of one sequence and predictions of its rows."""
    rng = np.random.default_rng(0)
    outputs = folder / "genome.h5", folder / "predictions.h5"
    with (
        RowWriter(outputs[0], "benchmark", {}, width_bp=WIDTH) as ours,
        RowWriter(outputs[1], "benchmark", {}) as theirs,
    ):
        for block in iter_genome_blocks([repeated(fasta, length_bp)], encode_species(SPECIES), WIDTH, 64):
            ours.append(block)
            n_rows = len(next(iter(block.values())))
            shape = (n_rows, WIDTH, 4)
            theirs.append(
                {
                    CLASS_PROBS: poor_probabilities(rng, n_rows * WIDTH, intergenic).reshape(shape),
                    PHASE_PROBS: poor_probabilities(rng, n_rows * WIDTH, 0.2).reshape(shape),
                }
            )
    return outputs


def call(files: tuple[Path, Path], output: Path, args: argparse.Namespace) -> str:
    return (
        f"{sys.executable} -m helixtune call-genes --genome {files[0]} --predictions {files[1]} --register last"
        f" --rules {args.rules} --threads {args.threads} --output {output}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fasta", type=Path)
    parser.add_argument("--megabases", type=float, nargs="+", default=[5, 20])
    parser.add_argument("--intergenic", type=float, default=0.05, help="probability everywhere")
    parser.add_argument("--rules", choices=("upstream", "improved"), default="improved")
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        genes = folder / "genes.gff3"
        measure(call(write_files(args.fasta, 100_000, folder, args.intergenic), genes, args))
        for megabases in args.megabases:
            files = write_files(args.fasta, int(megabases * 1_000_000), folder, args.intergenic)
            usage = asdict(measure(call(files, genes, args)))
            lines = [line for line in genes.read_bytes().splitlines() if not line.startswith(b"#")]
            found = {"genes": sum(b"\tgene\t" in line for line in lines)}
            found["sha256"] = hashlib.sha256(b"\n".join(lines)).hexdigest()[:16]
            print(
                json.dumps({"megabases": megabases, **{k: round(v, 1) for k, v in usage.items()}, **found}), flush=True
            )


if __name__ == "__main__":
    main()
