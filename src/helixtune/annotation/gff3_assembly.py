"""Annotation records to gene models, whatever format they were read from."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from helixtune.annotation.genes import CdsPart, Gene, Interval, Transcript
from helixtune.annotation.gff3_lines import CDS, EXON, GENE, STOP_CODON, TRANSCRIPT, Line, decode
from helixtune.annotation.gff3_parents import (
    Member,
    Members,
    account_for_orphans,
    has_cds,
    join_by_parent,
    reach_of,
    spans_of,
)
from helixtune.annotation.gff3_records import (
    UNKNOWN_STRAND,
    Head,
    Part,
    Records,
    Span,
    add_gff3_records,
)
from helixtune.errors import FormatError
from helixtune.log import logger

_CONFIDENCE = re.compile(r"(?:^|;)\s*confidence=([^;]+)")
_BIOTYPE = re.compile(r"(?:^|[;\s])(?:gene_biotype|gene_type|biotype)[= ]\"?([^;\"]+)")
NO_STRAND = "it has no strand"
LOST = "its coding lines belong to no gene"


@dataclass(frozen=True)
class Dialect:
    """How a format names things.

    Attributes:
        read: collects the records of lines, all those of a sequence at once; returns the transcripts of every gene.
        used_twice: deals with a name on two sequences: records, kind, lines of both.
    """

    read: Callable[[Records, Iterable[Line]], Members]
    used_twice: Callable[[Records, str, int, int], None]


def assemble_genes(records: Records, dialect: Dialect, lines: Iterable[Line]) -> list[Gene]:
    """Turn lines into genes, in file order of the gene lines; transcripts of a gene in file order of theirs.

    The records are used up: each goes as its gene comes, so that a sequence is never in memory twice. A gene that cannot be
    used comes as one or more genes without transcripts, one for each place to be masked.

    Raises:
        FormatError: a line that is damaged, a circle of Parents, parts on another sequence than their transcript, an ID, exon
            or CDS given twice.
    """
    members = dialect.read(records, lines)
    for kind, heads in ((GENE, records.genes), (TRANSCRIPT, records.transcripts)):
        for head in heads.values():
            if not head.problem:
                records.heads[kind].extend((hash(head.id), head.line))
    waiting = sorted(records.genes.values(), key=lambda head: head.line, reverse=True)
    records.genes.clear()
    records.transcripts.clear()
    genes: list[Gene] = []
    while waiting:
        head = waiting.pop()
        genes += _build_gene(records, head, members.pop(id(head), []))
    if records.lost:
        genes += _lost_places(records)
        genes.sort(key=lambda gene: gene.line)
    records.forget_lines()
    return genes


def finish_file(records: Records, dialect: Dialect) -> None:
    """Check what the end of the file alone can tell, then warn about what was left out.

    Raises:
        FormatError: a Parent on another sequence, or an ID used on two sequences.
    """
    account_for_orphans(records)
    for kind, heads in records.heads.items():
        _look_for_names_used_twice(records, kind, np.array(heads, np.int64).reshape(-1, 2), dialect)
    if records.unknown_types:
        types = ", ".join(f"{name} ({count})" for name, count in records.unknown_types.most_common(10))
        logger.warning("%s: lines of unknown types were left out: %s.", records.path, types)
    records.notes.log(records.path)


def require_coding_gene(records: Records) -> None:
    """Refuse a file that codes for something of which nothing could be read: it would count as a genome without genes.

    Raises:
        FormatError: there are CDS lines but no coding gene.
    """
    if records.first_cds_line and not records.n_coding_genes:
        reasons = records.notes.sentences()
        why = reasons[0] if reasons else "none belongs to a transcript of a gene"
        raise FormatError(
            f"{records.path}: no coding gene can be read although it has coding lines, the first in line"
            f" {records.first_cds_line} ({why}): correct the file, or convert it to GFF3 with gene, mRNA, exon and CDS lines."
        )


def _look_for_names_used_twice(records: Records, kind: str, heads: np.ndarray, dialect: Dialect) -> None:
    """Find equal names on two sequences; within one, `Records.add_head` has dealt with them.

    Args:
        heads: (n, 2) hash and line of every gene or transcript.
    """
    heads = heads[np.lexsort((heads[:, 1], heads[:, 0]))]
    again = np.flatnonzero(heads[1:, 0] == heads[:-1, 0])
    for place in again[np.argsort(heads[again + 1, 1])].tolist():
        dialect.used_twice(records, kind, *heads[place : place + 2, 1].tolist())


def refuse_used_twice(records: Records, kind: str, first: int, second: int) -> None:
    """Refuse a file with equal identifiers on two sequences."""
    records.fail(
        second,
        f"the ID of this {kind} was used before, on another sequence in line {first}: give every feature its own ID.",
    )


def read_gff3(records: Records, lines: Iterable[Line]) -> Members:
    """Read GFF3."""
    add_gff3_records(records, lines)
    return join_by_parent(records)


GFF3 = Dialect(read_gff3, refuse_used_twice)


def _build_gene(records: Records, head: Head, members: list[Member]) -> list[Gene]:
    for member, _ in members:
        if member.seqid != head.seqid:
            records.fail(member.line, f"transcript '{member.id}' lies on another sequence than its gene: correct it.")
    strand = head.strand if head.strand != UNKNOWN_STRAND else _told_strand(members)
    problem = head.problem
    for member, parts in members:
        problem = problem or member.problem or _strand_problem(strand, member, parts)
    if problem:
        records.notes.add("genes cannot be used and will be masked", f"'{head.id}', line {head.line}: {problem}")
        return _masked(head, members, problem)
    if strand == UNKNOWN_STRAND:  # nothing of it is coding
        records.notes.add("genes without strand were left out", f"'{head.id}', line {head.line}")
        return []
    transcripts = [_build_transcript(records, member, strand, parts) for member, parts in members]
    start, end = head.start, head.end
    for one in transcripts:
        start, end = min(start, one.start), max(end, one.end)
    biotype = _BIOTYPE.search(head.attributes)
    gene = Gene(
        decode(head.id), head.seqid, strand, start, end, head.type, tuple(transcripts), _confidence(head),
        decode(biotype[1].strip()) if biotype else "", head.line,
    )  # fmt: skip
    records.n_coding_genes += gene.is_coding
    return [gene]


def _confidence(head: Head) -> float | None:
    written = _CONFIDENCE.search(head.attributes)
    try:
        return float(written[1] if written else head.score)
    except ValueError:
        return None


def _told_strand(members: list[Member]) -> str:
    """Return the one strand that a gene's transcripts and parts lie on."""
    told = {member.strand for member, _ in members} | {part[0][1] for _, parts in members for part in parts}
    told.discard(UNKNOWN_STRAND)
    return told.pop() if len(told) == 1 else UNKNOWN_STRAND


