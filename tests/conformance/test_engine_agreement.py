"""The fast engine against the reference where it matters: classes and genes of real sequence, with a trained model."""

import gzip

import h5py
import pytest

from helixtune.annotation.gff3 import read_genes
from helixtune.evaluation.models import cds_models

pytestmark = [pytest.mark.shared, pytest.mark.full]


def coding_chains(path) -> set:
    models = cds_models(read_genes(path))
    return {(model.seqid, model.strand, chain) for model in models for chain in model.chains}


@pytest.fixture(scope="module")
def chromosome(shared_dir, tmp_path_factory):
    """Chromosome III of S. pombe, 2.45 Mb, encoded."""
    from helixtune.cli import main

    folder = tmp_path_factory.mktemp("pombe")
    fasta = folder / "III.fa"
    with (
        gzip.open(shared_dir / "data/schizosaccharomyces_pombe/genome.fa.gz", "rt") as source,
        fasta.open("w") as target,
    ):
        keep = False
        for line in source:
            keep = line.startswith(">III") if line.startswith(">") else keep
            target.write(line if keep else "")
    assert main(["encode-genome", "--fasta", str(fasta), "--species", "pombe", "--output", str(folder / "g.h5")]) == 0
    return folder / "g.h5"


@pytest.fixture(scope="module")
def called(chromosome, shared_dir):
    """Return a function: engine options -> (classes of all bases, coding chains of all genes)."""
    from helixtune.cli import main

    def call(name, *options):
        predictions, genes = chromosome.with_name(f"{name}.h5"), chromosome.with_name(f"{name}.gff3")
        model = shared_dir / "golden/yeast_base_upstream.h5"
        words = ["--model", model, "--genome", chromosome, "--output", predictions, *options]
        assert main(["predict-classes", *map(str, words)]) == 0
        words = ["--genome", chromosome, "--predictions", predictions, "--output", genes]
        assert main(["call-genes", *map(str, words)]) == 0
        with h5py.File(predictions) as file:
            return file["predictions"][:].argmax(-1), coding_chains(genes)

    return call


@pytest.mark.parametrize("options", [("--engine", "openvino", "--precision", "float32"), ()], ids=["float32", "auto"])
def test_999_bases_and_990_genes_of_a_thousand_are_the_same(options, called):
    pytest.importorskip("openvino")
    classes, genes = called("exact", "--engine", "tensorflow", "--precision", "float32")
    fast_classes, fast_genes = called("fast", *options)
    same_genes = len(genes & fast_genes) / max(len(genes), len(fast_genes))
    assert (classes == fast_classes).mean() >= 0.999
    assert len(genes) > 800
    assert same_genes >= 0.99
