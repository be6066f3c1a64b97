"""A trained model of likeness: what answers, and what a run's `model/` folder holds."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Literal, final

import numpy as np
import numpy.typing as npt
import torch
from pydantic import BaseModel, ConfigDict, Field

from yeoul.baselines.likeness import Likeness, SeriesDistance, TfidfCosine
from yeoul.data.batches import SequenceRows, by_length
from yeoul.data.comparisons.rows import ComparedRows
from yeoul.data.settings import load_settings
from yeoul.errors import DataError, ModelFileError
from yeoul.files import check_seal, replaced_folder, write_text
from yeoul.models.build_siamese import build_siamese
from yeoul.models.siamese import Siamese
from yeoul.padded import Padded
from yeoul.recipe import ComparingRecipe, SiameseRecipe
from yeoul.runs.arrays import load_arrays, save_arrays
from yeoul.runs.folder import write_json
from yeoul.runs.weights import check_weights, load_tensors, save_tensors
from yeoul.tasks.classification.inputs import Inputs, ReadSeries, Series, Vectorizer, load_vectorizer
from yeoul.tasks.comparison.answers import Found, PairAnswer
from yeoul.tasks.comparison.rules import DegreeRule, MatchRule, OrderRule, Rule
from yeoul.tasks.comparison.sides import simple_inputs
from yeoul.training.evaluation import answer_rows

Floats = npt.NDArray[np.float64]
Kept = Literal["characters", "words", "dtw", "euclid"]
_REMEDY = "copy the folder again from its source, or train again"
_WEIGHTS = "weights.safetensors"


class _Description(BaseModel):
    """`model.json`."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    schema_version: Literal[1]
    task: Literal["compare"]
    kind: Literal["siamese"]
    comparing: ComparingRecipe
    model: SiameseRecipe
    rule: Annotated[MatchRule | DegreeRule | OrderRule, Field(discriminator="kind")]


