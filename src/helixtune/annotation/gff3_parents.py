"""Joining GFF3 records by `Parent`, in whatever order the lines stand.

Upstream joins by file order instead (an exon belongs to the latest transcript line above it); on files that keep the
usual order both give the same genes.
"""

import itertools
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from helixtune.annotation.gff3_lines import CDS, EXON, GENE, KINDS, STOP_CODON, TRANSCRIPT
from helixtune.annotation.gff3_records import Head, Key, Part, Records, Span, types_of_ids

# A transcript with its parts; by the gene's head (its `id()`: names are not unique in every format).
Member = tuple[Head, list[Part]]
Members = dict[int, list[Member]]

# A miRNA in a primary transcript in a gene needs two; each climb is as long as the nesting is deep.
MAX_NESTING = 50
CODING_KINDS = (CDS, STOP_CODON)
_GENE_NAME = re.compile(r"(?:^|;)\s*gene(?:ID|_id)=([^;]+)")


def join_by_parent(records: Records) -> Members:
    """Return the transcripts of every gene; genes and transcripts that lines imply are added.

    Parts are used up. Coding ones that belong to no gene are among `records.lost` afterwards.

    Raises:
        FormatError: a circle of Parents.
    """
    _imply_transcripts(records)
    members: Members = defaultdict(list)
    for head in records.transcripts.values():
        gene, parts = _gene_of(records, head), records.parts.pop(head.id, [])
        if gene is not None:
            members[id(gene)].append((head, parts))
        elif has_cds(parts):
            lose_places(records, [*head.spans, *spans_of(parts)], head.line)
    if records.parts:
        _join_other_parts(records, members)
    return members


def account_for_orphans(records: Records) -> None:
    """Tell of everything whose Parent is not a gene or transcript of its sequence.

    Raises:
        FormatError: the Parent lies on another sequence.
    """
    types = types_of_ids(records.path, {parent for _, parent in records.orphans}) if records.orphans else {}
    for (child, parent), (line, name) in records.orphans.items():
        if KINDS[types.get(parent, "")] in (GENE, TRANSCRIPT):
            records.fail(line, f"{name} lies on another sequence than its Parent '{parent}': correct it.")
        if child == TRANSCRIPT:
            text = "transcripts whose Parent is not a gene of the file were taken as genes of their own"
            records.notes.add(text, f"Parent '{parent}' of {name}, line {line}")
        elif parent in types:
            text = "features that are not transcripts were left out with their parts, and masked if these are coding"
            records.notes.add(text, f"{types[parent]} '{parent}', line {line}")
        else:
            text = "Parents are the ID of no line: their parts were left out, and masked if they are coding"
            records.notes.add(text, f"'{parent}' of {name}, line {line}")


def has_cds(parts: Iterable[Part]) -> bool:
    """Tell whether there is a CDS among the parts of a transcript."""
    return any(part[0][2] == CDS for part in parts)


def spans_of(parts: Iterable[Part]) -> Iterator[Span]:
    """Yield where parts lie."""
    return ((place[0], place[1], start, end) for place, start, end, _ in parts)


def lose_places(records: Records, spans: Iterable[Span], line: int) -> None:
    """Mark places of coding lines that belong to no gene."""
    records.lost += [(span, line) for span in spans]


def _imply_transcripts(records: Records) -> None:
    """Add a transcript for each coding sequence without Parent."""
    for line, name in records.cds_ids.items():
        parts = records.parts.get(name)
        if parts and name not in records.transcripts and name not in records.genes and parts[0][3] == line:
            records.transcripts[name] = _spanning_transcript(name, "", parts, parts[0][0][1])
            records.notes.add(
                "coding sequences without Parent were taken as genes of their own", f"'{name}', line {line}"
            )


def _gene_of(records: Records, head: Head) -> Head | None:
    """Return a transcript's gene, None if there are several."""
    tops = {id(top): top for top in (_climb(records, head, name) for name in _known_parents(records, head))}
    if len(tops) > 1:
        text = "transcripts of several genes were left out, and masked if they are coding"
        records.notes.add(text, f"'{head.id}', line {head.line}")
        return None
    top = next(iter(tops.values()), head)
    return top if records.genes.get(top.id) is top else _implied_gene(records, top)


def _known_parents(records: Records, head: Head) -> list[str]:
    return [name for name in _names(head.parent) if name in records.genes or name in records.transcripts]


def _names(parents: str) -> list[str]:
    return [name for name in map(str.strip, parents.split(",")) if name]


def _climb(records: Records, head: Head, parent: str) -> Head:
    """Climb from a transcript through one Parent to its gene, or as far as it goes (miRNA in a primary transcript)."""
    climbed, top = {head.id}, head
    while parent not in records.genes:
        top = records.transcripts[parent]
        if top.id in climbed or len(climbed) > MAX_NESTING:
            records.fail(head.line, f"the Parents of '{head.id}' lead back to it, or to no end: correct them.")
        climbed.add(top.id)
        above = _known_parents(records, top)
        if not above:
            return top
        parent = above[0]
    return records.genes[parent]


