"""Hostile samplesheets and file names through the pipeline: every problem told at once, before any task; no shell sees a name."""

import pytest

from pipeline_runs import Run, run_pipeline, write_samplesheet

HEADER = "id,species,fasta,lineage,bam,library,group"
# What is wrong: (cells of one line, its sentence; {line} is its number, {folder} the samplesheet's)
LINES = {
    "id that climbs out of the results": ("../../etc,S one,genome.fa,,,,", 'line {line}: id is "../../etc"'),
    "id that is an absolute path": ("/etc/x,S one,genome.fa,,,,", 'line {line}: id is "/etc/x"'),
    "id of two dots": ("..,S one,genome.fa,,,,", 'line {line}: id is ".."'),
    "id with a space": ("my genome,S one,genome.fa,,,,", 'line {line}: id is "my genome"'),
    "id with a command behind a semicolon": ("a;touch PWNED,S one,genome.fa,,,,", 'line {line}: id is "a;touch PWNED"'),
    "id with a command in dollar and brackets": ("$(touch PWNED),S one,genome.fa,,,,", 'line {line}: id is "$(touch PWNED)"'),
    "id with a command in backticks": ("`touch PWNED`,S one,genome.fa,,,,", 'line {line}: id is "`touch PWNED`"'),
    "id with a Groovy expression": ("${1.exit()},S one,genome.fa,,,,", 'line {line}: id is "${{1.exit()}}"'),
    "id that looks like an option": ("--help,S one,genome.fa,,,,", 'line {line}: id is "--help"'),
    "id that is not ASCII": ("дом,S one,genome.fa,,,,", 'line {line}: id is "дом"'),
    "id of nothing": (",S one,genome.fa,,,,", "line {line}: id is missing"),
    "id used twice": ("twice,S one,genome.fa,,,,", 'id "twice" stands in line'),
    "the other one of it": ("twice,S two,genome.fa,,,,", 'id "twice" stands in line'),
    "species missing": ("s4,,genome.fa,,,,", "line {line}: species is missing"),
    "FASTA missing": ("f1,S one,,,,,", "line {line}: fasta is missing"),
    "FASTA that does not exist": ("f2,S one,absent.fa,,,,", "line {line}: fasta {folder}/absent.fa does not exist"),
    "FASTA that is a folder": ("f3,S one,folder,,,,", "line {line}: fasta {folder}/folder is a folder"),
    "FASTA that climbs to nowhere": ("f4,S one,../../../nowhere/x.fa,,,,", "nowhere/x.fa does not exist"),
    "unknown lineage": ("l1,S one,genome.fa,dragon,,,", 'line {line}: lineage is "dragon"'),
    "BAM that does not exist": ("b1,S one,genome.fa,,absent.bam,,", "line {line}: bam {folder}/absent.bam does not exist"),
    "BAM without index": ("b2,S one,genome.fa,,genome.fa,,", "line {line}: {folder}/genome.fa has no index"),
    "unknown library": ("b3,S one,genome.fa,,x.bam,dUTP,", 'line {line}: library is "dUTP"'),
    "more libraries than BAM files": ("b4,S one,genome.fa,,x.bam,auto;auto,", "line {line}: 2 values in library for 1 BAM files"),
    "library without BAM": ("b5,S one,genome.fa,,,auto,", "line {line}: 1 values in library for 0 BAM files"),
    "group that climbs out": ("g1,S one,genome.fa,,,,../x", 'line {line}: group is "../x"'),
    "group of another genome's id": ("g2,S one,genome.fa,,,,f1", 'group "f1" is also the id of a genome outside it'),
    "too few cells": ("c1,S one,genome.fa", "line {line}: the number of cells differs"),
    "too many cells": ("c2,S one,genome.fa,,,,,x,y", "line {line}: the number of cells differs"),
}  # fmt: skip
# Names that a shell would take apart or run, all of real files; a name is never more than an argument.
NAMES = {
    "spaces": "my own genome.fa",
    "semicolon and a command": "a;touch PWNED;.fa",
    "command in dollar and brackets": "a$(touch PWNED).fa",
    "command in backticks": "a`touch PWNED`.fa",
    "quotes": "a'b\"c.fa",
    "ampersand and bar": "a&touch PWNED|x.fa",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sheet")
    (folder / "folder").mkdir()
    for name in ("genome.fa", "model.h5", "x.bam", "x.bam.bai"):
        (folder / name).write_text("x\n")
    return folder


@pytest.fixture(scope="module")
def refusal(folder) -> Run:
    """One start for all lines."""
    sheet = write_samplesheet(folder, HEADER, *(line for line, _ in LINES.values()))
    return run_pipeline(folder, "--input", sheet, "--base_model", "model.h5")


@pytest.mark.parametrize("name", LINES)
def test_samplesheet(reliability, refusal, folder, name):
    number = 2 + list(LINES).index(name)
    sentence = LINES[name][1].format(line=number, folder=folder)
    assert refusal.code == 1
    assert sentence in refusal.text
    assert not refusal.tasks()
    assert not list(folder.rglob("PWNED"))
    promised = "exit 1 before any task: … " + sentence.replace(f"{folder}/", "")
    reliability("samplesheet", name, promised, "so, with all others at once")


@pytest.fixture(scope="module")
def run_of_names(tmp_path_factory) -> Run:
    """One start for all names; the files hold no FASTA, so that each run ends in its first task, which has read the file."""
    folder = tmp_path_factory.mktemp("names")
    (folder / "mo'd el$(touch PWNED).h5").write_text("x\n")
    lines = []
    for number, name in enumerate(NAMES.values()):
        (folder / name).write_text("no FASTA\n")
        lines.append(f"g{number},S one,{name}")
    sheet = write_samplesheet(folder, "id,species,fasta", *lines)
    return run_pipeline(
        folder, "--on_error", "skip", "--input", sheet, "--base_model", folder / "mo'd el$(touch PWNED).h5"
    )


@pytest.mark.full
@pytest.mark.parametrize("name", NAMES)
def test_file_names_reach_no_shell(reliability, run_of_names, name):
    """The command has read the very file, and nothing else has run."""
    assert f"{NAMES[name]} line 1: text before the first '>' header" in told(run_of_names)
    assert not list(run_of_names.folder.rglob("PWNED"))
    reliability(
        "samplesheet", f"file name with {name}: {NAMES[name]}", "the file is read; no part of its name is run", "so"
    )


def told(run: Run) -> str:
    """Return what Nextflow and the tasks said."""
    return run.text + "".join(path.read_text() for path in (run.folder / "work").rglob(".command.err"))


@pytest.mark.full
@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("empty samplesheet", b"", "is empty; its first line names the columns"),
        ("samplesheet of a header alone", b"id,species,fasta\n", "it lists no genome"),
        ("samplesheet of random bytes", bytes((i * 37) % 256 for i in range(999)), "is unknown"),
        ("columns twice", b"id,id,species,fasta\na,b,S one,x.fa\n", 'column "id" stands there 2 times'),
    ],
)
def test_samplesheets_that_are_none(reliability, tmp_path, name, content, sentence):
    (tmp_path / "sheet.csv").write_bytes(content)
    (tmp_path / "model.h5").write_text("x\n")
    run = run_pipeline(tmp_path, "--input", "sheet.csv", "--base_model", "model.h5")
    assert run.code == 1
    assert sentence in run.text
    assert not run.tasks()
    reliability("samplesheet", name, f"exit 1 before any task: … {sentence}", "so")
