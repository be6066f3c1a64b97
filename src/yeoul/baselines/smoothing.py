"""The number to beat from before the networks: exponential smoothing, fitted to each series and column by itself.

A level ℓ, a trend b (none, damped by φ, or straight) and a season s of m rows (none, added, or multiplied) follow the
one-step errors e (Hyndman et al. 2008):

    ŷ = (ℓ + φb) + s   or  (ℓ + φb) · s        e = y - ŷ, 0 where y is missing
    ℓ ← ℓ + φb + αe,   b ← φb + βe,   s ← s + γe     (multiplied: ℓ and b follow e / s, s follows γe / (ℓ + φb))

The first two seasons (ten rows without a season) set the state; the parameters are those of the least squared errors
after them, on the newest training rows (at most 4000, fewer for many columns), found by a search that narrows around
the best of its points; which of the nine kinds it is, is chosen by AICc. With fixed parameters one pass over the rows
gives the state at every origin, and a forecast from it costs nothing. Origins within the rows that set the state are
answered by the last value.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from yeoul.baselines.forecasts import Floats, Ints, Origins, last
from yeoul.errors import ModelFileError

Doubles = npt.NDArray[np.float64]

_NONE, _ADDED, _MULTIPLIED = range(3)
_TRENDS = ("none", "damped", "straight")
_FIT_ROWS = 4000
_LEAST_ROWS = 120
_FIT_NUMBERS = 12_000_000  # points · columns · rows in one pass over all columns
_NUMBERS_AT_ONCE = 4_000_000
_POINTS = 48
_ROUNDS = 6
_WARM_ROWS = 10
_SEASONS_TO_FIT = 3
_FLOOR = 1e-2  # of a multiplied season, and of the level in units of its start


@dataclass(frozen=True, eq=False)
class _Start:
    """The state before the first row of K columns: `level` (K,), `trend` (K,), `seasons` (m, K)."""

    level: Doubles
    trend: Doubles
    seasons: Doubles


@dataclass(frozen=True, eq=False)
class _States:
    """Level and trend of K columns after each row (T, K); seasons (m + T, K), of which m are those before any row."""

    levels: Doubles
    trends: Doubles
    seasons: Doubles

    def forecasts(self, column: int, read: Ints, steps: Ints, damping: float, form: int) -> Doubles:
        """Return what a column will be so many `steps` (H,) after so many rows (n,) were read: (n, H)."""
        period = len(self.seasons) - len(self.levels)
        reach = np.cumsum(damping ** np.arange(1, steps[-1] + 2, dtype=np.float64))[steps]  # φ + φ² + …
        base: Doubles = self.levels[read - 1, column, None] + self.trends[read - 1, column, None] * reach
        season = self.seasons[read[:, None] + steps % period, column]
        told: Doubles = base * season if form == _MULTIPLIED else base + season
        return told


@dataclass(frozen=True, eq=False)
class Smoothing:
    """Fitted parameters α, β, γ, φ of S series and D columns (S, D, 4) and what their seasons do (S, D): 0, 1 or 2.

    `season` is in rows; 1 where the training rows hold less than three and none was tried.
    """

    season: int
    parameters: Doubles
    forms: Ints

    @classmethod
    def fit(
        cls, values: npt.ArrayLike, offsets: npt.ArrayLike, training: npt.ArrayLike, season: int
    ) -> "Smoothing":
        """Fit to the `training` rows (R,) of S series end to end, `values` (R, D) with NaN where missing.

        Series s stands in the rows from `offsets[s]` to `offsets[s + 1]`; its training rows are its first ones.
        """
        known, borders = np.asarray(values, dtype=np.float64), np.asarray(offsets, dtype=np.int64)
        chosen = np.asarray(training, dtype=bool)
        ends = [start + int(np.count_nonzero(chosen[start:end])) for start, end in pairwise(borders.tolist())]
        width = known.shape[1]
        columns = max(1, len(ends) * width)
        most = int(np.clip(_FIT_NUMBERS // (columns * _POINTS), _LEAST_ROWS, _FIT_ROWS))
        longest = max(end - start for start, end in zip(borders, ends, strict=False))
        if min(most, longest) < _SEASONS_TO_FIT * season:
            season = 1
        tails = [known[max(start, end - most) : end] for start, end in zip(borders, ends, strict=False)]
        parameters = np.zeros((len(tails), width, 4))
        forms = np.zeros((len(tails), width), dtype=np.int64)
        for some in _batches([len(tail) for tail in tails], lambda rows: (rows + season * _POINTS) * width):
            stacked = _stacked([tails[place] for place in some])  # (T, K)
            found, form = _fitted(stacked, season)
            parameters[some] = found.T.reshape(len(some), width, 4)
            forms[some] = form.reshape(len(some), width)
        return cls(season, parameters, forms)

    def answers(self, origins: Origins, places: npt.ArrayLike) -> Floats:
        """Answer from the state at each origin: (N, H, D).

        `places` (S,) tells which of the fitted series each series of `origins` is. The state comes from the rows that
        `origins` holds, so that they should reach back over some seasons.
        """
        said = np.array(last(origins))
        past, borders = origins.past().astype(np.float64), origins.offsets.tolist()
        own = np.asarray(places, dtype=np.int64)
        rows = [past[start:end] for start, end in pairwise(borders)]
        width = past.shape[1]
        at = np.searchsorted(origins.offsets, origins.rows - 1, side="right") - 1
        warm = _warm(self.season)
        for some in _batches([len(part) for part in rows], lambda rows: rows * width):
            stacked = _stacked([rows[place] for place in some])
            parameters = self.parameters[own[some]].reshape(-1, 4).T  # (4, K)
            forms = self.forms[own[some]].reshape(-1)
            states = _states(stacked, parameters, forms, self.season)
            known = np.any(~np.isnan(stacked[:warm]), axis=0, keepdims=True)[0]
            for column, place in enumerate(some.tolist()):
                windows = np.flatnonzero((at == place) & (origins.rows >= borders[place] + warm))
                rows_read = origins.rows[windows] - borders[place]
                for target in np.flatnonzero(known[column * width : (column + 1) * width]).tolist():
                    here = column * width + target
                    form, damping = int(forms[here]), float(parameters[3, here])
                    found = states.forecasts(here, rows_read, origins.steps(), damping, form)
                    said[windows, :, target] = np.where(np.isfinite(found), found, said[windows, :, target])
        return said

    def to_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return the model as arrays, all that `from_arrays` needs."""
        return {"season": np.array([self.season]), "parameters": self.parameters, "forms": self.forms}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]], *, where: str = "") -> "Smoothing":
        """Restore a model; raise `ModelFileError`, with `where` as its place, for what `to_arrays` did not write."""
        season, parameters, forms = (arrays.get(name) for name in ("season", "parameters", "forms"))
        if season is not None and parameters is not None and forms is not None:
            types = [part.dtype for part in (season, parameters, forms)]
            shapes = season.shape == (1,) and parameters.shape == (*forms.shape, 4) and forms.ndim == 2
            if types == [np.int64, np.float64, np.int64] and shapes:
                inside = ((parameters >= 0) & (parameters <= 1)).all() and np.isin(forms, (0, 1, 2)).all()
                if inside and 0 < int(season[0]) < 2**31:
                    return cls(int(season[0]), parameters, forms)
        raise ModelFileError(
            "the smoothing model is damaged or from another version",
            "copy the folder again from its source, or train again",
            where=where,
        )


