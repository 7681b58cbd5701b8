"""`helixtune select-confident` and `bin/select_confident.py`: awkward inputs with every method, outputs, errors."""

import json
import os
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

from helixtune import h5files
from selection_files import World

METHODS = ("stratified", "upstream")
SCRIPT = Path(__file__).parents[2] / "bin" / "select_confident.py"


@pytest.fixture
def select(tmp_path, run_cli):
    """Run the command; returns (exit code, message, summary or None, lines of scores.tsv or None)."""

    def run(training, predictions, *options, method="stratified"):
        code, message = run_cli(
            "select-confident", "--h5-to-filter", training, "--predictions", predictions, "--method", method,
            "--output-file", tmp_path / "filtered.h5", "--scores", tmp_path / "scores.tsv", "--summary",
            tmp_path / "summary.json", *options,
        )  # fmt: skip
        summary, scores = tmp_path / "summary.json", tmp_path / "scores.tsv"
        if not summary.exists():
            return code, message, None, None
        lines = [dict(zip(HEADER, line.split("\t"), strict=True)) for line in scores.read_text().splitlines()[1:]]
        return code, message, json.loads(summary.read_text()), lines

    return run


HEADER = (
    "species", "seqid", "strand", "start", "end", "intergenic_fraction", "stratum", "discrepancy", "phase_discrepancy",
    "decision", "reason",
)  # fmt: skip


def left_without_output(tmp_path):
    return {path.name for path in tmp_path.iterdir()} & {
        "filtered.h5",
        "filtered.summary.json",
        "scores.tsv",
        "summary.json",
    }


AWKWARD = {
    "all intergenic": World({"one": 900, "two": 450}, genic=0.0),
    "sixteen rows": World({"one": 720}),
    "one contig": World({"one": 2000}),
    "one row a strand": World({"one": 40, "two": 90, "three": 60, "four": 77}),
    "contigs shorter than a row": World({f"c{i}": 20 + 5 * i for i in range(12)}),
    "all genic": World({"one": 900}, genic=1.0),
}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", AWKWARD)
def test_awkward_genomes_give_an_honest_selection(name, method, select, tmp_path):
    world = AWKWARD[name]
    training, predictions = world.training(tmp_path / "t.h5", 90), world.predictions(tmp_path / "p.h5", 90)
    code, message, summary, lines = select(training, predictions, "--keep-fraction", "0.5", method=method)
    assert code == 0, message
    kept = [line for line in lines if line["decision"] == "kept"]
    with h5py.File(tmp_path / "filtered.h5") as file:
        stored = [
            (seqid.decode(), str(min(pair)), str(max(pair)), "+" if pair[0] < pair[1] else "-")
            for seqid, pair in zip(file["data/seqids"], file["data/start_ends"][:].tolist(), strict=True)
        ]
    assert stored == [(line["seqid"], line["start"], line["end"], line["strand"]) for line in kept]
    assert summary["kept_rows"] == len(kept) > 0
    assert summary["rows"] == len(lines) == len(kept) + sum(summary["left_out"].values())
    assert sum(stratum["kept_rows"] for stratum in summary["strata"]) == len(kept)


def barred(arrays):
    """Rows without labels, unannotated, all masked, NaN, not predicted; one of each."""
    arrays[h5files.CLASSES][0] = 0
    arrays[h5files.IS_ANNOTATED][1] = False
    arrays[h5files.HAS_VALID_BASES][2] = False
    arrays[h5files.WEIGHTS][2] = 0


def broken(arrays):
    arrays[h5files.CLASS_PROBS][3, 5, 1] = np.nan
    arrays[h5files.CLASS_PROBS][4] = 0
    arrays[h5files.PHASE_PROBS][5, 9, 2] = np.inf


