"""What a server offers: each run that it was started with, opened once, with what may be asked of it."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias, final

import numpy as np

from yeoul.api import Run, load
from yeoul.data.measured.measurements import Measurements
from yeoul.errors import DataError, RunError, UsageError
from yeoul.runs.folder import read_json
from yeoul.serve.batching import Answered, Batcher
from yeoul.serve.dialogue import Draft
from yeoul.serve.histories import HistoryReader
from yeoul.serve.limits import Limits
from yeoul.serve.sessions import Sessions
from yeoul.serve.turns import Turns
from yeoul.tasks.captioning.captioner import Captioner, LoosePictures
from yeoul.tasks.classification.classifier import TrainedNetwork
from yeoul.tasks.classification.inputs import Inputs, ReadSeries, Series, texts_of
from yeoul.tasks.forecasting.forecaster import Forecaster, Forecasts
from yeoul.tasks.forecasting.stream import ForecastStream
from yeoul.tasks.forecasting.together import forecast_together
from yeoul.tasks.generation.writer import Writer

_NAME = re.compile(r"\w[\w-]{0,79}")
_TAKEN = ("models",)
_BETWEEN = "\x1f"
Plain = dict[str, Any]


@final
@dataclass(frozen=True)
class Card:
    """What is told of a model: what it answers, and how good it was found to be."""

    name: str
    task: str
    facts: Plain

    def to_json(self) -> Plain:
        return {"name": self.name, "task": self.task, **self.facts}


@final
@dataclass(frozen=True, eq=False)
class Predictor:
    """A model that says something of each input: a label, labels, a number or a text."""

    card: Card
    labels: tuple[str, ...]
    channels: int | None
    """Of a series; None where texts are read."""
    batcher: Batcher[Inputs, list[Plain]]
    compares: bool = False
    """Whether it reads pairs, as `joined_pair` writes them."""

    @property
    def waiting(self) -> int:
        return self.batcher.waiting

    @property
    def open_sessions(self) -> int:
        return 0

    @property
    def alive(self) -> bool:
        return self.batcher.alive

    def close(self) -> None:
        self.batcher.close()


@final
@dataclass(frozen=True, eq=False)
class Describer:
    """A model that says what is on pictures."""

    card: Card
    captioner: Captioner
    batcher: Batcher[LoosePictures, list[Plain]]

    @property
    def waiting(self) -> int:
        return self.batcher.waiting

    @property
    def open_sessions(self) -> int:
        return 0

    @property
    def alive(self) -> bool:
        return self.batcher.alive

    def close(self) -> None:
        self.batcher.close()


@final
@dataclass(frozen=True, eq=False)
class Foreteller:
    """A model that says how measurements go on."""

    card: Card
    forecaster: Forecaster
    reader: HistoryReader
    batcher: Batcher[Measurements, Forecasts]
    sessions: Sessions[ForecastStream]

    @property
    def waiting(self) -> int:
        return self.batcher.waiting

    @property
    def open_sessions(self) -> int:
        return len(self.sessions)

    @property
    def alive(self) -> bool:
        return self.batcher.alive

    def close(self) -> None:
        self.batcher.close()


@final
@dataclass(frozen=True, eq=False)
class Narrator:
    """A model that goes on with a text."""

    card: Card
    writer: Writer
    turns: Turns
    sessions: Sessions[Draft]

    @property
    def waiting(self) -> int:
        return self.turns.waiting

    @property
    def open_sessions(self) -> int:
        return len(self.sessions)

    @property
    def alive(self) -> bool:
        return self.turns.alive

    def close(self) -> None:
        self.turns.close()


Offer: TypeAlias = Predictor | Describer | Foreteller | Narrator


def named_run(word: str) -> tuple[str, Path]:
    """Return the name and the folder that a word of the command line means: RUN, or NAME=RUN.

    Raises `UsageError` for a name that cannot stand in an address.
    """
    name, equals, path = word.partition("=")
    if not equals or (Path(word) / "run.json").is_file():
        name, path = Path(word).absolute().name, word
    name = unicodedata.normalize("NFC", name)
    if not _NAME.fullmatch(name) or name in _TAKEN:
        raise UsageError(
            "{came} cannot be the name of a model",
            "give it one of letters, digits and hyphens: NAME=RUN",
            where=word,
            values={"came": name},
        )
    return name, Path(path)


def open_offer(
    name: str, path: Path, device: str, limits: Limits, on_batch: Callable[[str, Answered], None]
) -> Offer:
    """Load a run's model and start the thread that it answers on; raise what `offer_of` does."""
    return offer_of(name, load(path, device), limits, on_batch)


def offer_of(name: str, run: Run, limits: Limits, on_batch: Callable[[str, Answered], None]) -> Offer:
    """Start the thread that a run's model answers on.

    Raises `RunError` for a run without a model, or of a task that is not served.
    """

    def counted(answered: Answered) -> None:
        on_batch(name, answered)

    match run.record["task"]:
        case "classify" | "transduce" | "tag":
            return _predictor(name, run, limits, counted)
        case "caption":
            return _describer(name, run, limits, counted)
        case "compare":
            return _comparer(name, run, limits, counted)
        case "forecast":
            forecaster, plan = run.forecaster, run.forecaster.plan
            facts = {
                "targets": list(plan.targets),
                "columns": [*plan.targets, *plan.inputs, *plan.known],
                "horizon": plan.horizon,
                "reads": plan.span,
                "every": plan.every or None,
            }

            def forecast(tables: Sequence[Measurements]) -> list[Forecasts]:
                return forecast_together(forecaster, tables)

            batcher = Batcher[Measurements, Forecasts](forecast, limits, counted)
            return Foreteller(
                _card(name, run, facts), forecaster, HistoryReader.of(run), batcher, Sessions(limits)
            )
        case "generate":
            writer = run.writer
            facts = {"sampling": writer.sampling.model_dump(mode="json")}
            return Narrator(_card(name, run, facts), writer, Turns(limits), Sessions(limits))
        case task:
            raise RunError("runs of the task {task} are not served yet", where=run.id, values={"task": task})


