"""A genome cut between its genes: nothing of what is counted depends on the cuts."""

from dataclasses import replace

import numpy as np
import pytest

from conftest import random_bases
from helixtune.annotation.genes import Gene, Transcript
from helixtune.annotation.genome_file import GenomeFile
from helixtune.annotation.translation import iter_genome
from helixtune.cli import main
from helixtune.evaluation import gathering, stretches
from helixtune.evaluation.blocks import FOLDS, GenomeBlocks
from helixtune.evaluation.called_classes import CalledClasses
from helixtune.evaluation.changes import count_changes, find_changes, pick_examples
from helixtune.evaluation.coded_proteins import alike_genes, sample_alike
from helixtune.evaluation.gathering import Evidence, gather_evidence, gather_gene_facts
from helixtune.evaluation.models import cds_models, exon_models
from helixtune.evaluation.statistics import describe, gene_statistics
from helixtune.evaluation.strands import GeneSets
from helixtune.evaluation.stretches import cut_genome
from whole_strands import iter_strands

LENGTHS = {"long": 150_000, "bare": 40_000, "short": 900, "tiny": 30, "other": 60_000}
PROCESSES = (1, 3)


@pytest.fixture
def genome(tmp_path, write_fasta, sets) -> GenomeFile:
    letters = {seqid: bytearray(random_bases(length, i).encode()) for i, (seqid, length) in enumerate(LENGTHS.items())}
    for gene in (*sets.base, *sets.tuned):
        start, end, bases = gene.start, gene.transcripts[0].end, letters[gene.seqid]
        at, codon = (start, b"ATG") if gene.strand == "+" else (end - 3, b"CAT")
        bases[at : at + 3] = codon
    fasta = write_fasta({seqid: bases.decode() for seqid, bases in letters.items()})
    path = tmp_path / "genome.h5"
    words = ["--fasta", fasta, "--species", "x", "--subsequence-length", 7128, "--output", path]
    assert main(["encode-genome", *map(str, words)]) == 0
    return GenomeFile.read(path)


