"""A simulated species with sets of genes of known quality, and probabilities made from them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from helixtune.annotation.genes import Gene
from helixtune.evaluation.called_classes import CalledClasses
from helixtune.h5files import CLASS_PROBS, SEQIDS, SPECIES, START_ENDS, RowWriter, open_file, read_rows

WIDTH = 21_384


@dataclass(frozen=True)
class Species:
    folder: Path
    genome: Path
    truth: list[Gene]

    def gff3(self, name: str, genes: list[Gene]) -> Path:
        path = self.folder / f"{name}.gff3"
        lines = ["##gff-version 3"]
        for gene in genes:
            lines += gene_lines(gene)
        path.write_text("\n".join(lines) + "\n")
        return path

    def predictions(self, name: str, genes: list[Gene]) -> Path:
        """Probabilities of a network that is rather sure of just these genes."""
        path, calls = self.folder / f"{name}.predictions.h5", CalledClasses(genes)
        with open_file(self.genome) as file, RowWriter(path, "helixtune predictions", {}, threads=1) as writer:
            rows = read_rows(file)
            for i in range(len(rows)):
                classes = np.zeros(WIDTH, int)
                start, end = int(rows.starts[i]), int(rows.ends[i])
                called = calls.on(rows.seqids[i].decode(), rows.strands[i], start, end)
                classes[: end - start] = called if rows.strands[i] == "+" else called[::-1]
                probs = np.full((1, WIDTH, 4), 0.02, np.float16)
                probs[0, np.arange(WIDTH), classes] = 0.94
                identity = {SPECIES: rows.species[i : i + 1], SEQIDS: rows.seqids[i : i + 1]}
                writer.append({CLASS_PROBS: probs, **identity, START_ENDS: rows.start_ends[i : i + 1]})
            writer.attributes["register"] = "last"
        return path


def gene_lines(gene: Gene) -> list[str]:
    def line(feature, start, end, phase, attributes):
        return f"{gene.seqid}\tx\t{feature}\t{start + 1}\t{end}\t.\t{gene.strand}\t{phase}\t{attributes}"

    lines = [line("gene", gene.start, gene.end, ".", f"ID={gene.id}")]
    for one in gene.transcripts:
        lines.append(line("mRNA", one.start, one.end, ".", f"ID={one.id};Parent={gene.id}"))
        lines += [line("exon", *exon, ".", f"Parent={one.id}") for exon in one.exons]
        lines += [line("CDS", start, end, phase, f"Parent={one.id}") for start, end, phase in one.cds]
    return lines


def worsened(genes: list[Gene], seed: int, lost: float, moved: float) -> list[Gene]:
    """Lose genes, and push genes to a place where none is (their structure stays, their sequence is not coding)."""
    rng = np.random.default_rng(seed)
    kept = []
    for gene in genes:
        fate = rng.random()
        if fate < lost:
            continue
        kept.append(shifted(gene, 1700 if gene.start < 1700 else -1700) if fate < lost + moved else gene)
    return kept


def shifted(gene: Gene, by: int) -> Gene:
    def move(parts):
        return tuple((start + by, end + by, *rest) for start, end, *rest in parts)

    transcripts = tuple(
        type(one)(one.id, one.type, one.strand, one.start + by, one.end + by, move(one.exons), move(one.cds))
        for one in gene.transcripts
    )
    return Gene(gene.id, gene.seqid, gene.strand, gene.start + by, gene.end + by, transcripts=transcripts)
