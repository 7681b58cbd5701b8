"""A file that is damaged between two stages: the next one says so in one sentence, and writes nothing."""

import subprocess
import sys

import pytest

from fault_commands import VERBS, contents, copy_inputs
from helixtune.cli import main

# command, the input of it that is cut, where (share of its bytes)
CUT = [
    ("predict-classes", "genome.h5", 0.5),
    ("call-genes", "predictions.h5", 0.9),
    ("call-genes", "genome.h5", 0.99),
    ("call-genes 1/2", "part1.h5", 0.7),
    ("gather-shards", "part2.gff3.gz", 0.5),
    ("gather-shards", "genome.h5", 0.6),
    ("encode-labels", "genes.gff3", 0.503),
    ("score-shard", "genome.h5", 0.9),
    ("score-shard", "part1.h5", 0.5),
    ("score-shard", "genes.gff3", 0.503),
    ("add-coverage", "training.h5", 0.5),
    ("add-coverage", "species/reads.bam", 0.6),
    ("select-confident", "covered.h5", 0.5),
    ("select-confident", "predictions.h5", 0.3),
    ("split-subsequences", "filtered.h5", 0.8),
    ("tune-model --mode new-head", "train.h5", 0.5),
    ("evaluate-genes", "predictions.h5", 0.999),
    ("write-report", "report/tiny.metrics.json", 0.5),
    ("export-tracks", "predictions.h5", 0.4),
]


@pytest.mark.parametrize(("name", "damaged", "share"), CUT, ids=[f"{name}: {damaged}" for name, damaged, _ in CUT])
def test_truncated_input(name, damaged, share, undisturbed, tmp_path, monkeypatch, capsys, reliability):
    verb = VERBS[name]
    copy_inputs(verb, undisturbed, tmp_path)
    data = (tmp_path / damaged).read_bytes()
    (tmp_path / damaged).unlink()  # a link to what other tests read
    (tmp_path / damaged).write_bytes(data[: int(len(data) * share)])
    before = set(tmp_path.rglob("*"))
    monkeypatch.chdir(tmp_path)
    assert main(verb.argv()) == 1
    said = capsys.readouterr().err.strip().splitlines()[-1]
    assert said.startswith(f"helixtune {verb.argv()[0]}: ")
    assert damaged.split("/")[-1] in said
    assert not {path for path in set(tmp_path.rglob("*")) - before if path.is_file()}
    reliability(
        "faults",
        f"{name}: {damaged} ends after {share:.1%} of its bytes",
        "one sentence that names it; no output",
        "exit 1",
    )


def test_input_replaced_while_it_is_read(undisturbed, expected_of, tmp_path, reliability):
    """A file that takes another's name (as every stage writes) does not disturb who reads the old one."""
    verb = VERBS["select-confident"]
    expected = expected_of(verb)
    copy_inputs(verb, undisturbed, tmp_path)
    script = (
        "import os, sys\n"
        "import helixtune.selection.run as run\n"
        "from helixtune.cli import main\n"
        "choose = run.choose\n"
        "def replaced_before(*words):\n"
        "    open('other', 'w').write('not what it was')\n"
        "    os.replace('other', 'covered.h5')\n"
        "    return choose(*words)\n"
        "run.choose = replaced_before\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    subprocess.run([sys.executable, "-c", script, *verb.argv()], cwd=tmp_path, check=True, timeout=300)
    assert (tmp_path / "covered.h5").read_text() == "not what it was"
    assert contents(tmp_path, verb) == expected
    reliability(
        "faults",
        "select-confident: its input is replaced by another file while it is read",
        "it reads the file that it opened to the end",
        "the bytes of an undisturbed run",
    )
