"""`[model.encoder]`: what reads a sequence."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from yeoul.recipe.nodes import Depth, Node, Share, UnfitError, Width

Pooling = Literal["last", "max", "mean", "sum", "attention"]


class RecurrentRecipe(Node):
    """A stack of recurrent layers."""

    kind: Literal["lstm", "gru", "rnn"] = "lstm"
    hidden_size: Width = 128
    num_layers: Depth = 1
    bidirectional: bool = True
    dropout: Share = 0.0
    """Between the layers of a stack."""
    recurrent_dropout: Share = 0.0
    """On the state that goes from step to step, the same components at every step (Gal & Ghahramani 2016)."""
    layer_norm: bool = False
    """Normalize the gates inside the cell (Ba et al. 2016)."""
    reverse: bool = False
    """Read every row from its end to its beginning."""
    pooling: Pooling = "max"

    @model_validator(mode="after")
    def _nothing_without_effect(self) -> "RecurrentRecipe":
        if self.reverse and self.bidirectional:
            raise UnfitError(
                "reverse has no effect on a bidirectional layer", "remove it, or bidirectional = false"
            )
        if self.dropout and self.num_layers == 1:
            raise UnfitError("dropout acts between layers", "it needs num_layers of 2 or more")
        return self


class ConvolutionRecipe(Node):
    """Convolutions of several widths side by side (Kim 2014)."""

    kind: Literal["cnn"] = "cnn"
    channels: Width = 128
    """Filters of each width."""
    widths: Annotated[tuple[Width, ...], Field(strict=False, min_length=1, max_length=64)] = (2, 3, 4, 5)
    pooling: Pooling = "max"


class StackedConvolutionRecipe(Node):
    """Convolutions one after another, with maxima taken over a few steps in between (Chollet 2017)."""

    kind: Literal["stacked-cnn"] = "stacked-cnn"
    channels: Width = 64
    width: Width = 7
    num_layers: Annotated[int, Field(ge=2, le=64)] = 2
    stride: Width = 5
    """Steps of which the maximum is kept between two layers."""
    pooling: Pooling = "max"


class ConvolutionRecurrentRecipe(Node):
    """Convolutions that shorten the row, then a recurrent layer over what is left of it."""

    kind: Literal["cnn-rnn"] = "cnn-rnn"
    channels: Width = 64
    width: Width = 5
    stride: Width = 4
    """Steps of which the maximum is kept after the convolution."""
    cell: Literal["lstm", "gru", "rnn"] = "gru"
    hidden_size: Width = 64
    bidirectional: bool = True
    pooling: Pooling = "max"


class DenseRecipe(Node):
    """All steps of a fixed window side by side, into one dense layer; it knows the places of its steps."""

    kind: Literal["dense"] = "dense"
    window: Width = 20
    """Steps read: the last ones, or zeros before the first where a row is shorter."""
    hidden_size: Width | None = None
    """Of a rectified layer before the head; none: the head reads the window itself."""


class BagRecipe(Node):
    """The embeddings themselves, without their order (fastText's classifier)."""

    kind: Literal["bag"] = "bag"
    pooling: Pooling = "mean"


class RecurrentLayerRecipe(Node):
    """One layer of a stack whose layers differ."""

    kind: Literal["lstm", "gru", "rnn"] = "gru"
    hidden_size: Width = 32
    nonlinearity: Literal["tanh", "relu"] = "tanh"
    """Of an LSTM only "tanh"."""
    dropout: Share = 0.0
    """On what the layer reads, the same components at every step."""
    recurrent_dropout: Share = 0.0

    @model_validator(mode="after")
    def _nothing_without_effect(self) -> "RecurrentLayerRecipe":
        if self.kind == "lstm" and self.nonlinearity != "tanh":
            raise UnfitError("an LSTM has no other nonlinearity than tanh", "remove it")
        return self


class StackRecipe(Node):
    """Recurrent layers one above another, each with sizes and dropout of its own."""

    kind: Literal["stack"] = "stack"
    layers: Annotated[tuple[RecurrentLayerRecipe, ...], Field(strict=False, min_length=1, max_length=16)]
    pooling: Pooling = "last"


class WaveNetRecipe(Node):
    """Causal convolutions whose steps lie ever farther apart, gated, with skip connections (van den Oord 2016)."""

    kind: Literal["wavenet"] = "wavenet"
    channels: Width = 32
    skip_channels: Width = 64
    width: Width = 2
    num_layers: Depth = 8
    """Of one stack; layer i looks back `width` - 1 times 2^i steps."""
    stacks: Depth = 1
    dropout: Share = 0.0
    pooling: Pooling = "last"


class TransformerRecipe(Node):
    """Self-attention over patches of steps, normalized before each layer (Vaswani 2017; patches: Nie 2023)."""

    kind: Literal["transformer"] = "transformer"
    size: Width = 64
    num_heads: Depth = 4
    num_layers: Depth = 2
    feedforward: Width = 128
    dropout: Share = 0.1
    patch: Width = 1
    """Steps that are read as one."""
    stride: Width | None = None
    """Steps from one patch to the next; the patch's own length unless said."""
    pooling: Pooling | Literal["flat"] = "mean"
    """"flat": all states side by side, for windows of one length."""

    @model_validator(mode="after")
    def _heads_share_evenly(self) -> "TransformerRecipe":
        if self.size % self.num_heads:
            raise UnfitError("size must be a multiple of num_heads")
        return self


class DecomposedRecipe(Node):
    """A moving average and what is left, each a fixed window (DLinear, Zeng 2023)."""

    kind: Literal["decomposed"] = "decomposed"
    window: Width = 336
    average: Width = 25
    """Steps of the moving average."""


EncoderRecipe = Annotated[
    RecurrentRecipe
    | StackRecipe
    | ConvolutionRecipe
    | StackedConvolutionRecipe
    | ConvolutionRecurrentRecipe
    | WaveNetRecipe
    | TransformerRecipe
    | DenseRecipe
    | DecomposedRecipe
    | BagRecipe,
    Field(discriminator="kind"),
]
