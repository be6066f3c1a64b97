"""What a page of forecasts says in words and tables: verdict, scoreboard, columns, clocks, worst windows, backtest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from yeoul.report import views
from yeoul.report.contents import Contents
from yeoul.report.facts import Fact
from yeoul.report.forecast_charts import Rival
from yeoul.report.forecast_contents import ForecastContents
from yeoul.report.forecast_facts import ahead, clock
from yeoul.report.forecast_records import Backtest, Fold, FoldSpan, Windows
from yeoul.report.formats import FORECAST_DIGITS, LABEL_CHARACTERS, count, cut, gain, lead, score
from yeoul.report.records import Evaluation, Judgment, Score, Slices, SliceScore
from yeoul.report.words import Phrase, joined, name, say

CLOCKS = ("hour", "weekday", "month", "season")
_ONE_UNIT = ("mae", "rmse", "mase", "smape", "pinball", "coverage_80", "coverage_90")
_MANY_UNITS = ("mase", "mae_scaled", "mse_scaled", "smape", "coverage_80", "coverage_90")
_TARGETS = 6
_COLUMN_METRICS = ("mae", "rmse", "mase", "mse_scaled", "coverage_80", "coverage_90")


@dataclass(frozen=True)
class FoldRow:
    """One origin of a backtest."""

    number: str
    train: Phrase | str
    test: Phrase | str
    windows: str
    ours: str
    theirs: str
    against: Phrase
    gain: Phrase
    tone: str


@dataclass(frozen=True)
class ColumnRow:
    """The scores of one target, the model's and those of the number to beat."""

    name: str
    who: Phrase
    scores: tuple[str, ...]
    ours: bool


def verdict(contents: Contents, own: ForecastContents) -> views.VerdictView:
    """Say first whether the forecasts beat the number to beat, in the data's own unit, or why that is not known."""
    plain, found, windows = views.verdict(contents), contents.evaluation, own.windows
    if found is None or windows is None:
        return plain
    told = _numbers(found, windows)
    asked = say(
        "verdict.asked",
        {
            "targets": _targets(windows),
            "ahead": ahead(windows.every, windows.delay, windows.horizon),
        },
    )
    few = (say("verdict.few_blocks"),) if windows.blocks == 0 else ()
    judged = found.verdict
    caveats = tuple(
        one for one in plain.sentences[1:] if not (few and judged and one in views.undecided(judged))
    )
    tested = backtest_sentence(own.backtest)
    sentences = (told, asked, *few, *caveats, *((tested,) if tested else ()))
    if judged is None or judged.gain is None or judged.gain.value is None:
        return replace(plain, sentences=sentences)
    return replace(plain, difference=gain(judged.gain), meaning=say("verdict.gain"), sentences=sentences)


def metrics_of(windows: Windows | None) -> tuple[str, ...]:
    """Return the scores to show: in the unit of one target, without units for several; the deciding one first."""
    if windows is None:
        return _ONE_UNIT
    shown = _MANY_UNITS if len(windows.targets) > 1 else _ONE_UNIT
    return windows.metric, *(metric for metric in shown if metric != windows.metric)


def rivals(windows: Windows, found: Evaluation) -> list[Rival]:
    """Return the baselines' errors by step, the number to beat first."""
    against = found.verdict.against if found.verdict else ""
    order = sorted(windows.baselines, key=lambda one: one.name != against)
    return [
        Rival(_baseline(one.name), one.steps[windows.metric], _score(found, one.name, windows.metric))
        for one in order
        if windows.metric in one.steps
    ]


def column_rows(windows: Windows, found: Evaluation) -> tuple[list[str], list[ColumnRow]]:
    """Return the scores that columns have, and the rows of their table; nothing for a single column."""
    if len(windows.columns) < 2:
        return [], []
    metrics = [metric for metric in _COLUMN_METRICS if metric in windows.columns[0].scores]
    against = found.verdict.against if found.verdict else ""
    beat = next((one for one in windows.baselines if one.name == against), None)
    theirs = {column.name: column.scores for column in beat.columns} if beat else {}
    rows = []
    for column in windows.columns:
        label = cut(column.name, LABEL_CHARACTERS)
        rows.append(ColumnRow(label, say("scores.model"), _told(metrics, column.scores), True))
        if column.name in theirs:
            rows.append(ColumnRow("", _baseline(against), _told(metrics, theirs[column.name]), False))
    return metrics, rows


