import json

import pytest

from helixtune.cli import COMMANDS, build_parser, main


@pytest.fixture
def genome_h5(tmp_path, run_cli, write_fasta):
    output = tmp_path / "g.h5"
    fasta = write_fasta({f"c{i}": "ACGT" * 9 for i in range(12)})
    assert (
        run_cli("encode-genome", "--fasta", fasta, "--species", "x", "--subsequence-length", 18, "--output", output)[0]
        == 0
    )
    return output


def test_inspect_names_kind_datasets_and_sequences(genome_h5, capsys):
    assert main(["inspect", str(genome_h5), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["kind"] == "helixtune genome"
    assert facts["sequences"]["c3"] == 36
    assert facts["datasets"]["data/X"]["shape"] == [48, 18, 4]


def test_inspect_as_text_counts_what_it_leaves_out(genome_h5, capsys):
    assert main(["inspect", str(genome_h5)]) == 0
    text = capsys.readouterr().out
    assert "sequence c0: 36 bp" in text
    assert "2 more sequences" in text


def test_inspect_of_a_text_file_is_one_sentence(tmp_path, run_cli):
    (tmp_path / "x.h5").write_text("no")
    code, message = run_cli("inspect", tmp_path / "x.h5")
    assert (code, len(message.splitlines())) == (1, 1)


def test_doctor_names_engines_and_runtimes(capsys):
    assert main(["doctor", "--json"]) == 0
    findings = json.loads(capsys.readouterr().out)
    assert {"engine tensorflow", "GPU", "nextflow", "runtime podman"} <= findings.keys()
    assert findings["engine tensorflow"].startswith("tensorflow")


@pytest.mark.parametrize("verb", COMMANDS)
def test_every_command_has_help(verb, capsys):
    assert main([verb, "--help"]) == 0
    assert "--debug" in capsys.readouterr().out


def test_commands_start_without_tensorflow():
    import subprocess
    import sys

    code = "import sys; from helixtune.cli import build_parser; build_parser(); sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    assert build_parser(("doctor",)).parse_args(["doctor"]).verb == "doctor"
