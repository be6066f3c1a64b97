"""`[comparing]` and the model that says how close two sequences are."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from yeoul.recipe.encoders import EncoderRecipe, RecurrentRecipe
from yeoul.recipe.models import EmbeddingRecipe
from yeoul.recipe.nodes import Node, Share, UnfitError, with_kind

Truth = Literal["match", "degree", "none"]
CompareLoss = Literal["contrastive", "regression", "logistic", "retrieval"]


class ComparingRecipe(Node):
    """What is known of two sequences, and how it is learned."""

    rows: Literal["pairs", "neighbors"] = "pairs"
    """"neighbors": documents are read, and rows made of their sentences: whether one follows the other."""
    truth: Literal["auto"] | Truth = "auto"
    """"match": zeros and ones, "degree": numbers, the larger the closer, "none": every pair belongs together."""
    symmetric: bool = True
    """The left is to the right what the right is to the left; else the two sides are told apart."""
    loss: Literal["auto"] | CompareLoss = "auto"
    """"contrastive": what matches close, all else farther than the margin (Hadsell et al. 2006); "logistic": the odds
    of a match; "regression": the number itself; "retrieval": the match among all others of the batch (Henderson et
    al. 2017). Logistic for matches, regression for degrees, retrieval where all belong together."""
    margin: Annotated[float, Field(ge=-1.0, lt=1.0)] = 0.3
    """The contrastive loss leaves pairs alone that do not match and whose cosine is below it."""
    keep_together: Literal["matching", "all", "none"] = "matching"
    """Texts that are tied by matching pairs, or by any pairs, stand on one side of a split."""

    @model_validator(mode="after")
    def _nothing_without_effect(self) -> "ComparingRecipe":
        if self.loss != "contrastive" and self.margin != ComparingRecipe.model_fields["margin"].default:
            raise UnfitError('margin acts with loss = "contrastive" only', "remove it")
        if self.rows == "neighbors" and self.keep_together != "matching":
            raise UnfitError("sentences stay with their document", "remove keep_together")
        if self.rows == "neighbors" and self.truth not in ("auto", "match"):
            raise UnfitError("sentences follow one another or do not", "remove truth")
        return self


class SiameseRecipe(Node):
    """One encoder reads both sequences; a head says how close what it says of them is."""

    kind: Literal["siamese"] = "siamese"
    embedding: EmbeddingRecipe | None = EmbeddingRecipe()
    """Of token ids; a series has none, its steps are vectors already."""
    encoder: EncoderRecipe = RecurrentRecipe()
    head: Literal["cosine", "learned"] = "cosine"
    """The cosine of the two summaries, or a small network over them."""
    dropout: Share = 0.1
    """On the encoder's summaries, before the head."""

    @model_validator(mode="before")
    @classmethod
    def _an_lstm_unless_said(cls, values: object) -> object:
        return with_kind(values, "encoder", "lstm")
