"""GTF (GFF2.5) text to the same records as GFF3: attributes are `key "value";`, and gene and transcript lines are optional.

GTF leaves the stop codon outside the CDS (some writers put it inside); here it always becomes part of the CDS.
"""

import re
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from helixtune.annotation.gff3_lines import CDS, EXON, GENE, KINDS, TRANSCRIPT, UTR, Line, split_lines
from helixtune.annotation.gff3_records import Head, Part, Records

_GENE_ID = re.compile(r'(?:^|[;\s])gene_id\s+"?([^";]+)')
_TRANSCRIPT_ID = re.compile(r'(?:^|[;\s])transcript_id\s+"?([^";]+)')
# AUGUSTUS writes bare names on its first lines: a quoted gene_id comes with the first exon or CDS, well within these.
LINES_TO_JUDGE = 200
PHASES_OF_STOP = ("0", "1", "2")


def looks_like_gtf(path: Path) -> bool:
    """Tell GTF from GFF3 by the attributes of the first lines."""
    for _, columns in islice(split_lines(path), LINES_TO_JUDGE):
        if re.search(r'(?:^|[;\s])(?:gene|transcript)_id "', columns[8]):
            return True
        if re.search(r"(?:^|;)\s*(?:ID|Parent)=", columns[8]):
            return False
    return False


def add_gtf_records(records: Records, lines: Iterable[Line]) -> None:
    """Collect the records of lines of a GTF file, all those of a sequence at once."""
    gene_of: dict[str, str] = {}
    stops: dict[str, list[Part]] = {}
    for number, columns in lines:
        kind = CDS if columns[2] == "stop_codon" else KINDS.get(columns[2].strip())
        if kind in (EXON, CDS, UTR):
            _add_part(records, number, columns, kind, gene_of, stops)
        elif kind in (GENE, TRANSCRIPT):
            _add_head(records, number, columns, kind)
        elif kind is None:
            records.unknown_types[columns[2].strip()] += 1
    for transcript_id, parts in stops.items():
        _join_stop_codons(records, transcript_id, parts)
    _imply_heads(records, gene_of)


def _add_part(records: Records, number: int, columns: list[str], kind: str, gene_of: dict, stops: dict) -> None:
    gene_id, transcript_id = _GENE_ID.search(columns[8]), _TRANSCRIPT_ID.search(columns[8])
    if not gene_id or not transcript_id:
        records.fail(number, f'{columns[2]} without gene_id "…" or transcript_id "…": it belongs to no transcript.')
    gene_of[transcript_id[1]] = gene_id[1]
    start, end = records.interval(number, columns)
    part = (records.place(number, columns, kind), start, end, number)
    where = stops if columns[2] == "stop_codon" else records.parts
    where.setdefault(transcript_id[1], []).append(part)


def _add_head(records: Records, number: int, columns: list[str], kind: str) -> None:
    attributes = columns[8].strip()
    bare = "" if '"' in attributes or " " in attributes else attributes.rstrip(";")
    gene_id, transcript_id = _GENE_ID.search(attributes), _TRANSCRIPT_ID.search(attributes)
    gene_name = gene_id[1] if gene_id else (bare if kind == GENE else "")
    name = gene_name if kind == GENE else (transcript_id[1] if transcript_id else bare)
    if not name:
        records.fail(number, f"{columns[2]} without {kind}_id: its parts cannot be found; give it one.")
    start, end = records.interval(number, columns)
    strand = records.strand(number, columns)
    if strand == ".":
        records.fail(number, f"{columns[2]} '{name}' has no strand: write '+' or '-' or remove it.")
    parent = "" if kind == GENE else gene_name
    seqid = records.seqid(columns[0])
    head = Head(number, name, parent, seqid, columns[2].strip(), start, end, strand, columns[5], attributes)
    records.add_head(records.genes if kind == GENE else records.transcripts, head)


def _join_stop_codons(records: Records, transcript_id: str, stops: list[Part]) -> None:
    """Make stop codons part of the CDS: inside it already, a longer neighbour, or (split by an intron) a part of its own."""
    parts = records.parts.setdefault(transcript_id, [])
    for stop in stops:
        place, start, end, _ = stop
        for i, (other, other_start, other_end, line) in enumerate(parts):
            if other[2] == CDS and other_start <= end and start <= other_end:
                parts[i] = (other, min(start, other_start), max(end, other_end), line)
                break
        else:
            phase = place[3] if place[3] is not None else 0
            parts.append(((*place[:3], phase), *stop[1:]))


def _imply_heads(records: Records, gene_of: dict[str, str]) -> None:
    """Add the gene and transcript lines that a GTF file may leave out."""
    for transcript_id, gene_id in gene_of.items():
        head = records.transcripts.get(transcript_id)
        if head is None:
            head = records.transcripts[transcript_id] = _spanning_head(records, transcript_id, gene_id)
        head.parent = head.parent or gene_id
    for head in records.transcripts.values():
        if not head.parent:
            records.fail(head.line, f"transcript '{head.id}' has no gene_id: give it one.")
        gene = records.genes.get(head.parent)
        if gene is None:
            records.genes[head.parent] = Head(
                head.line, head.parent, "", head.seqid, "gene", head.start, head.end, head.strand, ".", head.attributes
            )
        elif gene.seqid == head.seqid:  # elsewhere: refused when the transcript is joined to its gene
            gene.start, gene.end = min(gene.start, head.start), max(gene.end, head.end)


def _spanning_head(records: Records, transcript_id: str, gene_id: str) -> Head:
    parts = records.parts[transcript_id]
    (seqid, strand, _, _), _, _, line = parts[0]
    if strand == ".":
        records.fail(line, f"transcript '{transcript_id}' has no strand: write '+' or '-' or remove it.")
    start, end = min(part[1] for part in parts), max(part[2] for part in parts)
    return Head(line, transcript_id, gene_id, seqid, "transcript", start, end, strand, ".", "")
