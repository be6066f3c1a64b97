"""Score forecasts beside those of the baselines, and write what a person looks at afterwards.

`evaluation/<split>/` then holds `metrics.json` (scores, intervals, verdict), `predictions.csv` (every target time
once), `worst.csv` (the windows that went worst), `slices.json` (hours, weekdays and months where the model is weak) and
`fans.json` (some windows to draw).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from yeoul.data.measured.window_rows import WindowRows
from yeoul.data.measured.windows import first_moments
from yeoul.files import write_bytes
from yeoul.metrics.forecast_slices import slice_times, worst_windows
from yeoul.metrics.forecasts import (
    LEVELS,
    Truth,
    compare_forecasts,
    score_forecasts,
    seasonal_errors,
    window_errors,
)
from yeoul.runs.folder import RunFolder, write_json
from yeoul.spreadsheets import spreadsheet
from yeoul.tasks.forecasting.fans import fan, named_times, numbers

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
_MIDDLE = len(LEVELS) // 2
_SHOWN = {"low_90": 0, "low_80": 1, "high_80": 5, "high_90": 6}
_PREDICTIONS = 200_000
_WORST = 50
_FANS = 6
_WORST_FANS = 3
_POINTS = 500


@dataclass(frozen=True, eq=False)
class Asked:
    """Windows of a split with what came true in them."""

    rows: WindowRows
    truth: Truth

    @classmethod
    def of(cls, rows: WindowRows, training: npt.NDArray[np.bool_] | None = None) -> "Asked":
        """Look up what came true; the scales of errors are those of the rows marked in `training` (R,), else of all."""
        plan, measurements = rows.plan, rows.source.measurements
        if training is None:
            training = np.ones(measurements.rows, bool)
        targets = measurements.values[:, : len(plan.targets)]
        deviations = np.nanstd(targets[training].astype(np.float64), axis=0)
        first = first_moments(measurements) - measurements.offsets[:-1]
        truth = Truth(
            rows.truth(),
            rows.origins + first[rows.series],  # on the clock that all series share
            rows.series,
            seasonal_errors(targets, measurements.offsets, training, plan.season),
            np.where(deviations > 0, deviations, 1.0),
            max(plan.reach, plan.season),
            plan.targets,
        )
        return cls(rows, truth)

    def scaled_as(self, scores: Mapping[str, Any]) -> "Asked":
        """Measure errors on the scales of earlier scores, that is of their training rows, for all series they know."""
        rows = dict(zip(scores["series"], scores["seasonal"], strict=True))
        own = zip(self.rows.source.measurements.series, self.truth.seasonal.tolist(), strict=True)
        seasonal = np.array([rows.get(name, errors) for name, errors in own], np.float64)
        deviations = np.array(scores.get("deviations", self.truth.deviations), np.float64)
        return replace(self, truth=replace(self.truth, seasonal=seasonal, deviations=deviations))

    def evaluate(
        self, answers: Floats, baselines: Mapping[str, Floats], against: str, seed: int
    ) -> dict[str, Any]:
        """Score a model's answers (N, H, D, 7) and every baseline's (N, H, D, Q); the verdict is against `against`."""
        plan = self.rows.plan
        compared = []
        for name, theirs in baselines.items():
            verdict = compare_forecasts(answers, theirs, self.truth, against=name, seed=seed)
            told = score_forecasts(theirs, self.truth, seed).to_json()
            compared.append(
                {
                    "name": name,
                    "scores": told["scores"],
                    "columns": told["columns"],
                    "steps": told["steps"],
                    "verdict": verdict.to_json(),
                }
            )
        scores = score_forecasts(answers, self.truth, seed).to_json()
        return {
            "task": "forecast",
            "target_kind": "forecast",
            "metric": self.truth.deciding(),
            "seed": seed,
            "rows": scores["windows"],
            "targets": list(plan.targets),
            "horizon": plan.horizon,
            "delay": plan.delay,
            "every": plan.every,
            "season": plan.season,
            "levels": list(LEVELS),
            **scores,
            "series": list(self.rows.source.measurements.series),
            "seasonal": [
                [None if np.isnan(error) else error for error in errors]
                for errors in self.truth.seasonal.tolist()
            ],
            "deviations": self.truth.deviations.tolist(),
            "residuals": self._residuals(answers),
            "points": self._points(answers),
            "baselines": compared,
            "verdict": next(one["verdict"] for one in compared if one["name"] == against),
        }

    def write(
        self, run: RunFolder, split: str, scores: Mapping[str, Any], answers: Floats, beside: Floats
    ) -> None:
        """Write `evaluation/<split>/`; `beside` (N, H, D, Q) are the answers of the number to beat."""
        folder = run.evaluation(split)
        folder.mkdir(parents=True, exist_ok=True)
        write_json(folder / "metrics.json", {"split": split, **scores})
        header = ("series", "time", "column", "target", "predicted", *_SHOWN)
        write_bytes(folder / "predictions.csv", spreadsheet(header, self._lines(answers)))
        worst = worst_windows(answers, self.truth, _WORST)
        header = ("where", "from", "to", "error")
        write_bytes(folder / "worst.csv", spreadsheet(header, self._worst(worst, answers)))
        times = self.rows.times()
        if not np.isnat(times).any():
            slices = slice_times(answers, self.truth, times, int(scores["seed"]))
            write_json(folder / "slices.json", slices.to_json())
        even = np.unique(np.linspace(0, len(self.rows) - 1, _FANS + 2).astype(np.int64)[1:-1])
        fans = {
            "levels": list(LEVELS),
            "against": scores["verdict"]["against"],
            "even": [self._fan(place, answers, beside) for place in even.tolist()],
            "worst": [self._fan(place, answers, beside) for place in worst[:_WORST_FANS].tolist()],
        }
        write_json(folder / "fans.json", fans)

    def _residuals(self, answers: Floats) -> dict[str, float]:
        """Return quantiles of how far the points of the first column are above the truth."""
        errors = answers[:, :, 0, _MIDDLE] - self.truth.values[:, :, 0]
        errors = errors[~np.isnan(errors)]
        if not len(errors):
            return {}
        shares = {"p5": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95}
        return {name: float(np.quantile(errors, share)) for name, share in shares.items()}

    def _points(self, answers: Floats) -> list[tuple[float, float]]:
        """Return some true numbers of the first column, evenly spread in their order, with what was forecast."""
        true, said = self.truth.values[:, :, 0], answers[:, :, 0, _MIDDLE]
        present = ~np.isnan(true)
        true, said = true[present], said[present]
        order = np.argsort(true, kind="stable")
        if not len(order):
            return []
        places = order[np.unique(np.linspace(0, len(order) - 1, min(_POINTS, len(order))).astype(np.int64))]
        return [(float(true[place]), float(said[place])) for place in places]

    def _lines(self, answers: Floats) -> Iterator[Sequence[str]]:
        """Yield a line for each target time and column: of windows that follow one another without a gap."""
        plan, measurements = self.rows.plan, self.rows.source.measurements
        chosen = _apart(self.rows.origins, self.rows.series, plan.horizon)
        most = max(1, _PREDICTIONS // (plan.horizon * len(plan.targets)))
        for place in chosen[:most].tolist():
            name = measurements.series[int(self.rows.series[place])]
            times = self._named_times(place)
            for step, time in enumerate(times):
                for column, target in enumerate(plan.targets):
                    true = float(self.truth.values[place, step, column])
                    said = answers[place, step, column]
                    yield (
                        name,
                        time,
                        target,
                        "" if np.isnan(true) else f"{true:.6g}",
                        f"{said[_MIDDLE]:.6g}",
                        *(f"{said[level]:.6g}" for level in _SHOWN.values()),
                    )

    def _worst(self, places: Ints, answers: Floats) -> Iterator[Sequence[str]]:
        measurements = self.rows.source.measurements
        errors = window_errors(answers[places], self.truth.chosen(places))
        for place, error in zip(places.tolist(), errors.tolist(), strict=True):
            times = self._named_times(place)
            where = measurements.where(int(self.rows.origins[place]) - 1)
            yield where, times[0], times[-1], f"{error:.6g}"

    def _fan(self, place: int, answers: Floats, beside: Floats) -> dict[str, Any]:
        """Return one window with its newest past, what came true, and what the number to beat said."""
        times, origin = self.rows.times(np.array([place]))[0], int(self.rows.origins[place])
        drawn = fan(self.rows.source.measurements, self.rows.plan, origin, times, answers[place])
        for column, told in enumerate(drawn["columns"]):
            told["truth"] = numbers(self.truth.values[place, :, column])
            told["beside"] = numbers(beside[place, :, column, beside.shape[3] // 2])
        return drawn

    def _named_times(self, place: int) -> list[str]:
        """Name the times of a window's targets by the clock, or by their rows from 1 where no times are known."""
        times, plan = self.rows.times(np.array([place]))[0], self.rows.plan
        if not np.isnat(times).any():
            return named_times(times, plan.delay)
        offset = self.rows.source.measurements.offsets[self.rows.series[place]]
        first = int(self.rows.origins[place] - offset) + plan.delay + 1
        return [str(first + step) for step in range(len(times))]


def _apart(origins: Ints, series: Ints, rows: int) -> Ints:
    """Choose windows at least so many rows apart within each series, from the first on."""
    chosen: list[int] = []
    newest: dict[int, int] = {}
    for place, (origin, own) in enumerate(zip(origins.tolist(), series.tolist(), strict=True)):
        if own not in newest or origin - newest[own] >= rows:
            chosen.append(place)
            newest[own] = origin
    return np.array(chosen, np.int64)
