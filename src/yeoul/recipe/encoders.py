"""`[model.encoder]`: what reads a sequence."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from yeoul.recipe.nodes import Depth, Node, Share, Width

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
            raise ValueError(
                "reverse has no effect on a bidirectional layer: remove it, or bidirectional = false"
            )
        if self.dropout and self.num_layers == 1:
            raise ValueError("dropout acts between layers: it needs num_layers of 2 or more")
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


EncoderRecipe = Annotated[
    RecurrentRecipe
    | ConvolutionRecipe
    | StackedConvolutionRecipe
    | ConvolutionRecurrentRecipe
    | DenseRecipe
    | BagRecipe,
    Field(discriminator="kind"),
]