class _KeptDescription(BaseModel):
    """`model.json` of a model without learning."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    schema_version: Literal[1]
    task: Literal["compare"]
    kind: Kept
    standardize: bool
    rule: Annotated[MatchRule | DegreeRule | OrderRule, Field(discriminator="kind")]


@final
@dataclass(frozen=True, eq=False)
class Comparer:
    """A network with how it reads, and what its scores mean."""

    recipe: SiameseRecipe
    comparing: ComparingRecipe
    model: Siamese
    vectorizer: Vectorizer
    device: torch.device
    rule: Rule

    @property
    def reads_series(self) -> bool:
        """Whether the two are numbers over time rather than texts."""
        return isinstance(self.vectorizer, ReadSeries)

    def scores(self, lefts: Inputs, rights: Inputs) -> Floats:
        """Return what ranks the pairs (N,), the larger the closer; a pair's score is the same in any company.

        Raises `DataError` where the two sides are not of one length.
        """
        if len(lefts) != len(rights):
            raise DataError(
                "there are {lefts} on the left and {rights} on the right",
                "give one right side for each left one",
                values={"lefts": len(lefts), "rights": len(rights)},
            )
        if not len(lefts):
            return np.zeros(0)
        rows = ComparedRows(self.vectorizer(lefts), self.vectorizer(rights))
        return answer_rows(self.model, rows, self.device).astype(np.float64)

    def similarity(self, lefts: Inputs, rights: Inputs) -> list[PairAnswer]:
        """Say how close the two of each pair are."""
        return self.rule.respond(self.scores(lefts, rights))

    def matrix(self, queries: Inputs, pool: Inputs) -> Floats:
        """Return the score (Q, P) of each query, as left side, with each of a pool."""
        first, second = self.summaries(queries), self.summaries(pool)
        with torch.inference_mode():
            return self.model.matrix(first, second).double().cpu().numpy()

    def nearest(self, queries: Inputs, pool: Inputs, best: int = 5) -> list[tuple[Found, ...]]:
        """Return the closest of a pool for each query, the best first; of equally close ones the first."""
        return [
            tuple(Found(int(place), float(row[place])) for place in np.argsort(-row, kind="stable")[:best])
            for row in self.matrix(queries, pool)
        ]

    def summaries(self, inputs: Inputs) -> torch.Tensor:
        """Return what the encoder says of each (N, S)."""
        self.model.eval()
        rows = SequenceRows(self.vectorizer(inputs), None)
        parts, places = [], []
        with torch.inference_mode():
            for batch in by_length(rows):
                (padded,) = batch.to(self.device).inputs.values()
                if not isinstance(padded, Padded):
                    raise TypeError("a side must be Padded")
                parts.append(self.model.summaries(padded))
                places.append(batch.index)
            if not parts:
                return torch.zeros(0, self.model.encoder.output_size, device=self.device)
            order = torch.cat(places).argsort().to(self.device)
            return torch.cat(parts)[order]

    def ruled(self, rule: Rule) -> "Comparer":
        """Return the same model with another meaning of its scores."""
        return replace(self, rule=rule)

    def save(self, folder: Path, card: str) -> None:
        """Put weights, how sides are read, and settings into `folder`, in place of what was there."""
        description = _Description(
            schema_version=1,
            task="compare",
            kind="siamese",
            comparing=self.comparing,
            model=self.recipe,
            rule=self.rule,
        )
        with replaced_folder(folder) as fresh:
            save_tensors(fresh / _WEIGHTS, self.model.state_dict())
            self.vectorizer.save(fresh)
            write_json(fresh / "model.json", description.model_dump(mode="json"))
            write_text(fresh / "MODEL_CARD.md", card)

    @classmethod
    def load(cls, folder: Path, device: torch.device) -> "Comparer":
        """Read what `save` wrote; raise `ModelFileError` for anything else."""
        if not (folder / "model.json").is_file():
            raise ModelFileError("there is no trained model here", "train first", where=str(folder))
        check_seal(folder)
        described = load_settings(_Description, folder / "model.json")
        vectorizer = load_vectorizer(folder)
        series = isinstance(vectorizer, ReadSeries)
        if series == (described.model.embedding is not None) or described.comparing.loss == "auto":
            raise ModelFileError("the model's description contradicts itself", _REMEDY, where=str(folder))
        tensors = load_tensors(folder / _WEIGHTS)
        with torch.device("meta"):
            model = build_siamese(described.model, described.comparing, vectorizer.network_inputs)
        check_weights(model, tensors, folder / _WEIGHTS)
        model.load_state_dict(tensors, assign=True)
        return cls(described.model, described.comparing, model.to(device), vectorizer, device, described.rule)


@final
@dataclass(frozen=True, eq=False)
class KeptLikeness:
    """A model without learning, kept to score new data beside a run's own."""

    kind: Kept
    model: Likeness
    rule: Rule

    def scores(self, lefts: Inputs, rights: Inputs) -> Floats:
        """Return what ranks the pairs (N,), the larger the closer."""
        return self.model.pairs(_simple(self.model, lefts), _simple(self.model, rights))

    def matrix(self, queries: Inputs, pool: Inputs) -> Floats:
        """Return the score (Q, P) of each query with each of a pool."""
        return self.model.matrix(_simple(self.model, queries), _simple(self.model, pool))

    def save(self, folder: Path, card: str) -> None:
        """Put the model into `folder`, in place of what was there."""
        standardize = isinstance(self.model, SeriesDistance) and self.model.standardize
        description = _KeptDescription(
            schema_version=1, task="compare", kind=self.kind, standardize=standardize, rule=self.rule
        )
        with replaced_folder(folder) as fresh:
            if isinstance(self.model, TfidfCosine):
                save_arrays(fresh / _WEIGHTS, self.model.to_arrays())
            write_json(fresh / "model.json", description.model_dump(mode="json"))
            write_text(fresh / "MODEL_CARD.md", card)

    @classmethod
    def load(cls, folder: Path) -> "KeptLikeness":
        """Read what `save` wrote; raise `ModelFileError` for anything else."""
        check_seal(folder)
        described = load_settings(_KeptDescription, folder / "model.json")
        match described.kind:
            case "characters" | "words":
                unit: Literal["character", "word"] = "character" if described.kind == "characters" else "word"
                arrays = load_arrays(folder / _WEIGHTS)
                model: Likeness = TfidfCosine.from_arrays(unit, arrays, str(folder))
            case "dtw" | "euclid":
                model = SeriesDistance(described.kind, described.standardize)
        return cls(described.kind, model, described.rule)


def _simple(model: Likeness, inputs: Inputs) -> "npt.NDArray[np.float64] | Sequence[str]":
    if isinstance(model, SeriesDistance) != isinstance(inputs, Series):
        raise TypeError("this model reads other inputs")
    return simple_inputs(inputs)
