"""Every parameter of the schema on the command line, and what becomes of it; and the same where every one arrives as text.

Nextflow 26.04 hands on text; NXF_DISABLE_PARAMS_TYPE_DETECTION makes 25.04 do so, too. Stages are played by a program that
writes empty files, so that real scripts run with any value.
"""

import os
import re
import sys

import pytest
from test_configuration import OPTIONS, RULES, stages_of

from pipeline_runs import PROJECT, Run, run_pipeline, write_samplesheet

PLAYER = f"""#!{sys.executable}
import os, sys
from pathlib import Path
words = ["select-confident", *sys.argv[1:]] if sys.argv[0].endswith("select_confident.py") else sys.argv[1:]
if words[0] == "choose-candidate":
    os.execv("{sys.executable}", ["{sys.executable}", "-m", "helixtune", *words])
if "Species bad" in words:
    sys.exit("helixtune: bad")
given = dict(zip(words, words[1:]))
outputs = ("--output", "--output-file", "--train", "--validation", "--compact", "--table", "--engine-record")
outputs += ("--training-log", "--model-card", "--comparison", "--citations")
outputs += ("--recommended", "--recommended-proteins", "--recommended-cds")
outputs += ("--summary", "--scores") if words[0] == "select-confident" else ()
for name in [given[option] for option in outputs if option in given]:
    verdict = '{{"verdict": {{"recommended": "tuned", "estimated_gain": 0.01}}}}' if name.endswith("metrics.json") else ""
    Path(name).write_text(verdict)
    Path(name.removesuffix(".h5") + ".summary.json").touch()
if "--multiqc-dir" in given:
    Path(given["--multiqc-dir"]).mkdir()
    (Path(given["--multiqc-dir"]) / "helixtune_loss_mqc.json").touch()
"""

# name -> a value that is not the default, and for what is no stage's option: a stage and what its script then holds
VALUES = {
    "seed": 7,
    "engine": "openvino",
    "overlap": "no",
    "overlap_offset": 11,
    "core_length": 12,
    "predict_batch_size": 13,
    "max_padding": 14,
    "rules": "upstream",
    "min_intron": 51,
    "window_size": 101,
    "edge_threshold": 0.11,
    "peak_threshold": 0.81,
    "min_coding_length": 61,
    "genetic_code": 12,
    "signals_sample_mb": 3.5,
    "nominal_utr": "50,110",
    "keep_fraction": 0.3,
    "strata": 5,
    "max_bases": 20000000,
    "tune_seqids": 1,
    "judge_seqids": "01",
    "validation_fraction": 0.25,
    "epochs": 3,
    "patience": 4,
    "learning_rate": 0.0001,
    "batch_size": 15,
    "check_every_nth_batch": 16,
    "class_weights": "0.7,1.6,1.2,1.2",
    "hidden_units": 17,
    "freeze_until": "lstm_1",
    "checkpoint_dir": "kept",
}
OTHERS = {
    "base_model": ("model.h5", "predict_classes", "--model model/model.h5"),
    "subsequence_length": (14256, "encode_genome", "--subsequence-length 14256"),
    "training_subsequence_length": (4752, "score_shard", "--subsequence-length 4752"),
    "shards": (2, "predict_classes", "--shard 2/2"),
    "keep_predictions": ("true", "predict_classes", "--output plain.base.0001.predictions.h5"),
    "annotation_complete": ("false", "score_shard", "--partial-annotation"),
    "signals": ("on", "call_genes", "--signals plain.base.signals.json"),
    "tune_modes": ("new-head,coverage-head", "tune_model", "--mode coverage-head"),
    "rounds": (2, "choose_candidate", "--rounds 2"),
    "judge_bams": (0, "add_coverage", "--bam bam2/more_reads.bam"),
    "hmms": ("busco.hmm", "evaluate_genes", "--hmms hmms/busco.hmm"),
}
# told by the results instead
BY_RESULTS = {"input", "outdir", "publish_mode", "on_error"}
# the first ends a run, the second needs a container engine (test_run_options.py)
ELSEWHERE = {"help", "container_dir"}


def test_every_parameter_is_tried():
    assert VALUES.keys() | OTHERS.keys() | BY_RESULTS | ELSEWHERE == RULES.keys()
    assert VALUES.keys() == OPTIONS.keys()


