"""A trained classifier, network, linear or mixture: what predicts, and what a run's `model/` folder holds."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, Protocol, final

import numpy as np
import numpy.typing as npt
import torch
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from safetensors.numpy import load as load_arrays
from safetensors.numpy import save as save_arrays

from yeoul.baselines.text import LinearText
from yeoul.data.batches import Rows
from yeoul.data.examples import Examples
from yeoul.data.vectorizers import TextVectorizer
from yeoul.errors import ModelFileError
from yeoul.files import check_seal, replaced_folder, write_bytes, write_text
from yeoul.models.build import build_classifier
from yeoul.models.protocols import Model
from yeoul.recipe import MEMBER_NAME, NetworkRecipe
from yeoul.runs.folder import write_json
from yeoul.runs.weights import check_weights, load_tensors, save_tensors
from yeoul.tasks.mixing import mixed
from yeoul.training.evaluation import answer_rows

Floats = npt.NDArray[np.float32]
Kind = Literal["network", "linear", "mixture"]


@dataclass(frozen=True)
class LabelAnswer:
    """What a classifier says about one text; `probabilities` follow the classifier's `labels`."""

    label: str
    confidence: float
    probabilities: tuple[float, ...]


def class_ids(examples: Examples, labels: Sequence[str]) -> npt.NDArray[np.int64]:
    """Return each row's place (N,) among `labels`."""
    places = {label: place for place, label in enumerate(labels)}
    return np.array([places[label] for label in examples.targets.to_pylist()], np.int64)


class TextModel(Protocol):
    """What answers for texts: a network with its vectorizer, a linear model, a baseline."""

    def answers(self, texts: Sequence[str]) -> Floats:
        """Return log-probabilities (N, V); each text's answer is the same in any company."""
        ...


@final
@dataclass(frozen=True)
class NetworkText:
    """A network and the vectorizer that it was trained with."""

    recipe: NetworkRecipe
    model: Model
    vectorizer: TextVectorizer
    device: torch.device

    def save(self, folder: Path) -> None:
        """Write weights and vectorizers into `folder`."""
        save_tensors(folder / "weights.safetensors", self.model.state_dict())
        self.vectorizer.save(folder)
        write_json(folder / "vectorizers.json", {"text": {"max_length": self.vectorizer.max_length}})

    def answers(self, texts: Sequence[str]) -> Floats:
        return answer_rows(self.model, Rows(self.vectorizer(texts), None), self.device)


@final
@dataclass(frozen=True)
class Member:
    """One model of a mixture."""

    name: str
    model: NetworkText | LinearText
    weight: float


@final
@dataclass(frozen=True)
class Mixture:
    """Several models that answer as one: log p = Σ weight · log p of each member, made to sum to one."""

    members: tuple[Member, ...]

    def answers(self, texts: Sequence[str]) -> Floats:
        return mixed([member.model.answers(texts) for member in self.members], self.weights)

    @property
    def weights(self) -> tuple[float, ...]:
        return tuple(member.weight for member in self.members)


