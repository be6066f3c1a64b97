"""Pairs of texts or series to how close the two are."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, final

import numpy as np
import torch

from yeoul.data.batches import by_length
from yeoul.data.cards import whole_quantiles
from yeoul.data.comparisons.cards import ComparisonsCard
from yeoul.data.comparisons.dataset import ComparedDataset, load_comparisons
from yeoul.data.comparisons.neighbors import load_neighbors
from yeoul.data.comparisons.rows import ComparedRows
from yeoul.data.labelled import lasting_source
from yeoul.data.tokens import TokenRows
from yeoul.errors import RecipeError
from yeoul.metrics.likeness import Metric
from yeoul.models.build_siamese import build_siamese, describe_siamese
from yeoul.models.loss import Loss
from yeoul.models.protocols import Model
from yeoul.models.siamese import Siamese
from yeoul.recipe import CompareLoss, ComparingRecipe, Recipe, SiameseRecipe, TextRecipe, Truth
from yeoul.runs.folder import RunFolder
from yeoul.tasks.classification.inputs import Vectorizer, load_vectorizer
from yeoul.tasks.comparison.baselines import Beside, asked_of
from yeoul.tasks.comparison.coherence import ORDER
from yeoul.tasks.comparison.comparer import Comparer
from yeoul.tasks.comparison.evaluation import (
    METRICS,
    Answered,
    answered_by,
    evaluate,
    point_scores,
    write_evaluation,
)
from yeoul.tasks.comparison.rules import OrderRule, own_rule
from yeoul.tasks.comparison.sides import Questions, both_sides, compared_rows, fit_sides
from yeoul.tasks.experiment import Baseline, Experiment, Prepared, Scored, Trained, number_to_beat

_LOSSES: Mapping[Truth, tuple[CompareLoss, ...]] = {
    "match": ("logistic", "contrastive", "retrieval"),
    "degree": ("regression",),
    "none": ("retrieval",),
}
"""What can be learned by what is known of the rows, the usual one first."""


@final
@dataclass(frozen=True)
class PreparedComparisons:
    """The pairs as a network reads them."""

    dataset: ComparedDataset
    vectorizer: Vectorizer
    rows: Mapping[str, ComparedRows]

    def card(self) -> dict[str, Any]:
        """Return the data card with what vectorizing lost."""
        train = self.rows["train"]
        sides = (train.left, train.right)
        lost = np.concatenate([side.lost for side in sides])
        lengths = np.concatenate([side.lengths for side in sides]) + lost
        card = {
            **self.dataset.card.to_json(),
            "tokens": whole_quantiles(lengths),
            "truncated": {
                "rows": int(np.count_nonzero(lost)),
                "token_share": float(lost.sum() / max(1, lengths.sum())),
            },
        }
        unknown = {
            split: (rows.left.unknown_share + rows.right.unknown_share) / 2
            for split, rows in self.rows.items()
            if isinstance(rows.left, TokenRows) and isinstance(rows.right, TokenRows)
        }
        return {**card, "unknown_token_share": unknown} if unknown else card

    def classes(self) -> None:
        """Pairs have no classes."""
        return

    def save(self, folder: Path) -> None:
        self.vectorizer.save(folder)


@final
@dataclass(frozen=True)
class Comparison(Experiment):
    """Pairs in three splits, and the recipe for a model."""

    dataset: ComparedDataset

    @classmethod
    def open(cls, recipe: Recipe) -> "Comparison":
        """Read and split the pairs that a recipe names; raise `RecipeError` for a loss that cannot be had of them."""
        comparing = _comparing_of(recipe)
        if comparing.rows == "neighbors":
            _check_documents(recipe)
            dataset = load_neighbors(recipe.data, comparing, recipe.seed)
        else:
            dataset = load_comparisons(recipe.data, comparing, recipe.seed, series=recipe.reads_series)
        _check(recipe, comparing, dataset.truth)
        return cls(recipe, dataset)

    @property
    def metric(self) -> Metric:
        return ORDER if self.dataset.writings else METRICS[self.dataset.truth]

    @property
    def card(self) -> ComparisonsCard:
        return self.dataset.card

    @property
    def fingerprint(self) -> str:
        return self.dataset.fingerprint

    @property
    def found(self) -> Mapping[str, Any]:
        columns, comparing = self.card.columns, _comparing_of(self.recipe)
        loss = comparing.loss if comparing.loss != "auto" else _LOSSES[self.dataset.truth][0]
        pairs = {
            "data.inputs": [columns.left, columns.right],
            "data.target": columns.truth if self.dataset.truth != "none" else "",
        }
        return {
            "data.source": lasting_source(self.recipe.data.source),
            **({} if self.dataset.writings else pairs),
            "comparing.truth": self.dataset.truth,
            "comparing.loss": loss,
        }

    def following(self, recipe: Recipe) -> "Comparison":
        return replace(self, recipe=recipe)

    @property
    def description(self) -> str:
        text = self.recipe.text
        units = "" if text is None else f" · {text.unit}"
        return f"{describe_siamese(self._network)}{units} · {_comparing_of(self.recipe).loss}"

    @property
    def reading(self) -> str:
        return "series" if self._series else "text"

    @cached_property
    def beside(self) -> Beside:
        """The simple models of these pairs."""
        return Beside(self.dataset, self.recipe.series, self._questions)

    def prepare(self, saved: Path | None = None) -> PreparedComparisons:
        if saved is None:
            vectorizer = fit_sides(self._text, self.recipe.series, self.dataset.train)
        else:
            vectorizer = load_vectorizer(saved)
        rows = {
            split: compared_rows(vectorizer, self.dataset.splits[split], self._series)
            for split in ("train", "validation")
        }
        return PreparedComparisons(self.dataset, vectorizer, rows)

    def build(self, prepared: Prepared) -> Model:
        inputs = _own(prepared).vectorizer.network_inputs
        return build_siamese(self._network, _comparing_of(self.recipe), inputs, self.dataset.train.truth)

    def validation_scores(
        self, model: Model, prepared: Prepared, device: torch.device
    ) -> Mapping[str, float]:
        own = _own(prepared)
        loss = _mean_loss(_network(model), own.rows["validation"], device)
        if not math.isfinite(loss):
            return {"loss": math.nan, "score": math.nan, self.metric: math.nan}
        answered = self._answered(self.trained(model, prepared, device), "validation")
        return {"loss": loss, **point_scores(answered, self.dataset.validation, self.dataset.truth)}

    def trained(self, model: Model, prepared: Prepared, device: torch.device) -> Comparer:
        """Return the network with what its scores mean, as the validation rows tell."""
        vectorizer = _own(prepared).vectorizer
        unruled = Comparer(
            self._network, _comparing_of(self.recipe), _network(model), vectorizer, device, OrderRule()
        )
        return self._ruled(unruled)

    def load(self, folder: Path, device: torch.device) -> Comparer:
        return Comparer.load(folder, device)

    def starting_point(self, folder: Path, device: torch.device) -> Mapping[str, torch.Tensor]:
        return Comparer.load(folder, device).model.state_dict()

    def trivial_baseline(self) -> Baseline:
        return self.beside.trivial()

    def strong_baselines(self) -> Sequence[Baseline]:
        return self.beside.strong()

    def score(self, run: RunFolder, model: Trained, baselines: Sequence[Baseline]) -> Scored:
        if not isinstance(model, Comparer):
            raise TypeError("a model of another task")
        model = self._ruled(model)
        against, scores = number_to_beat(baselines), dict[str, Any]()
        for split in ("validation", "test"):
            rows, asked = self.dataset.splits[split], self._questions[split]
            answered = self._answered(model, split)
            beside = {one.name: self.beside.answered[one.name, split] for one in baselines}
            scores = evaluate(
                answered,
                rows,
                asked,
                beside,
                against.name,
                truth=self.dataset.truth,
                seed=self.recipe.seed,
            )
            write_evaluation(run, split, scores, answered, rows, asked)
        return Scored(model, scores)

    def _ruled(self, model: Comparer) -> Comparer:
        validation = self.dataset.validation
        scores = model.scores(*both_sides(validation, self._series))
        if not np.isfinite(scores).all():  # a training that has gone astray says so by its loss
            return model
        return model.ruled(own_rule(self.dataset.truth, scores, validation.truth))

    def _answered(self, model: Comparer, split: str) -> Answered:
        rows, writings = self.dataset.splits[split], self.dataset.writings.get(split, ())
        return answered_by(model, rows, self._questions[split], self._series, writings)

    @cached_property
    def _questions(self) -> Mapping[str, Questions | None]:
        symmetric = _comparing_of(self.recipe).symmetric
        return asked_of(self.dataset, symmetric=symmetric, series=self._series)

    @property
    def _series(self) -> bool:
        return self.recipe.reads_series

    @property
    def _text(self) -> TextRecipe | None:
        return None if self._series else self.recipe.text or TextRecipe()

    @property
    def _network(self) -> SiameseRecipe:
        if not isinstance(self.recipe.model, SiameseRecipe):
            raise TypeError("not a network's recipe")
        return self.recipe.model


def _check(recipe: Recipe, comparing: ComparingRecipe, truth: Truth) -> None:
    """Raise `RecipeError` for what cannot be learned, or not so."""
    fitting = _LOSSES[truth]
    if comparing.loss not in ("auto", *fitting):
        raise RecipeError(
            "the loss {loss} cannot be learned from rows whose truth is {truth}",
            "choose one of {fitting}",
            where="comparing.loss",
            values={"loss": comparing.loss, "truth": truth, "fitting": ", ".join(fitting)},
        )
    loss = fitting[0] if comparing.loss == "auto" else comparing.loss
    if loss == "contrastive" and isinstance(recipe.model, SiameseRecipe) and recipe.model.head != "cosine":
        raise RecipeError(
            "the contrastive loss needs the cosine", 'set model.head = "cosine"', where="model.head"
        )
    if loss == "retrieval" and recipe.training is not None and recipe.training.accumulation > 1:
        raise RecipeError(
            "the loss of a retrieval needs its whole batch at once",
            "remove training.accumulation",
            where="training.accumulation",
        )


def _check_documents(recipe: Recipe) -> None:
    """Raise `RecipeError` for what has no effect where the sentences of documents are compared."""
    if recipe.reads_series:
        raise RecipeError("documents are texts", "remove [series]", where="series")
    for name in ("target", "slices"):
        if getattr(recipe.data, name):
            raise RecipeError(
                "{name} has no effect on documents", "remove it", where=f"data.{name}", values={"name": name}
            )


def _mean_loss(model: Siamese, rows: ComparedRows, device: torch.device) -> float:
    """Return the loss over all rows, without dropout."""
    model.eval()
    losses: list[Loss] = []
    with torch.inference_mode():
        for batch in by_length(rows):
            losses.append(model.loss(batch.to(device)))
    counts = sum(term.count for loss in losses for term in loss.terms.values())
    total = sum(float(term.total) for loss in losses for term in loss.terms.values())
    return total / counts if counts else 0.0


def _comparing_of(recipe: Recipe) -> ComparingRecipe:
    if recipe.comparing is None:
        raise TypeError("not a recipe of comparisons")
    return recipe.comparing


def _network(model: Model) -> Siamese:
    if not isinstance(model, Siamese):
        raise TypeError("a model of another task")
    return model


def _own(prepared: Prepared) -> PreparedComparisons:
    if not isinstance(prepared, PreparedComparisons):
        raise TypeError("rows of another task")
    return prepared
