import json
import re
import runpy
from html.parser import HTMLParser
from pathlib import Path

import pytest

from helixtune.report import wording, write

PROJECT = Path(__file__).resolve().parents[2]
SET = {
    "genes": 3, "cds_bp": 900, "single_exon_genes": 1, "exons_per_gene": 2.0, "median_cds_bp": 300.0, "median_exon_bp": 150.0,
    "introns": 3, "median_intron_bp": 60.0, "tiny_exons": 0, "median_confidence": 0.8,
    "cds_histogram": {"edges": [0, 400, 800], "counts": [2, 1]}, "intron_histogram": {"edges": [0, 50], "counts": [3]},
    "confidence_histogram": {"edges": [0.0, 0.5, 1.0], "counts": [0, 3]},
}  # fmt: skip
VOTE = {
    "name": "sequence", "question": "Codons?", "base": 0.7, "tuned": 0.8, "gain": 0.096, "error": 0.04, "deviation": 2.4,
    "evidence": 12345, "unit": "codon pairs", "favours": "tuned",
}  # fmt: skip
EXAMPLE = {
    "kind": "new", "seqid": "I", "strand": "-", "start": 0, "end": 400, "changed_bp": 90,
    "genes": {"base": [], "tuned": [{"id": "g1", "confidence": None, "exons": [[10, 100]], "cds": [[10, 100]]}]},
    "tracks": {name: {c: [0.2] * 40 for c in ("intergenic", "UTR", "CDS", "intron")} for name in ("base", "tuned")},
}  # fmt: skip
LEVEL = {"precision": 0.5, "recall": 0.5, "f1": 0.5}
JUDGED = {
    "cds": {"base": LEVEL, "gene": LEVEL}, "with_utrs": {"base": LEVEL},
    "confidence": [{"from": 0.5, "to": 0.6, "genes": 4, "mean_confidence": 0.55, "exactly_right": 0.25},
                   {"from": 0.9, "to": 1.0, "genes": 2, "mean_confidence": 0.95, "exactly_right": 0.5}],
    "genes": {"missed": 1, "novel": 2, "split": 0, "fused": 0},
}  # fmt: skip
METRICS = {
    "species": "S. pombe", "simulated": False, "genome": {"sequences": 1, "bases": 1000},
    "verdict": {"recommended": "tuned", "reason": "The evidence favours the tuned genes.", "confidence": 0.97,
                "estimated_gain": 0.1, "spread": 0.04, "votes": [VOTE]},
    "base": {"file": "b.gff3"}, "tuned": {"file": "t.gff3"}, "gene_statistics": {"base": SET, "tuned": SET},
    "gene_changes": {"unchanged": 2, "new": 1}, "changed_share": 0.1,
    "reference": {"file": "r.gff3", "base": JUDGED, "tuned": JUDGED, "prefers": "base", "gain": -0.1, "agrees_with_gate": False},
    "changed_genes": [EXAMPLE], "warnings": ["12 genes <left> out & counted"],
}  # fmt: skip
SIMULATED = "Simulated: shows the machinery, not your gain."


class Outline(HTMLParser):
    """Collects the order of headings and every address that a browser would fetch."""

    def __init__(self):
        super().__init__()
        self.fetched, self.open, self.void = [], [], {"meta", "link", "br", "img", "input", "hr"}

    def handle_starttag(self, tag, attrs):
        names = dict(attrs)
        self.fetched += [names[name] for name in ("src", "srcset", "data") if name in names]
        self.fetched += [names["href"]] if tag in ("link", "image", "use") and "href" in names else []
        if tag not in self.void:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture
def report(tmp_path, run_cli):
    def run(files: dict[str, object], parameters=None, expect=0, genomes=()):
        paths = []
        for name, content in files.items():
            paths.append(tmp_path / name)
            paths[-1].write_text(content if isinstance(content, str) else json.dumps(content))
        (tmp_path / "versions.tsv").write_text("stage\ttool\tversion\nENCODE_GENOME\thelixtune\t0.1.0\n")
        (tmp_path / "params.json").write_text(json.dumps(parameters or {"keep_fraction": 0.2}))
        words = ["--versions", tmp_path / "versions.tsv", "--parameters", tmp_path / "params.json"]
        words += ["--genomes", *genomes] if genomes else []
        code, message = run_cli("write-report", "--inputs", *paths, *words, "--output", tmp_path / "report.html")
        assert code == expect, message
        return (tmp_path / "report.html").read_text() if expect == 0 else message

    return run


