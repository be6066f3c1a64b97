"""Score a run's model on new rows, beside the simple models that were kept with it: a row of a table for each task."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from yeoul.baselines.text import same_answer
from yeoul.data.corpora.sources import is_plain_text
from yeoul.data.labelled import read_labelled
from yeoul.data.measured.windows import all_origins
from yeoul.data.opening import existing_source
from yeoul.data.pairs.pairs import Pairs
from yeoul.data.pictures.opening import open_captioned
from yeoul.errors import YeoulError
from yeoul.kernels.devices import choose_device
from yeoul.language import say
from yeoul.recipe import DataRecipe, NaiveRecipe
from yeoul.runs.folder import read_json
from yeoul.tasks.captioning.rescoring import evaluate_captions
from yeoul.tasks.classification.classifier import Classifier
from yeoul.tasks.classification.evaluation import Answered, evaluate
from yeoul.tasks.classification.inputs import inputs_of
from yeoul.tasks.comparison.comparer import KeptLikeness
from yeoul.tasks.comparison.rescoring import evaluate_comparisons
from yeoul.tasks.forecasting.evaluation import Asked
from yeoul.tasks.forecasting.forecaster import Forecaster, Rule
from yeoul.tasks.generation.rescoring import evaluate_text
from yeoul.tasks.generation.writer import Writer
from yeoul.tasks.tagging.baselines import SimpleTaggers
from yeoul.tasks.tagging.rescoring import evaluate_tags
from yeoul.tasks.transduction.rescoring import evaluate_pairs
from yeoul.tasks.transduction.task import Transduction

if TYPE_CHECKING:
    from yeoul.api.run import Run

Evaluate: TypeAlias = Callable[["Run", Path, str, str], Mapping[str, Any]]
"""From a run, a file, its encoding ("auto" for that of the training) and the time of its first row to scores."""


def _labelled(run: "Run", path: Path, encoding: str, _: str) -> Mapping[str, Any]:
    recipe, model, record = run.recipe, run.classifier, run.record
    examples = read_labelled(_same_form(run, path, encoding), model.labels, series=recipe.reads_series)
    inputs = inputs_of(examples, recipe.reads_series)
    baselines = {
        name: Answered(model.target.limited(fit["limits"]), same_answer(fit["answer"], len(examples)))
        for name, fit in record["baselines"].items()
        if "answer" in fit
    }
    if run.folder.baseline.is_dir():
        linear = Classifier.load(run.folder.baseline, choose_device("cpu").torch)
        baselines["linear"] = Answered(linear.target, linear.answers(inputs))
    against = record["verdict"]["against"]
    return evaluate(
        Answered(model.target, model.answers(inputs)),
        examples,
        baselines,
        against if against in baselines else next(reversed(baselines)),
        recipe.seed,
    )


def _forecasts(run: "Run", path: Path, encoding: str, start: str) -> Mapping[str, Any]:
    """Score what would have been forecast at every row of the file."""
    model = run.forecaster
    measurements = run.measurements(path, start, encoding)
    rows = model.asked(measurements, all_origins(measurements, model.plan))
    beside = {"last": Rule(NaiveRecipe(method="last")).answers(rows)}
    if run.folder.baseline.is_dir():
        kept = Forecaster.load(run.folder.baseline, choose_device("cpu").torch)
        beside[kept.name] = kept.answers(rows)
    asked, known = Asked.of(rows), run.folder.scores("test")
    asked = asked if known is None else asked.scaled_as(known)
    scores = asked.evaluate(model.answers(rows), beside, next(reversed(beside)), run.recipe.seed)
    card, told = read_json(run.path / "data.json"), measurements.to_json()
    learned = bool(told["from"] and card["to"]) and told["from"] <= card["to"]
    return {**scores, **({"holds_training_rows": True} if learned else {})}


def _text(run: "Run", path: Path, encoding: str, _: str) -> Mapping[str, Any]:
    recipe, kept = run.recipe, None
    if run.folder.baseline.is_dir():
        kept = Writer.load(run.folder.baseline, choose_device("cpu").torch)
    data = DataRecipe(
        source=str(path),
        encoding=recipe.data.encoding if encoding == "auto" else encoding,
        inputs=() if is_plain_text(existing_source(path), DataRecipe()) else recipe.data.inputs,
    )
    return evaluate_text(run.writer, kept, data, recipe.seed, run.folder.scores("test") or {})


def _pairs(run: "Run", path: Path, encoding: str, _: str) -> Mapping[str, Any]:
    """Score the model on other pairs, beside the simple models; some of them need the pairs of the training."""
    recipe, card = run.recipe, read_json(run.path / "data.json")
    if recipe.pairs is None:
        raise TypeError("not a run of pairs")
    data = _same_form(run, path, encoding)
    train, gone = _training_pairs(run)
    scores = evaluate_pairs(run.translator, data, recipe.pairs, run.record, card, recipe.seed, train)
    return scores if gone is None else {**scores, "why_missing": gone}


def _training_pairs(run: "Run") -> tuple[Pairs | None, str | None]:
    """Return the pairs of the training, or why they are not to be had."""
    try:
        task = Transduction.open(run.recipe)
    except YeoulError as error:
        return None, error.message()
    if task.fingerprint != run.record["data"]["fingerprint"]:
        return None, say("the data has changed since the run began")
    return task.dataset.train, None


def _comparisons(run: "Run", path: Path, encoding: str, _: str) -> Mapping[str, Any]:
    """Score the model on other pairs, beside the best of the simple models."""
    kept = KeptLikeness.load(run.folder.baseline) if run.folder.baseline.is_dir() else None
    data = _same_form(run, path, encoding)
    return evaluate_comparisons(run.comparer, kept, data, read_json(run.path / "data.json"), run.recipe.seed)


def _tags(run: "Run", path: Path, encoding: str, _: str) -> Mapping[str, Any]:
    kept = SimpleTaggers.load(run.folder.baseline)
    data, metric = _same_form(run, path, encoding), run.record["verdict"]["metric"]
    return evaluate_tags(run.tagger, kept, data, metric, run.recipe.seed)


def _captions(run: "Run", path: Path, encoding: str, _: str) -> Mapping[str, Any]:
    """Score the model on other pictures, beside the most frequent caption."""
    recipe, data = run.recipe, _same_form(run, path, encoding)
    if recipe.pictures is None:
        raise TypeError("not a run of pictures")
    own = {file["sha256"] for file in read_json(run.path / "data.json")["files"]}
    learned = any(file.sha256 in own for file in open_captioned(data).files)
    scores = evaluate_captions(run.captioner, data, recipe.pictures, run.record, recipe.seed)
    return {**scores, "holds_training_rows": learned}


def _same_form(run: "Run", path: Path, encoding: str) -> DataRecipe:
    """Return how to read a file of the form that the training rows had."""
    own = run.recipe.data
    return own.model_copy(
        update={"source": str(path), "encoding": own.encoding if encoding == "auto" else encoding}
    )


EVALUATIONS: Mapping[str, Evaluate] = {
    "caption": _captions,
    "classify": _labelled,
    "compare": _comparisons,
    "forecast": _forecasts,
    "generate": _text,
    "tag": _tags,
    "transduce": _pairs,
}
