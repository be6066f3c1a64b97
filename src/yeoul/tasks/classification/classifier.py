"""A trained classifier, network, linear or mixture: what predicts, and what a run's `model/` folder holds."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Literal, final

import numpy as np
import numpy.typing as npt
import torch
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from yeoul.baselines.series import LinearSeries
from yeoul.baselines.text import LinearText
from yeoul.data.batches import SequenceRows
from yeoul.data.vectorizers import TokenRows
from yeoul.errors import ModelFileError
from yeoul.files import check_seal, replaced_folder, write_text
from yeoul.models.protocols import Model
from yeoul.recipe import MEMBER_NAME, NetworkRecipe, TargetKind
from yeoul.runs.arrays import load_arrays, save_arrays
from yeoul.runs.folder import write_json
from yeoul.runs.weights import check_weights, load_tensors, save_tensors
from yeoul.tasks.classification.answers import Answer
from yeoul.tasks.classification.inputs import Inputs, ReadTexts, Series, Vectorizer, load_vectorizer, texts_of
from yeoul.tasks.classification.mixing import mixed
from yeoul.tasks.classification.networks import build_network
from yeoul.tasks.classification.targets import Target, make_target
from yeoul.training.evaluation import answer_rows

Floats = npt.NDArray[np.float32]
Kind = Literal["network", "linear", "series-linear", "mixture"]
_MEMBERS = "members"
_REMEDY = "copy the folder again from its source, or train again"


@final
@dataclass(frozen=True)
class TrainedNetwork:
    """A network and the vectorizer that it was trained with."""

    recipe: NetworkRecipe
    model: Model
    vectorizer: Vectorizer
    device: torch.device

    def answers(self, inputs: Inputs) -> Floats:
        return answer_rows(self.model, SequenceRows(self.vectorizer(inputs), None), self.device)

    def save(self, folder: Path) -> None:
        """Write weights and vectorizer into `folder`."""
        save_tensors(folder / "weights.safetensors", self.model.state_dict())
        self.vectorizer.save(folder)


@final
@dataclass(frozen=True)
class TrainedLinear:
    """A linear model on texts."""

    model: LinearText

    def answers(self, inputs: Inputs) -> Floats:
        return self.model.answers(texts_of(inputs))


@final
@dataclass(frozen=True)
class TrainedSeriesLinear:
    """A linear model on series: a number to beat."""

    model: LinearSeries

    def answers(self, inputs: Inputs) -> Floats:
        if not isinstance(inputs, Series):
            raise TypeError("this model reads series")
        return self.model.answers(inputs.values, inputs.lengths)

    def save(self, folder: Path, target: Target, card: str) -> None:
        """Put the model into `folder`, in place of what was there."""
        with replaced_folder(folder) as fresh:
            save_arrays(fresh / "weights.safetensors", self.model.to_arrays())
            _describe(fresh, "series-linear", target, {}, card)


@final
@dataclass(frozen=True)
class Member:
    """One model of a mixture."""

    name: str
    model: TrainedNetwork | TrainedLinear
    weight: float


@final
@dataclass(frozen=True)
class Mixture:
    """Several models that answer as one: see `yeoul.tasks.classification.mixing`."""

    kind: TargetKind
    members: tuple[Member, ...]

    def answers(self, inputs: Inputs) -> Floats:
        weights = [member.weight for member in self.members]
        return mixed(self.kind, [member.model.answers(inputs) for member in self.members], weights)


@final
@dataclass(frozen=True)
class Classifier:
    """A model with what it is asked."""

    model: TrainedNetwork | TrainedLinear | TrainedSeriesLinear | Mixture
    target: Target

    @property
    def labels(self) -> tuple[str, ...]:
        """The names of the classes or labels; none for a number."""
        return self.target.labels

    def answers(self, inputs: Inputs) -> Floats:
        """Return log-probabilities or log-odds (N, V), or numbers (N, 1); a row's answer is the same in any company."""
        if not len(inputs):
            return np.zeros((0, self.target.outputs), np.float32)
        return self.model.answers(inputs)

    def predict(self, inputs: Inputs) -> list[Answer]:
        """Say what is asked of each row."""
        return self.target.respond(self.answers(inputs))

    def tokens(self, inputs: Inputs) -> TokenRows | None:
        """Return the texts as a network sees them; None for models that do not cut texts into tokens."""
        match self.model:
            case TrainedNetwork(vectorizer=ReadTexts() as reader):
                return reader(inputs)
            case _:
                return None

    def asking(self, target: Target) -> "Classifier":
        """Return the same model with another target: the same labels, other thresholds."""
        return replace(self, target=target)

    def save(self, folder: Path, card: str) -> None:
        """Put all that predicting needs into `folder`, portable by itself, in place of what was there."""
        match self.model:
            case TrainedNetwork() as network:
                with replaced_folder(folder) as fresh:
                    network.save(fresh)
                    _describe(fresh, "network", self.target, network.recipe.model_dump(mode="json"), card)
            case TrainedLinear(model=linear):
                save_linear(folder, *linear.to_arrays(), self.target, card)
            case TrainedSeriesLinear() as linear_series:
                linear_series.save(folder, self.target, card)
            case Mixture() as mixture:
                with replaced_folder(folder) as fresh:
                    for member in mixture.members:
                        part = Classifier(member.model, self.target)
                        part.save(
                            fresh / _MEMBERS / member.name, f"# {member.name}\n\nA member of a mixture.\n"
                        )
                    weights = {member.name: member.weight for member in mixture.members}
                    _describe(fresh, "mixture", self.target, {"weights": weights}, card)

    @classmethod
    def load(cls, folder: Path, device: torch.device) -> "Classifier":
        """Read what `save` wrote; raise `ModelFileError` if anything is missing, changed or unknown."""
        if not (folder / "model.json").is_file():
            raise ModelFileError("there is no trained model here", "train first", where=str(folder))
        check_seal(folder)
        description = _description(folder / "model.json")
        target = description.target()
        match description.kind:
            case "linear":
                linear = _load_linear(folder / "weights.safetensors", description.settings)
                if (linear.model.kind, linear.model.outputs) != (target.kind, target.outputs):
                    raise ModelFileError("the labels do not fit the weights", _REMEDY, where=str(folder))
                return cls(linear, target)
            case "series-linear":
                arrays = load_arrays(folder / "weights.safetensors")
                series = LinearSeries.from_arrays(arrays, target.kind, where=str(folder))
                if series.weights.shape[1] != target.outputs:
                    raise ModelFileError("the labels do not fit the weights", _REMEDY, where=str(folder))
                return cls(TrainedSeriesLinear(series), target)
            case "mixture":
                return cls(_load_mixture(folder, description, target, device), target)
            case "network":
                return cls(_load_network(folder, description, target, device), target)


