"""Remember a fitted baseline and its answers, so that the same data and recipe are fitted once.

A cache may vanish, be damaged or be read-only at any time: then the baseline is fitted again, without a word.
"""

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from yeoul.caches import cache_folder
from yeoul.errors import DiskFullError
from yeoul.files import write_bytes
from yeoul.recipe import LinearRecipe

Arrays = Mapping[str, npt.NDArray[Any]]

CODE_VERSION = 2
"""To be raised whenever `baselines.text` may answer differently."""
KEPT = 20
"""So many fits are kept, the newest."""
_MODEL = "model."
_ANSWERS = "answers."
_SUFFIX = ".safetensors"


@dataclass(frozen=True, eq=False)
class CachedFit:
    """A fitted linear model as `LinearText.to_arrays` gives it, its answers (N, K) by split, its cost."""

    arrays: Arrays
    settings: Mapping[str, object]
    answers: Arrays
    seconds: float
    peak_mb: float


def key(fingerprint: str, recipe: LinearRecipe) -> str:
    """Return the name of a fit: a hash of the data's fingerprint, the recipe and the versions of the code."""
    told = {
        "fingerprint": fingerprint,
        "recipe": recipe.model_dump(mode="json"),
        "code": CODE_VERSION,
        "scikit-learn": version("scikit-learn"),
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode("utf-8")).hexdigest()


def load(key: str) -> CachedFit | None:
    """Return the fit stored under `key`, or None when there is none or it cannot be read."""
    return read_fit(_folder() / (key + _SUFFIX))


def store(key: str, fit: CachedFit) -> None:
    """Keep `fit` under `key`, whole or not at all, and only the newest few; do nothing where that fails."""
    with suppress(OSError, RuntimeError, DiskFullError):
        folder = _folder()
        folder.mkdir(parents=True, exist_ok=True)
        write_fit(folder / (key + _SUFFIX), fit)
        newest_first = sorted(
            folder.glob("*" + _SUFFIX), key=lambda path: path.stat().st_mtime_ns, reverse=True
        )
        for path in newest_first[KEPT:]:
            path.unlink(missing_ok=True)


def read_fit(path: Path) -> CachedFit | None:
    """Return what `write_fit` wrote, or None for anything else."""
    try:
        with safe_open(path, framework="numpy") as file:
            told = dict(file.metadata() or {})
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        if told.pop("sha256") != _digest(arrays, told):
            return None
        return CachedFit(
            _part(arrays, _MODEL),
            json.loads(told["settings"]),
            _part(arrays, _ANSWERS),
            seconds=float(told["seconds"]),
            peak_mb=float(told["peak_mb"]),
        )
    except (OSError, RuntimeError, SafetensorError, KeyError, ValueError):
        return None


def write_fit(path: Path, fit: CachedFit) -> None:
    """Write a fit to one file, whole or not at all."""
    arrays = {
        **{_MODEL + name: np.ascontiguousarray(values) for name, values in fit.arrays.items()},
        **{_ANSWERS + name: np.ascontiguousarray(values) for name, values in fit.answers.items()},
    }
    told = {
        "settings": json.dumps(fit.settings, sort_keys=True),
        "seconds": repr(float(fit.seconds)),
        "peak_mb": repr(float(fit.peak_mb)),
    }
    write_bytes(path, save(arrays, {**told, "sha256": _digest(arrays, told)}))


def _part(arrays: Arrays, prefix: str) -> Arrays:
    return {name.removeprefix(prefix): values for name, values in arrays.items() if name.startswith(prefix)}


def _folder() -> Path:
    return cache_folder() / "baselines"


def _digest(arrays: Arrays, told: Mapping[str, str]) -> str:
    """Hash what is told about the arrays, and their names, types, shapes and values."""
    whole = hashlib.sha256(json.dumps(told, sort_keys=True).encode("utf-8"))
    for name in sorted(arrays):
        whole.update(f"{name} {arrays[name].dtype} {arrays[name].shape}\n".encode())
        whole.update(arrays[name].tobytes())
    return whole.hexdigest()