def test_the_verdict_comes_first_and_everything_is_there(report):
    page = report(
        {
            "pombe.metrics.json": METRICS,
            "pombe.training_log.tsv": "stage\tepoch\ttrain_loss\tvalidation_loss\tgenic_f1\tcds_f1\tintron_f1\tbest\n"
            "tune\t0\tnan\t0.4\t0.7\t0.7\t0.1\tno\ntune\t1\t0.3\t0.3\t0.8\t0.8\t0.2\tyes\n",
            "pombe.scores.tsv": "intergenic_fraction\tdiscrepancy\tdecision\n0.5\t0.1\tkept\nnan\tnan\tleft out\n",
            "pombe.selection.json": {
                "rows": 2, "kept_rows": 1, "kept_bases": 500, "left_out": {"worse": 1}, "warnings": ["few rows"],
                "strata": [{"stratum": 0, "intergenic_fraction": [0.1, 0.9], "rows": 2, "kept_rows": 1,
                            "mean_discrepancy_kept": 0.1}],
            },
            "pombe.model_card.md": "# A <card>", "pombe.comparison.tsv": "level\tmetric\n", "pombe.base.gff3": "##gff-version 3\n",
        }
    )  # fmt: skip
    order = [
        "Use the tuned genes", "The evidence favours", "very sure", "contradicts the verdict", "<h3>Warnings", "Codons?",
        'id="genome-pombe-before-after"', "Examples of genes that changed", 'id="genome-pombe-tuning"',
        "Selection of pseudolabels", "few rows", "What the genes look like", "Can the confidence be trusted?",
        "Genes in repeats", "Model card", "keep_fraction", "ENCODE_GENOME", "Please cite",
    ]  # fmt: skip
    places = [page.index(words) for words in order]
    assert places == sorted(places)
    assert page.count("<svg") == 1 + 1 + 2 + 2 + 3 + 1  # votes, example, training, selection, structure, calibration
    assert SIMULATED not in page


def test_recall_and_precision_and_where_they_were_measured_are_told(report):
    page = report({"x.metrics.json": {**METRICS, "reference": {**METRICS["reference"], "seqids": ["II", "III"]}}})
    assert "which the verdict never saw (compared on II, III)," in page
    table = page[page.index("<summary>Recall and precision") : page.index("Groups of genes")]
    assert re.findall(r'<th scope="col"[^>]*>([^<]+)', table)[1:] == [
        "Recall, base", "Precision, base", "Recall, tuned", "Precision, tuned",
    ]  # fmt: skip
    assert re.findall(r'<th scope="row">([^<]+)', table) == ["nucleotide", "gene", "nucleotide"]
    assert table.count(">0.500</td>") == 3 * 4
    assert "on 7 sequences" in wording.compared_on(list("abcdefg"))


def test_the_page_is_self_contained_and_well_formed(report):
    page = report({"pombe.metrics.json": METRICS})
    outline = Outline()
    outline.feed(page)
    assert outline.open == []
    assert outline.fetched == []
    assert "<script" not in page
    assert "@import" not in page
    assert "url(" not in page


def test_all_text_is_escaped(report):
    evil = "<script>alert('x')</script>"
    poisoned = json.loads(
        json.dumps(METRICS).replace("Codons?", evil).replace("S. pombe", evil).replace('"g1"', json.dumps(evil))
    )
    poisoned["warnings"] = [evil]
    page = report({"x.metrics.json": poisoned, "x.model_card.md": evil}, {evil: evil})
    assert "<script" not in page
    assert page.count("&lt;script&gt;") >= 6


@pytest.mark.parametrize(
    ("change", "parameters"),
    [({"species": "simulated_shifted"}, {}), ({"simulated": True}, {}), ({}, {"simulated": True})],
)
def test_a_simulated_genome_says_so(report, change, parameters):
    assert SIMULATED in report({"demo.metrics.json": {**METRICS, **change}}, parameters)


def test_a_genome_that_was_not_tuned(report):
    untuned = {**METRICS, "tuned": None, "gene_changes": None, "changed_share": None, "changed_genes": []}
    untuned["gene_statistics"] = {"base": SET}
    untuned["reference"] = {"file": "r.gff3", "base": JUDGED}
    untuned["verdict"] = {"recommended": "base", "reason": "base: nothing to learn from", "confidence": 1.0,
                          "estimated_gain": None, "spread": None, "votes": []}  # fmt: skip
    page = report({"pombe.metrics.json": untuned})
    assert "Keep the base genes" in page
    assert "nothing to learn from" in page
    assert "The model was not tuned." in page


def test_a_genome_that_failed_is_named(report):
    page = report({"pombe.metrics.json": METRICS}, genomes=["pombe", "lost"])
    assert '<a href="#genome-lost">lost</a>' in page
    assert "This genome has no result" in page
    assert "for 2 genomes" in page


