"""Errors that take some preparation: files that two programs, or two versions of a genome, have touched."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import h5py
import numpy as np
import pytest

from bam_files import write_bam
from helixtune.engines import EngineSettings, load_engine
from helixtune.errors import HelixtuneError, ModelFileError, ParameterError
from helixtune.gene_calling.prediction_source import PredictionSource
from helixtune.model.keras_backend import load_keras
from helixtune.model.network import describe_network
from helixtune.model.weights import read_model_file
from small_files import write_small_files
from training_rows import SHAPE, write_base_model, write_rows, write_sets

TESTS = Path(__file__).parents[1]
MODELS = TESTS / "data/cases/model"
PLAIN, WITHOUT_PHASES = MODELS / "01-plain/model.h5", MODELS / "05-no-phase-clipped/model.h5"
PREDICTIONS = ("predictions", "predictions_phase")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A genome of two sequences, genes on it, training rows and predictions of it; {name: path}."""
    return write_small_files(tmp_path_factory.mktemp("made"))


@pytest.fixture
def refused(run_cli, tmp_path):
    """Run a command that must end with one sentence and without an output; the option of the output is the last word."""

    def run(sentence, *words):
        output = tmp_path / "output"
        code, told = run_cli(*words, output)
        errors = [line for line in told.splitlines() if line.startswith("helixtune ")]
        assert (code, len(errors)) == (1, 1), told
        assert sentence in errors[0]
        assert not output.exists()

    return run


def changed(path, folder, change):
    """Return a copy of an HDF5 file after `change(file)`."""
    copy = folder / f"changed.{path.name}"
    shutil.copy(path, copy)
    with h5py.File(copy, "r+") as file:
        change(file)
    return copy


def replaced(**datasets):
    """Return a change of an HDF5 file: other arrays, or None to remove one."""

    def change(file):
        for name, value in datasets.items():
            del file[name]
            if value is not None:
                file[name] = value

    return change


def every_row(file, select):
    """Apply `select` to all datasets that have a row each."""
    names = []
    file.visititems(lambda name, item: names.append(name) if isinstance(item, h5py.Dataset) else None)
    for name in names:
        kept = select(file[name][:])
        del file[name]
        file[name] = kept


def test_predictions_of_another_row_length(made, tmp_path, refused):
    wide = np.full((6, 80, 4), 0.25, np.float32)
    other = changed(made["p.h5"], tmp_path, lambda file: every_row(file, lambda rows: rows[:6]))
    with h5py.File(other, "r+") as file:
        replaced(**dict.fromkeys(PREDICTIONS, wide))(file)
    words = ["--genome", made["g.h5"], "--base-genes", made["g.gff3"], "--base-predictions", other, "--output"]
    refused("give the predictions that were made from this very file", "evaluate-genes", *words)


def test_nameless_predictions_of_another_genome(made, tmp_path, refused):
    def shorten(file):
        every_row(file, lambda rows: rows[:-2])
        del file["data"]

    other = changed(made["p.h5"], tmp_path, shorten)
    words = ["--genome", made["g.h5"], "--base-genes", made["g.gff3"], "--base-predictions", other, "--output"]
    refused("rows and does not name them", "evaluate-genes", *words)


def test_nameless_predictions_of_more_rows_than_the_labels(made, tmp_path, refused):
    nameless = changed(made["p.h5"], tmp_path, lambda file: file.__delitem__("data"))
    fewer = changed(made["t.h5"], tmp_path, lambda file: every_row(file, lambda rows: rows[:6]))
    words = ["--h5-to-filter", fewer, "--predictions", nameless, "--output-file"]
    refused("it has not the rows of the training file's sequences", "select-confident", *words)


