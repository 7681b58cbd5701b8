"""Each way of tuning: lowers its loss, changes what it should, tensor by tensor, and nothing else."""

from pathlib import Path

import numpy as np
import pytest

from helixtune.cli import main
from helixtune.model.weights import read_model_file
from training_rows import write_base_model, write_sets

TRUNK = ("conv1d", "conv1d_1", "batch_normalization", "bidirectional", "bidirectional_1")
# mode, extra options, base model's peculiarities, layers that must change (of those that both models have)
CASES = {
    "new-head": (["--mode", "new-head"], {}, {"dense"}),
    "new-head-hidden": (["--mode", "new-head", "--hidden-units", "5"], {}, {"dense", "dense_1"}),
    "new-head-random": (["--mode", "new-head", "--head-init", "random"], {}, {"dense"}),
    "new-head-deeper": (["--mode", "new-head", "--freeze-until", "bidirectional"], {}, {"bidirectional_1", "dense"}),
    "new-head-dropout": (["--mode", "new-head"], {"dropout1": 0.1, "dropout2": 0.1}, {"dense"}),
    "coverage-head": (["--mode", "coverage-head"], {}, {"dense"}),
    "coverage-hidden": (["--mode", "coverage-head", "--hidden-units", "5"], {}, {"dense", "dense_1"}),
    "continue-head": (["--mode", "continue-head"], {}, {"dense"}),
    "continue-coverage": (["--mode", "continue-head"], {"coverage_tracks": 2}, {"dense"}),
    "whole-network": (["--mode", "whole-network"], {}, {*TRUNK, "dense"}),
    "whole-coverage": (["--mode", "whole-network"], {"coverage_tracks": 2}, {*TRUNK, "dense"}),
    "whole-from-conv": (
        ["--mode", "whole-network", "--freeze-until", "conv1d"],
        {},
        {"conv1d_1", "batch_normalization", "bidirectional", "bidirectional_1", "dense"},
    ),
}


def tune(folder: Path, options, base_shape, name="tuned") -> Path:
    """Tune a fresh tiny base model; returns the tuned model's path."""
    folder.mkdir(exist_ok=True)
    with_coverage = "coverage-head" in options or "coverage_tracks" in base_shape
    train, validation = write_sets(folder, tracks=2 if with_coverage else 0)
    attributes = {"coverage_norm": "log"} if "coverage_tracks" in base_shape else {}
    base = write_base_model(folder / "base.h5", attributes=attributes, **base_shape)
    output = folder / f"{name}.h5"
    words = ["--base-model", base, "--train", train, "--validation", validation, "--output", output]
    rate = [] if "--learning-rate" in options else ["--learning-rate", "0.02"]
    code = main(
        [str(word) for word in ["tune-model", *options, *words, "--epochs", "3", "--batch-size", "4", "--quiet", *rate]]
    )
    assert code == 0
    return output


@pytest.fixture(scope="module", params=CASES)
def tuned(request, tmp_path_factory):
    options, shape, changing = CASES[request.param]
    folder = tmp_path_factory.mktemp(request.param)
    return tune(folder, options, shape), changing


def log_lines(model: Path) -> list[dict]:
    lines = [line.split("\t") for line in model.with_suffix(".training_log.tsv").read_text().splitlines()]
    return [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]


def test_lowers_its_loss(tuned):
    lines = log_lines(tuned[0])
    assert float(lines[-1]["train_loss"]) < float(lines[1]["train_loss"])


def test_changes_exactly_what_it_should(tuned):
    model, changing = tuned
    before, after = (read_model_file(path).weights for path in (model.with_name("base.h5"), model))
    assert set(TRUNK) < set(after)
    for layer in set(before) | set(after):
        same = layer in before and all(
            np.array_equal(old, new) for old, new in zip(before[layer], after[layer], strict=True)
        )
        assert same == (layer not in changing), layer
    for layer in changing & set(before):
        shapes = [[array.shape for array in weights[layer]] for weights in (before, after)]
        if shapes[0] == shapes[1]:
            unchanged = [np.array_equal(old, new) for old, new in zip(before[layer], after[layer], strict=True)]
            assert not any(unchanged), f"{layer}: {unchanged}"


def test_model_says_what_it_is(tuned):
    model, _ = tuned
    file = read_model_file(model)
    assert file.attributes["base_model_sha256"] == read_model_file(model.with_name("base.h5")).sha256
    if file.graph.coverage_tracks:
        assert file.coverage_norm == "log"
        assert list(file.attributes["bam_files"]) == ["sample0.bam", "sample1.bam"]
    card = model.with_suffix(".model_card.md").read_text()
    assert file.attributes["base_model_sha256"] in card
    assert "train.h5 | 12" in card


def test_same_seed_same_bytes(tmp_path):
    for name in ("one", "two"):
        tune(tmp_path / name, ["--mode", "new-head"], {"dropout2": 0.2})
    assert (tmp_path / "one/tuned.h5").read_bytes() == (tmp_path / "two/tuned.h5").read_bytes()
    cards = [(tmp_path / name / "tuned.model_card.md").read_text() for name in ("one", "two")]
    assert cards[0] == cards[1]
