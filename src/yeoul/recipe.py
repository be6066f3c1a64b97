"""The whole experiment as a small frozen tree.

What the code receives *is* the recipe: nothing mirrors it, and no value is changed behind its back. Reading
and writing recipes as TOML is the business of `yeoul.recipefile`. Units stand in the names.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Node(BaseModel):
    """One table of a recipe: frozen, and strict about unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


Share = Annotated[float, Field(ge=0.0, lt=1.0)]
Size = Annotated[int, Field(ge=1, le=1_000_000_000)]
Width = Annotated[int, Field(ge=1, le=65_536)]
"""Of a layer: far beyond what a machine holds, and small enough to refuse what a forged file asks for."""
Depth = Annotated[int, Field(ge=1, le=64)]


class DataRecipe(Node):
    """Where the rows come from and how they are split."""

    source: str = ""
    """A file, or the name of a public set (`yeoul data list`)."""
    inputs: Annotated[tuple[str, ...], Field(strict=False)] = ()
    """Text columns, joined by a line break when there are several; guessed when empty."""
    target: str = ""
    """Column of the labels; guessed when empty."""
    encoding: str = "auto"
    """"auto" tries a byte order mark, strict UTF-8 and strict CP949, in this order."""
    separator: str = "auto"
    """One character between columns, or "auto"."""
    validation: Annotated[float, Field(gt=0.0, lt=1.0)] = 0.1
    """Share of the training rows set apart to choose the best epoch."""
    test: Annotated[float, Field(gt=0.0, lt=1.0)] | None = None
    """Share of all rows set apart for the final score; unset: the official test set, else 0.1."""


class TextRecipe(Node):
    """How a text becomes token ids."""

    unit: Literal["character", "syllable", "word", "subword"] = "subword"
    vocabulary_size: Annotated[int, Field(ge=2, le=10_000_000)] = 8000
    min_count: Size = 2
    """Tokens (for sub-words: pairs) seen less often in the training rows are unknown."""
    lowercase: bool = False
    max_length: Size = 256
    """Tokens kept of each text, from its beginning."""


def _with_kind(values: object, name: str, kind: str) -> object:
    if isinstance(values, dict) and isinstance(values.get(name), dict):
        return {**values, name: {"kind": kind, **values[name]}}
    return values


Pooling = Literal["last", "max", "mean", "sum", "attention"]


class EmbeddingRecipe(Node):
    """The table of token vectors."""

    size: Width = 128
    dropout: Share = 0.0
    """Share of each text's vector components that are dropped, the same at every step."""
    token_dropout: Share = 0.0
    """Share of the tokens that are replaced by the unknown token while training."""


class RecurrentRecipe(Node):
    """A stack of recurrent layers."""

    kind: Literal["lstm", "gru", "rnn"] = "lstm"
    hidden_size: Width = 128
    num_layers: Depth = 1
    bidirectional: bool = True
    dropout: Share = 0.0
    """Between the layers of a stack."""
    pooling: Pooling = "max"

    @model_validator(mode="after")
    def _dropout_needs_a_stack(self) -> "RecurrentRecipe":
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


class BagRecipe(Node):
    """The embeddings themselves, without their order (fastText's classifier)."""

    kind: Literal["bag"] = "bag"
    pooling: Pooling = "mean"


EncoderRecipe = Annotated[RecurrentRecipe | ConvolutionRecipe | BagRecipe, Field(discriminator="kind")]


class NetworkRecipe(Node):
    """An encoder with a head, trained by gradient descent."""

    kind: Literal["network"] = "network"
    embedding: EmbeddingRecipe = EmbeddingRecipe()
    encoder: EncoderRecipe = RecurrentRecipe()
    dropout: Share = 0.3
    """On the encoder's summary, before the head."""

    @model_validator(mode="before")
    @classmethod
    def _an_lstm_unless_said(cls, values: object) -> object:
        return _with_kind(values, "encoder", "lstm")


class LinearRecipe(Node):
    """Logistic regression on n-grams, weighted by naive Bayes (Wang & Manning 2012)."""

    kind: Literal["linear"] = "linear"
    unit: Literal["character", "word"] = "character"
    ngrams: Annotated[tuple[Depth, Depth], Field(strict=False)] = (1, 5)
    min_count: Size = 2
    """n-grams in fewer training rows are left out."""
    lowercase: bool = True
    strength: Annotated[float, Field(gt=0.0)] = 5.0
    """Inverse of the L2 penalty (C)."""

    @model_validator(mode="after")
    def _shortest_first(self) -> "LinearRecipe":
        if self.ngrams[0] > self.ngrams[1]:
            raise ValueError("ngrams holds the shortest length first, then the longest")
        return self


ModelRecipe = Annotated[NetworkRecipe | LinearRecipe, Field(discriminator="kind")]


class TrainingRecipe(Node):
    """How a network is trained: AdamW with warm-up, decay, clipping and early stop."""

    epochs: Size = 10
    max_steps: Size | None = None
    """Stop after this many steps, even inside an epoch."""
    budget_seconds: Annotated[float, Field(gt=0.0)] | None = None
    """Turned into `max_steps` by a short calibration before the first step."""
    batch_size: Size = 64
    accumulation: Size = 1
    """Parts into which a batch is cut to save memory; the gradient stays the same."""
    rate: Annotated[float, Field(gt=0.0)] = 1e-3
    weight_decay: Annotated[float, Field(ge=0.0)] = 0.01
    warmup: Share = 0.05
    """Share of the steps in which the rate rises from zero."""
    decay: Literal["linear", "cosine", "none"] = "linear"
    clip: Annotated[float, Field(gt=0.0)] = 1.0
    """Largest norm of the gradient over all weights."""
    patience: Size = 3
    """Epochs without improvement after which training stops."""
    select: Literal["loss", "accuracy", "macro_f1"] = "accuracy"
    """What the best epoch is best at, on the validation rows."""
    checkpoint_seconds: Annotated[float, Field(gt=0.0)] = 60.0
    """Longest time between checkpoints; one is also written after each epoch."""


class Recipe(Node):
    """One experiment, whole: `[data]`, `[text]`, `[model]`, `[training]`."""

    task: Literal["classify"] = "classify"
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 42
    data: DataRecipe = DataRecipe()
    model: ModelRecipe = NetworkRecipe()
    text: TextRecipe | None = None
    training: TrainingRecipe | None = None

    @model_validator(mode="before")
    @classmethod
    def _a_network_unless_said(cls, values: object) -> object:
        values = _with_kind(values, "model", "network")
        if isinstance(values, dict) and _is_network(values.get("model")):
            return {"text": {}, "training": {}, **values}
        return values

    @model_validator(mode="after")
    def _nothing_without_effect(self) -> "Recipe":
        if self.model.kind == "linear":
            for name in ("text", "training"):
                if getattr(self, name) is not None:
                    raise ValueError(f"[{name}] has no effect on a linear model: remove it")
        return self


def _is_network(model: object) -> bool:
    if isinstance(model, dict):
        return model.get("kind") == "network"
    return model is None or isinstance(model, NetworkRecipe)
