"""Draw forecasts as fans: the past, the point forecast with its 80 and 90 % intervals, and the truth where known."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, Locator, MaxNLocator

from yeoul.language import Language
from yeoul.report.drawing import FIRST, GRID, INK, SECOND, picture
from yeoul.report.fonts import chart_text
from yeoul.report.forecast_records import Fan, FanColumn
from yeoul.report.formats import amount
from yeoul.report.words import Phrase, say

MOST_PANELS = 12
_ACROSS = 3
_BETWEEN = (0.5, 0.65)
_FEW_POINTS = 12
_MIDDLE = 3
_BANDS = (("fans.90", 0, 6, 0.16), ("fans.80", 1, 5, 0.3))
_FORMATS = ["%Y", "%Y-%m", "%m-%d", "%H:%M", "%H:%M", "%M:%S"]
_ZERO_FORMATS = ["%Y", "%Y", "%m-%d", "%m-%d", "%H:%M", "%H:%M"]
_MOST_TICKS = 5
_STEPS = (
    *(seconds / 86_400 for seconds in (1, 5, 15, 30)),
    *(minutes / 1440 for minutes in (1, 5, 15, 30, 60, 120, 360, 720)),
    *(1, 2, 4, 7, 14, 28),
)
"""Days from mark to mark."""
_EPOCH, _DAY = datetime(1970, 1, 1), timedelta(days=1)  # of matplotlib's dates
_OFFSETS = ["", "", "%Y", "%Y-%m-%d", "%Y-%m-%d", "%Y-%m-%d %H:%M"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Panel:
    """One column of one forecast, to be drawn below a title."""

    title: str
    fan: Fan
    column: FanColumn


def draw_forecast(fans: Sequence[Mapping[str, Any]], language: Language) -> bytes:
    """Return a PNG with a panel for each series and column of what `forecasting.fans.fan` gives, at most twelve.

    Raises ValueError for records of another form, and for none.
    """
    shown = [Fan.model_validate(one) for one in fans]
    every = [
        Panel(" · ".join(filter(None, (fan.series, column.name))), fan, column)
        for fan in shown
        for column in fan.columns
    ]
    if not every:
        raise ValueError("a picture needs at least one forecast")
    note = say("fans.shown", {"shown": MOST_PANELS, "all": len(every)}) if len(every) > MOST_PANELS else None
    return picture(lambda: fan_panels(every[:MOST_PANELS], None, language, note))


def window_panels(fans: Sequence[Fan], windows: int) -> list[Panel]:
    """Return the panels of the first windows, each titled by what tells it from the others."""
    return [
        Panel(
            " · ".join(
                filter(
                    None,
                    (fan.series, column.name if len(fan.columns) > 1 else "", _moment(fan.times[0])),
                )
            ),
            fan,
            column,
        )
        for fan in fans[:windows]
        for column in fan.columns
    ]


def fan_panels(
    panels: Sequence[Panel], against: Phrase | None, language: Language, note: Phrase | None = None
) -> Figure:
    """Draw panels side by side, three in a row; `against` names the thin line of the number to beat."""
    across = min(_ACROSS, len(panels))
    down = math.ceil(len(panels) / across)
    drawing, grid = _grid(across, down)
    for axes, panel in zip(grid, panels, strict=False):
        _paint(axes, panel, against, language)
    for axes in grid[len(panels) :]:
        axes.set_visible(False)
    named: dict[str, Any] = {}
    for axes in grid[: len(panels)]:
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
            named.setdefault(label, handle)
    drawing.legend(list(named.values()), list(named), loc="upper left", ncols=5, columnspacing=1.2)
    if note is not None:
        drawing.text(0.5, 0.01, note.said(language), ha="center", va="bottom", fontsize=9)
    return drawing


def _grid(across: int, down: int) -> tuple[Figure, list[Axes]]:
    """Return a figure of panels of fixed size in inches: to fit many of them to their labels would take seconds."""
    panel, edges = (2.45 if across > 1 else 5.6, 1.65), (0.5, 0.15, 0.6, 0.65)
    left, right, top, bottom = edges
    width = left + across * panel[0] + (across - 1) * _BETWEEN[0] + right
    height = top + down * panel[1] + (down - 1) * _BETWEEN[1] + bottom
    drawing = Figure(figsize=(width, height))
    drawing.subplots_adjust(
        left=left / width,
        right=1 - right / width,
        top=1 - top / height,
        bottom=bottom / height,
        wspace=_BETWEEN[0] / panel[0],
        hspace=_BETWEEN[1] / panel[1],
    )
    return drawing, list(drawing.subplots(down, across, squeeze=False).reshape(-1))


def _paint(axes: Axes, panel: Panel, against: Phrase | None, language: Language) -> None:
    fan, column = panel.fan, panel.column
    past_places, places = _places(axes, fan, language)
    said = np.array(column.quantiles, np.float64)
    past, truth = _floats(column.past), _floats(column.truth or ())
    axes.axvline(past_places[-1], color=GRID, linewidth=1.2)
    _bands(axes, places, said, language)
    _line(axes, past_places, past, INK, say("fans.past").said(language))
    if len(truth):
        joined = fan.steps[0] == 1 and not math.isnan(past[-1])
        _line(
            axes,
            np.concatenate([past_places[-1:], places]) if joined else places,
            np.concatenate([past[-1:], truth]) if joined else truth,
            INK,
            None,
        )
    if column.beside is not None and against is not None:
        _line(axes, places, _floats(column.beside), SECOND, against.said(language), "--", 1.1)
    _line(axes, places, said[:, _MIDDLE], FIRST, say("fans.point").said(language), "-", 1.7)
    axes.set_title(chart_text(panel.title, 40), fontsize=9, loc="left")
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _place: amount(value)))
    axes.tick_params(labelsize=8)
    axes.margins(x=0.02)
    axes.grid(axis="y")


def _bands(axes: Axes, places: Floats, said: Floats, language: Language) -> None:
    """Fill the intervals: between lines, or as one bar where a single step is forecast."""
    for key, low, high, strength in _BANDS:
        label = say(key).said(language)
        if len(places) > 1:
            axes.fill_between(
                places, said[:, low], said[:, high], color=FIRST, alpha=strength, linewidth=0, label=label
            )
        else:
            ends = (said[0, low], said[0, high])
            axes.plot(
                (places[0], places[0]),
                ends,
                color=FIRST,
                alpha=strength,
                linewidth=9,
                solid_capstyle="butt",
                label=label,
            )


def _line(
    axes: Axes,
    places: Floats,
    values: Floats,
    color: str,
    label: str | None,
    dashes: str = "-",
    width: float = 1.2,
) -> None:
    """Draw numbers as a line that is broken where they are missing; numbers that stand alone become dots."""
    few = len(values) <= _FEW_POINTS
    axes.plot(
        places,
        values,
        dashes,
        color=color,
        linewidth=width,
        marker="o" if few else "",
        markersize=3,
        label=label,
    )
    known = np.isfinite(values)
    neighbors = np.concatenate([[False], known[:-1]]) | np.concatenate([known[1:], [False]])
    alone = known & ~neighbors
    if alone.any() and not few:
        axes.plot(places[alone], values[alone], "o", color=color, markersize=2)


def _places(axes: Axes, fan: Fan, language: Language) -> tuple[Floats, Floats]:
    """Return where past and forecast stand on the axis, and label it: by the clock, else by rows from the newest."""
    times = _times((*fan.past_times, *fan.times))
    if times is None:
        axes.set_xlabel(say("fans.rows").said(language), fontsize=8)
        axes.xaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
        return np.array(fan.past_steps, np.float64), np.array(fan.steps, np.float64)
    locator = _locator(times[0], times[-1])
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(
        ConciseDateFormatter(  # type: ignore[no-untyped-call]
            locator, formats=_FORMATS, zero_formats=_ZERO_FORMATS, offset_formats=_OFFSETS, show_offset=True
        )
    )
    axes.xaxis.get_offset_text().set_fontsize(8)
    return times[: len(fan.past_times)], times[len(fan.past_times) :]


def _locator(first: float, last: float) -> Locator:
    """Mark whole hours or days at even distances, or months and years where these are closer than the span asks for."""
    step = next((step for step in _STEPS if last - first <= _MOST_TICKS * step), None)
    if step is None:
        return AutoDateLocator(minticks=2, maxticks=_MOST_TICKS)  # type: ignore[no-untyped-call]
    return FixedLocator(
        [place * step for place in range(math.ceil(first / step), math.floor(last / step) + 1)]
    )


def _times(written: Sequence[str]) -> Floats | None:
    try:
        times = [datetime.fromisoformat(one) for one in written]
    except ValueError:
        return None
    return np.array([(time - _EPOCH) / _DAY for time in times], np.float64)


def _moment(written: str) -> str:
    """Shorten a time to what is not zero; nothing for rows without times."""
    return "" if _times([written]) is None else written.removesuffix(":00").removesuffix(" 00:00")


def _floats(values: Sequence[float | None]) -> Floats:
    return np.array([math.nan if value is None else value for value in values], np.float64)
