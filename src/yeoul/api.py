"""The public face: train, load, and the run that a person holds."""

import json
import shlex
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from yeoul.baselines.text import same_answer
from yeoul.data.cards import DataFile
from yeoul.data.corpora.sources import is_plain_text
from yeoul.data.labelled import read_labelled
from yeoul.data.measured.measurements import Measurements, keep_series, read_measurements
from yeoul.data.measured.times import span_rows
from yeoul.data.measured.windows import all_origins, long_enough
from yeoul.data.opening import PIPE, existing_source
from yeoul.errors import RunError, UsageError
from yeoul.kernels.devices import choose_device
from yeoul.language import Language, current
from yeoul.recipe import DataRecipe, NaiveRecipe
from yeoul.recipe.forecasting import span
from yeoul.recipe.on_files import ON_A_FILE
from yeoul.recipefile import ResolvedRecipe, full_key, read_recipe, recipe_names, resolve
from yeoul.runs.folder import RunFolder, open_run, read_json
from yeoul.tasks.classification.answers import Answer
from yeoul.tasks.classification.classifier import Classifier
from yeoul.tasks.classification.evaluation import Answered, evaluate
from yeoul.tasks.classification.inputs import Inputs, Series, inputs_of, texts_of
from yeoul.tasks.forecasting.evaluation import Asked
from yeoul.tasks.forecasting.forecaster import Forecaster, Forecasts, Rule
from yeoul.tasks.forecasting.stream import ForecastStream
from yeoul.tasks.generation.generating import Continuation, Generated
from yeoul.tasks.generation.manner import Manner
from yeoul.tasks.generation.rescoring import evaluate_text
from yeoul.tasks.generation.writer import Writer
from yeoul.tasks.transduction.rescoring import evaluate_pairs
from yeoul.tasks.transduction.translator import Translator
from yeoul.training.events import Finished, SessionEvent

if TYPE_CHECKING:
    from yeoul import session


