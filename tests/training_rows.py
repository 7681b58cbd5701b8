"""Small training files and base models for tests of training and tuning."""

import h5py
import numpy as np

from helixtune.model.graph import NetworkShape
from helixtune.model.network import build_network
from helixtune.model.weights import write_model

# Small enough to compile in a second, with every kind of layer in it.
SHAPE = {"cnn_layers": 2, "filter_depth": 4, "kernel_size": 4, "pool_size": 3, "lstm_layers": 2, "units": 3}


def write_rows(path, start_ends, length=12, *, annotated=None, valid=None, seed=0, tracks=0, seqid=b"one"):
    """Write a training file; padding (last) follows from start_ends, and the class of a base is its letter's number."""
    rng = np.random.default_rng(seed)
    n = len(start_ends)
    start_ends = np.array(start_ends, np.int64)
    real = np.arange(length) < np.abs(start_ends[:, 0] - start_ends[:, 1])[:, None]
    letters = rng.integers(0, 4, (n, length))
    one_hot = np.eye(4, dtype=np.int8)
    with h5py.File(path, "w") as file:
        file["data/X"] = (one_hot[letters] * real[..., None]).astype(np.float16)
        file["data/y"] = one_hot[letters] * real[..., None]
        file["data/phases"] = one_hot[(letters + 1) % 4] * real[..., None]
        file["data/sample_weights"] = real.astype(np.int8)
        file["data/transitions"] = rng.integers(0, 2, (n, length, 6)).astype(np.int8) * real[..., None]
        file["data/is_annotated"] = np.ones(n, bool) if annotated is None else np.array(annotated, bool)
        file["data/err_samples"] = np.ones(n, bool) if valid is None else np.array(valid, bool)
        file["data/start_ends"] = start_ends
        file["data/seqids"] = np.full(n, seqid, "S50")
        file["data/species"] = np.full(n, b"species", "S25")
        for name in ("rnaseq_coverage", "rnaseq_spliced_coverage") if tracks else ():
            depth = rng.integers(0, 500, (n, length, tracks))
            file[f"evaluation/{name}"] = np.where(real[..., None], depth, -1)
        if tracks:
            names = [f"sample{number}.bam".encode() for number in range(tracks)]
            file["evaluation/rnaseq_meta/bam_files"] = np.array(names, "S512")
    return path


def write_sets(folder, *, tracks=0, length=54, n_train=12, n_validation=4):
    """Write train.h5 and validation.h5 of whole plus-strand rows; returns their paths."""
    train = [(i * length, (i + 1) * length) for i in range(n_train)]
    validation = [(i * length, (i + 1) * length) for i in range(n_validation)]
    return (
        write_rows(folder / "train.h5", train, length, seed=1, tracks=tracks),
        write_rows(folder / "validation.h5", validation, length, seed=2, tracks=tracks, seqid=b"two"),
    )


def write_base_model(path, seed=3, attributes=None, **shape):
    """Write a base model with random weights and moving statistics that are not the initial ones."""
    model = build_network(NetworkShape(**{**SHAPE, **shape}), seed)
    rng = np.random.default_rng(seed)
    for weight in model.weights:
        if "moving" in weight.path:
            weight.assign(rng.uniform(0.5, 1.5, weight.shape))
    write_model(model, path, attributes or {})
    return path
