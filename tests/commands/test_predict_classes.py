"""`helixtune predict-classes`: what it writes, and what it says when something is wrong."""

import json
from pathlib import Path

import h5py
import numpy as np
import pytest

CASES = Path(__file__).parents[1] / "data" / "cases" / "model"
PLAIN, COVERAGE = CASES / "01-plain" / "model.h5", CASES / "03-coverage" / "model.h5"
GENOME = CASES / "genome.h5"


@pytest.fixture
def predict(run_cli, tmp_path):
    """Run the command; returns exit code, message and the output path."""

    def run(*words, model=PLAIN, genome=GENOME, name="predictions.h5"):
        output = tmp_path / name
        code, message = run_cli("predict-classes", "--model", model, "--genome", genome, "--output", output, *words)
        return code, message, output

    return run


def test_output_has_the_rows_of_the_genome_and_says_how_it_was_made(predict):
    code, message, output = predict("--engine", "openvino", "--precision", "float32")
    assert code == 0, message
    with h5py.File(output) as file, h5py.File(GENOME) as genome:
        assert file["predictions"].shape == file["predictions_phase"].shape == genome["data/X"].shape
        assert file["predictions"].dtype == np.float16
        assert file["predictions"].chunks == (1, 2160, 4)
        attributes = dict(file.attrs)
    assert "fasta_sha256" not in attributes  # the genome file does not say
    assert attributes["register"] == "last"
    assert attributes["n_bases_removed"] == 0
    assert attributes["engine"].startswith("OpenVINO ")
    assert attributes["model_md5sum"] == "e4abb1c976cfb224361222e94a81eab6  model.h5"
    assert len(attributes["model_sha256"]) == 64
    assert json.loads(attributes["model_config"])["class_name"] == "Functional"
    settings = json.loads(attributes["settings"])
    assert (settings["overlap"], settings["overlap_offset"], settings["core_length"]) == (True, 1080, 1620)
    assert output.with_suffix(".summary.json").exists()


@pytest.mark.parametrize("engine", ["tensorflow", "openvino"])
def test_the_same_input_gives_the_same_bytes(engine, predict):
    pytest.importorskip(engine)
    files = []
    for run, threads in enumerate((1, 2, 2)):
        code, message, output = predict("--engine", engine, "--device", "cpu", "--threads", threads, name=f"p{run}.h5")
        assert code == 0, message
        files.append(output.read_bytes())
    assert files[0] == files[1] == files[2]


def test_a_model_without_phase_gives_one_dataset(predict):
    folder = CASES / "05-no-phase-clipped"
    code, message, output = predict(model=folder / "model.h5", genome=folder / "genome.h5")
    assert code == 0
    assert "1 bases at the end of every subsequence get no prediction" in message
    with h5py.File(output) as file:
        assert "predictions_phase" not in file
        assert file.attrs["n_bases_removed"] == 1
        probs = file["predictions"][:]
        lengths = np.abs(np.diff(h5py.File(folder / "genome.h5")["data/start_ends"][:]))[:, 0]
    assert not probs[lengths == 1000][-1, -1].any()


def test_the_norm_in_a_model_file_needs_no_option(predict, tmp_path):
    told, silent = tmp_path / "told.h5", COVERAGE
    told.write_bytes(silent.read_bytes())
    with h5py.File(told, "r+") as file:
        file.attrs["coverage_norm"] = "log"
    without = predict(model=told, name="a.h5")
    given = predict("--coverage-norm", "log", model=silent, name="b.h5")
    assert (without[0], given[0]) == (0, 0)
    with h5py.File(without[2]) as ours, h5py.File(given[2]) as theirs:
        np.testing.assert_array_equal(ours["predictions"][:], theirs["predictions"][:])
    code, message, _ = predict("--coverage-norm", "linear", model=told, name="c.h5")
    assert (code, "was tuned with log" in message) == (1, True)


def test_bam_files_in_another_order_are_refused(predict, tmp_path):
    model = tmp_path / "m.h5"
    model.write_bytes(COVERAGE.read_bytes())
    with h5py.File(model, "r+") as file:
        file.attrs["coverage_norm"] = "log"
        file.attrs["bam_files"] = ["sample1.bam", "sample0.bam"]
    code, message, _ = predict(model=model)
    assert code == 1
    assert "the model was tuned with them in the order sample1.bam, sample0.bam" in message