def profile_file(path, alphabet_name, letters):
    pyhmmer = pytest.importorskip("pyhmmer", reason="the extra `hmm` is not installed")
    alphabet = getattr(pyhmmer.easel.Alphabet, alphabet_name)()
    builder, background = pyhmmer.plan7.Builder(alphabet), pyhmmer.plan7.Background(alphabet)
    sequence = pyhmmer.easel.TextSequence(name=b"one", sequence=letters).digitize(alphabet)
    with path.open("wb") as file:
        builder.build(sequence, background)[0].write(file)
    return path


def test_profiles_of_nucleotides(made, tmp_path, refused):
    hmms = profile_file(tmp_path / "x.hmm", "dna", "ACGTTGCAAC" * 6)
    words = ["--genome", made["g.h5"], "--base-genes", made["g.gff3"], "--base-predictions", made["p.h5"]]
    refused("does not hold profiles of proteins alone", "evaluate-genes", *words, "--hmms", hmms, "--output")


def test_profiles_without_the_library_for_them(made, refused, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyhmmer", None)  # what Python remembers of a package that is not there
    words = ["--genome", made["g.h5"], "--base-genes", made["g.gff3"], "--base-predictions", made["p.h5"]]
    refused("--hmms needs pyhmmer", "evaluate-genes", *words, "--hmms", made["g.gff3"], "--output")


def test_tracks_without_the_library_for_them(made, refused, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyBigWig", None)
    words = ["--genome", made["g.h5"], "--predictions", made["p.h5"], "--format", "bigwig"]
    refused("needs the package pyBigWig", "export-tracks", *words, "--output-dir")


def test_an_engine_that_is_not_installed(made, refused, monkeypatch):
    monkeypatch.setattr("helixtune.engines.find_spec", lambda name: None)
    words = ["--model", PLAIN, "--genome", made["g.h5"], "--engine", "tensorflow"]
    refused("Engine tensorflow is not installed", "predict-classes", *words, "--output")


def test_a_gpu_that_is_not_there(made, refused):
    tensorflow = pytest.importorskip("tensorflow")
    if tensorflow.config.list_physical_devices("GPU"):
        pytest.skip("there is a GPU here")
    words = ["--model", PLAIN, "--genome", made["g.h5"], "--engine", "tensorflow", "--device", "gpu"]
    refused("TensorFlow sees no GPU", "predict-classes", *words, "--output")


def test_one_row_that_the_memory_of_the_device_cannot_hold(monkeypatch):
    tensorflow = pytest.importorskip("tensorflow")
    engine = load_engine(read_model_file(PLAIN), EngineSettings("tensorflow", "cpu"))

    def full(batch):
        raise tensorflow.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor")

    monkeypatch.setattr(engine, "_forward", full)
    with pytest.raises(HelixtuneError, match="does not fit into the device's memory"):
        list(engine.predict_many([np.zeros((2, 90, 4), np.float16)]))


def test_an_unknown_register(made):
    with pytest.raises(ParameterError, match="--register sideways: choose one of"):
        PredictionSource(made["g.h5"], made["p.h5"], "sideways", 1)


def test_rows_in_another_order_cannot_overlap(made, tmp_path, refused):
    pytest.importorskip("openvino")
    other = changed(made["g.h5"], tmp_path, lambda file: every_row(file, lambda rows: rows[::-1]))
    windows = ["--overlap", "--overlap-offset", 9, "--core-length", 18]
    words = ["--model", PLAIN, "--genome", other, "--engine", "openvino", *windows, "--output"]
    refused("not in the order plus strand, minus strand", "predict-classes", *words)


def test_coverage_of_a_file_without_bases_and_classes(made, tmp_path, refused):
    bam = write_bam(tmp_path / "a.bam", {"a": 100, "b": 50}, [(0, "a", 5, "10M")])
    other = changed(made["g.h5"], tmp_path, replaced(**{"data/X": None}))
    words = ["--data", other, "--bam", bam, "--library", "unstranded", "--output"]
    refused("has neither 'data/X' nor 'data/y'", "add-coverage", *words)


def test_coverage_that_was_added_before(made, tmp_path, refused, run_cli):
    bam = write_bam(tmp_path / "a.bam", {"a": 100, "b": 50}, [(0, "a", 5, "10M")])
    words = ["--bam", bam, "--library", "unstranded", "--output"]
    assert run_cli("add-coverage", "--data", made["g.h5"], *words, tmp_path / "once.h5")[0] == 0
    refused(
        f"holds the coverage of {bam} already: leave it out", "add-coverage", "--data", tmp_path / "once.h5", *words
    )


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (replaced(**{"data/gene_lengths": None}), "do not both have 'data/gene_lengths': prepare them the same way"),
        (lambda file: file.create_dataset("evaluation/rnaseq_coverage", data=np.zeros((10, 40, 2))), "number of BAM files"),
    ],
)  # fmt: skip
def test_training_files_that_were_made_differently(made, tmp_path, refused, change, sentence):
    first = made["t.h5"]
    if "BAM" in sentence:
        one_bam = np.zeros((10, 40, 1))
        first = changed(first, tmp_path, lambda file: file.create_dataset("evaluation/rnaseq_coverage", data=one_bam))
        first = first.rename(tmp_path / "first.h5")
    second = changed(made["t.h5"], tmp_path, change)
    words = ["--predictions", made["p.h5"], made["p.h5"], "--output-file"]
    refused(sentence, "select-confident", "--h5-to-filter", first, second, *words)


