"""The whole of a recipe, and what must hold between its tables."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, model_validator

from yeoul.recipe.captioning import CaptionerRecipe, PicturesRecipe
from yeoul.recipe.comparing import ComparingRecipe, SiameseRecipe
from yeoul.recipe.data import DataRecipe, TargetKind
from yeoul.recipe.decoding import SamplingRecipe, SearchRecipe
from yeoul.recipe.forecasting import ForecasterRecipe, ForecastRecipe, LagsRecipe, NaiveRecipe
from yeoul.recipe.language import DecoderRecipe, LanguageRecipe, NgramRecipe
from yeoul.recipe.models import LinearRecipe, NetworkRecipe
from yeoul.recipe.nodes import Node, UnfitError, with_kind
from yeoul.recipe.reading import SeriesRecipe, TextRecipe
from yeoul.recipe.tagging import TaggerRecipe, TaggingRecipe
from yeoul.recipe.training import TrainingRecipe
from yeoul.recipe.transduction import PairsRecipe, Seq2SeqRecipe

MEMBER_NAME = r"^[a-z0-9]{1,12}(-[a-z0-9]{1,12}){0,3}$"


class MemberRecipe(Node):
    """One member of a mixture: a model with all that it does not share with the others."""

    name: Annotated[str, Field(pattern=MEMBER_NAME)]
    model: Annotated[NetworkRecipe | LinearRecipe, Field(discriminator="kind")] = NetworkRecipe()
    text: TextRecipe | None = None
    series: SeriesRecipe | None = None
    training: TrainingRecipe | None = None

    @model_validator(mode="before")
    @classmethod
    def _a_network_unless_said(cls, values: object) -> object:
        return _completed(values)

    @model_validator(mode="after")
    def _nothing_without_effect(self) -> "MemberRecipe":
        _check_tables(self)
        return self


class MixtureRecipe(Node):
    """Several models, trained one after another, that answer as one; weighted on the validation rows."""

    kind: Literal["mixture"] = "mixture"
    members: Annotated[tuple[MemberRecipe, ...], Field(strict=False, min_length=2, max_length=16)]

    @model_validator(mode="after")
    def _members_fit_together(self) -> "MixtureRecipe":
        if len({member.name for member in self.members}) < len(self.members):
            raise UnfitError("two members have the same name", "give each its own")
        if len({member.series is None for member in self.members}) > 1:
            raise UnfitError("some members read series and others texts", "let all read the same")
        return self


ModelRecipe = Annotated[
    NetworkRecipe
    | LinearRecipe
    | MixtureRecipe
    | ForecasterRecipe
    | LagsRecipe
    | NaiveRecipe
    | DecoderRecipe
    | NgramRecipe
    | Seq2SeqRecipe
    | TaggerRecipe
    | SiameseRecipe
    | CaptionerRecipe,
    Field(discriminator="kind"),
]
Task = Literal["classify", "forecast", "generate", "transduce", "tag", "compare", "caption"]
_LONGEST = 1_000_000_000


@dataclass(frozen=True)
class _Form:
    """What stands in the recipes of a task beside what all have."""

    models: tuple[str, ...]
    """The usual one first, which is trained step by step."""
    tables: tuple[str, ...]
    filled: tuple[str, ...] = ()
    """Tables that a recipe has, said or not."""
    of_rows: tuple[str, ...] = ()
    """Keys of `[data]` on labelled rows that have an effect."""
    smooths: bool = False
    """Whether its usual model learns under label smoothing."""


_FORMS: Mapping[str, _Form] = {
    "classify": _Form(("network", "linear", "mixture"), ("text", "series")),
    "forecast": _Form(("forecaster", "lags", "naive"), ("forecast",), ("forecast",)),
    "generate": _Form(
        ("decoder", "ngrams"),
        ("text", "language", "sampling"),
        ("text", "language", "sampling"),
    ),
    "transduce": _Form(
        ("seq2seq",),
        ("text", "target_text", "pairs", "search"),
        ("text", "pairs", "search"),
        ("target", "slices"),
        smooths=True,
    ),
    "tag": _Form(("tagger",), ("text", "tagging"), ("text", "tagging"), ("target",)),
    "compare": _Form(("siamese",), ("text", "series", "comparing"), ("comparing",), ("target", "slices")),
    "caption": _Form(
        ("captioner",),
        ("text", "pictures", "search"),
        ("text", "pictures", "search"),
        ("target",),
        smooths=True,
    ),
}
_TRAINED = ("network", *(form.models[0] for task, form in _FORMS.items() if task != "classify"))
_OF_ROWS = ("target", "target_kind", "label_separator", "slices", "training_rows")


class Recipe(Node):
    """One experiment, whole: `[data]`, how rows are read, `[model]`, `[training]`, how answers are decoded."""

    task: Task = "classify"
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 42
    data: DataRecipe = DataRecipe()
    model: ModelRecipe = NetworkRecipe()
    text: TextRecipe | None = None
    """Of texts; of sources where there are pairs."""
    target_text: TextRecipe | None = None
    """Of the targets of pairs, where these are read otherwise than the sources."""
    series: SeriesRecipe | None = None
    forecast: ForecastRecipe | None = None
    language: LanguageRecipe | None = None
    pairs: PairsRecipe | None = None
    tagging: TaggingRecipe | None = None
    comparing: ComparingRecipe | None = None
    pictures: PicturesRecipe | None = None
    training: TrainingRecipe | None = None
    sampling: SamplingRecipe | None = None
    search: SearchRecipe | None = None

    @model_validator(mode="before")
    @classmethod
    def _a_network_unless_said(cls, values: object) -> object:
        if isinstance(values, dict) and values.get("task", "classify") != "classify":
            form = _FORMS.get(str(values["task"]))
            return values if form is None else _completed_task(values, form)
        return _completed(values)

    @model_validator(mode="after")
    def _nothing_without_effect(self) -> "Recipe":
        if self.model.kind not in models_of(self.task):
            fitting = ", ".join(models_of(self.task))
            values = {"kind": self.model.kind, "task": self.task, "fitting": fitting}
            raise UnfitError("a {kind} model does not {task}", "model.kind is one of {fitting}", values)
        _check_own_tables(self)
        _check_pairs(self)
        _check_search(self)
        if self.task != "classify":
            _check_unlabelled(self)
            return self
        _check_tables(self)
        for part in self.model.members if isinstance(self.model, MixtureRecipe) else (self,):
            _check_targets(part.training or TrainingRecipe(), self.data.target_kind)
        return self

    @property
    def reads_series(self) -> bool:
        """Whether the inputs are numbers over time rather than texts."""
        members = self.model.members if isinstance(self.model, MixtureRecipe) else (self,)
        return any(member.series is not None for member in members)


def _completed(values: object) -> object:
    """Fill in the tables that a network needs."""
    values = with_kind(values, "model", "network")
    if isinstance(values, dict) and _is_network(values.get("model")):
        if values.get("series") is not None and values.get("text") is None:
            return {"training": {}, **values, "model": _without_embedding(values.get("model", {}))}
        return {"text": {}, "training": {}, **values}
    return values


def _completed_task(values: dict[str, object], form: _Form) -> object:
    """Fill in the tables and the model of a task that reads other than labelled rows."""
    values = {**{name: {} for name in form.filled}, "model": {}, **values}
    text = values.get("text")
    if values["task"] == "generate" and isinstance(text, dict):
        values["text"] = {"max_length": _LONGEST, **text}  # a text is one long row
    if values["task"] == "compare" and values.get("series") is None:
        values = {"text": {}, **values}
    model, usual = values["model"], form.models[0]
    if isinstance(model, dict):
        by_steps = (
            {"embedding": None} if values["task"] == "compare" and values.get("series") is not None else {}
        )
        model = values["model"] = {"kind": usual, **by_steps, **model}
    kind = model.get("kind") if isinstance(model, dict) else getattr(model, "kind", None)
    return {"training": {}, **values} if kind == usual else values


def _without_embedding(model: object) -> object:
    """Return the table of a network that reads series; an embedding that was asked for stays, to be refused."""
    if isinstance(model, dict):
        return {"kind": "network", "embedding": None, **model}
    if isinstance(model, NetworkRecipe) and "embedding" not in model.model_fields_set:
        return model.model_copy(update={"embedding": None})
    return model


def _is_network(model: object) -> bool:
    named = isinstance(model, dict) and model.get("kind") == "network"
    return named or model is None or isinstance(model, NetworkRecipe)


def _check_tables(recipe: MemberRecipe | Recipe) -> None:
    """Hold that every table has an effect."""
    kind = recipe.model.kind
    if kind == "network" and recipe.text is not None and recipe.series is not None:
        raise UnfitError("[text] and [series] exclude each other", "remove one")
    if isinstance(recipe.model, NetworkRecipe) and (recipe.model.embedding is None) != (recipe.text is None):
        raise UnfitError("[model.embedding] belongs to texts, and to them alone")
    read = ("text", "series") if kind == "network" else ()
    used = (*read, *(("training",) if kind in _TRAINED else ()))
    for name in ("text", "series", "training"):
        if name in used or getattr(recipe, name) is None:
            continue
        if kind == "mixture":
            raise UnfitError(
                "[{name}] belongs to the members of a mixture",
                "write it as [model.members.{name}]",
                {"name": name},
            )
        raise UnfitError(
            "[{name}] has no effect on a {kind} model", "remove it", {"name": name, "kind": kind}
        )


def models_of(task: str) -> tuple[str, ...]:
    """Return the kinds of model that do a task; none for one that there is not."""
    return _FORMS[task].models if task in _FORMS else ()


def tables_of_others(task: str) -> Mapping[str, str]:
    """Return the tables that have no place in a recipe of a task, with a task of theirs."""
    own = _FORMS[task].tables if task in _FORMS else ()
    return {name: other for other, form in _FORMS.items() for name in form.tables if name not in own}


def _check_pairs(recipe: Recipe) -> None:
    """Hold that both sides are read as their tables say."""
    target = recipe.target_text or recipe.text
    if recipe.task == "transduce" and target is not None and target.keep != "head":
        raise UnfitError("a target is kept from its beginning on", 'set [target_text] with keep = "head"')
    if recipe.pairs is not None and recipe.pairs.shared and recipe.target_text is not None:
        raise UnfitError("[target_text] has no effect on a shared vocabulary", "remove it, or pairs.shared")


def _check_search(recipe: Recipe) -> None:
    """Hold that a search asks a decoder for nothing that it does not tell."""
    attention = getattr(getattr(recipe.model, "decoder", None), "attention", None)
    if recipe.search is not None and recipe.search.coverage_penalty and attention == "none":
        raise UnfitError(
            "a coverage penalty needs attention", "set decoder.attention, or coverage_penalty = 0"
        )


def _check_own_tables(recipe: Recipe) -> None:
    """Hold that no table belongs to another task."""
    for name, task in tables_of_others(recipe.task).items():
        if getattr(recipe, name) is not None:
            values = {"name": name, "task": task}
            raise UnfitError('[{name}] belongs to task = "{task}"', "remove it", values)


def _check_unlabelled(recipe: Recipe) -> None:
    """Hold that what is said of rows with labels is not said of other ones."""
    form = _FORMS[recipe.task]
    for name in _OF_ROWS:
        if name not in form.of_rows and getattr(recipe.data, name) != DataRecipe.model_fields[name].default:
            raise UnfitError(
                "data.{name} has no effect on the task {task}",
                "see forecast.targets" if recipe.task == "forecast" else "remove it",
                {"name": name, "task": recipe.task},
            )
    text = recipe.text
    if recipe.task == "generate" and text is not None and (text.max_length, text.keep) != (_LONGEST, "head"):
        raise UnfitError("a language model reads whole texts", "remove text.max_length and text.keep")
    if recipe.text is not None and recipe.series is not None:
        raise UnfitError("[text] and [series] exclude each other", "remove one")
    if isinstance(recipe.model, SiameseRecipe) and (recipe.model.embedding is None) != (recipe.text is None):
        raise UnfitError("[model.embedding] belongs to texts, and to them alone")
    trained = recipe.model.kind in _TRAINED
    if not trained and recipe.training is not None:
        values = {"name": "training", "kind": recipe.model.kind}
        raise UnfitError("[{name}] has no effect on a {kind} model", "remove it", values)
    if recipe.training is None:
        return
    if recipe.training.class_weights != "none" or recipe.training.sampling != "plain":
        raise UnfitError("class_weights and sampling act on classes only", "remove them")
    if recipe.training.label_smoothing and not form.smooths:
        values = {"task": recipe.task}
        raise UnfitError("label_smoothing has no effect on the task {task}", "remove it", values)
    if recipe.training.select == "macro_f1":
        raise UnfitError("macro_f1 is a score of classes", 'use select = "score" or "loss"')


def _check_targets(training: TrainingRecipe, kind: TargetKind) -> None:
    """Hold that what is asked of a training suits its targets."""
    plain = (training.class_weights, training.sampling, training.label_smoothing) == ("none", "plain", 0.0)
    if kind != "class" and not plain:
        raise UnfitError("class_weights, sampling and label_smoothing act on classes only", "remove them")
    if kind == "number" and training.select == "macro_f1":
        raise UnfitError("a number has no macro_f1", 'use select = "score" or "loss"')
