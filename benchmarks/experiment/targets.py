"""The genomes of the experiment: which sequences are tuned on, which are scored, and the decoys beside them.

A target becomes two FASTA files. `tune.fa` is what the loop may see. `score.fa` holds the sequences that are scored:
those held out ("test"), those that settings may be chosen by ("dev"), a relative ("relative"), and shuffled sequence in
which every called gene is wrong ("decoy").
"""

import gzip
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from helixtune.fasta import iter_sequences

FASTA_WIDTH = 80
# One gene in 2 kb would be 150 false ones; enough to see one caller call more of them than another.
DECOY_BP = 300_000


@dataclass(frozen=True)
class Part:
    """Sequences of one genome, perhaps only their first bases.

    Attributes:
        species: folder of the data, or (with `simulated`) the preset of a simulated species.
        seqids: sequences; empty = all.
        first_bp: bases kept of each; 0 = all. Genes that reach beyond are no truth.
        simulated: seed and megabases of a simulated genome.
    """

    species: str
    seqids: tuple[str, ...] = ()
    first_bp: int = 0
    simulated: tuple[int, float] | None = None


@dataclass(frozen=True)
class Target:
    """One genome to tune on, and what is scored with the tuned model.

    Attributes:
        reads: BAM files in the genome's folder, a layer of coverage each.
    """

    name: str
    tune: Part
    score: dict[str, Part]
    decoys_of: str = "test"
    reads: tuple[str, ...] = field(default=(), repr=False)


def write_fasta(file, seqid: str, bases: bytes) -> None:
    """Write one record."""
    text = bases.decode()
    lines = (text[i : i + FASTA_WIDTH] for i in range(0, len(text), FASTA_WIDTH))
    file.write(f">{seqid}\n" + "\n".join(lines) + "\n")


def sequences_of(folder: Path, part: Part) -> dict[str, bytes]:
    """Return the bases of a part of the genome in a folder, by sequence."""
    fasta = _either(folder / "genome.fa")
    chosen = {s.seqid: s.bases for s in iter_sequences(fasta) if not part.seqids or s.seqid in part.seqids}
    return {seqid: bases[: part.first_bp or None] for seqid, bases in chosen.items()}


def write_truth(folder: Path, lengths: dict[str, int], path: Path, prefix: str = "") -> None:
    """Write the protein-coding genes that lie wholly inside the part."""
    source = _either(folder / "annotation.gff3")
    with gzip.open(source, "rt") if source.suffix == ".gz" else source.open() as file:
        lines = [line.rstrip("\n").split("\t") for line in file if not line.startswith("#")]
    kept: set[str] = set()
    with path.open("w") as output:
        output.write("##gff-version 3\n")
        for line in lines:
            attributes = dict(pair.split("=", 1) for pair in line[8].split(";") if "=" in pair)
            parents = attributes.get("Parent", "").split(",")
            if line[0] not in lengths or (parents == [""] and not _is_truth(line, attributes, lengths)):
                continue
            if parents == [""] or kept.intersection(parents):
                kept.add(attributes.get("ID", ""))
                line[8] = line[8].replace("ID=", f"ID={prefix}").replace("Parent=", f"Parent={prefix}")
                output.write("\t".join([prefix + line[0], *line[1:]]) + "\n")


def _is_truth(line: list[str], attributes: dict[str, str], lengths: dict[str, int]) -> bool:
    coding = attributes.get("gene_biotype", "protein_coding") == "protein_coding"
    return coding and int(line[4]) <= lengths[line[0]]


def shuffled(bases: bytes, length_bp: int, seed: int = 1) -> bytes:
    """Return random sequence whose neighbouring bases follow each other as often as they do in `bases`."""
    codes = np.searchsorted(np.frombuffer(b"ACGT", np.uint8), np.frombuffer(bases, np.uint8)).clip(0, 3)
    counts = np.bincount(codes[:-1] * 4 + codes[1:], minlength=16).reshape(4, 4)
    limits = np.cumsum(counts / np.maximum(counts.sum(axis=1, keepdims=True), 1), axis=1)
    draws, state, made = np.random.default_rng(seed).random(length_bp), 0, bytearray()
    for draw in draws:
        state = min(int(np.searchsorted(limits[state], draw, side="right")), 3)
        made.append(b"ACGT"[state])
    return bytes(made)


def _either(path: Path) -> Path:
    zipped = path.with_name(path.name + ".gz")
    return zipped if zipped.exists() else path
