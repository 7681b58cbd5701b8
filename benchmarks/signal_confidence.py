"""Fit what makes a confidence of a gene's probability (src/helixtune/signals/confidence.py), and try it on genomes left out.

    python signal_confidence.py --data FOLDER --work FOLDER [--yeast-base M.h5]

`--work` is a folder of signals.py, whose signals, predictions and genes are read.
"""

import argparse
from pathlib import Path

import numpy as np
from signals import Pair, pairs
from sklearn.linear_model import LogisticRegression

from helixtune.annotation.gff3 import read_genes
from helixtune.gene_calling.places import Shard
from helixtune.gene_calling.prediction_source import PredictionSource
from helixtune.gene_calling.states import CODING
from helixtune.signals.calling import SignalSolver, genes_with_probability
from helixtune.signals.confidence import confidence_facts
from helixtune.signals.model import read_signals
from helixtune.signals.stretches import cut_tiles, read_stretch

FACTS = ("logit", "parts", "bp", "agreement", "stability", "parts_per_gene")
# Genes are put into bins of so many at least: fewer are not as often right as they should be by chance alone.
MOST_BINS, BIN_GENES = 10, 50


def facts_of(pair: Pair, data: Path, work: Path) -> np.ndarray:
    """Return (g, 7): `confidence_facts` of every gene, and whether it is right."""
    signals = read_signals(work / f"{pair.name}.signals.json")
    solver = SignalSolver(signals)
    reference = {
        (gene.seqid, transcript.strand, tuple((start, end) for start, end, _ in transcript.cds))
        for gene in read_genes(data / pair.folder / "annotation.gff3.gz")
        for transcript in gene.transcripts
        if transcript.cds
    }
    rows = []
    with PredictionSource(work / f"{pair.genome}.genome.h5", [work / f"{pair.name}.pred.h5"], "auto", 1) as source:
        for tile in cut_tiles(source.sequences, source.width, Shard(1, 1)):
            sequence = source.sequences[tile.sequence]
            if pair.seqids and sequence.seqid not in pair.seqids:
                continue
            for strand, segments, probability in genes_with_probability(read_stretch(source, tile), solver):
                parts = [segment for segment in segments if segment[0] == CODING]
                right = (sequence.seqid, strand, tuple((start, end) for _, start, end in parts)) in reference
                rows.append((*confidence_facts(probability, parts, signals), right))
    return np.array(rows, float)


def fit(tables: list[np.ndarray]) -> LogisticRegression:
    """Fit to several pairs, each of which weighs as the root of its genes."""
    weights = np.concatenate([np.full(len(table), len(table) ** -0.5) for table in tables])
    joined = np.concatenate(tables)
    facts, right = joined[:, :-1], joined[:, -1]
    spread = facts.std(axis=0) + 1e-9
    model = LogisticRegression(max_iter=3000)
    model.fit(facts / spread, right, sample_weight=weights * len(weights) / weights.sum())
    model.coef_ /= spread
    return model


def calibration_error(confidence: np.ndarray, right: np.ndarray) -> float:
    """Return the mean distance between confidence and share of right genes in bins of as many genes."""
    bins = min(max(len(right) // BIN_GENES, 1), MOST_BINS)
    parts = np.array_split(np.argsort(confidence, kind="stable"), bins)
    return sum(len(part) * abs(confidence[part].mean() - right[part].mean()) for part in parts) / len(right)


def main() -> None:
    """Fit and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, type=Path)
    parser.add_argument("--work", required=True, type=Path)
    parser.add_argument("--yeast-base", type=Path)
    args = parser.parse_args()
    usable = [pair for pair in pairs(args.yeast_base) if (args.work / f"{pair.name}.signals.json").exists()]
    tables = {pair: facts_of(pair, args.data, args.work) for pair in usable}
    print("pair", "genes", "right", "mean_confidence", "calibration_error", sep="\t")
    for pair, table in tables.items():
        others = [other for held, other in tables.items() if held.genome != pair.genome]
        confidence = fit(others).predict_proba(table[:, :-1])[:, 1]
        error = calibration_error(confidence, table[:, -1])
        print(pair.name, len(table), f"{table[:, -1].mean():.3f}", f"{confidence.mean():.3f}", f"{error:.3f}", sep="\t")
    model = fit(list(tables.values()))
    print(
        "all:",
        *(f"{name} {value:.3f}" for name, value in zip(FACTS, model.coef_[0], strict=True)),
    )
    print(f"constant {model.intercept_[0]:.3f}")


if __name__ == "__main__":
    main()
