"""`helixtune train-model`: a model from random weights, its log and card, and what it refuses."""

import h5py
import numpy as np
import pytest

from helixtune.model.weights import read_model_file
from training_rows import write_rows, write_sets

NETWORK = ["--cnn-layers", "2", "--filter-depth", "4", "--kernel-size", "4", "--pool-size", "3", "--units", "4"]


def words(folder, train, validation, *more):
    """Return the words of a short training."""
    sets = ["--train", train, "--validation", validation, "--output", folder / "model.h5"]
    return ["train-model", *sets, *NETWORK, "--epochs", "2", "--seed", "5", *more]


@pytest.fixture(scope="module")
def sets(tmp_path_factory):
    return write_sets(tmp_path_factory.mktemp("sets"))


def test_writes_model_log_and_card(run_cli, sets, tmp_path):
    code, errors = run_cli(*words(tmp_path, *sets, "--pieces", "2", "--dropout2", "0.1"))
    assert (code, "wrote" in errors) == (0, True)
    model = read_model_file(tmp_path / "model.h5")
    assert (model.graph.pool_size, model.attributes["task"]) == (3, "train-model")
    log = (tmp_path / "model.training_log.tsv").read_text().splitlines()
    assert [line.split("\t")[1] for line in log] == ["epoch", "0", "1", "2"]
    assert "trained from random weights" in (tmp_path / "model.model_card.md").read_text()
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_several_files_are_one_set(run_cli, sets, tmp_path):
    code, errors = run_cli(*words(tmp_path, *sets, "--train", sets[1]))
    assert code == 0
    assert "16 training rows, 4 validation rows" in errors


def test_same_seed_same_bytes_and_other_seed_other_weights(run_cli, sets, tmp_path):
    for name, seed in (("a", "5"), ("b", "5"), ("c", "6")):
        (tmp_path / name).mkdir()
        assert run_cli(*words(tmp_path / name, *sets, "--seed", seed))[0] == 0
    one, two, other = ((tmp_path / name / "model.h5").read_bytes() for name in "abc")
    assert one == two != other


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--class-weights", "1,2,3"], "--class-weights '1,2,3': 4 numbers"),
        (["--transition-weights", "[1, 2, x]"], "--transition-weights '[1, 2, x]': 6 numbers"),
        (["--learning-rate", "-1"], "--learning-rate -1.0"),
        (["--batch-size", "0"], "--batch-size 0: it must be at least 1"),
        (["--pieces", "5"], "--pieces 5: rows of 18 time steps"),
        (["--pool-size", "1"], "pool_size"),
        (["--train", "nowhere.h5"], "nowhere.h5 does not exist"),
    ],
)
def test_refuses_in_one_sentence(run_cli, sets, tmp_path, more, message):
    code, errors = run_cli(*words(tmp_path, *sets, *more))
    assert code == 1
    assert message in errors.splitlines()[-1]
    assert list(tmp_path.iterdir()) == []


def test_empty_validation_set_is_refused(run_cli, sets, tmp_path):
    empty = write_rows(tmp_path / "empty.h5", [(0, 54)], 54, valid=[0])
    code, errors = run_cli(*words(tmp_path, sets[0], empty))
    assert code == 1
    assert "The validation set" in errors
    assert not (tmp_path / "model.h5").exists()


def test_masked_rows_are_not_learned_from(run_cli, sets, tmp_path):
    """A training set whose labels are all masked changes nothing but normalisation and decay, and is judged worse."""
    with h5py.File(sets[0]) as source, h5py.File(tmp_path / "masked.h5", "w") as file:
        source.copy("data", file)
        file["data/sample_weights"][:] = np.int8(0)
    assert run_cli(*words(tmp_path, tmp_path / "masked.h5", sets[1]))[0] == 0
    log = (tmp_path / "model.training_log.tsv").read_text().splitlines()
    assert {line.split("\t")[4] for line in log[2:]} == {"0"}