def _load_network(
    folder: Path, description: "_Description", target: Target, device: torch.device
) -> TrainedNetwork:
    try:
        recipe = NetworkRecipe.model_validate_json(json.dumps(description.settings))
    except ValidationError as error:
        raise ModelFileError("the model's settings cannot be read", _REMEDY, where=str(folder)) from error
    vectorizer = load_vectorizer(folder)
    weights = folder / "weights.safetensors"
    tensors = load_tensors(weights)
    with torch.device("meta"):
        model = build_network(recipe, vectorizer, target)
    check_weights(model, tensors, weights)
    model.load_state_dict(tensors, assign=True)
    return TrainedNetwork(recipe, model.to(device), vectorizer, device)


def _load_mixture(folder: Path, description: "_Description", target: Target, device: torch.device) -> Mixture:
    """Read every member; raise `ModelFileError` for one that is missing, a mixture itself, or asked other things."""
    try:
        weights = _Weights.model_validate(description.settings).weights
    except ValidationError as error:
        raise ModelFileError("the model's settings cannot be read", _REMEDY, where=str(folder)) from error
    members = []
    for name, weight in weights.items():
        part = Classifier.load(folder / _MEMBERS / name, device)
        if isinstance(part.model, Mixture | TrainedSeriesLinear) or (part.target.kind, part.labels) != (
            target.kind,
            target.labels,
        ):
            place = str(folder / _MEMBERS / name)
            raise ModelFileError("the member does not fit the mixture", _REMEDY, where=place)
        members.append(Member(name, part.model, weight))
    return Mixture(target.kind, tuple(members))


def save_linear(
    folder: Path,
    arrays: Mapping[str, npt.NDArray[np.generic]],
    settings: Mapping[str, object],
    target: Target,
    card: str,
) -> None:
    """Put a linear model, as `LinearText.to_arrays` gives it, into `folder`."""
    with replaced_folder(folder) as fresh:
        save_arrays(fresh / "weights.safetensors", arrays)
        _describe(fresh, "linear", target, settings, card)


def _describe(folder: Path, kind: Kind, target: Target, settings: Mapping[str, object], card: str) -> None:
    description = _Description(
        schema_version=2,
        task="classify",
        kind=kind,
        target_kind=target.kind,
        labels=list(target.labels),
        thresholds=list(target.limits),
        settings=dict(settings),
    )
    write_json(folder / "model.json", description.model_dump(mode="json"))
    write_text(folder / "MODEL_CARD.md", card)


class _Weights(BaseModel):
    """What `model.json` says of a mixture."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    weights: Annotated[
        dict[Annotated[str, Field(pattern=MEMBER_NAME)], Annotated[float, Field(ge=0.0)]],
        Field(min_length=1, max_length=16),
    ]


class _Description(BaseModel):
    """`model.json`."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    schema_version: Literal[2]
    task: Literal["classify"]
    kind: Kind
    target_kind: TargetKind
    labels: list[str]
    thresholds: list[float]
    settings: dict[str, object]

    def target(self) -> Target:
        """Return what the model is asked."""
        return make_target(self.target_kind, tuple(self.labels), ",", tuple(self.thresholds))


def _description(path: Path) -> _Description:
    try:
        description = _Description.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise ModelFileError(
            "the model's description is damaged or from another version", _REMEDY, where=str(path)
        ) from error
    named = len(description.labels) > 0
    decided = len(description.thresholds) == (
        len(description.labels) if description.target_kind == "labels" else 0
    )
    if named == (description.target_kind == "number") or not decided:
        raise ModelFileError("the model's description contradicts itself", _REMEDY, where=str(path))
    return description


def _load_linear(path: Path, settings: Mapping[str, object]) -> TrainedLinear:
    """Read a linear model's arrays; raise `ModelFileError` for anything that is not one."""
    return TrainedLinear(LinearText.from_arrays(load_arrays(path), settings, where=str(path)))
