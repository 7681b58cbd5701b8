"""What a user would pick instead: other gene callers, run as they come on the sequences that are scored."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from loop import Job, genome_folder
from targets import Target, write_genome


@dataclass(frozen=True)
class Other:
    """A caller: its program, which has to be on PATH, and its parameters.

    Attributes:
        program: augustus (Debian) or geneml (PyPI).
        options: of its command line.
        note: said in the table.
    """

    program: str
    options: tuple[str, ...] = ()
    note: str = ""


def augustus(species: str, note: str) -> Other:
    """Return AUGUSTUS with the parameters of one of its species."""
    return Other("augustus", (f"--species={species}", "--gff3=on", "--softmasking=0", "--UTR=off"), note)


OWN, NEAREST = "parameters trained on the species", "nearest foreign parameters"
GENEML = Other("geneml", note="one model for all fungi")
OTHERS: dict[str, dict[str, Other]] = {
    "pombe": {
        "augustus": augustus("schizosaccharomyces_pombe", OWN),
        "augustus-foreign": augustus("pneumocystis", NEAREST),
        "geneml": GENEML,
    },
    "yeast": {
        "augustus": augustus("saccharomyces_cerevisiae_S288C", OWN),
        "augustus-foreign": augustus("kluyveromyces_lactis", NEAREST),
        "geneml": GENEML,
    },
    "zymo": {"augustus-foreign": augustus("botrytis_cinerea", NEAREST), "geneml": GENEML},
    "napus": {"augustus-foreign": augustus("arabidopsis", NEAREST)},
    "arabidopsis": {
        "augustus": augustus("arabidopsis", OWN),
        "augustus-foreign": augustus("tomato", NEAREST),
    },
    "worm": {
        "augustus": augustus("c_elegans_trsk", OWN),
        "augustus-foreign": augustus("brugia", NEAREST),
    },
    "fly": {"augustus": augustus("fly", OWN), "augustus-foreign": augustus("aedes", NEAREST)},
    "fly4": {"augustus": augustus("fly", OWN), "augustus-foreign": augustus("aedes", NEAREST)},
    "human": {"augustus": augustus("human", OWN), "augustus-foreign": augustus("chicken", NEAREST)},
}


def genes_of_other(job: Job, other: Other) -> tuple[Path, str]:
    """Run a caller; return its genes and their key."""
    if not shutil.which(other.program):
        raise RuntimeError(f"{other.program} is not on PATH: its rows are left out")

    def build(folder: Path) -> None:
        fasta, genes = folder / "score.fa", folder / "g.gff3"
        scored = Target(job.target.name, job.target.species, score=job.target.score, simulated=job.target.simulated)
        write_genome(genome_folder(job), scored, fasta)
        if other.program == "augustus":
            with genes.open("w") as output:
                subprocess.run(["augustus", *other.options, str(fasta)], check=True, stdout=output)
        else:
            subprocess.run([other.program, str(fasta), "-o", str(genes), *other.options], check=True)

    made = job.cache.make("other", [job.target.name, job.target.score, other], build)
    return made / "g.gff3", made.key
