"""One gene on its sense strand: lengths, reading frame, splice sites, signals.

Bases are codes; coordinates count from the first transcribed base.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from helixtune.simulation.codon_usage import STOP_CODONS, sample_codons
from helixtune.simulation.composition import (
    A,
    C,
    G,
    MarkovChain,
    T,
    encode,
    sample_columns,
    sharpened,
    tilted,
)
from helixtune.simulation.introns import IntronFactory, lognormal_lengths
from helixtune.simulation.parameters import SpeciesParameters

POLY_A_SIGNALS = tuple(encode(word) for word in ("AATAAA", "AATAAT", "ATTAAA", "AATGAA", "TATAAA", "AAAAAA"))
POLY_A_WEIGHTS = (0.30, 0.18, 0.14, 0.12, 0.13, 0.13)  # ranks after Loke et al. 2005 Plant Physiol 138:1457
SITE_SEARCH_BP = 30  # a planned exon border moves at most this far to a position that looks like a splice site


@dataclass(frozen=True)
class GeneStructure:
    """A protein-coding gene in sense orientation.

    bases: (n,) codes from the first to the last transcribed base; exons: (k, 2) ascending half-open intervals;
    cds_start, cds_end: first base of ATG and base after the stop codon, in the same coordinates (introns included).
    """

    bases: np.ndarray
    exons: np.ndarray
    cds_start: int
    cds_end: int

    @property
    def introns(self) -> np.ndarray:
        """(k - 1, 2) half-open intervals between the exons."""
        return np.column_stack([self.exons[:-1, 1], self.exons[1:, 0]])

    @cached_property
    def coding_intervals(self) -> np.ndarray:
        """(j, 2) half-open intervals of the CDS, stop codon included, ascending."""
        clipped = np.clip(self.exons, self.cds_start, self.cds_end)
        return clipped[clipped[:, 0] < clipped[:, 1]]

    @property
    def coding_bases(self) -> np.ndarray:
        """Spliced CDS from ATG to the stop codon."""
        return np.concatenate([self.bases[start:end] for start, end in self.coding_intervals])

    @property
    def final_utr_bp(self) -> int:
        """Length of the 3' UTR in the last exon."""
        return int(self.exons[-1, 1] - max(self.exons[-1, 0], self.cds_end))


