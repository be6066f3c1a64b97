"""Make the model of likeness that a recipe describes."""

from typing import Literal

import numpy as np
import numpy.typing as npt

from yeoul.models.build import SeriesInputs, TokenInputs, build_embedding, build_encoder, describe_encoder
from yeoul.models.likeness_heads import CosineHead, LearnedHead
from yeoul.models.likeness_losses import Contrastive, Logistic, Objective, Regression, Retrieval
from yeoul.models.siamese import Siamese
from yeoul.recipe import ComparingRecipe, SiameseRecipe

_NO_TRUTH = np.zeros(1)
_SHARPNESS = {"cosine": 10.0, "learned": 1.0}
"""A cosine is never far from its mean; a learned likeness may be as large as it likes."""


def build_siamese(
    recipe: SiameseRecipe,
    comparing: ComparingRecipe,
    inputs: TokenInputs | SeriesInputs,
    truth: npt.NDArray[np.float64] = _NO_TRUTH,
) -> Siamese:
    """Return an untrained network; draw its weights from torch's random numbers.

    The `truth` (N,) of the training rows sets the unit of degrees; a network that was saved brings its own.
    """
    embedding, size, dropped = build_embedding(recipe.embedding, inputs)
    encoder = build_encoder(recipe.encoder, size)
    made = CosineHead if recipe.head == "cosine" else LearnedHead
    head = made(encoder.output_size, symmetric=comparing.symmetric)
    objective = _objective(recipe.head, comparing, truth)
    return Siamese(embedding, dropped, encoder, recipe.dropout, head, objective)


def describe_siamese(recipe: SiameseRecipe) -> str:
    """Name the model in a few words: "Siamese BiLSTM 1×128, max, cosine"."""
    return f"Siamese {describe_encoder(recipe.encoder)}, {recipe.head}"


def _objective(
    head: Literal["cosine", "learned"], comparing: ComparingRecipe, truth: npt.NDArray[np.float64]
) -> Objective:
    match comparing.loss:
        case "contrastive":
            return Contrastive(comparing.margin)
        case "logistic":
            return Logistic(_SHARPNESS[head], 0.5 if head == "cosine" else 0.0)
        case "regression":
            deviation = float(truth.std())
            return Regression(float(truth.mean()), deviation if deviation > 0 else 1.0)
        case "retrieval":
            return Retrieval(_SHARPNESS[head], both_ways=comparing.symmetric)
        case "auto":
            raise ValueError("the loss is chosen by the data first")
