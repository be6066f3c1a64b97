"""Make the model that a recipe of pairs describes."""

from torch import nn

from yeoul.errors import RecipeError
from yeoul.layers import GRU, LSTM, RNN, TransformerBlock
from yeoul.layers.alignment import AdditiveAlignment, Alignment, DotAlignment, GeneralAlignment
from yeoul.layers.transformer import TransformerDecoderBlock
from yeoul.models.build import build_encoder
from yeoul.models.copying import Pointer
from yeoul.models.language_networks import RecurrentNetwork
from yeoul.models.protocols import Encoder
from yeoul.models.token_head import TokenHead, drawn_vectors
from yeoul.models.transduction import Seq2Seq, TokenVectors
from yeoul.models.transduction_decoders import (
    AttendingTarget,
    Bridged,
    Continued,
    FeedingTarget,
    Gaze,
    RecurrentTarget,
    TargetNetwork,
    TransformerTarget,
)
from yeoul.models.transduction_encoders import ConvolutionSource, PlacedVectors, TransformerSource
from yeoul.recipe import (
    ConvolutionSourceRecipe,
    RecurrentRecipe,
    RecurrentSourceRecipe,
    RecurrentTargetRecipe,
    Seq2SeqRecipe,
    TransformerSourceRecipe,
    TransformerTargetRecipe,
)
from yeoul.recipe.transduction import SourceRecipe, TargetRecipe

_CELLS = {"lstm": LSTM, "gru": GRU, "rnn": RNN}
_NAMES = {"lstm": "LSTM", "gru": "GRU", "rnn": "RNN"}


def build_transducer(
    recipe: Seq2SeqRecipe,
    source_tokens: int,
    target_tokens: int,
    *,
    shared: bool,
    label_smoothing: float = 0.0,
) -> Seq2Seq:
    """Return an untrained model; draw its weights from torch's random numbers.

    So many tokens are those of the tokenizers; end and start come on top. Raises `RecipeError` for what cannot be
    built.
    """
    if shared and source_tokens != target_tokens:
        raise ValueError(f"a shared vocabulary has {source_tokens} tokens here and {target_tokens} there")
    if recipe.copy_source and not shared:
        raise RecipeError(
            "a token of the source can only be said where both sides have one vocabulary",
            "set pairs.shared = true, or remove copy_source",
            where="model.copy_source",
        )
    size = recipe.embedding_size
    encoder = _encoder(recipe.encoder, size)
    decoder = build_target(recipe.decoder, recipe.encoder, size, encoder.output_size)
    vectors = TokenVectors(
        None if shared else drawn_vectors(source_tokens, size),
        None if recipe.tied else drawn_vectors(target_tokens + 2, size),
        nn.Parameter(drawn_vectors(1, size)[0].detach()) if recipe.tied else None,
    )
    features = size if recipe.tied else decoder.output_size
    return Seq2Seq(
        vectors,
        encoder,
        decoder,
        TokenHead(features, target_tokens + 1, label_smoothing=label_smoothing),
        dropout=recipe.dropout,
        pointer=Pointer(decoder.output_size) if recipe.copy_source else None,
        scheduled=recipe.scheduled,
    )


def describe_transducer(recipe: Seq2SeqRecipe) -> str:
    """Name a model in a few words: "reversed LSTM 1×128 → peeky LSTM 1×128, dot attention"."""
    told = [f"{_source_name(recipe.encoder)} → {target_name(recipe.decoder)}"]
    if isinstance(recipe.decoder, RecurrentTargetRecipe) and recipe.decoder.attention != "none":
        told.append(f"{recipe.decoder.attention} attention")
        told += ["input feeding"] if recipe.decoder.input_feeding else []
    told += ["copying"] if recipe.copy_source else []
    return ", ".join([*told, f"{'tied ' if recipe.tied else ''}{recipe.embedding_size}"])


def _source_name(recipe: SourceRecipe) -> str:
    match recipe:
        case RecurrentSourceRecipe():
            turned = ("reversed " if recipe.reverse else "") + ("Bi" if recipe.bidirectional else "")
            return f"{turned}{_NAMES[recipe.kind]} {recipe.num_layers}×{recipe.hidden_size}"
        case ConvolutionSourceRecipe():
            return f"gated CNN {recipe.num_layers}×{recipe.channels}×({recipe.width})"
        case TransformerSourceRecipe():
            return f"transformer {recipe.num_layers}×{recipe.size}"


