"""`[model]`: a network or a linear model."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from yeoul.recipe.encoders import EncoderRecipe, RecurrentRecipe
from yeoul.recipe.nodes import Depth, Node, Share, Size, UnfitError, Width, with_kind


class EmbeddingRecipe(Node):
    """The table of token vectors."""

    size: Width = 128
    vectors: str = ""
    """First vectors of the words, from a public set or a file of GloVe, word2vec or fastText; `size` is theirs."""
    frozen: bool = False
    """Keep the vectors of the file as they are, and know its first words too, up to `text.vocabulary_size`; words
    without a vector are zero."""
    dropout: Share = 0.0
    """Share of each text's vector components that are dropped, the same at every step."""
    token_dropout: Share = 0.0
    """Share of the tokens that are replaced by the unknown token while training."""
    ngrams: Annotated[int, Field(ge=1, le=8)] = 1
    """From 2: neighbouring tokens, so many at most, have vectors together, beside those of their own."""
    buckets: Size | None = None
    """Vectors that all such neighbours share by a hash; 200,000 unless said."""
    ngram_dropout: Share = 0.0
    """Share of the neighbours' vectors that are left out while training."""

    @model_validator(mode="after")
    def _buckets_are_for_ngrams(self) -> "EmbeddingRecipe":
        if self.ngrams == 1 and (self.buckets is not None or self.ngram_dropout):
            raise UnfitError("buckets and ngram_dropout act on ngrams of 2 or more", "remove them")
        return self

    @model_validator(mode="after")
    def _frozen_are_vectors(self) -> "EmbeddingRecipe":
        if self.frozen and not self.vectors:
            raise UnfitError("frozen keeps vectors of a file", "set vectors, or remove it")
        return self


class NetworkRecipe(Node):
    """An encoder with a head, trained by gradient descent."""

    kind: Literal["network"] = "network"
    embedding: EmbeddingRecipe | None = EmbeddingRecipe()
    """Of token ids; a series has none, its steps are vectors already."""
    encoder: EncoderRecipe = RecurrentRecipe()
    dropout: Share = 0.3
    """On the encoder's summary, before the head."""

    @model_validator(mode="before")
    @classmethod
    def _an_lstm_unless_said(cls, values: object) -> object:
        return with_kind(values, "encoder", "lstm")


class LinearRecipe(Node):
    """Logistic regression on weighted n-grams."""

    kind: Literal["linear"] = "linear"
    unit: Literal["character", "word"] = "character"
    ngrams: Annotated[tuple[Depth, Depth], Field(strict=False)] = (1, 5)
    min_count: Size = 2
    """n-grams in fewer training rows are left out."""
    lowercase: bool = True
    weights: Literal["ratio", "idf"] = "ratio"
    """What an n-gram counts: by naive Bayes (Wang & Manning 2012), or by how few of the training rows hold it."""
    strength: Annotated[float, Field(gt=0.0)] = 5.0
    """Inverse of the L2 penalty (C)."""

    @model_validator(mode="after")
    def _shortest_first(self) -> "LinearRecipe":
        if self.ngrams[0] > self.ngrams[1]:
            raise UnfitError("ngrams holds the shortest length first, then the longest")
        return self
