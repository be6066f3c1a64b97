"""The linear number to beat for forecasts: ridge regression from the look-back to every step of the horizon at once.

With normalize "last" each target's newest value is taken from its own past before and added to the answers after, so
the level may wander. The regression is solved through the inputs' moments, summed block by block: memory does not grow
with the windows. Inputs are standardized; to the mean squared error the penalty times the squared weights is added. Of
steps that are known ahead only every so many are read where there would be more than 1500 numbers.

Where a target is missing at some steps of a window, these steps alone leave the window out; a window that has no value
of a target at all is left out whole.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from yeoul.errors import DataError, ModelFileError, RecipeError
from yeoul.recipe import LagsRecipe

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Block = tuple[Floats, Floats, Floats]
"""The look-back (n, L, C), newest step last, its first D channels the targets; what is known ahead (n, H, K); the
targets (n, H, D), NaN where missing. All scaled; K may be 0."""

PENALTIES = (1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1.0, 10.0, 100.0)
_UNTRIED = 1e-2  # without any validation window
_LEAST = 1e-9  # keeps inputs that say the same apart
_MOST_INPUTS = 6000
_MOST_KNOWN = 1500


@dataclass(frozen=True)
class _Sizes:
    """L steps and C channels of the look-back, the horizon H, K known columns, D targets, and how they are read."""

    steps: int
    channels: int
    horizon: int
    known: int
    targets: int
    shifted: bool
    apart: bool

    @property
    def groups(self) -> int:
        """Number of regressions A: one for each target, or one for all."""
        return self.targets if self.apart else 1

    @property
    def stride(self) -> int:
        """Of the steps that are known ahead, every so many is read where all would be too many."""
        return max(1, -(-self.horizon * self.known // _MOST_KNOWN))

    @property
    def inputs(self) -> int:
        """Number of inputs F of each regression."""
        known = len(range(0, self.horizon, self.stride)) * self.known
        return self.steps * (1 if self.apart else self.channels) + known

    @property
    def outputs(self) -> int:
        """Number of outputs O of each regression."""
        return self.horizon * (1 if self.apart else self.targets)

    def base(self, series: Floats) -> Doubles:
        """Return what is taken from the targets before and added after: (n, D)."""
        newest = series[:, -1, : self.targets].astype(np.float64)
        return newest if self.shifted else np.zeros_like(newest)

    def features(self, series: Floats, known: Floats, group: int) -> Doubles:
        """Return the inputs of one regression: (n, F)."""
        rows = len(series)
        base = self.base(series)
        if self.apart:
            past = series[:, :, group] - base[:, None, group]
        else:
            past = series.astype(np.float64)
            past[:, :, : self.targets] -= base[:, None]
        ahead = known[:, :: self.stride].astype(np.float64)
        return np.concatenate([past.reshape(rows, -1), ahead.reshape(rows, -1)], axis=1)

    def wanted(self, series: Floats, targets: Floats, group: int) -> Doubles:
        """Return the outputs of one regression, NaN where missing: (n, O)."""
        shifted = targets - self.base(series)[:, None]
        return shifted[:, :, group] if self.apart else shifted.reshape(len(series), -1)


@dataclass(frozen=True, eq=False)
class Lags:
    """A fitted regression: inputs times `weights` (A, F, O) and `biases` (A, O), with the `penalties` (A,) chosen."""

    sizes: _Sizes
    weights: Doubles
    biases: Doubles
    penalties: Doubles

    @classmethod
    def fit(cls, recipe: LagsRecipe, training: Iterable[Block], validation: Iterable[Block]) -> "Lags":
        """Fit to windows that come in blocks; the penalty is that with the least absolute error on `validation`.

        Both are read once, `validation` only when the recipe names no penalty. Raises `DataError` when no training
        window has a value of each target, and `RecipeError` when a regression would read more than 6000 inputs.
        """
        moments: list[_Moments] = []
        sizes = None
        for series, known, targets in training:
            if sizes is None:
                sizes = _sizes(recipe, series, known, targets)
                moments = [_Moments.empty(sizes) for _ in range(sizes.groups)]
            for group, moment in enumerate(moments):
                moment.add(sizes.features(series, known, group), sizes.wanted(series, targets, group))
        if sizes is None or any((moment.counts == 0).any() for moment in moments):
            raise DataError(
                "no window of the training rows has a value of every target at every step",
                "shorten forecast.horizon or forecast.lookback, or add rows",
            )
        if recipe.penalty is not None:
            tried: Sequence[float] = (recipe.penalty,)
        else:
            tried = PENALTIES
        solved = [moment.solved(tried) for moment in moments]
        chosen = np.zeros(sizes.groups, dtype=np.int64)
        if len(tried) > 1:
            chosen = _best(sizes, solved, validation)
        return cls(
            sizes,
            np.stack([weights[place] for (weights, _), place in zip(solved, chosen, strict=True)]),
            np.stack([biases[place] for (_, biases), place in zip(solved, chosen, strict=True)]),
            np.array(tried)[chosen],
        )

    def answers(self, series: Floats, known: Floats) -> Floats:
        """Return scaled points (n, H, D) for look-backs (n, L, C) and what is known ahead (n, H, K)."""
        sizes = self.sizes
        said = np.empty((len(series), sizes.horizon, sizes.targets), dtype=np.float32)
        base = sizes.base(series)
        for group in range(sizes.groups):
            found = sizes.features(series, known, group) @ self.weights[group] + self.biases[group]
            if sizes.apart:
                said[:, :, group] = found + base[:, None, group]
            else:
                said[:] = found.reshape(said.shape) + base[:, None]
        return said

    def to_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return the model as arrays, all that `from_arrays` needs."""
        sizes = self.sizes
        told = (sizes.steps, sizes.channels, sizes.horizon, sizes.known, sizes.targets)
        return {
            "sizes": np.array([*told, sizes.shifted, sizes.apart], dtype=np.int64),
            "weights": self.weights,
            "biases": self.biases,
            "penalties": self.penalties,
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]], *, where: str = "") -> "Lags":
        """Restore a model; raise `ModelFileError`, with `where` as its place, for what `to_arrays` did not write."""
        told = arrays.get("sizes")
        parts = [arrays.get(name) for name in ("weights", "biases", "penalties")]
        found = [part for part in parts if part is not None and part.dtype == np.float64]
        if told is not None and told.dtype == np.int64 and told.shape == (7,) and len(found) == len(parts):
            steps, channels, horizon, known, targets, shifted, apart = (int(number) for number in told)
            sizes = _Sizes(steps, channels, horizon, known, targets, bool(shifted), bool(apart))
            groups, width = sizes.groups, sizes.outputs
            shapes = [(groups, sizes.inputs, width), (groups, width), (groups,)]
            usable = min(steps, horizon, targets) > 0 and known >= 0 and {shifted, apart} <= {0, 1}
            finite = all(np.isfinite(part).all() for part in found)
            if usable and finite and channels >= targets and [part.shape for part in found] == shapes:
                return cls(sizes, *found)
        raise ModelFileError(
            "the linear model is damaged or from another version",
            "copy the folder again from its source, or train again",
            where=where,
        )


