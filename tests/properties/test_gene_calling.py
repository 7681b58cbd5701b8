"""What holds for any genome: genes that the model can express come back, and how the work is cut up never matters."""

import itertools

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gene_calling_files import (
    blurred,
    exons_and_cds,
    lay_genes,
    perfect,
    random_letters,
    shift_padding,
    write_genome,
    write_predictions,
)
from helixtune.annotation.gff3 import read_genes
from helixtune.annotation.translation import iter_genome
from helixtune.gene_calling.run import CallFiles, StateModel, call_and_write
from helixtune.gene_calling.settings import CallSettings

QUICK = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
GENES = st.lists(st.tuples(st.integers(0, 4), st.booleans()), min_size=1, max_size=4)


def call(folder, threads=1, rules="upstream", min_intron=50, name="genes.gff3", **options):
    files = CallFiles(folder / "g.h5", [folder / "p.h5"], folder / name, **options)
    call_and_write(files, StateModel(CallSettings(rules, min_intron)), threads)
    return (folder / name).read_bytes()


def write_world(folder, world: dict, width: int, **attributes) -> None:
    write_genome(folder / "g.h5", {"chr": world["letters"]}, width)
    write_predictions(folder / "p.h5", {"chr": perfect(world)}, width, **attributes)


@QUICK
@given(
    genes=GENES,
    seed=st.integers(0, 2**32 - 1),
    width=st.integers(90, 4000),
    rules=st.sampled_from(["upstream", "improved"]),
)
def test_perfect_predictions_give_the_genes_back(tmp_path, genes, seed, width, rules):
    rng = np.random.default_rng(seed)
    world = lay_genes(rng, *map(list, zip(*genes, strict=True)), shortest_exon_bp=1 if rules == "upstream" else 3)
    write_world(tmp_path, world, width)
    call(tmp_path, rules=rules)
    called = read_genes(tmp_path / "genes.gff3")
    assert len(called) == len(genes)
    for strand in "+-":
        found = {
            (gene.transcripts[0].exons, tuple((start, end) for start, end, _ in gene.transcripts[0].cds))
            for gene in called
            if gene.strand == strand
        }
        assert found == exons_and_cds(world["classes"][strand])
    assert all(gene.confidence == 1 for gene in called)


@QUICK
@given(
    seed=st.integers(0, 2**32 - 1),
    share=st.sampled_from([0.3, 0.7, 1.0]),
    rules=st.sampled_from(["upstream", "improved"]),
)
def test_threads_and_blocks_change_nothing(tmp_path, monkeypatch, seed, share, rules):
    write_noisy(tmp_path, np.random.default_rng(seed), share, width=997)
    with monkeypatch.context() as limits:
        expected = call(tmp_path, 1, rules)
        assert call(tmp_path, 3, rules) == expected
        limits.setattr("helixtune.gene_calling.calling.BLOCK_BYTES", 1)
        limits.setattr("helixtune.gene_calling.calling.WAITING_BP", 100)
        limits.setattr("helixtune.gene_calling.solving.STRETCH_BP", 61)
        assert call(tmp_path, 2, rules) == expected
        assert call(tmp_path, 1, rules) == expected


@QUICK
@given(
    seed=st.integers(0, 2**32 - 1),
    share=st.sampled_from([0.3, 0.7, 1.0]),
    rules=st.sampled_from(["upstream", "improved"]),
    block_bp=st.integers(90, 900),
)
def test_long_regions_have_the_genes_of_whole_ones(tmp_path, monkeypatch, seed, share, rules, block_bp):
    write_noisy(tmp_path, np.random.default_rng(seed), share, width=397)
    with monkeypatch.context() as limits:
        limits.setattr("helixtune.gene_calling.solving.fits", lambda n, cost: False)  # long ones break no ties
        expected = call(tmp_path, 1, rules)
        limits.setattr("helixtune.gene_calling.tie_search.LARGEST_BP", 300)
        limits.setattr("helixtune.gene_calling.long_path.BLOCK_BP", block_bp)
        limits.setattr("helixtune.gene_calling.calling.BLOCK_BYTES", 1)
        assert call(tmp_path, 1, rules) == expected
        assert call(tmp_path, 3, rules) == expected


def write_noisy(folder, rng, share: float, width: int) -> None:
    worlds = {name: lay_genes(rng, [2, 1], [False, True]) for name in ("a", "b")}
    letters = {name: world["letters"] for name, world in worlds.items()} | {"tiny": random_letters(rng, 40)}
    tracks = {
        name: {s: tuple(blurred(rng, probs, share) for probs in perfect(world)[s]) for s in "+-"}
        for name, world in worlds.items()
    }
    tracks["tiny"] = {s: (np.full((40, 4), 0.25), np.full((40, 4), 0.25)) for s in "+-"}
    write_genome(folder / "g.h5", letters, width)
    write_predictions(folder / "p.h5", tracks, width)


@QUICK
@given(seed=st.integers(0, 2**32 - 1), share=st.sampled_from([0.5, 1.0]), min_intron=st.integers(15, 60))
def test_improved_rules_hold_for_any_predictions(tmp_path, seed, share, min_intron):
    write_noisy(tmp_path, np.random.default_rng(seed), share, width=2000)
    call(tmp_path, 1, "improved", min_intron, cds=tmp_path / "cds.fa")
    letters = letters_of(tmp_path)
    for gene in read_genes(tmp_path / "genes.gff3"):
        exons = gene.transcripts[0].exons
        whole = [exons[0], exons[-1]] if len(exons) > 1 else []  # what the region's end cuts off may be shorter
        assert all(end - start >= 3 for start, end in exons if (start, end) not in whole)
        for (_, donor), (acceptor, _) in itertools.pairwise(exons):
            intron = letters[gene.seqid][donor:acceptor]
            intron = intron if gene.strand == "+" else reverse_complement(intron)
            assert (intron[:2], intron[-2:]) in {("GT", "AG"), ("GC", "AG"), ("AT", "AC")}
            assert len(intron) >= min(min_intron, 30)
            assert len(intron) >= min_intron or intron.startswith("AT")


def letters_of(folder) -> dict[str, str]:
    return {sequence.seqid: sequence.bases.decode() for sequence in iter_genome(folder / "g.h5")}


def reverse_complement(letters: str) -> str:
    return letters.translate(str.maketrans("ACGT", "TGCA"))[::-1]


@pytest.mark.parametrize("named", [True, False])
def test_padding_first_is_moved_back(tmp_path, named):
    world = lay_genes(np.random.default_rng(8), [2, 2, 1], [True, False, True])
    write_world(tmp_path, world, 5000, named=named)  # one partial row a strand
    expected = call(tmp_path)
    shift_padding(tmp_path / "p.h5", tmp_path / "g.h5")
    assert call(tmp_path) == expected  # the file says so itself
    assert call(tmp_path, register="last") != expected
