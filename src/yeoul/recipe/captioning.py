"""`[pictures]` and the models that say a sentence of a picture."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from yeoul.recipe.nodes import Depth, Node, Share, Size, UnfitError, Width, with_kind
from yeoul.recipe.transduction import RecurrentTargetRecipe, TransformerTargetRecipe

Side = Annotated[int, Field(ge=8, le=1024)]
Weight = Annotated[float, Field(ge=0.0, le=1000.0)]


class PicturesRecipe(Node):
    """How pictures are read."""

    size: Side = 64
    """Of the square that a network reads, in pixels."""
    features: str = ""
    """A file of what another network told of each picture, (N, P, D) as .npy or .safetensors, read in their place."""
    vision: str = ""
    """A folder with a vision model of the transformers library; what it tells of pictures is read in their place."""
    metric: Literal["cider", "bleu", "chrf", "rouge_l", "exact_match"] = "cider"
    """The score that decides: CIDEr-D, BLEU-4, chrF, ROUGE-L, or the share of captions that are exactly right."""
    flip: bool = False
    """Mirror every second picture while training, at random; not where captions tell left from right."""
    shift: Annotated[int, Field(ge=0, le=256)] = 0
    """Move pictures by at most so many pixels while training, at random."""

    @model_validator(mode="after")
    def _one_source_of_features(self) -> "PicturesRecipe":
        if self.features and self.vision:
            raise UnfitError("features come from a file or from a vision model", "remove features or vision")
        return self


class ResidualRecipe(Node):
    """Residual convolutions (He et al. 2016), normalized in groups of channels (Wu & He 2018)."""

    kind: Literal["resnet"] = "resnet"
    channels: Annotated[tuple[Width, ...], Field(strict=False, min_length=1, max_length=6)] = (32, 64, 128)
    """Of each stage; every stage but the first halves the sides."""
    blocks: Depth = 1
    """Of two convolutions each, in a stage."""
    stride: Annotated[int, Field(ge=1, le=8)] = 2
    """Of the first convolution, in pixels."""
    size: Width = 256
    """Of what is told of each place of the grid that is left."""
    summary: Literal["mean", "flat"] = "mean"
    """What stands for the whole picture: the mean of its places, or a linear map of all side by side."""
    dropout: Share = 0.0
    """Of what is told of the places."""
    frozen: bool = False
    """Captions do not change it: words, or the run that a training starts from, have taught it."""


class FeaturesRecipe(Node):
    """What another network told of each picture, mapped; see `pictures.features` and `pictures.vision`."""

    kind: Literal["features"] = "features"
    size: Width = 256
    summary: Literal["mean", "flat"] = "mean"
    dropout: Share = 0.0


class GatedTargetRecipe(Node):
    """A recurrent decoder that looks before each word, through a gate (Xu et al. 2015)."""

    kind: Literal["gated"] = "gated"
    cell: Literal["lstm", "gru"] = "lstm"
    hidden_size: Width = 256
    attention_size: Width = 128
    dropout: Share = 0.0
    """Before the output."""


class WordsRecipe(Node):
    """Words of the captions that are looked for in every place of the picture (Fang et al. 2015).

    A word is there with a chance of 1 - Π (1 - p) over the chances p of the places.
    """

    most: Size = 300
    """So many of the most frequent words that are no function words."""
    min_count: Size = 5
    """Captions that a word is in."""
    weight: Weight = 0.1
    """Of the nats of a picture's words beside those of a token."""
    first: Share = 0.0
    """Of the training: in this part of it only words are learned."""
    read: Annotated[int, Field(ge=0, le=64)] = 0
    """So many of the likeliest words are read by the decoder, beside the places of the picture."""
    rerank: bool = False
    """Rank what the search finds anew, also by the words found in the picture, as the validation rows teach it."""


PictureEncoderRecipe = Annotated[ResidualRecipe | FeaturesRecipe, Field(discriminator="kind")]
CaptionTargetRecipe = Annotated[
    RecurrentTargetRecipe | GatedTargetRecipe | TransformerTargetRecipe, Field(discriminator="kind")
]


class CaptionerRecipe(Node):
    """An encoder looks at the picture, a decoder says a sentence; trained by gradient descent."""

    kind: Literal["captioner"] = "captioner"
    encoder: PictureEncoderRecipe = ResidualRecipe()
    decoder: CaptionTargetRecipe = GatedTargetRecipe()
    embedding_size: Width = 128
    """Of the tokens of captions."""
    dropout: Share = 0.0
    """Of the components of the vectors that are read."""
    balance: Weight = 0.0
    """How much it costs to look at some places more than at others over a whole caption (Xu et al. 2015)."""
    words: WordsRecipe | None = None

    @model_validator(mode="before")
    @classmethod
    def _usual_kinds_unless_said(cls, values: object) -> object:
        return with_kind(with_kind(values, "encoder", "resnet"), "decoder", "gated")

    @model_validator(mode="after")
    def _parts_fit_together(self) -> "CaptionerRecipe":
        blind = isinstance(self.decoder, RecurrentTargetRecipe) and self.decoder.attention == "none"
        if self.balance and blind:
            raise UnfitError("balance acts on attention", "set decoder.attention, or remove it")
        if self.words is not None and self.words.read and blind:
            raise UnfitError("words are read by attention", "set decoder.attention, or remove words.read")
        if isinstance(self.decoder, TransformerTargetRecipe) and self.encoder.summary == "flat":
            raise UnfitError("a transformer reads places alone", "remove encoder.summary")
        return self
