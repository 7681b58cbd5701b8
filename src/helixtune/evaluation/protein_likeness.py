"""How much a protein looks like a protein, whatever the species: PSAURON's network, its forward pass in numpy.

PSAURON (Sommer, Zimin and Salzberg 2025, NAR Genomics and Bioinformatics 7:lqae189) tells proteins from readings of other frames
after having seen those of more than a thousand species. Its weights, `votes/psauron.npz`, are those of release 1.1.3 with weight
normalisation multiplied out and rounded to half floats; their licence (MIT) lies beside them.
"""

from functools import cache
from pathlib import Path

import numpy as np

WEIGHTS = Path(__file__).parent / "votes" / "psauron.npz"
# Amino acids in the order of its input channels, from channel 1 on; whatever else counts as the first.
AMINO_ACIDS = b"LVIMCAGSTPFYWEDNQKRH"
N_CHANNELS = 21
N_BLOCKS = 6
# The network sees some hundred residues back, so its mean begins there (or at the last residue of shorter proteins).
WARM_UP = 100
MAX_RESIDUES = 2000


def likeness(protein: bytes) -> float:
    """Return the log odds (natural) that letters of amino acids are a protein; 0 for none. The first 2,000 residues count."""
    if not protein:
        return 0.0
    weights = _weights()
    values = np.zeros((min(len(protein), MAX_RESIDUES), N_CHANNELS), np.float32)
    values[np.arange(len(values)), _channels(protein[:MAX_RESIDUES])] = 1
    for block in range(N_BLOCKS):
        inner = values
        for conv in (1, 2):
            name = f"block{block}_conv{conv}"
            inner = np.maximum(_causal(inner, weights[f"{name}_weight"], 2**block) + weights[f"{name}_bias"], 0)
        if block == 0:
            values = values @ weights["block0_skip_weight"].T + weights["block0_skip_bias"]
        values = np.maximum(inner + values, 0)
    told = values[min(WARM_UP, len(values) - 1) :] @ weights["out_weight"][0] + weights["out_bias"][0]
    return float(told.mean())


@cache
def _weights() -> dict[str, np.ndarray]:
    with np.load(WEIGHTS) as file:
        return {name: file[name].astype(np.float32) for name in file.files}


@cache
def _table() -> np.ndarray:
    table = np.ones(256, np.int64)
    table[np.frombuffer(AMINO_ACIDS, np.uint8)] = np.arange(1, len(AMINO_ACIDS) + 1)
    return table


def _channels(protein: bytes) -> np.ndarray:
    return _table()[np.frombuffer(protein, np.uint8)]


def _causal(values: np.ndarray, weight: np.ndarray, dilation: int) -> np.ndarray:
    """Convolve (L, in) with (out, in, taps) so that a residue sees itself and what comes before; (L, out)."""
    taps = weight.shape[2]
    padded = np.concatenate([np.zeros(((taps - 1) * dilation, values.shape[1]), np.float32), values])
    out = np.zeros((len(values), weight.shape[0]), np.float32)
    for tap in range(taps):
        out += padded[tap * dilation : tap * dilation + len(values)] @ weight[:, :, tap].T
    return out
