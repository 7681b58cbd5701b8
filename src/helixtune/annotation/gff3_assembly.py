"""Annotation records to gene models: joins lines by `Parent`, in whatever order they stand.

Upstream joins by file order instead (an exon belongs to the latest transcript line above it); on files that keep the
usual order both give the same genes.
"""

import re
from collections import defaultdict

import numpy as np

from helixtune.annotation.genes import Gene, Interval, Transcript
from helixtune.annotation.gff3_lines import CDS, EXON, GENE, KINDS, TRANSCRIPT, decode
from helixtune.annotation.gff3_records import SEVERAL_PARTS, Head, Part, Records, types_of_ids
from helixtune.log import logger

# A miRNA in a primary transcript in a gene needs two; each climb is as long as the nesting is deep.
MAX_NESTING = 50
_GENE_NAME = re.compile(r"(?:^|;)\s*gene(?:ID|_id)=([^;]+)")
_CONFIDENCE = re.compile(r"(?:^|;)\s*confidence=([^;]+)")
_BIOTYPE = re.compile(r"(?:^|[;\s])(?:gene_biotype|gene_type|biotype)[= ]\"?([^;\"]+)")


def assemble_genes(records: Records) -> list[Gene]:
    """Join the records at hand to genes, in file order of the gene lines; transcripts of a gene in file order of theirs.

    The records are used up: each goes as its gene comes, so that a sequence is never in memory twice.

    Raises:
        FormatError: a circle of Parents, parts on another sequence than their transcript, an exon or CDS given twice.
    """
    _note_orphans(records)
    members: dict[str, list[Head]] = defaultdict(list)
    for head in records.transcripts.values():
        gene = _gene_of(records, head)
        if gene is not None:
            members[gene.id].append(head)
    for kind, heads in ((GENE, records.genes), (TRANSCRIPT, records.transcripts)):
        for head in heads.values():
            if head.problem != SEVERAL_PARTS:
                records.heads[kind].extend((hash(head.id), head.line))
    waiting = sorted(records.genes.values(), key=lambda head: head.line, reverse=True)
    records.genes.clear()
    records.transcripts.clear()
    genes = []
    while waiting:
        gene = waiting.pop()
        genes.append(_build_gene(records, gene, members.pop(gene.id, [])))
    records.forget_lines()
    return genes


def finish_file(records: Records) -> None:
    """Check what the end of the file alone can tell, then warn about what was left out.

    Raises:
        FormatError: a Parent that no line has, or one on another sequence; an ID used on two sequences.
    """
    _account_for_orphans(records)
    for kind, heads in records.heads.items():
        _refuse_used_twice(records, kind, np.array(heads, np.int64).reshape(-1, 2))
    if records.unknown_types:
        types = ", ".join(f"{name} ({count})" for name, count in records.unknown_types.most_common(10))
        logger.warning("%s: lines of unknown types were left out: %s.", records.path, types)
    if records.parts_without_parent:
        logger.warning("%s: %d exons or CDS without Parent were left out.", records.path, records.parts_without_parent)
    records.notes.log(records.path)


def _note_orphans(records: Records) -> None:
    """Keep for the end of the file what has a Parent that is no line of its sequence."""
    for head in records.transcripts.values():
        if head.parent and head.parent not in records.transcripts and head.parent not in records.genes:
            records.orphans.setdefault((TRANSCRIPT, head.parent), (head.line, f"transcript '{head.id}'"))
    for name, parts in records.parts.items():
        (_, _, kind, _), _, _, line = parts[0]
        if name in records.genes:
            records.notes.add(
                "genes have exons or CDS without a transcript line, which were left out", f"'{name}', line {line}"
            )
        elif name not in records.transcripts:
            records.orphans.setdefault((EXON, name), (line, f"this {kind}"))


def _account_for_orphans(records: Records) -> None:
    """Explain everything whose Parent is not a gene or transcript of its sequence, or refuse the file."""
    types = types_of_ids(records.path, {parent for _, parent in records.orphans}) if records.orphans else {}
    for (child, parent), (line, name) in records.orphans.items():
        if parent not in types:
            records.fail(line, f"Parent '{parent}' of {name} is the ID of no line: add it.")
        if KINDS.get(types[parent]) in (GENE, TRANSCRIPT):
            records.fail(line, f"{name} lies on another sequence than its Parent '{parent}': correct it.")
        if child == EXON:
            records.notes.add(
                "features that are not transcripts were left out with their exons and CDS",
                f"{types[parent]} '{parent}', line {line}",
            )


def _refuse_used_twice(records: Records, kind: str, heads: np.ndarray) -> None:
    """Refuse a file with equal identifiers on two sequences; within one, `Records.add_head` has refused them.

    Args:
        heads: (n, 2) hash and line of every gene or transcript.
    """
    heads = heads[np.lexsort((heads[:, 1], heads[:, 0]))]
    again = np.flatnonzero(heads[1:, 0] == heads[:-1, 0])
    if len(again):
        place = again[np.argmin(heads[again + 1, 1])]
        first, second = heads[place : place + 2, 1].tolist()
        records.fail(
            second,
            f"the ID of this {kind} was used before, on another sequence in line {first}: give every feature its own ID.",
        )


