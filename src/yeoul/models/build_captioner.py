"""Make the model that a recipe of captions describes."""

from yeoul.layers import GRU, LSTM
from yeoul.layers.alignment import AdditiveAlignment
from yeoul.layers.residual import ResidualNetwork
from yeoul.models.build_transducer import build_target, target_name
from yeoul.models.captioning import CaptionNetwork, Schedule, WordDetector
from yeoul.models.captioning_decoders import GatedTarget
from yeoul.models.language_networks import RecurrentNetwork
from yeoul.models.pictures import Moved, PictureEncoder, ResidualPictures, ToldPictures
from yeoul.models.token_head import TokenHead, drawn_vectors
from yeoul.models.transduction import TokenVectors
from yeoul.models.transduction_decoders import Bridged, TargetNetwork
from yeoul.recipe import CaptionerRecipe, PicturesRecipe, RecurrentTargetRecipe
from yeoul.recipe.captioning import (
    CaptionTargetRecipe,
    FeaturesRecipe,
    GatedTargetRecipe,
    PictureEncoderRecipe,
    ResidualRecipe,
)

_CELLS = {"lstm": LSTM, "gru": GRU}
_NAMES = {"lstm": "LSTM", "gru": "GRU"}


def build_captioner(
    recipe: CaptionerRecipe,
    pictures: PicturesRecipe,
    told: tuple[int, int] | None,
    tokens: int,
    words: int,
    *,
    label_smoothing: float = 0.0,
) -> CaptionNetwork:
    """Return an untrained model; draw its weights from torch's random numbers.

    `told` is (P, D) where features are read in place of pixels. The tokens are those of the tokenizer, the end and the
    start come on top; `words` are those that are looked for, none where the recipe asks for none. Raises `RecipeError`
    for what cannot be built.
    """
    size = recipe.embedding_size
    encoder = _encoder(recipe.encoder, pictures, told)
    decoder = _decoder(recipe.decoder, size, encoder.output_size)
    detector, schedule = None, Schedule(frozen=_frozen(recipe.encoder))
    if recipe.words is not None:
        places = encoder.grid[0] * encoder.grid[1]
        detector = WordDetector(encoder.output_size, words, places, recipe.words.read)
        schedule = Schedule(recipe.words.weight, recipe.words.first, schedule.frozen)
    return CaptionNetwork(
        TokenVectors(None, drawn_vectors(tokens + 2, size), None),
        encoder,
        decoder,
        TokenHead(decoder.output_size, tokens + 1, label_smoothing=label_smoothing),
        dropout=recipe.dropout,
        balance=recipe.balance,
        detector=detector,
        schedule=schedule,
    )


def describe_captioner(recipe: CaptionerRecipe) -> str:
    """Name a model in a few words: "ResNet 32-64-128 → gated LSTM 1×256, 300 words"."""
    encoder, decoder = recipe.encoder, recipe.decoder
    match encoder:
        case ResidualRecipe():
            seen = f"ResNet {'-'.join(map(str, encoder.channels))}"
        case FeaturesRecipe():
            seen = "features"
    match decoder:
        case GatedTargetRecipe():
            said = [f"gated {_NAMES[decoder.cell]} 1×{decoder.hidden_size}"]
        case RecurrentTargetRecipe() if decoder.attention != "none":
            said = [target_name(decoder), f"{decoder.attention} attention"]
        case _:
            said = [target_name(decoder)]
    return f"{seen}{', flattened' if encoder.summary == 'flat' else ''} → {', '.join(said)}"


def _encoder(
    recipe: PictureEncoderRecipe, pictures: PicturesRecipe, told: tuple[int, int] | None
) -> PictureEncoder:
    flat = recipe.summary == "flat"
    match recipe:
        case ResidualRecipe() if told is None:
            return ResidualPictures(
                ResidualNetwork(recipe.channels, recipe.blocks, recipe.stride),
                pictures.size,
                recipe.size,
                moved=Moved(flip=pictures.flip, shift=pictures.shift),
                flat=flat,
                dropout=recipe.dropout,
            )
        case FeaturesRecipe() if told is not None:
            return ToldPictures(told, recipe.size, flat=flat, dropout=recipe.dropout)
        case _:
            raise ValueError("an encoder of pixels reads pixels, one of features reads features")


def _decoder(recipe: CaptionTargetRecipe, input_size: int, memory_size: int) -> TargetNetwork:
    if not isinstance(recipe, GatedTargetRecipe):
        return build_target(recipe, None, input_size, memory_size)
    size = recipe.hidden_size
    network = RecurrentNetwork(
        [_CELLS[recipe.cell](input_size + memory_size, size)], weight_drop=0.0, hidden_dropout=0.0
    )
    return GatedTarget(
        network,
        Bridged(memory_size, network),
        AdditiveAlignment(size, memory_size, recipe.attention_size),
        input_size=input_size,
        memory_size=memory_size,
        dropout=recipe.dropout,
    )


def _frozen(recipe: PictureEncoderRecipe) -> bool:
    return isinstance(recipe, ResidualRecipe) and recipe.frozen
