"""Write the comparison of several runs as one offline HTML page in two languages."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from yeoul.files import write_text
from yeoul.language import Language
from yeoul.report import comparison_charts
from yeoul.report.compared import ComparedRun, Comparison, Group, Paired
from yeoul.report.drawing import Chart, draw
from yeoul.report.formats import (
    ERRORS,
    FORECAST_DIGITS,
    NOTHING,
    count,
    duration,
    is_share,
    lead,
    level,
    score,
    size,
)
from yeoul.report.rendering import render
from yeoul.report.words import Phrase, name, say

_LEVEL = 0.05
_SETTINGS = 60
_ASKED = {"forecast": "compare.same_windows", "text": "compare.same_text"}


@dataclass(frozen=True)
class RunRow:
    """One run of the table; `number` names it in the table of pairs."""

    number: int
    id: str
    description: str
    seed: str
    score: str
    lead: Phrase
    against: Phrase
    tone: str
    seconds: Phrase
    memory: str
    parameters: str


@dataclass(frozen=True)
class GroupRow:
    """Runs of one recipe with different seeds."""

    name: str
    runs: str
    mean: str
    deviation: str
    range: str


@dataclass(frozen=True)
class PairCell:
    """One run against another: nothing where they were tested on different rows."""

    difference: str
    interval: str
    chance: str
    tone: str


def write_comparison(found: Comparison, path: Path, language: Language = "en") -> Path:
    """Write the page to `path` and return it; it opens in `language`. Equal runs give an equal page."""
    metric = _metric(found)
    write_text(
        path, render("compare.html", _values(found, metric), _charts(found, metric, language), language)
    )
    return path


def ranked(runs: Sequence[ComparedRun], metric: str) -> list[ComparedRun]:
    """Return runs with the best score of a metric first, those without one last."""

    def key(run: ComparedRun) -> tuple[bool, float]:
        found = run.score if run.metric == metric else None
        if found is None or found.value is None:
            return True, 0.0
        return False, found.value if metric in ERRORS else -found.value

    return sorted(runs, key=key)


def _metric(found: Comparison) -> str:
    """Choose the score to draw: that of the most groups, the first of several equals."""
    metrics = [group.metric for group in found.groups] or [run.metric for run in found.runs]
    return max(metrics, key=metrics.count)


def _charts(found: Comparison, metric: str, language: Language) -> list[Chart]:
    drawn = []
    bars = comparison_charts.bars(found, metric, language)
    if bars:
        label = say("compare.chart_label", {"count": len(bars)})
        drawn.append(
            draw(
                "chart",
                label,
                language,
                lambda each: comparison_charts.scores(
                    comparison_charts.bars(found, metric, each), metric, each
                ),
            )
        )
    traced = comparison_charts.traced(found, metric)
    if traced:
        label = say("compare.paths_label", {"count": len(traced)})
        drawn.append(
            draw("paths", label, language, lambda each: comparison_charts.paths(found, metric, each))
        )
    return drawn


def _values(found: Comparison, metric: str) -> dict[str, object]:
    order = ranked(found.runs, metric)
    best = next((run for run in order if run.score is not None), None)
    return {
        "count": len(found.runs),
        "best": None if best is None else _best(best),
        "same_rows": found.same_rows,
        "asked": _ASKED.get(best.kind if best else "class", "compare.same_rows"),
        "rows": count(best.rows) if best else NOTHING,
        "runs": [_run_row(place, run) for place, run in enumerate(order, 1)],
        "metric_name": name("metric", metric),
        "groups": [_group_row(group) for group in found.groups if len(group.runs) > 1],
        "pairs_note": _pairs_note(found, metric),
        "pairs": _matrix(found, order) if found.pairs else [],
        "settings": [
            (key, [run.settings.get(key, NOTHING) for run in order]) for key in found.differing[:_SETTINGS]
        ],
    }


def _pairs_note(found: Comparison, metric: str) -> Phrase:
    if metric not in ERRORS:
        return say("compare.pairs_note", {"count": len(found.pairs)})
    if any(run.kind == "forecast" for run in found.runs):
        targets = max((pair.rows for pair in found.pairs), default=0)
        return say("compare.forecasts_note", {"targets": count(targets), "count": len(found.pairs)})
    if any(run.kind == "text" for run in found.runs):
        lines = max((pair.rows for pair in found.pairs), default=0)
        return say("compare.texts_note", {"lines": count(lines), "count": len(found.pairs)})
    return say("compare.numbers_note")


def _best(run: ComparedRun) -> Phrase:
    words = {
        "name": run.id,
        "metric": name("metric", run.metric),
        "score": score(run.metric, run.score, _digits(run)),
    }
    return say("compare.best", words)


def _digits(run: ComparedRun) -> int:
    return FORECAST_DIGITS if run.kind in ("forecast", "text") else 0


def _run_row(number: int, run: ComparedRun) -> RunRow:
    judged = run.verdict
    against = name("baseline", judged.against) if judged else Phrase("", "")
    ahead = lead(judged.metric, judged.difference) if judged else Phrase(NOTHING, NOTHING)
    return RunRow(
        number,
        run.id,
        run.description,
        NOTHING if run.seed is None else str(run.seed),
        score(run.metric, run.score, _digits(run)),
        ahead,
        against,
        {"beats": "good", "does not beat": "bad"}.get(judged.outcome, "open") if judged else "open",
        duration(run.seconds),
        size(None if run.memory_mb is None else 1e6 * run.memory_mb),
        count(run.parameters),
    )


def _group_row(group: Group) -> GroupRow:
    return GroupRow(
        group.name,
        str(len(group.runs)),
        _exact(group.metric, group.mean),
        _exact(group.metric, group.deviation),
        f"{_exact(group.metric, group.low)} – {_exact(group.metric, group.high)}",
    )


def _exact(metric: str, value: float | None) -> str:
    """Write a score with a digit more than elsewhere: seeds differ by little."""
    if value is None or not is_share(metric):
        return level(metric, value)
    return f"{100 * value:.2f}\N{NO-BREAK SPACE}%"


def _matrix(found: Comparison, order: Sequence[ComparedRun]) -> list[tuple[ComparedRun, list[PairCell]]]:
    return [(run, [_cell(found.between(run.id, other.id)) for other in order]) for run in order]


def _cell(pair: Paired | None) -> PairCell:
    if pair is None:
        return PairCell("", "", "", "")
    difference = pair.verdict.difference
    scale, style = (1.0, "+z,.4g") if pair.verdict.metric in ERRORS else (100.0, "+z.2f")
    value, low, high = (
        format(scale * number, style).replace("-", "\N{MINUS SIGN}")
        for number in (difference.value, difference.low, difference.high)
    )
    real = pair.verdict.outcome != "cannot tell"
    if pair.corrected is not None:
        real = pair.corrected < _LEVEL
    tone = ("good" if difference.value > 0 else "bad") if real else "open"
    return PairCell(value, f"{low} … {high}", chance(pair.chance), tone)


def chance(value: float | None) -> str:
    """Write a p-value.

    >>> chance(0.0312), chance(1e-28)
    ('p = 0.031', 'p < 0.001')
    """
    if value is None:
        return ""
    return "p < 0.001" if value < 0.001 else f"p = {value:.3f}"