def _strand_problem(strand: str, transcript: Head, parts: list[Part]) -> str:
    if strand == UNKNOWN_STRAND:
        return NO_STRAND if has_cds(parts) else ""
    if transcript.strand not in (strand, UNKNOWN_STRAND):
        return f"its transcript '{transcript.id}' lies on the other strand"
    for (_, of_part, kind, _), _, _, line in parts:
        if of_part != strand and kind == CDS and of_part != UNKNOWN_STRAND:
            return f"the CDS in line {line} lies on another strand than its transcript"
    return ""


def _masked(head: Head, members: list[Member], problem: str) -> list[Gene]:
    """Return a gene without transcripts for every place of a gene that cannot be used."""
    spans = [*head.spans]
    for member, parts in members:
        # Between the parts of a trans-spliced gene there are others; their lines tell where each lies, its own may not.
        own = [] if not has_cds(parts) else list(spans_of(parts)) if head.more else reach_of(parts)
        is_vague = member.strand == UNKNOWN_STRAND or (head.more and not member.more)
        spans += own if own and is_vague else [*own, *member.spans]
    return [
        Gene(decode(head.id), seqid, strand, start, end, head.type, (), None, "", head.line, problem)
        for seqid, strand, start, end in _joined_spans(spans)
    ]


def _lost_places(records: Records) -> list[Gene]:
    lines = [line for _, line in records.lost]
    spans = _joined_spans([span for span, _ in records.lost])
    return [
        Gene("", seqid, strand, start, end, "gene", (), None, "", min(lines), LOST)
        for seqid, strand, start, end in spans
    ]


def _joined_spans(spans: Iterable[Span]) -> list[Span]:
    """Join places that touch or overlap, by sequence and strand; an unknown strand is both."""
    by_strand: dict[tuple[str, str], list[Interval]] = defaultdict(list)
    for seqid, strand, start, end in spans:
        for one in "+-" if strand == UNKNOWN_STRAND else strand:
            by_strand[seqid, one].append((start, end))
    return [(*place, *one) for place, some in by_strand.items() for one in join_intervals(sorted(some))]