def _gene_of(records: Records, head: Head) -> Head | None:
    """Climb from a transcript to its gene, through transcripts if need be (miRNA in a primary transcript)."""
    climbed, top = {head.id}, head
    while top.parent in records.transcripts:
        top = records.transcripts[top.parent]
        if top.id in climbed or len(climbed) > MAX_NESTING:
            records.fail(head.line, f"the Parents of '{head.id}' lead back to it, or to no end: correct them.")
        climbed.add(top.id)
    if top.parent in records.genes:
        return records.genes[top.parent]
    if top.parent:
        records.notes.add("transcripts whose Parent is not a gene were left out", f"'{head.id}', line {head.line}")
        return None
    records.notes.add("transcripts without Parent were taken as genes of their own", f"'{top.id}', line {top.line}")
    return _implied_gene(records, top)


def _implied_gene(records: Records, transcript: Head) -> Head:
    """Return the gene that a transcript without Parent stands for; a shared `geneID` makes isoforms of one gene."""
    named = _GENE_NAME.search(transcript.attributes)
    name = named[1].strip() if named else transcript.id
    gene = records.genes.get(name)
    if gene is None:
        gene = Head(
            transcript.line, name, "", transcript.seqid, "gene", transcript.start, transcript.end, transcript.strand,
            transcript.score, transcript.attributes,
        )  # fmt: skip
        records.genes[name] = gene
    if gene.seqid != transcript.seqid:
        records.fail(transcript.line, f"gene '{name}' lies on two sequences: give each its own ID.")
    gene.start, gene.end = min(gene.start, transcript.start), max(gene.end, transcript.end)
    return gene


def _build_gene(records: Records, head: Head, members: list[Head]) -> Gene:
    problem, transcripts = head.problem, []
    for member in members:
        if member.seqid != head.seqid:
            records.fail(member.line, f"transcript '{member.id}' lies on another sequence than its gene: correct it.")
        parts = records.parts.pop(member.id, [])
        problem = problem or member.problem or _strand_problem(head, member, parts)
        transcripts.append(_build_transcript(records, member, parts))
    if problem:
        records.notes.add("genes cannot be used and will be masked", f"'{head.id}', line {head.line}: {problem}")
    biotype = _BIOTYPE.search(head.attributes)
    return Gene(
        decode(head.id), head.seqid, head.strand, head.start, head.end, head.type,
        () if problem else tuple(transcripts), _confidence(head), decode(biotype[1].strip()) if biotype else "",
        head.line, problem,
    )  # fmt: skip


def _confidence(head: Head) -> float | None:
    written = _CONFIDENCE.search(head.attributes)
    try:
        return float(written[1] if written else head.score)
    except ValueError:
        return None


def _strand_problem(gene: Head, transcript: Head, parts: list[Part]) -> str:
    if transcript.strand != gene.strand:
        return f"its transcript '{transcript.id}' lies on the other strand"
    for (_, strand, kind, _), _, _, line in parts:
        if kind == CDS and strand not in (".", transcript.strand):
            return f"the CDS in line {line} lies on another strand than its transcript"
    return ""


def _build_transcript(records: Records, head: Head, parts: list[Part]) -> Transcript:
    parts.sort(key=lambda part: part[1])  # equal starts keep the file's order: upstream reads phases by it
    for part in parts:
        if part[0][0] != head.seqid:
            records.fail(part[3], f"this part of '{head.id}' lies on another sequence than its transcript: correct it.")
    exon_parts = [part for part in parts if part[0][2] == EXON]
    cds_parts = [part for part in parts if part[0][2] == CDS]
    cds = tuple((part[1], part[2], part[0][3]) for part in cds_parts)
    _refuse_repeats(records, head, exon_parts)
    _refuse_repeats(records, head, cds_parts)
    strands = "".join(head.strand if part[0][1] == "." else part[0][1] for part in exon_parts)
    exons = tuple((part[1], part[2]) for part in exon_parts)
    if cds and not exons:
        records.notes.add("coding transcripts have no exon lines: exons made from CDS and UTR lines", f"'{head.id}'")
        exons = _implied_exons(head, parts)
    if parts and (parts[0][1] < head.start or max(part[2] for part in parts) > head.end):
        records.notes.add("transcripts have parts beyond their own borders", f"'{head.id}', line {head.line}")
    mixed = strands if strands.strip(head.strand) else ""
    return Transcript(decode(head.id), head.type, head.strand, head.start, head.end, exons, cds, mixed)


def _refuse_repeats(records: Records, head: Head, parts: list[Part]) -> None:
    seen: dict[tuple, int] = {}
    for place, start, end, line in parts:
        first = seen.setdefault((place[:3], start, end), line)
        if first != line:
            records.fail(line, f"this part of '{head.id}' stands in line {first} already: remove one.")


def _implied_exons(head: Head, parts: list[Part]) -> tuple[Interval, ...]:
    """Return the exons that CDS and UTR lines add up to; the outermost ones reach the transcript's borders."""
    joined = list(join_intervals([(part[1], part[2]) for part in parts]))
    joined[0] = (min(head.start, joined[0][0]), joined[0][1])
    joined[-1] = (joined[-1][0], max(head.end, joined[-1][1]))
    return tuple(joined)


def join_intervals(intervals: list[Interval]) -> tuple[Interval, ...]:
    """Join intervals (sorted by start) that touch or overlap."""
    joined: list[Interval] = []
    for start, end in intervals:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)
