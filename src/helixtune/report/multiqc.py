"""Custom content for MultiQC: one `*_mqc.json` a table or plot, genomes as samples."""

from collections.abc import Iterable, Mapping, Sequence

from helixtune.report import wording
from helixtune.report.inputs import GenomeFiles

PARENT = {"parent_id": "helixtune", "parent_name": "helixtune"}


def multiqc_files(genomes: Sequence[GenomeFiles]) -> dict[str, dict]:
    """Return {file name: content}; what no genome has figures for is left out."""
    judged = [genome for genome in genomes if genome.metrics]
    files = {
        "helixtune_verdicts_mqc.json": _table(judged),
        "helixtune_changes_mqc.json": _changes(judged),
        "helixtune_loss_mqc.json": _losses(genomes),
        "helixtune_confidence_mqc.json": _confidences(judged),
    }
    return {name: content for name, content in files.items() if content["data"]}


def _section(name: str, title: str, description: str, plot: str, data: Mapping, **more) -> dict:
    return {**PARENT, "id": f"helixtune_{name}", "section_name": title, "description": description, "plot_type": plot,
            **more, "data": dict(data)}  # fmt: skip


def _table(genomes: Iterable[GenomeFiles]) -> dict:
    headers = {
        "verdict": {"title": "Genes to use", "description": "base or tuned"},
        "confidence": {"title": "How sure", "min": 0, "max": 100, "suffix": " %", "format": "{:.0f}"},
        "estimated_gain": {
            "title": "Change of F1",
            "description": "estimated without a reference",
            "format": "{:+.3f}",
        },
        "genes": {"title": "Genes", "description": "of the recommended set", "format": "{:,.0f}"},
        "base_exon_f1": {"title": "Exon F1, base", "description": "coding, by the reference", "min": 0, "max": 1},
        "tuned_exon_f1": {"title": "Exon F1, tuned", "description": "coding, by the reference", "min": 0, "max": 1},
    }
    data = {genome.id: _row(genome.metrics) for genome in genomes}
    return _section(
        "verdicts", "Base or tuned", "Which genes helixtune recommends; the reference never decides.", "table", data,
        headers=headers, pconfig={"id": "helixtune_verdicts_table", "title": "helixtune: verdicts"},
    )  # fmt: skip


def _row(metrics: Mapping) -> dict:
    verdict, reference = metrics["verdict"], metrics.get("reference") or {}
    row = {
        "verdict": verdict["recommended"],
        "confidence": None if verdict.get("confidence") is None else wording.whole_percent(verdict["confidence"]),
        "estimated_gain": verdict.get("estimated_gain"),
        "genes": (metrics["gene_statistics"].get(verdict["recommended"]) or {}).get("genes"),
    }
    for name in ("base", "tuned"):
        levels = (reference.get(name) or {}).get("cds") or {}
        row[f"{name}_exon_f1"] = (levels.get("exon") or {}).get("f1")
    return {name: value for name, value in row.items() if value is not None}


def _changes(genomes: Iterable[GenomeFiles]) -> dict:
    data = {
        genome.id: {wording.KIND_NAMES.get(kind, kind): n for kind, n in genome.metrics["gene_changes"].items()}
        for genome in genomes
        if genome.metrics.get("gene_changes")
    }
    pconfig = {
        "id": "helixtune_changes_plot",
        "title": "helixtune: genes from base to tuned",
        "ylab": "groups of genes",
    }
    return _section("changes", "Changed genes", "Genes that stand for each other.", "bargraph", data, pconfig=pconfig)


def _losses(genomes: Iterable[GenomeFiles]) -> dict:
    data = {}
    for genome in genomes:
        last = [row for row in genome.log if row.get("stage") == genome.log[-1].get("stage")]
        losses = {i: float(row["validation_loss"]) for i, row in enumerate(last) if "validation_loss" in row}
        if losses:
            data[genome.id] = losses
    pconfig = {"id": "helixtune_loss_plot", "title": "helixtune: validation loss", "xlab": "check", "ylab": "loss"}
    text = "Loss on validation rows, which carry pseudolabels: whether tuning converged, not whether genes got better."
    return _section("loss", "Tuning", text, "linegraph", data, pconfig=pconfig)


def _confidences(genomes: Iterable[GenomeFiles]) -> dict:
    data = {}
    for genome in genomes:
        for name, statistics in genome.metrics["gene_statistics"].items():
            found = statistics.get("confidence_histogram")
            if found:
                data[f"{genome.id} {name}"] = dict(zip(map(str, found["edges"]), found["counts"], strict=False))
    pconfig = {"id": "helixtune_confidence_plot", "title": "helixtune: confidence of genes", "xlab": "confidence, from",
               "ylab": "genes"}  # fmt: skip
    return _section("confidence", "Confidence", "Genes by confidence.", "linegraph", data, pconfig=pconfig)
