"""RNA-seq of a target: alignments under the names that its sequences have here."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pysam


def write_reads(sources: Iterable[tuple[Path, str]], lengths: dict[str, int], output: Path) -> None:
    """Write sorted, indexed alignments to the sequences of `lengths`; a source is a BAM file and how its names begin here."""
    header = pysam.AlignmentHeader.from_references(list(lengths), list(lengths.values()))
    unsorted = output.with_suffix(".unsorted.bam")
    with pysam.AlignmentFile(unsorted, "wb", header=header) as file:
        for path, prefix in sources:
            for record in renamed(path, prefix, lengths, header):
                file.write(record)
    pysam.sort("-o", str(output), str(unsorted))
    unsorted.unlink()
    pysam.index(str(output))


def renamed(
    path: Path, prefix: str, lengths: dict[str, int], header: pysam.AlignmentHeader
) -> Iterator[pysam.AlignedSegment]:
    """Yield the alignments that lie, with their mates, on one of the sequences."""
    with pysam.AlignmentFile(path) as source:
        for record in source:
            name = f"{prefix}{record.reference_name}"
            if record.is_unmapped or record.reference_end > lengths.get(name, 0):
                continue
            fields = record.to_dict() | {"ref_name": name}
            if record.next_reference_name == record.reference_name:
                fields["next_ref_name"] = "="
            else:
                fields |= {"next_ref_name": "*", "next_ref_pos": "0"}
            yield pysam.AlignedSegment.from_dict(fields, header)