@dataclass(frozen=True)
class Run:
    """A run's folder and what its model can do.

    >>> run = yeoul.load("runs/reviews-0001")            # doctest: +SKIP
    >>> run.predict(["재미있어요"])[0].label               # doctest: +SKIP
    """

    path: Path
    device: str = "auto"
    _folder: RunFolder = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_folder", open_run(self.path))
        object.__setattr__(self, "path", self._folder.path)

    @property
    def id(self) -> str:
        return self._folder.id

    @property
    def status(self) -> str:
        """Return created, running, paused, interrupted, done or failed."""
        return self._folder.status()

    @property
    def record(self) -> dict[str, Any]:
        """Return what `run.json` says."""
        return self._folder.record()

    @cached_property
    def classifier(self) -> Classifier:
        """Load the best model so far; raise `ModelFileError` if it is damaged, `RunError` if there is none."""
        self._needs("classify")
        return Classifier.load(self._saved_model(), choose_device(self.device).torch)

    @property
    def data_recipe(self) -> DataRecipe:
        """Return how the training rows were read: columns, encoding, separator."""
        return self._resolved().recipe.data

    @cached_property
    def reads_series(self) -> bool:
        """Whether the model reads numbers over time rather than texts."""
        return self._resolved().recipe.reads_series

    def predict(self, inputs: Inputs) -> list[Answer]:
        """Answer each text, or each of a `Series`: a class with its probability, labels, a number, or a text."""
        if isinstance(inputs, str):
            raise UsageError("predict takes a list of texts", "write predict([text])")
        if self.record["task"] == "transduce":
            translator = self.translator
            return list(translator.answer(texts_of(inputs), best=translator.search.beam))
        if self.reads_series and not isinstance(inputs, Series):
            raise UsageError("this model reads series, not texts", "name a file that has them: --file FILE")
        return self.classifier.predict(inputs)

    @cached_property
    def writer(self) -> Writer:
        """Load the best model so far; raise `ModelFileError` if it is damaged, `RunError` if there is none."""
        self._needs("generate")
        return Writer.load(self._saved_model(), choose_device(self.device).torch)

    @cached_property
    def translator(self) -> Translator:
        """Load the best model so far; raise `ModelFileError` if it is damaged, `RunError` if there is none."""
        self._needs("transduce")
        return Translator.load(self._saved_model(), choose_device(self.device).torch)

    @cached_property
    def forecaster(self) -> Forecaster:
        """Load the best model so far; raise `ModelFileError` if it is damaged, `RunError` if there is none."""
        self._needs("forecast")
        return Forecaster.load(self._saved_model(), choose_device(self.device).torch)

    def forecast(
        self,
        path: Path | str | None = None,
        *,
        horizon: int | str | None = None,
        start: str = "",
        encoding: str = "auto",
    ) -> Forecasts:
        """Say how measurements go on: those of a file, or without one those that the run was trained on.

        `horizon` may be shorter than the run's own; `start` is the time of the file's first row where no column tells
        it. Series that are shorter than what a forecast reads are left out. Raises `DataError` for measurements that
        lack columns or rows, and `UsageError` for a longer horizon.
        """
        forecaster = self.forecaster
        measurements = self._measurements(path, start, encoding)
        enough = long_enough(measurements, forecaster.plan)
        kept = keep_series(measurements, enough) if enough.any() else measurements
        short = tuple(name for name in measurements.series if name not in kept.series)
        found = replace(forecaster.forecast(kept), left_out=short)
        if horizon is None:
            return found
        steps = span_rows(_horizon(horizon), found.measurements.every, "--horizon")
        if steps > forecaster.plan.horizon:
            raise UsageError(
                "the run forecasts {most} rows, not {asked}",
                "ask for less, or train again with a longer --horizon",
                where="--horizon",
                values={"most": forecaster.plan.horizon, "asked": steps},
            )
        return found.first(steps)

    def stream(
        self, path: Path | str | None = None, *, start: str = "", encoding: str = "auto"
    ) -> ForecastStream:
        """Begin a stream of forecasts after the newest row of a file, or of the measurements of the training.

        >>> stream = yeoul.load("runs/sensor-0001").stream()              # doctest: +SKIP
        >>> stream.feed({"heat": 21.5}).answers[0, :, 0, 3]               # doctest: +SKIP
        """
        return ForecastStream(self.forecaster, self._measurements(path, start, encoding))

    def _measurements(self, path: Path | str | None, start: str, encoding: str) -> Measurements:
        """Read measurements in the way of the training rows."""
        recipe = self._resolved().recipe
        if recipe.forecast is None:
            raise TypeError("not a run of forecasts")
        if path is None:
            return read_measurements(recipe.data, recipe.forecast)
        plan = self.forecaster.plan
        read = {
            "source": str(path),
            "encoding": recipe.data.encoding if encoding == "auto" else encoding,
            "inputs": plan.inputs or plan.targets,  # a target named as an input stands for none
        }
        data = recipe.data.model_copy(update=read)
        return read_measurements(data, recipe.forecast.model_copy(update={"rows": None, "start": start}))

    def evaluate(
        self, path: Path | str | None = None, *, encoding: str = "auto", start: str = ""
    ) -> dict[str, Any]:
        """Score the model on a labelled file, beside the baselines; without one, return the run's test scores.

        The file must have the columns that the run was trained on; `start` is the time of its first row where no
        column of measurements tells it. Raises `DataError` otherwise.
        """
        if path is None:
            return self._scores()
        if self.record["task"] == "forecast":
            return self._evaluated_forecasts(Path(path), encoding, start)
        if self.record["task"] == "generate":
            return self._evaluated_text(Path(path), encoding)
        if self.record["task"] == "transduce":
            return self._evaluated_pairs(Path(path), encoding)
        recipe = self._resolved().recipe
        model = self.classifier
        data = recipe.data.model_copy(
            update={"source": str(path), "encoding": recipe.data.encoding if encoding == "auto" else encoding}
        )
        examples = read_labelled(data, model.labels, series=recipe.reads_series)
        inputs, record = inputs_of(examples, recipe.reads_series), self.record
        baselines = {
            name: Answered(model.target.limited(fit["limits"]), same_answer(fit["answer"], len(examples)))
            for name, fit in record["baselines"].items()
            if "answer" in fit
        }
        if self._folder.baseline.is_dir():
            linear = Classifier.load(self._folder.baseline, choose_device("cpu").torch)
            baselines["linear"] = Answered(linear.target, linear.answers(inputs))
        against = record["verdict"]["against"]
        scores = evaluate(
            Answered(model.target, model.answers(inputs)),
            examples,
            baselines,
            against if against in baselines else next(reversed(baselines)),
            recipe.seed,
        )
        return {"split": Path(path).name, "holds_training_rows": self._holds(Path(path)), **scores}

    def _evaluated_forecasts(self, path: Path, encoding: str, start: str) -> dict[str, Any]:
        """Score what would have been forecast at every row of a file, beside the baselines."""
        model, recipe = self.forecaster, self._resolved().recipe
        measurements = self._measurements(path, start, encoding)
        rows = model.asked(measurements, all_origins(measurements, model.plan))
        beside = {"last": Rule(NaiveRecipe(method="last")).answers(rows)}
        if self._folder.baseline.is_dir():
            kept = Forecaster.load(self._folder.baseline, choose_device("cpu").torch)
            beside[kept.name] = kept.answers(rows)
        against = next(reversed(beside))
        scores = Asked.of(rows).evaluate(model.answers(rows), beside, against, recipe.seed)
        card, told = read_json(self.path / "data.json"), measurements.to_json()
        learned = bool(told["from"] and card["to"]) and told["from"] <= card["to"]
        return {"split": path.name, "holds_training_rows": self._holds(path) or learned, **scores}

    def generate(
        self, prompt: str = "", manner: Manner | None = None, *, seed: int | None = None
    ) -> Generated:
        """Go on with a text; the same seed says the same again. Raises `UsageError` for what cannot be said.

        >>> run.generate("나비야", Manner(temperature=0.8, lines=3), seed=1).text        # doctest: +SKIP
        """
        return self.stream_text(prompt, manner, seed=seed).finish()

    def stream_text(
        self, prompt: str = "", manner: Manner | None = None, *, seed: int | None = None
    ) -> Continuation:
        """Go on with a text, token by token as it comes; see `generate`."""
        return Continuation(self.writer, prompt, manner or Manner(), seed)

    def _evaluated_text(self, path: Path, encoding: str) -> dict[str, Any]:
        """Score the model on another text, beside the n-grams that were kept with it."""
        recipe, kept = self._resolved().recipe, None
        if self._folder.baseline.is_dir():
            kept = Writer.load(self._folder.baseline, choose_device("cpu").torch)
        data = DataRecipe(
            source=str(path),
            encoding=recipe.data.encoding if encoding == "auto" else encoding,
            inputs=() if is_plain_text(existing_source(path), DataRecipe()) else recipe.data.inputs,
        )
        known = self._folder.scores("test") or {}
        scores = evaluate_text(self.writer, kept, data, recipe.seed, known)
        return {"split": path.name, "holds_training_rows": self._holds(path), **scores}

    def _evaluated_pairs(self, path: Path, encoding: str) -> dict[str, Any]:
        """Score the model on other pairs, beside the simple models that need no training rows."""
        recipe, card = self._resolved().recipe, read_json(self.path / "data.json")
        if recipe.pairs is None:
            raise TypeError("not a run of pairs")
        read = {"source": str(path), "encoding": recipe.data.encoding if encoding == "auto" else encoding}
        data = recipe.data.model_copy(update=read)
        scores = evaluate_pairs(self.translator, data, recipe.pairs, self.record, card, recipe.seed)
        return {"split": path.name, "holds_training_rows": self._holds(path), **scores}

    def _holds(self, path: Path) -> bool:
        """Whether the run was trained on this very file."""
        own = {file["sha256"] for file in read_json(self.path / "data.json")["files"]}
        return DataFile.of(existing_source(path)).sha256 in own

    def report(self, language: Language | None = None) -> Path:
        """Write `report.html` and the plots anew; return the page's path."""
        from yeoul.report.page import write_report

        return write_report(self.path, language or current())

    def _needs(self, task: str) -> None:
        """Raise `UsageError` where the run is of another task."""
        if self.record["task"] != task:
            raise UsageError(
                "this is a run of the task {own}, not of {asked}",
                "`yeoul generate` is for generate, `yeoul forecast` for forecast, `yeoul predict` for classify",
                where=self.id,
                values={"own": self.record["task"], "asked": task},
            )

    def _saved_model(self) -> Path:
        if not self._folder.model.is_dir():
            raise RunError("no model has been saved yet", "train on with --resume", where=self.id)
        return self._folder.model

    def _resolved(self) -> ResolvedRecipe:
        text = (self.path / "resolved.toml").read_text("utf-8")
        return resolve(text, str(self.record["recipe"]), {})

    def _scores(self) -> dict[str, Any]:
        scores = self._folder.scores("test")
        if scores is None:
            raise RunError("the run has no test scores yet", "train on with --resume", where=self.id)
        return scores


