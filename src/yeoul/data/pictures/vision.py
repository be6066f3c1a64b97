"""Ask a vision model of the transformers library, from a folder, what it tells of each place of a picture.

The model is never changed, and nothing is fetched: the folder holds `config.json` and weights as .safetensors; code in
it is not run. What it tells of a set of pictures is kept in the user's cache, known by the pictures, the folder's files
and the library's version.
"""

import hashlib
import importlib
import json
import math
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, final

import numpy as np
import numpy.typing as npt
import torch
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from safetensors import SafetensorError
from torch import Tensor

from yeoul.data.opening import shown_name
from yeoul.data.pictures.kept import TOLD, fresh_part, kept_folder
from yeoul.data.pictures.reading import Pixels
from yeoul.errors import DataError, RecipeError
from yeoul.files import full_disk_named, sha256

Vectors = npt.NDArray[np.float32]
_CONFIG, _PREPROCESSOR, _WEIGHTS = "config.json", "preprocessor_config.json", "*.safetensors"
_TOGETHER = 16
"""Pictures that are looked at in one go."""
_BRIGHTEST = 255.0


class _Seen(BaseModel):
    """What `preprocessor_config.json` tells of the colors that a model expects."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    image_mean: tuple[float, float, float] = (0.5, 0.5, 0.5)
    image_std: tuple[float, float, float] = (0.5, 0.5, 0.5)
    rescale_factor: float = Field(default=1 / _BRIGHTEST, gt=0)


@final
@dataclass(frozen=True)
class VisionModel:
    """A folder with a model that looks at pictures."""

    folder: Path

    @classmethod
    def open(cls, folder: str, size: int) -> "VisionModel":
        """Look for a model; raise `DataError` unless one is there that looks at squares of `size` pixels."""
        model = cls(Path(folder))
        config = model._settings(_CONFIG)
        if not config or not sorted(model.folder.glob(_WEIGHTS)):
            raise DataError(
                "the folder holds no vision model: config.json and weights as .safetensors were expected",
                "save one there with save_pretrained(folder) of the transformers library",
                where=shown_name(model.folder),
            )
        expected = config.get("vision_config", config).get("image_size")
        if isinstance(expected, int) and expected != size:
            raise DataError(
                "this model looks at squares of {expected} pixels, not of {size}",
                "set pictures.size={expected}",
                where=shown_name(model.folder),
                values={"expected": expected, "size": size},
            )
        return model

    @cached_property
    def fingerprint(self) -> str:
        """Equal for equal files."""
        files = [self.folder / _CONFIG, self.folder / _PREPROCESSOR, *sorted(self.folder.glob(_WEIGHTS))]
        told = "\n".join(f"{path.name} {sha256(path)}" for path in files if path.is_file())
        return hashlib.sha256(told.encode()).hexdigest()

    def look(self, pixels: Pixels) -> Vectors:
        """Return what is told of the places of pictures (N, S, S, 3), as (N, P, D).

        What a model tells of a picture beside its grid of patches, such as of the whole, is left out.
        """
        return np.concatenate([self._told(pixels[rows]) for rows in _blocks(len(pixels))])

    def look_once(self, pixels: Pixels, known_by: str) -> Vectors:
        """Return `look` of these pictures in 16 bits, mapped; looked at only where they, `known_by`, never were."""
        told = json.dumps([known_by, pixels.shape, self.fingerprint, _transformers().__version__])
        kept = kept_folder() / (hashlib.sha256(told.encode()).hexdigest()[:32] + TOLD)
        found = _mapped(kept, len(pixels))
        if found is not None:
            return found
        with fresh_part(TOLD) as part:
            self._write(part.path, pixels)
            if part.lasting:
                part.keep(kept)
            return np.lib.format.open_memmap(kept if part.lasting else part.path, mode="r").view(np.ndarray)

    def _write(self, target: Path, pixels: Pixels) -> None:
        shape = (len(pixels), *self._told(pixels[:1]).shape[1:])
        head = {"descr": "<f2", "fortran_order": False, "shape": shape}
        with full_disk_named(target, 2 * math.prod(shape)), open(target, "wb") as file:
            np.lib.format.write_array_header_2_0(file, head)
            for rows in _blocks(len(pixels)):
                file.write(self._told(pixels[rows]).astype("<f2").tobytes())

    def _told(self, pixels: Pixels) -> Vectors:
        with torch.inference_mode():
            states: Tensor = self._network(pixel_values=self._seen(pixels)).last_hidden_state
        if states.ndim == 4:  # a grid (N, D, rows, columns)
            states = states.flatten(2).transpose(1, 2)
        elif isinstance(patch := getattr(self._network.config, "patch_size", None), int):
            states = states[:, -((pixels.shape[1] // patch) ** 2) :]
        told: Vectors = states.float().numpy()
        return told

    def _seen(self, pixels: Pixels) -> Tensor:
        colors = self._colors
        values = torch.from_numpy(np.array(pixels)).permute(0, 3, 1, 2).float() * colors.rescale_factor
        mean, deviation = torch.tensor(colors.image_mean), torch.tensor(colors.image_std)
        return (values - mean[:, None, None]) / deviation[:, None, None]

    @cached_property
    def _colors(self) -> _Seen:
        try:
            return _Seen.model_validate(self._settings(_PREPROCESSOR))
        except ValidationError as error:
            raise self._unreadable(_PREPROCESSOR) from error

    @cached_property
    def _network(self) -> Any:
        library = _transformers()
        try:
            with _silent(library.logging):
                model = library.AutoModel.from_pretrained(
                    str(self.folder.absolute()),
                    local_files_only=True,
                    use_safetensors=True,
                    trust_remote_code=False,
                    dtype=torch.float32,
                )
        except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
            raise DataError(
                "the vision model cannot be opened: {reason}",
                "save it again with save_pretrained(folder) of the transformers library",
                where=shown_name(self.folder),
                values={"reason": str(error).partition("\n")[0]},
            ) from error
        return getattr(model, "vision_model", model).eval()

    def _settings(self, name: str) -> Mapping[str, Any]:
        """Return what a file of settings says, nothing where there is none."""
        path = self.folder / name
        try:
            told = json.loads(path.read_bytes()) if path.is_file() else {}
        except (OSError, ValueError) as error:
            raise self._unreadable(name) from error
        if not isinstance(told, dict):
            raise self._unreadable(name)
        return told

    def _unreadable(self, name: str) -> DataError:
        return DataError(
            "the vision model's settings cannot be read",
            "save it again with save_pretrained(folder) of the transformers library",
            where=shown_name(self.folder / name),
        )


def _blocks(rows: int) -> Iterator[slice]:
    return (slice(start, start + _TOGETHER) for start in range(0, rows, _TOGETHER))


def _transformers() -> Any:
    try:
        return importlib.import_module("transformers")
    except ImportError as error:
        raise RecipeError(
            "a vision model needs transformers, which is not installed",
            "install it: pip install 'yeoul[vision]'",
        ) from error


@contextmanager
def _silent(told: Any) -> Iterator[None]:
    """Keep a library from drawing bars and reports on the terminal; its logging is as before afterwards."""
    level, bars = told.get_verbosity(), told.is_progress_bar_enabled()
    told.set_verbosity(told.CRITICAL)
    told.disable_progress_bar()
    try:
        yield
    finally:
        told.set_verbosity(level)
        if bars:
            told.enable_progress_bar()


def _mapped(path: Path, rows: int) -> Vectors | None:
    """Map what was told before; nothing where it is not there or not of so many pictures."""
    with suppress(OSError, ValueError, EOFError, SyntaxError):
        found: Vectors = np.lib.format.open_memmap(path, mode="r")
        if found.ndim == 3 and len(found) == rows and found.dtype == np.float16:
            os.utime(path)
            return found.view(np.ndarray)
    return None
