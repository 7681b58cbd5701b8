"""How much selected and validation subsequences differ from the whole genome, beside random draws of equal size.

    python benchmarks/representativeness.py NAME=labels.h5,predictions.h5[,truth.h5] …

For every genome and method: Jensen-Shannon divergence (bits) of GC content, 4-mers, intergenic fraction and gene length
from those of all labelled rows, as excess over the mean of random draws of as many rows, with the draws' standard deviation.
Upstream's method is given its rows in the right order (by itself it would pair them by position). `truth.h5` holds labels of
a reference annotation: then the share of the bases kept whose pseudolabel is right is told, too. Columns: genome, method,
set, rows, one excess and one deviation a feature, mean excess, mean discrepancy, share right.
"""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from helixtune.errors import EmptyResultError
from helixtune.h5files import BASES, CLASS_PROBS, CLASSES, GENE_LENGTHS
from helixtune.selection.composition import word_counts
from helixtune.selection.pairing import Pairing, pair_rows
from helixtune.selection.row_names import IDENTITY, read_prediction_rows, read_register
from helixtune.selection.run import Selection, SelectionFiles, choose
from helixtune.selection.scores import RowScores
from helixtune.selection.settings import SelectionSettings
from helixtune.selection.shards import RowShards
from helixtune.selection.upstream import select_upstream, upstream_sums
from helixtune.splitting.partition import VALIDATION, RowMeasures, SplitSettings, split_as_upstream, split_rows
from helixtune.splitting.split_files import measure_rows
from helixtune.subsequences import match_rows

FEATURES = ("gc", "4-mers", "intergenic", "gene length")
DRAWS = 200


class Reordered:
    """Predictions cut and ordered like the training rows, as upstream takes them to be."""

    def __init__(self, shards: RowShards, pairing: Pairing, width_bp: int):
        self._shards, self._pairing = shards, pairing
        self.width_bp, self.n_rows, self.name = width_bp, len(pairing.offsets), shards.name

    def read(self, dataset: str, numbers: np.ndarray, threads: int) -> np.ndarray:
        whole = self._shards.read(dataset, self._pairing.prediction_rows[numbers], threads)
        cut = np.zeros((len(numbers), self.width_bp, whole.shape[2]), whole.dtype)
        for row, holder, offset in zip(cut, whole, self._pairing.offsets[numbers], strict=True):
            piece = holder[offset : offset + self.width_bp]
            row[: len(piece)] = piece
        return cut


def amounts_by_row(training: RowShards) -> list[np.ndarray]:
    """Return, per feature, (n, c) amounts whose sums over rows are the histogram of a set of rows."""
    n = training.n_rows
    words, gc, classes, lengths = np.zeros((n, 256)), np.zeros(n), np.zeros((n, 4)), np.zeros((n, 40))
    for first in range(0, n, 64):
        rows = np.arange(first, min(first + 64, n))
        bases = training.read(BASES, rows)
        words[rows] = word_counts(bases)
        shares = bases.sum(axis=1, dtype=np.float32)
        gc[rows] = (shares[:, 0] + shares[:, 3]) / np.maximum(shares.sum(axis=1), 1)
        classes[rows] = training.read(CLASSES, rows).sum(axis=1)
        genes = training.read(GENE_LENGTHS, rows).astype(float)
        steps = np.where(genes > 0, np.clip(np.rint(2 * np.log2(np.maximum(genes, 1))), 1, 39), 0).astype(int)
        lengths[rows] = [np.bincount(row, minlength=40) for row in steps]
    lengths[:, 0] = 0
    labelled = classes.sum(axis=1)
    fraction = classes[:, 0] / np.maximum(labelled, 1)
    return [
        np.eye(51)[np.rint(gc * 50).astype(int)] * labelled[:, None],
        words,
        np.eye(11)[np.floor(fraction * 10).astype(int)] * labelled[:, None],
        lengths,
    ]


def divergences(amounts: list[np.ndarray], chosen: np.ndarray) -> np.ndarray:
    """Return the Jensen-Shannon divergence of the chosen rows from all rows, a feature each."""
    return np.array([_js(group[chosen].sum(axis=0), group.sum(axis=0)) for group in amounts])


def _js(one: np.ndarray, other: np.ndarray) -> float:
    p, q = one / max(one.sum(), 1), other / max(other.sum(), 1)
    middle = (p + q) / 2
    return float(sum(0.5 * (x[x > 0] * np.log2(x[x > 0] / middle[x > 0])).sum() for x in (p, q)))


