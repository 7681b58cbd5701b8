import json

import pytest

from helixtune.cli import COMMANDS, main
from helixtune.outcome import _finite


@pytest.fixture
def told(capsys):
    """Run a command with --json; returns (exit code, parsed standard output, standard error)."""

    def run(*words):
        code = main([*(str(word) for word in words), "--json"])
        output = capsys.readouterr()
        return code, json.loads(output.out), output.err

    return run


def test_a_command_tells_what_it_wrote(told, tmp_path, write_fasta):
    fasta = write_fasta({"a": "ACGT" * 20})
    code, facts, _ = told(
        "encode-genome", "--fasta", fasta, "--species", "x", "--subsequence-length", 40, "--output", tmp_path / "g.h5"
    )
    assert code == facts["exit_code"] == 0
    assert facts["command"] == "encode-genome"
    assert facts["files"] == {"output": str(tmp_path / "g.h5")}
    assert (facts["subsequences"], facts["bases_of_both_strands"]) == (4, 160)


def test_an_error_is_told_as_the_same_sentence_and_exit_code(told, tmp_path):
    code, facts, message = told(
        "encode-genome", "--fasta", tmp_path / "no.fa", "--species", "x", "--output", tmp_path / "g.h5"
    )
    assert code == facts["exit_code"] == 1
    assert facts["error"].endswith("no.fa does not exist: check the path.")
    assert facts["error"] in message
    assert "files" not in facts


def test_warnings_are_told_once_each(told, tmp_path):
    empty = tmp_path / "empty.gff3"
    empty.write_text("##gff-version 3\n")
    code, facts, _ = told("evaluate-genes", "--predicted", empty, "--output", tmp_path / "m.json")
    assert code == 0
    assert len(facts["warnings"]) == 1
    assert "holds no gene" in facts["warnings"][0]
    assert facts["gene_statistics"]["predicted"]["genes"] == 0


def test_quiet_leaves_only_the_object(told, tmp_path, write_fasta):
    words = ["encode-genome", "--fasta", write_fasta({"a": "ACGT" * 9}), "--species", "x", "--subsequence-length", 18]
    assert told(*words, "--output", tmp_path / "g.h5", "--quiet")[2] == ""


@pytest.mark.parametrize("verb", COMMANDS)
def test_every_verb_takes_json_and_quiet(verb, capsys):
    assert main([verb, "--help"]) == 0
    help_text = capsys.readouterr().out
    assert "--json" in help_text
    assert "--quiet" in help_text


def test_numbers_that_json_does_not_have_become_null():
    assert _finite({"a": float("nan"), "b": [1.0, float("inf")]}) == {"a": None, "b": [1.0, None]}


def test_completion_and_doctor_print_an_object_too(told):
    assert told("completion", "bash")[1]["script"].startswith("# bash completion")
    assert any(line.startswith("predict: yes, with") for line in told("doctor")[1]["can run"])
