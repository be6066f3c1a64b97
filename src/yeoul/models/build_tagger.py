"""Make the tagger that a recipe describes."""

from collections.abc import Sequence
from dataclasses import dataclass

from yeoul.layers import GRU, LSTM, RNN, Embedding, TransformerBlock
from yeoul.layers.crf import allowed_spans
from yeoul.models.build import build_encoder, describe_encoder
from yeoul.models.protocols import Encoder
from yeoul.models.tag_encoders import ConvolutionRows, RecurrentRows, transformer_rows
from yeoul.models.tagging import ChainTags, Committee, SoftmaxTags, Tagger, TagHead, TagModel
from yeoul.recipe import TaggerRecipe
from yeoul.recipe.tagging import (
    ConvolutionRowRecipe,
    LettersRecipe,
    RecurrentRowRecipe,
    RowEncoderRecipe,
    TransformerRowRecipe,
)

_BUCKETS = 20_000
_NGRAM_DROPOUT = 0.3
_RECURRENT = {"lstm": LSTM, "gru": GRU, "rnn": RNN}
_CELLS = {"lstm": "LSTM", "gru": "GRU", "rnn": "RNN"}


@dataclass(frozen=True)
class TagSizes:
    """How many tokens a tagger reads, and which tags it says."""

    words: int
    """The unknown one included."""
    letters: int
    tags: tuple[str, ...]
    given: int = 0
    """Components of the vectors of words that are given."""


def build_tagger(recipe: TaggerRecipe, sizes: TagSizes, *, ruled: bool) -> TagModel:
    """Return an untrained tagger, or several that speak as one; draw weights from torch's random numbers.

    With `ruled` a chain says no row of tags that breaks the rules of B-, I- and O.
    """
    members = [_tagger(recipe, sizes, ruled=ruled) for _ in range(recipe.members)]
    return members[0] if len(members) == 1 else Committee(members)


def _tagger(recipe: TaggerRecipe, sizes: TagSizes, *, ruled: bool) -> Tagger:
    words = recipe.words
    vectors = Embedding(sizes.words, words.size, token_dropout=words.dropout) if words.size else None
    speller = build_encoder(recipe.letters.encoder, recipe.letters.size)
    encoder = _encoder(recipe.encoder, words.size + speller.output_size + sizes.given)
    head: TagHead
    match recipe.head:
        case "softmax":
            head = SoftmaxTags(encoder.output_size, len(sizes.tags))
        case "crf":
            allowed = allowed_spans(sizes.tags) if ruled else None
            head = ChainTags(encoder.output_size, len(sizes.tags), allowed)
    return Tagger(
        vectors,
        _letters(recipe.letters, sizes.letters),
        speller,
        encoder,
        head,
        dropout=recipe.dropout,
    )


def describe_tagger(recipe: TaggerRecipe) -> str:
    """Name a tagger in a few words: "BiLSTM 1×150, CRF · letters by BiLSTM 1×75, last"."""
    head = {"softmax": "softmax", "crf": "CRF"}[recipe.head]
    several = f"{recipe.members} × " if recipe.members > 1 else ""
    return f"{several}{_describe(recipe.encoder)}, {head} · letters by {describe_encoder(recipe.letters.encoder)}"


def _letters(recipe: LettersRecipe, count: int) -> Embedding:
    if recipe.ngrams == 1:
        return Embedding(count, recipe.size)
    dropped = _NGRAM_DROPOUT if recipe.ngram_dropout is None else recipe.ngram_dropout
    buckets = recipe.buckets or _BUCKETS
    return Embedding(count, recipe.size, ngrams=recipe.ngrams, buckets=buckets, ngram_dropout=dropped)


def _encoder(recipe: RowEncoderRecipe, input_size: int) -> Encoder:
    match recipe:
        case RecurrentRowRecipe():
            layers = _RECURRENT[recipe.kind](
                input_size,
                recipe.hidden_size,
                recipe.num_layers,
                bidirectional=recipe.bidirectional,
                dropout=recipe.dropout,
                recurrent_dropout=recipe.recurrent_dropout,
            )
            return RecurrentRows(layers)
        case ConvolutionRowRecipe():
            return ConvolutionRows(
                input_size, recipe.channels, recipe.width, recipe.num_layers, recipe.dropout
            )
        case TransformerRowRecipe():
            blocks: Sequence[TransformerBlock] = [
                TransformerBlock(recipe.size, recipe.num_heads, recipe.feedforward, dropout=recipe.dropout)
                for _ in range(recipe.num_layers)
            ]
            return transformer_rows(input_size, recipe.size, blocks, recipe.dropout, recipe.reach)


def _describe(recipe: RowEncoderRecipe) -> str:
    match recipe:
        case RecurrentRowRecipe():
            both = "Bi" if recipe.bidirectional else ""
            return f"{both}{_CELLS[recipe.kind]} {recipe.num_layers}×{recipe.hidden_size}"
        case ConvolutionRowRecipe():
            return f"CNN {recipe.num_layers}×{recipe.channels}×({recipe.width})"
        case TransformerRowRecipe():
            return f"transformer {recipe.num_layers}×{recipe.size}"
