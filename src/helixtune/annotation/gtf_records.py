"""GTF (GFF2.5) text to the same records as GFF3: attributes are `key "value";`, and gene and transcript lines are optional.

Names of genes and of transcripts are two name spaces, and both hold for one sequence: a transcript is known by its sequence, the
name of its gene and its own. GTF leaves the stop codon outside the CDS (some writers put it inside); it always becomes part
of the CDS. Older GFF of the JGI has one name in place of both.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from itertools import islice, pairwise
from pathlib import Path

from helixtune.annotation.gff3_assembly import GFF3, Dialect
from helixtune.annotation.gff3_lines import (
    CDS,
    EXON,
    GENE,
    KINDS,
    LINES_TO_JUDGE,
    PART_KINDS,
    START_CODON,
    STOP_CODON,
    TRANSCRIPT,
    Line,
    split_lines,
    unquoted,
)
from helixtune.annotation.gff3_parents import Members
from helixtune.annotation.gff3_records import Head, Part, Records

# Some writers leave the quotes out, or write `=` as in GFF3.
_GENE_ID = re.compile(r'(?:^|[;\s])gene_id[\s=]+"?([^";]+)')
_TRANSCRIPT_ID = re.compile(r'(?:^|[;\s])transcript_id[\s=]+"?([^";]+)')
_JGI_NAME = re.compile(r'(?:^|;)\s*name "?([^";]+)')
_QUOTED_ID = re.compile(r'(?:^|[;\s])(?:gene|transcript)_id "')
_GFF3_ID = re.compile(r"(?:^|;)\s*(?:ID|Parent)=", re.IGNORECASE)
CODON_BP = 3

# Gene and transcript of a line; None where it does not name one.
Names = tuple[str | None, str | None]
# Seqid and name of a gene; seqid, name of the gene (None = not told) and of a transcript.
GeneKey = tuple[str, str]
TranscriptKey = tuple[str, str | None, str]
SAME_NAME = "its name is used twice"


def gtf_names(attributes: str) -> Names:
    """Return gene_id and transcript_id."""
    gene, transcript = _GENE_ID.search(attributes), _TRANSCRIPT_ID.search(attributes)
    return (gene[1].strip() or None) if gene else None, (transcript[1].strip() or None) if transcript else None


def jgi_names(attributes: str) -> Names:
    """Return the one name that stands for both."""
    name = _JGI_NAME.search(attributes)
    return (name[1].strip(), name[1].strip()) if name else (None, None)


def dialect_of(path: Path) -> Dialect:
    """Tell GTF, GFF of the JGI and GFF3 by the attributes of the first lines."""
    seen = [columns[8] for _, columns in unquoted(islice(split_lines(path), LINES_TO_JUDGE))]
    for attributes in seen:
        if _QUOTED_ID.search(attributes):
            return GTF
        if _GFF3_ID.search(attributes):
            return GFF3
    if any(_GENE_ID.search(attributes) or _TRANSCRIPT_ID.search(attributes) for attributes in seen):
        return GTF
    return JGI if any(_JGI_NAME.search(attributes) for attributes in seen) else GFF3


@dataclass
class _Found:
    """What is known of the lines of a sequence beside the records.

    Attributes:
        genes, transcripts: their lines; more than one where a name is used again.
        bare: lines of transcripts that do not tell their gene, by sequence and name.
        implied: keys of genes without lines.
        without_attributes: keys of genes with nothing but a name in the last column.
        starts: start codons of each transcript.
        n_firsts: lines of each transcript and kind that are numbered 1.
    """

    genes: dict[GeneKey, list[Head]] = field(default_factory=lambda: defaultdict(list))
    transcripts: dict[TranscriptKey, list[Head]] = field(default_factory=lambda: defaultdict(list))
    bare: dict[GeneKey, list[Head]] = field(default_factory=lambda: defaultdict(list))
    implied: set[GeneKey] = field(default_factory=set)
    without_attributes: set[GeneKey] = field(default_factory=set)
    starts: dict[TranscriptKey, list[Part]] = field(default_factory=lambda: defaultdict(list))
    n_firsts: dict[tuple[TranscriptKey, str], int] = field(default_factory=lambda: defaultdict(int))


def read_gtf(names_of: Callable[[str], Names], records: Records, lines: Iterable[Line]) -> Members:
    """Read GTF; `names_of` returns gene and transcript of the text of a line's attributes."""
    found = _Found()
    for number, columns in lines:
        kind = KINDS[columns[2]]
        if kind in PART_KINDS or kind == START_CODON:
            _add_part(records, found, records.part(number, columns, kind), columns[8], names_of)
        elif kind in (GENE, TRANSCRIPT):
            _add_head(records, found, number, columns, kind, names_of)
        else:
            records.add_other(columns, kind)
    _name_genes(records, found)
    _join_bare_transcripts(records, found)
    return _join(records, found)


