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


TargetKind = Literal["class", "labels", "number"]


class DataRecipe(Node):
    """Where the rows come from and how they are split."""

    source: str = ""
    """A file, or the name of a public set (`yeoul data list`)."""
    inputs: Annotated[tuple[str, ...], Field(strict=False)] = ()
    """Text columns, joined by a line break when there are several; guessed when empty."""
    target: str = ""
    """Column of the labels; guessed when empty."""
    target_kind: TargetKind = "class"
    """One label a row, several at once (a JSON list or parted by `label_separator`), or a number."""
    label_separator: Annotated[str, Field(min_length=1)] = ","
    """Between the labels of a row that has several."""
    slices: Annotated[tuple[str, ...], Field(strict=False)] = ()
    """Further columns by whose values the scores are told apart."""
    columns: Annotated[tuple[str, ...], Field(strict=False)] = ()
    """Names of a file's columns, in order, when it has no header; empty: the first row is the header."""
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

    unit: Literal["byte", "character", "jamo", "syllable", "word", "morpheme", "subword"] = "subword"
    """Jamo are the letters of Korean syllables (NFD); morphemes need the extra `ko`."""
    vocabulary_size: Annotated[int, Field(ge=2, le=10_000_000)] = 8000
    """Largest number of tokens, the unknown one included; bytes are always 256."""
    min_count: Size = 2
    """Tokens (for sub-words: pairs) seen less often in the training rows are unknown; bytes never are."""
    lowercase: bool = False
    decompose: bool = False
    """Learn sub-words over the letters of Korean syllables (NFD) instead of over syllables."""
    max_length: Size = 256
    """Tokens kept of each text."""
    keep: Literal["head", "tail", "both"] = "head"
    """Which end of a longer text is kept; "both": half of the tokens from each end, the odd one from the head."""

    @model_validator(mode="after")
    def _only_subwords_decompose(self) -> "TextRecipe":
        if self.decompose and self.unit != "subword":
            raise ValueError('decompose acts on sub-words only: remove it, or use unit = "subword"')
        return self


class SeriesRecipe(Node):
    """How the numbers of a row become a series of steps: a list a column, or one number a column in time order."""

    standardize: Literal["series", "training", "none"] = "series"
    """Scale by each series' own mean and deviation, by those of the training rows, or not at all."""
    steps: Size = 2048
    """Steps kept of each series, from its beginning."""


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
    ngrams: Annotated[int, Field(ge=1, le=8)] = 1
    """From 2: neighbouring tokens, so many at most, have vectors together, beside those of their own."""
    buckets: Size | None = None
    """Vectors that all such neighbours share by a hash; 200,000 unless said."""
    ngram_dropout: Share = 0.0
    """Share of the neighbours' vectors that are left out while training."""

    @model_validator(mode="after")
    def _buckets_are_for_ngrams(self) -> "EmbeddingRecipe":
        if self.ngrams == 1 and (self.buckets is not None or self.ngram_dropout):
            raise ValueError("buckets and ngram_dropout act on ngrams of 2 or more: remove them")
        return self


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
    precision: Literal["float32", "bfloat16"] = "float32"
    """"bfloat16": products in half the bits, on processors and GPUs that are faster so; weights keep 32 bits."""
    class_weights: Literal["none", "balanced"] = "none"
    """"balanced": every class weighs the same in the loss, however few its rows."""
    sampling: Literal["plain", "balanced"] = "plain"
    """"balanced": an epoch draws as many rows of each class, again and again from the rare ones."""
    label_smoothing: Share = 0.0
    """Share of each target that is spread over all classes."""
    patience: Size = 3
    """Epochs without improvement after which training stops."""
    select: Literal["score", "loss", "macro_f1"] = "score"
    """What the best epoch is best at, on the validation rows; "score": accuracy, micro-F1 or mean absolute error."""
    checkpoint_seconds: Annotated[float, Field(gt=0.0)] = 60.0
    """Longest time between checkpoints; one is also written after each epoch."""

    @model_validator(mode="after")
    def _classes_are_balanced_once(self) -> "TrainingRecipe":
        if self.class_weights == "balanced" and self.sampling == "balanced":
            raise ValueError("class_weights and sampling both balance the classes: choose one")
        return self


MEMBER_NAME = r"^[a-z0-9]{1,12}(-[a-z0-9]{1,12}){0,3}$"


