"""What may be asked of a run, told from its folder alone: the model stays closed until it is asked."""

import csv
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Any, final

import numpy as np

from yeoul.api import Run
from yeoul.data.measured.measurements import keep_series
from yeoul.errors import UsageError
from yeoul.language import Language
from yeoul.report.explained import METHODS
from yeoul.runs.folder import RunFolder, read_json
from yeoul.serve.histories import columns_of
from yeoul.serve.refusals import RefusedError
from yeoul.spreadsheets import plain
from yeoul.studio.asked import Explain, TwoTexts
from yeoul.tasks.transduction.translator import Translator

_SAMPLES, _LOOKED_AT = 6, 60
_SAMPLE_CHARACTERS = 500
_CELLS = ("lstm", "gru", "rnn")
Plain = dict[str, Any]


@final
@dataclass(frozen=True)
class Trial:
    """What runs of one task answer."""

    asks: tuple[str, ...]
    reads: str


TRIALS: Mapping[str, Trial] = {
    "classify": Trial(("predict", "explain"), "texts"),
    "transduce": Trial(("predict", "beams", "explain"), "texts"),
    "generate": Trial(("generate",), "prompt"),
    "forecast": Trial(("forecast", "history"), "measurements"),
    "tag": Trial(("predict",), "texts"),
    "compare": Trial(("similarity",), "pair"),
    "caption": Trial(("caption",), "picture"),
}
"""What is asked of each task, and what it reads."""
_LOOKED_INTO = ("classify", "transduce", "generate", "forecast", "compare", "tag")
_WITH_VECTORS = ("classify", "transduce", "generate", "compare")


def trial(folder: RunFolder) -> Plain:
    """Return what may be asked of a run; raise `RefusedError` for a task that is not tried."""
    record = folder.record()
    task = str(record["task"])
    if task not in TRIALS:
        raise RefusedError(
            501,
            UsageError(
                "this task cannot be tried here yet", "yeoul predict {run}", values={"run": folder.id}
            ),
        )
    recipe, scores = _recipe(folder), folder.scores("test") or {}
    asks, reads = TRIALS[task].asks, TRIALS[task].reads
    if "series" in recipe and task == "classify":
        reads = "series"
    model = recipe.get("model", {})
    if task in _LOOKED_INTO and _is_recurrent(model.get("encoder") if task == "transduce" else model):
        asks = (*asks, "inside")
    if task in _WITH_VECTORS and ("embedding" in model or "embedding_size" in model):
        asks = (*asks, "embedding")
    return {
        "run": folder.id,
        "task": task,
        "asks": list(asks),
        "reads": reads,
        "labels": scores.get("labels", []),
        "samples": list(islice(_unlike(_samples(folder, reads)), _SAMPLES)),
        "facts": _facts(folder, recipe),
    }


def history(run: Run, rows: int, series: int) -> Plain:
    """Return the newest rows of a series that a run was trained on, as a forecast takes them again.

    Raises `DataError` where the file is gone, and `UsageError` for a series that is not there.
    """
    measurements, plan = run.measurements(None, "", "auto"), run.forecaster.plan
    if series >= len(measurements.series):
        raise UsageError("there is no such series", "count from 0", where="series")
    kept = np.zeros(len(measurements.series), bool)
    kept[series] = True
    alone = keep_series(measurements, kept)
    columns = columns_of(alone)["columns"]
    ahead = plan.delay + plan.horizon if plan.known else 0
    begin = max(0, alone.rows - max(rows, plan.span) - ahead)
    start = alone.times(np.array([begin]))[0]
    cut = {name: [_short(cell) for cell in cells[begin:]] for name, cells in columns.items()}
    truth = {name: cut[name][len(cut[name]) - ahead :] for name in plan.targets} if ahead else None
    for name in (*plan.targets, *plan.inputs):
        if ahead and name in cut and name not in plan.known:
            cut[name][-ahead:] = [
                None
            ] * ahead  # what is known beforehand must be there: so the end is asked for
    return {
        "columns": cut,
        "truth": truth,
        "start": "" if alone.roles.time or np.isnat(start) else str(start),
        "time": alone.roles.time,
        "every": plan.every,
        "targets": list(plan.targets),
        "known": list(plan.known),
        "reads": plan.span,
        "horizon": plan.horizon,
        "series": list(measurements.series),
    }


def _short(cell: Any) -> Any:
    """Write a number of single precision with the digits that it has."""
    return float(f"{cell:.7g}") if isinstance(cell, float) else cell