def test_rows_that_cannot_be_learnt_from_are_left_out_and_counted(select, tmp_path):
    world = World({"one": 3000})
    training = world.training(tmp_path / "t.h5", 90, change=barred)
    predictions = world.predictions(tmp_path / "p.h5", 90, change=broken)
    code, message, summary, lines = select(training, predictions, "--keep-fraction", "1")
    assert code == 0, message
    assert [line["reason"] for line in lines[:6]] == [
        "no labels", "sequence not annotated", "every base masked", "probabilities are not numbers", "not predicted",
        "probabilities are not numbers",
    ]  # fmt: skip
    assert {line["decision"] for line in lines[:6]} == {"left out"}
    assert summary["left_out"]["probabilities are not numbers"] == 2
    assert [lines[0]["intergenic_fraction"], lines[0]["discrepancy"], lines[3]["discrepancy"]] == ["nan"] * 3
    assert summary["eligible_rows"] <= len(lines) - 6
    assert "nan" not in json.dumps(summary).lower().replace("nan)", "")


def test_upstream_names_what_goes_wrong_with_rows_without_labels(select, tmp_path):
    world = World({"one": 3000})
    training = world.training(tmp_path / "t.h5", 90, change=barred)
    code, message, summary, _ = select(training, world.predictions(tmp_path / "p.h5", 90), method="upstream")
    assert code == 0
    assert "1 rows without labels" in message
    assert len(summary["strata"]) == 1


def test_upstream_ranks_rows_of_broken_probabilities_last_and_says_so(select, tmp_path):
    world = World({"one": 3000})
    training = world.training(tmp_path / "t.h5", 90)
    predictions = world.predictions(tmp_path / "p.h5", 90, change=broken)
    code, message, summary, lines = select(training, predictions, method="upstream")
    assert code == 0
    assert "1 rows have probabilities that are not numbers" in message  # classes only: phases play no part upstream
    assert lines[3]["decision"] == "left out"
    assert summary["kept_rows"] == sum(line["decision"] == "kept" for line in lines)


def not_annotated(arrays):
    arrays[h5files.IS_ANNOTATED][:] = False


def test_nothing_eligible_fails_or_is_skipped_with_a_warning(select, tmp_path):
    world = World({"one": 900})
    training = world.training(tmp_path / "t.h5", 90, change=not_annotated)
    predictions = world.predictions(tmp_path / "p.h5", 90)
    code, message, summary, _ = select(training, predictions)
    assert code == 1
    assert "0 of 20 subsequences kept, 0 eligible" in message
    assert not left_without_output(tmp_path)
    code, message, summary, lines = select(training, predictions, "--on-empty", "skip")
    assert code == 0
    assert "Nothing to tune on" in message
    assert "Nothing to tune on" in summary["warnings"][0]
    assert len(lines) == 20
    assert left_without_output(tmp_path) == {"scores.tsv", "summary.json"}


@pytest.mark.parametrize("method", METHODS)
def test_both_strands_of_one_place_are_not_enough(method, select, tmp_path):
    world = World({"one": 80})
    training, predictions = world.training(tmp_path / "t.h5", 90), world.predictions(tmp_path / "p.h5", 90)
    code, message, *_ = select(training, predictions, "--keep-fraction", "0.5", "--on-empty", "fail", method=method)
    assert code == 1
    assert "fewer than 2 places" in message


def test_genes_in_repeats_weigh_nothing_and_are_counted(select, tmp_path):
    world = World({"one": 1800}, genic=0.9, seed=3)
    training, predictions = world.training(tmp_path / "t.h5", 90), world.predictions(tmp_path / "p.h5", 90)
    (tmp_path / "r.bed").write_text("one\t0\t900\n")
    code, message, summary, _ = select(training, predictions, "--repeats", tmp_path / "r.bed", "--keep-fraction", "1")
    assert code == 0, message
    assert 0 < summary["gene_models"]["in a repeat"] < summary["gene_models"]["models"]
    with h5py.File(tmp_path / "filtered.h5") as file:
        in_repeat = file["data/start_ends"][:].max(axis=1) <= 900
        genic = file["data/y"][:, :, 1:].any(axis=2)
        weights = file["data/sample_weights"][:]
        assert np.array_equal(file["data/err_samples"][:], weights.any(axis=1))
    assert not (weights[in_repeat] * genic[in_repeat]).any()
    assert (weights[~in_repeat] == 1).all()
    assert (weights[in_repeat] != genic[in_repeat]).all()


