"""RNA-seq alignments: opening and checking BAM files, which reads count, and the strand of the RNA they come from."""

from collections import Counter
from collections.abc import Container, Iterator, Mapping
from pathlib import Path

import pysam

from helixtune.errors import FormatError, InputFileError, ParameterError
from helixtune.files import require_file
from helixtune.log import logger
from helixtune.subsequences import SEQID_BYTES

UNSTRANDED, FIRST_STRAND, SECOND_STRAND = "unstranded", "fr-firststrand", "fr-secondstrand"
LIBRARIES = (UNSTRANDED, FIRST_STRAND, SECOND_STRAND)

MINUS, SECOND_MATE = 16, 128
# Unmapped, secondary, failed quality check. Duplicates and supplementary alignments count, as in upstream's tracks.
NOT_COUNTED = 4 | 256 | 512
CIGAR_ALIGNED = frozenset((0, 7, 8))  # M, =, X
CIGAR_GAPS = frozenset((2, 3))  # D, N
CIGAR_INTRON = 3
# The empty block that ends every BGZF file (SAM specification, 4.1.2).
BGZF_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")


class _BamFile(pysam.AlignmentFile):
    """A BAM file whose closing hides no error: that of a damaged file fails as well."""

    def __exit__(self, kind, error, trace):
        try:
            return super().__exit__(kind, error, trace)
        except OSError:
            if kind is None:
                raise
            return False


def open_bam(path: str | Path) -> pysam.AlignmentFile:
    """Open a sorted, indexed BAM file after checking that it is whole.

    Raises:
        InputFileError: missing, truncated, not BAM, or without index.
        FormatError: not sorted by coordinate.
    """
    path = require_file(path, "BAM file")
    _check_whole(path)
    verbosity = pysam.set_verbosity(0)  # htslib's own messages would stand beside ours
    try:
        # Never with threads: htslib's wait for ever where a block is damaged, and counting takes longer than unpacking.
        # A file without sequences is told of with the one that is missing.
        bam = _BamFile(str(path), "rb", check_sq=False)
    except (ValueError, OSError) as error:
        raise InputFileError(f"{path} cannot be read as BAM ({error}): make or copy it again.") from error
    finally:
        pysam.set_verbosity(verbosity)
    if bam.header.to_dict().get("HD", {}).get("SO", "coordinate") not in ("coordinate", "unknown"):
        raise FormatError(f"{path} is not sorted by coordinate: run `samtools sort`, then `samtools index`.")
    if not bam.has_index():
        raise InputFileError(f"{path} has no index (.bai or .csi) beside it: run `samtools index {path}`.")
    _require_own_index(path, bam.nreferences)
    _warn_of_old_index(path)
    return bam


def _check_whole(path: Path) -> None:
    with path.open("rb") as file:
        start = file.read(4)
        file.seek(max(0, path.stat().st_size - len(BGZF_END)))
        end = file.read()
    if start == b"CRAM":
        raise InputFileError(f"{path} is CRAM: convert it with `samtools view -b`.")
    if start[:2] != BGZF_END[:2]:
        raise InputFileError(f"{path} is not a BAM file: convert it with `samtools view -b`.")
    if end != BGZF_END:
        raise InputFileError(f"{path} is truncated (its end mark is missing): make or copy it again.")


def _require_own_index(path: Path, n_references: int) -> None:
    """Refuse an index (.bai) of another number of sequences: the reads of other places would be counted, or none."""
    index = path.with_name(path.name + ".bai")
    head = index.open("rb").read(8) if index.exists() else b""
    if head[:4] == b"BAI\1" and int.from_bytes(head[4:], "little") != n_references:
        raise FormatError(f"{path}: its index belongs to another file: run `samtools index {path}`.")


def _warn_of_old_index(path: Path) -> None:
    for index in (path.with_name(path.name + suffix) for suffix in (".bai", ".csi")):
        if index.exists() and index.stat().st_mtime < path.stat().st_mtime:
            logger.warning("%s is older than its BAM file: if reads are missing, run `samtools index` again.", index)


def check_library(library: str) -> str:
    """Return `library` if it is one of the three.

    Raises:
        ParameterError: it is not.
    """
    if library not in LIBRARIES:
        raise ParameterError(f"Library '{library}' is unknown: choose one of {', '.join(LIBRARIES)}.")
    return library