def _describer(name: str, run: Run, limits: Limits, counted: Callable[[Answered], None]) -> Describer:
    captioner = run.captioner

    def describe(requests: Sequence[LoosePictures]) -> list[list[Plain]]:
        together = LoosePictures(np.concatenate([each.values for each in requests]))
        answers = [answer.to_json() for answer in captioner.answer(together, best=captioner.search.beam)]
        ends = np.cumsum([len(each) for each in requests]).tolist()
        return [answers[end - len(each) : end] for each, end in zip(requests, ends, strict=True)]

    if captioner.form.told is not None:
        raise RunError("a captioner that reads features of pictures is not served", where=run.id)
    facts = {"reads": "pictures", "grid": list(captioner.grid), "words": list(captioner.form.words)}
    batcher = Batcher[LoosePictures, list[Plain]](describe, limits, counted)
    return Describer(_card(name, run, facts), captioner, batcher)


def _predictor(name: str, run: Run, limits: Limits, counted: Callable[[Answered], None]) -> Predictor:
    labels: tuple[str, ...] = ()
    channels: int | None = None
    further: Plain = {}
    match run.record["task"]:
        case "transduce":
            run.translator  # noqa: B018  loaded now, not at the first request
        case "tag":
            further = {"tags": list(run.tagger.tags), "spans": run.tagger.spans}
        case _:
            labels = run.classifier.labels
            match run.classifier.model:
                case TrainedNetwork(vectorizer=ReadSeries() as reader):
                    channels = reader.vectorizer.channels

    def predict(requests: Sequence[Inputs]) -> list[list[Plain]]:
        answers = [answer.to_json(labels) for answer in run.predict(_joined(requests))]
        ends = np.cumsum([len(inputs) for inputs in requests]).tolist()
        return [answers[end - len(inputs) : end] for inputs, end in zip(requests, ends, strict=True)]

    reads = "texts" if channels is None else "series"
    facts = {"labels": list(labels), "reads": reads, "channels": channels, **further}
    return Predictor(
        _card(name, run, facts), labels, channels, Batcher[Inputs, list[Plain]](predict, limits, counted)
    )


def _comparer(name: str, run: Run, limits: Limits, counted: Callable[[Answered], None]) -> Predictor:
    model = run.comparer  # loaded now, not at the first request

    def compare(requests: Sequence[Inputs]) -> list[list[Plain]]:
        pairs = [text.split(_BETWEEN) for texts in requests for text in texts_of(texts)]
        lefts, rights = ([pair[place] for pair in pairs] for place in (0, 1))
        answers = [answer.to_json() for answer in run.compare_cells(lefts, rights)]
        ends = np.cumsum([len(inputs) for inputs in requests]).tolist()
        return [answers[end - len(inputs) : end] for inputs, end in zip(requests, ends, strict=True)]

    facts = {"labels": [], "reads": "pairs", "of": "series" if model.reads_series else "texts"}
    batcher = Batcher[Inputs, list[Plain]](compare, limits, counted)
    return Predictor(_card(name, run, facts), (), None, batcher, compares=True)


def joined_pair(left: str, right: str) -> str:
    """Return two texts as one, which a model of likeness parts again."""
    return f"{left.replace(_BETWEEN, ' ')}{_BETWEEN}{right.replace(_BETWEEN, ' ')}"


def _joined(requests: Sequence[Inputs]) -> Inputs:
    """Put the inputs of several requests one behind another."""
    series = [each for each in requests if isinstance(each, Series)]
    if series:
        return Series(
            np.concatenate([each.values for each in series]),
            np.concatenate([each.lengths for each in series]),
        )
    return [text for each in requests if not isinstance(each, Series) for text in each]


def series_input(series: Sequence[Sequence[float | Sequence[float]]], channels: int) -> Series:
    """Return series of steps, each a number or one number for every channel; raise `DataError` for other widths."""
    rows: list[list[float]] = []
    for place, steps in enumerate(series):
        for step in steps:
            row = list(step) if isinstance(step, Sequence) else [step]
            if len(row) != channels:
                raise DataError(
                    "a step has {came} numbers, the model reads {expected}",
                    "send as many as the card tells of",
                    where=f"series.{place}",
                    values={"came": len(row), "expected": channels},
                )
            rows.append(row)
    with np.errstate(over="ignore"):  # what is beyond float32 is refused by the vectorizer
        values = np.array(rows, np.float64).reshape(-1, channels).astype(np.float32)
    return Series(values, np.array([len(steps) for steps in series], np.int64))


def _card(name: str, run: Run, facts: Plain) -> Card:
    """Tell what the run's record and its test scores say, but no place of the machine."""
    record = run.record
    verdict = record.get("verdict")
    metric = None if verdict is None else verdict["metric"]
    score = None if metric is None else record.get("scores", {}).get(metric)
    data = run.path / "data.json"
    return Card(
        name,
        str(record["task"]),
        {
            "run": run.id,
            "status": run.status,
            "created": record["created"],
            "model": record.get("model", {}),
            "metric": metric,
            "score": score,
            "verdict": verdict,
            "licence": record.get("data", {}).get("licence") or None,
            "fingerprint": record.get("data", {}).get("fingerprint"),
            "rows": read_json(data).get("rows") if data.is_file() else None,
            **facts,
        },
    )
