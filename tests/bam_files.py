"""Small BAM files written from lists of reads."""

import re
from pathlib import Path

import pysam


def write_bam(
    path: Path, references: dict[str, int], reads: list[tuple], *, order: str = "coordinate", index: bool = True
) -> Path:
    """Write reads `(flag, seqid, 0-based start, CIGAR, {tag: value})`, the tags optional."""
    header = {"HD": {"VN": "1.6", "SO": order}, "SQ": [{"SN": name, "LN": n} for name, n in references.items()]}
    names = list(references)
    if order == "coordinate":
        reads = sorted(reads, key=lambda read: (names.index(read[1]), read[2]))
    with pysam.AlignmentFile(str(path), "wb", header=header) as bam:
        for number, (flag, seqid, start, cigar, *tags) in enumerate(reads):
            read = pysam.AlignedSegment(bam.header)
            read.query_name, read.flag = f"r{number}", flag
            read.reference_id, read.reference_start = names.index(seqid), start
            read.cigarstring, read.mapping_quality = cigar, 60
            read.query_sequence = "A" * sum(int(n) for n, op in re.findall(r"(\d+)([MIS=X])", cigar))
            read.set_tags(list((tags[0] if tags else {}).items()))
            bam.write(read)
    if index:
        pysam.index(str(path))
    return path