@pytest.fixture(scope="module", params=[pytest.param("typed", marks=pytest.mark.full), "text"])
def run(request, tmp_path_factory) -> Run:
    folder = tmp_path_factory.mktemp(request.param)
    for name in (
        "genes.gff3",
        "model.h5",
        "busco.hmm",
        "reads.bam",
        "reads.bam.bai",
        "more_reads.bam",
        "more_reads.bam.bai",
    ):
        (folder / name).write_text("x\n")
    (folder / "genome.fa").write_text(">1\n" + "ACGT" * 500 + "\n")
    (folder / "small.fa").write_text(">1\nACGT\n")
    tools = folder / "tools"
    tools.mkdir()
    for name in ("helixtune", "select_confident.py"):
        (tools / name).write_text(PLAYER)
        (tools / name).chmod(0o755)
    (folder / "tools.config").write_text(
        f"process.beforeScript = 'source {PROJECT}/conf/platforms/local_tools.sh; export PATH={tools}:$PATH'\n"
    )
    sheet = write_samplesheet(
        folder,
        "id,species,fasta,train_annotation,bam",
        "plain,Species one,genome.fa,,reads.bam;more_reads.bam",
        "trusted,Species two,small.fa,genes.gff3,",
        "bad,Species bad,small.fa,,",
    )
    words = [word for name, value in VALUES.items() for word in (f"--{name}", value)]
    words += [word for name, (value, *_) in OTHERS.items() for word in (f"--{name}", value)]
    words += ["--input", sheet, "--publish_mode", "link", "--on_error", "skip", "--outdir", "elsewhere"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "NXF_DISABLE_PARAMS_TYPE_DETECTION", "true" if request.param == "text" else "")
        return run_pipeline(folder, *words, "-c", folder / "tools.config")


@pytest.fixture(scope="module")
def scripts(run) -> dict[str, str]:
    """Return the scripts of all tasks of a stage, by its name."""
    found: dict[str, str] = {}
    for script in (run.folder / "work").glob("*/*/.command.sh"):
        stage = re.search(r"### name: .(?:\S+:)?(\w+)", (script.parent / ".command.run").read_text())[1].lower()
        found[stage] = found.get(stage, "") + script.read_text()
    return found


@pytest.mark.parametrize("name", VALUES)
def test_an_option_of_a_stage_reaches_it(name, scripts):
    option, value = OPTIONS[name]["option"], VALUES[name]
    for stage in stages_of(name):
        if isinstance(option, dict):
            assert f"{option[value]} " in scripts[stage]
        else:
            assert re.search(rf"{option} '?([^' ]*/)?{re.escape(str(value))}'?\s", scripts[stage]), scripts[stage]


@pytest.mark.parametrize("name", OTHERS)
def test_what_the_pipeline_decides_by_reaches_its_stage(name, scripts):
    _, stage, text = OTHERS[name]
    assert text in scripts[stage]


def test_results_are_where_and_as_they_were_asked_for(run):
    results = run.folder / "elsewhere"
    assert run.code == 1, run.text  # --on_error skip: the bad genome was left out, and that is told
    assert (results / "pipeline_info" / "failed.tsv").exists()
    assert (results / "plain" / "genes.gff3").stat().st_nlink > 1
    published = {path.name for path in (results / "plain" / "predictions").iterdir()}
    assert {"base.0001.h5", "new-head.0002.h5"} <= published
    assert re.search(r"new-head-2|coverage-head-2", " ".join(published)), "of the second round"
    assert not list(results.glob("*.h5"))
    checksums = (results / "pipeline_info" / "checksums.sha256").read_text()
    assert "plain/predictions/base.0001.h5" in checksums


@pytest.mark.parametrize("words", [("--help", "false"), ("--help", "tune_model"), ("--help", "full"), ("--help",)])
@pytest.mark.full
def test_help(words, tmp_path):
    run = run_pipeline(tmp_path, *words)
    if words[-1] == "false":
        assert "--input is needed" in run.text
    else:
        assert ("--learning_rate" in run.text) == (run.code == 0) == True  # noqa: E712
        assert ("--keep_fraction" in run.text) == (words[-1] != "tune_model")
