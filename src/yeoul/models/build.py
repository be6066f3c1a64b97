"""Make the model that a recipe describes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import torch
from torch import nn

from yeoul.data.first_vectors import first_vectors
from yeoul.errors import RecipeError
from yeoul.layers import (
    GRU,
    LSTM,
    RNN,
    AttentionPooling,
    Convolution,
    Embedding,
    FixedPooling,
    TransformerBlock,
    WaveNet,
)
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
from yeoul.models.protocols import CausalEncoder, Encoder, Head
from yeoul.models.series_encoders import (
    DecomposedEncoder,
    FlatPooling,
    NewestWaveNetEncoder,
    Patches,
    StackEncoder,
    TransformerEncoder,
    WaveNetEncoder,
)
from yeoul.recipe import (
    BagRecipe,
    ConvolutionRecipe,
    ConvolutionRecurrentRecipe,
    DecomposedRecipe,
    DenseRecipe,
    EmbeddingRecipe,
    EncoderRecipe,
    NetworkRecipe,
    RecurrentLayerRecipe,
    RecurrentRecipe,
    StackedConvolutionRecipe,
    StackRecipe,
    TransformerRecipe,
    WaveNetRecipe,
)
from yeoul.recipe import Pooling as PoolingName
from yeoul.recipe.language import WaveNetDecoderRecipe

_RECURRENT: Mapping[str, type[LSTM] | type[GRU] | type[RNN]] = {"lstm": LSTM, "gru": GRU, "rnn": RNN}
_CELLS = {"lstm": "LSTM", "gru": "GRU", "rnn": "RNN"}

_BUCKETS = 200_000
_LONGEST_REACH = 1_000_000


@dataclass(frozen=True)
class TokenInputs:
    """Rows of token ids below `num_tokens`."""

    num_tokens: int
    vocabulary: Callable[[], Mapping[str, int]] | None = field(default=None, repr=False)
    """Tells the id of every token; called where first vectors are read from a file."""


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
    embedding, size, dropped = build_embedding(recipe.embedding, inputs)
    encoder = build_encoder(recipe.encoder, size)
    return EncoderModel(embedding, dropped, encoder, recipe.dropout, make_head(encoder.output_size))


def build_embedding(
    table: EmbeddingRecipe | None, inputs: TokenInputs | SeriesInputs
) -> tuple[Embedding | nn.Identity, int, float]:
    """Return what turns inputs into vectors, their size, and the share of their components to drop."""
    match inputs:
        case TokenInputs():
            if table is None:
                raise ValueError("token ids need an embedding")
            embedding = Embedding(
                inputs.num_tokens,
                table.size,
                token_dropout=table.token_dropout,
                ngrams=table.ngrams,
                buckets=table.buckets or _BUCKETS,
                ngram_dropout=table.ngram_dropout,
            )
            if table.vectors and not embedding.weight.is_meta:  # a saved network brings its own
                if inputs.vocabulary is None:
                    raise ValueError("first vectors need the vocabulary")
                _take_vectors(embedding, table, inputs.vocabulary())
            return embedding, table.size, table.dropout
        case SeriesInputs():
            return nn.Identity(), inputs.channels, 0.0


def _take_vectors(embedding: Embedding, table: EmbeddingRecipe, vocabulary: Mapping[str, int]) -> None:
    """Let the words that a public set or a file holds start from their vectors there, or keep them."""
    found = first_vectors(table.vectors, vocabulary, table.size, "model.embedding.vectors")
    embedding.start_from(torch.from_numpy(found.ids), torch.from_numpy(found.values), frozen=table.frozen)


def build_encoder(recipe: EncoderRecipe, input_size: int, steps: int | None = None) -> Encoder:
    """Return an untrained encoder of rows of `input_size` components, each of `steps` where that is known.

    Raises `RecipeError` for what cannot be built.
    """
    match recipe:
        case RecurrentRecipe(reverse=True):
            layers = _layers(recipe, input_size)
            return BackwardEncoder(layers, _pooling(recipe.pooling, layers.output_size, "backward"))
        case RecurrentRecipe():
            return _recurrent(recipe, input_size)
        case StackRecipe():
            return _stack(recipe, input_size)
        case WaveNetRecipe(pooling="last"):
            return NewestWaveNetEncoder(_wavenet(recipe, input_size))
        case WaveNetRecipe():
            return WaveNetEncoder(
                _wavenet(recipe, input_size), _pooling(recipe.pooling, recipe.skip_channels)
            )
        case TransformerRecipe():
            return _transformer(recipe, input_size, steps)
        case DecomposedRecipe():
            return DecomposedEncoder(input_size, recipe.window, recipe.average)
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


def build_causal_encoder(recipe: EncoderRecipe, input_size: int) -> CausalEncoder | None:
    """Return an untrained encoder that may read bit by bit, or None.

    None where it looks ahead, and where the summary is more than its newest state.
    """
    match recipe:
        case RecurrentRecipe(bidirectional=False, reverse=False, pooling="last"):
            return _recurrent(recipe, input_size)
        case StackRecipe(pooling="last"):
            return _stack(recipe, input_size)
        case WaveNetRecipe(pooling="last"):
            return NewestWaveNetEncoder(_wavenet(recipe, input_size))
        case _:
            return None


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
        case StackRecipe():
            layers = [f"{_CELLS[layer.kind]} {layer.hidden_size}" for layer in recipe.layers]
            return f"{', '.join(layers)}, {recipe.pooling}"
        case WaveNetRecipe():
            stacks = f"{recipe.stacks}×" if recipe.stacks > 1 else ""
            return f"WaveNet {stacks}{recipe.num_layers}×{recipe.channels}×({recipe.width}), {recipe.pooling}"
        case TransformerRecipe():
            patches = f" on patches of {recipe.patch}" if recipe.patch > 1 else ""
            return f"transformer {recipe.num_layers}×{recipe.size}{patches}, {recipe.pooling}"
        case DecomposedRecipe():
            return f"linear on trend and rest of the last {recipe.window} steps"
        case DenseRecipe(hidden_size=None):
            return f"linear on the last {recipe.window} steps"
        case DenseRecipe():
            return f"dense {recipe.hidden_size} on the last {recipe.window} steps"
        case BagRecipe():
            return f"bag of embeddings, {recipe.pooling}"


def _layers(recipe: RecurrentRecipe, input_size: int) -> LSTM | GRU | RNN:
    return _RECURRENT[recipe.kind](
        input_size,
        recipe.hidden_size,
        recipe.num_layers,
        bidirectional=recipe.bidirectional,
        dropout=recipe.dropout,
        recurrent_dropout=recipe.recurrent_dropout,
        layer_norm=recipe.layer_norm,
    )


def _recurrent(recipe: RecurrentRecipe, input_size: int) -> RecurrentEncoder:
    layers = _layers(recipe, input_size)
    return RecurrentEncoder(layers, _recurrent_pooling(recipe, layers))


def _stack(recipe: StackRecipe, input_size: int) -> StackEncoder:
    sizes = [input_size, *(layer.hidden_size for layer in recipe.layers)]
    layers = [_layer(layer, size) for layer, size in zip(recipe.layers, sizes)]
    return StackEncoder(
        layers, [layer.dropout for layer in recipe.layers], _pooling(recipe.pooling, sizes[-1])
    )


def _layer(recipe: RecurrentLayerRecipe, input_size: int) -> LSTM | GRU | RNN:
    size, dropped = recipe.hidden_size, recipe.recurrent_dropout
    match recipe.kind:
        case "lstm":
            return LSTM(input_size, size, recurrent_dropout=dropped)
        case "gru":
            return GRU(input_size, size, nonlinearity=recipe.nonlinearity, recurrent_dropout=dropped)
        case "rnn":
            return RNN(input_size, size, nonlinearity=recipe.nonlinearity, recurrent_dropout=dropped)


def check_reach(recipe: WaveNetRecipe | WaveNetDecoderRecipe, where: str) -> None:
    """Raise `RecipeError` for a WaveNet that would look back farther than is sensible."""
    reach = (recipe.width - 1) * recipe.stacks * (2**recipe.num_layers - 1)
    if reach > _LONGEST_REACH:
        raise RecipeError(
            "the WaveNet would look back {steps} steps, expected no more than {limit}",
            "use fewer layers, or more stacks of them",
            where=f"{where}.num_layers",
            values={"steps": reach, "limit": _LONGEST_REACH},
        )


def _wavenet(recipe: WaveNetRecipe, input_size: int) -> WaveNet:
    check_reach(recipe, "model.encoder")
    return WaveNet(
        input_size,
        recipe.channels,
        recipe.skip_channels,
        width=recipe.width,
        num_layers=recipe.num_layers,
        stacks=recipe.stacks,
        dropout=recipe.dropout,
    )


def _transformer(recipe: TransformerRecipe, input_size: int, steps: int | None) -> TransformerEncoder:
    patches = Patches(input_size, recipe.size, recipe.patch, recipe.stride or recipe.patch)
    pooling: Pooling | FlatPooling
    if recipe.pooling != "flat":
        pooling, size = _pooling(recipe.pooling, recipe.size), recipe.size
    elif steps is not None:
        pooling, size = FlatPooling(patches.count(steps)), recipe.size * patches.count(steps)
    else:
        raise RecipeError(
            "states side by side need rows of one length",
            "choose another pooling, such as mean",
            where="model.encoder.pooling",
        )
    blocks = [
        TransformerBlock(recipe.size, recipe.num_heads, recipe.feedforward, dropout=recipe.dropout)
        for _ in range(recipe.num_layers)
    ]
    return TransformerEncoder(patches, blocks, recipe.dropout, pooling, size)


def _recurrent_pooling(
    recipe: RecurrentRecipe | ConvolutionRecurrentRecipe, layers: LSTM | GRU | RNN
) -> Pooling:
    return _pooling(recipe.pooling, layers.output_size, "both" if recipe.bidirectional else "forward")


def _pooling(how: PoolingName, size: int, read: Direction = "forward") -> Pooling:
    return AttentionPooling(size) if how == "attention" else FixedPooling(how, read=read)