@final
@dataclass(frozen=True)
class Classifier:
    """A model with the names of its classes."""

    model: NetworkText | LinearText | Mixture
    labels: tuple[str, ...]

    def answers(self, texts: Sequence[str]) -> Floats:
        """Return log-probabilities (N, V)."""
        if not texts:
            return np.zeros((0, len(self.labels)), np.float32)
        return self.model.answers(texts)

    def predict(self, texts: Sequence[str]) -> list[LabelAnswer]:
        """Name the likeliest label of each text."""
        probs = np.exp(self.answers(texts).astype(np.float64))
        probs /= probs.sum(axis=1, keepdims=True)
        return [
            LabelAnswer(self.labels[best], float(row[best]), tuple(row.tolist()))
            for row, best in zip(probs, probs.argmax(axis=1), strict=True)
        ]

    def save(self, folder: Path, card: str) -> None:
        """Put all that predicting needs into `folder`, portable by itself, in place of what was there."""
        match self.model:
            case NetworkText() as network:
                with replaced_folder(folder) as fresh:
                    network.save(fresh)
                    _describe(fresh, "network", self.labels, network.recipe.model_dump(mode="json"), card)
            case LinearText() as linear:
                save_linear(folder, *linear.to_arrays(), self.labels, card)
            case Mixture() as mixture:
                with replaced_folder(folder) as fresh:
                    for member in mixture.members:
                        part = Classifier(member.model, self.labels)
                        part.save(
                            fresh / _MEMBERS / member.name, f"# {member.name}\n\nA member of a mixture.\n"
                        )
                    weights = {member.name: member.weight for member in mixture.members}
                    _describe(fresh, "mixture", self.labels, {"weights": weights}, card)

    @classmethod
    def load(cls, folder: Path, device: torch.device) -> "Classifier":
        """Read what `save` wrote; raise `ModelFileError` if anything is missing, changed or unknown."""
        if not (folder / "model.json").is_file():
            raise ModelFileError("there is no trained model here", "train first", where=str(folder))
        check_seal(folder)
        description = _description(folder / "model.json")
        weights = folder / "weights.safetensors"
        labels = tuple(description.labels)
        if description.kind == "linear":
            linear = _load_linear(weights, description.settings)
            if linear.outputs != len(labels):
                raise ModelFileError("the labels do not fit the weights", _REMEDY, where=str(folder))
            return cls(linear, labels)
        if description.kind == "mixture":
            return cls(_load_mixture(folder, description, device), labels)
        try:
            recipe = NetworkRecipe.model_validate_json(json.dumps(description.settings))
            settings = _Vectorizers.model_validate_json((folder / "vectorizers.json").read_bytes())
        except (ValidationError, OSError) as error:
            raise ModelFileError("the model's settings cannot be read", _REMEDY, where=str(folder)) from error
        vectorizer = TextVectorizer.load(folder, settings.text.max_length)
        tensors = load_tensors(weights)
        with torch.device("meta"):
            model = build_classifier(recipe, vectorizer.size, len(labels))
        check_weights(model, tensors, weights)
        model.load_state_dict(tensors, assign=True)
        return cls(NetworkText(recipe, model.to(device), vectorizer, device), labels)


_MEMBERS = "members"
_REMEDY = "copy the folder again from its source, or train again"


def _load_mixture(folder: Path, description: "_Description", device: torch.device) -> Mixture:
    """Read every member; raise `ModelFileError` for one that is missing, a mixture itself, or knows other labels."""
    try:
        weights = _Weights.model_validate(description.settings).weights
    except ValidationError as error:
        raise ModelFileError("the model's settings cannot be read", _REMEDY, where=str(folder)) from error
    members = []
    for name, weight in weights.items():
        part = Classifier.load(folder / _MEMBERS / name, device)
        if isinstance(part.model, Mixture) or part.labels != tuple(description.labels):
            raise ModelFileError(
                "the member does not fit the mixture", _REMEDY, where=str(folder / _MEMBERS / name)
            )
        members.append(Member(name, part.model, weight))
    return Mixture(tuple(members))


def save_linear(
    folder: Path,
    arrays: Mapping[str, npt.NDArray[np.generic]],
    settings: Mapping[str, object],
    labels: Sequence[str],
    card: str,
) -> None:
    """Put a linear model, as `LinearText.to_arrays` gives it, into `folder`."""
    with replaced_folder(folder) as fresh:
        write_bytes(fresh / "weights.safetensors", save_arrays(dict(arrays)))
        _describe(fresh, "linear", labels, settings, card)


def _describe(
    folder: Path,
    kind: Kind,
    labels: Sequence[str],
    settings: Mapping[str, object],
    card: str,
) -> None:
    description = _Description(
        schema_version=1, task="classify", kind=kind, labels=list(labels), settings=dict(settings)
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

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    schema_version: Literal[1]
    task: Literal["classify"]
    kind: Kind
    labels: Annotated[list[str], Field(min_length=1)]
    settings: dict[str, object]


class _TextSettings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    max_length: Annotated[int, Field(ge=1)]


class _Vectorizers(BaseModel):
    """`vectorizers.json`."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    text: _TextSettings


def _description(path: Path) -> _Description:
    try:
        return _Description.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise ModelFileError(
            "the model's description is damaged or from another version", _REMEDY, where=str(path)
        ) from error


def _load_linear(path: Path, settings: Mapping[str, object]) -> LinearText:
    """Read a linear model's arrays; raise `ModelFileError` for anything that is not one."""
    try:
        arrays = load_arrays(path.read_bytes())
    except Exception as error:
        raise ModelFileError("the file is damaged or not a model", _REMEDY, where=str(path)) from error
    return LinearText.from_arrays(arrays, settings, where=str(path))
