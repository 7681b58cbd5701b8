"""Everything that a reference annotation says about one set of predicted genes."""

from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np

from helixtune.annotation.genes import Gene
from helixtune.errors import FormatError
from helixtune.evaluation.models import GeneModel, cds_models, exon_models
from helixtune.evaluation.partners import count_gene_errors
from helixtune.evaluation.scores import Scores, add_up, score_by_sequence
from helixtune.log import logger

CONFIDENCE_BINS = 10
# metrics.json of a draft assembly would be hundreds of megabytes: it holds the sequences with most coding bases.
MAX_SEQUENCES = 200


def sequences_to_score(
    predicted: Sequence[Gene], reference: Sequence[Gene], wanted: Collection[str] | None, names: tuple[str, str]
) -> list[str]:
    """Return the sequences on which to compare, in the reference's order: those with reference genes, or `wanted`.

    Args:
        predicted, reference: all genes of either file.
        wanted: sequences that the user chose, or None.
        names: file names for messages, predicted and reference.

    Raises:
        FormatError: the files share no sequence, or a chosen one has no reference gene.
    """
    known = dict.fromkeys(gene.seqid for gene in reference)
    if not known:
        raise FormatError(f"Reference {names[1]} holds no gene: give an annotation of this genome.")
    called = dict.fromkeys(gene.seqid for gene in predicted)
    if wanted:
        absent = [seqid for seqid in wanted if seqid not in known]
        if absent:
            raise FormatError(
                f"--seqid {absent[0]}: the reference {names[1]} has no gene on it (it has {_some(known)}): correct the name."
            )
        known = dict.fromkeys(wanted)
    elif called and known.keys().isdisjoint(called):
        raise FormatError(
            f"{names[0]} (sequences {_some(called)}) and {names[1]} (sequences {_some(known)}) share no sequence:"
            " they belong to different genomes, or one of them was renamed."
        )
    elsewhere = sum(gene.seqid not in known for gene in predicted)
    if elsewhere:
        unnamed = "their sequences are not among those of --seqid (in the pipeline: --judge_seqids)"
        why = unnamed if wanted else "it has no gene on their sequences"
        logger.warning("%s: %d genes were not compared with the reference: %s.", names[0], elsewhere, why)
    return list(known)


def judge_against_reference(
    predicted: Iterable[Gene],
    reference: Iterable[Gene],
    seqids: Sequence[str],
    scores: Mapping[str, dict[str, Scores]] | None = None,
) -> dict:
    """Score one gene set on CDS and with UTRs; `scores` are those of `score_levels`, where they are known already.

    Reference genes without CDS are ignored and counted: a caller of coding genes is not asked for them.

    Returns:
        JSON-ready: `cds` and `with_utrs` (level -> score), `genes` (missed, novel, split, fused), `per_sequence`
        (CDS scores of at most 200 sequences), `confidence` (bins), `reference_genes_without_cds`.
    """
    chosen = set(seqids)
    predicted = [gene for gene in predicted if gene.seqid in chosen]
    reference = [gene for gene in reference if gene.seqid in chosen]
    coding = cds_models(predicted), cds_models(reference)
    scores = scores or score_levels(predicted, reference, seqids)
    largest = set(sorted(seqids, key=lambda seqid: -scores["cds"][seqid]["base"].reference)[:MAX_SEQUENCES])
    return {
        "seqids": list(seqids),
        "cds": _as_dict(add_up(scores["cds"].values())),
        "with_utrs": _as_dict(add_up(scores["with_utrs"].values())),
        "genes": count_gene_errors(*coding),
        "reference_genes_without_cds": len(reference) - len(coding[1]),
        "per_sequence": {seqid: _as_dict(scores["cds"][seqid]) for seqid in seqids if seqid in largest},
        "confidence": calibration(*coding),
    }


def score_levels(
    predicted: Sequence[Gene], reference: Sequence[Gene], seqids: Sequence[str]
) -> dict[str, dict[str, Scores]]:
    """Return {"cds" or "with_utrs": {seqid: scores}} of every sequence."""
    return {
        "cds": score_by_sequence(cds_models(predicted), cds_models(reference), seqids),
        "with_utrs": score_by_sequence(exon_models(predicted), exon_models(reference), seqids),
    }


def calibration(predicted: Iterable[GeneModel], reference: Iterable[GeneModel]) -> list[dict]:
    """Compare confidence with truth: genes by confidence bin, and the share whose CDS is exactly right.

    Genes without a confidence between 0 and 1 are left out; without any, the list is empty.
    """
    right_chains = {(model.seqid, model.strand, chain) for model in reference for chain in model.chains}
    rows = [
        (model.confidence, any((model.seqid, model.strand, chain) in right_chains for chain in model.chains))
        for model in predicted
        if model.confidence is not None and 0 <= model.confidence <= 1
    ]
    if not rows:
        return []
    confidence, right = np.array(rows, float).T
    bins = np.minimum((confidence * CONFIDENCE_BINS).astype(int), CONFIDENCE_BINS - 1)
    return [
        {
            "from": number / CONFIDENCE_BINS,
            "to": (number + 1) / CONFIDENCE_BINS,
            "genes": int((bins == number).sum()),
            "mean_confidence": round(float(confidence[bins == number].mean()), 4),
            "exactly_right": round(float(right[bins == number].mean()), 4),
        }
        for number in np.unique(bins).tolist()
    ]


def _as_dict(scores: Scores) -> dict:
    return {level: score.as_dict() for level, score in scores.items()}


def _some(names: Collection[str]) -> str:
    first = ", ".join(list(names)[:3])
    return first if len(names) <= 3 else f"{first}, … {len(names)} in all"
