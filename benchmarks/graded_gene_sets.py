"""Gene sets of graded quality on a genome whose truth is known: the gene caller run on damaged, blurred, noisy truth.

    python benchmarks/graded_gene_sets.py OUT NAME=GENOME.fa,ANNOTATION.gff3[,SEQID…] …

Writes OUT/NAME/genome.fa, annotation.gff3, genome.h5 and for each set (see SETS) TAG.h5 (probabilities) and TAG.gff3. Damage
comes as a network's: genes, exons and introns that it half sees or does not see, open reading frames taken for genes, blurred
borders, noise that goes on for some dozen bases. So the sets have false genes, lost genes, wrong borders and frames.
"""

import argparse
import gzip
import re
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from Bio.Seq import Seq
from scipy.ndimage import gaussian_filter1d

from helixtune.annotation.genes import Gene
from helixtune.annotation.gff3 import read_genes
from helixtune.cli import main as helixtune
from helixtune.evaluation.called_classes import CDS, INTERGENIC, INTRON, CalledClasses
from helixtune.fasta import iter_sequences
from helixtune.h5files import CLASS_PROBS, PHASE_PROBS, SEQIDS, SPECIES, START_ENDS, RowWriter, open_file, read_rows
from helixtune.subsequences import strand_runs

# Tag -> (quality from 0 to 1, seed).
SETS = {"fair_1": (0.75, 101), "fair_2": (0.75, 102), "good_1": (0.85, 103), "best_1": (0.93, 104)}
# Shares of what goes unseen at quality 0.
UNSEEN_GENES, UNSEEN_EXONS, UNSEEN_INTRONS, FALSE_GENES = 0.45, 0.30, 0.35, 0.25
MIN_ORF_BP = 180
ORF = re.compile(r"(?=(ATG(?:...)*?(?:TAA|TAG|TGA)))")


@dataclass(frozen=True)
class Truth:
    """A genome and its genes, one transcript each.

    Attributes:
        lengths: bases of every sequence.
        genes: coding genes with their longest transcript.
        orfs: {seqid: (strand, start, end)} of open reading frames that are hardly coding.
    """

    lengths: dict[str, int]
    genes: list[Gene]
    orfs: dict[str, list[tuple[str, int, int]]]

    @classmethod
    def read(cls, fasta: Path, annotation: Path) -> "Truth":
        everything = [gene for gene in read_genes(annotation) if gene.is_coding]
        genes = [
            replace(gene, transcripts=(max(gene.transcripts, key=lambda one: one.cds_length_bp),))
            for gene in everything
        ]
        sequences = {one.seqid: one.bases.decode() for one in iter_sequences(fasta)}
        calls = CalledClasses(everything)
        orfs = {seqid: list(_free_orfs(seqid, bases, calls)) for seqid, bases in sequences.items()}
        return cls({seqid: len(bases) for seqid, bases in sequences.items()}, genes, orfs)


def _free_orfs(seqid: str, bases: str, calls: CalledClasses):
    length = len(bases)
    for strand, letters in (("+", bases), ("-", str(Seq(bases).reverse_complement()))):
        for found in ORF.finditer(letters):
            start, end = found.start(), found.start() + len(found.group(1))
            if end - start < MIN_ORF_BP:
                continue
            start, end = (start, end) if strand == "+" else (length - end, length - start)
            if sum((calls.on(seqid, one, start, end) == CDS).mean() for one in "+-") < 0.1:
                yield strand, start, end


def phases(genes: list[Gene], length: int) -> np.ndarray:
    """Return (length,) phase classes of genes of one strand of one sequence: 0 none, 1 + bases before the next codon."""
    track = np.zeros(length, np.uint8)
    for gene in genes:
        places = np.concatenate([np.arange(start, end) for start, end, _ in gene.transcripts[0].cds])
        places = places if gene.strand == "+" else places[::-1]
        track[places] = 1 + (-np.arange(len(places))) % 3
    return track