def _build_transcript(records: Records, head: Head, strand: str, parts: list[Part]) -> Transcript:
    parts.sort(key=lambda part: part[1])  # equal starts keep the file's order: upstream reads phases by it
    exon_parts, cds_parts, stops = [], [], []
    for part in parts:
        seqid, _, kind, _ = part[0]
        if seqid != head.seqid:
            records.fail(part[3], f"this part of '{head.id}' lies on another sequence than its transcript: correct it.")
        if kind == EXON:
            exon_parts.append(part)
        elif kind == CDS:
            cds_parts.append(part)
        elif kind == STOP_CODON:
            stops.append(part)
    _refuse_repeats(records, head, exon_parts)
    _refuse_repeats(records, head, cds_parts)
    cds = tuple([(part[1], part[2], part[0][3]) for part in cds_parts])
    exons = tuple([part[1:3] for part in exon_parts])
    mixed = _exon_strands(exon_parts, strand)
    doubts: tuple[Interval, ...] = ()
    if cds:
        cds = _with_stop_codons(cds, stops) if stops else cds
        if not exons:
            records.notes.add(
                "coding transcripts have no exon lines: exons made from CDS and UTR lines", f"'{head.id}'"
            )
            exons = _implied_exons(head, [*cds, *(part[1:3] for part in parts)])
        held = _exons_of(cds, exons)
        if held is None and not mixed:
            records.notes.add(
                "transcripts have CDS beyond their exons: the exons follow", f"'{head.id}', line {head.line}"
            )
            exons = join_intervals(sorted([*exons, *(part[:2] for part in cds)]))
            held = _exons_of(cds, exons)
        doubts = _frame_shifts(cds, held, strand) if held and not mixed else ()
    if doubts:
        text = "coding sequences have a frame shift within an exon: what lies behind it is masked"
        records.notes.add(text, f"'{head.id}', line {head.line}")
    start, end = _borders(records, head, exons)
    return Transcript(decode(head.id), head.type, strand, start, end, exons, cds, mixed, doubts)


def _exon_strands(exons: list[Part], strand: str) -> str:
    """Return the strand of each exon where some lie on the other one, else nothing."""
    for part in exons:
        if part[0][1] != strand:
            strands = "".join(strand if one[0][1] == UNKNOWN_STRAND else one[0][1] for one in exons)
            return strands if strands.strip(strand) else ""
    return ""


def _refuse_repeats(records: Records, head: Head, parts: list[Part]) -> None:
    seen: dict[tuple, int] = {}
    for place, start, end, line in parts:
        first = seen.setdefault((place[:3], start, end), line)
        if first != line:
            records.fail(line, f"this part of '{head.id}' stands in line {first} already: remove one.")


def _with_stop_codons(cds: tuple[CdsPart, ...], stops: list[Part]) -> tuple[CdsPart, ...]:
    """Make stop codons part of the CDS: inside it already, a longer neighbour, or (split by an intron) a part of its own."""
    parts = list(cds)
    for (_, _, _, phase), start, end, _ in stops:
        for i, (other_start, other_end, other_phase) in enumerate(parts):
            if other_start <= end and start <= other_end:
                parts[i] = (min(start, other_start), max(end, other_end), other_phase)
                break
        else:
            parts.append((start, end, phase or 0))
    return tuple(sorted(parts, key=lambda part: part[0]))


def _implied_exons(head: Head, intervals: Iterable[tuple]) -> tuple[Interval, ...]:
    """Return the exons that CDS and UTR lines add up to; the outermost ones reach the transcript's borders."""
    joined = list(join_intervals(sorted((part[0], part[1]) for part in intervals)))
    joined[0] = (min(head.start, joined[0][0]), joined[0][1])
    joined[-1] = (joined[-1][0], max(head.end, joined[-1][1]))
    return tuple(joined)


def _exons_of(cds: tuple[CdsPart, ...], exons: tuple[Interval, ...]) -> list[int] | None:
    """Return the number of the exon that holds each CDS (both sorted by start); None if one of them lies in none."""
    numbers, number, n_exons = [], 0, len(exons)
    for start, end, _ in cds:
        while number < n_exons and exons[number][1] < end:
            number += 1
        if number == n_exons or exons[number][0] > start:
            return None
        numbers.append(number)
    return numbers


def _borders(records: Records, head: Head, exons: tuple[Interval, ...]) -> Interval:
    """Return the borders of a transcript, which follow its exons where these go on beyond its line."""
    if not exons:
        return head.start, head.end
    start, end = min(head.start, exons[0][0]), max(head.end, max(exon[1] for exon in exons))
    if (start, end) != (head.start, head.end):
        text = "transcripts have parts beyond their own borders, which were moved"
        records.notes.add(text, f"'{head.id}', line {head.line}")
    return start, end


def _frame_shifts(cds: tuple[CdsPart, ...], held: list[int], strand: str) -> tuple[Interval, ...]:
    """Return what lies behind a gap or an overlap of CDS lines within one exon: the frame changes there, but labels count on.

    Args:
        cds: sorted by start.
        held: the exon of each, from `_exons_of`.
        strand: '+' or '-'.
    """
    shifts = [k for k in range(len(cds) - 1) if held[k] == held[k + 1] and cds[k][1] != cds[k + 1][0]]
    if not shifts:
        return ()
    if strand == "+":
        before, after = cds[shifts[0] : shifts[0] + 2]
        return ((min(before[1], after[0]), cds[-1][1]),)
    before, after = cds[shifts[-1] : shifts[-1] + 2]
    return ((cds[0][0], max(before[1], after[0])),)


def join_intervals(intervals: list[Interval]) -> tuple[Interval, ...]:
    """Join intervals (sorted by start) that touch or overlap."""
    joined: list[Interval] = []
    for start, end in intervals:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)