def beams(translator: Translator, text: str, beam: int | None) -> Plain:
    """Return all that a search kept on its way to the answer of a text, and which of it became the answer."""
    plain = {} if beam is None else {"beam": beam, "groups": 1, "diversity": 0.0}
    search = translator.search.model_copy(update={**plain, "temperature": None})
    tree = translator.tree(text, search)
    (answer,) = translator.answer([text], search, best=search.beam)
    levels = [
        [{**twig, "token": translator.spelled(int(twig["token"]))} for twig in level]
        for level in tree.records()
    ]
    return {"answer": answer.to_json(), "levels": levels, "best": _best(levels)}


def compared(run: Run, asked: TwoTexts) -> Plain:
    """Return how close two texts or series are."""
    first, second = (unicodedata.normalize("NFC", text) for text in (asked.first, asked.second))
    (found,) = run.compare_cells([first], [second])
    return {"model": run.id, "shown": found.shown, **found.to_json()}


def captioned(run: Run, picture: bytes) -> Plain:
    """Return what is on a picture; raise `DataError` for what is none."""
    return {"model": run.id, "answers": [one.to_json() for one in run.caption([picture])]}


def explained(run: Run, asked: Explain, language: Language) -> Plain:
    """Return what speaks for an answer, each method with its name.

    Raises `UsageError` for an input of another kind and a label that is none.
    """
    if (asked.text is None) == (asked.series is None):
        raise UsageError("one of text and series is given", "leave out the other", where="text")
    given = (
        asked.text
        if asked.text is not None
        else np.array(asked.series, np.float32).reshape(len(asked.series or ()), -1)
    )
    told = run.explain(given, target=asked.target, by=asked.by).to_json()
    for method in told["methods"]:
        method["name"] = METHODS[method["method"]].said(language)
    return told


def _best(levels: list[list[Plain]]) -> list[int]:
    """Return the place in each level of the twig on the way to the best end; no more levels than that way has."""
    ends = [
        (float(twig["score"]), depth, place)
        for depth, level in enumerate(levels)
        for place, twig in enumerate(level)
        if twig["outcome"] is not None or depth + 1 == len(levels)
    ]
    if not ends:
        return []
    _, depth, place = max(ends)
    way = [place]
    while depth:
        place = int(levels[depth][place]["parent"])
        depth -= 1
        way.append(place)
    return way[::-1]


def _recipe(folder: RunFolder) -> Plain:
    path = folder.path / "resolved.toml"
    return tomllib.loads(path.read_text("utf-8")) if path.is_file() else {}


def _is_recurrent(tree: Any) -> bool:
    """Tell whether a recurrent cell stands anywhere in a model's tables."""
    if isinstance(tree, list):
        return any(_is_recurrent(each) for each in tree)
    if not isinstance(tree, dict):
        return False
    return tree.get("kind") in _CELLS or any(_is_recurrent(each) for each in tree.values())


def _samples(folder: RunFolder, reads: str) -> Iterator[Any]:
    """Yield inputs from the first test rows, as people may try them."""
    path = folder.evaluation("test") / "predictions.csv"
    if reads not in ("texts", "pair") or not path.is_file():
        return
    with path.open(encoding="utf-8-sig", newline="") as file:
        for _, rows in islice(groupby(csv.DictReader(file), key=_input_of), _LOOKED_AT):
            row, *more = list(rows)
            if reads == "texts" and row.get("text"):
                words = [plain(each["text"]) for each in (row, *more)]  # of a tagger, a row is a word
                yield " ".join(words)[:_SAMPLE_CHARACTERS]
            elif reads == "pair" and row.get("left"):
                yield [plain(row[name])[:_SAMPLE_CHARACTERS] for name in ("left", "right")]


def _unlike(samples: Iterator[Any]) -> Iterator[Any]:
    """Yield each sample once."""
    seen = list[Any]()
    for sample in samples:
        if sample not in seen:
            seen.append(sample)
            yield sample


def _input_of(row: Mapping[str, str]) -> tuple[str, ...]:
    """Return by which rows of one input are known."""
    return (row.get("where", ""),) if "place" in row else tuple(row.values())


def _facts(folder: RunFolder, recipe: Mapping[str, Any]) -> Plain:
    """Return what the page must know to ask: how texts go on, what is forecast, how wide the search is."""
    path = folder.path / "data.json"
    card = read_json(path) if path.is_file() else {}
    told = {name: recipe[name] for name in ("sampling", "search", "forecast") if name in recipe}
    kept = {name: card[name] for name in ("inputs", "target", "channels", "roles") if card.get(name)}
    return {**told, **kept}
