"""How often genes of a stated confidence are right: a reliability plot and the expected calibration error.

    python benchmarks/calibration.py REFERENCE.gff3 base=base.gff3 tuned=tuned.gff3 --seqid III --output calibration.svg

A gene is right when all its coding borders are those of a reference transcript. Raw certainty is shown beside the calibrated
confidence that call-genes writes; it is what the network itself says (gene_calling/confidence.py).
"""

import argparse
from dataclasses import replace
from pathlib import Path

import matplotlib as mpl
import numpy as np

from helixtune.annotation.gff3 import read_genes
from helixtune.evaluation.against_reference import calibration
from helixtune.evaluation.models import GeneModel, cds_models
from helixtune.gene_calling.confidence import OVERCONFIDENCE

mpl.use("svg")
from matplotlib import pyplot as plt


def models_on(path: Path, seqid: str) -> list[GeneModel]:
    return [model for model in cds_models(read_genes(path)) if model.seqid == seqid]


def with_raw_certainty(model: GeneModel) -> GeneModel:
    """Return the gene with what the network itself says: confidence with the calibration undone."""
    return replace(model, confidence=OVERCONFIDENCE * model.confidence / (1 + (OVERCONFIDENCE - 1) * model.confidence))


def calibration_error(bins: list[dict]) -> float:
    """Return the mean distance between confidence and share right, weighted by genes."""
    distances = [abs(one["mean_confidence"] - one["exactly_right"]) for one in bins]
    return float(np.average(distances, weights=[one["genes"] for one in bins]))


def points(bins: list[dict]) -> tuple[list[float], list[float]]:
    return [one["mean_confidence"] for one in bins], [one["exactly_right"] for one in bins]


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
    true = models_on(args.reference, args.seqid)
    print("| genes of | called | right | error, confidence | error, raw certainty |\n|---|--:|--:|--:|--:|")
    for name, path in (word.split("=", 1) for word in args.called):
        models = models_on(Path(path), args.seqid)
        bins, raw_bins = calibration(models, true), calibration(map(with_raw_certainty, models), true)
        (line,) = axes.plot(*points(bins), marker="o", ms=4, label=name)
        axes.plot(*points(raw_bins), marker=".", ms=3, lw=0.8, ls=":", color=line.get_color())
        right = sum(one["genes"] * one["exactly_right"] for one in bins) / len(models)
        errors = f"{calibration_error(bins):.3f} | {calibration_error(raw_bins):.3f}"
        print(f"| {name} | {len(models)} | {100 * right:.1f} % | {errors} |")
    axes.set(xlabel="confidence (dotted: raw certainty of the network)", ylabel="share of genes exactly right")
    axes.legend(frameon=False)
    figure.savefig(args.output, metadata={"Date": None})


if __name__ == "__main__":
    main()