def load(path: Path | str, device: str = "auto") -> Run:
    """Open a run by its folder, or by its name below `runs/`; raise `RunError` if there is none."""
    return Run(Path(path), device)


def _horizon(asked: int | str) -> int | str:
    """Read a horizon as people write it; raise `UsageError` for one that is no span."""
    try:
        return span(asked)
    except ValueError as error:
        raise UsageError(
            "{came} is no horizon",
            "write a number of rows from 1, or a time: 10min, 24h, 7d",
            where="--horizon",
            values={"came": asked},
        ) from error


def recipe_for(data_or_recipe: str, overrides: dict[str, Any]) -> ResolvedRecipe:
    """Return the recipe of a name or a .toml file; anything else is data for the default recipe of its task."""
    if data_or_recipe in recipe_names() or data_or_recipe.endswith(".toml"):
        return read_recipe(data_or_recipe, overrides)
    name = "stdin" if data_or_recipe == PIPE else Path(data_or_recipe).stem or data_or_recipe
    task = str(overrides.get("task", "classify"))
    overrides = {full_key(key, task): value for key, value in overrides.items()}
    text = ON_A_FILE.get(task, ON_A_FILE["classify"])
    if task != "classify" and {"model.kind", "model.strategy", "model.output"} & overrides.keys():
        text = f'task = "{task}"\n'  # what suits the default model may not suit another
    return resolve(text, name, {"data.source": data_or_recipe, **overrides})