def excess(
    amounts: list[np.ndarray], chosen: np.ndarray, eligible: np.ndarray, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the divergences minus the mean of random draws of as many rows, and the draws' standard deviations."""
    rng = np.random.default_rng(seed)
    n = len(np.atleast_1d(np.flatnonzero(chosen)))
    draws = [divergences(amounts, rng.choice(eligible, n, replace=False)) for _ in range(DRAWS)]
    return divergences(amounts, np.flatnonzero(chosen)) - np.mean(draws, axis=0), np.std(draws, axis=0)


def select(
    training: RowShards, predictions: RowShards, settings: SelectionSettings, files: SelectionFiles
) -> Selection:
    if settings.method != "upstream":
        return choose(training, predictions, files, settings, 2)
    register = read_register(predictions)
    rows = training.read_identity()
    names = read_prediction_rows(predictions, [], training, register, 2)
    widths = (training.width_bp, predictions.width_bp)
    pairing = pair_rows(rows, names, widths, register, (training.name, predictions.name))
    usual = choose(training, predictions, files, replace(settings, method="stratified"), 2)
    distances, counts = upstream_sums(training, Reordered(predictions, pairing, training.width_bp), 2)
    return Selection(usual.candidates, select_upstream(distances, counts, settings), None)


def validation_set(training: RowShards, kept: np.ndarray, method: str, measures: RowMeasures, seed: int) -> np.ndarray:
    """Return (n,) True for the rows that the split of the rows kept holds out."""
    rows = training.read_identity()[kept]
    settings = SplitSettings(seed=seed, method="upstream" if method == "upstream" else "blocks")
    if method == "upstream":
        split = split_as_upstream(rows, settings)
    else:
        part = RowMeasures(measures.class_counts[kept], measures.gc[kept], measures.length_counts[kept])
        split = split_rows(rows, part, settings)
    out = np.zeros(training.n_rows, bool)
    out[np.flatnonzero(kept)[split.sides == VALIDATION]] = True
    return out


def share_right(training: RowShards, truth: Path | None, kept: np.ndarray, models) -> float:
    """Return the share of labelled, unmasked bases of the rows kept that have the reference's class."""
    if truth is None:
        return float("nan")
    right = total = 0
    with RowShards([truth], (CLASSES, *IDENTITY)) as reference:
        partner = match_rows(training.read_identity(), reference.read_identity(), "labels", "truth")
        for row in np.flatnonzero(kept):
            weights = np.ones((1, training.width_bp), np.int8)
            if models is not None:
                models.hide(np.array([row]), weights)
            labels = training.read(CLASSES, np.array([row]))[0]
            used = labels.any(axis=1) & (weights[0] == 1)
            same = (labels == reference.read(CLASSES, partner[[row]])[0]).all(axis=1)
            right, total = right + (same & used).sum(), total + used.sum()
    return right / max(total, 1)


def report(name: str, paths: list[Path], keep_fraction: float, seeds: int) -> None:
    truth = paths[2] if len(paths) > 2 else None
    files = SelectionFiles([paths[0]], [paths[1]], [], None, "auto", None, None, None)
    with RowShards([paths[0]], (CLASSES, *IDENTITY)) as training, RowShards([paths[1]], (CLASS_PROBS,)) as predictions:
        amounts, measures = amounts_by_row(training), measure_rows(training, 2)
        for method in ("upstream", "stratified", "representative"):
            masks = {"min_gene_confidence": 0.5, "repeat_copies": 10} if method == "representative" else {}
            settings = SelectionSettings(method, keep_fraction, **masks)
            found = select(training, predictions, settings, files)
            kept = found.choice.kept
            everything = np.flatnonzero(found.candidates.scores.labelled_bp > 0)
            plain = _plain_discrepancy(found.candidates.scores, kept)
            right = share_right(training, truth, kept, found.models)
            _line(name, method, "selected", kept, excess(amounts, kept, everything, 0), f"{plain:.4f}", f"{right:.4f}")
            try:
                held_out = [validation_set(training, kept, method, measures, seed) for seed in range(seeds)]
            except EmptyResultError:
                print("\t".join([name, method, "validation", "0"]), flush=True)  # upstream's is empty: one sequence
                continue
            found_out = [excess(amounts, chosen, everything, 1) for chosen in held_out]
            mean = tuple(np.mean([pair[i] for pair in found_out], axis=0) for i in range(2))
            _line(name, method, "validation", held_out[0], mean, "", "")


def _plain_discrepancy(scores: RowScores, kept: np.ndarray) -> float:
    return float(np.nanmean(scores.discrepancy[kept]))


def _line(name: str, method: str, part: str, chosen: np.ndarray, figures, *rest: str) -> None:
    over, spread = figures
    cells = [f"{value:+.4f}±{deviation:.4f}" for value, deviation in zip(over, spread, strict=True)]
    print("\t".join([name, method, part, str(int(chosen.sum())), *cells, f"{over.mean():+.4f}", *rest]), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("genomes", nargs="+", metavar="NAME=LABELS,PREDICTIONS[,TRUTH]")
    parser.add_argument("--keep-fraction", type=float, default=0.2)
    parser.add_argument("--seeds", type=int, default=5, help="splits to average over")
    args = parser.parse_args()
    print("\t".join(["genome", "method", "set", "rows", *FEATURES, "mean excess", "discrepancy", "share right"]))
    for genome in args.genomes:
        name, _, paths = genome.partition("=")
        if not paths:
            sys.exit(f"{genome}: expected NAME=LABELS,PREDICTIONS[,TRUTH]")
        report(name, [Path(path) for path in paths.split(",")], args.keep_fraction, args.seeds)


if __name__ == "__main__":
    main()