def test_a_cap_of_bases_is_kept_and_said(select, tmp_path):
    world = World({"one": 3000})
    training, predictions = world.training(tmp_path / "t.h5", 90), world.predictions(tmp_path / "p.h5", 90)
    code, message, summary, _ = select(training, predictions, "--keep-fraction", "1", "--max-bases", "500")
    assert code == 0
    assert 300 < summary["kept_bases"] <= 500
    assert "--max-bases keeps" in message


@pytest.mark.parametrize(("suffix", "magic"), [("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_the_figure_is_the_same_each_time(suffix, magic, select, tmp_path):
    world = World({"one": 900})
    training, predictions = world.training(tmp_path / "t.h5", 90), world.predictions(tmp_path / "p.h5", 90)
    figures = [tmp_path / f"{name}.{suffix}" for name in "ab"]
    for figure in figures:
        assert select(training, predictions, "--plot", figure)[0] == 0
    assert figures[0].read_bytes().startswith(magic)
    assert figures[0].read_bytes() == figures[1].read_bytes()
    code, message, *_ = select(training, predictions, "--plot", tmp_path / "a.txt")
    assert code == 1
    assert ".svg, .png, .pdf" in message


def test_a_dry_run_reports_and_writes_no_subsequences(select, tmp_path):
    world = World({"one": 900})
    training, predictions = world.training(tmp_path / "t.h5", 90), world.predictions(tmp_path / "p.h5", 90)
    code, message, summary, _ = select(training, predictions, "--dry-run")
    assert code == 0
    assert "4 of 20 subsequences kept" in message
    assert summary["kept_rows"] == 4
    assert not (tmp_path / "filtered.h5").exists()


def test_several_files_are_chosen_from_together(select, tmp_path):
    worlds = World({"one": 900}, species=b"first"), World({"one": 1500}, species=b"second", seed=5)
    training = [world.training(tmp_path / f"t{i}.h5", 90) for i, world in enumerate(worlds)]
    predictions = [world.predictions(tmp_path / f"p{i}.h5", 90) for i, world in enumerate(worlds)]
    code, message, _, lines = select(
        training[0], predictions[1], "--h5-to-filter", *training, "--predictions", *predictions
    )
    assert code == 0, message
    assert {line["species"] for line in lines if line["decision"] == "kept"} == {"first", "second"}


def test_coverage_and_lists_of_files_are_carried_along(select, tmp_path):
    world = World({"one": 900})
    training, predictions = world.training(tmp_path / "t.h5", 90), world.predictions(tmp_path / "p.h5", 90)
    coverage = np.arange(20 * 90 * 2).reshape(20, 90, 2)
    names = np.array([f"{i}.bam" for i in range(20)], "S512")  # as many files as rows: still no dataset of rows
    with h5py.File(training, "a") as file:
        file[h5files.COVERAGE], file[h5files.BAM_FILES] = coverage, names
        file.attrs["library"] = "fr-firststrand"
    code, message, _, lines = select(training, predictions)
    assert code == 0, message
    kept = [i for i, line in enumerate(lines) if line["decision"] == "kept"]
    with h5py.File(tmp_path / "filtered.h5") as file:
        assert np.array_equal(file[h5files.COVERAGE][:], coverage[kept])
        assert np.array_equal(file[h5files.BAM_FILES][:], names)
        assert file.attrs["library"] == "fr-firststrand"
        assert json.loads(file.attrs["settings"])["method"] == "stratified"


def test_nameless_predictions_need_a_genome_when_agreement_does_not_tell(select, tmp_path):
    """All-intergenic sequences look alike: which is which cannot be told, and guessing would be silent nonsense."""
    world = World({"one": 900, "two": 900}, genic=0.0)
    training = world.training(tmp_path / "t.h5", 90)
    predictions = world.predictions(tmp_path / "p.h5", 90, named=False)
    code, message, *_ = select(training, predictions)
    assert code == 1
    assert "give --genome" in message
    code, message, *_ = select(training, predictions, "--genome", training)
    assert code == 0, message
    code, message, *_ = select(training, predictions, "--genome", World({"one": 90}).training(tmp_path / "g.h5", 90))
    assert code == 1
    assert "has 40 rows, --genome" in message


def two_names(arrays):
    arrays[h5files.START_ENDS][1] = arrays[h5files.START_ENDS][0]


def no_weights(path):
    with h5py.File(path, "a") as file:
        del file[h5files.WEIGHTS]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--keep-fraction", "0"], "--keep-fraction 0.0"),
        (["--max-bases", "10"], "fewer than 2 places"),
        (["--write-by", "0"], "--write-by 0"),
        (["--threads", "0"], "--threads 0"),
        (["--repeats", "none.bed"], "none.bed does not exist"),
        (["--strata", "0"], "--strata 0"),
        (["--method", "upstream", "--keep-fraction", "1"], "must drop some rows"),
    ],
)
def test_options_that_cannot_work_are_explained(options, message, select, tmp_path):
    world = World({"one": 900})
    training, predictions = world.training(tmp_path / "t.h5", 90), world.predictions(tmp_path / "p.h5", 90)
    code, said, *_ = select(training, predictions, *options)
    assert code == 1
    assert message in said
    assert not left_without_output(tmp_path)


def test_files_that_do_not_fit_are_explained(select, tmp_path):
    world = World({"one": 900})
    training, predictions = world.training(tmp_path / "t.h5", 90), world.predictions(tmp_path / "p.h5", 90)
    other = World({"one": 800}).predictions(tmp_path / "o.h5", 90)
    twice = world.predictions(tmp_path / "w.h5", 90, change=two_names)
    odd = world.predictions(tmp_path / "odd.h5", 135)
    bare = world.training(tmp_path / "b.h5", 90)
    no_weights(bare)
    (tmp_path / "r.bed").write_text("one\t0\t900\n")
    cases = [
        ((training, other), "lacks: make both from the same FASTA"),
        ((training, twice), "twice"),
        ((training, odd), "not a multiple"),
        ((predictions, predictions), "has no dataset 'data/y'"),
        ((training, training), "has no dataset 'predictions'"),
        ((tmp_path / "none.h5", predictions), "does not exist"),
        ((bare, predictions, "--repeats", tmp_path / "r.bed"), "has no 'data/sample_weights'"),
    ]
    for words, message in cases:
        code, said, *_ = select(*words)
        assert code == 1, message
        assert message in said
        assert not left_without_output(tmp_path)


def test_the_script_stands_alone(tmp_path):
    world = World({"one": 900})
    training, predictions = world.training(tmp_path / "t.h5", 90), world.predictions(tmp_path / "p.h5", 90)
    words = ["--h5-to-filter", training, "--predictions", predictions, "--output-file", tmp_path / "f.h5"]
    assert os.access(SCRIPT, os.X_OK)
    done = subprocess.run([sys.executable, SCRIPT, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "f.h5").is_file()
    wrong = subprocess.run(
        [sys.executable, SCRIPT, *words, "--keep-fraction", "7"], capture_output=True, text=True, check=False
    )
    assert wrong.returncode == 1
    assert wrong.stderr.count("\n") == 1


def test_the_script_has_its_own_help():
    done = subprocess.run([sys.executable, SCRIPT, "--help"], capture_output=True, text=True, check=True)
    assert "select_confident.py" in done.stdout
    assert "--keep-fraction" in done.stdout


def test_only_the_sequences_asked_for_are_chosen_from(select, tmp_path):
    world = World({"one": 900, "two": 900})
    training, predictions = world.training(tmp_path / "t.h5", 90), world.predictions(tmp_path / "p.h5", 90)
    code, _, summary, scores = select(training, predictions, "--keep-fraction", 0.5, "--seqid", "two")
    assert code == 0
    assert {line["seqid"] for line in scores if line["decision"] == "kept"} == {"two"}
    assert summary["left_out"]["sequence not asked for"] == sum(line["seqid"] == "one" for line in scores)


def test_a_sequence_that_is_not_there_is_named(select, tmp_path):
    world = World({"one": 900})
    training, predictions = world.training(tmp_path / "t.h5", 90), world.predictions(tmp_path / "p.h5", 90)
    code, message, *_ = select(training, predictions, "--seqid", "three")
    assert code == 1
    assert "--seqid three" in message
    assert not left_without_output(tmp_path)
