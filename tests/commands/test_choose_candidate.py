"""`helixtune choose-candidate`: who wins, what goes where, and when another round follows."""

import json
from pathlib import Path

import pytest

TUNED = ("gff3", "tuned.h5", "training_log.tsv", "model_card.md")
JUDGED = ("comparison.tsv", "genes.gff3", "proteins.fa", "cds.fa")


@pytest.fixture
def candidate(tmp_path):
    """Write the files of one candidate; each says whose and what it is."""

    def write(name: str, verdict: str, gain: float | None = None, previous: str | None = None) -> list[Path]:
        told = {"recommended": verdict, "estimated_gain": gain, "reason": f"{name} is {verdict}"}
        texts = {"metrics.json": json.dumps({"verdict": told})}
        texts |= {content: f"{name} {content}\n" for content in (*JUDGED, *(TUNED if name != "none" else ()))}
        if previous:
            texts["previous.metrics.json"] = json.dumps({"verdict": {"recommended": previous}})
        paths = [tmp_path / f"pombe.{name}.{content}" for content in texts]
        for path, text in zip(paths, texts.values(), strict=True):
            path.write_text(text)
        return paths

    return write


@pytest.fixture
def choose(run_cli, tmp_path):
    """Run the command on candidates; returns exit code, message, choice and the three folders."""
    scores = [tmp_path / "pombe.scores.tsv", tmp_path / "pombe.selection.json"]
    for path in scores:
        path.write_text(path.name)

    def run(*files, number=1, rounds=1, earlier=()):
        out = tmp_path / f"task_{number}"
        out.mkdir()
        words = ["--earlier", *earlier] if earlier else []
        code, message = run_cli(
            "choose-candidate", "--id", "pombe", "--round", number, "--rounds", rounds, "--files", *scores, *files, *words,
            "--choice", out / "choice.json", "--round-dir", out / f"round_{number}", "--results-dir", out / "results",
            "--report-dir", out / "report",
        )  # fmt: skip
        return code, message, out

    return run


