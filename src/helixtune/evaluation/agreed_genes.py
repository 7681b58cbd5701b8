"""Writing what callers agree on as GFF3."""

from collections.abc import Iterator
from pathlib import Path

from helixtune import __version__
from helixtune.evaluation.agreement import Agreement, SureGene
from helixtune.files import atomic_output

SOURCE = "helixtune"


def write_agreed(agreement: Agreement, names: list[str], path: Path) -> None:
    """Write sure genes, and doubtful places as genes of unknown strand, which readers here mask; `names` of the sets compared."""
    with atomic_output(path) as partial, partial.open("w", encoding="utf-8") as file:
        file.write(f"##gff-version 3\n# helixtune {__version__} agree-genes: {', '.join(names)}\n")
        for number, gene in enumerate(agreement.sure, start=1):
            file.writelines(_gene_lines(gene, f"agreed_{number:06}"))
        for number, (seqid, start, end) in enumerate(agreement.doubtful, start=1):
            file.writelines(_doubtful_lines(seqid, start, end, f"doubtful_{number:06}"))


def _gene_lines(gene: SureGene, name: str) -> Iterator[str]:
    transcript = gene.transcript
    place = (gene.seqid, transcript.strand)
    yield _line(*place, "gene", transcript.start, transcript.end, f"ID={name};witnesses={gene.witnesses}")
    yield _line(*place, "mRNA", transcript.start, transcript.end, f"ID={name}.1;Parent={name}")
    for start, end in transcript.exons or [part[:2] for part in transcript.cds]:
        yield _line(*place, "exon", start, end, f"Parent={name}.1")
    for start, end, phase in transcript.cds:
        yield _line(*place, "CDS", start, end, f"ID={name}.cds;Parent={name}.1", "." if phase is None else str(phase))


def _doubtful_lines(seqid: str, start: int, end: int, name: str) -> Iterator[str]:
    note = "callers disagree: nothing is learned here"
    yield _line(seqid, "?", "gene", start, end, f"ID={name};Note={note}")
    yield _line(seqid, "?", "mRNA", start, end, f"ID={name}.1;Parent={name}")
    yield _line(seqid, "?", "CDS", start, end, f"Parent={name}.1", "0")


def _line(seqid: str, strand: str, kind: str, start: int, end: int, attributes: str, phase: str = ".") -> str:
    return f"{seqid}\t{SOURCE}\t{kind}\t{start + 1}\t{end}\t.\t{strand}\t{phase}\t{attributes}\n"
