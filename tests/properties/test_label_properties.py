"""What must hold for the labels of any annotation."""

import io
from collections import Counter
from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from helixtune import h5files as h5
from helixtune.annotation.gene_spool import GeneSpool
from helixtune.annotation.genes import Gene, Transcript
from helixtune.annotation.label_encoding import iter_label_blocks
from helixtune.annotation.sequence_spool import SequenceSpool
from helixtune.fasta import Sequence

TRACKS = (h5.CLASSES, h5.PHASES, h5.WEIGHTS, h5.GENE_LENGTHS, h5.TRANSITIONS, h5.BASES)
COMPLEMENT = bytes.maketrans(b"ACGTN", b"TGCAN")


@st.composite
def coding_genes(draw, length: int, name: str) -> Gene:
    """A gene of one to four exons; UTRs, phases and codons come as they come."""
    borders = draw(st.lists(st.integers(0, length), min_size=2, max_size=8, unique=True).map(sorted))
    borders = borders[: len(borders) // 2 * 2]
    exons = tuple(zip(borders[::2], borders[1::2], strict=True))
    first, last = sorted(draw(st.tuples(st.integers(0, len(exons) - 1), st.integers(0, len(exons) - 1))))
    phases = st.sampled_from([0, 0, 0, 1, 2, None])
    cds = [(*exon, draw(phases)) for exon in exons[first : last + 1]]
    if draw(st.booleans()):
        cds[0] = (cds[0][0] + (cds[0][1] - cds[0][0]) // 2, *cds[0][1:])
    strand = draw(st.sampled_from("+-"))
    transcript = Transcript(f"{name}.1", "mRNA", strand, borders[0], borders[-1], exons, tuple(cds))
    return Gene(name, "c1", strand, borders[0], borders[-1], transcripts=(transcript,))


@st.composite
def annotated_sequences(draw) -> tuple[bytes, list[Gene]]:
    length = draw(st.integers(20, 400))
    letters = np.random.default_rng(draw(st.integers(0, 99))).choice(list(b"ACGTN"), length).astype(np.uint8)
    names = [f"g{i}" for i in range(draw(st.integers(0, 5)))]
    return letters.tobytes(), [draw(coding_genes(length, name)) for name in names]


def encode(sequences: dict[str, bytes], genes: list[Gene], L: int, block_rows: int) -> dict[str, np.ndarray]:
    spool = SequenceSpool(io.BytesIO())
    for seqid, bases in sequences.items():
        spool.add(Sequence(seqid, bases))
    gene_spool = GeneSpool(io.BytesIO())
    if genes:
        gene_spool.add(genes, len(sequences[genes[0].seqid]))
    blocks = list(iter_label_blocks(spool, gene_spool, b"sp", L, block_rows, Counter()))
    return {name: np.concatenate([as_wide(block[name], name, L) for block in blocks]) for name in blocks[0]}


def as_wide(rows: np.ndarray, name: str, L: int) -> np.ndarray:
    """Add the padding that the writer adds."""
    missing = L - rows.shape[1] if name in h5.ZERO_PADDED else 0
    return np.pad(rows, [(0, 0), (0, missing), *[(0, 0)] * (rows.ndim - 2)]) if missing else rows


def strand_tracks(rows: dict[str, np.ndarray], strand: str) -> dict[str, np.ndarray]:
    """Per-base datasets of one strand of the only sequence, 5'->3'."""
    first, second = rows[h5.START_ENDS].T
    chosen = first < second if strand == "+" else first > second
    valid = np.abs(first - second)[chosen]
    return {
        name: np.concatenate([row[:width] for row, width in zip(rows[name][chosen], valid, strict=True)])
        for name in TRACKS
    }


@settings(max_examples=50, deadline=None)
@given(annotated_sequences(), st.integers(1, 120), st.integers(1, 9))
def test_the_size_of_blocks_does_not_matter(annotated, L, block_rows):
    bases, genes = annotated
    sequences = {"c0": b"ACGT" * 3, "c1": bases, "c2": bases[: len(bases) // 2]}
    some, all_at_once = encode(sequences, genes, L, block_rows), encode(sequences, genes, L, 10**6)
    assert set(some) == set(all_at_once)
    for name, array in all_at_once.items():
        np.testing.assert_array_equal(some[name], array, err_msg=name)


@settings(max_examples=50, deadline=None)
@given(annotated_sequences(), st.integers(1, 120))
def test_the_length_of_subsequences_does_not_matter(annotated, L):
    bases, genes = annotated
    short, whole = encode({"c1": bases}, genes, L, 5), encode({"c1": bases}, genes, len(bases), 5)
    for strand in "+-":
        one, other = strand_tracks(short, strand), strand_tracks(whole, strand)
        for name in TRACKS:
            np.testing.assert_array_equal(one[name], other[name], err_msg=name)


def mirrored(gene: Gene, length: int) -> Gene:
    """The same gene on the reverse-complemented sequence."""
    strand = "-" if gene.strand == "+" else "+"
    (transcript,) = gene.transcripts
    turned = replace(
        transcript,
        strand=strand,
        start=length - transcript.end,
        end=length - transcript.start,
        exons=tuple((length - end, length - start) for start, end in reversed(transcript.exons)),
        cds=tuple((length - end, length - start, phase) for start, end, phase in reversed(transcript.cds)),
    )
    return replace(gene, strand=strand, start=length - gene.end, end=length - gene.start, transcripts=(turned,))


def have_distinct_borders(genes: list[Gene]) -> bool:
    """Whether no tie between genes has to be broken (upstream breaks them differently on the two strands)."""
    return all(len({key(gene) for gene in genes}) == len(genes) for key in (lambda g: g.start, lambda g: g.end))


def overlap(genes: list[Gene]) -> bool:
    """Whether genes of one strand overlap: the phases of the one later on the *plus* strand then win, on both strands."""
    ordered = sorted(genes, key=lambda gene: (gene.strand, gene.start))
    return any(a.strand == b.strand and a.end > b.start for a in ordered for b in ordered if a.start < b.start)


@settings(max_examples=60, deadline=None)
@given(annotated_sequences().filter(lambda annotated: have_distinct_borders(annotated[1])))
def test_reverse_complementing_everything_swaps_the_strands(annotated):
    bases, genes = annotated
    there = encode({"c1": bases}, genes, 50, 5)
    back = encode({"c1": bases.translate(COMPLEMENT)[::-1]}, [mirrored(gene, len(bases)) for gene in genes], 50, 5)
    for strand, other in ("+-", "-+"):
        one, two = strand_tracks(there, strand), strand_tracks(back, other)
        two[h5.TRANSITIONS] = two[h5.TRANSITIONS][:, [3, 4, 5, 0, 1, 2]]  # these stay in plus-strand direction
        for name in TRACKS:
            if name != h5.PHASES or not overlap(genes):
                np.testing.assert_array_equal(one[name], two[name], err_msg=name)


@settings(max_examples=50, deadline=None)
@given(annotated_sequences(), st.integers(1, 120))
def test_rows_are_one_hot_and_only_coding_bases_have_a_phase(annotated, L):
    bases, genes = annotated
    rows = encode({"c1": bases}, genes, L, 5)
    width = np.abs(np.subtract(*rows[h5.START_ENDS].T))
    is_base = np.arange(L) < width[:, None]
    np.testing.assert_array_equal(rows[h5.CLASSES].sum(axis=2), is_base)
    np.testing.assert_array_equal(rows[h5.PHASES].sum(axis=2), is_base)
    np.testing.assert_array_equal(rows[h5.PHASES][..., 1:].any(axis=2), rows[h5.CLASSES][..., 2] == 1)
    np.testing.assert_array_equal(rows[h5.HAS_VALID_BASES], rows[h5.WEIGHTS].any(axis=1))
    assert not rows[h5.GENE_LENGTHS][rows[h5.CLASSES][..., 1:].any(axis=2) == 0].any()