ERRORS = {
    "offset without overlap": (["--no-overlap", "--overlap-offset", 100], {}, "mean nothing with --no-overlap"),
    "core too long": (["--core-length", 3000], {}, "longer than a subsequence (2160)"),
    "offset too large": (["--overlap-offset", 2000], {}, "would have no prediction"),
    "norm without coverage": (["--coverage-norm", "log"], {}, "does not use coverage"),
    "norm missing": ([], {"model": COVERAGE}, "give --coverage-norm"),
    "batch size": (["--batch-size", 0], {}, "--batch-size 0"),
    "threads": (["--threads", 0], {}, "--threads 0"),
    "model missing": ([], {"model": "no.h5"}, "model file no.h5 does not exist"),
    "genome missing": ([], {"genome": "no.h5"}, "no.h5 does not exist"),
    "genome is a model": ([], {"genome": PLAIN}, "has no dataset 'data/X'"),
    "model is a genome": ([], {"model": GENOME}, "not a Keras model"),
    "no coverage in genome": (
        ["--coverage-norm", "log"],
        {"model": COVERAGE, "genome": CASES / "05-no-phase-clipped" / "genome.h5"},
        "has no dataset 'evaluation/rnaseq_coverage'",
    ),
}


@pytest.mark.parametrize("name", ERRORS)
def test_errors_are_one_sentence_and_leave_nothing(name, predict, tmp_path):
    words, files, expected = ERRORS[name]
    code, message, _ = predict(*words, **files)
    assert code == 1
    lines = [line for line in message.splitlines() if not line.startswith("WARNING")]
    assert len(lines) == 1
    assert expected in lines[0]
    assert not list(tmp_path.glob("*predictions*"))


def test_a_damaged_row_is_named_and_nothing_is_left(predict, tmp_path):
    genome = tmp_path / "genome.h5"
    data = bytearray(GENOME.read_bytes())
    with h5py.File(GENOME) as file:
        chunk = file["data/X"].id.get_chunk_info(3)
    data[chunk.byte_offset : chunk.byte_offset + chunk.size] = b"\xff" * chunk.size
    genome.write_bytes(data)
    code, message, _ = predict(genome=genome)
    assert code == 1
    assert "row 3 of '/data/X' is damaged" in message
    assert {path.name for path in tmp_path.iterdir()} == {"genome.h5"}


def test_a_second_prediction_takes_the_engine_of_the_first(predict, tmp_path):
    """`auto` may choose another precision for a tuned model than for its base."""
    record = tmp_path / "engine.json"
    code, message, first = predict("--engine", "openvino", "--precision", "float32", "--engine-record", record)
    assert code == 0, message
    facts = json.loads(record.read_text())
    assert (facts["engine"], facts["precision"], facts["device"]) == ("openvino", "float32", "cpu")
    code, message, second = predict("--engine-of", record, name="second.h5")
    assert code == 0, message
    with h5py.File(first) as one, h5py.File(second) as other:
        assert one.attrs["engine"] == other.attrs["engine"]
        np.testing.assert_array_equal(one["predictions"][:], other["predictions"][:])


@pytest.mark.parametrize(
    ("text", "words", "sentence"),
    [
        ('{"engine": "openvino"}', (), "is no record of an engine"),
        ("[]", (), "is no record of an engine"),
        ('{"engine": "magic", "precision": "float32", "device": "cpu"}', (), "names an engine that is not known"),
        (
            '{"engine": "openvino", "precision": "float32", "device": "cpu"}',
            ("--engine", "tensorflow"),
            "says openvino",
        ),
        (
            '{"engine": "openvino", "precision": "float32", "device": "cpu"}',
            ("--precision", "bfloat16"),
            "says float32",
        ),
    ],
)
def test_a_wrong_record_of_an_engine_is_refused(text, words, sentence, predict, tmp_path):
    record = tmp_path / "engine.json"
    record.write_text(text)
    code, message, output = predict("--engine-of", record, *words)
    assert code == 1
    assert sentence in message
    assert not output.exists()
