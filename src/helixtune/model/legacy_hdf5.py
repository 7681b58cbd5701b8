"""The HDF5 side of Keras 2 model files: attributes and weight arrays, read without trusting the file, and written.

A model file may come from anywhere. Only hard links inside the file are followed, every declared size is compared with what the
network needs before anything is read, and arrays have to be plain numbers stored in the file itself.
"""

from math import prod

import h5py
import numpy as np

from helixtune.errors import ModelFileError
from helixtune.model.graph import MAX_PARAMETERS

MAX_ATTRIBUTE_VALUES = 10_000  # the longest list in a real file is the nested trunk's, about 40 weight names
ALLOWED_FILTERS = {h5py.h5z.FILTER_DEFLATE, h5py.h5z.FILTER_SHUFFLE, h5py.h5z.FILTER_FLETCHER32, h5py.h5z.FILTER_LZF}


def read_text_attribute(node, name: str) -> str:
    """Return a text attribute of an HDF5 object; ModelFileError when it is missing or not text."""
    value = _attribute(node, name)
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if not isinstance(value, str):
        raise ModelFileError(f'its attribute "{name}" is missing or not text')
    return value


def read_name_list(node, name: str) -> list[str]:
    """Return a list-of-names attribute; long ones are split by Keras into `name0`, `name1`, …"""
    if name in node.attrs:
        return _texts(_attribute(node, name))
    names, part = [], 0
    while f"{name}{part}" in node.attrs and len(names) <= MAX_ATTRIBUTE_VALUES:
        names += _texts(_attribute(node, f"{name}{part}"))
        part += 1
    if not part:
        raise ModelFileError(f'its group {node.name} has no attribute "{name}"')
    return names


def read_plain_attributes(node, leave_out: frozenset[str]) -> dict:
    """Return an object's text, number and list-of-text attributes by name; others are ignored."""
    values = {}
    for name in list(node.attrs)[:MAX_ATTRIBUTE_VALUES]:
        if name in leave_out:
            continue
        value = _attribute(node, name)
        if isinstance(value, np.generic):
            value = value.item() if value.dtype.kind in "biufSU" else None
        if isinstance(value, np.ndarray) and value.dtype.kind in "OSU":
            value = _texts(value)
        if isinstance(value, bytes):
            value = value.decode("utf-8", "replace")
        if isinstance(value, str | int | float | list):
            values[name] = value
    return values


def open_group(parent, path: str) -> h5py.Group:
    """Return the group at `path` below `parent`, following hard links only."""
    node = _follow(parent, path)
    if not isinstance(node, h5py.Group):
        raise ModelFileError(f'its "{path}" is not a group')
    return node


def read_array(parent, path: str, shape: tuple[int, ...]) -> np.ndarray:
    """Return the float32 array at `path` below `parent` after checking that it is what the network needs, and finite."""
    dataset = _follow(parent, path)
    if not isinstance(dataset, h5py.Dataset):
        raise ModelFileError(f'its weights "{path}" are missing')
    if dataset.shape != shape:
        raise ModelFileError(f'its weights "{path}" have shape {dataset.shape}; the network needs {shape}')
    if dataset.dtype.kind != "f" or dataset.dtype.itemsize not in (2, 4, 8):
        raise ModelFileError(f'its weights "{path}" are of type {dataset.dtype} and not floating-point numbers')
    _check_storage(dataset, path)
    array = dataset[()].astype(np.float32)
    if not np.isfinite(array).all():
        raise ModelFileError(f'its weights "{path}" hold values that are not finite (NaN or infinite)')
    return array


def write_name_list(node, name: str, names: list[str]) -> None:
    """Write a list of names as Keras 2 does (an empty list becomes an empty float array)."""
    node.attrs[name] = np.array(names, dtype=h5py.string_dtype()) if names else np.array([], dtype=np.float64)


def write_layer(weights_group, layer: str, arrays: list[tuple[str, np.ndarray]]) -> None:
    """Write one layer's group: the attribute `weight_names` and one float32 dataset for each (name, array)."""
    group = weights_group.create_group(layer)
    write_name_list(group, "weight_names", [name for name, _ in arrays])
    for name, array in arrays:
        group.create_dataset(name, data=np.asarray(array, dtype=np.float32))


def _attribute(node, name):
    if name not in node.attrs:
        return None
    if prod(node.attrs.get_id(name).shape or (1,)) > MAX_ATTRIBUTE_VALUES:
        raise ModelFileError(f'its attribute "{name}" is too long to be read')
    return node.attrs[name]


def _texts(values):
    if not isinstance(values, np.ndarray):
        raise ModelFileError("a list of names in it is not a list")
    return [value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value) for value in values.ravel()]


def _follow(node, path):
    for part in path.split("/"):
        link = node.get(part, getlink=True) if isinstance(node, h5py.Group) and part not in ("", ".") else None
        if link is None:
            raise ModelFileError(f'its "{path}" is missing')
        if not isinstance(link, h5py.HardLink):
            raise ModelFileError(f'its "{path}" is a link to somewhere else, which is not followed')
        node = node[part]
    return node


def _check_storage(dataset, path):
    properties = dataset.id.get_create_plist()
    filters = {properties.get_filter(i)[0] for i in range(properties.get_nfilters())}
    if dataset.is_virtual or dataset.external or not filters <= ALLOWED_FILTERS:
        raise ModelFileError(f'its weights "{path}" are not stored plainly in the file')
    if dataset.chunks and prod(dataset.chunks) > MAX_PARAMETERS:
        raise ModelFileError(f'its weights "{path}" declare an absurd storage block of {dataset.chunks}')
    if dataset.size and not dataset.id.get_storage_size():
        raise ModelFileError(f'its weights "{path}" are declared but not in the file')