def test_rows_shorter_than_a_time_step(tmp_path, refused):
    pytest.importorskip("tensorflow")
    base = write_base_model(tmp_path / "base.h5", pool_size=9)
    sets = [write_rows(tmp_path / f"{name}.h5", [(0, 6), (6, 12)], 6, seqid=name.encode()) for name in ("one", "two")]
    words = ["--base-model", base, "--train", sets[0], "--validation", sets[1], "--output"]
    refused("rows of 6 bp are shorter than one step", "tune-model", "--mode", "new-head", *words)


def test_freezing_up_to_a_layer_that_is_not_there(tmp_path, refused):
    pytest.importorskip("tensorflow")
    train, validation = write_sets(tmp_path)
    words = ["--base-model", write_base_model(tmp_path / "base.h5"), "--train", train, "--validation", validation]
    wishes = ["--mode", "whole-network", "--freeze-until", "nonsense", "--output"]
    refused("--freeze-until nonsense: no such layer below the head", "tune-model", *words, *wishes)


def test_features_larger_than_the_disk(tmp_path, refused, monkeypatch):
    pytest.importorskip("tensorflow")
    train, validation = write_sets(tmp_path)
    words = ["--base-model", write_base_model(tmp_path / "base.h5"), "--train", train, "--validation", validation]
    usage = shutil.disk_usage(tmp_path)._replace(free=100)
    monkeypatch.setattr("helixtune.training.embeddings.shutil.disk_usage", lambda folder: usage)
    refused("give a --checkpoint-dir on a larger disk", "tune-model", "--mode", "new-head", *words, "--output")