def _add_part(records: Records, found: _Found, part: Part, attributes: str, names_of: Callable[[str], Names]) -> None:
    gene, transcript = names_of(attributes)
    if gene is None and transcript is None:
        records.lose(part, "exons or CDS without gene_id and transcript_id were left out")
        return
    (seqid, _, kind, _), *_ = part
    key = (seqid, gene, transcript or "")
    if kind == START_CODON:
        found.starts[key].append(part)
        return
    records.parts.setdefault(key, []).append(part)
    if kind in (EXON, CDS) and ('exon_number "1"' in attributes or "exon_number 1;" in attributes):
        found.n_firsts[key, kind] += 1


def _add_head(
    records: Records, found: _Found, number: int, columns: list[str], kind: str, names_of: Callable[[str], Names]
) -> None:
    attributes = columns[8].strip()
    bare = "" if '"' in attributes or " " in attributes else attributes.rstrip(";")
    gene, transcript = names_of(attributes)
    name = gene or bare if kind == GENE else transcript or bare
    if not name and not gene:
        records.fail(number, f"{columns[2]} without {kind}_id: its parts cannot be found; give it one.")
    start, end = records.interval(number, columns)
    seqid = records.seqid(columns[0])
    head = Head(
        number, name, "", seqid, columns[2].strip(), start, end, records.strand(number, columns), columns[5], attributes
    )
    if kind == GENE:
        found.genes[seqid, name].append(head)
        if not gene:
            found.without_attributes.add((seqid, name))
    elif gene:
        found.transcripts[seqid, gene, name].append(head)
    else:
        found.bare[seqid, name].append(head)


def _name_genes(records: Records, found: _Found) -> None:
    """Find the gene of parts that do not tell it: that of other lines of the transcript, or one of the transcript's name."""
    nameless = [key for key in records.parts if key[1] is None]
    if not nameless:
        return
    known = _genes_by_transcript([*(key for key in records.parts if key[1] is not None), *found.transcripts])
    for seqid, _, name in nameless:
        genes = known.get((seqid, name), {name})
        key = (seqid, genes.pop() if len(genes) == 1 else name, name)
        records.parts.setdefault(key, []).extend(records.parts.pop((seqid, None, name)))
        for start in found.starts.pop((seqid, None, name), ()):
            found.starts[key].append(start)


def _genes_by_transcript(keys: Iterable[TranscriptKey]) -> dict[GeneKey, set[str]]:
    known: dict[GeneKey, set[str]] = defaultdict(set)
    for seqid, gene, name in keys:
        known[seqid, name].add(gene)
    return known


def _join_bare_transcripts(records: Records, found: _Found) -> None:
    """Find the gene of transcript lines that do not tell it by their parts; without parts they are left out."""
    if not found.bare:
        return
    known = _genes_by_transcript(records.parts)
    for (seqid, name), heads in found.bare.items():
        genes = known.get((seqid, name), set())
        if len(genes) == 1:
            found.transcripts[seqid, next(iter(genes)), name] += heads
        else:
            _leave_out(records, heads[0])


def _leave_out(records: Records, head: Head) -> None:
    records.notes.add("lines of genes or transcripts without parts were left out", f"'{head.id}', line {head.line}")