def training_command(source: str, overrides: Mapping[str, Any], options: Mapping[str, str]) -> str:
    """Write the command line that repeats a training; options at their usual values are left out."""
    usual = {"--out": "runs", "--from": "", "--device": "auto"}
    words = [f"{key}={_toml(value)}" for key, value in overrides.items()]
    words += [word for name, value in options.items() if value != usual[name] for word in (name, value)]
    return shlex.join(["yeoul", "train", source, *words])


def _toml(value: object) -> str:
    """Write a recipe value so that `recipefile.parse_value` reads it back."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def train(
    data_or_recipe: str | Path,
    *,
    out: Path | str = "runs",
    start_from: Path | str | None = None,
    device: str = "auto",
    on_event: Callable[[SessionEvent], None] = lambda event: None,
    **overrides: Any,
) -> Run:
    """Train on a file, a public set or a recipe, and return the finished run.

    Overrides are recipe values by full or last name: `train("reviews.csv", target="label", epochs=3)`.
    """
    from yeoul import session  # with all that training needs; predicting needs it not

    resolved = recipe_for(str(data_or_recipe), overrides)
    options = {"--out": str(out), "--from": str(start_from or ""), "--device": device}
    command = training_command(str(data_or_recipe), overrides, options)
    request = session.Request(
        resolved, Path(out), device, None if start_from is None else open_run(Path(start_from)).path, command
    )
    return _finished(session.train(request), on_event, device)


def resume(
    run: Path | str, *, device: str = "auto", on_event: Callable[[SessionEvent], None] = lambda event: None
) -> Run:
    """Go on with a run that was paused, killed or failed."""
    from yeoul import session

    return _finished(session.resume(open_run(Path(run)), device), on_event, device)


def _finished(events: "session.Events", on_event: Callable[[SessionEvent], None], device: str) -> Run:
    with closing(events):  # a listener that raises leaves a run that is paused, not one that seems to run
        for event in events:
            on_event(event)
            if isinstance(event, Finished):
                return Run(event.path, device)
    raise RunError("training ended before its end")