@dataclass(eq=False)
class _Moments:
    """Sums over windows: of inputs and their products, and for each output over the windows that have it."""

    horizon: int
    rows: int
    sums: Doubles  # (F,)
    products: Doubles  # (F, F)
    counts: Doubles  # (O,)
    shares: Doubles  # (F, O) inputs where the output is present
    outputs: Doubles  # (O,)
    cross: Doubles  # (F, O)

    @classmethod
    def empty(cls, sizes: _Sizes) -> "_Moments":
        inputs, outputs = sizes.inputs, sizes.outputs
        return cls(
            sizes.horizon,
            0,
            np.zeros(inputs),
            np.zeros((inputs, inputs)),
            np.zeros(outputs),
            np.zeros((inputs, outputs)),
            np.zeros(outputs),
            np.zeros((inputs, outputs)),
        )

    def add(self, features: Doubles, wanted: Doubles) -> None:
        """Add a block: inputs (n, F) and outputs (n, O)."""
        present = ~np.isnan(wanted)
        by_step = present.reshape(len(present), self.horizon, -1)  # (n, H, targets)
        some = np.all(by_step.any(axis=1), axis=1)
        if not some.all():
            features, wanted, present = features[some], wanted[some], present[some]
        self.rows += len(features)
        self.sums += features.sum(axis=0)
        self.products += features.T @ features
        self.counts += present.sum(axis=0)
        if present.all():
            self.shares += features.sum(axis=0)[:, None]
        else:
            wanted = np.where(present, wanted, 0.0)
            self.shares += features.T @ present
        self.outputs += wanted.sum(axis=0)
        self.cross += features.T @ wanted

    def solved(self, penalties: Sequence[float]) -> tuple[list[Doubles], list[Doubles]]:
        """Return weights (F, O) and biases (O,) for each penalty."""
        from scipy.linalg import cho_factor, cho_solve  # slow to import

        means = self.sums / self.rows
        covariance = self.products / self.rows - np.outer(means, means)
        deviations = np.sqrt(np.maximum(np.diag(covariance), 0.0))
        constant = deviations < 1e-6
        scales = np.where(constant, 1.0, deviations)
        covariance = covariance / np.outer(scales, scales)
        covariance[constant] = 0.0
        covariance[:, constant] = 0.0
        inputs, outputs = self.shares / self.counts, self.outputs / self.counts
        cross = (self.cross / self.counts - inputs * outputs) / scales[:, None]
        cross[constant] = 0.0
        weights, biases = [], []
        diagonal = np.diag_indices(len(scales))
        for penalty in penalties:
            lifted = covariance.copy()
            lifted[diagonal] += max(penalty, _LEAST)
            found = cho_solve(cho_factor(lifted, overwrite_a=True, check_finite=False), cross)
            found /= scales[:, None]
            weights.append(found)
            biases.append(outputs - np.einsum("fo,fo->o", inputs, found))
        return weights, biases


