"""Join the genes of all shards into the file that the whole genome would have given: same order, same ids, same bytes."""

import gzip
import re
import zlib
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from helixtune.errors import FormatError
from helixtune.files import atomic_output, require_file
from helixtune.gene_calling.output import escape_seqid, gene_id
from helixtune.gene_calling.places import Shard, count_places
from helixtune.gene_calling.sequences import Sequence, group_sequences
from helixtune.h5files import SEQIDS, SPECIES, START_ENDS, open_file, read_rows
from helixtune.log import logger

_SHARD_LINE = re.compile(r"# shard: (\d+/\d+) of (\d+) places")
_GENOME = "# genome: "
_PREDICTIONS = "# predictions: "


@dataclass(frozen=True)
class GeneText:
    """A gene of a part: where it lies, its id there, its lines."""

    key: tuple[int, int, str]
    identifier: str
    lines: list[str]

    def named(self, identifier: str) -> Iterator[str]:
        """Yield the lines with another id."""
        for line in self.lines:
            head, _, attributes = line.rpartition("\t")
            yield f"{head}\t{attributes.replace(self.identifier, identifier)}"


@dataclass
class Part:
    """What a shard's file holds; genes by sequence id as it is written."""

    path: Path
    shard: Shard
    places: int
    header: list[str]
    genes: dict[str, list[GeneText]] = field(default_factory=lambda: defaultdict(list))


def gather_shards(genome: Path, paths: list[Path], output: Path, proteins: Path | None, cds: Path | None) -> int:
    """Write all genes, and if wanted their sequences; returns how many genes there are.

    Raises:
        FormatError: a shard is missing or there twice, or shards were made in different ways.
    """
    with open_file(genome, (SPECIES, SEQIDS, START_ENDS)) as file:
        rows = read_rows(file)
    sequences = group_sequences(rows, str(genome))
    parts = sorted((read_part(path) for path in paths), key=lambda part: part.shard.number)
    _require_all(parts, count_places(sequences), genome)
    species = rows.species[0].decode(errors="replace")
    with ExitStack() as outputs:
        partial = outputs.enter_context(atomic_output(output))
        with partial.open("w", newline="\n") as file:
            file.writelines(f"{line}\n" for line in _lines(species, genome.name, sequences, parts))
        if proteins or cds:
            from helixtune.annotation.gff3 import read_genes
            from helixtune.annotation.sequence_files import write_sequences

            write_sequences(read_genes(partial), genome, proteins, cds)
    return sum(len(genes) for part in parts for genes in part.genes.values())


def read_part(path: Path) -> Part:
    """Read one file of call-genes --shard.

    Raises:
        FormatError: it is another kind of file.
    """
    content = require_file(path, "genes of a shard").read_bytes()
    try:
        lines = (gzip.decompress(content) if path.suffix == ".gz" else content).decode().splitlines()
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise FormatError(f"{path} is damaged: call the shard again.") from error
    header = [line for line in lines if line.startswith("#") and not line.startswith(("###", "##sequence-region"))]
    found = [match for line in header if (match := _SHARD_LINE.fullmatch(line))]
    if len(found) != 1:
        raise FormatError(f"{path} does not say which shard it holds: give the genes that call-genes --shard wrote.")
    part = Part(path, Shard.parse(found[0][1]), int(found[0][2]), [line for line in header if line != found[0].group()])
    for line in lines:
        if line.startswith("#"):
            continue
        cells = line.split("\t")
        if cells[2] == "gene":
            identifier = cells[8].removeprefix("ID=").partition(";")[0]
            part.genes[cells[0]].append(GeneText((int(cells[3]), int(cells[4]), cells[6]), identifier, []))
        part.genes[cells[0]][-1].lines.append(line)
    return part


def _require_all(parts: list[Part], places: int, genome: Path) -> None:
    count = parts[0].shard.count
    present = [part.shard.number for part in parts]
    if any(part.shard.count != count for part in parts) or present != list(range(1, count + 1)):
        raise FormatError(
            f"{parts[0].path} is shard {parts[0].shard}, but the files are shards {', '.join(str(p.shard) for p in parts)}: give"
            " the genes of every shard once."
        )
    for part in parts:
        if part.places != places:
            raise FormatError(
                f"{part.path} was made from a genome of {part.places} places, {genome} has {places}: give the file that it was"
                " made from."
            )
        if _settings_of(part) != _settings_of(parts[0]):
            raise FormatError(
                f"{part.path} and {parts[0].path} were made with different models or settings: compare their first lines, and"
                " make one of them again."
            )


def _settings_of(part: Part) -> list[str]:
    return [line for line in part.header if not line.startswith(_PREDICTIONS)]


def _header(parts: list[Part], genome_name: str) -> Iterator[str]:
    """Yield the common header; shards that different engines predicted name all of them."""
    for line in parts[0].header:
        if line.startswith(_GENOME):  # shards may have read it with coverage, from another file
            yield f"{_GENOME}{genome_name}"
            continue
        if not line.startswith(_PREDICTIONS):
            yield line
            continue
        lines = (found for part in parts for found in part.header if found.startswith(_PREDICTIONS))
        origins = list(dict.fromkeys(found.removeprefix(_PREDICTIONS) for found in lines))
        if len(origins) > 1:
            logger.warning(
                "gather-shards: %d engines took part (%s): genes may differ in a few bases from those of one engine; give all"
                " shards one --engine-of.",
                len(origins), "; ".join(origins),
            )  # fmt: skip
        yield f"{_PREDICTIONS}{' | '.join(origins)}"


def _lines(species: str, genome_name: str, sequences: list[Sequence], parts: list[Part]) -> Iterator[str]:
    yield from _header(parts, genome_name)
    for sequence in sequences:
        seqid = escape_seqid(sequence.seqid)
        yield f"##sequence-region {seqid} 1 {sequence.length_bp}"
        found = [part.genes.get(seqid, []) for part in parts]
        # The order of call_genes: plus strand forwards, then minus strand from its own start; sorting keeps it where keys tie.
        plus = (gene for genes in found for gene in genes if gene.key[2] == "+")
        minus = (gene for genes in reversed(found) for gene in genes if gene.key[2] == "-")
        genes = sorted(chain(plus, minus), key=lambda gene: gene.key)
        for number, gene in enumerate(genes, start=1):
            yield from gene.named(gene_id(species, sequence.seqid, number))
        if genes:
            yield "###"
