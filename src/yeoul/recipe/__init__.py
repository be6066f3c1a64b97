"""The whole experiment as a small frozen tree.

What the code receives *is* the recipe: nothing mirrors it, and no value is changed behind its back. Reading
and writing recipes as TOML is the business of `yeoul.recipefile`. Units stand in the names.
"""

from yeoul.recipe.data import DataRecipe, TargetKind
from yeoul.recipe.encoders import (
    BagRecipe,
    ConvolutionRecipe,
    ConvolutionRecurrentRecipe,
    DecomposedRecipe,
    DenseRecipe,
    EncoderRecipe,
    Pooling,
    RecurrentLayerRecipe,
    RecurrentRecipe,
    StackedConvolutionRecipe,
    StackRecipe,
    TransformerRecipe,
    WaveNetRecipe,
)
from yeoul.recipe.experiment import MEMBER_NAME, MemberRecipe, MixtureRecipe, ModelRecipe, Recipe
from yeoul.recipe.forecasting import (
    CalendarFeature,
    ForecasterRecipe,
    ForecastRecipe,
    LagsRecipe,
    NaiveRecipe,
    Output,
    Strategy,
)
from yeoul.recipe.models import EmbeddingRecipe, LinearRecipe, NetworkRecipe
from yeoul.recipe.nodes import Depth, Node, Share, Size, Width
from yeoul.recipe.reading import SeriesRecipe, TextRecipe
from yeoul.recipe.training import TrainingRecipe

__all__ = [
    "MEMBER_NAME",
    "BagRecipe",
    "CalendarFeature",
    "ConvolutionRecipe",
    "ConvolutionRecurrentRecipe",
    "DataRecipe",
    "DecomposedRecipe",
    "DenseRecipe",
    "Depth",
    "EmbeddingRecipe",
    "EncoderRecipe",
    "ForecastRecipe",
    "ForecasterRecipe",
    "LagsRecipe",
    "LinearRecipe",
    "MemberRecipe",
    "MixtureRecipe",
    "ModelRecipe",
    "NaiveRecipe",
    "NetworkRecipe",
    "Node",
    "Output",
    "Pooling",
    "Recipe",
    "RecurrentLayerRecipe",
    "RecurrentRecipe",
    "SeriesRecipe",
    "Share",
    "Size",
    "StackRecipe",
    "StackedConvolutionRecipe",
    "Strategy",
    "TargetKind",
    "TextRecipe",
    "TrainingRecipe",
    "TransformerRecipe",
    "WaveNetRecipe",
    "Width",
]
