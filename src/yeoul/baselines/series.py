"""The number to beat for labelled series: a linear model on what can be measured in any series.

Per channel: the values at 32 even distances, mean, deviation, least, largest, slope, the correlation of neighbours,
and the strength of the 16 slowest waves. All of it standardized over the training rows, into a logistic regression
(one machine a label for several of them), or ridge regression for a number.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from yeoul.errors import ModelFileError
from yeoul.recipe import TargetKind

Floats = npt.NDArray[np.float32]

_PLACES = 32
_WAVES = 16
_PASSES = 2000
_LOG_ODDS_LIMIT = 12.0  # of a label that all or none of the training rows have


@dataclass(frozen=True, eq=False)
class LinearSeries:
    """A fitted linear model: features are shifted by `means` (F,), scaled by `scales` (F,), times `weights` (F, K)."""

    kind: TargetKind
    means: npt.NDArray[np.float64]
    scales: npt.NDArray[np.float64]
    weights: npt.NDArray[np.float64]
    biases: npt.NDArray[np.float64]

    @classmethod
    def fit(
        cls,
        values: Floats,
        lengths: npt.NDArray[np.int64],
        targets: npt.NDArray[Any],
        kind: TargetKind,
        outputs: int,
    ) -> "LinearSeries":
        """Fit to N series end to end, `values` (sum of `lengths`, D), and their targets."""
        features = series_features(values, lengths)
        means, scales = features.mean(axis=0), features.std(axis=0)
        scales[scales < 1e-9] = 1.0
        rows = (features - means) / scales
        match kind:
            case "class":
                weights, biases = _classes(rows, targets, outputs)
            case "labels":
                machines = [
                    _classes(rows, (targets[:, label] > 0).astype(np.int64), 2) for label in range(outputs)
                ]
                weights = np.stack([one[:, 1] - one[:, 0] for one, _ in machines], axis=1)
                biases = np.array([bias[1] - bias[0] for _, bias in machines])
            case "number":
                weights, biases = _number(rows, targets)
        return cls(kind, means, scales, weights, biases)

    def answers(self, values: Floats, lengths: npt.NDArray[np.int64]) -> Floats:
        """Return log-probabilities or log-odds (N, V), or numbers (N, 1)."""
        scores = ((series_features(values, lengths) - self.means) / self.scales) @ self.weights + self.biases
        if self.kind == "class":
            scores -= np.logaddexp.reduce(scores, axis=1, keepdims=True)
        answers: Floats = scores.astype(np.float32)
        return answers

    def to_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return the model as arrays, all that `from_arrays` needs beside its kind."""
        return {"means": self.means, "scales": self.scales, "weights": self.weights, "biases": self.biases}

    @classmethod
    def from_arrays(
        cls, arrays: Mapping[str, npt.NDArray[Any]], kind: TargetKind, *, where: str = ""
    ) -> "LinearSeries":
        """Restore a model; raise `ModelFileError`, with `where` as its place, for what `to_arrays` did not write."""
        parts = [arrays.get(name) for name in ("means", "scales", "weights", "biases")]
        found = [part for part in parts if part is not None and part.dtype == np.float64]
        if len(found) == len(parts) and all(np.isfinite(part).all() for part in found):
            means, scales, weights, biases = found
            rows = means.shape[:1]
            if (
                means.shape == scales.shape == rows
                and weights.shape == rows + biases.shape
                and (scales > 0).all()
            ):
                return cls(kind, means, scales, weights, biases)
        raise ModelFileError(
            "the linear model is damaged or from another version",
            "copy the folder again from its source, or train again",
            where=where,
        )


def series_features(values: Floats, lengths: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Measure N series end to end, `values` (sum of `lengths`, D): (N, D · 54). A series of no steps measures zero."""
    ends = np.cumsum(lengths)
    width = values.shape[1]
    features = np.zeros((len(lengths), width * (_PLACES + 6 + _WAVES)))
    for row, (start, end) in enumerate(zip(ends - lengths, ends, strict=True)):
        if end > start:
            features[row] = np.concatenate(
                [_measured(values[start:end, channel].astype(np.float64)) for channel in range(width)]
            )
    return features


def _measured(series: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    steps = len(series)
    places = np.interp(np.linspace(0, steps - 1, _PLACES), np.arange(steps), series)
    centered = series - series.mean()
    power = float(centered @ centered)
    time = np.arange(steps) - (steps - 1) / 2
    slope = float(time @ centered) / max(float(time @ time), 1.0)
    neighbours = float(centered[:-1] @ centered[1:]) / power if power > 0 else 0.0
    waves = np.zeros(_WAVES)
    found = np.abs(np.fft.rfft(centered))[1 : _WAVES + 1] / steps
    waves[: len(found)] = found
    told = [series.mean(), series.std(), series.min(), series.max(), slope, neighbours]
    return np.concatenate([places, told, waves])


def _classes(
    rows: npt.NDArray[np.float64], targets: npt.NDArray[np.int64], outputs: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return weights (F, V) and biases (V,); a class that no row has is all but impossible."""
    from sklearn.linear_model import LogisticRegression

    weights, biases = np.zeros((rows.shape[1], outputs)), np.full(outputs, -_LOG_ODDS_LIMIT)
    found = np.unique(targets)
    if len(found) == 1:
        biases[found] = 0.0
        return weights, biases
    machine = LogisticRegression(max_iter=_PASSES).fit(rows, targets)
    if len(found) == 2:
        weights[:, found[1]], biases[found] = machine.coef_[0], (0.0, machine.intercept_[0])
    else:
        weights[:, found], biases[found] = machine.coef_.T, machine.intercept_
    return weights, biases


def _number(
    rows: npt.NDArray[np.float64], numbers: npt.NDArray[Any]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    from sklearn.linear_model import Ridge

    machine = Ridge().fit(rows, numbers.astype(np.float64))
    return machine.coef_[:, None], np.array([machine.intercept_])
