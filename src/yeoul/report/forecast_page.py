"""The panels of a page of forecasts: fans over truth, error by horizon and by the clock, worst windows, backtest."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from yeoul.report import fans, forecast_charts, forecast_views, formats, panels, views
from yeoul.report.contents import Contents
from yeoul.report.drawing import Plan
from yeoul.report.forecast_contents import ForecastContents
from yeoul.report.forecast_facts import clock, measurement_facts
from yeoul.report.forecast_records import Fan, Windows
from yeoul.report.records import Evaluation, Score
from yeoul.report.spans import reach
from yeoul.report.words import Phrase, name, say

_EVEN = 6
_WINDOWS = 3
_WORST = 20
_STEP_ROWS = 48
_BOX = ("p5", "p25", "p50", "p75", "p95")


@dataclass(frozen=True)
class StepRow:
    """One step of the horizon: how far ahead, the error, the shares inside the 90 and 80 % intervals."""

    place: str
    error: str
    inside_90: str
    inside_80: str


def plans(contents: Contents, own: ForecastContents) -> Iterator[Plan]:
    """Return the charts that the contents ask for, those of the training apart."""
    yield from _fans(own)
    found, windows = contents.evaluation, own.windows
    if found is None or windows is None:
        return
    yield from _horizon(found, windows)
    if found.points:
        points = found.points
        label = say("numbers.label", {"count": len(points)})
        yield Plan("numbers", label, lambda each: panels.predicted_against_true(points, each))
    if set(_BOX) <= found.residuals.keys():
        residuals = found.residuals
        label = say("numbers.residual_label", {key: formats.amount(residuals[key]) for key in _BOX})
        yield Plan("residuals", label, lambda each: panels.residuals(residuals, each))
    parts = contents.slices.get(found.split)
    clocks = forecast_views.clock_parts(parts) if parts else []
    if parts is not None and clocks:
        label = say("clocks.label", {"count": len(parts.slices)})
        yield Plan(
            "clocks",
            label,
            lambda each: forecast_charts.clocks(parts.metric, parts.overall, clocks, each),
        )


def values(contents: Contents, own: ForecastContents) -> Mapping[str, object]:
    """Return what the page shows beyond what the pages of all tasks do."""
    found, windows = contents.evaluation, own.windows
    metrics = forecast_views.metrics_of(windows)
    column_metrics, column_rows = (
        forecast_views.column_rows(windows, found) if windows and found else ([], [])
    )
    parts = contents.slices.get(found.split) if found else None
    return {
        "verdict": forecast_views.verdict(contents, own),
        "boards": [
            views.scoreboard(one, metrics, "scores.windows", formats.FORECAST_DIGITS)
            for one in contents.evaluations.values()
        ],
        "sections": _sections(own, bool(column_rows)),
        "card": own.data,
        "files": own.data.files if own.data else (),
        "data_facts": measurement_facts(own.data) if own.data else [],
        "windows": windows,
        "deciding": name("metric", windows.metric if windows else "mae"),
        "targets": windows.targets if windows else (),
        "timed": any(_is_timed(one) for one in own.fans.even),
        "drawn_columns": len(own.fans.even[0].columns) if own.fans.even else 0,
        "reach": reach(windows.every, windows.delay, windows.horizon).label if windows else "",
        "step_rows": _step_rows(windows) if windows and windows.steps else [],
        "worst": [(one.where, clock(one.begins), clock(one.ends), one.error) for one in own.worst[:_WORST]],
        "parts": parts,
        "clock_rows": [
            (title, label, one)
            for title, slices in (forecast_views.clock_parts(parts) if parts else [])
            for label, one in slices
        ],
        "column_metrics": column_metrics,
        "column_rows": column_rows,
        "backtest": own.backtest,
        "backtest_sentence": forecast_views.backtest_sentence(own.backtest),
        "fold_rows": forecast_views.fold_rows(own.backtest) if own.backtest else [],
        "backtest_facts": forecast_views.backtest_facts(own.backtest) if own.backtest else [],
    }


def _sections(own: ForecastContents, several: bool) -> list[str]:
    """Name the parts of the page, in order."""
    return [
        "scores",
        *(["columns"] if several else []),
        *(["backtest"] if own.backtest else []),
        "data",
        "curves",
        "fans",
        "horizon",
        "clocks",
        "errors",
        "cost",
        "reproduce",
    ]


def _fans(own: ForecastContents) -> Iterator[Plan]:
    against = name("baseline", own.fans.against)
    for chart, key, some, most in (
        ("fans", "fans.even_label", own.fans.even, _EVEN),
        ("worst", "fans.worst_label", own.fans.worst, _WINDOWS),
    ):
        drawn = fans.window_panels(some, _WINDOWS if any(len(fan.columns) > 1 for fan in some) else most)
        if drawn:
            yield _fan_plan(chart, say(key, {"count": len(drawn)}), drawn, against)


def _fan_plan(chart: str, label: Phrase, drawn: Sequence[fans.Panel], against: Phrase) -> Plan:
    return Plan(chart, label, lambda each: fans.fan_panels(drawn, against, each))


def _is_timed(fan: Fan) -> bool:
    return not fan.times[0].startswith("+")


def _horizon(found: Evaluation, windows: Windows) -> Iterator[Plan]:
    metric = windows.metric
    places = reach(windows.every, windows.delay, windows.horizon)
    rivals = forecast_views.rivals(windows, found)
    words = {"metric": name("metric", metric), "count": len(rivals)}
    label = say("horizon.error_label", words)
    if metric in windows.steps and windows.horizon > 1:
        ours = windows.steps[metric]
        yield Plan(
            "horizon", label, lambda each: forecast_charts.error_by_step(metric, ours, rivals, places, each)
        )
    elif metric in windows.steps:
        score = found.scores.get(metric, Score())
        yield Plan("horizon", label, lambda each: forecast_charts.error_at_once(metric, score, rivals, each))
    kept = [
        (promised, windows.steps[f"coverage_{promised}"])
        for promised, _ in forecast_charts.PROMISES
        if f"coverage_{promised}" in windows.steps
    ]
    if kept:
        at_once = windows.horizon == 1
        yield Plan(
            "coverage",
            say("horizon.coverage_label"),
            lambda each: (
                forecast_charts.coverage_at_once(kept, each)
                if at_once
                else forecast_charts.coverage(kept, places, each)
            ),
        )


def _step_rows(windows: Windows) -> list[StepRow]:
    """Lay out the steps of the horizon: all of few, some of many, the last among them."""
    places = reach(windows.every, windows.delay, windows.horizon).places
    every = range(0, windows.horizon, math.ceil(windows.horizon / _STEP_ROWS))
    return [_step_row(windows, step, places[step]) for step in sorted({*every, windows.horizon - 1})]


def _step_row(windows: Windows, step: int, place: float) -> StepRow:
    kept = (f"coverage_{promised}" for promised, _ in forecast_charts.PROMISES)
    return StepRow(
        formats.amount(place),
        formats.score(windows.metric, _at(windows, windows.metric, step), formats.FORECAST_DIGITS),
        *(formats.score(metric, _at(windows, metric, step)) for metric in kept),
    )


def _at(windows: Windows, metric: str, step: int) -> Score | None:
    steps = windows.steps.get(metric)
    if steps is None:
        return None
    return Score(value=steps.value[step], low=steps.low[step], high=steps.high[step])