class MemberRecipe(Node):
    """One member of a mixture: a model with all that it does not share with the others."""

    name: Annotated[str, Field(pattern=MEMBER_NAME)]
    model: Annotated[NetworkRecipe | LinearRecipe, Field(discriminator="kind")] = NetworkRecipe()
    text: TextRecipe | None = None
    series: SeriesRecipe | None = None
    training: TrainingRecipe | None = None

    @model_validator(mode="before")
    @classmethod
    def _a_network_unless_said(cls, values: object) -> object:
        return _completed(values)

    @model_validator(mode="after")
    def _nothing_without_effect(self) -> "MemberRecipe":
        _check_tables(self)
        return self


class MixtureRecipe(Node):
    """Several models, trained one after another, that answer as one; weighted on the validation rows."""

    kind: Literal["mixture"] = "mixture"
    members: Annotated[tuple[MemberRecipe, ...], Field(strict=False, min_length=2, max_length=16)]

    @model_validator(mode="after")
    def _members_fit_together(self) -> "MixtureRecipe":
        if len({member.name for member in self.members}) < len(self.members):
            raise ValueError("two members have the same name: give each its own")
        if len({member.series is None for member in self.members}) > 1:
            raise ValueError("some members read series and others texts: let all read the same")
        return self


ModelRecipe = Annotated[NetworkRecipe | LinearRecipe | MixtureRecipe, Field(discriminator="kind")]


class Recipe(Node):
    """One experiment, whole: `[data]`, `[text]` or `[series]`, `[model]`, `[training]`."""

    task: Literal["classify"] = "classify"
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 42
    data: DataRecipe = DataRecipe()
    model: ModelRecipe = NetworkRecipe()
    text: TextRecipe | None = None
    series: SeriesRecipe | None = None
    training: TrainingRecipe | None = None

    @model_validator(mode="before")
    @classmethod
    def _a_network_unless_said(cls, values: object) -> object:
        return _completed(values)

    @model_validator(mode="after")
    def _nothing_without_effect(self) -> "Recipe":
        _check_tables(self)
        for part in self.model.members if isinstance(self.model, MixtureRecipe) else (self,):
            _check_targets(part.training or TrainingRecipe(), self.data.target_kind)
        return self

    @property
    def reads_series(self) -> bool:
        """Whether the inputs are numbers over time rather than texts."""
        members = self.model.members if isinstance(self.model, MixtureRecipe) else (self,)
        return any(member.series is not None for member in members)


def _completed(values: object) -> object:
    """Fill in the tables that a network needs."""
    values = _with_kind(values, "model", "network")
    if isinstance(values, dict) and _is_network(values.get("model")):
        if values.get("series") is not None and values.get("text") is None:
            return {"training": {}, **values, "model": _without_embedding(values.get("model", {}))}
        return {"text": {}, "training": {}, **values}
    return values


def _without_embedding(model: object) -> object:
    """Return the table of a network that reads series; an embedding that was asked for stays, to be refused."""
    if isinstance(model, dict):
        return {"kind": "network", "embedding": None, **model}
    if isinstance(model, NetworkRecipe) and "embedding" not in model.model_fields_set:
        return model.model_copy(update={"embedding": None})
    return model


def _is_network(model: object) -> bool:
    named = isinstance(model, dict) and model.get("kind") == "network"
    return named or model is None or isinstance(model, NetworkRecipe)


def _check_tables(recipe: MemberRecipe | Recipe) -> None:
    """Hold that every table has an effect."""
    kind = recipe.model.kind
    if kind == "network" and recipe.text is not None and recipe.series is not None:
        raise ValueError("[text] and [series] exclude each other: remove one")
    if isinstance(recipe.model, NetworkRecipe) and (recipe.model.embedding is None) != (recipe.text is None):
        raise ValueError("[model.embedding] belongs to texts, and to them alone")
    idle = () if kind == "network" else ("text", "series", "training")
    for name in idle:
        if getattr(recipe, name) is not None:
            raise ValueError(f"[{name}] has no effect on a {kind} model: remove it")


def _check_targets(training: TrainingRecipe, kind: TargetKind) -> None:
    """Hold that what is asked of a training suits its targets."""
    plain = (training.class_weights, training.sampling, training.label_smoothing) == ("none", "plain", 0.0)
    if kind != "class" and not plain:
        raise ValueError("class_weights, sampling and label_smoothing act on classes only: remove them")
    if kind == "number" and training.select == "macro_f1":
        raise ValueError('a number has no macro_f1: use select = "score" or "loss"')