def _sizes(recipe: LagsRecipe, series: Floats, known: Floats, targets: Floats) -> _Sizes:
    sizes = _Sizes(
        steps=series.shape[1],
        channels=series.shape[2],
        horizon=targets.shape[1],
        known=known.shape[2],
        targets=targets.shape[2],
        shifted=recipe.normalize == "last",
        apart=recipe.variables == "apart",
    )
    if sizes.inputs > _MOST_INPUTS:
        raise RecipeError(
            "a regression on {inputs} inputs is too large; at most {most} are possible",
            'shorten forecast.lookback, raise forecast.step, or set model.variables to "apart"',
            where="forecast.lookback",
            values={"inputs": sizes.inputs, "most": _MOST_INPUTS},
        )
    return sizes


def _best(
    sizes: _Sizes, solved: Sequence[tuple[list[Doubles], list[Doubles]]], blocks: Iterable[Block]
) -> npt.NDArray[np.int64]:
    """Return the place of the penalty with the least absolute error for each regression: (A,)."""
    errors = np.zeros((sizes.groups, len(PENALTIES)))
    for series, known, targets in blocks:
        for group, (weights, biases) in enumerate(solved):
            features, wanted = sizes.features(series, known, group), sizes.wanted(series, targets, group)
            for place, (weight, bias) in enumerate(zip(weights, biases, strict=True)):
                errors[group, place] += np.nansum(np.abs(features @ weight + bias - wanted))
    best = errors.argmin(axis=1)
    return np.where(errors.any(axis=1), best, PENALTIES.index(_UNTRIED))
