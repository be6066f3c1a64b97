"""Write the report of a run: PNG charts and one self-contained, offline HTML page in two languages."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from yeoul.files import write_bytes, write_text
from yeoul.language import Language
from yeoul.report import (
    caption_page,
    charts,
    class_page,
    facts,
    forecast_page,
    formats,
    language_page,
    likeness_page,
    pair_page,
    tag_page,
    views,
)
from yeoul.report.caption_contents import read_captions
from yeoul.report.contents import Contents, read_contents
from yeoul.report.drawing import Plan, draw
from yeoul.report.forecast_contents import read_forecast
from yeoul.report.language_contents import read_language
from yeoul.report.likeness_contents import read_likeness
from yeoul.report.pair_contents import read_pairs
from yeoul.report.rendering import render
from yeoul.report.tag_contents import read_tags
from yeoul.report.words import name, say

_EPOCH_ROWS = 60
_FILES = 20
_SURPRISE = "bits_per_byte"
_RECIPE_CHARACTERS = 20_000


def write_report(folder: Path, language: Language = "en") -> Path:
    """Write `plots/*.png` and `report.html` into a run folder and return the path of the page.

    The page opens in `language` and switches to the other one by a button. What the run does not have yet is
    left out, with a sentence that says why. Equal files give an equal page, byte for byte. Raises `RunError`
    for a damaged run folder.
    """
    contents = read_contents(folder)
    metric = _metric(contents)
    chapter = _CHAPTERS.get(contents.run.task or "", _classes)(folder, contents)
    planned = (*_training_charts(contents, metric), *chapter.plans)
    drawn = [draw(plan.name, plan.label, language, plan.paint) for plan in planned]
    page = render(chapter.template, {**_values(contents, metric), **chapter.values}, drawn, language)
    plots = folder / "plots"
    plots.mkdir(exist_ok=True)
    for chart in drawn:
        write_bytes(plots / f"{chart.name}.png", chart.png)
    path = folder / "report.html"
    write_text(path, page)
    return path


@dataclass(frozen=True)
class _Chapter:
    """What the page of a task shows beyond what the pages of all tasks do."""

    template: str
    plans: Sequence[Plan]
    values: Mapping[str, object]


def _classes(_: Path, contents: Contents) -> _Chapter:
    return _Chapter("page.html", tuple(class_page.plans(contents)), class_page.values(contents))


def _forecast(folder: Path, contents: Contents) -> _Chapter:
    own = read_forecast(folder, contents)
    return _Chapter(
        "forecast.html", tuple(forecast_page.plans(contents, own)), forecast_page.values(contents, own)
    )


def _language(folder: Path, contents: Contents) -> _Chapter:
    own = read_language(folder, contents)
    return _Chapter(
        "language.html", tuple(language_page.plans(contents, own)), language_page.values(contents, own)
    )


def _pairs(folder: Path, contents: Contents) -> _Chapter:
    own = read_pairs(folder, contents)
    return _Chapter("pairs.html", tuple(pair_page.plans(contents, own)), pair_page.values(contents, own))


def _captions(folder: Path, contents: Contents) -> _Chapter:
    own = read_captions(folder, contents)
    return _Chapter(
        "captions.html", tuple(caption_page.plans(contents, own)), caption_page.values(contents, own)
    )


def _likeness(folder: Path, contents: Contents) -> _Chapter:
    own = read_likeness(folder, contents)
    return _Chapter(
        "likeness.html", tuple(likeness_page.plans(contents, own)), likeness_page.values(contents, own)
    )


def _tags(folder: Path, contents: Contents) -> _Chapter:
    own = read_tags(folder, contents)
    return _Chapter("tags.html", tuple(tag_page.plans(contents, own)), tag_page.values(contents, own))


_CHAPTERS: Mapping[str, Callable[[Path, Contents], _Chapter]] = {
    "classify": _classes,
    "compare": _likeness,
    "forecast": _forecast,
    "generate": _language,
    "tag": _tags,
    "transduce": _pairs,
    "caption": _captions,
}


def _training_charts(contents: Contents, metric: str) -> Iterator[Plan]:
    if contents.epochs:
        best = charts.best_epoch(contents.epochs)
        words = {"metric": name("metric", metric), "best": formats.NOTHING if best is None else best.epoch}
        line = views.number_to_beat(contents, metric)
        yield Plan(
            "curves",
            say("curves.label", words),
            lambda each: charts.curves(contents.epochs, metric, line, each),
        )


def _metric(contents: Contents) -> str:
    """Choose the score that the curves show: that of the verdict where the epochs have it, else the first known."""
    found = contents.evaluation
    preferred = [found.verdict.metric] if found and found.verdict else []
    recorded = {key for one in contents.epochs for key in one.validation}
    return next(
        (metric for metric in (*preferred, *views.METRICS, _SURPRISE) if metric in recorded), views.METRICS[0]
    )


def _values(contents: Contents, metric: str) -> Mapping[str, object]:
    """Return what the pages of all tasks show."""
    return {
        "run": contents.run,
        "epochs": charts.thinned(contents.epochs, _EPOCH_ROWS),
        "epoch_count": len(contents.epochs),
        "metric": metric,
        "found": contents.evaluation,
        "cost_facts": facts.cost_facts(contents.run),
        "reproduce_facts": facts.reproduce_facts(contents.run),
        "max_files": _FILES,
        "recipes": [
            (say(f"reproduce.{key}"), text[:_RECIPE_CHARACTERS], len(text) > _RECIPE_CHARACTERS)
            for key, text in (("resolved", contents.resolved), ("given", contents.recipe))
            if text
        ],
    }
