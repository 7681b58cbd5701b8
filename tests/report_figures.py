"""Metrics of a genome for which the report has everything to show."""

import math

CLASSES = ("intergenic", "UTR", "CDS", "intron")
LEVELS = ("base", "exon", "intron", "intron_chain", "transcript", "gene")


def rich_metrics(species: str = "S. pombe", n_examples: int = 12) -> dict:
    """Return metrics.json of a comparison that the tuned genes win."""
    reference = {name: _judged(f1) for name, f1 in (("base", 0.71), ("tuned", 0.78))}
    return {
        "species": species,
        "simulated": False,
        "genome": {"sequences": 2, "bases": 12_345_678},
        "verdict": {
            "recommended": "tuned", "reason": "The evidence favours the tuned genes.", "confidence": 0.97,
            "estimated_gain": 0.06, "spread": 0.02, "votes": [_vote(i) for i in range(6)],
        },
        "base": {"file": "b.gff3"},
        "tuned": {"file": "t.gff3"},
        "gene_statistics": {"base": _statistics(1.0), "tuned": _statistics(1.1)},
        "gene_changes": {"unchanged": 400, "restructured": 50, "new": 12, "lost": 9, "split": 3, "fused": 2, "rearranged": 1},
        "changed_share": 0.1234,
        "reference": {"file": "r.gff3", **reference, "prefers": "tuned", "gain": 0.05, "agrees_with_gate": True},
        "changed_genes": [_example(i) for i in range(n_examples)],
        "warnings": ["b.gff3: 12 genes were not compared with the reference: it has no gene on their sequences."],
    }  # fmt: skip


def training_log() -> str:
    """Return a training log of ten checks."""
    head = "stage\tepoch\ttrain_loss\tvalidation_loss\tgenic_f1\tcds_f1\tintron_f1\tbest\n"
    rows = [
        f"tune\t{i}\t{0.4 / (i + 1)}\t{0.5 / (i + 1)}\t0.8\t0.82\t0.6\t{'yes' if i == 7 else 'no'}\n" for i in range(10)
    ]
    return head + "".join(rows)


def _vote(number: int) -> dict:
    names = ("sequence", "junctions", "proteins", "profiles", "protein_likeness", "busco")
    deviation = (3.1, -1.4, 0.2, 9.0, -0.0, 1.5)[number]
    return {
        "name": names[number], "question": "Does this figure speak for either?",
        "base": 0.71, "tuned": 0.74, "gain": 0.02 * deviation, "error": 0.02, "deviation": deviation, "evidence": 1234,
        "unit": "codon pairs that differ", "favours": "tuned" if deviation > 1 else "base" if deviation < -1 else "neither",
    }  # fmt: skip


def _statistics(factor: float) -> dict:
    counts = [int(factor * n) for n in (3, 20, 90, 160, 120, 60, 12, 1)]
    return {
        "genes": int(466 * factor), "cds_bp": 500_000, "single_exon_genes": 95, "exons_per_gene": 2.56, "median_cds_bp": 1057.5,
        "median_exon_bp": 240.0, "introns": 635, "median_intron_bp": 70.0, "tiny_exons": 9, "median_confidence": 0.852,
        "cds_histogram": {"edges": [0, 100, 200, 400, 800, 1600, 3200, 6400, 12800], "counts": counts},
        "intron_histogram": {"edges": [0, 50, 100, 200, 400, 800, 1600, 6400, 25600], "counts": counts},
        "confidence_histogram": {"edges": [i / 10 for i in range(11)], "counts": [0, 0, *counts]},
    }  # fmt: skip


def _judged(f1: float) -> dict:
    level = {"precision": f1, "recall": f1, "f1": f1, "predicted": 10, "reference": 10}
    bins = [
        {"from": i / 10, "to": (i + 1) / 10, "genes": 10 * i, "mean_confidence": i / 10 + 0.05, "exactly_right": i / 12}
        for i in range(1, 10)
    ]
    return {
        "cds": dict.fromkeys(LEVELS, level), "with_utrs": dict.fromkeys(LEVELS, level), "confidence": bins,
        "genes": {"missed": 9, "novel": 12, "split": 3, "fused": 4},
    }  # fmt: skip


def _example(number: int) -> dict:
    wave = [round(0.5 + 0.5 * math.sin(i / 9 + number), 3) for i in range(240)]
    model = {
        "id": f"g{number}",
        "confidence": 0.8,
        "exons": [[1100, 1500], [1620, 1900]],
        "cds": [[1200, 1500], [1620, 1800]],
    }
    return {
        "kind": ("restructured", "new", "lost", "split")[number % 4], "seqid": "chr1", "strand": "+-"[number % 2], "start": 1000,
        "end": 2000, "changed_bp": 90 + number,
        "genes": {"base": [] if number % 4 == 1 else [model], "tuned": [model], "reference": [model]},
        "tracks": {name: dict.fromkeys(CLASSES, wave) for name in ("base", "tuned")},
    }  # fmt: skip
