"""evaluate-genes against gffcompare, where both define a figure alike."""

import re
import shutil
import subprocess
import warnings

import numpy as np
import pytest

from helixtune.annotation.gff3 import read_genes
from helixtune.evaluation.models import cds_models, exon_models
from helixtune.evaluation.scores import add_up, score_by_sequence

# gffcompare prints tenths of a percent, drops reference transcripts that it calls redundant (about one in a thousand), and
# treats transcripts that share all introns as candidates for one another: one or two of 350 transcripts differ.
TOLERANCE = {"intron chain": 0.006, "transcript": 0.005}
NAMES = {"base": "base", "exon": "exon", "intron": "intron", "intron chain": "intron_chain", "transcript": "transcript"}


@pytest.fixture(scope="module")
def gffcompare() -> str:
    program = shutil.which("gffcompare")
    if not program:
        warnings.warn("gffcompare is not installed: its figures were not compared", stacklevel=1)
        pytest.skip("gffcompare not found on PATH")
    return program


def write_as_exons(models, path):
    """Write chains as transcripts that have exons only: gffcompare then compares just these."""
    with path.open("w") as file:
        for gene in models:
            for number, chain in enumerate(gene.chains):
                name = f"{gene.id}.t{number}"
                head = f"{gene.seqid}\tx\tmRNA\t{chain[0][0] + 1}\t{chain[-1][1]}\t.\t{gene.strand}\t.\t"
                file.write(f"{head}ID={name};geneID={gene.id}\n")
                for start, end in chain:
                    file.write(f"{gene.seqid}\tx\texon\t{start + 1}\t{end}\t.\t{gene.strand}\t.\tParent={name}\n")


def gffcompare_levels(program, predicted, reference, folder) -> dict[str, tuple[float, float]]:
    """Return level -> (recall, precision) as gffcompare sees them."""
    for name, models in (("predicted", predicted), ("reference", reference)):
        write_as_exons(models, folder / f"{name}.gff3")
    subprocess.run(
        [program, "-r", "reference.gff3", "-e", "0", "--strict-match", "--no-merge", "-T", "-o", "out", "predicted.gff3"],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip
    lines = (folder / "out.stats").read_text()
    found = re.findall(r"^\s*(\w[\w ]*?) level:\s*([\d.]+)\s*\|\s*([\d.]+)", lines, re.MULTILINE)
    return {name.lower(): (float(recall) / 100, float(precision) / 100) for name, recall, precision in found}


def with_errors(models, seed):
    """Lose genes and isoforms, move ends, drop exons: a prediction that is wrong in every way that is scored."""
    rng = np.random.default_rng(seed)
    for gene in models:
        if rng.random() < 0.15:
            continue
        chains = []
        for chain in gene.chains[: None if rng.random() < 0.5 else 1]:
            segments = [list(segment) for segment in chain]
            if rng.random() < 0.2 and len(segments) > 1:
                segments.pop(rng.integers(len(segments)))
            moved = segments[rng.integers(len(segments))]
            if rng.random() < 0.3 and moved[1] - moved[0] > 20:
                moved[rng.integers(2)] += 6 if rng.random() < 0.5 and moved is segments[-1] else 0
            chains.append(tuple(tuple(segment) for segment in segments))
        yield type(gene)(gene.id, gene.seqid, gene.strand, tuple(dict.fromkeys(chains)))


@pytest.mark.shared
@pytest.mark.parametrize("models_of", [cds_models, exon_models])
@pytest.mark.parametrize("genome", ["schizosaccharomyces_pombe", "arabidopsis_thaliana_1pct"])
def test_scores_equal_gffcompare(gffcompare, shared_dir, tmp_path, genome, models_of):
    reference = models_of(read_genes(shared_dir / "data" / genome / "annotation.gff3.gz"))
    predicted = list(with_errors(reference, seed=1))
    scores = add_up(score_by_sequence(predicted, reference, {gene.seqid for gene in reference}).values())
    theirs = gffcompare_levels(gffcompare, predicted, reference, tmp_path)
    for name, level in NAMES.items():
        allowed = TOLERANCE.get(name, 0.002)
        assert theirs[name] == pytest.approx((scores[level].recall, scores[level].precision), abs=allowed), name
    assert 0.3 < scores["transcript"].f1 < 0.95  # the comparison is worth something


@pytest.mark.shared
def test_upstream_calls_score_as_gffcompare_scores_them(gffcompare, golden, tmp_path):
    predicted, reference = (cds_models(read_genes(golden / name)) for name in ("called.gff3", "reference.gff3"))
    scores = add_up(score_by_sequence(predicted, reference, {gene.seqid for gene in reference}).values())
    theirs = gffcompare_levels(gffcompare, predicted, reference, tmp_path)
    for name, level in {**NAMES, "locus": "gene"}.items():
        assert theirs[name] == pytest.approx((scores[level].recall, scores[level].precision), abs=0.001), name
