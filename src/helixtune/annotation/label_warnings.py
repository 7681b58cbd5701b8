"""What is to be said about labels as a whole, whoever makes them."""

from helixtune.annotation.label_source import LabelSettings
from helixtune.log import logger

# Well-annotated genomes keep 85 to 98 %; coding sequences alone (yeast) leave 42 %.
LOW_USABLE_SHARE = 0.6


def tell_usable(stage: str, share: float, settings: LabelSettings) -> None:
    """Say which share of a genome's bases has a weight, and warn where it is low without a reason."""
    logger.info("%s: %.1f %% of the bases can be learned from, the rest is masked", stage, 100 * share)
    if share < LOW_USABLE_SHARE and not settings.nominal_utr:
        logger.warning("Most of the genome is masked: if the annotation has no UTRs, try --nominal-utr 50,110.")


def warn_of_no_gene(annotation: str) -> None:
    """Say that there is nothing to learn."""
    logger.warning("%s has no coding gene: all rows count as not annotated and none will be learned from.", annotation)