def tree(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def choice(out: Path) -> dict:
    return json.loads((out / "choice.json").read_text())


@pytest.mark.parametrize(
    ("verdicts", "winner"),
    [
        ({"coverage-head": ("tuned", 0.01), "new-head": ("tuned", 0.03)}, "new-head"),
        ({"coverage-head": ("tuned", 0.01), "new-head": ("base", 0.03)}, "coverage-head"),
        ({"coverage-head": ("base", 0.01), "new-head": ("base", 0.03)}, "new-head"),
        ({"coverage-head": ("base", None), "new-head": ("base", -0.2)}, "new-head"),
        ({"coverage-head": ("base", None), "new-head": ("base", None)}, "coverage-head"),
    ],
)
def test_the_accepted_candidate_with_the_largest_gain_wins(verdicts, winner, candidate, choose):
    files = [path for name, said in verdicts.items() for path in candidate(name, *said)]
    code, message, out = choose(*reversed(files))
    assert code == 0, message
    assert choice(out)["chosen"] == winner
    assert (out / "results" / "tuned" / "genes.gff3").read_text() == f"{winner} gff3\n"
    loser = next(name for name in verdicts if name != winner)
    assert (out / "results" / "candidates" / loser / "tuned.h5").read_text() == f"{loser} tuned.h5\n"


def test_folder_of_one_round(candidate, choose):
    code, message, out = choose(*candidate("new-head", "tuned", 0.02))
    assert code == 0, message
    assert choice(out) == {
        "round": 1, "chosen": "new-head", "accepted": True, "go_on": False, "reason": "new-head is tuned",
        "held_out_gain": None,
    }  # fmt: skip
    assert tree(out / "results") == {
        "genes.gff3", "proteins.fa", "cds.fa", "tuned/genes.gff3", "model/tuned.h5", "model/model_card.md",
        "model/training_log.tsv", "selection/scores.tsv", "selection/summary.json", "evaluation/metrics.json",
        "evaluation/comparison.tsv", "evaluation/candidates.tsv",
    }  # fmt: skip
    contents = ("metrics.json", "comparison.tsv", "training_log.tsv", "model_card.md", "scores.tsv", "selection.json",
                "candidates.tsv")  # fmt: skip
    assert tree(out / "report") == {f"pombe.{content}" for content in contents}
    header, line = (out / "results/evaluation/candidates.tsv").read_text().splitlines()
    assert dict(zip(header.split("\t"), line.split("\t"), strict=True))["reason"] == "new-head is tuned"


def state_model(files: list[Path], network: str) -> list[Path]:
    """Make the files of a candidate those of its network without signals: it has genes of its own and lends the rest."""
    kept = [path for path in files if not path.name.endswith(("tuned.h5", "model_card.md", "training_log.tsv"))]
    genes = next(path for path in kept if path.name == f"pombe.{network}-without-signals.gff3")
    return [path for path in kept if path != genes] + [genes.rename(genes.parent / f"pombe.{network}.state_model.gff3")]


def test_genes_without_signals_are_a_candidate_with_the_model_of_their_network(candidate, choose):
    files = candidate("new-head", "tuned", 0.01)
    files += state_model(candidate("new-head-without-signals", "tuned", 0.03), "new-head")
    files += state_model(candidate("base-without-signals", "base", -0.02), "base")
    code, message, out = choose(*files)
    assert code == 0, message
    assert choice(out)["chosen"] == "new-head-without-signals"
    assert (out / "results/tuned/genes.gff3").read_text() == "new-head-without-signals gff3\n"
    assert (out / "results/model/tuned.h5").read_text() == "new-head tuned.h5\n"
    assert (out / "results/candidates/base-without-signals/genes.gff3").exists()
    assert not (out / "results/candidates/base-without-signals/tuned.h5").exists()


def test_no_round_follows_the_base_without_signals(candidate, choose):
    """There is no tuned model that could be tuned further."""
    files = candidate("new-head", "tuned", 0.01)
    files += state_model(candidate("base-without-signals", "tuned", 0.03), "base")
    code, message, out = choose(*files, rounds=2)
    assert code == 0, message
    assert choice(out)["chosen"] == "base-without-signals"
    assert choice(out)["go_on"] is False
    assert (out / "results" / "genes.gff3").read_text() == "base-without-signals genes.gff3\n"


def test_the_luckiest_of_many_candidates_is_measured_where_the_choice_has_not_looked(tmp_path, candidate, choose):
    """Each candidate is lucky on one fold of the genome and worth nothing on the others."""
    files = []
    for number in range(5):
        files += candidate(f"lucky-{number}", "tuned", 0.02)
        metrics = tmp_path / f"pombe.lucky-{number}.metrics.json"
        verdict = json.loads(metrics.read_text())["verdict"]
        verdict["gain_by_fold"] = [0.1 if fold == number else 0.0 for fold in range(5)]
        metrics.write_text(json.dumps({"verdict": verdict}))
    _, _, out = choose(*files)
    assert choice(out)["held_out_gain"] == 0
    assert "largest estimated gain of 5 candidates" in choice(out)["reason"]
    assert "+0.000 on the rest" in choice(out)["reason"]


def test_nothing_to_learn_from_keeps_the_base(candidate, choose):
    code, message, out = choose(*candidate("none", "base"), rounds=3)
    assert code == 0, message
    assert choice(out)["go_on"] is False
    assert (out / "results" / "genes.gff3").read_text() == "none genes.gff3\n"
    assert not (out / "results" / "tuned").exists()
    assert (out / "results" / "rounds" / "1" / "genes.gff3").exists()


@pytest.mark.parametrize(
    ("against_base", "against_previous", "best"),
    [("tuned", "tuned", 2), ("tuned", "base", 1), ("base", "tuned", 1)],
)
def test_a_second_round_has_to_beat_base_and_first_round(against_base, against_previous, best, candidate, choose):
    code, message, first = choose(*candidate("new-head", "tuned", 0.02), rounds=2)
    assert code == 0, message
    assert choice(first)["go_on"] is True
    assert not (first / "results").exists()
    files = candidate("new-head-2", against_base, 0.03, against_previous)
    code, message, out = choose(*files, number=2, rounds=2, earlier=[first / "round_1"])
    assert code == 0, message
    name = {1: "new-head", 2: "new-head-2"}[best]
    assert (out / "results" / "genes.gff3").read_text() == f"{name} genes.gff3\n"
    assert (out / "results" / "rounds/1/genes.gff3").read_text() == "new-head genes.gff3\n"
    assert (out / "results" / "rounds/2/genes.gff3").read_text() == "new-head-2 genes.gff3\n"
    assert len((out / "results/evaluation/candidates.tsv").read_text().splitlines()) == 3
    assert (out / "report" / "pombe.model_card.md").read_text() == f"{name} model_card.md\n"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda files: [path.unlink() for path in files if path.name.endswith("cds.fa")], "cds.fa does not exist"),
        (lambda files: files.remove(files[-1].parent / "pombe.new-head.cds.fa"), "Candidate new-head lacks its cds.fa"),
        (lambda files: files[0].write_text("{}"), "holds no verdict"),
        (
            lambda files: files.append(files[0].rename(files[0].parent / "other.txt")),
            "name it <id>.<candidate>.<content>",
        ),
        (lambda files: files.clear(), "holds no file of a candidate"),
    ],
)
def test_wrong_files_are_refused_in_one_sentence(change, sentence, candidate, choose):
    files = candidate("new-head", "tuned", 0.02)
    change(files)
    files = [path for path in files if path.name != "pombe.new-head.metrics.json" or path.exists()]
    code, message, out = choose(*files)
    assert code == 1
    assert sentence in message
    assert not (out / "choice.json").exists()


def test_rounds_before_have_to_be_there(candidate, choose):
    code, message, _ = choose(*candidate("new-head-2", "tuned", 0.1, "tuned"), number=2, rounds=2)
    assert code == 1
    assert "0 folders for round 2" in message
