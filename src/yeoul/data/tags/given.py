"""Vectors of words that a file gives and no training changes, kept with the model that reads them.

Words of the file have its vectors; where the file composes words from their letters (fastText), all others have the
mean of their runs of letters. A word that is not found as it is written is looked up in lower case. Numbers are kept
in 16 bits, and are read as kept from the first step on, so that a saved model answers like the one that was trained.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, final

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field

from yeoul.data.first_vectors import vectors_path
from yeoul.data.settings import load_settings
from yeoul.data.vectors import open_vectors
from yeoul.errors import DataError, ModelFileError
from yeoul.files import write_text
from yeoul.runs.arrays import load_arrays, save_arrays
from yeoul.text.wordparts import WordParts

Floats = npt.NDArray[np.float32]
_SETTINGS = "given.json"
_ARRAYS = "given.safetensors"
_KEPT_WORDS = 200_000
_ROWS_AT_ONCE = 4096
_SHOWN = 10


class _Saved(BaseModel):
    """`given.json`."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    schema_version: Literal[1] = 1
    words: list[str]
    shortest: Annotated[int, Field(ge=1, le=64)]
    longest: Annotated[int, Field(ge=1, le=64)]
    form: Literal["NFC", "NFD"]


@final
@dataclass(frozen=True, eq=False)
class GivenVectors:
    """The vectors `values` (N, D) of N words, and what composes others; both in 16 bits."""

    places: Mapping[str, int]
    values: npt.NDArray[np.float16]
    parts: WordParts | None

    @classmethod
    def open(cls, source: str) -> "GivenVectors":
        """Read the vectors of a file or a public set, scaled so that their mean length is one.

        Of a larger file the first 200,000 words are kept, which are the most frequent ones. Raises `DataError` for a
        file that holds no vectors.
        """
        path = vectors_path(source, "model.vectors")
        table = open_vectors(path)
        words = list(table.places)[:_KEPT_WORDS]
        found, values = table.values_of(words)
        kept = [word for word, is_there in zip(words, found.tolist(), strict=True) if is_there]
        if not kept:
            raise DataError("the file holds no vectors", "name another file", where=str(path))
        scale = float(np.mean(np.linalg.norm(values, axis=1))) or 1.0
        parts = table.parts
        if parts is not None:
            runs = (np.asarray(parts.runs, np.float32) / scale).astype(np.float16).astype(np.float32)
            parts = _composing(runs, parts.shortest, parts.longest, parts.form)
        places = {word: place for place, word in enumerate(kept)}
        return cls(places, (values / scale).astype(np.float16), parts)

    @property
    def size(self) -> int:
        return int(self.values.shape[1])

    def of(self, words: Sequence[str]) -> Floats:
        """Return the vectors (N, D) of words, zero where there is none."""
        places = np.array([self._place(word) for word in words], np.int64)
        found = np.zeros((len(words), self.size), np.float32)
        held = places >= 0
        found[held] = self.values[places[held]]
        others = np.flatnonzero(~held)
        for start in range(0, len(others) if self.parts is not None else 0, _ROWS_AT_ONCE):
            some = others[start : start + _ROWS_AT_ONCE]
            if self.parts is not None:
                found[some] = self.parts.vectors([words[place] for place in some.tolist()])
        return found

    def card(self, source: str, counts: Mapping[str, int]) -> dict[str, Any]:
        """Say how many of the counted words have a vector, for the data card."""
        words = list(counts)
        covered = np.abs(self.of(words)).max(axis=1, initial=0.0) > 0
        missing = [word for word, is_there in zip(words, covered.tolist(), strict=True) if not is_there]
        lacking = sum(counts[word] for word in missing)
        return {
            "source": source,
            "tokens": len(words),
            "covered": int(covered.sum()),
            "share": 1 - lacking / max(1, sum(counts.values())),
            "missing": sorted(missing, key=lambda word: (-counts[word], word))[:_SHOWN],
        }

    def save(self, folder: Path) -> None:
        """Write `given.json` and `given.safetensors` into `folder`."""
        parts = self.parts
        saved = _Saved(
            words=list(self.places),
            shortest=1 if parts is None else parts.shortest,
            longest=1 if parts is None else parts.longest,
            form="NFC" if parts is None else parts.form,
        )
        arrays: dict[str, npt.NDArray[Any]] = {"values": self.values}
        if parts is not None:
            arrays["runs"] = parts.runs.astype(np.float16)
        write_text(folder / _SETTINGS, saved.model_dump_json() + "\n")
        save_arrays(folder / _ARRAYS, arrays)

    @classmethod
    def load(cls, folder: Path) -> "GivenVectors | None":
        """Read what `save` wrote, None where nothing was saved; raise `ModelFileError` if it cannot be read."""
        if not (folder / _SETTINGS).is_file():
            return None
        saved, arrays = load_settings(_Saved, folder / _SETTINGS), load_arrays(folder / _ARRAYS)
        values, runs = arrays.get("values"), arrays.get("runs")
        whole = (
            values is not None
            and values.dtype == np.float16
            and values.ndim == 2
            and len(values) == len(saved.words)
            and np.isfinite(values).all()
        )
        fits = runs is None or (
            values is not None
            and runs.ndim == 2
            and runs.shape[1:] == values.shape[1:]
            and np.isfinite(runs).all()
        )
        if values is None or not (whole and fits):
            raise ModelFileError(
                "the vectors do not fit the words",
                "copy the folder again from its source, or train again",
                where=str(folder / _ARRAYS),
            )
        parts = None
        if runs is not None:
            parts = _composing(runs.astype(np.float32), saved.shortest, saved.longest, saved.form)
        return cls({word: place for place, word in enumerate(saved.words)}, values, parts)

    def _place(self, word: str) -> int:
        place = self.places.get(word, -1)
        return self.places.get(word.lower(), -1) if place < 0 else place


def _composing(runs: Floats, shortest: int, longest: int, form: Literal["NFC", "NFD"]) -> WordParts:
    return WordParts(np.empty((0, runs.shape[1]), np.float32), runs, shortest, longest, form)
