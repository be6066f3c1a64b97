"""The run that a person holds: its folder, and what its model can do."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from yeoul.api.evaluating import EVALUATIONS
from yeoul.api.rereading import reread
from yeoul.data.cards import DataFile
from yeoul.data.measured.measurements import Measurements, keep_series, read_measurements
from yeoul.data.measured.times import span_rows
from yeoul.data.measured.windows import long_enough
from yeoul.data.opening import existing_source
from yeoul.errors import RunError, UsageError
from yeoul.kernels.devices import choose_device
from yeoul.language import Language, current
from yeoul.recipe import DataRecipe, Recipe
from yeoul.recipe.forecasting import span
from yeoul.recipefile import resolve
from yeoul.runs.folder import RunFolder, open_run, read_json
from yeoul.tasks.captioning.answers import CaptionAnswer
from yeoul.tasks.captioning.captioner import Captioner, Picture
from yeoul.tasks.classification.answers import Answer
from yeoul.tasks.classification.classifier import Classifier
from yeoul.tasks.classification.inputs import Inputs, Series, texts_of
from yeoul.tasks.comparison.answers import Found, PairAnswer
from yeoul.tasks.comparison.coherence import Coherence, coherence
from yeoul.tasks.comparison.comparer import Comparer
from yeoul.tasks.comparison.sides import inputs_of_cells
from yeoul.tasks.forecasting.forecaster import Forecaster, Forecasts
from yeoul.tasks.forecasting.stream import ForecastStream
from yeoul.tasks.generation.generating import Continuation, Generated
from yeoul.tasks.generation.manner import Manner
from yeoul.tasks.generation.writer import Writer
from yeoul.tasks.tagging.answers import TagAnswer
from yeoul.tasks.tagging.tagger import SentenceTagger
from yeoul.tasks.transduction.translator import Translator

if TYPE_CHECKING:
    from yeoul.explain.explanation import Explanation
    from yeoul.explain.run import Explainer, Question
    from yeoul.explain.units import Unit


@dataclass(frozen=True)
class Run:
    """A run's folder and what its model can do.

    >>> run = yeoul.load("runs/reviews-0001")            # doctest: +SKIP
    >>> run.predict(["재미있어요"])[0].label               # doctest: +SKIP
    """

    path: Path
    device: str = "auto"
    folder: RunFolder = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "folder", open_run(self.path))
        object.__setattr__(self, "path", self.folder.path)

    @property
    def id(self) -> str:
        return self.folder.id

    @property
    def status(self) -> str:
        """Return created, running, paused, interrupted, done or failed."""
        return self.folder.status()

    @property
    def record(self) -> dict[str, Any]:
        """Return what `run.json` says."""
        return self.folder.record()

    @cached_property
    def classifier(self) -> Classifier:
        """Load the best model so far; raise `ModelFileError` if it is damaged, `RunError` if there is none."""
        self._needs("classify")
        return Classifier.load(self._saved_model(), choose_device(self.device).torch)

    @cached_property
    def recipe(self) -> Recipe:
        """Return the recipe with every value as the training had it."""
        text = (self.path / "resolved.toml").read_text("utf-8")
        return resolve(text, str(self.record["recipe"]), {}).recipe

    @property
    def data_recipe(self) -> DataRecipe:
        """Return how the training rows were read: columns, encoding, separator."""
        return self.recipe.data

    @cached_property
    def reads_series(self) -> bool:
        """Whether the model reads numbers over time rather than texts."""
        return self.recipe.reads_series

    def predict(self, inputs: Inputs) -> list[Answer]:
        """Answer each text, or each of a `Series`: a class with its probability, labels, a number, a text, or tags."""
        if isinstance(inputs, str):
            raise UsageError("predict takes a list of texts", "write predict([text])")
        if self.record["task"] == "transduce":
            translator = self.translator
            return list(translator.answer(texts_of(inputs), best=translator.search.beam))
        if self.record["task"] == "tag":
            return list(self.tagger.predict(texts_of(inputs)))
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
    def comparer(self) -> Comparer:
        """Load the best model so far; raise `ModelFileError` if it is damaged, `RunError` if there is none."""
        self._needs("compare")
        return Comparer.load(self._saved_model(), choose_device(self.device).torch)

    def compare(self, lefts: Inputs, rights: Inputs) -> list[PairAnswer]:
        """Say how close the two of each pair are: texts, or `Series`. Raises `DataError` for sides of unequal number.

        >>> run.compare(["어디예요?"], ["어디 있어요?"])[0].score              # doctest: +SKIP
        """
        if isinstance(lefts, str) or isinstance(rights, str):
            raise UsageError("compare takes two lists of texts", "write compare([text], [text])")
        return self.comparer.similarity(lefts, rights)

    def compare_cells(self, lefts: Sequence[str], rights: Sequence[str]) -> list[PairAnswer]:
        """Say how close the two of each pair are, as they stand in a table: texts, or lists of numbers."""
        sides = (pa.array(list(side), pa.string()) for side in (lefts, rights))
        left, right = (inputs_of_cells(side, self.reads_series, "pair") for side in sides)
        return self.compare(left, right)

    def coherence(self, text: str) -> Coherence:
        """Say how well a document holds together, of a run that learned from the neighbors of sentences.

        Raises `UsageError` for other runs.

        >>> run.coherence("비가 왔다. 그래서 우산을 폈다. 우산이 뒤집혔다.").weakest     # doctest: +SKIP
        """
        if self.comparer.comparing.rows != "neighbors":
            raise UsageError(
                "this run learned nothing of documents",
                'train one with comparing.rows = "neighbors"',
                where=self.id,
            )
        return coherence(self.comparer, text)

    def nearest(self, queries: Inputs, pool: Inputs, best: int = 5) -> list[tuple[Found, ...]]:
        """Return the closest of a pool for each query, the best first."""
        return self.comparer.nearest(queries, pool, best)

    @cached_property
    def tagger(self) -> SentenceTagger:
        """Load the best model so far; raise `ModelFileError` if it is damaged, `RunError` if there is none."""
        self._needs("tag")
        return SentenceTagger.load(self._saved_model(), choose_device(self.device).torch)

    def tag(self, sentences: Sequence[Sequence[str]]) -> list[TagAnswer]:
        """Tag sentences that are cut into words; `predict` cuts raw ones.

        >>> yeoul.load("runs/ud-korean-upos-0001").tag([["새가", "난다"]])[0].tags      # doctest: +SKIP
        """
        return self.tagger.tag(sentences)

    @cached_property
    def captioner(self) -> Captioner:
        """Load the best model so far; raise `ModelFileError` if it is damaged, `RunError` if there is none."""
        self._needs("caption")
        return Captioner.load(self._saved_model(), choose_device(self.device).torch)

    def caption(self, pictures: Sequence[Picture]) -> list[CaptionAnswer]:
        """Say what is on each picture: a path, the bytes of a file, or an array.

        >>> yeoul.load("runs/scenes-0001").caption([Path("picture.png")])[0].text      # doctest: +SKIP
        """
        return self.captioner.answer(pictures, best=self.captioner.search.beam)

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
        measurements = self.measurements(path, start, encoding)
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
        return ForecastStream(self.forecaster, self.measurements(path, start, encoding))

    def measurements(self, path: Path | str | None, start: str, encoding: str) -> Measurements:
        """Read measurements in the way of the training rows."""
        recipe = self.recipe
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
        scores = EVALUATIONS[self.record["task"]](self, Path(path), encoding, start)
        return {"split": Path(path).name, "holds_training_rows": self._holds(Path(path)), **scores}

    def reread(self, *, cache: bool = False, dynamic: bool = False) -> dict[str, Any]:
        """Return the run's test scores, with those of a text model that has a cache, or learns while it reads.

        Raises `UsageError` for what is no network that reads a stream, `DataError` where the data has changed.
        """
        self._needs("generate")
        return {**self._scores(), **reread(self, cache=cache, dynamic=dynamic)}

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

    def explain(
        self,
        asked: "Question | Path | None" = None,
        *,
        target: str = "",
        by: "Unit | None" = None,
        examples: int = 0,
        place: int | None = None,
    ) -> "Explanation":
        """Say what of an input speaks for its answer, and how far that can be trusted.

        The input is a text, a picture's file, a series (T, D), two texts to compare, the beginning of a text to go on
        with, or, of measurements, a file, else those of the training. `target` is a label that is not the answer, the
        column that is forecast, or the token that follows; `place`, counted from 1, is the word (of tags or a caption)
        or the row after which is forecast. Parts are words, or with `by="character"` letters. With `examples` so many
        training rows are told that have to do with it. Raises `UsageError` for what the model cannot be asked.

        >>> print(run.explain("재미있어요").best.scores)                      # doctest: +SKIP
        """
        explainer = self.explainer(examples=examples)
        if self.record["task"] == "forecast" and (asked is None or isinstance(asked, str | Path)):
            asked = self.measurements(asked, "", "auto")
        if asked is None:
            raise UsageError("explain takes texts, a row of a --file, or --measure", "give one of them")
        return explainer(asked, target, by, place)

    def explainer(self, *, examples: int = 0) -> "Explainer":
        """Return what explains many answers; the training rows are read once."""
        from yeoul.explain.run import Explainer

        match self.record["task"]:
            case "classify":
                return Explainer(self.classifier, self.recipe, examples=examples)
            case "transduce":
                return Explainer(self.translator, self.recipe, examples=examples)
            case "forecast":
                return Explainer(self.forecaster, self.recipe, examples=examples)
            case "tag":
                return Explainer(self.tagger, self.recipe, examples=examples)
            case "compare":
                return Explainer(self.comparer, self.recipe, examples=examples)
            case "generate":
                return Explainer(self.writer, self.recipe, examples=examples)
            case _:
                return Explainer(self.captioner, self.recipe, examples=examples)

    def _holds(self, path: Path) -> bool:
        """Whether the run was trained on this very file."""
        own = {file["sha256"] for file in read_json(self.path / "data.json")["files"]}
        found = existing_source(path)
        return found.is_file() and DataFile.of(found).sha256 in own

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
        if not self.folder.model.is_dir():
            raise RunError("no model has been saved yet", "train on with --resume", where=self.id)
        return self.folder.model

    def _scores(self) -> dict[str, Any]:
        scores = self.folder.scores("test")
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
