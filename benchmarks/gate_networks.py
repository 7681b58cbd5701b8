"""Tune real networks on simulated species: pairs of gene sets for benchmarks/gate.py, with everything the gate may read.

    python benchmarks/gate_networks.py OUT [--model assets/models/demo_base.h5] [--size-mb 1]

A species differs from the base species by DISTANCE times the shift of the demo's target, 0 = no shift at all. On each,
the base model is tuned three ways: on its own pseudolabels, as the pipeline does; on true genes, which should help; and on
damaged labels, which should harm. Done steps are not repeated.
"""

import argparse
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from helixtune.annotation.genes import Gene
from helixtune.annotation.gff3 import read_genes
from helixtune.simulation.presets import PRESETS
from helixtune.simulation.species import simulate_species
from helixtune.simulation.species_files import species_facts, write_species

ROW_BP = 7128
KEEP = 0.5
# (distance, seed, kinds of tunes)
SPECIES = (
    (0.0, 11, ("pseudo", "true", "sparse")),
    (0.5, 12, ("pseudo", "true", "moved")),
    (1.0, 13, ("pseudo", "true", "sparse")),
    (1.5, 14, ("pseudo", "true", "moved")),
    (0.0, 15, ("pseudo", "moved")),
    (1.0, 16, ("pseudo", "true")),
    (2.0, 17, ("pseudo", "true", "sparse")),
)


@dataclass(frozen=True)
class Loop:
    """The folder of one species and how commands are run in it."""

    folder: Path
    model: Path

    def run(self, *words) -> None:
        subprocess.run([sys.executable, "-m", "helixtune", *map(str, words), "--quiet"], cwd=self.folder, check=True)

    def missing(self, name: str) -> bool:
        return not (self.folder / name).exists()

    def call(self, model: Path | str, tag: str) -> None:
        """Predict and call genes: TAG.h5, TAG.gff3."""
        if self.missing(f"{tag}.h5"):
            self.run("predict-classes", "--model", model, "--genome", "genome.h5", "--output", f"{tag}.h5")
        if self.missing(f"{tag}.gff3"):
            self.run("call-genes", "--genome", "genome.h5", "--predictions", f"{tag}.h5", "--output", f"{tag}.gff3")

    def encode(self, annotation: str, output: str) -> None:
        words = ["--fasta", "genome.fa", "--annotation", annotation, "--species", "x", "--subsequence-length", ROW_BP]
        self.run("encode-labels", *words, "--output", output)

    def tune(self, labels: str, tag: str) -> None:
        self.run("split-subsequences", "--input", labels, "--train", "train.h5", "--validation", "validation.h5")
        files = ["--train", "train.h5", "--validation", "validation.h5", "--output", f"{tag}.model.h5"]
        self.run("tune-model", "--mode", "new-head", "--base-model", self.model, *files, "--epochs", 8)


def shifted(distance: float):
    """Return species parameters that lie so many times the demo's shift away from the base species."""
    base, target = PRESETS["demo-base"], PRESETS["demo-shifted"]
    tilts = {name: distance * getattr(target.composition, name) for name in ("gc_tilt", "gc3_tilt", "gc12_tilt")}
    introns = base.genes.introns if distance == 0 else target.genes.introns
    return replace(
        base,
        description=f"the base species, {distance} times as far away as the demo's target",
        composition=replace(base.composition, **tilts),
        genes=replace(base.genes, introns=introns),
    )


def simulate(folder: Path, distance: float, seed: int, size_mb: float) -> None:
    parameters, name = shifted(distance), f"distance-{distance}"
    assembly, reads = simulate_species(parameters, name, seed, round(size_mb * 1e6), 10.0)
    write_species(folder, assembly, reads, species_facts(name, name, seed, 10.0, parameters.to_dict()))


