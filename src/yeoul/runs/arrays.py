"""NumPy arrays on the disk: safetensors, read with suspicion."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load, save

from yeoul.errors import ModelFileError
from yeoul.files import write_bytes

Arrays = Mapping[str, npt.NDArray[Any]]


def save_arrays(path: Path, arrays: Arrays) -> None:
    """Write named arrays to one file, whole or not at all."""
    # safetensors writes the memory of an array as it lies, and its shape as if rows came first
    write_bytes(path, save({name: np.ascontiguousarray(values) for name, values in arrays.items()}))


def load_arrays(path: Path) -> Arrays:
    """Read what `save_arrays` wrote; raise `ModelFileError` for anything else."""
    remedy = "copy the folder again from its source, or train again"
    try:
        return load(path.read_bytes())
    except FileNotFoundError as error:
        raise ModelFileError("the file is missing", remedy, where=str(path)) from error
    except (SafetensorError, OSError, ValueError, KeyError, RuntimeError, TypeError) as error:
        raise ModelFileError("the file is damaged or not a model", remedy, where=str(path)) from error
