"""Make the model that a recipe describes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from torch import nn

from yeoul.layers import GRU, LSTM, RNN, AttentionPooling, Convolution, Embedding, FixedPooling
from yeoul.layers.pooling import Direction
from yeoul.models.encoder_model import EncoderModel
from yeoul.models.encoders import (
    BackwardEncoder,
    BagEncoder,
    ConvolutionEncoder,
    ConvolutionRecurrentEncoder,
    Pooling,
    RecurrentEncoder,
    StackedConvolutionEncoder,
    WindowEncoder,
)
from yeoul.models.protocols import Encoder, Head
from yeoul.recipe import (
    BagRecipe,
    ConvolutionRecipe,
    ConvolutionRecurrentRecipe,
    DenseRecipe,
    EncoderRecipe,
    NetworkRecipe,
    RecurrentRecipe,
    StackedConvolutionRecipe,
)
from yeoul.recipe import Pooling as PoolingName

_RECURRENT: Mapping[str, type[LSTM] | type[GRU] | type[RNN]] = {"lstm": LSTM, "gru": GRU, "rnn": RNN}
_CELLS = {"lstm": "LSTM", "gru": "GRU", "rnn": "RNN"}

_BUCKETS = 200_000


@dataclass(frozen=True)
class TokenInputs:
    """Rows of token ids below `num_tokens`."""

    num_tokens: int


@dataclass(frozen=True)
class SeriesInputs:
    """Rows of steps of `channels` numbers, which the encoder reads as they are."""

    channels: int


def build_encoder_model(
    recipe: NetworkRecipe, inputs: TokenInputs | SeriesInputs, make_head: Callable[[int], Head]
) -> EncoderModel:
    """Return an untrained network; draw its weights from torch's random numbers.

    `make_head` is given the size of the encoder's summary.
    """
    match inputs:
        case TokenInputs():
            if recipe.embedding is None:
                raise ValueError("token ids need an embedding")
            table = recipe.embedding
            embedding = Embedding(
                inputs.num_tokens,
                table.size,
                token_dropout=table.token_dropout,
                ngrams=table.ngrams,
                buckets=table.buckets or _BUCKETS,
                ngram_dropout=table.ngram_dropout,
            )
            encoder = build_encoder(recipe.encoder, table.size)
            return EncoderModel(
                embedding, table.dropout, encoder, recipe.dropout, make_head(encoder.output_size)
            )
        case SeriesInputs():
            encoder = build_encoder(recipe.encoder, inputs.channels)
            return EncoderModel(nn.Identity(), 0.0, encoder, recipe.dropout, make_head(encoder.output_size))


def build_encoder(recipe: EncoderRecipe, input_size: int) -> Encoder:
    """Return an untrained encoder of rows of `input_size` components."""
    match recipe:
        case RecurrentRecipe():
            layers = _RECURRENT[recipe.kind](
                input_size,
                recipe.hidden_size,
                recipe.num_layers,
                bidirectional=recipe.bidirectional,
                dropout=recipe.dropout,
                recurrent_dropout=recipe.recurrent_dropout,
                layer_norm=recipe.layer_norm,
            )
            if recipe.reverse:
                return BackwardEncoder(layers, _pooling(recipe.pooling, layers.output_size, "backward"))
            return RecurrentEncoder(layers, _recurrent_pooling(recipe, layers))
        case ConvolutionRecipe():
            size = recipe.channels * len(recipe.widths)
            pooling = _pooling(recipe.pooling, size)
            return ConvolutionEncoder(input_size, recipe.channels, recipe.widths, pooling)
        case StackedConvolutionRecipe():
            return StackedConvolutionEncoder(
                input_size,
                recipe.channels,
                recipe.width,
                recipe.num_layers,
                recipe.stride,
                _pooling(recipe.pooling, recipe.channels),
            )
        case ConvolutionRecurrentRecipe():
            convolution = Convolution(input_size, recipe.channels, recipe.width)
            layers = _RECURRENT[recipe.cell](
                recipe.channels, recipe.hidden_size, bidirectional=recipe.bidirectional
            )
            pooling = _recurrent_pooling(recipe, layers)
            return ConvolutionRecurrentEncoder(convolution, recipe.stride, layers, pooling)
        case DenseRecipe():
            return WindowEncoder(input_size, recipe.window, recipe.hidden_size)
        case BagRecipe():
            return BagEncoder(input_size, _pooling(recipe.pooling, input_size))


def describe_encoder(recipe: EncoderRecipe) -> str:
    """Name an encoder in a few words: "BiLSTM 1×128, max"."""
    match recipe:
        case RecurrentRecipe():
            name = ("Bi" if recipe.bidirectional else "") + _CELLS[recipe.kind]
            asked = {"reversed": recipe.reverse, "layer norm": recipe.layer_norm}
            told = [word for word, is_so in asked.items() if is_so]
            return ", ".join([f"{name} {recipe.num_layers}×{recipe.hidden_size}", *told, recipe.pooling])
        case ConvolutionRecipe():
            widths = ",".join(map(str, recipe.widths))
            return f"CNN {recipe.channels}×({widths}), {recipe.pooling}"
        case StackedConvolutionRecipe():
            return f"stacked CNN {recipe.num_layers}×{recipe.channels}×({recipe.width}), {recipe.pooling}"
        case ConvolutionRecurrentRecipe():
            name = ("Bi" if recipe.bidirectional else "") + _CELLS[recipe.cell]
            return f"CNN {recipe.channels}×({recipe.width}), {name} {recipe.hidden_size}, {recipe.pooling}"
        case DenseRecipe(hidden_size=None):
            return f"linear on the last {recipe.window} steps"
        case DenseRecipe():
            return f"dense {recipe.hidden_size} on the last {recipe.window} steps"
        case BagRecipe():
            return f"bag of embeddings, {recipe.pooling}"


def _recurrent_pooling(
    recipe: RecurrentRecipe | ConvolutionRecurrentRecipe, layers: LSTM | GRU | RNN
) -> Pooling:
    return _pooling(recipe.pooling, layers.output_size, "both" if recipe.bidirectional else "forward")


def _pooling(how: PoolingName, size: int, read: Direction = "forward") -> Pooling:
    return AttentionPooling(size) if how == "attention" else FixedPooling(how, read=read)
