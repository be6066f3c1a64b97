"""Texts or series to one label, several labels or a number each."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from yeoul.data.batches import Rows
from yeoul.data.datasets import Dataset, load_dataset
from yeoul.data.vectorizers import TokenRows
from yeoul.models.build import describe_encoder
from yeoul.models.protocols import Model
from yeoul.recipe import LinearRecipe, MixtureRecipe, NetworkRecipe, Recipe
from yeoul.tasks.classifier import Classifier, TrainedNetwork
from yeoul.tasks.inputs import Vectorizer, fit_vectorizer, inputs_of
from yeoul.tasks.networks import build_network
from yeoul.tasks.targets import Target, target_of
from yeoul.training.evaluation import answer_rows


@dataclass(frozen=True)
class Prepared:
    """The rows of a data set as a network reads them."""

    dataset: Dataset
    target: Target
    vectorizer: Vectorizer
    rows: Mapping[str, Rows]

    def card(self) -> dict[str, Any]:
        """Return the data card with what vectorizing lost."""
        train = self.rows["train"].sequences
        lengths = train.lengths + train.lost
        quantiles = {"p50": 50, "p95": 95, "max": 100}
        card = {
            **self.dataset.card.to_json(),
            "tokens": {name: int(np.percentile(lengths, at)) for name, at in quantiles.items()},
            "truncated": {"rows": int(np.count_nonzero(train.lost)), "token_share": train.lost_share},
        }
        if isinstance(train, TokenRows):
            card["unknown_token_share"] = {
                split: rows.sequences.unknown_share
                for split, rows in self.rows.items()
                if isinstance(rows.sequences, TokenRows)
            }
        return card


def load(recipe: Recipe) -> Dataset:
    """Read and split the rows that a recipe names."""
    return load_dataset(recipe.data, recipe.seed, series=recipe.reads_series)


def prepare(recipe: Recipe, dataset: Dataset, vectorizer: Vectorizer | None) -> Prepared:
    """Encode what training needs with `vectorizer`, else with one that is fitted to the training rows alone.

    The test rows stay out of sight until the end, when the finished model answers for their texts.
    """
    target = target_of(recipe.data, dataset)
    if vectorizer is None:
        vectorizer = fit_vectorizer(recipe.text, recipe.series, inputs_of(dataset.train, recipe.reads_series))
    rows = {
        split: Rows(
            vectorizer(inputs_of(dataset.splits[split], recipe.reads_series)),
            target.encode(dataset.splits[split]),
        )
        for split in ("train", "validation")
    }
    return Prepared(dataset, target, vectorizer, rows)


def build(recipe: Recipe, prepared: Prepared) -> Model:
    """Return the untrained network; its weights follow from torch's random state."""
    truth = prepared.rows["train"].targets
    if not isinstance(recipe.model, NetworkRecipe) or truth is None:
        raise TypeError("not a network's recipe")
    return build_network(recipe.model, prepared.vectorizer, prepared.target, recipe.training, truth)


def describe(recipe: Recipe) -> str:
    """Name the model in a line: "BiLSTM 1×128, max · subword 8,000"."""
    match recipe.model:
        case LinearRecipe(ngrams=(shortest, longest)) as linear:
            return f"linear on {linear.unit} {shortest}–{longest}-grams"
        case MixtureRecipe() as mixture:
            return "mixture of " + ", ".join(member.name for member in mixture.members)
        case NetworkRecipe() as network:
            encoder = describe_encoder(network.encoder)
            if recipe.text is None:
                return f"{encoder} · series"
            return f"{encoder} · {recipe.text.unit} {recipe.text.vocabulary_size:,}"


def validation_scores(model: Model, prepared: Prepared, device: torch.device) -> Mapping[str, float]:
    """Return "loss", "score" and others on the validation rows, NaN for answers that are not finite."""
    rows = prepared.rows["validation"]
    if rows.targets is None:
        raise ValueError("these rows have no labels")
    answers = answer_rows(model, rows, device)
    if not np.isfinite(answers).all():
        return {"loss": math.nan, "score": math.nan}
    return prepared.target.point_scores(answers, rows.targets)


def classifier(recipe: NetworkRecipe, model: Model, prepared: Prepared, device: torch.device) -> Classifier:
    """Return the network as something that answers for raw inputs."""
    return Classifier(TrainedNetwork(recipe, model, prepared.vectorizer, device), prepared.target)
