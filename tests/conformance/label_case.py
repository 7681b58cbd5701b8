"""Reading of the label cases: run-length text to arrays (format: tests/data/cases/labels/README.md)."""

import json
from pathlib import Path

import h5py
import numpy as np

from helixtune.annotation.labels import CLASSES, PHASE_CLASSES
from helixtune.fasta import encode_bases

FOLDER = Path(__file__).parents[1] / "data" / "cases" / "labels"
CLASS_NAMES = dict(zip(["IG", "UTR", "CDS", "INTRON"], range(len(CLASSES)), strict=True))
PHASE_NAMES = {name: i for i, name in enumerate(PHASE_CLASSES)}
PLAIN = ("sample_weights", "gene_lengths")
FLAGS = ("err_samples", "fully_intergenic_samples", "is_annotated")


def load(name: str) -> dict:
    return json.loads((FOLDER / name / "expected.json").read_text())


def expected_datasets(case: dict) -> dict[str, np.ndarray]:
    """All datasets of a case as they must be in the file."""
    rows, L = case["chunks"], case["subsequence_length"]
    datasets = {name: np.array([expand(row[name]) for row in rows]) for name in PLAIN}
    datasets |= {name: np.array([row[name] for row in rows]) for name in FLAGS}
    datasets["y"] = np.array([one_hot(row["y"], CLASS_NAMES) for row in rows])
    datasets["phases"] = np.array([one_hot(row["phases"], PHASE_NAMES) for row in rows])
    datasets["X"] = np.array([bases(row) for row in rows])
    datasets["transitions"] = np.zeros((len(rows), L, 6), int)
    for i, row in enumerate(rows):
        for position, values in row["transitions"]:
            datasets["transitions"][i, position] = values
    datasets["start_ends"] = np.array([row["start_end"] for row in rows])
    for name, key in (("seqids", "seqid"), ("species", "species")):
        datasets[name] = np.array([row[key].encode() for row in rows])
    return datasets


def expand(runs: list) -> list:
    return [value for value, count in runs for _ in range(count)]


def one_hot(runs: list, names: dict[str, int]) -> np.ndarray:
    words = expand(runs)
    hot = np.zeros((len(words), 4), int)
    for i, word in enumerate(words):
        if word != "PAD":
            hot[i, names[word]] = 1
    return hot


def bases(row: dict) -> np.ndarray:
    if "X" in row:
        letters = row["X"].rstrip(".")
        encoded = np.zeros((len(row["X"]), 4), np.float16)
        encoded[: len(letters)] = encode_bases(letters.encode())
        return encoded
    shares = {"PAD": [0.0] * 4, **{base: np.eye(4)[i].tolist() for i, base in enumerate("CATG")}}
    return np.array([shares.get(word) or [float(x) for x in word.split(",")] for word in expand(row["X_rows_rle"])])


def read_datasets(path: Path) -> dict[str, np.ndarray]:
    with h5py.File(path) as file:
        return {name: dataset[:] for name, dataset in file["data"].items()}


def assert_equal(found: dict, expected: dict, rows=slice(None)) -> None:
    """Compare all datasets of some rows; bases to the precision that the cases are written with."""
    assert set(found) == set(expected)
    for name, array in expected.items():
        if name == "X":
            np.testing.assert_allclose(found[name][rows].astype(float), array[rows], atol=1e-6, err_msg=name)
        else:
            np.testing.assert_array_equal(found[name][rows], array[rows], err_msg=name)