def test_several_genomes_are_listed_and_one_without_metrics_is_told(report):
    page = report({"b.metrics.json": METRICS, "a.metrics.json": METRICS, "group.model_card.md": "card"})
    headings = re.findall(r"<h2>(\S+?)(?: <small>|</h2>)", page)
    assert headings[:3] == ["a", "b", "group"]
    assert "there is no group.metrics.json" in page
    assert page.index("Verdicts</caption>") < page.index('<section id="genome-a"')


def test_a_page_that_grows_too_large_loses_examples(report, monkeypatch):
    many = {**METRICS, "changed_genes": [EXAMPLE] * 12}
    assert report({"x.metrics.json": many}).count("coding bases differ</figcaption>") == 12
    monkeypatch.setattr(write, "MAX_BYTES", len(report({"x.metrics.json": METRICS}).encode()) + 6000)
    assert report({"x.metrics.json": many}).count("coding bases differ</figcaption>") < 12


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"reads.bam": "x"}, "None of the inputs"),
        ({"x.metrics.json": "{"}, "is no JSON"),
        ({"x.metrics.json": "[]"}, "no JSON object"),
        ({"x.metrics.json": "{}"}, "has no 'verdict'"),
        ({"x.base.signals.json": "{}"}, "has no 'observed': give the signals that learn-signals wrote"),
        ({"x.metrics.json": ""}, "is empty"),
        ({"x.base.signals.json": "{}"}, "has no 'observed'"),
        ({"x.training_log.tsv": "a\tb\n1\n"}, "line 2: 1 cells"),
        *(
            ({"x.base.signals.json": {"observed": observed}}, f"is damaged ({told})")
            for observed, told in (
                (7, "observed"),
                ({"donor": 7}, "observed donor"),
                ({"donor": {"first": -1, "sites": 9}}, "observed donor"),
                ({"start": {"first": 0, "sites": "x", "frequencies": []}}, "observed start"),
                ({"branch": {"first": 0, "sites": 9, "frequencies": [[0.5, 0.5]]}}, "observed branch"),
                ({"acceptor": {"first": 0, "sites": 9, "frequencies": [[0.5, 0.5, None, 0]]}}, "observed acceptor"),
                ({"introns": {"number": 3, "median_bp": 9, "edges_bp": [1, 2], "counts": [3, 4]}}, "observed introns"),
                ({"introns": {"number": 3, "median_bp": "x", "edges_bp": [1, 2], "counts": [3]}}, "observed introns"),
            )
        ),
    ],
)
def test_errors_are_one_sentence_and_leave_nothing(report, tmp_path, files, words):
    message = report(files, expect=1)
    assert words in message
    assert message.strip().splitlines()[-1].startswith("helixtune write-report:")
    assert not (tmp_path / "report.html").exists()


def test_genes_in_repeats_are_told_by_the_gate_and_by_the_selection(report):
    judged = {**METRICS, "coding_in_repeats": {"base": 0.038, "tuned": 0.25}}
    selection = {
        "rows": 2,
        "kept_rows": 1,
        "kept_bases": 9,
        "strata": [],
        "left_out": {},
        "warnings": [],
        "gene_models": {"models": 447, "in a repeat": 12, "low confidence": 0},
    }
    page = report({"x.metrics.json": judged, "x.selection.json": selection})
    assert "3.8 % of the base genes' and 25.0 % of the tuned genes'".replace("'", "&#39;") in page.replace("'", "&#39;")
    assert "of 447 gene models, 12 were not learned from (in a repeat)." in page
    assert "Not known: the samplesheet names no repeats" in report({"x.metrics.json": METRICS})


def test_the_selection_is_compared_with_the_genome(report):
    lines = [f"{share}\t0.1\t{decision}" for share, decision in
             ((0.05, "kept"), (0.15, "kept"), (0.95, "left out"), (0.95, "left out"), ("nan", "left out"))]  # fmt: skip
    page = report(
        {"x.metrics.json": METRICS, "x.scores.tsv": "\n".join(["intergenic_fraction\tdiscrepancy\tdecision", *lines])}
    )
    assert "The distributions differ by 50 %" in page


def test_citations_and_multiqc_files_lie_beside(report, tmp_path, run_cli):
    log = "stage\tepoch\tvalidation_loss\tbest\ntune\t0\t0.4\tno\ntune\t1\t0.3\tyes\n"
    report({"x.metrics.json": METRICS, "x.training_log.tsv": log})
    paths = tmp_path / "x.metrics.json", tmp_path / "x.training_log.tsv"
    words = ["--output", tmp_path / "r.html", "--citations", tmp_path / "c.bib", "--multiqc-dir", tmp_path / "mqc"]
    assert run_cli("write-report", "--inputs", *paths, *words)[0] == 0
    bib = (tmp_path / "c.bib").read_text()
    assert f"As BibTeX: <code>{tmp_path / 'c.bib'}</code>" in (tmp_path / "r.html").read_text()
    assert bib.count("@article{") == bib.count("doi = {10.") == 5
    found = {path.name: json.loads(path.read_text()) for path in (tmp_path / "mqc").iterdir()}
    assert found["helixtune_verdicts_mqc.json"]["data"]["x"]["verdict"] == "tuned"
    assert found["helixtune_loss_mqc.json"]["data"]["x"] == {"0": 0.4, "1": 0.3}
    assert found["helixtune_changes_mqc.json"]["data"]["x"] == {"unchanged": 2, "only tuned": 1}
    assert "x base" in found["helixtune_confidence_mqc.json"]["data"]
    assert len({content["id"] for content in found.values()}) == 4


