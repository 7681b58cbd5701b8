"""How often genes of a stated confidence are right: a reliability plot and the expected calibration error.

    python benchmarks/calibration.py REFERENCE.gff3 base=base.gff3 tuned=tuned.gff3 --seqid III --output calibration.svg

A gene is right when all its coding borders are those of a reference transcript. Raw certainty is shown beside the calibrated
confidence that call-genes writes; it is what the network itself says (gene_calling/confidence.py).
"""

import argparse
from pathlib import Path

import matplotlib as mpl
import numpy as np

from helixtune.annotation.gff3 import read_genes
from helixtune.gene_calling.confidence import OVERCONFIDENCE

mpl.use("svg")
from matplotlib import pyplot as plt

BINS = np.linspace(0, 1, 11)


def coding_chains(gene):
    for transcript in gene.transcripts:
        if transcript.cds:
            yield gene.strand, tuple((start, end) for start, end, _ in transcript.cds)


def confidence_and_truth(called: Path, reference: Path, seqid: str) -> tuple[np.ndarray, np.ndarray]:
    """Return (n,) confidences and (n,) whether the gene is right."""
    true = {chain for gene in read_genes(reference) if gene.seqid == seqid for chain in coding_chains(gene)}
    rows = [
        (gene.confidence, any(chain in true for chain in coding_chains(gene)))
        for gene in read_genes(called)
        if gene.seqid == seqid and gene.is_coding
    ]
    confidence, right = np.array(rows, float).T
    return confidence, right.astype(bool)


def reliability(confidence: np.ndarray, right: np.ndarray) -> list[tuple[float, float, int]]:
    """Return mean confidence, share right and number of genes of every bin of ten that is not empty."""
    numbers = np.clip(np.digitize(confidence, BINS) - 1, 0, len(BINS) - 2)
    inside = [numbers == number for number in np.unique(numbers)]
    return [(confidence[mask].mean(), right[mask].mean(), int(mask.sum())) for mask in inside]


def calibration_error(rows: list[tuple[float, float, int]]) -> float:
    """Return the mean distance between confidence and share right, weighted by genes."""
    return sum(abs(stated - found) * count for stated, found, count in rows) / sum(count for *_, count in rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reference", type=Path)
    parser.add_argument("called", nargs="+", metavar="NAME=GFF3")
    parser.add_argument("--seqid", required=True)
    parser.add_argument("--output", type=Path, required=True)
    args = parser.parse_args()
    mpl.rcParams.update({"svg.hashsalt": "helixtune", "font.size": 9})
    figure, axes = plt.subplots(figsize=(4.2, 3.8), layout="constrained")
    axes.plot([0, 1], [0, 1], color="0.7", lw=1)
    print("| genes of | called | right | error, confidence | error, raw certainty |\n|---|--:|--:|--:|--:|")
    for name, path in (word.split("=", 1) for word in args.called):
        confidence, right = confidence_and_truth(Path(path), args.reference, args.seqid)
        raw = OVERCONFIDENCE * confidence / (1 + (OVERCONFIDENCE - 1) * confidence)
        rows, raw_rows = reliability(confidence, right), reliability(raw, right)
        (line,) = axes.plot(*np.array(rows).T[:2], marker="o", ms=4, label=name)
        axes.plot(*np.array(raw_rows).T[:2], marker=".", ms=3, lw=0.8, ls=":", color=line.get_color())
        errors = f"{calibration_error(rows):.3f} | {calibration_error(raw_rows):.3f}"
        print(f"| {name} | {len(right)} | {100 * right.mean():.1f} % | {errors} |")
    axes.set(xlabel="confidence (dotted: raw certainty of the network)", ylabel="share of genes exactly right")
    axes.legend(frameon=False)
    figure.savefig(args.output, metadata={"Date": None})


if __name__ == "__main__":
    main()
