"""Small genomes with known genes, and predictions of them: perfect, blurred or plain noise."""

from pathlib import Path

import h5py
import numpy as np

from helixtune.encoding import encode_species, iter_genome_blocks, rows_of_pieces
from helixtune.fasta import Sequence
from helixtune.h5files import CLASS_PROBS, PHASE_PROBS, START_ENDS, RowWriter, identity_of
from helixtune.subsequences import cut_sequence, take_rows, to_contiguous_register

COMPLEMENT = str.maketrans("ACGT", "TGCA")
STOPS = ("TAA", "TAG", "TGA")
# Classes along a strand
INTERGENIC, UTR, CDS, INTRON = range(4)
# Phase class of codon position 1, 2, 3: bases left until the next codon starts, plus one
PHASE_OF_POSITION = (1, 3, 2)


def random_letters(rng: np.random.Generator, length: int) -> str:
    return "".join(rng.choice(list("ACGT"), length))


def random_coding(rng: np.random.Generator, n_codons: int) -> str:
    codons = []
    while len(codons) < n_codons:
        codon = random_letters(rng, 3)
        if codon not in STOPS:
            codons.append(codon)
    return "ATG" + "".join(codons) + str(rng.choice(STOPS))


def random_gene(rng: np.random.Generator, n_introns: int, shortest_exon_bp: int) -> tuple[str, list[int], list[int]]:
    """Return letters, class and phase class of every base of a gene that the state model can express."""
    coding = random_coding(rng, int(rng.integers(35, 90)))
    utr5, utr3 = (random_letters(rng, int(rng.integers(1, 60))) for _ in range(2))
    spliced = utr5 + coding + utr3
    classes = [UTR] * len(utr5) + [CDS] * len(coding) + [UTR] * len(utr3)
    phases = [0] * len(utr5) + [PHASE_OF_POSITION[i % 3] for i in range(len(coding))] + [0] * len(utr3)
    places = np.arange(shortest_exon_bp, len(spliced) - shortest_exon_bp, shortest_exon_bp)
    cuts = sorted(rng.choice(places, n_introns, replace=False).tolist(), reverse=True)
    letters = list(spliced)
    for cut in cuts:
        intron = "GT" + random_letters(rng, int(rng.integers(46, 120))) + "AG"
        letters[cut:cut] = intron
        classes[cut:cut] = [INTRON] * len(intron)
        phases[cut:cut] = [0] * len(intron)
    return "".join(letters), classes, phases


def lay_genes(
    rng: np.random.Generator, introns_of_genes: list[int], reverse: list[bool], shortest_exon_bp: int = 1
) -> dict:
    """Put genes one after the other on random intergenic sequence; returns letters of the plus strand, and by
    strand the classes and phase classes in plus-strand order."""
    plus_letters, classes, phases = "", {"+": [], "-": []}, {"+": [], "-": []}
    for n_introns, on_minus in [*zip(introns_of_genes, reverse, strict=True), (None, False)]:
        gap = random_letters(rng, int(rng.integers(120, 400)))
        letters, c, p = ("", [], []) if n_introns is None else random_gene(rng, n_introns, shortest_exon_bp)
        here, there = ("-", "+") if on_minus else ("+", "-")
        plus_letters += gap + (letters.translate(COMPLEMENT)[::-1] if on_minus else letters)
        classes[here] += [0] * len(gap) + (c[::-1] if on_minus else c)
        phases[here] += [0] * len(gap) + (p[::-1] if on_minus else p)
        classes[there] += [0] * (len(gap) + len(c))
        phases[there] += [0] * (len(gap) + len(p))
    return {"letters": plus_letters, "classes": classes, "phases": phases}


def exons_and_cds(classes: list[int]) -> set[tuple]:
    """Return (exons, cds) of every gene from plus-strand classes of one strand."""
    labels = np.array([0, *classes, 0])
    edges = np.flatnonzero((labels[1:] != 0) != (labels[:-1] != 0))
    genes = set()
    for start, end in edges.reshape(-1, 2).tolist():
        inside = labels[start + 1 : end + 1]
        genes.add((runs(inside != INTRON, start), runs(inside == CDS, start)))
    return genes


def runs(mask: np.ndarray, offset: int) -> tuple:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(int), [0]])))
    return tuple((int(a) + offset, int(b) + offset) for a, b in edges.reshape(-1, 2))


def one_hot(labels: list[int]) -> np.ndarray:
    return np.eye(4, dtype=np.float32)[np.array(labels, int)]


def write_genome(path: Path, sequences: dict[str, str], width: int, species: str = "Testus") -> Path:
    records = [Sequence(name, letters.encode()) for name, letters in sequences.items()]
    with RowWriter(path, "helixtune genome", {}, width_bp=width) as writer:
        for block in iter_genome_blocks(records, encode_species(species), width, 64):
            writer.append(block)
    return path


def write_predictions(path: Path, strands: dict[str, dict], width: int, named: bool = True, **attributes) -> Path:
    """Write {seqid: {"+": (class_probs, phase_probs), "-": …}}, plus-strand order; with or without the rows' names."""
    with RowWriter(path, "helixtune predictions", {}, attributes) as writer:
        for seqid, tracks in strands.items():
            start_ends = cut_sequence(len(tracks["+"][0]), width)
            plus = start_ends[:, 0] < start_ends[:, 1]
            rows = [
                np.concatenate([take_rows(tracks[s][i], start_ends[m], width) for s, m in (("+", plus), ("-", ~plus))])
                for i in range(2)
            ]
            block = {CLASS_PROBS: rows[0].astype(np.float16), PHASE_PROBS: rows[1].astype(np.float16)}
            writer.append(block | (identity_of(rows_of_pieces([(seqid, start_ends)], b"Testus")) if named else {}))
    return path


def perfect(world: dict) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    return {s: (one_hot(world["classes"][s]), one_hot(world["phases"][s])) for s in "+-"}


def blurred(rng: np.random.Generator, probs: np.ndarray, share: float) -> np.ndarray:
    noise = rng.dirichlet(np.ones(4), len(probs)).astype(np.float32)
    return (1 - share) * probs + share * noise


def shift_padding(predictions: Path, genome: Path) -> None:
    """Rewrite a prediction file as Helixer stores partial minus rows: padding in front."""
    with h5py.File(genome) as file:
        start_ends = file[START_ENDS][:]
    with h5py.File(predictions, "r+") as file:
        for name in (CLASS_PROBS, PHASE_PROBS):
            file[name][:] = to_contiguous_register(file[name][:], start_ends)
        file.attrs["register"] = "upstream"