def draw_genes(seed: int) -> list[Gene]:
    """Genes of one to four exons, some across each other, some with an exon beyond the gene's own border."""
    rng, genes = np.random.default_rng(seed), []
    for seqid, length in LENGTHS.items():
        for _ in range(0 if seqid == "bare" else length // 1500):
            n_exons = int(rng.integers(1, 5))
            borders = np.cumsum(rng.integers(60, 300, 2 * n_exons))
            start = int(rng.integers(0, max(1, length - borders[-1])))
            exons = tuple((start + int(a), start + int(b)) for a, b in borders.reshape(-1, 2))
            if exons[-1][1] > length:
                continue
            strand, name = "+-"[int(rng.integers(2))], f"g{len(genes)}"
            parts = tuple((*exon, 0) for exon in exons)
            one = Transcript(f"{name}.1", "mRNA", strand, exons[0][0], exons[-1][1], exons, parts)
            end = exons[0][1] if rng.random() < 0.1 else exons[-1][1]
            genes.append(Gene(name, seqid, strand, exons[0][0], end, "gene", (one,), rng.random()))
    return numbered([genes[i] for i in rng.permutation(len(genes))])


def numbered(genes: list[Gene]) -> list[Gene]:
    """Give genes the lines that they would have in a file."""
    return [replace(gene, line=number) for number, gene in enumerate(genes, start=1)]


@pytest.fixture
def sets() -> GeneSets:
    base = draw_genes(1)
    return GeneSets(base, numbered([*base[::2], *draw_genes(2)[::2]]))


@pytest.fixture
def short_stretches(monkeypatch):
    monkeypatch.setattr(stretches, "TARGET_BP", 9_000)
    monkeypatch.setattr("helixtune.evaluation.blocks.MIN_BLOCK_BP", 5_000)
    monkeypatch.setattr("helixtune.evaluation.called_pieces.MAX_OUTSIDE_BP", 100_000)
    monkeypatch.setattr("helixtune.evaluation.coded_proteins.MAX_IDENTICAL", 20)


def test_stretches_cover_the_genome_and_hold_every_gene_once(sets, short_stretches):
    batches = cut_genome(LENGTHS, [sets.base, sets.tuned])
    found = [one for batch in batches for one in batch]
    assert len(found) > 20
    for seqid, length in LENGTHS.items():
        here = [(one.start, one.end) for one in found if one.seqid == seqid]
        assert [start for start, _ in here] == [0, *(end for _, end in here[:-1])]
        assert here[-1][1] == length
    for number, genes in enumerate((sets.base, sets.tuned)):
        assert sorted(i for one in found for i in one.genes[number].tolist()) == list(range(len(genes)))
        for one in found:
            for gene in (genes[i] for i in one.genes[number].tolist()):
                assert gene.seqid == one.seqid
                assert one.start <= gene.start
                assert max(gene.end, gene.transcripts[0].end) <= one.end
    assert sum(one.end - one.start > 2 * 9_000 for one in found) < len(found) / 4


def whole(genome: GenomeFile, sets: GeneSets, path) -> Evidence:
    blocks = GenomeBlocks.of(LENGTHS)
    strands = list(iter_strands(iter_genome(path), sets))
    sample = sample_alike([one for strand in strands for one in alike_genes(blocks, strand)], len(sets.base))
    evidence = Evidence.empty(blocks, sample)
    for strand in strands:
        evidence.add_strand(strand)
    return evidence


@pytest.mark.parametrize("processes", PROCESSES)
def test_evidence_is_that_of_whole_sequences(genome, sets, short_stretches, tmp_path, processes):
    expected = whole(genome, sets, tmp_path / "genome.h5")
    batches = cut_genome(LENGTHS, [sets.base, sets.tuned])
    found = gather_evidence(genome, sets, batches, processes, with_proteins=True)
    pairs = zip(
        (*found.pieces.pieces(), found.pieces.decoys), (*expected.pieces.pieces(), expected.pieces.decoys), strict=True
    )
    for ours, theirs in pairs:
        for name in ours.__dataclass_fields__:
            assert len(getattr(ours, name)) >= FOLDS
            assert np.array_equal(getattr(ours, name), getattr(theirs, name)), name
    assert expected.pieces.decoys.outside.sum() > 10_000
    proteins = [[(one.letters, one.weight, one.kinds.tolist(), one.blocks.tolist()) for one in some.proteins.proteins]
                for some in (found, expected)]  # fmt: skip
    assert proteins[0] == proteins[1]
    assert {weight for _, weight, _, _ in proteins[0]} == {1.0, 2.0 * (len(sets.base) // 20)}


@pytest.mark.parametrize("processes", PROCESSES)
def test_facts_of_genes_are_those_of_whole_sets(sets, short_stretches, processes):
    genes = {"base": sets.base, "tuned": sets.tuned}
    found = gather_gene_facts(genes, LENGTHS, processes)
    changes = find_changes(*(cds_models(some) for some in genes.values()))
    assert count_changes(found.changes) == count_changes(changes)
    assert min(count_changes(changes)[kind] for kind in ("unchanged", "new", "lost", "restructured")) > 5
    assert pick_examples(found.changes, 12, 30_000) == pick_examples(changes, 12, 30_000)
    assert found.changes.changed_share() == changes.changed_share()
    for name, some in genes.items():
        assert describe(found.measures[name]) == gene_statistics(cds_models(some), exon_models(some))
        calls = CalledClasses(some)
        for seqid, length in LENGTHS.items():
            for strand in "+-":
                assert (found.calls[name].on(seqid, strand, 0, length) == calls.on(seqid, strand, 0, length)).all()


def test_one_set_alone_has_no_changes(sets, short_stretches):
    found = gathering.gather_gene_facts({"base": sets.base}, LENGTHS, 2)
    assert len(found.changes) == 0
    assert found.changes.changed_share() == 0.0


def test_a_genome_file_gives_the_letters_of_any_stretch(genome, tmp_path):
    letters = {one.seqid: one.bases for one in iter_genome(tmp_path / "genome.h5")}
    places = [
        ("long", 0, 150_000),
        ("long", 7127, 7129),
        ("long", 14_256, 14_256),
        ("tiny", 3, 30),
        ("other", 59_990, 60_000),
    ]
    for (seqid, start, end), found in zip(places, genome.read_stretches(places, 1), strict=True):
        assert found == letters[seqid][start:end]
