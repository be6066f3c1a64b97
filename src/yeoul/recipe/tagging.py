"""`[tagging]` and the model that says a tag of every element of a sequence."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from yeoul.recipe.encoders import EncoderRecipe, RecurrentRecipe
from yeoul.recipe.nodes import Depth, Node, Share, Size, UnfitError, Width, with_kind


class TaggingRecipe(Node):
    """What is tagged, and which score decides; `data.target` names the layer of tags."""

    element: Literal["word", "sentence"] = "word"
    """What has a tag: each word of a sentence, or each sentence of a document."""
    scheme: Literal["auto", "tags", "spans"] = "auto"
    """"spans": B-, I- and O tags mark spans, whose F1 decides, and a CRF says no row that breaks their rules."""
    matching: Literal["strict", "relaxed"] = "strict"
    """When a span is found: both ends and the kind are right, or it has a word in common with one of its kind."""
    cut: Literal["auto", "spaces", "punctuation"] = "auto"
    """How a raw sentence becomes words: at spaces, or also before and after punctuation; "auto" as in the training."""

    @model_validator(mode="after")
    def _only_words_are_cut(self) -> "TaggingRecipe":
        if self.element == "sentence" and self.cut != "auto":
            raise UnfitError("cut says how sentences become words", "remove it where sentences are tagged")
        return self


class WordsRecipe(Node):
    """The vectors of whole words that are learned."""

    size: Annotated[int, Field(ge=0, le=65_536)] = 64
    """0: words have no vectors of their own, only what is read of their letters."""
    min_count: Size = 3
    """Words seen less often in the training rows have none, so that unseen ones are no surprise."""
    dropout: Share = 0.3
    """Share of the words that are taken for unknown while training."""


class LettersRecipe(Node):
    """What is read of the letters of each word, cut as `[text]` says."""

    size: Width = 40
    """Of the vectors of letters."""
    ngrams: Annotated[int, Field(ge=1, le=8)] = 4
    """From 2: neighboring letters, so many at most, have vectors together, beside those of their own."""
    buckets: Size | None = None
    """Vectors that all such neighbors share by a hash; 20,000 unless said."""
    ngram_dropout: Share | None = None
    """Share of the neighbors' vectors that are left out while training; 0.3 unless said."""
    encoder: EncoderRecipe = RecurrentRecipe(hidden_size=75, pooling="last")

    @model_validator(mode="before")
    @classmethod
    def _an_lstm_unless_said(cls, values: object) -> object:
        return with_kind(values, "encoder", "lstm")

    @model_validator(mode="after")
    def _buckets_are_for_ngrams(self) -> "LettersRecipe":
        if self.ngrams == 1 and (self.buckets is not None or self.ngram_dropout is not None):
            raise UnfitError("buckets and ngram_dropout act on ngrams of 2 or more", "remove them")
        return self


class RecurrentRowRecipe(Node):
    """Recurrent layers over the words of a sentence."""

    kind: Literal["lstm", "gru", "rnn"] = "lstm"
    hidden_size: Width = 150
    num_layers: Depth = 1
    bidirectional: bool = True
    dropout: Share = 0.0
    """Between the layers."""
    recurrent_dropout: Share = 0.0
    """On the state that goes from word to word, the same components at every word."""

    @model_validator(mode="after")
    def _nothing_without_effect(self) -> "RecurrentRowRecipe":
        if self.dropout and self.num_layers == 1:
            raise UnfitError("dropout acts between layers", "it needs num_layers of 2 or more")
        return self


class ConvolutionRowRecipe(Node):
    """Gated convolutions one after another, each added to what it read (Gehring et al. 2017)."""

    kind: Literal["cnn"] = "cnn"
    channels: Width = 256
    width: Width = 3
    num_layers: Depth = 3
    dropout: Share = 0.1


class TransformerRowRecipe(Node):
    """Self-attention, normalized before each layer (Vaswani et al. 2017); longer rows are read in parts."""

    kind: Literal["transformer"] = "transformer"
    size: Width = 128
    num_heads: Depth = 4
    num_layers: Depth = 2
    feedforward: Width = 256
    dropout: Share = 0.1
    reach: Width = 256
    """Words of a part, which see one another and none of other parts."""

    @model_validator(mode="after")
    def _heads_share_evenly(self) -> "TransformerRowRecipe":
        if self.size % self.num_heads:
            raise UnfitError("size must be a multiple of num_heads")
        return self


RowEncoderRecipe = Annotated[
    RecurrentRowRecipe | ConvolutionRowRecipe | TransformerRowRecipe, Field(discriminator="kind")
]


class TaggerRecipe(Node):
    """Reads words by their own vectors and by their letters, the sentence by an encoder; a head says the tags."""

    kind: Literal["tagger"] = "tagger"
    vectors: str = ""
    """A file or a public set of vectors of words, read beside those that are learned and never changed.

    Words that training never saw have theirs too; a model of fastText has one for every word."""
    words: WordsRecipe = WordsRecipe()
    letters: LettersRecipe = LettersRecipe()
    encoder: RowEncoderRecipe = RecurrentRowRecipe()
    head: Literal["softmax", "crf"] = "crf"
    """Each tag by itself, or the whole row together by a linear-chain conditional random field."""
    members: Annotated[int, Field(ge=1, le=16)] = 1
    """So many taggers, drawn apart, learn side by side, and their scores are averaged."""
    dropout: Share = 0.5
    """Of the components of what is read of words, and of what the encoder says, the same in the whole sentence."""

    @model_validator(mode="before")
    @classmethod
    def _an_lstm_unless_said(cls, values: object) -> object:
        return with_kind(values, "encoder", "lstm")
