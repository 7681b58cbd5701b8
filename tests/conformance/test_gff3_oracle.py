"""Real annotations, read by us and by gffutils (an independent parser): the same transcripts, exons and CDS."""

import gffutils
import pytest

from helixtune.annotation.gff3 import read_genes
from helixtune.annotation.sequence_ontology import CDS_TYPES, EXON_TYPES, TRANSCRIPT_TYPES

SMALL = ["arabidopsis_thaliana_1pct", "caenorhabditis_elegans_1pct", "drosophila_melanogaster_demo1mb"]
BIG = [
    pytest.param("saccharomyces_cerevisiae", marks=pytest.mark.full),
    pytest.param("schizosaccharomyces_pombe", marks=pytest.mark.full),
]


def parts(database, transcript, types) -> list[tuple]:
    found = [part for part in database.children(transcript, level=1) if part.featuretype in types]
    return sorted((part.start - 1, part.end, part.frame) for part in found)


@pytest.mark.shared
@pytest.mark.parametrize("genome", SMALL + BIG)
def test_gffutils_finds_the_same_structure(shared_dir, genome):
    path = shared_dir / "data" / genome / "annotation.gff3.gz"
    database = gffutils.create_db(str(path), ":memory:", merge_strategy="create_unique", disable_infer_genes=True)
    expected = {}
    for t in database.all_features():
        if t.featuretype in TRANSCRIPT_TYPES:
            expected[t.id] = (t.start - 1, t.end, parts(database, t, EXON_TYPES), parts(database, t, CDS_TYPES))
    ours = {}
    for gene in read_genes(path):
        for t in gene.transcripts:
            assert gene.id in {parent.id for parent in database.parents(t.id)}
            cds = sorted((start, end, "." if phase is None else str(phase)) for start, end, phase in t.cds)
            ours[t.id] = (t.start, t.end, [(start, end, ".") for start, end in t.exons], cds)
    assert ours == expected
