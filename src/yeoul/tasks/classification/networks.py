"""Build the network of a recipe for what is read and what is asked."""

import numpy as np

from yeoul.models.build import build_encoder_model
from yeoul.models.protocols import Model
from yeoul.recipe import NetworkRecipe, TrainingRecipe
from yeoul.tasks.classification.inputs import Vectorizer
from yeoul.tasks.classification.targets import Target, Targets

_NO_TRUTH = np.zeros(1)


def build_network(
    recipe: NetworkRecipe,
    vectorizer: Vectorizer,
    target: Target,
    training: TrainingRecipe | None = None,
    truth: Targets = _NO_TRUTH,
) -> Model:
    """Return an untrained network; its weights follow from torch's random state.

    `training` and the training rows' `truth` matter to the loss only: a network that answers needs neither.
    """
    return build_encoder_model(
        recipe, vectorizer.network_inputs, lambda size: target.head(size, training or TrainingRecipe(), truth)
    )
