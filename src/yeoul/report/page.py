"""Write the report of a run: PNG charts and one self-contained, offline HTML page in two languages."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from matplotlib.figure import Figure

from yeoul.files import write_bytes, write_text
from yeoul.language import Language
from yeoul.report import charts, facts, findings, formats, panels, views
from yeoul.report.contents import Contents, read_contents
from yeoul.report.drawing import Chart, draw
from yeoul.report.records import ClassScore, DataCard, Evaluation
from yeoul.report.rendering import render
from yeoul.report.words import Phrase, name, say

_MISTAKES = 50
_SAMPLES = 8
_CLASS_ROWS = 200
_EPOCH_ROWS = 60
_FILES = 20
_RECIPE_CHARACTERS = 20_000
_BOX = ("p5", "p25", "p50", "p75", "p95")


def write_report(folder: Path, language: Language = "en") -> Path:
    """Write `plots/*.png` and `report.html` into a run folder and return the path of the page.

    The page opens in `language` and switches to the other one by a button. What the run does not have yet is
    left out, with a sentence that says why. Equal files give an equal page, byte for byte. Raises `RunError`
    for a damaged run folder.
    """
    contents = read_contents(folder)
    drawn = _charts(contents, language)
    page = render("page.html", _values(contents), drawn, language)
    plots = folder / "plots"
    plots.mkdir(exist_ok=True)
    for chart in drawn:
        write_bytes(plots / f"{chart.name}.png", chart.png)
    path = folder / "report.html"
    write_text(path, page)
    return path


def _charts(contents: Contents, language: Language) -> list[Chart]:
    planned = (*_training_charts(contents), *_score_charts(contents), *_data_charts(contents))
    return [draw(plan.name, plan.label, language, plan.paint) for plan in planned]


@dataclass(frozen=True)
class _Plan:
    """A chart that the contents ask for; `label` says it in words."""

    name: str
    label: Phrase
    paint: Callable[[Language], Figure]


def _training_charts(contents: Contents) -> Iterator[_Plan]:
    metric = _metric(contents)
    if contents.epochs:
        best = charts.best_epoch(contents.epochs)
        words = {"metric": name("metric", metric), "best": formats.NOTHING if best is None else best.epoch}
        line = views.number_to_beat(contents, metric)
        yield _Plan(
            "curves",
            say("curves.label", words),
            lambda each: charts.curves(contents.epochs, metric, line, each),
        )


def _score_charts(contents: Contents) -> Iterator[_Plan]:
    found = contents.evaluation
    if found is None:
        return
    if found.confusion:
        places = charts.largest_classes(found.confusion, charts.MAX_CLASSES)
        labels = [found.labels[place] for place in places]
        counts = [[found.confusion[row][column] for column in places] for row in places]
        label = say("classes.label", {"count": len(places)})
        yield _Plan("confusion", label, lambda each: charts.confusion(labels, counts, each))
    if found.precision_recall:
        curves = panels.least_precise(found.precision_recall)
        label = say("precision.label", {"count": len(curves)})
        yield _Plan("precision", label, lambda each: panels.precision_recall(curves, each))
    if found.calibration:
        bins = found.calibration
        yield _Plan("calibration", say("calibration.label"), lambda each: charts.calibration(bins, each))
    if found.points:
        points = found.points
        label = say("numbers.label", {"count": len(points)})
        yield _Plan("numbers", label, lambda each: panels.predicted_against_true(points, each))
    if set(_BOX) <= found.residuals.keys():
        residuals = found.residuals
        label = say("numbers.residual_label", {key: formats.amount(residuals[key]) for key in _BOX})
        yield _Plan("residuals", label, lambda each: panels.residuals(residuals, each))
    parts = contents.slices.get(found.split)
    if parts is not None and parts.slices:
        label = say("slices.label", {"count": len(parts.slices)})
        yield _Plan(
            "slices",
            label,
            lambda each: panels.slices(
                parts, [phrase.said(each) for phrase in findings.slice_labels(parts)], each
            ),
        )


def _data_charts(contents: Contents) -> Iterator[_Plan]:
    card = contents.data
    if card is None:
        return
    if card.classes:
        classes = card.classes
        label = say("data.balance_label", {"count": len(classes)})
        yield _Plan("balance", label, lambda each: charts.balance(classes, each))
    known = [
        (say(key), length)
        for key, length in (
            ("data.characters", card.characters),
            ("data.steps", card.steps),
            ("data.tokens", None if card.steps else card.tokens),
        )
        if length is not None
    ]
    if known:
        yield _Plan("lengths", _lengths_label(card), lambda each: charts.lengths(known, each))


def _lengths_label(card: DataCard) -> Phrase:
    if card.characters is None:
        return say("data.tokens_label")
    shown = {key: formats.count(it) for key, it in card.characters.model_dump().items()}
    return say("data.lengths_label", shown)


def _metric(contents: Contents) -> str:
    """Choose the score that the curves show: that of the verdict where the epochs have it, else the first known."""
    found = contents.evaluation
    preferred = [found.verdict.metric] if found and found.verdict else []
    recorded = {key for one in contents.epochs for key in one.validation}
    return next((metric for metric in (*preferred, *views.METRICS) if metric in recorded), views.METRICS[0])


def _values(contents: Contents) -> dict[str, object]:
    found = contents.evaluation
    metric = _metric(contents)
    split = found.split if found else ""
    mistakes, confused = contents.mistakes.get(split, ()), contents.confused.get(split)
    parts = contents.slices.get(split)
    return {
        "run": contents.run,
        "card": contents.data,
        "epochs": charts.thinned(contents.epochs, _EPOCH_ROWS),
        "epoch_count": len(contents.epochs),
        "metric": metric,
        "found": found,
        "verdict": views.verdict(contents),
        "boards": [views.scoreboard(one) for one in contents.evaluations.values()],
        "class_rows": _class_rows(found),
        "max_classes": charts.MAX_CLASSES,
        "wide": found is not None and (found.target_kind == "labels" or charts.is_wide(found.labels)),
        "max_bars": charts.MAX_BARS,
        "sections": findings.sections(contents),
        "members": _members(contents),
        "score_name": name("metric", found.metric if found else views.METRICS[0]),
        "thresholds": any(one.threshold is not None for one in found.per_class) if found else False,
        "curve_count": len(panels.least_precise(found.precision_recall)) if found else 0,
        "pairs": findings.pair_rows(found, confused.pairs if confused else ()) if found else [],
        "mistakes": [(row, findings.measure(row)) for row in mistakes[:_MISTAKES]],
        "measure_title": findings.measure_title(found) if found else say("table.confidence"),
        "parts": parts,
        "slice_rows": findings.slice_rows(parts) if parts else [],
        "max_slices": panels.MAX_SLICES,
        "samples": contents.data.samples[:_SAMPLES] if contents.data else (),
        "files": contents.data.files[:_FILES] if contents.data else (),
        "data_facts": facts.data_facts(contents.data) if contents.data else [],
        "cost_facts": facts.cost_facts(contents.run),
        "reproduce_facts": facts.reproduce_facts(contents.run),
        "recipes": [
            (say(f"reproduce.{key}"), text[:_RECIPE_CHARACTERS], len(text) > _RECIPE_CHARACTERS)
            for key, text in (("resolved", contents.resolved), ("given", contents.recipe))
            if text
        ],
    }


def _members(contents: Contents) -> list[findings.MemberRow]:
    if contents.members is None:
        return []
    metric = contents.evaluation.metric if contents.evaluation else views.METRICS[0]
    return findings.member_rows(contents.members, metric)


def _class_rows(found: Evaluation | None) -> list[ClassScore]:
    """Return the classes of the table: all in their own order, or the most frequent of very many."""
    if found is None:
        return []
    frequent = sorted(found.per_class, key=lambda one: -one.rows)[:_CLASS_ROWS]
    return frequent if len(found.per_class) > _CLASS_ROWS else list(found.per_class)