def _join(records: Records, found: _Found) -> Members:
    """Return the transcripts of every gene; genes and transcripts without lines of their own are made from their parts."""
    members: Members = defaultdict(list)
    for key in dict.fromkeys([*found.transcripts, *records.parts]):
        parts, heads = records.parts.pop(key, []), found.transcripts.get(key) or []
        if not heads:
            heads = [_spanning_head(key[2], parts)]
            heads[0].problem = SAME_NAME if _is_used_twice(found, key, parts) else ""
        for head, own in _by_place(records, heads, parts):
            gene = _gene_of(found, (key[0], key[1]), head)
            members[id(gene)].append((head, own))
            records.transcripts[(*key, head.line)] = head
    for key, heads in found.genes.items():
        for head in heads:
            if key in found.without_attributes and id(head) not in members:
                _leave_out(records, head)
            else:
                records.genes[(*key, head.line)] = head
    for some in members.values():
        some.sort(key=lambda member: member[0].line)
    return members


def _by_place(records: Records, heads: list[Head], parts: list[Part]) -> list[tuple[Head, list[Part]]]:
    """Give parts to the transcript lines of one name; there is more than one where the name is used again."""
    if len(heads) == 1:
        return [(heads[0], parts)]
    text = "names of transcripts are used again on one sequence: they were told apart by their places"
    records.notes.add(text, f"'{heads[0].id}', lines {heads[0].line} and {heads[1].line}")
    for before, after in pairwise(sorted(heads, key=lambda head: head.start)):
        if after.start < before.end:
            before.problem = after.problem = SAME_NAME
    own: list[list[Part]] = [[] for _ in heads]
    for part in parts:
        own[next((i for i, head in enumerate(heads) if head.start <= part[1] and part[2] <= head.end), 0)].append(part)
    return list(zip(heads, own, strict=True))


def _gene_of(found: _Found, key: GeneKey, transcript: Head) -> Head:
    """Return the gene of a transcript: of those of its name the one at its place; without a line it is made."""
    genes = found.genes[key]
    is_implied = not genes or key in found.implied
    at_place = (one for one in genes if one.start < transcript.end and transcript.start < one.end)
    gene = next((one for one in at_place if one.strand == transcript.strand or not is_implied), None)
    if gene is None and (is_implied or len(genes) > 1):
        gene = Head(
            transcript.line, key[1], "", key[0], "gene", transcript.start, transcript.end, transcript.strand, ".",
            transcript.attributes,
        )  # fmt: skip
        genes.append(gene)
        if is_implied:
            found.implied.add(key)
    gene = gene or genes[0]
    gene.start, gene.end = min(gene.start, transcript.start), max(gene.end, transcript.end)
    return gene


def _spanning_head(name: str, parts: list[Part]) -> Head:
    seqid, _, _, _ = parts[0][0]
    start, end = min(part[1] for part in parts), max(part[2] for part in parts)
    return Head(parts[0][3], name, "", seqid, "transcript", start, end, parts[0][0][1], ".", "")


def _is_used_twice(found: _Found, key: TranscriptKey, parts: list[Part]) -> bool:
    """Tell whether the parts of one name are those of two transcripts: with two start or stop codons, or two first exons."""
    stops = [part for part in parts if part[0][2] == STOP_CODON]
    n_first_exons = found.n_firsts.get((key, EXON), 0) or found.n_firsts.get((key, CDS), 0)
    return n_first_exons > 1 or any(_length_bp(codons) > CODON_BP for codons in (stops, found.starts.get(key, [])))


def _length_bp(parts: list[Part]) -> int:
    return sum(end - start for start, end in {part[1:3] for part in parts})


def _note_used_twice(records: Records, kind: str, first: int, second: int) -> None:
    text = f"names of {kind}s are used again: sequence and gene tell them apart"
    records.notes.add(text, f"lines {first} and {second}")


GTF = Dialect(partial(read_gtf, gtf_names), _note_used_twice)
JGI = Dialect(partial(read_gtf, jgi_names), _note_used_twice)
