"""The panels of a classification page: classes or numbers, calibration, mistakes and slices, and its data card."""

from collections.abc import Iterator, Mapping

from yeoul.report import charts, facts, findings, formats, panels, views
from yeoul.report.contents import Contents
from yeoul.report.drawing import Plan
from yeoul.report.records import ClassScore, DataCard, Evaluation
from yeoul.report.weak_spots import search
from yeoul.report.words import Phrase, name, say

_MISTAKES = 50
_SAMPLES = 8
_CLASS_ROWS = 200
_BOX = ("p5", "p25", "p50", "p75", "p95")


def plans(contents: Contents) -> Iterator[Plan]:
    """Return the charts that the contents ask for, those of the training apart."""
    yield from _score_charts(contents)
    yield from _data_charts(contents)


def values(contents: Contents) -> Mapping[str, object]:
    """Return what the page shows beyond what the pages of all tasks do."""
    found = contents.evaluation
    split = found.split if found else ""
    mistakes, confused = contents.mistakes.get(split, ()), contents.confused.get(split)
    parts = contents.slices.get(split)
    return {
        "card": contents.data,
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
        "weak": search(parts),
        "samples": contents.data.samples[:_SAMPLES] if contents.data else (),
        "files": contents.data.files if contents.data else (),
        "data_facts": facts.data_facts(contents.data) if contents.data else [],
    }


def _score_charts(contents: Contents) -> Iterator[Plan]:
    found = contents.evaluation
    if found is None:
        return
    if found.confusion:
        places = charts.largest_classes(found.confusion, charts.MAX_CLASSES)
        labels = [found.labels[place] for place in places]
        counts = [[found.confusion[row][column] for column in places] for row in places]
        label = say("classes.label", {"count": len(places)})
        yield Plan("confusion", label, lambda each: charts.confusion(labels, counts, each))
    if found.precision_recall:
        curves = panels.least_precise(found.precision_recall)
        label = say("precision.label", {"count": len(curves)})
        yield Plan("precision", label, lambda each: panels.precision_recall(curves, each))
    if found.calibration:
        bins = found.calibration
        yield Plan("calibration", say("calibration.label"), lambda each: charts.calibration(bins, each))
    if found.points:
        points = found.points
        label = say("numbers.label", {"count": len(points)})
        yield Plan("numbers", label, lambda each: panels.predicted_against_true(points, each))
    if set(_BOX) <= found.residuals.keys():
        residuals = found.residuals
        label = say("numbers.residual_label", {key: formats.amount(residuals[key]) for key in _BOX})
        yield Plan("residuals", label, lambda each: panels.residuals(residuals, each))
    parts = contents.slices.get(found.split)
    if parts is not None and parts.slices:
        label = say("slices.label", {"count": len(parts.slices)})
        yield Plan(
            "slices",
            label,
            lambda each: panels.slices(
                parts, [phrase.said(each) for phrase in findings.slice_labels(parts)], each
            ),
        )


def _data_charts(contents: Contents) -> Iterator[Plan]:
    card = contents.data
    if card is None:
        return
    if card.classes:
        classes = card.classes
        label = say("data.balance_label", {"count": len(classes)})
        yield Plan("balance", label, lambda each: charts.balance(classes, each))
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
        yield Plan("lengths", _lengths_label(card), lambda each: charts.lengths(known, each))


def _lengths_label(card: DataCard) -> Phrase:
    if card.characters is None:
        return say("data.tokens_label")
    shown = {key: formats.count(it) for key, it in card.characters.model_dump().items()}
    return say("data.lengths_label", shown)


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