def clock_parts(parts: Slices) -> list[tuple[Phrase, list[tuple[Phrase, SliceScore]]]]:
    """Return the slices of each clock that has some, in its order."""
    found = []
    for by in CLOCKS:
        some = [(clock_value(by, one.value or ""), one) for one in parts.slices if one.by == by]
        if some:
            found.append((say(f"clock.{by}"), some))
    return found


def clock_value(by: str, value: str) -> Phrase:
    """Name an hour, weekday, month or season as people do."""
    return name(f"clock.{by}", value)


def fold_rows(backtest: Backtest) -> list[FoldRow]:
    """Lay out the folds of a backtest."""
    return [_fold(one, backtest.metric) for one in backtest.folds]


def backtest_facts(backtest: Backtest) -> list[Fact]:
    """Say how the model's error compares with that of each baseline over all folds."""
    return [
        Fact(say("backtest.against", {"name": _baseline(other)}), _outcome(judged))
        for other, judged in backtest.verdicts.items()
    ]


def backtest_sentence(backtest: Backtest | None) -> Phrase | None:
    """Say in a sentence what the folds together tell; None before there is a backtest."""
    if backtest is None or backtest.verdict is None:
        return None
    values = {"count": count(len(backtest.folds)), "outcome": _outcome(backtest.verdict)}
    return say("backtest.overall", values)


def _outcome(judged: Judgment) -> Phrase:
    told = say(f"scores.{judged.outcome}")
    if judged.gain is None or judged.gain.value is None:
        return told
    return joined([told, gain(judged.gain)])


def _fold(one: Fold, metric: str) -> FoldRow:
    theirs = one.baselines.get(one.against, {})
    found = one.gain or Score()
    low, high = found.low, found.high
    tone = "open" if low is None or high is None or low <= 0 <= high else ("good" if low > 0 else "bad")
    return FoldRow(
        count(one.fold),
        _span(one.train),
        _span(one.test),
        count(one.windows),
        score(metric, one.scores.get(metric), FORECAST_DIGITS),
        score(metric, theirs.get(metric), FORECAST_DIGITS),
        _baseline(one.against),
        gain(found) if found.value is not None else lead(metric, one.difference),
        tone,
    )


def _score(found: Evaluation, baseline: str, metric: str) -> Score:
    known = found.baseline(baseline)
    return known.scores.get(metric, Score()) if known else Score()


def _span(part: FoldSpan) -> Phrase | str:
    if part.begins is None or part.ends is None:
        return say("span.rows", {"count": count(part.rows)})
    return f"{clock(part.begins)} – {clock(part.ends)}"


def _numbers(found: Evaluation, windows: Windows) -> Phrase:
    judged = found.verdict
    metric = judged.metric if judged else found.metric
    baseline = found.baseline(judged.against) if judged else None
    values: dict[str, object] = {
        "metric": _title(name("metric", metric)),
        "target": _targets(windows),
        "model": score(metric, found.scores.get(metric), FORECAST_DIGITS),
        "baseline": score(metric, baseline.scores.get(metric) if baseline else None, FORECAST_DIGITS),
        "windows": count(windows.windows),
        "split": name("split", found.split),
    }
    if judged is None:
        return say("verdict.windows_alone", values)
    return say("verdict.windows_of" if metric == "mae" else "verdict.windows", values)


def _targets(windows: Windows) -> str:
    shown = ", ".join(cut(target, LABEL_CHARACTERS) for target in windows.targets[:_TARGETS])
    return shown + (f" … ({len(windows.targets)})" if len(windows.targets) > _TARGETS else "")


def _title(phrase: Phrase) -> Phrase:
    return Phrase(phrase.en[:1].upper() + phrase.en[1:], phrase.ko)


def _baseline(known: str) -> Phrase:
    return name("baseline", cut(known, LABEL_CHARACTERS))


def _told(metrics: Sequence[str], scores: Mapping[str, Score]) -> tuple[str, ...]:
    return tuple(score(metric, scores.get(metric), FORECAST_DIGITS) for metric in metrics)
