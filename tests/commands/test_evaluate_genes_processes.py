"""The gate in several processes: the same bytes, one sentence where one of them fails, and nothing left behind."""

import itertools
import os
import signal
from dataclasses import dataclass, replace
from pathlib import Path

import h5py
import numpy as np
import pytest

from helixtune import processes
from helixtune.annotation.gff3 import read_genes
from helixtune.annotation.sequence_files import write_sequences
from helixtune.cli import main
from helixtune.files import sha256_of
from helixtune.h5files import BASES, START_ENDS
from judged_species import WIDTH, Species, worsened

THREADS = (1, 2, 4)
CONTIG_BP = 15_000


@dataclass(frozen=True)
class Gate:
    """Inputs of the gate on one genome."""

    species: Species
    words: list


@pytest.fixture(scope="module")
def truth(tmp_path_factory) -> tuple[str, list]:
    """One simulated sequence and its genes."""
    folder = tmp_path_factory.mktemp("truth")
    words = ["--seed", "5", "--size-mb", "0.2", "--read-depth", "0", "--output-dir", str(folder)]
    assert main(["simulate-species", *words]) == 0
    first, _, letters = (folder / "genome.fa").read_text().split(">")[1].partition("\n")
    genes = [gene for gene in read_genes(folder / "annotation.gff3") if gene.seqid == first.split()[0]]
    return letters.replace("\n", ""), genes


@pytest.fixture(scope="module", params=["one sequence", "many sequences", "many sequences, packed"])
def gate(request, truth, tmp_path_factory) -> Gate:
    folder, (letters, genes) = tmp_path_factory.mktemp("gate"), truth
    cuts = [0, len(letters)] if request.param == "one sequence" else cuts_between(genes, len(letters))
    fasta, moved = folder / "genome.fa", []
    for number, (start, end) in enumerate(itertools.pairwise(cuts)):
        moved += [shifted_to(gene, f"s{number}", start) for gene in genes if start <= gene.start < end]
    fasta.write_text("".join(f">s{i}\n{letters[a:b]}\n" for i, (a, b) in enumerate(itertools.pairwise(cuts))))
    bases = "packed" if "packed" in request.param else "one-hot"
    words = ["encode-genome", "--fasta", fasta, "--species", "x", "--subsequence-length", WIDTH, "--bases", bases]
    assert main([*map(str, words), "--output", str(folder / "genome.h5")]) == 0
    species = Species(folder, folder / "genome.h5", moved)
    base, tuned = worsened(moved, 1, 0.2, 0), worsened(moved, 2, 0.05, 0)
    tuned = [replace(gene, id=f"{gene.id}t") if i % 3 else gene for i, gene in enumerate(tuned)]
    proteins = folder / "known.fa"
    both = []
    for name, some in (("base", base), ("tuned", tuned)):
        both += [f"--{name}-genes", species.gff3(name, some), f"--{name}-predictions", species.predictions(name, some)]
    assert write_sequences(moved[::4], species.genome, proteins, None) > 5
    return Gate(species, ["evaluate-genes", "--genome", species.genome, *both, "--proteins", proteins])


def cuts_between(genes: list, length_bp: int) -> list[int]:
    """Cut at about every CONTIG_BP where no gene is."""
    cuts, reached = [0], 0
    for gene in sorted(genes, key=lambda gene: gene.start):
        if gene.start > max(reached, cuts[-1] + CONTIG_BP):
            cuts.append(gene.start - (gene.start - reached) // 2)
        reached = max(reached, gene.end)
    return [*cuts, length_bp]


def shifted_to(gene, seqid: str, start: int):
    def move(parts):
        return tuple((a - start, b - start, *rest) for a, b, *rest in parts)

    transcripts = tuple(
        replace(one, start=one.start - start, end=one.end - start, exons=move(one.exons), cds=move(one.cds))
        for one in gene.transcripts
    )
    return replace(gene, seqid=seqid, start=gene.start - start, end=gene.end - start, transcripts=transcripts)


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch):
    """So that a small genome is work for several processes everywhere."""
    monkeypatch.setattr("helixtune.annotation.gff3_parts.PART_BYTES", 10_000)
    monkeypatch.setattr("helixtune.annotation.sequence_files.PORTION_BP", 20_000)
    monkeypatch.setattr("helixtune.annotation.sequence_files.BATCH_GENES", 10)
    monkeypatch.setattr("helixtune.evaluation.homologues.BATCH", 5)
    monkeypatch.setattr("helixtune.evaluation.stretches.TARGET_BP", 30_000)