def target_name(recipe: TargetRecipe) -> str:
    """Name a decoder: "peeky LSTM 1×128"."""
    match recipe:
        case RecurrentTargetRecipe():
            peeky = "peeky " if recipe.peeky else ""
            return f"{peeky}{_NAMES[recipe.kind]} {recipe.num_layers}×{recipe.hidden_size}"
        case TransformerTargetRecipe():
            return f"transformer {recipe.num_layers}×{recipe.size}"


def _encoder(recipe: SourceRecipe, input_size: int) -> Encoder:
    match recipe:
        case RecurrentSourceRecipe():
            layers = RecurrentRecipe(
                kind=recipe.kind,
                hidden_size=recipe.hidden_size,
                num_layers=recipe.num_layers,
                bidirectional=recipe.bidirectional,
                reverse=recipe.reverse,
                dropout=recipe.dropout,
                pooling="last",
            )
            return build_encoder(layers, input_size)
        case ConvolutionSourceRecipe():
            vectors = PlacedVectors(input_size, recipe.channels, recipe.dropout)
            return ConvolutionSource(vectors, recipe.width, recipe.num_layers, recipe.dropout)
        case TransformerSourceRecipe():
            blocks = [
                TransformerBlock(recipe.size, recipe.num_heads, recipe.feedforward, dropout=recipe.dropout)
                for _ in range(recipe.num_layers)
            ]
            return TransformerSource(PlacedVectors(input_size, recipe.size, recipe.dropout), blocks)


def build_target(
    recipe: TargetRecipe, source: SourceRecipe | None, input_size: int, memory_size: int
) -> TargetNetwork:
    """Return a decoder that reads vectors of `input_size`, over a memory of what `source`, or else a picture, tells."""
    match recipe:
        case RecurrentTargetRecipe() as target:
            return _recurrent(target, source, input_size, memory_size)
        case TransformerTargetRecipe() as target:
            blocks = [
                TransformerDecoderBlock(
                    target.size,
                    target.num_heads,
                    target.feedforward,
                    memory_size=memory_size,
                    dropout=target.dropout,
                )
                for _ in range(target.num_layers)
            ]
            return TransformerTarget(PlacedVectors(input_size, target.size, target.dropout), blocks)


def _recurrent(
    recipe: RecurrentTargetRecipe, source: SourceRecipe | None, input_size: int, memory_size: int
) -> TargetNetwork:
    size, peeked = recipe.hidden_size, memory_size if recipe.peeky else 0
    read = input_size + peeked + (size if recipe.input_feeding else 0)
    layers = [_CELLS[recipe.kind](given, size) for given in [read, *[size] * (recipe.num_layers - 1)]]
    network = RecurrentNetwork(layers, weight_drop=0.0, hidden_dropout=recipe.dropout)
    first = _first(recipe, source, memory_size, network)
    alignment = _alignment(recipe, memory_size)
    if alignment is None:
        return RecurrentTarget(network, first, peeked=peeked, dropout=recipe.dropout)
    gaze = Gaze(alignment, size, memory_size, peeky=recipe.peeky, dropout=recipe.dropout)
    attending = FeedingTarget if recipe.input_feeding else AttendingTarget
    return attending(network, first, gaze)


def _first(
    recipe: RecurrentTargetRecipe, source: SourceRecipe | None, memory_size: int, network: RecurrentNetwork
) -> Continued | Bridged:
    if not isinstance(source, RecurrentSourceRecipe):
        return Bridged(memory_size, network)
    alike = (source.kind == "lstm") == (recipe.kind == "lstm")
    same = (source.hidden_size, source.num_layers) == (recipe.hidden_size, recipe.num_layers)
    if alike and same and not source.bidirectional:
        return Continued()
    parts = (2 if source.kind == "lstm" else 1) * (2 if source.bidirectional else 1)
    return Bridged(parts * source.num_layers * source.hidden_size, network)


def _alignment(recipe: RecurrentTargetRecipe, memory_size: int) -> Alignment | None:
    size = recipe.hidden_size
    match recipe.attention:
        case "none":
            return None
        case "dot" if size != memory_size:
            raise RecipeError(
                "dot products need states of one size: those of the source have {source} components, "
                "those of the target {target}",
                'choose attention = "general", or give both one size',
                where="model.decoder.attention",
                values={"source": memory_size, "target": size},
            )
        case "dot":
            return DotAlignment()
        case "general":
            return GeneralAlignment(size, memory_size)
        case "additive":
            return AdditiveAlignment(size, memory_size, size)
