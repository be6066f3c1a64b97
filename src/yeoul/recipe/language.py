"""`[language]` and the models that continue a text: how it is cut, and what says the next token."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from yeoul.recipe.nodes import Depth, Node, Share, Size, UnfitError, Width, with_kind


class CacheRecipe(Node):
    """Words that the text has used lately are likelier than the model says (Grave et al. 2017)."""

    size: Size = 2000
    """Tokens back that are remembered."""
    flatness: Annotated[float, Field(gt=0.0)] | None = None
    """How sharply alike states are told from others (θ); chosen on the validation text unless said."""
    share: Annotated[float, Field(gt=0.0, lt=1.0)] | None = None
    """Of the probability that the cache gives (λ); chosen on the validation text unless said."""


class DynamicRecipe(Node):
    """Weights go on learning from the text that has just been scored (Krause et al. 2018)."""

    window: Size = 20
    """Tokens that are scored before the weights follow them."""
    rate: Annotated[float, Field(gt=0.0)] = 2e-3
    """Of a step against the gradient, each weight's divided by its usual size."""
    decay: Annotated[float, Field(ge=0.0, le=1.0)] = 0.02
    """Pull back to the trained weights at every step, stronger where gradients are usually large."""


class LanguageRecipe(Node):
    """How a long text is cut for training, and what may help the model while it is scored."""

    lines: bool | None = None
    """Every line, or row of the table, is a document of its own that an end token closes; else a file is one text.

    Unless said, units that cannot spell the end of a line (words, sub-words, morphemes) close lines."""
    stream: bool = True
    """Read the text in `training.batch_size` lanes side by side, the state carried from window to window."""
    window: Annotated[int, Field(ge=1, le=1_000_000)] = 35
    """Tokens that the gradient goes back; without `stream`, those of which each window consists."""
    cache: CacheRecipe | None = None
    dynamic: DynamicRecipe | None = None

    @model_validator(mode="after")
    def _nothing_without_effect(self) -> "LanguageRecipe":
        if not self.stream and (self.cache is not None or self.dynamic is not None):
            raise UnfitError(
                "a cache and dynamic evaluation need a stream", "remove them, or read the text as a stream"
            )
        return self


class RecurrentDecoderRecipe(Node):
    """A stack of recurrent layers with the regularizers of the AWD-LSTM (Merity et al. 2018)."""

    kind: Literal["lstm", "gru", "rnn"] = "lstm"
    hidden_size: Width = 256
    num_layers: Depth = 1
    layer_norm: bool = False
    """Normalize the gates inside the cell (Ba et al. 2016)."""
    weight_drop: Share = 0.0
    """Share of the weights between a state and the next that are left out, the same ones for a whole batch."""
    hidden_dropout: Share = 0.0
    """Between the layers, the same components at every step."""

    @model_validator(mode="after")
    def _nothing_without_effect(self) -> "RecurrentDecoderRecipe":
        if self.hidden_dropout and self.num_layers == 1:
            raise UnfitError("hidden_dropout acts between layers", "it needs num_layers of 2 or more")
        return self


class WaveNetDecoderRecipe(Node):
    """Causal convolutions whose steps lie ever farther apart (van den Oord et al. 2016)."""

    kind: Literal["wavenet"] = "wavenet"
    channels: Width = 64
    skip_channels: Width = 128
    width: Width = 2
    num_layers: Depth = 8
    """Of one stack; layer i looks back `width` - 1 times 2^i steps."""
    stacks: Depth = 1
    dropout: Share = 0.0


class TransformerDecoderRecipe(Node):
    """Causal self-attention, normalized before each layer (Vaswani et al. 2017)."""

    kind: Literal["transformer"] = "transformer"
    size: Width = 256
    num_heads: Depth = 4
    num_layers: Depth = 4
    feedforward: Width = 1024
    dropout: Share = 0.1
    reach: Width = 256
    """Steps back that a step may look, its own among them."""

    @model_validator(mode="after")
    def _heads_share_evenly(self) -> "TransformerDecoderRecipe":
        if self.size % self.num_heads:
            raise UnfitError("size must be a multiple of num_heads")
        return self


DecoderNetworkRecipe = Annotated[
    RecurrentDecoderRecipe | WaveNetDecoderRecipe | TransformerDecoderRecipe, Field(discriminator="kind")
]


class DecoderRecipe(Node):
    """A network that says the next token, trained by gradient descent."""

    kind: Literal["decoder"] = "decoder"
    network: DecoderNetworkRecipe = RecurrentDecoderRecipe()
    embedding_size: Width = 128
    tied: bool = False
    """Tokens are told by the vectors by which they are read (Press & Wolf 2017).

    The last of several recurrent layers then has their size; other states are mapped to it.
    """
    token_dropout: Share = 0.0
    """Share of the vocabulary whose vectors are zero in a batch, wherever the token stands."""
    input_dropout: Share = 0.0
    """Of the components of the vectors that are read, the same at every step."""
    output_dropout: Share = 0.0
    """Of the components of the states that tokens are told by, the same at every step."""
    activation: Annotated[float, Field(ge=0.0)] = 0.0
    """Weight of the mean square of those states in the loss (α; Merity et al. 2017)."""
    slowness: Annotated[float, Field(ge=0.0)] = 0.0
    """Weight of the mean square of their change from step to step (β)."""

    @model_validator(mode="before")
    @classmethod
    def _an_lstm_unless_said(cls, values: object) -> object:
        return with_kind(values, "network", "lstm")


class NgramRecipe(Node):
    """The share of the next token after the last few, interpolated (Kneser & Ney 1995)."""

    kind: Literal["ngrams"] = "ngrams"
    order: Annotated[int, Field(ge=1, le=32)] = 5
    """Tokens of the longest run that is counted, the next one included."""
    discounts: Literal[1, 3] = 3
    """Taken from every count alike, or more from counts of two and of three or more (Chen & Goodman 1998)."""
