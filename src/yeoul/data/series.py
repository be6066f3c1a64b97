"""Turn series of numbers into columns of scaled steps."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, model_validator

from yeoul.data.settings import load_settings
from yeoul.data.tokens import places
from yeoul.errors import DataError
from yeoul.files import write_text
from yeoul.recipe import SeriesRecipe, Size, Width

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class SeriesRows:
    """Steps of N series of D channels, end to end: row i is `values[offsets[i]:offsets[i + 1]]`."""

    values: Floats  # (sum T, D)
    offsets: Counts  # (N + 1,)
    lost: Counts  # (N,) steps cut off at the end of each series

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def lengths(self) -> Counts:
        return np.diff(self.offsets)

    @property
    def lost_share(self) -> float:
        """Share of all steps that truncation has cut off."""
        lost = int(self.lost.sum())
        return lost / max(1, lost + len(self.values))

    def gather(self, rows: Counts) -> tuple[Floats, Counts]:
        """Return the steps of `rows` end to end, and their lengths."""
        starts = self.offsets[rows]
        lengths = self.offsets[rows + 1] - starts
        return self.values[places(starts, lengths)], lengths


class SeriesSettings(BaseModel):
    """`series.json`: how a model reads series."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    schema_version: Literal[1] = 1
    channels: Width
    steps: Size
    standardize: Literal["series", "training", "none"]
    means: Annotated[tuple[float, ...], Field(strict=False)] = ()
    """Of each channel over the steps of the training rows, where these set the scale."""
    deviations: Annotated[tuple[Annotated[float, Field(gt=0.0)], ...], Field(strict=False)] = ()

    @model_validator(mode="after")
    def _a_scale_for_each_channel(self) -> "SeriesSettings":
        expected = self.channels if self.standardize == "training" else 0
        if not len(self.means) == len(self.deviations) == expected:
            raise ValueError("the scales do not fit the channels")
        return self


@dataclass(frozen=True)
class SeriesVectorizer:
    """Series to scaled steps, at most so many of each as the settings say."""

    settings: SeriesSettings

    @classmethod
    def fit(cls, recipe: SeriesRecipe, values: Floats, lengths: Counts) -> "SeriesVectorizer":
        """Learn the scale of each channel from the training rows, where `recipe` asks for it.

        Takes the steps of N series end to end, (sum of `lengths`, D), and `lengths` (N,). A channel that never
        changes in the training rows is shifted to zero and keeps its scale.
        """
        means: tuple[float, ...] = ()
        deviations: tuple[float, ...] = ()
        if recipe.standardize == "training":
            kept = _kept(values, lengths, np.minimum(lengths, recipe.steps)).astype(np.float64)
            means = tuple(kept.mean(axis=0).tolist()) if len(kept) else (0.0,) * values.shape[1]
            spread = np.where(_constant(kept), 0.0, kept.std(axis=0)) if len(kept) else np.zeros(len(means))
            deviations = tuple(np.where(spread > _LEAST_DEVIATION, spread, 1.0).tolist())
        settings = SeriesSettings(
            channels=values.shape[1],
            steps=recipe.steps,
            standardize=recipe.standardize,
            means=means,
            deviations=deviations,
        )
        return cls(settings)

    @property
    def channels(self) -> int:
        return self.settings.channels

    def __call__(self, values: Floats, lengths: Counts) -> SeriesRows:
        """Scale N series end to end, (sum of `lengths`, D); no row's numbers depend on another's.

        Raises `DataError` when they have other channels than the training rows, or numbers that are not finite.
        """
        if values.shape[1] != self.channels:
            raise DataError(
                "the series have {came} channels, the model knows {expected}",
                "give the columns that it was trained on",
                values={"came": values.shape[1], "expected": self.channels},
            )
        kept = np.minimum(lengths, self.settings.steps)
        with np.errstate(invalid="ignore", over="ignore"):  # refused below
            steps = self._scaled(_kept(values, lengths, kept), kept)
        if not np.isfinite(steps).all():
            raise DataError(
                "a series holds a number that is not finite or far too large", "mend or remove it"
            )
        return SeriesRows(steps, np.concatenate([np.zeros(1, np.int64), np.cumsum(kept)]), lengths - kept)

    def save(self, folder: Path) -> None:
        """Write `series.json` into `folder`."""
        write_text(folder / _SETTINGS, self.settings.model_dump_json(indent=2) + "\n")

    @classmethod
    def load(cls, folder: Path) -> "SeriesVectorizer":
        """Read what `save` wrote; raise `ModelFileError` if it cannot be read."""
        return cls(load_settings(SeriesSettings, folder / _SETTINGS))

    def _scaled(self, steps: Floats, lengths: Counts) -> Floats:
        match self.settings.standardize:
            case "none":
                return steps
            case "training":
                means, deviations = np.array(self.settings.means), np.array(self.settings.deviations)
                scaled: Floats = ((steps - means) / deviations).astype(np.float32)
                return scaled
            case "series":
                return _standardized(steps, lengths)


_SETTINGS = "series.json"
_LEAST_DEVIATION = 1e-30  # below it numbers of ordinary size would leave single precision


def _kept(values: Floats, lengths: Counts, kept: Counts) -> Floats:
    """Return the first `kept` steps of each row, end to end."""
    if (kept == lengths).all():
        return values
    return values[places(np.cumsum(lengths) - lengths, kept)]


def _constant(values: Floats | Doubles) -> npt.NDArray[np.bool_]:
    same: npt.NDArray[np.bool_] = values.min(axis=0) == values.max(axis=0)
    return same


def _standardized(steps: Floats, lengths: Counts) -> Floats:
    """Scale each row by its own mean and deviation, channel by channel; what never changes becomes zero."""
    filled = lengths[lengths > 0]
    if not len(filled):
        return steps
    starts = np.cumsum(filled) - filled
    values = steps.astype(np.float64)
    still = np.minimum.reduceat(values, starts) == np.maximum.reduceat(values, starts)  # (N, D)
    means = np.add.reduceat(values, starts) / filled[:, None]
    values -= np.repeat(means, filled, axis=0)
    squares = np.add.reduceat(values * values, starts) / filled[:, None]
    with np.errstate(divide="ignore"):
        scales = np.where(still, 0.0, 1.0 / np.sqrt(squares))
    values *= np.repeat(scales, filled, axis=0)
    return values.astype(np.float32)
