"""What a server offers: each run that it was started with, opened once, with what may be asked of it."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeAlias, final

import numpy as np

from yeoul.api import Run
from yeoul.data.measured.measurements import Measurements
from yeoul.errors import RunError, UsageError
from yeoul.runs.folder import read_json
from yeoul.serve.answering import ANSWERED, Answering, Question, answering_of, parted
from yeoul.serve.batching import Answered, Batcher
from yeoul.serve.dialogue import Draft
from yeoul.serve.frames import Plain
from yeoul.serve.histories import HistoryReader
from yeoul.serve.limits import Limits
from yeoul.serve.sessions import Sessions
from yeoul.serve.turns import Turns
from yeoul.tasks.captioning.captioner import Captioner, LoosePictures
from yeoul.tasks.classification.inputs import Inputs
from yeoul.tasks.forecasting.forecaster import Forecaster, Forecasts
from yeoul.tasks.forecasting.stream import ForecastStream
from yeoul.tasks.forecasting.together import forecast_together
from yeoul.tasks.generation.writer import Writer

_NAME = re.compile(r"\w[\w-]{0,79}")
_TAKEN = ("models",)
Opening: TypeAlias = Callable[[Run], Answering]
"""How a model is opened: in this process (`answering_of`) or in one of its own (`Apart`)."""


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
    model: Answering
    batcher: Batcher[Question[Inputs], list[Plain]]

    @property
    def waiting(self) -> int:
        return self.batcher.waiting

    @property
    def open_sessions(self) -> int:
        return 0

    @property
    def alive(self) -> bool:
        return self.batcher.alive and self.model.alive

    def close(self) -> None:
        self.batcher.close()
        self.model.close()


@final
@dataclass(frozen=True, eq=False)
class Describer:
    """A model that says what is on pictures."""

    card: Card
    captioner: Captioner
    batcher: Batcher[Question[LoosePictures], list[Plain]]

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
    name: str, run: Run, limits: Limits, on_batch: Callable[[str, Answered], None], opened: Opening
) -> Offer:
    """Start what a run's model answers in; raise what `offer_of` does.

    A model that labels, tags, compares or answers texts is `opened` where the caller wants it.
    """
    if run.record["task"] in ANSWERED and not run.reads_series:
        return _predictor(name, run, opened(run), limits, partial(on_batch, name))
    return offer_of(name, run, limits, on_batch)


def offer_of(name: str, run: Run, limits: Limits, on_batch: Callable[[str, Answered], None]) -> Offer:
    """Start the thread that a run's model answers on, in this process.

    Raises `RunError` for a run without a model, or of a task that is not served.
    """
    counted = partial(on_batch, name)
    match run.record["task"]:
        case task if task in ANSWERED:
            return _predictor(name, run, answering_of(run), limits, counted)
        case "caption":
            return _describer(name, run, limits, counted)
        case "forecast":
            return _foreteller(name, run, limits, counted)
        case "generate":
            writer = run.writer
            facts = {"sampling": writer.sampling.model_dump(mode="json")}
            return Narrator(_card(name, run, facts), writer, Turns(limits), Sessions(limits))
        case task:
            raise RunError("runs of the task {task} are not served yet", where=run.id, values={"task": task})


def _predictor(
    name: str, run: Run, model: Answering, limits: Limits, counted: Callable[[Answered], None]
) -> Predictor:
    return Predictor(_card(name, run, model.facts), model, Batcher(model.answer, limits, counted))


def _foreteller(name: str, run: Run, limits: Limits, counted: Callable[[Answered], None]) -> Foreteller:
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
    return Foreteller(_card(name, run, facts), forecaster, HistoryReader.of(run), batcher, Sessions(limits))


def _describer(name: str, run: Run, limits: Limits, counted: Callable[[Answered], None]) -> Describer:
    captioner = run.captioner

    def describe(questions: Sequence[Question[LoosePictures]]) -> list[list[Plain]]:
        together = LoosePictures(np.concatenate([each.inputs.values for each in questions]))
        return parted(questions, captioner.answer(together, best=captioner.search.beam), ())

    if captioner.form.told is not None:
        raise RunError("a captioner that reads features of pictures is not served", where=run.id)
    facts = {"reads": "pictures", "grid": list(captioner.grid), "words": list(captioner.form.words)}
    return Describer(_card(name, run, facts), captioner, Batcher(describe, limits, counted))


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
