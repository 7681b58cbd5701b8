"""What a user sees when parameters or samplesheet are wrong: everything at once, before any task."""

import pytest

from pipeline_runs import run_pipeline, write_samplesheet


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "genome.fa").write_text(">a\nACGT\n")
    (tmp_path / "model.h5").write_text("x\n")
    return tmp_path


def test_all_wrong_parameters_are_named_at_once(folder):
    run = run_pipeline(
        folder,
        "--input",
        "nowhere.csv",
        "--min_introns",
        60,
        "--peak_threshold",
        3,
        "--strata",
        "many",
        "--rules",
        "new",
        "--tune_modes",
        "new-head,old-head",
        "--rounds",
        9,
    )
    assert run.code == 1
    for sentence in (
        "--min_introns is no parameter of this pipeline (did you mean --min_intron?)",
        '--peak_threshold is "3"; it must be at most 1',
        '--strata is "many"; a whole number is needed',
        '--rules is "new"; choose one of upstream, improved',
        '--tune_modes is "new-head,old-head"; What is trained',
        '--rounds is "9"; it must be at most 3',
        "nowhere.csv does not exist",
        "7 problems in the parameters",
    ):
        assert sentence in run.text
    assert not run.tasks()


def test_groups_and_modes_that_cannot_work_are_named_at_once(folder):
    for name in ("a.bam", "a.bam.bai", "b.bam", "b.bam.bai"):
        (folder / name).write_text("x\n")
    sheet = write_samplesheet(
        folder,
        "id,species,fasta,bam,library,group",
        "one,Species one,genome.fa,a.bam,fr-firststrand,twins",
        "two,Species two,genome.fa,a.bam;b.bam,unstranded,twins",
        "twins,Species three,genome.fa,,,",
    )
    run = run_pipeline(folder, "--input", sheet, "--base_model", "model.h5", "--judge_bams", 1)
    assert run.code == 1
    for sentence in (
        "line 2: --judge_bams 1 leaves no BAM to tune on",
        'group "twins" differs in number of BAM files (line 2: 1, line 3: 2)',
        'group "twins" differs in library (line 2: fr-firststrand, line 3: unstranded)',
        'group "twins" is also the id of a genome outside it',
        "4 problems in the samplesheet",
    ):
        assert sentence in run.text
    assert not run.tasks()


def test_all_problems_of_a_samplesheet_are_named_at_once(folder):
    sheet = write_samplesheet(
        folder,
        "id,species,fasta,linage,bam,library",
        "first,Species one,genome.fa,,,unstranded",
        "first,Species two,absent.fa,,genome.fa,",
        f"a/b,{'A species name that is too long' * 4},,,,",
        "short,Species three",
    )
    run = run_pipeline(folder, "--input", sheet, "--base_model", "model.h5")
    assert run.code == 1
    for sentence in (
        'column "linage" is unknown; did you mean "lineage"?',
        "line 2: 1 values in library for 0 BAM files",
        f"line 3: fasta {folder}/absent.fa does not exist",
        f"line 3: {folder}/genome.fa has no index",
        'line 4: id is "a/b"',
        'line 4: species is "A species name that is too long',
        "line 4: fasta is missing",
        "line 5: the number of cells differs from the number of columns",
        'id "first" stands in line 2, line 3; ids must be unique',
    ):
        assert sentence in run.text
    assert not run.tasks()
