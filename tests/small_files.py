"""A genome of two sequences, genes on it, training rows and predictions of it: what tests of commands spoil."""

from pathlib import Path

import numpy as np

from helixtune.cli import main
from helixtune.h5files import CLASS_PROBS, PHASE_PROBS, RowWriter, identity_of, open_file, read_rows

LENGTH = 40
GENES = """##gff-version 3
a\tx\tgene\t1\t30\t.\t+\t.\tID=g
a\tx\tmRNA\t1\t30\t.\t+\t.\tID=t;Parent=g
a\tx\texon\t1\t30\t.\t+\t0\tParent=t
a\tx\tCDS\t1\t30\t.\t+\t0\tParent=t
"""


def write_small_files(folder: Path) -> dict[str, Path]:
    """Write g.fa, g.gff3, g.h5 (genome), t.h5 (training), p.h5 (predictions); return {name: path}, and the "folder"."""
    (folder / "g.fa").write_text(">a\n" + "ACGTA" * 20 + "\n>b\n" + "TTGCA" * 10 + "\n")
    (folder / "g.gff3").write_text(GENES)
    length = ["--subsequence-length", str(LENGTH), "--species", "x", "--quiet"]
    assert main(["encode-genome", "--fasta", f"{folder}/g.fa", "--output", f"{folder}/g.h5", *length]) == 0
    words = ["--fasta", f"{folder}/g.fa", "--annotation", f"{folder}/g.gff3", "--output", f"{folder}/t.h5"]
    assert main(["encode-labels", *words, *length]) == 0
    with open_file(folder / "g.h5", ()) as file:
        rows = read_rows(file)
    with RowWriter(folder / "p.h5", "helixtune predictions", {}, {"register": "last"}) as writer:
        probs = np.full((len(rows), LENGTH, 4), 0.25, np.float32)
        writer.append({**identity_of(rows), CLASS_PROBS: probs, PHASE_PROBS: probs})
    return {path.name: path for path in folder.iterdir()} | {"folder": folder}
