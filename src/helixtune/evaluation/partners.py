"""Which predicted gene stands for which reference gene: missed, novel, split and fused genes."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from helixtune.evaluation.intervals import length_bp, overlap_bp
from helixtune.evaluation.models import GeneModel, by_strand

# Two genes are partners if they share this part of the shorter one's coding bases. Less is a brush of ends (overlapping
# neighbours are common in compact genomes) and says nothing about which gene is meant.
MIN_SHARED = 0.1


@dataclass
class Partners:
    """Partners of genes by index, both ways; genes without a partner are absent."""

    of_predicted: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    of_reference: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))


def find_partners(predicted: list[GeneModel], reference: list[GeneModel]) -> Partners:
    """Link genes of one strand that share at least a tenth of the shorter one's bases."""
    partners = Partners()
    positions = {id(model): i for i, model in enumerate(predicted)}
    others = {id(model): i for i, model in enumerate(reference)}
    references = by_strand(reference)
    for place, ours in by_strand(predicted).items():
        for left, right in _overlapping(ours, references.get(place, [])):
            if _share(left, right) >= MIN_SHARED:
                partners.of_predicted[positions[id(left)]].append(others[id(right)])
                partners.of_reference[others[id(right)]].append(positions[id(left)])
    return partners


def _overlapping(first: list[GeneModel], second: list[GeneModel]) -> Iterator[tuple[GeneModel, GeneModel]]:
    """Yield all pairs whose spans overlap, by a sweep over both lists sorted by start."""
    events = sorted(
        [(model.start, 0, i, model) for i, model in enumerate(first)]
        + [(model.start, 1, i, model) for i, model in enumerate(second)],
        key=lambda event: event[:3],
    )
    open_models: tuple[list[GeneModel], list[GeneModel]] = ([], [])
    for start, side, _, model in events:
        others = open_models[1 - side]
        others[:] = [other for other in others if other.end > start]
        for other in others:
            yield (model, other) if side == 0 else (other, model)
        open_models[side].append(model)


def _share(left: GeneModel, right: GeneModel) -> float:
    bases = left.bases, right.bases
    return overlap_bp(*bases) / min(length_bp(bases[0]), length_bp(bases[1]))


def count_gene_errors(predicted: Iterable[GeneModel], reference: Iterable[GeneModel]) -> dict[str, int]:
    """Count genes that were missed, made up, split or fused.

    A reference gene is split if two or more predicted genes that do not overlap each other stand for it; a predicted
    gene fuses if it stands for two or more reference genes that do not overlap each other.
    """
    predicted, reference = list(predicted), list(reference)
    partners = find_partners(predicted, reference)
    return {
        "predicted": len(predicted),
        "reference": len(reference),
        "missed": len(reference) - len(partners.of_reference),
        "novel": len(predicted) - len(partners.of_predicted),
        "split": sum(_apart(predicted, found) for found in partners.of_reference.values()),
        "fused": sum(_apart(reference, found) for found in partners.of_predicted.values()),
    }


def _apart(models: list[GeneModel], chosen: list[int]) -> bool:
    """Tell whether two of the chosen genes lie beside each other rather than on top of each other."""
    ordered = sorted((models[i] for i in chosen), key=lambda model: model.start)
    return any(first.end <= second.start for i, first in enumerate(ordered) for second in ordered[i + 1 :])