def all_names(bam: pysam.AlignmentFile) -> dict[str, str]:
    """Return the file's name of each of its sequences by sequence id, also by its first 50 characters, as others' files have it."""
    return {name[:SEQID_BYTES]: name for name in bam.references} | {name: name for name in bam.references}


def reference_names(bam: pysam.AlignmentFile, ends_bp: Mapping[str, int], complete: Container[str]) -> dict[str, str]:
    """Find the BAM file's name of every sequence and check that the lengths agree.

    Args:
        bam: an open file.
        ends_bp: by sequence id, the last position known.
        complete: sequences whose last position is their end.

    Raises:
        FormatError: a sequence is missing or has another length: the reads were aligned to another genome.
    """
    known = dict(zip(bam.references, bam.lengths, strict=True))
    names = all_names(bam)
    path = bam.filename.decode()
    for seqid, end_bp in ends_bp.items():
        if seqid not in names:
            some = ", ".join(bam.references[:3]) or "none"
            raise FormatError(
                f"{path} has no sequence '{seqid}' (it has {some}, …): align the reads to the same genome."
            )
        found = known[names[seqid]]
        if found < end_bp or (seqid in complete and found != end_bp):
            raise FormatError(
                f"{path}: sequence '{seqid}' has {found} bases there but {end_bp} in the genome: align the reads to the"
                " same genome."
            )
    return {seqid: names[seqid] for seqid in ends_bp}


def fetch_reads(bam: pysam.AlignmentFile, name: str, start: int, end: int) -> Iterator[pysam.AlignedSegment]:
    """Yield the counted reads that overlap a stretch of a sequence.

    Raises:
        InputFileError: the file is damaged.
    """
    try:
        for read in bam.fetch(name, start, end):
            if not read.flag & NOT_COUNTED:
                yield read
    except OSError as error:
        raise InputFileError(f"{bam.filename.decode()} is damaged near {name}:{start + 1}: copy it again.") from error


def comes_from_minus(flag: int, library: str) -> bool:
    """Tell whether a read's RNA is taken to come from the minus strand.

    Unstranded: the strand of the alignment. fr-firststrand (dUTP): second mates lie as the RNA does, first mates and
    single-end reads opposite. fr-secondstrand: the other way round.
    """
    is_minus = bool(flag & MINUS)
    if library == UNSTRANDED:
        return is_minus
    is_second = bool(flag & SECOND_MATE)
    return is_minus != (is_second if library == SECOND_STRAND else not is_second)


def splice_junctions(bam_path: str | Path, library: str = UNSTRANDED) -> Iterator[tuple[str, str, int, int, int]]:
    """Yield every intron that spliced reads span: `(seqid, strand, start, end, count)`, sorted by position.

    Coordinates are 0-based and half-open. The strand is what the aligner says (tag XS or ts), else what the library tells,
    else '.'; an intron seen on both strands comes twice.
    """
    check_library(library)
    with open_bam(bam_path) as bam:
        for name in bam.references:
            counts: Counter[tuple[int, int, str]] = Counter()
            for read in fetch_reads(bam, name, 0, bam.get_reference_length(name)):
                cigar = read.cigartuples or ()
                if any(op == CIGAR_INTRON for op, _ in cigar):
                    _count_introns(read.reference_start, cigar, _intron_strand(read, library), counts)
            for (start, end, strand), count in sorted(counts.items()):
                yield name, strand, start, end, count


def _count_introns(position: int, cigar, strand: str, counts: Counter) -> None:
    for op, length in cigar:
        if op == CIGAR_INTRON:
            counts[position, position + length, strand] += 1
        if op in CIGAR_ALIGNED or op in CIGAR_GAPS:
            position += length


def _intron_strand(read: pysam.AlignedSegment, library: str) -> str:
    if read.has_tag("XS") or read.has_tag("ts"):
        told = _told_strands(read)
        if "XS" in told:  # HISAT2, STAR: strand of the intron
            return told["XS"]
        if "ts" in told:  # minimap2: '+' = the read lies as the transcript does
            return "-" if (told["ts"] == "-") != read.is_reverse else "+"
    if library == UNSTRANDED:
        return "."
    return "-" if comes_from_minus(read.flag, library) else "+"


def _told_strands(read: pysam.AlignedSegment) -> dict[str, str]:
    """Return what tags say that name a strand; other programs use the same names for numbers, even beside them."""
    return {
        name: value
        for name, value, kind in reversed(read.get_tags(with_value_type=True))
        if name in ("XS", "ts") and kind in "AZ" and value in ("+", "-")
    }