def damaged(truth: Truth, place: tuple[str, str], classes: np.ndarray, quality: float, rng) -> np.ndarray:
    """Return (2, length, 4) float16 class and phase probabilities of one strand, plus-strand order."""
    seqid, strand = place
    worse = 1 - quality
    genes = [gene for gene in truth.genes if (gene.seqid, gene.strand) == place]
    seen = np.eye(4, dtype=np.float32)[classes]
    frames = np.eye(4, dtype=np.float32)[phases(genes, len(classes))]

    def hide(start: int, end: int, instead: int, at_least: float = 0.6, *, coding: bool = False) -> None:
        share = rng.uniform(at_least, 0.95)
        seen[start:end] *= 1 - share
        seen[start:end, instead] += share
        if not coding:
            frames[start:end] *= 1 - share
            frames[start:end, 0] += share

    for gene in genes:
        one = gene.transcripts[0]
        if rng.random() < UNSEEN_GENES * worse:
            hide(max(0, gene.start - 50), gene.end + 50, INTERGENIC, 0.5)
        for start, end, _ in one.cds if len(one.cds) > 1 else ():
            if rng.random() < UNSEEN_EXONS * worse:
                hide(start, end, INTRON)
        for left, right in zip(one.exons[:-1], one.exons[1:], strict=True):
            if rng.random() < UNSEEN_INTRONS * worse:
                hide(left[1], right[0], CDS, coding=True)
    for orf_strand, start, end in truth.orfs[seqid]:
        if orf_strand == strand and rng.random() < FALSE_GENES * worse:
            share = rng.uniform(0.5, 0.95)
            places = np.arange(start, end) if strand == "+" else np.arange(end - 1, start - 1, -1)
            seen[start:end] *= 1 - share
            seen[start:end, CDS] += share
            frames[start:end] *= 1 - share
            frames[places, 1 + (-np.arange(end - start)) % 3] += share
    return np.stack([_blurred(seen, worse, rng), _uncertain(frames, worse)]).astype(np.float16)


def _blurred(seen: np.ndarray, worse: float, rng) -> np.ndarray:
    seen = _uncertain(gaussian_filter1d(seen, 1 + 14 * worse, axis=0), worse)
    noise = gaussian_filter1d(rng.standard_normal(seen.shape).astype(np.float32), 25, axis=0)
    odds = seen * np.exp(noise / noise.std() * (0.3 + worse))
    return odds / odds.sum(axis=1, keepdims=True)


def _uncertain(shares: np.ndarray, worse: float) -> np.ndarray:
    doubt = 0.03 + 0.25 * worse
    mixed = (1 - doubt) * shares + doubt / 4
    return mixed / mixed.sum(axis=1, keepdims=True)


def write_predictions(genome: Path, output: Path, truth: Truth, quality: float, seed: int) -> None:
    """Write probabilities of all rows of a genome.h5."""
    rng = np.random.default_rng(seed)
    calls = CalledClasses(truth.genes)
    with open_file(genome) as file, RowWriter(output, "helixtune predictions", {}) as writer:
        rows, width = read_rows(file), file["data/X"].shape[1]
        for run in strand_runs(rows):
            tracks = damaged(
                truth, (run.seqid, run.strand), calls.on(run.seqid, run.strand, 0, run.length_bp), quality, rng
            )
            for i in run.row_indices:
                here = tracks[:, rows.starts[i] : rows.ends[i]]
                row = np.zeros((2, 1, width, 4), np.float16)
                row[:, 0, : here.shape[1]] = here if run.strand == "+" else here[:, ::-1]
                names = {SPECIES: rows.species[i : i + 1], SEQIDS: rows.seqids[i : i + 1]}
                writer.append(
                    {CLASS_PROBS: row[0], PHASE_PROBS: row[1], **names, START_ENDS: rows.start_ends[i : i + 1]}
                )
        writer.attributes["register"] = "last"


def run(*words) -> None:
    if helixtune([*map(str, words), "--quiet"]):
        sys.exit(f"failed: {words}")


def make_genome(folder: Path, fasta: Path, annotation: Path, seqids: list[str]) -> None:
    """Write genome.fa and annotation.gff3 of some (or all) sequences, and genome.h5."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "genome.fa").open("wb") as file:
        for one in iter_sequences(fasta):
            if not seqids or one.seqid in seqids:
                file.write(b">" + one.seqid.encode() + b"\n" + one.bases + b"\n")
    opener = gzip.open if annotation.suffix == ".gz" else open
    with opener(annotation, "rt") as source, (folder / "annotation.gff3").open("w") as target:
        target.writelines(
            line for line in source if not seqids or line.startswith("#") or line.split("\t")[0] in seqids
        )
    run("encode-genome", "--fasta", folder / "genome.fa", "--species", folder.name, "--output", folder / "genome.h5")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("genomes", nargs="+", metavar="NAME=FASTA,GFF3[,SEQID…]")
    args = parser.parse_args()
    for genome in args.genomes:
        name, _, words = genome.partition("=")
        fasta, annotation, *seqids = words.split(",")
        folder = args.out / f"graded_{name}"
        if not (folder / "genome.h5").exists():
            make_genome(folder, Path(fasta), Path(annotation), seqids)
        truth = Truth.read(folder / "genome.fa", folder / "annotation.gff3")
        for tag, (quality, seed) in SETS.items():
            if not (folder / f"{tag}.h5").exists():
                write_predictions(folder / "genome.h5", folder / f"{tag}.h5", truth, quality, seed)
            if not (folder / f"{tag}.gff3").exists():
                files = ("--genome", folder / "genome.h5", "--predictions", folder / f"{tag}.h5")
                run("call-genes", *files, "--output", folder / f"{tag}.gff3")


if __name__ == "__main__":
    main()
