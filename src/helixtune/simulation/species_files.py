"""Writes a simulated species: genome.fa, annotation.gff3 (the truth), repeats.bed, decoys.bed, reads.bam, species.json."""

import json
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from helixtune import __version__
from helixtune.errors import InputFileError
from helixtune.files import atomic_output
from helixtune.simulation.assembly import Assembly
from helixtune.simulation.composition import LETTERS, C, G, N
from helixtune.simulation.placement import PlacedGene
from helixtune.simulation.reads import AlignedRead, write_bam

LINE_BP = 80
# What a repeat masker would find in a genome it does not know; pseudogenes are not among it.
REPEAT_KINDS = ("transposon", "microsatellite")
DECOY_KINDS = ("transposon", "pseudogene")


def write_species(folder: Path, assembly: Assembly, reads: list[AlignedRead] | None, facts: dict) -> None:
    """Write all files of a species into `folder` (made if need be); all of them or none.

    Args:
        folder: where the files go.
        assembly: the genome with its genes and decoys.
        reads: sorted reads, or None for no reads.bam.
        facts: name, preset, seed and parameters for species.json, to which the counts are added.

    Raises:
        InputFileError: the folder cannot be made or written to.
    """
    _make_folder(folder)
    with ExitStack() as whole:
        partial = {name: whole.enter_context(atomic_output(folder / name)) for name in _file_names(reads)}
        partial["genome.fa"].write_bytes(fasta_bytes(assembly))
        partial["annotation.gff3"].write_text(gff3_text(assembly))
        partial["repeats.bed"].write_text(bed_text(assembly, REPEAT_KINDS))
        partial["decoys.bed"].write_text(bed_text(assembly, DECOY_KINDS))
        if reads is not None:
            write_bam(partial["reads.bam"], partial["reads.bam.bai"], assembly, reads)
        counts = species_counts(assembly, reads)
        partial["species.json"].write_text(json.dumps({**facts, "counts": counts}, indent=2) + "\n")


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".partial-probe"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise InputFileError(
            f"Output folder {folder} cannot be written to ({error.strerror}): choose another."
        ) from error


def _file_names(reads: list[AlignedRead] | None) -> list[str]:
    names = ["genome.fa", "annotation.gff3", "repeats.bed", "decoys.bed", "species.json"]
    return names if reads is None else [*names, "reads.bam", "reads.bam.bai"]


def fasta_bytes(assembly: Assembly) -> bytes:
    """Return the genome as FASTA, 80 bases a line."""
    pieces = []
    for seqid, bases in zip(assembly.seqids, assembly.sequences, strict=True):
        letters = LETTERS[bases].tobytes()
        pieces.append(f">{seqid}\n".encode())
        pieces += [letters[start : start + LINE_BP] + b"\n" for start in range(0, len(letters), LINE_BP)]
    return b"".join(pieces)


def gff3_text(assembly: Assembly) -> str:
    """Return the true annotation as GFF3: gene, mRNA, exon, CDS with phases; sorted by sequence and start."""
    lines = ["##gff-version 3"]
    for number, (seqid, bases) in enumerate(zip(assembly.seqids, assembly.sequences, strict=True)):
        lines.append(f"##sequence-region {seqid} 1 {len(bases)}")
        genes = sorted(
            (gene for gene in assembly.genes if gene.sequence == number), key=lambda gene: (gene.start, gene.end)
        )
        for rank, gene in enumerate(genes, start=1):
            lines += _gene_lines(seqid, f"{seqid}_g{rank:05d}", gene)
    return "\n".join(lines) + "\n"


def _gene_lines(seqid: str, gene_id: str, gene: PlacedGene) -> list[str]:
    def line(feature: str, start: int, end: int, phase: object, attributes: str) -> str:
        # GFF3 counts from 1 and includes the end.
        return f"{seqid}\tsimulated\t{feature}\t{start + 1}\t{end}\t.\t{gene.strand}\t{phase}\t{attributes}"

    transcript = f"{gene_id}.1"
    lines = [
        line("gene", gene.start, gene.end, ".", f"ID={gene_id};biotype=protein_coding"),
        line("mRNA", gene.start, gene.end, ".", f"ID={transcript};Parent={gene_id}"),
    ]
    for rank, (start, end) in enumerate(gene.exons, start=1):
        lines.append(line("exon", start, end, ".", f"ID={transcript}.exon{rank};Parent={transcript}"))
    for start, end, phase in gene.coding:
        lines.append(line("CDS", start, end, phase, f"ID={transcript}.cds;Parent={transcript}"))
    return lines


def bed_text(assembly: Assembly, kinds: tuple[str, ...]) -> str:
    """Return the decoys of some kinds as BED (seqid, start, end, name, score, strand), sorted."""
    chosen = sorted(
        (decoy for decoy in assembly.decoys if decoy.kind in kinds), key=lambda decoy: (decoy.sequence, decoy.start)
    )
    rows = (f"{assembly.seqids[d.sequence]}\t{d.start}\t{d.end}\t{d.name}\t0\t{d.strand}\n" for d in chosen)
    return "".join(rows)


def species_counts(assembly: Assembly, reads: list[AlignedRead] | None) -> dict:
    """Count what was made: bases, GC share, genes, introns, decoys by kind, reads."""
    totals = sum(np.bincount(bases, minlength=5) for bases in assembly.sequences)
    introns = [gene.introns for gene in assembly.genes]
    lengths = np.concatenate([intron[:, 1] - intron[:, 0] for intron in introns]) if introns else np.empty(0)
    return {
        "bases": int(totals.sum()),
        "gc_share": round(float(totals[C] + totals[G]) / max(int(totals[:N].sum()), 1), 4),
        "sequences": {name: len(bases) for name, bases in zip(assembly.seqids, assembly.sequences, strict=True)},
        "genes": len(assembly.genes),
        "introns": len(lengths),
        "median_intron_bp": float(np.median(lengths)) if len(lengths) else None,
        "decoys": dict(sorted(Counter(decoy.kind for decoy in assembly.decoys).items())),
        "reads": len(reads) if reads is not None else 0,
    }


def species_facts(name: str, preset: str, seed: int, read_depth: float, parameters: dict) -> dict:
    """Return what species.json says about how the species was made."""
    return {
        "format": "helixtune simulated species",
        "format_version": 1,
        "created_by": f"helixtune {__version__}",
        "note": "Simulated: shows the machinery, not what tuning gains on a real genome.",
        "species": name,
        "preset": preset,
        "seed": seed,
        "read_depth": read_depth,
        "parameters": parameters,
    }
