"""The genomes of the experiment: which sequences there are, which may be learned from, and which are scored."""

import gzip
import json
from dataclasses import dataclass, field
from pathlib import Path

from helixtune.fasta import iter_sequences

FASTA_WIDTH = 80
# Genomes whose SOURCE.md says that models marked `partial=true` are fragments (elsewhere the mark is about untranslated ends).
WITH_FRAGMENTS = ("zymoseptoria_tritici", "brassica_napus")


@dataclass(frozen=True)
class Target:
    """One genome.

    Attributes:
        name: as in the tables.
        species: folder of the data, or (with `simulated`) the preset of a simulated species.
        tune: sequences that are learned from; empty = all.
        score: sequences that are scored; empty = all. Where both are empty, a sample too small to be cut is learned from and
            scored, as users do: pseudolabels have seen no truth.
        simulated: seed and megabases of a simulated genome.
        reads: BAM files in the genome's folder, a layer of coverage each.
    """

    name: str
    species: str
    tune: tuple[str, ...] = ()
    score: tuple[str, ...] = ()
    simulated: tuple[int, float] | None = None
    reads: tuple[str, ...] = field(default=(), repr=False)


def write_fasta(file, seqid: str, bases: bytes) -> None:
    """Write one record."""
    text = bases.decode()
    lines = (text[start : start + FASTA_WIDTH] for start in range(0, len(text), FASTA_WIDTH))
    file.write(f">{seqid}\n" + "\n".join(lines) + "\n")


def write_genome(folder: Path, target: Target, output: Path) -> None:
    """Write the target's sequences, those of `tune` and `score` or all."""
    chosen = {*target.tune, *target.score}
    with output.open("w") as file:
        for sequence in iter_sequences(_either(folder / "genome.fa")):
            if not chosen or sequence.seqid in chosen:
                write_fasta(file, sequence.seqid, sequence.bases)


def write_truth(folder: Path, target: Target, output: Path) -> None:
    """Write the reference genes of the target's sequences, without fragments."""
    chosen = {*target.tune, *target.score}
    lines = [line.split("\t") for line in _text(_either(folder / "annotation.gff3")).splitlines() if "\t" in line]
    marked = [line for line in lines if target.species in WITH_FRAGMENTS and "partial=true" in line[8]]
    fragments = {name for line in marked for name in _names(line)}
    kept = [line for line in lines if (not chosen or line[0] in chosen) and not fragments.intersection(_names(line))]
    output.write_text("##gff-version 3\n" + "".join("\t".join(line) + "\n" for line in kept))


def levels_of(metrics: Path) -> dict[str, float]:
    """Return F1 at every level, and counts, of an evaluation's file."""
    cds = json.loads(metrics.read_text())["reference"]["cds"]
    figures = {level: round(cds[level]["f1"], 4) for level in ("base", "exon", "intron", "gene")}
    return figures | {"genes": cds["gene"]["predicted"], "reference_genes": cds["gene"]["reference"]}


def _names(line: list[str]) -> set[str]:
    """Return ids of a feature and its parents."""
    pairs = (pair.partition("=") for pair in line[8].split(";"))
    return {name for key, _, value in pairs if key in ("ID", "Parent") for name in value.split(",")}


def _text(path: Path) -> str:
    return (gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()).decode()


def _either(path: Path) -> Path:
    zipped = path.with_name(path.name + ".gz")
    return zipped if zipped.exists() else path