class GeneFactory:
    """Draws genes of one species."""

    def __init__(self, parameters: SpeciesParameters):
        self._parameters = parameters
        self._settings = parameters.genes
        composition = parameters.composition
        self._utr5 = MarkovChain(tilted(composition.utr5, composition.gc_tilt), composition)
        self._utr3 = MarkovChain(tilted(composition.utr3, composition.gc_tilt), composition)
        self._introns = IntronFactory(parameters)
        sites = parameters.splice_sites
        self._donor_exon = sharpened(sites.donor_exon, sites.sharpness)
        self._acceptor_exon = sharpened(sites.acceptor_exon, sites.sharpness)

    def draw(self, rng: np.random.Generator) -> GeneStructure:
        """Draw one gene."""
        coding = self._draw_coding(rng)
        utr5, utr3 = self._draw_utr5(rng), self._draw_utr3(rng)
        mature = np.concatenate([utr5, coding, utr3])
        cds_start, cds_end = len(utr5), len(utr5) + len(coding)
        borders = self._draw_borders(rng, mature, cds_start, cds_end)
        return self._with_introns(rng, mature, (cds_start, cds_end), borders)

    def _draw_coding(self, rng) -> np.ndarray:
        """Return the spliced CDS: ATG, codons, stop."""
        settings = self._settings
        count = lognormal_lengths(rng, settings.cds_codons, settings.cds_codons_limits, 1)[0]
        codons = sample_codons(rng, self._parameters.composition, count)
        # +4 has a preference of its own: choose among the gene's first codons the one that serves as second codon.
        head = min(len(codons), 6)
        preference = np.asarray(settings.start_plus4)[codons[:head, 0]]
        second = rng.choice(head, p=preference / preference.sum())
        codons[[0, second]] = codons[[second, 0]]
        stop = STOP_CODONS[rng.choice(3, p=settings.stop_codons)]
        return np.concatenate([np.array([A, T, G], dtype=np.uint8), codons.ravel(), stop])

    def _draw_utr5(self, rng) -> np.ndarray:
        settings = self._settings
        length = lognormal_lengths(rng, settings.utr5, settings.utr_limits, 1)[0]
        utr = self._utr5.sample(rng, length)
        context = sample_columns(rng, np.asarray(settings.start_context))
        utr[-len(context) :] = context[-len(utr) :]
        return utr

    def _draw_utr3(self, rng) -> np.ndarray:
        settings = self._settings
        length = lognormal_lengths(rng, settings.utr3, settings.utr_limits, 1)[0]
        utr = self._utr3.sample(rng, length)
        if length >= 40 and rng.random() < settings.poly_a_share:
            stamp_poly_a(rng, utr)
        return utr

    def _draw_borders(self, rng, mature, cds_start: int, cds_end: int) -> np.ndarray:
        """Return ascending positions of the mature transcript before which an intron is put in."""
        settings, shortest = self._settings, self._settings.shortest_exon
        borders = list(cds_start + self._coding_borders(rng, mature[cds_start:cds_end]))
        if cds_start > 2 * shortest and rng.random() < settings.utr5_intron_share:
            borders.append(int(rng.integers(shortest, cds_start - shortest // 2)))
        utr3 = len(mature) - cds_end
        if utr3 > 3 * shortest and rng.random() < settings.utr3_intron_share:
            borders.append(int(rng.integers(cds_end + shortest // 2, len(mature) - 2 * shortest)))
        for border in borders:
            # UTRs code for nothing: they take the exon's part of the splice sites.
            if border < cds_start - 3 or border > cds_end + 3:
                mature[border - 3 : border] = sample_columns(rng, self._donor_exon)
                mature[border : border + 2] = sample_columns(rng, self._acceptor_exon)
        return _spaced(np.sort(np.array(borders, dtype=np.int64)), shortest // 2)

    def _coding_borders(self, rng, coding: np.ndarray) -> np.ndarray:
        """Return intron positions within the CDS: gamma-spaced, then moved to where the codons look like MAG|GT.

        So exons keep their codons and still show the exon's part of the consensus (proto-splice sites: Dibb & Newman 1989
        EMBO J 8:2015).
        """
        settings = self._settings
        if rng.random() < settings.single_exon_share:
            return np.empty(0, dtype=np.int64)
        wanted = 1 + rng.poisson(settings.introns_per_kb * rng.gamma(4.0, 0.25) * len(coding) / 1000)
        count = min(wanted, len(coding) // (2 * settings.shortest_exon) - 1)
        free = len(coding) - (count + 1) * settings.shortest_exon
        pieces = settings.shortest_exon + free * rng.dirichlet(np.full(count + 1, 1.5))
        planned = np.cumsum(pieces)[:-1].astype(np.int64)
        scores = self._site_weights(coding)
        return np.array([_move_to_site(rng, scores, position) for position in planned], dtype=np.int64)

    def _site_weights(self, coding: np.ndarray) -> np.ndarray:
        """Return (n,) weights of an intron before each base of the CDS: exon parts of both splice sites times phase preference."""
        weights = np.zeros(len(coding))
        positions = np.arange(6, len(coding) - 6)
        weight = np.asarray(self._settings.intron_phase_weights)[positions % 3]
        for column, frequencies in enumerate(self._donor_exon):
            weight = weight * frequencies[coding[positions - 3 + column]]
        for column, frequencies in enumerate(self._acceptor_exon):
            weight = weight * frequencies[coding[positions + column]]
        weights[positions] = weight
        return weights

    def _with_introns(self, rng, mature, cds: tuple[int, int], borders) -> GeneStructure:
        introns = [self._introns.draw(rng) for _ in borders]
        pieces = np.split(mature, borders)
        lengths = np.array([len(piece) for piece in pieces])
        intron_lengths = np.array([0, *(len(intron) for intron in introns)])
        starts = np.cumsum(np.concatenate([[0], lengths[:-1]])) + np.cumsum(intron_lengths)
        parts = [pieces[0]]
        for intron, piece in zip(introns, pieces[1:], strict=True):
            parts += [intron, piece]
        # A position is moved by all introns put in before it; one exactly at the end of the CDS stays with its last base.
        cds_start = cds[0] + intron_lengths[1:][borders <= cds[0]].sum()
        cds_end = cds[1] + intron_lengths[1:][borders < cds[1]].sum()
        return GeneStructure(
            np.concatenate(parts), np.column_stack([starts, starts + lengths]), int(cds_start), int(cds_end)
        )


def stamp_poly_a(rng: np.random.Generator, utr: np.ndarray) -> None:
    """Write a polyadenylation signal in place, 13 to 30 bases before the end of (n >= 40,) codes."""
    signal = POLY_A_SIGNALS[rng.choice(len(POLY_A_SIGNALS), p=POLY_A_WEIGHTS)]
    start = len(utr) - int(rng.integers(13, 31)) - len(signal) // 2
    utr[start : start + len(signal)] = signal
    utr[-2:] = (C, A)  # cleavage follows YA (Loke et al. 2005)


def _move_to_site(rng, weights: np.ndarray, position: int) -> int:
    first, end = max(position - SITE_SEARCH_BP, 0), min(position + SITE_SEARCH_BP + 1, len(weights))
    nearby = weights[first:end]
    total = nearby.sum()
    return first + int(rng.choice(len(nearby), p=nearby / total)) if total > 0 else position


def _spaced(borders: np.ndarray, shortest: int) -> np.ndarray:
    """Drop borders that would leave an exon shorter than `shortest`."""
    if len(borders) < 2:
        return borders
    kept = [borders[0]]
    kept += [border for before, border in pairwise(borders) if border - before >= shortest]
    return np.array(kept, dtype=np.int64)