def _warm(season: int) -> int:
    """Return how many rows set the state."""
    return 2 * season if season > 1 else _WARM_ROWS


def _batches(lengths: list[int], numbers: Callable[[int], int]) -> Iterator[Ints]:
    """Group series of about one length, the longest first, so that all of a group hold only so many `numbers`."""
    order = np.argsort(lengths, kind="stable")[::-1]
    start = 0
    while start < len(order):
        size = max(1, _NUMBERS_AT_ONCE // max(1, numbers(lengths[order[start]])))
        yield order[start : start + size]
        start += size


def _stacked(series: list[Doubles]) -> Doubles:
    """Put series (T, D) of several lengths side by side, NaN after the end: (T, S · D)."""
    longest, width = max(len(one) for one in series), series[0].shape[1]
    stacked = np.full((longest, len(series), width), np.nan)
    for place, one in enumerate(series):
        stacked[: len(one), place] = one
    return stacked.reshape(longest, -1)


def _start(values: Doubles, season: int, form: int, *, trend: bool) -> _Start:
    """Set the state before the first row from the first rows of `values` (T, K)."""
    first = np.full((_warm(season), values.shape[1]), np.nan)
    first[: len(values)] = values[: len(first)]
    half = len(first) // 2
    early, late = _means(first[:half]), _means(first[half:])
    slope = np.where(np.isnan(late - early), 0.0, (late - early) / half)
    early = np.where(np.isnan(early), np.where(np.isnan(late), 0.0, late), early)
    level = early - slope * (half + 1) / 2 if trend else early
    seasons = np.full((season, values.shape[1]), 1.0 if form == _MULTIPLIED else 0.0)
    if form != _NONE:
        middles = np.stack([early, np.where(np.isnan(late), early, late)])[:, None]  # (2, 1, K)
        rise = (np.arange(season) - (season - 1) / 2)[:, None] * slope  # within a season, the trend's part
        parts = first.reshape(2, season, -1)
        if form == _MULTIPLIED:
            line = np.where(middles > 0, np.maximum(middles + rise, _FLOOR * middles), np.nan)
            mean = np.maximum(_means(parts / line), _FLOOR)
        else:
            mean = _means(parts - middles - rise)
        seasons = np.where(np.isnan(mean), seasons, mean)
    return _Start(level, slope if trend else np.zeros_like(slope), seasons)


def _means(values: Doubles) -> Doubles:
    """Return the mean of what is present along the first axis, NaN where nothing is."""
    present = ~np.isnan(values)
    count = present.sum(axis=0)
    return np.where(count > 0, np.where(present, values, 0.0).sum(axis=0) / np.maximum(count, 1), np.nan)


def _steps(
    values: Doubles, start: _Start, parameters: Doubles, form: int
) -> Iterator[tuple[Doubles, Doubles, Doubles, Doubles]]:
    """Yield error, level, trend and season (P, K) after each row of `values` (T, K); `parameters` are (4, P, K)."""
    alpha, beta, gamma, phi = parameters
    present = ~np.isnan(values)
    filled = np.where(present, values, 0.0)
    level = np.broadcast_to(start.level, alpha.shape)
    trend = np.broadcast_to(start.trend, alpha.shape)
    seasons = np.repeat(start.seasons[:, None], alpha.shape[0], axis=1)  # (m, P, K)
    floor = np.maximum(_FLOOR * np.abs(start.level), 1e-300)
    period = len(seasons)
    for row in range(len(values)):
        season = seasons[row % period]
        trend = phi * trend
        base = level + trend
        if form == _MULTIPLIED:
            error = (filled[row] - base * season) * present[row]
            moved = error / season
            season = np.maximum(season + gamma * error / np.maximum(base, floor), _FLOOR)
        else:
            moved = error = (filled[row] - base - season) * present[row]
            season = season + gamma * error
        level = base + alpha * moved
        trend = trend + beta * moved
        seasons[row % period] = season
        yield error, level, trend, season


def _states(values: Doubles, parameters: Doubles, forms: Ints, season: int) -> _States:
    """Return the states of columns `values` (T, K) with fixed parameters (4, K) and forms (K,)."""
    levels, trends = np.empty(values.shape), np.empty(values.shape)
    seasons = np.empty((season + len(values), values.shape[1]))
    for form in (_NONE, _ADDED, _MULTIPLIED):
        for trended in (False, True):
            some = np.flatnonzero((forms == form) & ((parameters[3] > 0) == trended))
            if len(some):
                start = _start(values[:, some], season, form, trend=trended)
                seasons[:season, some] = start.seasons
                with np.errstate(over="ignore", invalid="ignore"):
                    walk = _steps(values[:, some], start, parameters[:, None, some], form)
                    for row, (_, level, trend, phase) in enumerate(walk):
                        levels[row, some], trends[row, some] = level[0], trend[0]
                        seasons[season + row, some] = phase[0]
    return _States(levels, trends, seasons)


def _fitted(values: Doubles, season: int) -> tuple[Doubles, Ints]:
    """Return the parameters (4, K) and the form (K,) of the best kind for each column of `values` (T, K)."""
    columns = values.shape[1]
    best = np.full(columns, np.inf)
    parameters, forms = np.zeros((4, columns)), np.zeros(columns, dtype=np.int64)
    parameters[0] = 1.0  # the last value, where nothing can be fitted
    warm = _warm(season)
    count = np.count_nonzero(~np.isnan(values[warm:]), axis=0)
    positive = np.where(np.isnan(values), np.inf, values).min(axis=0) > 0
    for form in (_NONE, _ADDED, _MULTIPLIED) if season > 1 else (_NONE,):
        for trend in _TRENDS:
            found, squares = _searched(values, season, form, trend)
            size = 2 + (trend != "none") + (trend == "damped") + (form != _NONE)  # with the variance
            room = count - size - 1
            with np.errstate(divide="ignore", invalid="ignore"):
                scores = count * np.log(np.maximum(squares / np.maximum(count, 1), 1e-300))
                scores = scores + 2 * size + 2 * size * (size + 1) / np.maximum(room, 1)
            usable = (room > 0) & np.isfinite(scores) & (positive | (form != _MULTIPLIED))
            better = usable & (scores < best)
            best = np.where(better, scores, best)
            forms = np.where(better, form, forms)
            parameters = np.where(better, found, parameters)
    return parameters, forms


def _searched(values: Doubles, season: int, form: int, trend: str) -> tuple[Doubles, Doubles]:
    """Return the parameters (4, K) of the least sum of squared errors, and that sum (K,)."""
    points = _even_points(_POINTS)[..., None]  # (4, P, 1)
    start = _start(values, season, form, trend=trend != "none")
    warm, columns = _warm(season), values.shape[1]
    center, width = np.full((4, 1, columns), 0.5), 0.5
    least, best = np.full(columns, np.inf), np.zeros((4, columns))
    for _ in range(_ROUNDS):
        cube = np.clip(center + width * (2 * points - 1), 0.0, 1.0)  # (4, P, K)
        parameters = _inside(cube, form, trend)
        squares = np.zeros(cube.shape[1:])
        with np.errstate(over="ignore", invalid="ignore"):
            for row, (error, *_) in enumerate(_steps(values, start, parameters, form)):
                if row >= warm:
                    squares += error * error
        squares = np.where(np.isfinite(squares), squares, np.inf)
        place = squares.argmin(axis=0)
        at = np.arange(columns)
        better = squares[place, at] < least
        least = np.where(better, squares[place, at], least)
        best = np.where(better, parameters[:, place, at], best)
        center = np.where(better, cube[:, place, at], center[:, 0])[:, None]
        width *= 0.5
    return best, least


def _even_points(number: int) -> Doubles:
    """Return points that fill the unit cube of four dimensions evenly, its middle first: (4, P).

    An additive recurrence whose step is the root of x⁵ = x + 1, to the powers -1 to -4.
    """
    root = 1.1673039782614187
    steps = root ** -np.arange(1.0, 5.0)
    return (0.5 + steps[:, None] * np.arange(number)) % 1.0


def _inside(cube: Doubles, form: int, trend: str) -> Doubles:
    """Turn points of the unit cube (4, P, K) into parameters; small ones are tried more often than large ones."""
    alpha = 1e-3 + 0.998 * cube[0]
    beta = alpha * np.square(cube[1]) if trend != "none" else 0.0 * alpha
    gamma = (1 - alpha) * np.square(cube[2]) if form != _NONE else 0.0 * alpha
    damping = {"none": 0.0 * alpha, "damped": 0.8 + 0.18 * cube[3], "straight": 0.0 * alpha + 1}[trend]
    return np.stack([alpha, beta, gamma, damping])