def test_figures_that_this_version_does_not_know_are_shown_too(report):
    vote = {**VOTE, "name": "novelty", "question": "Something new?"}
    newer = {
        **METRICS,
        "verdict": {**METRICS["verdict"], "votes": [vote]},
        "gene_changes": {"moved": 3},
        "later": {"a": 1},
    }
    page = report({"x.metrics.json": newer})
    assert "Something new?" in page
    assert "novelty" in page
    assert "moved 3" in page


def test_what_was_learnt_of_the_genome_is_shown_for_the_recommended_model(report):
    site = {"first": -1, "sites": 777, "frequencies": [[0.7, 0.1, 0.1, 0.1], [0, 0, 0, 1]]}
    introns = {"number": 88, "median_bp": 51.0, "edges_bp": [40, 50, 60], "counts": [40, 48]}
    tuned = {"observed": {"donor": site, "acceptor": site, "start": site, "branch": site, "introns": introns}}
    base = {"observed": dict.fromkeys(tuned["observed"])}
    table = "iteration\tintrons_are\tsame_share\n1\tgeneric\t0.5\n2\tlearned\t0.995\n"
    files = {
        "x.metrics.json": METRICS,
        "x.base.signals.json": base,
        "x.tuned.signals.json": tuned,
        "x.tuned.signals.tsv": table,
    }
    page = report(files)
    learnt = page[page.index("What was learnt of this genome</h3>") :]
    assert "From the genes called with the tuned model" in learnt
    for title in (
        "Donor: where introns begin",
        "Acceptor: where introns end",
        "Branch point",
        "Start codon",
        "Lengths of introns",
    ):
        assert f'<p class="title">{title}</p><svg' in learnt
    assert learnt.count("From 777 ") == 4
    assert '<path class="base-G"' in learnt
    assert '<td>learned</td><td class="n">0.995</td>' in learnt
    assert "What was learnt" not in report({"x.metrics.json": METRICS})


def test_what_is_not_there_is_not_told(report):
    page = report({"x.metrics.json": METRICS}, {"hmms": None, "keep_fraction": 0.2})
    assert "–: not given." in page
    assert '<th scope="row">hmms</th><td>–</td>' in page
    assert "As BibTeX" not in page


@pytest.mark.parametrize(("confidence", "percent"), [(0.975, 97), (0.999, 99), (1.0, 100)])
def test_every_place_tells_the_confidence_alike(report, tmp_path, run_cli, confidence, percent):
    metrics = {**METRICS, "reference": None, "verdict": {**METRICS["verdict"], "confidence": confidence}}
    page = report({"x.metrics.json": metrics})
    assert f"</strong> ({percent} %)" in page
    words = ["--output", tmp_path / "r.html", "--multiqc-dir", tmp_path / "mqc"]
    assert run_cli("write-report", "--inputs", tmp_path / "x.metrics.json", *words)[0] == 0
    verdicts = json.loads((tmp_path / "mqc/helixtune_verdicts_mqc.json").read_text())
    assert verdicts["data"]["x"]["confidence"] == percent
    show_results = runpy.run_path(str(PROJECT / "tools/show_results.py"))
    assert f"(confidence {percent} %)" in show_results["verdict_line"]("x", metrics)


def test_candidates_are_listed_when_there_were_several(report):
    head = "round\tcandidate\tchosen\tgate\testimated_gain\tspread\tconfidence\tprevious_round\treason\n"
    lines = "1\tnew-head\tyes\ttuned\t0.05\t0.01\t0.97\t\tgood\n1\twhole-network\tno\tbase\t\t\t0.5\t\tno <evidence>\n"
    page = report({"x.metrics.json": METRICS, "x.candidates.tsv": head + lines})
    assert "<h3>Candidates</h3>" in page
    assert "no &lt;evidence&gt;" in page
    assert '<td class="n">97 %</td><td>good</td>' in page
    assert '<td class="n">50 %</td>' in page
    single = report({"x.metrics.json": METRICS, "x.candidates.tsv": head + lines.splitlines()[0] + "\n"})
    assert "<h3>Candidates</h3>" not in single