@pytest.fixture
def open_folder():
    """A folder that everybody may read (pytest's own are not), with x.fa."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        (Path(folder) / "x.fa").write_text(">a\nACGT\n")
        yield Path(folder)


def encode_restricted(restriction, folder):
    """Run encode-genome on x.fa of a folder in a restricted process, which must leave nothing; returns its sentence."""
    words = ["encode-genome", "--species", "x", "--fasta", folder / "x.fa", "--output", folder / "x.h5"]
    done = subprocess.run(
        [sys.executable, TESTS / "restricted_process.py", restriction, *words], capture_output=True, text=True, timeout=300,
        check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert [path.name for path in folder.iterdir()] == ["x.fa"]
    errors = [line for line in done.stderr.splitlines() if line.startswith("helixtune ")]
    assert len(errors) == 1, done.stderr
    return errors[0]


needs_superuser = pytest.mark.skipif(os.geteuid() != 0, reason="needs the superuser, who can become somebody else")


@needs_superuser
def test_a_file_that_one_may_not_read(open_folder):
    (open_folder / "x.fa").chmod(0)
    assert "cannot be read: check its permissions" in encode_restricted("nobody", open_folder)


@needs_superuser
def test_a_folder_that_one_may_not_write(open_folder):
    told = encode_restricted("nobody", open_folder)
    assert "may not be opened or written (Permission denied): check permissions" in told


def test_a_disk_that_is_full(open_folder):
    assert "there is no space left for" in encode_restricted("little-room", open_folder)


def test_rows_that_no_memory_can_hold(made, refused):
    words = ["--species", "x", "--fasta", made["g.fa"], "--subsequence-length", 10**14, "--output"]
    refused("memory ran out", "encode-genome", *words)


def test_an_output_that_is_a_folder(made, tmp_path, run_cli):
    code, told = run_cli("encode-genome", "--species", "x", "--fasta", made["g.fa"], "--output", tmp_path)
    assert code == 1
    assert told.splitlines()[-1].startswith("helixtune encode-genome: ")
    assert "a directory" in told
    assert list(tmp_path.iterdir()) == []


def fill_head(path, name, inputs=slice(None)):
    """Make numbers of the head ("kernel", of some inputs, or "bias") so large that a float32 cannot hold their sums."""
    with h5py.File(path, "r+") as file:
        found = []
        file["model_weights"].visit(lambda one: found.append(one) if one.endswith(f"dense/{name}:0") else None)
        for one in found:
            values = file["model_weights"][one][:]
            values[inputs] = 3.4e38
            file["model_weights"][one][:] = values


def test_a_head_that_diverges_whatever_is_tried(tmp_path, refused):
    pytest.importorskip("tensorflow")
    train, validation = write_sets(tmp_path, tracks=1)
    with h5py.File(validation, "r+") as file:  # without reads the start is finite
        for name in ("rnaseq_coverage", "rnaseq_spliced_coverage"):
            file[f"evaluation/{name}"][...] = 0
    base = write_base_model(tmp_path / "base.h5", attributes={"coverage_norm": "log"}, coverage_tracks=1)
    fill_head(base, "kernel", slice(2 * SHAPE["units"], None))
    words = ["--base-model", base, "--train", train, "--validation", validation, "--learning-rate", "try", "--output"]
    refused("Training diverged with every learning rate tried", "tune-model", "--mode", "continue-head", *words)


def test_a_head_that_never_gives_a_loss(tmp_path, refused):
    pytest.importorskip("tensorflow")
    train, validation = write_sets(tmp_path)
    base = write_base_model(tmp_path / "base.h5")
    fill_head(base, "kernel")
    fill_head(base, "bias")
    words = ["--base-model", base, "--train", train, "--validation", validation, "--output"]
    refused("not a finite number even before training", "tune-model", "--mode", "continue-head", *words)


@pytest.mark.parametrize("name", ["dense alone", "plain LSTM"])
def test_a_keras_model_of_another_kind(name):
    pytest.importorskip("tensorflow")
    keras = load_keras()
    inputs = keras.Input((None, 4))
    hidden = keras.layers.LSTM(3, return_sequences=True)(inputs) if name == "plain LSTM" else inputs
    model = keras.Model(inputs, keras.layers.Dense(8)(hidden))
    with pytest.raises(ModelFileError, match=r"is not (part of )?a network of this kind"):
        describe_network(model)


def test_a_learning_rate_that_is_no_number(run_cli):
    words = ["--base-model", PLAIN, "--train", "t.h5", "--validation", "v.h5", "--output", "o.h5"]
    code, told = run_cli("tune-model", "--mode", "new-head", *words, "--learning-rate", "auto")
    assert code == 2
    assert "--learning-rate: 'auto' is neither a number nor try" in told
