"""What to cite: for the page, and as BibTeX."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Citation:
    """One publication.

    Attributes:
        key: in the BibTeX file.
        purpose: what it was used for here.
    """

    key: str
    purpose: str
    authors: str
    year: int
    title: str
    journal: str
    volume: str
    pages: str
    doi: str

    @property
    def text(self) -> str:
        """Return it as in a list of references."""
        first = self.authors.split(" and ")[0]
        several = " et al." if " and others" in self.authors or self.authors.count(" and ") > 1 else ""
        names = f"{first}{several}" if several else self.authors.replace(" and ", ", ")
        place = f"{self.journal} {self.volume}:{self.pages}" if self.volume else f"{self.journal} {self.pages}".strip()
        return f"{names} ({self.year}) {self.title}. {place}."

    @property
    def bibtex(self) -> str:
        """Return it as a BibTeX entry."""
        fields = {
            "author": self.authors, "title": f"{{{self.title}}}", "journal": self.journal, "year": str(self.year),
            "volume": self.volume, "pages": self.pages, "doi": self.doi, "note": f"Used for: {self.purpose}",
        }  # fmt: skip
        lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
        return f"@article{{{self.key},\n" + ",\n".join(lines) + "\n}\n"


CITATIONS = (
    Citation(
        "holst2023helixer", "helixtune adapts networks of the Helixer kind", "Holst, Felix and others", 2023,
        "Helixer – de novo prediction of primary eukaryotic gene models combining deep learning and a hidden Markov model",
        "bioRxiv", "", "", "10.1101/2023.02.06.527280",
    ),
    Citation(
        "stiehler2021helixer", "the network", "Stiehler, Felix and others", 2021,
        "Helixer: cross-species gene annotation of large eukaryotic genomes using deep learning", "Bioinformatics", "36", "5291",
        "10.1093/bioinformatics/btaa1044",
    ),
    Citation(
        "fickett1992coding", "codon pairs as evidence of coding sequence", "Fickett, James W. and Tung, Chang-Shung", 1992,
        "Assessment of protein coding measures", "Nucleic Acids Research", "20", "6441", "10.1093/nar/20.24.6441",
    ),
    Citation(
        "pertea2020gff", "comparison with a reference, defined as in gffcompare", "Pertea, Geo and Pertea, Mihaela", 2020,
        "GFF utilities: GffRead and GffCompare", "F1000Research", "9", "304", "10.12688/f1000research.23297.2",
    ),
    Citation(
        "ditommaso2017nextflow", "the workflow engine", "Di Tommaso, Paolo and others", 2017,
        "Nextflow enables reproducible computational workflows", "Nature Biotechnology", "35", "316", "10.1038/nbt.3820",
    ),
)  # fmt: skip


def bibliography(citations: Sequence[Citation] = CITATIONS) -> str:
    """Return a BibTeX file."""
    return "\n".join(citation.bibtex for citation in citations)
