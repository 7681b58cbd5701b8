"""Say what an HDF5 file of the pipeline holds: kind, settings, sequences, datasets."""

import argparse
import sys

import h5py

from helixtune.h5files import SEQIDS, SPECIES, START_ENDS, open_file, read_rows

HELP = "what is in an HDF5 file"
SHOWN_SEQUENCES = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("file", metavar="FILE.h5")


def run(args: argparse.Namespace) -> dict:
    """Print the description."""
    with open_file(args.file) as file:
        facts = describe(file)
    if not args.json:
        sys.stdout.write(as_text(facts))
    return facts


def describe(file: h5py.File) -> dict:
    """Return kind, attributes, datasets and sequences of an open file, without reading the large arrays."""
    datasets = {}

    def note(name: str, item) -> None:
        if isinstance(item, h5py.Dataset):
            datasets[name] = {
                "shape": list(item.shape),
                "dtype": str(item.dtype),
                "stored_bytes": item.id.get_storage_size(),
            }

    file.visititems(note)  # follows hard links only
    attributes = {name: str(value) for name, value in file.attrs.items() if name != "model_config"}
    return {
        "file": file.filename,
        "kind": kind_of(file, datasets),
        "attributes": attributes,
        "sequences": sequences_of(file) if {SEQIDS, SPECIES, START_ENDS} <= datasets.keys() else {},
        "datasets": datasets,
    }


def kind_of(file: h5py.File, datasets: dict) -> str:
    """Return our `format` attribute, or what the datasets tell of a file that upstream wrote."""
    if "format" in file.attrs:
        return str(file.attrs["format"])
    if "model_config" in file.attrs and "model_weights" in file:
        return "Keras model (not written by helixtune)"
    if "data/y" in datasets:
        return "training data (not written by helixtune)"
    if "data/X" in datasets:
        return "genome (not written by helixtune)"
    if "predictions" in datasets:
        return "predictions (not written by helixtune)"
    return "unknown"


def sequences_of(file: h5py.File) -> dict[str, int]:
    """Return the largest end coordinate seen of every sequence (its length, in an unfiltered file)."""
    rows = read_rows(file)
    lengths: dict[str, int] = {}
    for seqid, end in zip(rows.seqids.tolist(), rows.ends.tolist(), strict=True):
        lengths[seqid.decode()] = max(lengths.get(seqid.decode(), 0), end)
    return lengths


def as_text(facts: dict) -> str:
    """Lay the description out for a terminal."""
    lines = [f"{facts['file']}: {facts['kind']}"]
    lines += [f"  {name} = {value}" for name, value in sorted(facts["attributes"].items())]
    for name, dataset in sorted(facts["datasets"].items()):
        shape = " x ".join(map(str, dataset["shape"]))
        lines.append(f"  {name}: {shape} {dataset['dtype']}, {dataset['stored_bytes']:,} bytes stored")
    sequences = list(facts["sequences"].items())
    lines += [f"  sequence {seqid}: {length:,} bp" for seqid, length in sequences[:SHOWN_SEQUENCES]]
    if len(sequences) > SHOWN_SEQUENCES:
        lines.append(f"  … {len(sequences) - SHOWN_SEQUENCES:,} more sequences")
    return "\n".join(lines) + "\n"
