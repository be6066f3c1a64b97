"""Scale columns of measurements by their mean and deviation over the training rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, model_validator

from yeoul.data.measured.measurements import Measurements
from yeoul.data.settings import load_settings
from yeoul.errors import DataError
from yeoul.files import write_text

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_SETTINGS = "scaling.json"
_LEAST_DEVIATION = 1e-30  # below it numbers of ordinary size would leave single precision
_Names = Annotated[tuple[str, ...], Field(strict=False)]
_Means = Annotated[tuple[float, ...], Field(strict=False)]
_Deviations = Annotated[tuple[Annotated[float, Field(gt=0.0)], ...], Field(strict=False)]


class ScalerSettings(BaseModel):
    """`scaling.json`: a mean and a deviation for each series and column."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    schema_version: Literal[1] = 1
    columns: _Names
    static: _Names
    series: _Names
    means: Annotated[tuple[_Means, ...], Field(strict=False)]
    """Of each series, of each column."""
    deviations: Annotated[tuple[_Deviations, ...], Field(strict=False)]
    static_means: _Means
    static_deviations: _Deviations

    @model_validator(mode="after")
    def _a_scale_for_each_column(self) -> Self:
        rows = (*self.means, *self.deviations)
        if not len(self.means) == len(self.deviations) == len(self.series) or not self.series:
            raise ValueError("the scales do not fit the series")
        if any(len(row) != len(self.columns) for row in rows):
            raise ValueError("the scales do not fit the columns")
        if not len(self.static_means) == len(self.static_deviations) == len(self.static):
            raise ValueError("the scales do not fit the static columns")
        return self


@dataclass(frozen=True)
class Scaler:
    """Numbers in their own units to scaled ones and back, for each series by itself."""

    settings: ScalerSettings

    @classmethod
    def fit(cls, measurements: Measurements, rows: npt.NDArray[np.bool_]) -> "Scaler":
        """Learn mean and deviation of each column of each series over `rows` (R,), the training rows.

        Missing values do not count. A column that never changes in them is shifted to zero and keeps its scale; one
        without two values in a series has the mean and the deviation of all series.
        """
        count, width = len(measurements.series), len(measurements.columns)
        series = np.repeat(np.arange(count), measurements.lengths)[rows]
        means, deviations = np.zeros((count, width)), np.ones((count, width))
        for place in range(width):
            numbers = measurements.values[rows, place].astype(np.float64)
            present = ~np.isnan(numbers)
            own, numbers = series[present], numbers[present]
            overall = _mean_and_deviation(numbers, np.zeros(len(numbers), np.int64), 1)
            counts = np.bincount(own, minlength=count)
            found = _mean_and_deviation(numbers, own, count)
            means[:, place] = np.where(counts > 1, found[0], overall[0])
            deviations[:, place] = np.where(counts > 1, found[1], overall[1])
        statics = measurements.statics.astype(np.float64)
        kinds = [_mean_and_deviation(column, np.zeros(count, np.int64), 1) for column in statics.T]
        settings = ScalerSettings(
            columns=measurements.columns,
            static=measurements.static,
            series=measurements.series,
            means=tuple(map(tuple, means.tolist())),
            deviations=tuple(map(tuple, deviations.tolist())),
            static_means=tuple(float(mean[0]) for mean, _ in kinds),
            static_deviations=tuple(float(deviation[0]) for _, deviation in kinds),
        )
        return cls(settings)

    @cached_property
    def means(self) -> Doubles:
        """(S, V)"""
        return np.array(self.settings.means, np.float64).reshape(len(self.settings.series), -1)

    @cached_property
    def deviations(self) -> Doubles:
        """(S, V)"""
        return np.array(self.settings.deviations, np.float64).reshape(len(self.settings.series), -1)

    def places(self, series: Sequence[str]) -> Ints:
        """Return the place of each series among those that were learned; raise `DataError` for another one.

        Where one series was learned and one is given, their names do not matter.
        """
        if len(series) == len(self.settings.series) == 1:
            return np.zeros(1, np.int64)
        known = {name: place for place, name in enumerate(self.settings.series)}
        unknown = [name for name in series if name not in known]
        if unknown:
            raise DataError(
                "the series {series} was not among those that the model was trained on",
                "leave it out, or train again with it",
                values={"series": unknown[0] or "–"},
            )
        return np.array([known[name] for name in series], np.int64)

    def apply(self, measurements: Measurements) -> Floats:
        """Return the values scaled (R, V), NaN where missing.

        Raises `DataError` for other columns than the training data's, and for a series that it did not have.
        """
        if measurements.columns != self.settings.columns:
            raise DataError(
                "the columns are {came}, the model knows {expected}",
                "give the columns that it was trained on",
                where=measurements.name,
                values={
                    "came": ", ".join(measurements.columns),
                    "expected": ", ".join(self.settings.columns),
                },
            )
        places = np.repeat(self.places(measurements.series), measurements.lengths)
        scaled = np.empty_like(measurements.values)
        for column in range(scaled.shape[1]):
            means, deviations = self.means[:, column], self.deviations[:, column]
            scaled[:, column] = (measurements.values[:, column] - means[places]) / deviations[places]
        return scaled

    def apply_static(self, measurements: Measurements) -> Floats:
        """Return the static values scaled (S, K)."""
        means, deviations = np.array(self.settings.static_means), np.array(self.settings.static_deviations)
        scaled: Floats = ((measurements.statics - means) / deviations).astype(np.float32)
        return scaled

    def undo(self, answers: Floats, places: Ints) -> Floats:
        """Return scaled answers (n, H, D) or (n, H, D, Q) of the D targets in their own units.

        `places` (n,) tells the series of each window among those that were learned (see `places`).
        """
        shape = (len(answers), 1, answers.shape[2], *[1] * (answers.ndim - 3))
        targets = answers.shape[2]
        means = self.means[places, :targets].reshape(shape)
        deviations = self.deviations[places, :targets].reshape(shape)
        return (answers * deviations + means).astype(np.float32)

    def save(self, folder: Path) -> None:
        """Write `scaling.json` into `folder`."""
        write_text(folder / _SETTINGS, self.settings.model_dump_json(indent=2) + "\n")

    @classmethod
    def load(cls, folder: Path) -> "Scaler":
        """Read what `save` wrote; raise `ModelFileError` if it cannot be read."""
        return cls(load_settings(ScalerSettings, folder / _SETTINGS))


def _mean_and_deviation(numbers: Doubles, groups: Ints, count: int) -> tuple[Doubles, Doubles]:
    """Return mean and deviation of each of `count` groups; 0 and 1 where there is nothing, 1 where nothing changes."""
    counts = np.maximum(np.bincount(groups, minlength=count), 1)
    means = np.bincount(groups, numbers, minlength=count) / counts
    squares = np.bincount(groups, (numbers - means[groups]) ** 2, minlength=count) / counts
    least, largest = np.full(count, np.inf), np.full(count, -np.inf)
    np.minimum.at(least, groups, numbers)
    np.maximum.at(largest, groups, numbers)
    changing = (least < largest) & (squares > _LEAST_DEVIATION**2)
    return means, np.where(changing, np.sqrt(squares), 1.0)