def damaged(genes: list[Gene], kind: str, seed: int) -> list[Gene]:
    """Return wrong labels: `sparse` lacks three of five genes and every intron; `moved` has inner borders off by codons."""
    rng = np.random.default_rng(seed)
    if kind == "sparse":
        return [_without_introns(gene) for gene in genes if rng.random() < 0.4]
    return [_moved(gene, rng) for gene in genes]


def _without_introns(gene: Gene) -> Gene:
    one = gene.transcripts[0]
    cds = ((one.cds[0][0], one.cds[-1][1], 0),) if one.cds else ()
    return replace(gene, transcripts=(replace(one, exons=((one.start, one.end),), cds=cds),))


def _moved(gene: Gene, rng: np.random.Generator) -> Gene:
    one = gene.transcripts[0]
    exons, cds = [list(exon) for exon in one.exons], [list(part) for part in one.cds]
    for left, right in zip(range(len(exons) - 1), range(1, len(exons)), strict=True):
        by = 3 * int(rng.integers(-4, 5))
        if exons[left][0] + 3 < exons[left][1] + by < exons[right][0] - 3:
            for part in cds:
                part[1] += by if part[1] == exons[left][1] else 0
            exons[left][1] += by
    cds = [part for part in cds if part[0] < part[1]]
    return replace(gene, transcripts=(replace(one, exons=tuple(map(tuple, exons)), cds=tuple(map(tuple, cds))),))


def write_genes(path: Path, genes: list[Gene]) -> None:
    """Write the first transcript of every gene."""
    lines = ["##gff-version 3"]
    for gene in genes:
        one = gene.transcripts[0]

        def line(feature, start, end, phase, attributes, gene=gene):
            return f"{gene.seqid}\tx\t{feature}\t{start + 1}\t{end}\t.\t{gene.strand}\t{phase}\t{attributes}"

        lines += [line("gene", gene.start, gene.end, ".", f"ID={gene.id}")]
        lines += [line("mRNA", gene.start, gene.end, ".", f"ID={one.id};Parent={gene.id}")]
        lines += [line("exon", start, end, ".", f"Parent={one.id}") for start, end in one.exons]
        lines += [line("CDS", start, end, phase or 0, f"Parent={one.id}") for start, end, phase in one.cds]
    path.write_text("\n".join(lines) + "\n")


def make_labels(loop: Loop, kind: str, seed: int) -> str:
    """Return the labels a tune of this kind learns from."""
    if kind == "pseudo":
        words = ["--h5-to-filter", "base.labels.h5", "--predictions", "base.h5", "--keep-fraction", KEEP]
        loop.encode("base.gff3", "base.labels.h5")
        loop.run(
            "select-confident",
            *words,
            "--repeats",
            "repeats.bed",
            "--output-file",
            "filtered.h5",
            "--scores",
            "scores.tsv",
        )
        return "filtered.h5"
    annotation = "annotation.gff3"
    if kind != "true":
        annotation = f"{kind}.labels.gff3"
        write_genes(loop.folder / annotation, damaged(read_genes(loop.folder / "annotation.gff3"), kind, seed))
    loop.encode(annotation, f"{kind}.labels.h5")
    return f"{kind}.labels.h5"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--model", type=Path, default=Path("assets/models/demo_base.h5"))
    parser.add_argument("--size-mb", type=float, default=1.0)
    args = parser.parse_args()
    for distance, seed, kinds in SPECIES:
        loop = Loop(args.out / f"network_{distance}_{seed}", args.model.resolve())
        if loop.missing("genome.fa"):
            simulate(loop.folder, distance, seed, args.size_mb)
        if loop.missing("genome.h5"):
            words = ["--fasta", "genome.fa", "--species", "x", "--subsequence-length", ROW_BP]
            loop.run("encode-genome", *words, "--output", "genome.h5")
        loop.call(loop.model, "base")
        for kind in kinds:
            if loop.missing(f"{kind}.model.h5"):
                loop.tune(make_labels(loop, kind, seed), kind)
            loop.call(f"{kind}.model.h5", kind)


if __name__ == "__main__":
    main()
