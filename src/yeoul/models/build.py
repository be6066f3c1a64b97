"""Make the model that a recipe describes."""

from collections.abc import Mapping

from yeoul.layers import GRU, LSTM, RNN, AttentionPooling, Embedding, FixedPooling
from yeoul.models.encoder_model import EncoderModel
from yeoul.models.encoders import BagEncoder, ConvolutionEncoder, Pooling, RecurrentEncoder
from yeoul.models.heads import ClassHead
from yeoul.recipe import BagRecipe, ConvolutionRecipe, EncoderRecipe, NetworkRecipe, RecurrentRecipe
from yeoul.recipe import Pooling as PoolingName

_RECURRENT: Mapping[str, type[LSTM] | type[GRU] | type[RNN]] = {"lstm": LSTM, "gru": GRU, "rnn": RNN}
_CELLS = {"lstm": "LSTM", "gru": "GRU", "rnn": "RNN"}


def build_classifier(recipe: NetworkRecipe, num_tokens: int, num_classes: int) -> EncoderModel:
    """Return an untrained classifier of texts; draw its weights from torch's random numbers."""
    embedding = Embedding(num_tokens, recipe.embedding.size, token_dropout=recipe.embedding.token_dropout)
    encoder = build_encoder(recipe.encoder, recipe.embedding.size)
    head = ClassHead(encoder.output_size, num_classes)
    return EncoderModel(embedding, recipe.embedding.dropout, encoder, recipe.dropout, head)


def build_encoder(
    recipe: EncoderRecipe, input_size: int
) -> RecurrentEncoder | ConvolutionEncoder | BagEncoder:
    """Return an untrained encoder of rows of `input_size` components."""
    match recipe:
        case RecurrentRecipe():
            layers = _RECURRENT[recipe.kind](
                input_size,
                recipe.hidden_size,
                recipe.num_layers,
                bidirectional=recipe.bidirectional,
                dropout=recipe.dropout,
            )
            directions = 2 if recipe.bidirectional else 1
            return RecurrentEncoder(layers, _pooling(recipe.pooling, layers.output_size, directions))
        case ConvolutionRecipe():
            size = recipe.channels * len(recipe.widths)
            return ConvolutionEncoder(
                input_size, recipe.channels, recipe.widths, _pooling(recipe.pooling, size)
            )
        case BagRecipe():
            return BagEncoder(input_size, _pooling(recipe.pooling, input_size))


def describe_encoder(recipe: EncoderRecipe) -> str:
    """Name an encoder in a few words: "BiLSTM 1×128, max"."""
    match recipe:
        case RecurrentRecipe():
            name = ("Bi" if recipe.bidirectional else "") + _CELLS[recipe.kind]
            return f"{name} {recipe.num_layers}×{recipe.hidden_size}, {recipe.pooling}"
        case ConvolutionRecipe():
            widths = ",".join(map(str, recipe.widths))
            return f"CNN {recipe.channels}×({widths}), {recipe.pooling}"
        case BagRecipe():
            return f"bag of embeddings, {recipe.pooling}"


def _pooling(how: PoolingName, size: int, directions: int = 1) -> Pooling:
    return AttentionPooling(size) if how == "attention" else FixedPooling(how, directions=directions)
