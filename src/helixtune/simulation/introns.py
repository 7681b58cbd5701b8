"""Introns: length mixture, composition, donor, branch point, pyrimidine tract and acceptor; bases as codes on the sense strand."""

import numpy as np

from helixtune.simulation.composition import A, C, G, MarkovChain, T, encode, sample_columns, sharpened, tilted
from helixtune.simulation.parameters import SpeciesParameters

BRANCH_POINT = encode("CTAAC")  # of CTRAY: R and Y are drawn


def lognormal_lengths(rng: np.random.Generator, median_sigma: tuple, limits: tuple[int, int], count: int) -> np.ndarray:
    """Draw (count,) integer lengths from a log-normal distribution, clipped to limits (both ends included)."""
    median, sigma = median_sigma
    return np.clip(np.rint(rng.lognormal(np.log(median), sigma, count)), *limits).astype(np.int64)


class IntronFactory:
    """Draws introns of one species."""

    def __init__(self, parameters: SpeciesParameters):
        self._genes = parameters.genes
        self._sites = sites = parameters.splice_sites
        composition = parameters.composition
        self._body = MarkovChain(tilted(composition.intron, composition.gc_tilt), composition)
        self._donor = sharpened(sites.donor_intron, sites.sharpness)
        tract = np.tile(sharpened((sites.tract,), sites.sharpness), (sites.tract_bp, 1))
        self._end = np.concatenate([tract, sharpened(sites.acceptor_intron, sites.sharpness)])

    def draw(self, rng: np.random.Generator) -> np.ndarray:
        """Draw one intron from the first base of the donor to the last of the acceptor."""
        intron = self._body.sample(rng, self._draw_length(rng))
        intron[: len(self._donor)] = self._draw_donor(rng)
        intron[-len(self._end) :] = sample_columns(rng, self._end)
        if rng.random() < self._sites.branch_point_share:
            self._stamp_branch_point(rng, intron)
        return intron

    def _draw_length(self, rng) -> int:
        genes = self._genes
        if rng.random() < genes.short_intron_share:
            return int(rng.integers(*genes.short_intron_bp, endpoint=True))
        weights = np.array([weight for weight, _, _ in genes.introns])
        _, median, sigma = genes.introns[rng.choice(len(weights), p=weights / weights.sum())]
        return int(lognormal_lengths(rng, (median, sigma), genes.intron_limits, 1)[0])

    def _draw_donor(self, rng) -> np.ndarray:
        donor = sample_columns(rng, self._donor)
        if rng.random() < self._sites.gc_donor_share:
            donor[:6] = (G, C, A, A, G, T)  # GC donors pair with U1 everywhere else (Sheth et al. 2006 NAR 34:3955)
        return donor

    def _stamp_branch_point(self, rng, intron: np.ndarray) -> None:
        """Write CTRAY in place where the distance to the intron's end and its donor allow."""
        nearest, furthest = self._sites.branch_distance_bp
        furthest = min(furthest, len(intron) - len(self._donor) - len(BRANCH_POINT))
        if furthest >= nearest:
            end = len(intron) - int(rng.integers(nearest, furthest, endpoint=True))
            intron[end - len(BRANCH_POINT) : end] = BRANCH_POINT
            intron[end - 3] = rng.choice((A, G))
            intron[end - 1] = rng.choice((C, T))
            # The first AG behind the branch point is the acceptor (exclusion zone: Gooding et al. 2006 Genome Biol 7:R1).
            behind = intron[end:-2]
            behind[1:][(behind[:-1] == A) & (behind[1:] == G)] = T
