"""Print evaluate-genes beside gffcompare as the table of docs/reference/evaluation.md.

HELIXTUNE_DATA=folder PATH=$PATH:folder/of/gffcompare python benchmarks/gffcompare.py
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT / "tests/conformance"))

from test_gffcompare import NAMES, gffcompare_levels, with_errors  # noqa: E402

from helixtune.annotation.gff3 import read_genes  # noqa: E402
from helixtune.evaluation.models import cds_models, exon_models  # noqa: E402
from helixtune.evaluation.scores import add_up, score_by_sequence  # noqa: E402

GENOMES = {"*S. pombe*": "schizosaccharomyces_pombe", "*A. thaliana* (1 %)": "arabidopsis_thaliana_1pct"}
FEATURES = {"CDS": cds_models, "with UTRs": exon_models}


def rows(program: str, folder: Path):
    """Yield genome, features, level, our and their recall and precision."""
    for genome, name in GENOMES.items():
        genes = read_genes(folder / "data" / name / "annotation.gff3.gz")
        for features, models_of in FEATURES.items():
            reference = models_of(genes)
            predicted = list(with_errors(reference, seed=1))
            ours = add_up(score_by_sequence(predicted, reference, {gene.seqid for gene in reference}).values())
            with tempfile.TemporaryDirectory() as scratch:
                theirs = gffcompare_levels(program, predicted, reference, Path(scratch))
            for level, our_name in NAMES.items():
                yield genome, features, level, (ours[our_name].recall, ours[our_name].precision), theirs[level]


def main() -> None:
    """Print the table in Markdown."""
    program = shutil.which("gffcompare")
    if not program:
        sys.exit("gffcompare is not on PATH")
    print("| genome | features | level | evaluate-genes | gffcompare |\n|---|---|---|---|---|")
    for genome, features, level, ours, theirs in rows(program, Path(os.environ["HELIXTUNE_DATA"])):
        pairs = [" / ".join(f"{100 * value:.1f}" for value in pair) for pair in (ours, theirs)]
        print(f"| {genome} | {features} | {level} | {pairs[0]} | {pairs[1]} |")


if __name__ == "__main__":
    main()