def outputs(folder: Path) -> list:
    return [
        "--output", folder / "metrics.json", "--comparison", folder / "comparison.tsv", "--recommended", folder / "genes.gff3",
        "--recommended-proteins", folder / "proteins.fa", "--recommended-cds", folder / "cds.fa",
    ]  # fmt: skip


def test_outputs_are_the_same_bytes_for_any_number_of_threads(gate, run_cli, tmp_path, counted_items):
    found = []
    for threads in THREADS:
        folder = tmp_path / f"{threads}"
        folder.mkdir()
        code, message = run_cli(*gate.words, *outputs(folder), "--threads", threads)
        assert code == 0, message
        found.append({path.name: sha256_of(path) for path in sorted(folder.iterdir())})
    assert len(found[0]) == 5
    assert found[0] == found[1] == found[2]
    assert len(counted_items) >= 5 * len(THREADS)  # genes, sample, facts, evidence and sequences at least
    assert sum(n_items > 4 for n_items in counted_items) >= 5 * len(THREADS)


@pytest.fixture
def counted_items(monkeypatch) -> list[int]:
    """How many items every stage hands to processes."""
    counts, work_through = [], processes.in_processes

    def counted(work, items, count):
        counts.append(len(items))
        return work_through(work, items, count)

    for module in (
        "annotation.gff3_parts",
        "annotation.sequence_files",
        "evaluation.gathering",
        "evaluation.homologues",
    ):
        monkeypatch.setattr(f"helixtune.{module}.in_processes", counted)
    return counts


@pytest.mark.parametrize("threads", THREADS)
def test_damage_found_by_one_process_is_one_sentence(gate, run_cli, tmp_path, threads):
    damaged, folder = tmp_path / "genome.h5", tmp_path / "out"
    folder.mkdir()
    damaged.write_bytes(gate.species.genome.read_bytes())
    with h5py.File(damaged, "r+") as file:
        start_ends = file[START_ENDS][:]
        plus_row = int(np.flatnonzero(start_ends[:, 0] < start_ends[:, 1])[2])
        place = (plus_row, *(0,) * (file[BASES].ndim - 1))
        raw = bytearray(file[BASES].id.read_direct_chunk(place)[1])
        raw[8:80] = b"\xff" * 72
        file[BASES].id.write_direct_chunk(place, bytes(raw))
    words = [damaged if word == gate.species.genome else word for word in gate.words]
    code, message = run_cli(*words, *outputs(folder), "--threads", threads)
    assert code == 1
    errors = [line for line in message.splitlines() if line.startswith("helixtune ")]
    assert len(errors) == 1, message
    assert str(damaged) in errors[0]
    assert "is damaged" in errors[0]
    assert "Traceback" not in message
    assert not list(folder.iterdir())


def test_a_killed_process_is_one_sentence(gate, run_cli, tmp_path, monkeypatch):
    def killed(*_words):
        os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setattr("helixtune.evaluation.gathering.read_strands", killed)
    code, message = run_cli(*gate.words, *outputs(tmp_path), "--threads", 2)
    assert code == 137  # as if the command itself had been killed: the pipeline tries again with more memory
    assert "helixtune evaluate-genes: memory ran out (a process of it was ended from outside" in message
    assert not list(tmp_path.iterdir())
