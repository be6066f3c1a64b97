"""Open what another network told of pictures: an array (N, P, D) or (N, D) as .npy or .safetensors, mapped."""

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open

from yeoul.data.opening import existing_file, shown_name
from yeoul.errors import DataError

Vectors = npt.NDArray[np.float32]
_KINDS: Mapping[str, npt.DTypeLike] = {"F32": "<f4", "F16": "<f2", "F64": "<f8"}


def open_features(path: Path, names: Sequence[str]) -> Vectors:
    """Return what is told of the pictures of these names (N, P, D), mapped where it is one array.

    An array has a row a picture, in the order of `names`; a file of .safetensors has one array, or one for each name.
    Raises `DataError` for anything else.
    """
    path = existing_file(path)
    found = _named(path, names) if path.suffix.lower() == ".safetensors" else _plain(path)
    if found.ndim == 2:
        found = found[:, None, :]
    if found.ndim != 3 or len(found) != len(names) or found.dtype.kind != "f" or 0 in found.shape:
        raise DataError(
            "the features have the shape {shape} of {kind}, expected ({pictures}, places, numbers) of floats",
            "write one row for each picture, in the order in which the captions name them",
            where=shown_name(path),
            values={"shape": found.shape, "kind": found.dtype, "pictures": len(names)},
        )
    return found


def _plain(path: Path) -> npt.NDArray[np.floating]:
    try:
        found: npt.NDArray[np.floating] = np.lib.format.open_memmap(path, mode="r")
    except (ValueError, OSError, EOFError, SyntaxError, TypeError) as error:
        raise _no_array(path) from error
    return found.view(np.ndarray)


def _named(path: Path, names: Sequence[str]) -> npt.NDArray[np.floating]:
    try:
        with safe_open(path, framework="numpy") as file:  # checks the whole layout
            keys = list(file.keys())
            if len(keys) > 1 or (len(names) == 1 and keys == list(names)):
                missing = next((name for name in names if name not in keys), None)
                if missing is not None:
                    raise DataError(
                        "the features have no array named {name}",
                        "name each array for the file of its picture, or write one for all",
                        where=shown_name(path),
                        values={"name": missing},
                    )
                each = [file.get_tensor(name) for name in names]
                return np.stack([one[None] if one.ndim == 1 else one for one in each])
        return _mapped(path)
    except (SafetensorError, OSError, ValueError, KeyError) as error:
        raise _no_array(path) from error


def _mapped(path: Path) -> npt.NDArray[np.floating]:
    """Map the one array of a file of .safetensors whose layout has been checked."""
    with open(path, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        head: Mapping[str, Mapping[str, list[int]]] = json.loads(file.read(length))
    told = next(value for name, value in head.items() if name != "__metadata__")
    kind, shape = np.dtype(_KINDS[str(told["dtype"])]), tuple(told["shape"])
    if not math.prod(shape):
        raise ValueError("the array is empty")
    found: npt.NDArray[np.floating] = np.memmap(path, kind, "r", 8 + length + told["data_offsets"][0], shape)
    return found.view(np.ndarray)


def _no_array(path: Path) -> DataError:
    return DataError(
        "this is no array of numbers in the form of .npy or .safetensors",
        "save it with numpy.save, without objects, or with safetensors",
        where=shown_name(path),
    )
