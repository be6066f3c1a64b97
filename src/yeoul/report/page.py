"""Write the report of a run: PNG charts and one self-contained, offline HTML page in two languages."""

import base64
import hashlib
import re
from importlib import resources
from pathlib import Path

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from yeoul.files import write_bytes, write_text
from yeoul.language import Language
from yeoul.report import charts, facts, fonts, formats, views
from yeoul.report.contents import Contents, read_contents
from yeoul.report.drawing import Chart, draw
from yeoul.report.records import ClassScore, Evaluation
from yeoul.report.words import name, say

MAX_PAGE_BYTES = 2_000_000
_SPARE_BYTES = 10_000
_SCORE = "accuracy"
_MISTAKES = 50
_SAMPLES = 8
_CLASS_ROWS = 200
_EPOCH_ROWS = 60
_FILES = 20
_RECIPE_CHARACTERS = 20_000
# What no HTML document may hold: controls but tab and line feed, halves of surrogate pairs, non-characters.
_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def write_report(folder: Path, language: Language = "en") -> Path:
    """Write `plots/*.png` and `report.html` into a run folder and return the path of the page.

    The page opens in `language` and switches to the other one by a button. What the run does not have yet is
    left out, with a sentence that says why. Equal files give an equal page, byte for byte. Raises `RunError`
    for a damaged run folder.
    """
    contents = read_contents(folder)
    drawn = _charts(contents, language)
    page = _page(contents, drawn, language)
    plots = folder / "plots"
    plots.mkdir(exist_ok=True)
    for chart in drawn:
        write_bytes(plots / f"{chart.name}.png", chart.png)
    path = folder / "report.html"
    write_text(path, page)
    return path


def _charts(contents: Contents, language: Language) -> list[Chart]:
    drawn = []
    metric = _metric(contents)
    if contents.epochs:
        best = charts.best_epoch(contents.epochs)
        words = {"metric": name("metric", metric), "best": formats.NOTHING if best is None else best.epoch}
        line = views.number_to_beat(contents, metric)
        label = say("curves.label", words)
        drawn.append(
            draw("curves", label, language, lambda each: charts.curves(contents.epochs, metric, line, each))
        )
    found = contents.evaluation
    if found is not None and found.confusion:
        places = charts.largest_classes(found.confusion, charts.MAX_CLASSES)
        labels = [found.labels[place] for place in places]
        counts = [[found.confusion[row][column] for column in places] for row in places]
        label = say("classes.label", {"count": len(places)})
        drawn.append(draw("confusion", label, language, lambda each: charts.confusion(labels, counts, each)))
    if found is not None and found.calibration:
        bins = found.calibration
        label = say("calibration.label")
        drawn.append(draw("calibration", label, language, lambda each: charts.calibration(bins, each)))
    card = contents.data
    if card is not None and card.classes:
        classes = card.classes
        label = say("data.balance_label", {"count": len(classes)})
        drawn.append(draw("balance", label, language, lambda each: charts.balance(classes, each)))
    if card is not None and card.characters is not None:
        characters = card.characters
        label = say(
            "data.lengths_label", {key: formats.count(it) for key, it in characters.model_dump().items()}
        )
        drawn.append(draw("lengths", label, language, lambda each: charts.lengths(characters, each)))
    return drawn


def _metric(contents: Contents) -> str:
    """Choose the score that the curves show: that of the verdict where the epochs have it, else accuracy."""
    found = contents.evaluation
    metric = found.verdict.metric if found and found.verdict else _SCORE
    return metric if any(metric in one.validation for one in contents.epochs) else _SCORE


def _page(contents: Contents, drawn: list[Chart], language: Language) -> str:
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals.update({"say": say, "name": name, "formats": formats})
    environment.filters["label"] = lambda text: formats.cut(text, formats.LABEL_CHARACTERS)
    environment.filters["text"] = lambda text: formats.cut(text, formats.TEXT_CHARACTERS)
    template = environment.from_string(_source("page.html"))
    script = _source("page.js")
    values = _values(contents, language) | {
        "svg": {chart.name: chart.svg for chart in drawn},
        "glyphs": {key: glyph for chart in drawn for key, glyph in chart.glyphs.items()},
        "script": Markup(script),
        "script_hash": _hash(script),
    }
    base = _source("page.css")
    draft = template.render({**values, "style": Markup(base), "style_hash": ""})
    style = (
        fonts.font_faces(draft, MAX_PAGE_BYTES - len(draft.encode("utf-8", "replace")) - _SPARE_BYTES) + base
    )
    page = template.render({**values, "style": Markup(style), "style_hash": _hash(style)})
    return _UNFIT.sub("\N{REPLACEMENT CHARACTER}", page)


def _values(contents: Contents, language: Language) -> dict[str, object]:
    found = contents.evaluation
    metric = _metric(contents)
    mistakes = contents.mistakes.get(found.split, ()) if found else ()
    return {
        "language": language,
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
        "wide": found is not None and charts.is_wide(found.labels),
        "max_bars": charts.MAX_BARS,
        "pairs": views.confused_pairs(found) if found else [],
        "mistakes": mistakes[:_MISTAKES],
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


def _class_rows(found: Evaluation | None) -> list[ClassScore]:
    """Return the classes of the table: all in their own order, or the most frequent of very many."""
    if found is None:
        return []
    frequent = sorted(found.per_class, key=lambda one: -one.rows)[:_CLASS_ROWS]
    return frequent if len(found.per_class) > _CLASS_ROWS else list(found.per_class)


def _source(file: str) -> str:
    return resources.files("yeoul.report").joinpath(file).read_text("utf-8").strip()


def _hash(text: str) -> str:
    """Return the hash by which the page's security policy allows one inline script or style."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
