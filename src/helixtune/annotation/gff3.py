"""Reading gene annotations: GFF3 (and GTF), plain, gzip or bgzip.

Lines are joined by `Parent`. What cannot be a gene model is refused with its line number; what a gene model does not need
is left out and, unless it is commonplace, counted in a warning.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

from helixtune.annotation.genes import Gene, Transcript
from helixtune.annotation.gff3_assembly import assemble_genes
from helixtune.annotation.gff3_records import Records, read_gff3_records
from helixtune.annotation.gtf_records import looks_like_gtf, read_gtf_records
from helixtune.errors import FormatError
from helixtune.files import require_file
from helixtune.log import logger

__all__ = ["Gene", "Transcript", "match_seqids", "read_genes"]


def read_genes(path: str | Path, known_seqids: Collection[str] | Mapping[str, int] | None = None) -> list[Gene]:
    """Read all genes of an annotation, in file order.

    Args:
        path: GFF3 or GTF file.
        known_seqids: the genome's sequence ids; as a mapping to lengths, coordinates are checked too. Genes get the
            genome's spelling of their sequence id; those on other sequences are left out with a warning.

    Returns:
        Genes with 0-based half-open plus-strand coordinates. May be empty.

    Raises:
        InputFileError: missing, empty, or damaged file.
        FormatError: a line that is not GFF3, a broken gene model, or (with `known_seqids`) a file that belongs to another
            genome; the message names the line.
    """
    path = require_file(path, "Annotation")
    records = read_gtf_records(path) if looks_like_gtf(path) else read_gff3_records(path)
    genes = assemble_genes(records)
    if known_seqids is None or not genes:
        return genes
    genes = _on_known_sequences(genes, known_seqids, path)
    if isinstance(known_seqids, Mapping):
        for gene in genes:
            _check_end(gene, known_seqids[gene.seqid], records)
    return genes


def match_seqids(annotation_seqids: Collection[str], genome_seqids: Collection[str]) -> dict[str, str]:
    """Find the genome's name of each sequence of an annotation.

    Equal names match. When some names have no equal, upstream's rule is tried: every annotation name is part of exactly
    one genome name, one to one (`chr1` in `sp_chr1`). When that fails too, only equal names match.
    """
    equal = {name: name for name in annotation_seqids if name in genome_seqids}
    if len(equal) == len(set(annotation_seqids)):
        return equal
    parts = {name: [known for known in genome_seqids if name in known] for name in annotation_seqids}
    if all(len(found) == 1 for found in parts.values()) and len({found[0] for found in parts.values()}) == len(parts):
        return {name: found[0] for name, found in parts.items()}
    return equal


def _on_known_sequences(genes: list[Gene], known_seqids: Collection[str], path: Path) -> list[Gene]:
    names = dict.fromkeys(gene.seqid for gene in genes)
    known_as = match_seqids(names, known_seqids)
    if not known_as:
        raise FormatError(
            f"{path}: none of its sequences ({_some(names)}) is in the genome ({_some(known_seqids)}): give the genome"
            " that the annotation was made for."
        )
    renamed = [name for name in names if known_as.get(name, name) != name]
    if renamed:
        logger.warning(
            "%s: sequence '%s' is taken for '%s' (%d such names).", path, renamed[0], known_as[renamed[0]], len(renamed)
        )
    missing = [name for name in names if name not in known_as]
    kept = [gene for gene in genes if gene.seqid in known_as]
    if missing:
        logger.warning(
            "%s: %d genes on %d sequences that are not in the genome (%s) were left out.",
            path, len(genes) - len(kept), len(missing), _some(missing),
        )  # fmt: skip
    return [gene if known_as[gene.seqid] == gene.seqid else replace(gene, seqid=known_as[gene.seqid]) for gene in kept]


def _check_end(gene: Gene, length_bp: int, records: Records) -> None:
    """Refuse a gene beyond the end of its sequence, unless the file says that the sequence is a circle."""
    end = max([gene.end, *(transcript.end for transcript in gene.transcripts)])
    if end > length_bp and gene.seqid not in records.circular:
        records.fail(
            gene.line,
            f"gene '{gene.id}' ends at {end} but sequence '{gene.seqid}' has {length_bp} bases: give the genome that the"
            " annotation was made for.",
        )


def _some(names: Collection[str]) -> str:
    first = ", ".join(f"'{name}'" for name in list(names)[:3])
    return first if len(names) <= 3 else f"{first}, … {len(names)} in all"
