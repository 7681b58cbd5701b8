"""Choosing places at random: what a selection has to beat."""

from pathlib import Path

import h5py
import numpy as np

from helixtune import h5files


def keep_random_places(source: Path, output: Path, fraction: float, seed: int) -> None:
    """Keep a share of the places (both strands of each) of a labelled file."""
    with h5files.open_file(source, (h5files.START_ENDS, h5files.SEQIDS)) as file:
        starts = file[h5files.START_ENDS][:]
        places = [(seqid, *sorted(map(int, pair))) for seqid, pair in zip(file[h5files.SEQIDS][:], starts, strict=True)]
        distinct = sorted(set(places))
        count = max(2, round(fraction * len(distinct)))
        drawn = np.random.default_rng(seed).permutation(len(distinct))[:count]
        kept = {distinct[number] for number in drawn}
        rows = np.array([number for number, place in enumerate(places) if place in kept])
        names: list[str] = []
        file.visititems(lambda name, item: names.append(name) if isinstance(item, h5py.Dataset) else None)
        with h5files.RowWriter(output, "helixtune training", {"random": fraction, "seed": seed}) as writer:
            for block in np.array_split(rows, max(1, len(rows) // 256)):
                writer.append({name: h5files.read_block(file, name, block) for name in names})
