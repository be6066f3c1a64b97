"""`[pairs]` and the models that turn one sequence into another."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from yeoul.recipe.nodes import Depth, Node, Share, UnfitError, Width, with_kind


class PairsRecipe(Node):
    """How sources and targets are read."""

    shared: bool = False
    """One vocabulary and one table of vectors for both sides."""
    keep_together: Literal["source", "target", "both", "sorted", "none"] = "source"
    """Rows that share this are on one side of a split; "sorted": sources of the same characters, as 1+23 and 23+1."""
    metric: Literal["exact_match", "chrf", "bleu", "rouge_l"] = "chrf"
    """The score that decides: the share of answers that are exactly right, chrF++, BLEU, or ROUGE-L."""


class ScheduledRecipe(Node):
    """The model's own tokens in place of the true ones, more of them as the training goes on (Bengio et al. 2015)."""

    share: Share = 0.25
    """Of the tokens read at the end of the training."""
    decay: Literal["linear", "sigmoid"] = "linear"
    """How the share rises with the progress of the training."""


class RecurrentSourceRecipe(Node):
    """A stack of recurrent layers; what it ends in is what a decoder begins with."""

    kind: Literal["lstm", "gru", "rnn"] = "lstm"
    hidden_size: Width = 128
    num_layers: Depth = 1
    bidirectional: bool = False
    reverse: bool = False
    """Read every source from its end to its beginning (Sutskever et al. 2014)."""
    dropout: Share = 0.0
    """Between the layers."""

    @model_validator(mode="after")
    def _nothing_without_effect(self) -> "RecurrentSourceRecipe":
        if self.reverse and self.bidirectional:
            raise UnfitError(
                "reverse has no effect on a bidirectional layer", "remove it, or bidirectional = false"
            )
        if self.dropout and self.num_layers == 1:
            raise UnfitError("dropout acts between layers", "it needs num_layers of 2 or more")
        return self


class ConvolutionSourceRecipe(Node):
    """Gated convolutions one after another, each added to what it read (Gehring et al. 2017)."""

    kind: Literal["cnn"] = "cnn"
    channels: Width = 256
    width: Width = 3
    num_layers: Depth = 4
    dropout: Share = 0.1


class TransformerSourceRecipe(Node):
    """Self-attention, normalized before each layer (Vaswani et al. 2017)."""

    kind: Literal["transformer"] = "transformer"
    size: Width = 256
    num_heads: Depth = 4
    num_layers: Depth = 3
    feedforward: Width = 1024
    dropout: Share = 0.1

    @model_validator(mode="after")
    def _heads_share_evenly(self) -> "TransformerSourceRecipe":
        if self.size % self.num_heads:
            raise UnfitError("size must be a multiple of num_heads")
        return self


class RecurrentTargetRecipe(Node):
    """A recurrent decoder, with attention if wanted."""

    kind: Literal["lstm", "gru", "rnn"] = "lstm"
    hidden_size: Width = 128
    num_layers: Depth = 1
    attention: Literal["none", "dot", "general", "additive"] = "none"
    """Scores of Luong et al. (2015), dot and general, or of Bahdanau et al. (2015), additive."""
    input_feeding: bool = False
    """What attention found at a step is read with the next token."""
    peeky: bool = False
    """The encoder's summary is read at every step by the recurrent layer and by the output (Cho et al. 2014)."""
    dropout: Share = 0.0
    """Between layers and before the output."""

    @model_validator(mode="after")
    def _nothing_without_effect(self) -> "RecurrentTargetRecipe":
        if self.input_feeding and self.attention == "none":
            raise UnfitError("input_feeding needs an attention", "choose dot, general or additive")
        return self


class TransformerTargetRecipe(Node):
    """A decoder of causal self-attention and attention to the source, normalized before each layer."""

    kind: Literal["transformer"] = "transformer"
    size: Width = 256
    num_heads: Depth = 4
    num_layers: Depth = 3
    feedforward: Width = 1024
    dropout: Share = 0.1

    @model_validator(mode="after")
    def _heads_share_evenly(self) -> "TransformerTargetRecipe":
        if self.size % self.num_heads:
            raise UnfitError("size must be a multiple of num_heads")
        return self


SourceRecipe = Annotated[
    RecurrentSourceRecipe | ConvolutionSourceRecipe | TransformerSourceRecipe, Field(discriminator="kind")
]
TargetRecipe = Annotated[RecurrentTargetRecipe | TransformerTargetRecipe, Field(discriminator="kind")]


class Seq2SeqRecipe(Node):
    """An encoder reads the source, a decoder writes the target; trained by gradient descent."""

    kind: Literal["seq2seq"] = "seq2seq"
    encoder: SourceRecipe = RecurrentSourceRecipe()
    decoder: TargetRecipe = RecurrentTargetRecipe()
    embedding_size: Width = 128
    """Of the tokens of both sides."""
    dropout: Share = 0.0
    """Of the components of the vectors that are read."""
    tied: bool = False
    """Tokens of the target are told by the vectors by which they are read."""
    copy_source: bool = False
    """The decoder may also point at a token of the source and say it (See et al. 2017); needs `pairs.shared`."""
    scheduled: ScheduledRecipe | None = None

    @model_validator(mode="before")
    @classmethod
    def _recurrent_unless_said(cls, values: object) -> object:
        return with_kind(with_kind(values, "encoder", "lstm"), "decoder", "lstm")

    @model_validator(mode="after")
    def _parts_fit_together(self) -> "Seq2SeqRecipe":
        blind = isinstance(self.decoder, RecurrentTargetRecipe) and self.decoder.attention == "none"
        if self.copy_source and blind:
            raise UnfitError("copy_source points by attention", "set decoder.attention")
        return self
