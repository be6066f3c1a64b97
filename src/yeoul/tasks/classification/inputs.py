"""What a model reads of every row, as people hand it over: a text, or the numbers of a series."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias, final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from yeoul.data.batches import TokenRows
from yeoul.data.examples import TEXT, Examples
from yeoul.data.series import SeriesRows, SeriesVectorizer
from yeoul.data.series_cells import series_of
from yeoul.data.vectorizers import TextVectorizer
from yeoul.models.build import SeriesInputs, TokenInputs
from yeoul.recipe import SeriesRecipe, TextRecipe

_SERIES_FILE = "series.json"


@final
@dataclass(frozen=True)
class Series:
    """N series end to end: `values` (sum of `lengths`, D)."""

    values: npt.NDArray[np.float32]
    lengths: npt.NDArray[np.int64]  # (N,)

    def __len__(self) -> int:
        return len(self.lengths)


Texts: TypeAlias = "Sequence[str] | pa.Array"
Inputs: TypeAlias = "Texts | Series"


class Vectorizer(Protocol):
    """Turns inputs into what a network reads, and is saved with it."""

    def __call__(self, inputs: Inputs) -> TokenRows | SeriesRows: ...

    @property
    def network_inputs(self) -> TokenInputs | SeriesInputs:
        """What the network must be built for."""
        ...

    def save(self, folder: Path) -> None: ...


@final
@dataclass(frozen=True)
class ReadTexts:
    """Texts through a `TextVectorizer`."""

    vectorizer: TextVectorizer

    def __call__(self, inputs: Inputs) -> TokenRows:
        if isinstance(inputs, Series):
            raise TypeError("this model reads texts")
        return self.vectorizer(inputs)

    @property
    def network_inputs(self) -> TokenInputs:
        return TokenInputs(self.vectorizer.size, self.vectorizer.tokenizer.get_vocab)

    def save(self, folder: Path) -> None:
        self.vectorizer.save(folder)


@final
@dataclass(frozen=True)
class ReadSeries:
    """Series through a `SeriesVectorizer`."""

    vectorizer: SeriesVectorizer

    def __call__(self, inputs: Inputs) -> SeriesRows:
        if not isinstance(inputs, Series):
            raise TypeError("this model reads series")
        return self.vectorizer(inputs.values, inputs.lengths)

    @property
    def network_inputs(self) -> SeriesInputs:
        return SeriesInputs(self.vectorizer.channels)

    def save(self, folder: Path) -> None:
        self.vectorizer.save(folder)


def inputs_of(examples: Examples, series: bool) -> Inputs:
    """Return what is read of every row: its text, or with `series` the numbers in its input columns."""
    if not series:
        return examples.inputs[TEXT]
    values, lengths = series_of(examples.inputs, examples.where)
    return Series(values, lengths)


def texts_of(inputs: Inputs) -> Sequence[str]:
    """Return the texts themselves; raise `TypeError` for series."""
    if isinstance(inputs, Series):
        raise TypeError("this model reads texts")
    texts: list[str] = inputs.to_pylist() if isinstance(inputs, pa.Array) else list(inputs)
    return texts


def fit_vectorizer(text: TextRecipe | None, series: SeriesRecipe | None, inputs: Inputs) -> Vectorizer:
    """Learn from the inputs of the training rows how to read others."""
    if isinstance(inputs, Series):
        return ReadSeries(SeriesVectorizer.fit(series or SeriesRecipe(), inputs.values, inputs.lengths))
    return ReadTexts(TextVectorizer.fit(text or TextRecipe(), inputs))


def load_vectorizer(folder: Path) -> Vectorizer:
    """Read what a vectorizer's `save` wrote; raise `ModelFileError` if it cannot be read."""
    if (folder / _SERIES_FILE).is_file():
        return ReadSeries(SeriesVectorizer.load(folder))
    return ReadTexts(TextVectorizer.load(folder))
