"""Files whose classes are in another order: seen by their phases, where they have any."""

import itertools
from pathlib import Path

import h5py
import numpy as np
import pytest

from helixtune.annotation.labels import CDS, CLASSES
from helixtune.class_order import class_order_of
from helixtune.cli import main

MODEL = Path(__file__).parents[2] / "assets/models/demo_base.h5"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A simulated genome of 100 kb: g.h5, t.h5 with its labels, and p.h5, probabilities made from them."""
    folder = tmp_path_factory.mktemp("order")
    assert main(["simulate-species", "--seed", "3", "--size-mb", "0.1", "--output-dir", str(folder)]) == 0
    common = ["--fasta", f"{folder}/genome.fa", "--species", "x", "--subsequence-length", "7128", "--output"]
    assert main(["encode-genome", *common, f"{folder}/g.h5"]) == 0
    assert main(["encode-labels", "--annotation", f"{folder}/annotation.gff3", *common, f"{folder}/t.h5"]) == 0
    with h5py.File(folder / "t.h5") as labels, h5py.File(folder / "p.h5", "w") as file:
        for name in ("seqids", "species", "start_ends"):
            file[f"data/{name}"] = labels[f"data/{name}"][:]
        for name, source in (("predictions", "y"), ("predictions_phase", "phases")):
            one_hot = labels[f"data/{source}"][:].astype(np.float32)
            file[name] = one_hot * 0.88 + 0.03 * one_hot.sum(axis=-1, keepdims=True)
        file.attrs["register"] = "last"
    return folder


def reordered(source, target, name, order):
    """Write a copy of a file with the columns of a dataset in another order."""
    target.write_bytes(source.read_bytes())
    with h5py.File(target, "r+") as file:
        values = file[name][:]
        del file[name]
        file[name] = values[..., list(order)]
    return target


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_every_order_that_moves_cds_is_seen_and_no_other(made, tmp_path, order):
    for source, name, phases in (("t.h5", "data/y", "data/phases"), ("p.h5", "predictions", "predictions_phase")):
        with h5py.File(reordered(made / source, tmp_path / source, name, order)) as file:
            column = order.index(CDS)
            assert class_order_of(file, name, phases).misplaced_cds() == ("" if column == CDS else CLASSES[column])


def test_chance_says_nothing(tmp_path):
    rng = np.random.default_rng(1)
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file["p"] = rng.dirichlet(np.full(4, 0.3), (30, 500)).astype(np.float32)
        file["q"] = rng.dirichlet(np.full(4, 0.3), (30, 500)).astype(np.float32)
        file["none"] = np.zeros((0, 500, 4))
        file["intergenic"] = np.tile(np.float32([1, 0, 0, 0]), (30, 500, 1))
        assert class_order_of(file, "p", "q").misplaced_cds() == ""
        assert class_order_of(file, "none", "none").misplaced_cds() == ""
        assert class_order_of(file, "p", "intergenic").misplaced_cds() == ""


def test_training_on_classes_in_another_order_is_refused(made, tmp_path, run_cli):
    pytest.importorskip("tensorflow")
    from training_rows import write_base_model

    other = reordered(made / "t.h5", tmp_path / "t.h5", "data/y", (2, 1, 0, 3))
    words = ["--base-model", write_base_model(tmp_path / "m.h5"), "--train", other, "--validation", made / "t.h5"]
    code, told = run_cli("tune-model", "--mode", "new-head", *words, "--output", tmp_path / "o.h5")
    assert code == 1
    assert "phases belong to the column of intergenic" in told
    assert not (tmp_path / "o.h5").exists()


def test_calling_genes_from_classes_in_another_order_warns(made, tmp_path, run_cli):
    other = reordered(made / "p.h5", tmp_path / "p.h5", "predictions", (0, 1, 3, 2))
    for predictions, warned in ((made / "p.h5", False), (other, True)):
        words = ["--genome", made / "g.h5", "--predictions", predictions, "--output", tmp_path / "genes.gff3"]
        code, told = run_cli("call-genes", *words)
        assert code == 0
        assert ("phases belong to the column of intron" in told) is warned


@pytest.mark.parametrize(("order", "warned"), [((0, 1, 2, 3), False), ((0, 1, 3, 2), True)])
def test_calling_a_shard_of_a_model_of_another_order_warns(made, tmp_path, run_cli, order, warned):
    pytest.importorskip("openvino")
    model = tmp_path / "m.h5"
    model.write_bytes(MODEL.read_bytes())
    with h5py.File(model, "r+") as file:
        head = file["model_weights/dense/dense"]
        for name in ("kernel:0", "bias:0"):  # the last axis: classes and phases, nine bases each, four columns a base
            columns = head[name][:].reshape(-1, 2, 9, 4)
            columns[:, 0] = columns[:, 0][..., list(order)]
            head[name][...] = columns.reshape(head[name].shape)
    genome, predictions = ("--genome", made / "g.h5"), tmp_path / "p.h5"
    assert (
        run_cli("predict-classes", *genome, "--model", model, "--engine", "openvino", "--compact", predictions)[0] == 0
    )
    words = ("--predictions", predictions, "--shard", "2/2", "--output", tmp_path / "genes.gff3")
    code, told = run_cli("call-genes", *genome, *words)
    assert code == 0
    assert ("p.h5: its phases belong to the column of intron" in told) is warned
