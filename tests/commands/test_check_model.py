"""`helixtune check-model`."""

import json
from pathlib import Path

from helixtune.cli import main

CASES = Path(__file__).parents[1] / "data" / "cases" / "model"


def report_of(capsys, *words) -> str:
    assert main(["check-model", *map(str, words)]) == 0
    return capsys.readouterr().out


def test_it_names_shape_parameters_and_engine(capsys):
    text = report_of(capsys, CASES / "04-coverage-hidden-lost-lstm" / "model.h5")
    assert "parameters:           12716" in text
    assert "coverage and spliced coverage of 2 BAM files; normalisation not recorded" in text
    assert "bidirectional: BidirectionalLSTM, units 8" in text
    assert "engine:" in text


def test_json_holds_the_same_facts(capsys):
    facts = json.loads(report_of(capsys, "--json", CASES / "05-no-phase-clipped" / "model.h5"))
    assert facts["predicts"] == "classes"
    assert facts["pool size"] == 9
    assert len(facts["layers"]) == 4


def test_something_else_is_an_error(run_cli):
    code, message = run_cli("check-model", CASES / "genome.h5")
    assert code == 1
    assert message.startswith("helixtune check-model: Model file ")
    assert "not a Keras model" in message
    assert len(message.strip().splitlines()) == 1
