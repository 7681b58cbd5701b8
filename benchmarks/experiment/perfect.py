"""Predictions that are the labels themselves."""

from pathlib import Path

import numpy as np

from helixtune import h5files


def write_perfect_predictions(labelled: Path, genome: Path, output: Path) -> None:
    """Write the labels of a genome as probabilities 0 and 1; masked bases get what is labelled there."""
    names = (h5files.CLASSES, h5files.PHASES, h5files.SEQIDS, h5files.START_ENDS)
    with h5files.open_file(labelled, names) as labels, h5files.open_file(genome, (h5files.BASES,)) as rows_of:
        known = {row: number for number, row in enumerate(_identities(labels))}
        order = [known[row] for row in _identities(rows_of)]
        settings = {"overlap": False, "register": "last"}
        with h5files.RowWriter(output, "helixtune predictions", settings, {"register": "last"}) as writer:
            for numbers in np.array_split(np.array(order), max(1, len(order) // 64)):
                block = {
                    name: h5files.read_block(labels, name, numbers)
                    for name in (h5files.SPECIES, h5files.SEQIDS, h5files.START_ENDS)
                }
                block[h5files.CLASS_PROBS] = h5files.read_block(labels, h5files.CLASSES, numbers).astype(np.float16)
                block[h5files.PHASE_PROBS] = h5files.read_block(labels, h5files.PHASES, numbers).astype(np.float16)
                writer.append(block)


def _identities(file) -> list[tuple]:
    pairs = file[h5files.START_ENDS][:]
    return [(seqid, *map(int, pair)) for seqid, pair in zip(file[h5files.SEQIDS][:], pairs, strict=True)]
