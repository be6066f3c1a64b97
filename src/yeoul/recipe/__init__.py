"""The whole experiment as a small frozen tree.

What the code receives *is* the recipe: nothing mirrors it, and no value is changed behind its back. Reading
and writing recipes as TOML is the business of `yeoul.recipefile`. Units stand in the names.
"""

from yeoul.recipe.captioning import CaptionerRecipe, PicturesRecipe
from yeoul.recipe.comparing import CompareLoss, ComparingRecipe, SiameseRecipe, Truth
from yeoul.recipe.data import DataRecipe, TargetKind
from yeoul.recipe.decoding import SamplingRecipe, SearchRecipe
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
from yeoul.recipe.experiment import MEMBER_NAME, MemberRecipe, MixtureRecipe, ModelRecipe, Recipe, Task
from yeoul.recipe.forecasting import (
    CalendarFeature,
    ForecasterRecipe,
    ForecastRecipe,
    LagsRecipe,
    NaiveRecipe,
    Output,
    Strategy,
)
from yeoul.recipe.language import DecoderRecipe, LanguageRecipe, NgramRecipe
from yeoul.recipe.models import EmbeddingRecipe, LinearRecipe, NetworkRecipe
from yeoul.recipe.nodes import Depth, Node, Share, Size, Width
from yeoul.recipe.reading import SeriesRecipe, TextRecipe
from yeoul.recipe.tagging import TaggerRecipe, TaggingRecipe
from yeoul.recipe.training import TrainingRecipe
from yeoul.recipe.transduction import (
    ConvolutionSourceRecipe,
    PairsRecipe,
    RecurrentSourceRecipe,
    RecurrentTargetRecipe,
    ScheduledRecipe,
    Seq2SeqRecipe,
    TransformerSourceRecipe,
    TransformerTargetRecipe,
)

__all__ = [
    "MEMBER_NAME",
    "BagRecipe",
    "CalendarFeature",
    "CaptionerRecipe",
    "CompareLoss",
    "ComparingRecipe",
    "ConvolutionRecipe",
    "ConvolutionRecurrentRecipe",
    "ConvolutionSourceRecipe",
    "DataRecipe",
    "DecoderRecipe",
    "DecomposedRecipe",
    "DenseRecipe",
    "Depth",
    "EmbeddingRecipe",
    "EncoderRecipe",
    "ForecastRecipe",
    "ForecasterRecipe",
    "LagsRecipe",
    "LanguageRecipe",
    "LinearRecipe",
    "MemberRecipe",
    "MixtureRecipe",
    "ModelRecipe",
    "NaiveRecipe",
    "NetworkRecipe",
    "NgramRecipe",
    "Node",
    "Output",
    "PairsRecipe",
    "PicturesRecipe",
    "Pooling",
    "Recipe",
    "RecurrentLayerRecipe",
    "RecurrentRecipe",
    "RecurrentSourceRecipe",
    "RecurrentTargetRecipe",
    "SamplingRecipe",
    "ScheduledRecipe",
    "SearchRecipe",
    "Seq2SeqRecipe",
    "SeriesRecipe",
    "Share",
    "SiameseRecipe",
    "Size",
    "StackRecipe",
    "StackedConvolutionRecipe",
    "Strategy",
    "TaggerRecipe",
    "TaggingRecipe",
    "TargetKind",
    "Task",
    "TextRecipe",
    "TrainingRecipe",
    "TransformerRecipe",
    "TransformerSourceRecipe",
    "TransformerTargetRecipe",
    "Truth",
    "WaveNetRecipe",
    "Width",
]
