"""The pieces of two gene sets, what they are worth, and the facts that the gate's first vote rests on."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from conftest import random_bases
from helixtune.annotation.genes import Gene, Transcript
from helixtune.annotation.gff3 import read_genes
from helixtune.cli import main
from helixtune.evaluation.blocks import GenomeBlocks, block_weights
from helixtune.evaluation.called_pieces import (
    CLOSED,
    DONOR_OFFSETS,
    NO_RIVAL,
    OPEN_IN_FRAME,
    OPEN_OUT_OF_FRAME,
    PieceCollector,
    _reading,
)
from helixtune.evaluation.codes import base_codes
from helixtune.evaluation.piece_features import EXON_FACTS, GENE_FACTS, facts_of
from helixtune.evaluation.piece_scores import score_pieces
from helixtune.evaluation.strands import GeneSets
from helixtune.evaluation.votes.sequence import differing_share, sequence_vote
from helixtune.fasta import Sequence, iter_sequences
from whole_strands import iter_strands


def gene(name, strand, cds, seqid="a"):
    parts = tuple((start, end, 0) for start, end in cds)
    one = Transcript(f"{name}.1", "mRNA", strand, cds[0][0], cds[-1][1], tuple(cds), parts)
    return Gene(name, seqid, strand, cds[0][0], cds[-1][1], transcripts=(one,))


def collect(letters: dict[str, str], base, tuned) -> PieceCollector:
    collector = PieceCollector(GenomeBlocks.of({seqid: len(bases) for seqid, bases in letters.items()}))
    genome = [Sequence(seqid, bases.encode()) for seqid, bases in letters.items()]
    for strand in iter_strands(genome, GeneSets(base, tuned)):
        collector.add_strand(strand)
    return collector


def test_what_both_sets_call_is_shared_and_what_only_one_calls_has_a_rival():
    letters = {"a": random_bases(2000, 6)}
    base = [gene("b", "-", [(100, 200), (300, 400), (500, 600)]), gene("c", "+", [(900, 1200)])]
    tuned = [gene("t", "-", [(100, 200), (300, 400), (503, 600)])]
    ours, theirs = collect(letters, base, tuned).pieces()
    # plus strand first; genes of the minus strand are read backwards
    assert ours.gene_rival.tolist() == [NO_RIVAL, 0]
    assert theirs.gene_rival.tolist() == [1]
    assert ours.gene_shared.tolist() == [False, False]
    assert ours.exon_shared.tolist() == [False, False, True, True]
    assert theirs.exon_shared.tolist() == [False, True, True]
    assert ours.exon_rival.tolist() == [NO_RIVAL, 0, 1, 2]
    assert ours.exon_ends_shared.tolist() == [[False, False], [True, False], [True, True], [True, True]]
    assert ours.intron_shared.tolist() == [False, True]
    assert ours.intron_at.tolist() == [[400, 500], [200, 300]]
    assert ours.gene_at.tolist() == [[900, 1200], [100, 600]]
    assert ours.start_shared.tolist() == [False, True]
    backwards = base_codes(letters["a"].encode()[::-1].translate(bytes.maketrans(b"ACGT", b"TGCA")))
    assert (ours.donor[0] == backwards[1500 + DONOR_OFFSETS]).all()


def test_codon_pairs_are_shared_by_place_and_frame():
    bases = random_bases(3000, 5)
    same, other_frame = (
        collect({"a": bases}, [gene("b", "+", [(300, 600)])], [gene("t", "+", [(start, start + 300)])]).pieces()
        for start in (300, 301)
    )
    assert same[0].pair_shared.sum() == 99
    assert not other_frame[0].pair_shared.any()


def test_transcripts_of_one_structure_count_once():
    one = gene("b", "+", [(300, 600)])
    twice = replace(one, transcripts=(one.transcripts[0], replace(one.transcripts[0], id="b.2")))
    ours, _ = collect({"a": random_bases(1000, 1)}, [twice], []).pieces()
    assert len(ours.gene_block) == 1


def test_genes_at_the_end_of_their_sequence_and_across_other_genes_are_told():
    base = [gene("b", "+", [(0, 300)]), gene("c", "-", [(150, 450)]), gene("d", "-", [(670, 990)])]
    ours, _ = collect({"a": random_bases(1000, 1)}, base, []).pieces()
    assert ours.gene_at_edge.tolist() == [True, True, False]  # plus strand; then minus strand, read backwards
    assert ours.gene_opposed.tolist() == [0.5, 0.0, 0.5]


@pytest.mark.parametrize(
    ("inside", "begun", "reading"),
    [
        (b"GTCCCCCAG", 0, OPEN_IN_FRAME),
        (b"GTCCTAAAG", 0, OPEN_IN_FRAME),  # GTC CTA AAG
        (b"GTCTAACAG", 0, CLOSED),  # GTC TAA CAG
        (b"GTCCTAAAG", 2, CLOSED),  # (CC)G TCC TAA AG
        (b"GTCCCCAG", 1, OPEN_OUT_OF_FRAME),
    ],
)
def test_how_introns_read_through(inside, begun, reading):
    codes = base_codes(b"CCC" + inside + b"CCC")
    assert _reading(codes, (3, 3 + len(inside)), begun) == reading


@dataclass(frozen=True)
class Simulated:
    letters: dict[str, str]
    genes: list[Gene]


@pytest.fixture(scope="module")
def species(tmp_path_factory) -> Simulated:
    folder = tmp_path_factory.mktemp("species")
    assert (
        main(["simulate-species", "--seed", "3", "--size-mb", "0.4", "--read-depth", "0", "--output-dir", str(folder)])
        == 0
    )
    letters = {one.seqid: one.bases.decode() for one in iter_sequences(folder / "genome.fa")}
    return Simulated(letters, read_genes(folder / "annotation.gff3"))


def shift_introns(genes, by):
    """Move every intron by some bases that are no multiple of three: both ends are wrong."""
    moved = []
    for one in genes:
        cds = [(start, end) for start, end, _ in one.transcripts[0].cds]
        inner = [(a if i == 0 else a + by, b if i == len(cds) - 1 else b + by) for i, (a, b) in enumerate(cds)]
        moved.append(
            gene(one.id, one.strand, inner, one.seqid) if len(cds) > 1 and min(b - a for a, b in inner) > 9 else one
        )
    return moved


def vote_on(species, base, tuned):
    collector = collect(species.letters, base, tuned)
    return sequence_vote(collector.pieces(), collector.decoys, block_weights(len(collector._blocks), 1))


def test_right_splice_sites_and_codons_are_worth_more_than_wrong_ones(species):
    half = len(species.genes) // 2
    wrong = [*species.genes[:half], *shift_introns(species.genes[half:], 4)]
    collector = collect(species.letters, wrong, species.genes)
    sets = collector.pieces()
    ours, theirs = score_pieces(sets, collector.decoys)
    for name in ("donor", "acceptor"):
        bad, good = getattr(ours, name)[~sets[0].intron_shared], getattr(theirs, name)[~sets[1].intron_shared]
        assert good.mean() > bad.mean() + 2
    for facts, one in zip(facts_of(sets, (ours, theirs)), sets, strict=True):
        assert facts[0].shape == (len(one.exon_bp), len(EXON_FACTS))
        assert facts[1].shape == (len(one.gene_block), len(GENE_FACTS))
        assert all(np.isfinite(some).all() for some in facts)


def test_the_vote_prefers_right_introns_and_does_not_care_which_set_comes_first(species):
    half = len(species.genes) // 2
    wrong = [*species.genes[:half], *shift_introns(species.genes[half:], 4)]
    better, worse = vote_on(species, wrong, species.genes), vote_on(species, species.genes, wrong)
    assert better.as_dict()["favours"] == "tuned"
    assert worse.gain == pytest.approx(-better.gain, rel=0.01)
    assert len(better.by_fold) == 5


def test_sets_that_share_nothing_have_no_vote(species):
    half = len(species.genes) // 2
    assert vote_on(species, species.genes[:half], species.genes[half:]) is None
    assert vote_on(species, species.genes, species.genes) is None  # nothing differs


def test_the_share_that_differs_is_none_of_equal_sets(species):
    assert differing_share(collect(species.letters, species.genes, species.genes).pieces()) == 0