def _implied_gene(records: Records, transcript: Head) -> Head:
    """Return the gene that a transcript without a gene line stands for.

    Isoforms share a `geneID`, or a Parent that is no gene and a place: what is above several genes (an operon) is no gene.
    """
    absent = next(iter(_names(transcript.parent)), "")
    if absent:
        records.orphans.setdefault((TRANSCRIPT, absent), (transcript.line, f"transcript '{transcript.id}'"))
        key = ("implied", absent)
        gene = records.genes.get(key)
        if gene is None:
            return _add_gene(records, key, absent, transcript)
        if not _overlap(gene, transcript):
            return _add_gene(records, ("implied", transcript.id), transcript.id, transcript)
    else:
        text = "transcripts without Parent were taken as genes of their own"
        records.notes.add(text, f"'{transcript.id}', line {transcript.line}")
        named = _GENE_NAME.search(transcript.attributes)
        name = named[1].strip() if named else transcript.id
        gene = records.genes.get(name)
        if gene is None:
            return _add_gene(records, name, name, transcript)
        if gene.seqid != transcript.seqid:
            records.fail(transcript.line, f"gene '{name}' lies on two sequences: give each its own ID.")
    gene.start, gene.end = min(gene.start, transcript.start), max(gene.end, transcript.end)
    return gene


def _add_gene(records: Records, key: Key, name: str, transcript: Head) -> Head:
    records.genes[key] = gene = Head(
        transcript.line, name, "", transcript.seqid, "gene", transcript.start, transcript.end, transcript.strand,
        transcript.score, transcript.attributes,
    )  # fmt: skip
    return gene


def _overlap(gene: Head, transcript: Head) -> bool:
    return (
        (gene.seqid, gene.strand) == (transcript.seqid, transcript.strand)
        and gene.start < transcript.end
        and transcript.start < gene.end
    )


def _join_other_parts(records: Records, members: Members) -> None:
    """Deal with parts whose Parent is not a transcript; those that also name a transcript are where they belong."""
    placed = {part[3] for some in members.values() for _, parts in some for part in parts}
    for name, all_parts in records.parts.items():
        parts = [part for part in all_parts if part[3] not in placed]
        gene = records.genes.get(name)
        if parts and gene is not None:
            _join_parts_of_gene(records, gene, members[id(gene)], parts)
        elif parts:
            kind, line = parts[0][0][2], parts[0][3]
            records.orphans.setdefault((EXON, name), (line, f"this {kind}"))
            if has_cds(parts):
                lose_places(records, reach_of(parts), line)
    records.parts.clear()


def reach_of(parts: list[Part]) -> list[Span]:
    """Return the stretch on each strand that parts reach over."""
    reach: dict[tuple[str, str], tuple[int, int]] = {}
    for seqid, strand, start, end in spans_of(parts):
        first, last = reach.get((seqid, strand), (start, end))
        reach[seqid, strand] = min(first, start), max(last, end)
    return [(*place, *stretch) for place, stretch in reach.items()]


def _join_parts_of_gene(records: Records, gene: Head, members: list[Member], parts: list[Part]) -> None:
    """Give parts straight under a gene to its transcripts, or to one that they imply.

    Files that were made from GenBank's have UTRs there although exons and CDS say all; some have the CDS there and the exons
    under an mRNA; organelles and bacteria have no transcripts at all.
    """
    with_exons = [member for member in members if any(part[0][2] == EXON for part in member[1])]
    if not has_cds(parts):
        if len(members) == 1 and not with_exons:
            members[0][1].extend(parts)
        elif any(part[0][2] == EXON for part in parts) and not with_exons:
            text = "genes have exons without a transcript line, which were left out"
            records.notes.add(text, f"'{gene.id}', line {parts[0][3]}")
        return
    known = [part for _, some in members for part in some if part[0][2] == CDS]
    coding = [part for part in parts if part[0][2] in CODING_KINDS]
    if all(any(_lies_in(part, other) for other in known) for part in coding):
        return
    groups = _coding_sequences(records, coding)
    for number, group in enumerate(groups):
        host = next((member for member in with_exons if not has_cds(member[1]) and _holds(member, group)), None)
        if host:
            host[1].extend(group)
            continue
        own = parts if len(groups) == 1 else group
        name = f"{gene.id}.{number + 1}" if number else gene.id
        members.append((_spanning_transcript(name, gene.id, own, gene.strand), list(own)))
        text = "genes have coding sequences without a transcript line, which was made for them"
        records.notes.add(text, f"'{gene.id}', line {group[0][3]}")


def _lies_in(part: Part, other: Part) -> bool:
    return other[1] <= part[1] and part[2] <= other[2]


def _holds(member: Member, group: list[Part]) -> bool:
    return all(any(other[0][2] == EXON and _lies_in(part, other) for other in member[1]) for part in group)


def _coding_sequences(records: Records, coding: list[Part]) -> list[list[Part]]:
    """Tell the coding sequences straight under a gene apart: by the ID of their lines, or else by their overlaps."""
    by_id: dict[str, list[Part]] = defaultdict(list)
    for part in coding:
        if part[0][2] == CDS:
            by_id[records.cds_ids.get(part[3], "")].append(part)
    groups = list(by_id.values())
    if len(groups) == sum(map(len, groups)) and not _any_overlap([group[0] for group in groups]):
        groups = [[part for group in groups for part in group]]
    for part in coding:
        if part[0][2] == STOP_CODON:
            touching = (group for group in groups if any(part[1] <= one[2] and one[1] <= part[2] for one in group))
            next(touching, groups[0]).append(part)
    return groups


def _any_overlap(parts: list[Part]) -> bool:
    parts = sorted(parts, key=lambda part: part[1])
    return any(after[1] < before[2] for before, after in itertools.pairwise(parts))


def _spanning_transcript(name: str, parent: str, parts: list[Part], strand: str) -> Head:
    start, end = min(part[1] for part in parts), max(part[2] for part in parts)
    return Head(parts[0][3], name, parent, parts[0][0][0], "mRNA", start, end, strand, ".", "")
