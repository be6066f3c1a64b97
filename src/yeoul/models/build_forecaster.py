"""Make the forecaster that a recipe describes."""

from yeoul.errors import RecipeError
from yeoul.models.build import build_causal_encoder, build_encoder, describe_encoder
from yeoul.models.forecast_heads import (
    ForecastHead,
    ForecastOutput,
    NormalOutput,
    PointOutput,
    QuantileOutput,
    StudentOutput,
)
from yeoul.models.forecast_windows import ForecastShape, WindowReader
from yeoul.models.forecasting import (
    DecodedReading,
    DirectForecaster,
    ForecastModel,
    Summarizer,
    WholeReading,
)
from yeoul.models.iterated import CarriedStepper, IteratedForecaster, SlidingStepper, Stepper
from yeoul.recipe import ForecasterRecipe

_WIDEST_DECODER = 128


def build_forecaster(recipe: ForecasterRecipe, shape: ForecastShape) -> ForecastModel:
    """Return an untrained forecaster; draw its weights from torch's random numbers.

    Raises `RecipeError` where the strategy cannot serve what is read and asked.
    """
    reader = WindowReader(shape, recipe.variables)
    read, output = reader.read_shape, _output(recipe)
    match recipe.strategy:
        case "direct":
            summarizer, size = _summarizer(recipe, read)
            features = size + read.static + read.horizon * read.known
            head = ForecastHead(features, (read.horizon, read.targets), output)
            return DirectForecaster(reader, WholeReading(summarizer), head)
        case "seq2seq":
            summarizer, size = _summarizer(recipe, read)
            hidden_size = min(size, _WIDEST_DECODER)
            reading = DecodedReading(summarizer, size + read.static, read.known, hidden_size)
            return DirectForecaster(reader, reading, ForecastHead(hidden_size, (read.targets,), output))
        case "iterated":
            _check_iterated(shape)
            stepper, size = _stepper(recipe, read)
            return IteratedForecaster(
                reader, stepper, ForecastHead(size + read.static, (read.targets,), output)
            )


def describe_forecaster(recipe: ForecasterRecipe, rows_ahead: int) -> str:
    """Name a forecaster in a few words: "GRU 1×32, last · direct, 144 rows ahead"."""
    words: list[str] = [recipe.strategy]
    if recipe.output != "point":
        words.append(recipe.output)
    if recipe.variables == "apart":
        words.append("apart")
    words.append(f"{rows_ahead} row{'' if rows_ahead == 1 else 's'} ahead")
    return f"{describe_encoder(recipe.encoder)} · {', '.join(words)}"


def _check_iterated(shape: ForecastShape) -> None:
    """Hold that all that a row needs is known when it is its turn."""
    if shape.others:
        raise RecipeError(
            "iterated forecasts feed answers back: every input column must be a target or known ahead",
            'leave the other columns out, or use strategy = "direct"',
            where="model.strategy",
        )
    if shape.known and shape.delay:
        raise RecipeError(
            "iterated forecasts go through the delay, of which nothing is known ahead",
            'leave the known and calendar columns out, or use strategy = "direct"',
            where="model.strategy",
        )
    if shape.step > 1:
        raise RecipeError(
            "iterated forecasts go row by row, the look-back goes {step} rows at a time",
            'set forecast.step to 1, or use strategy = "direct"',
            where="model.strategy",
            values={"step": shape.step},
        )


def _stepper(recipe: ForecasterRecipe, shape: ForecastShape) -> tuple[Stepper, int]:
    """Return what goes on from row to row, and how many features it has."""
    # a window's deviation is known at its end only, so what is scaled by it is read anew after each row
    encoder = None if recipe.normalize == "window" else build_causal_encoder(recipe.encoder, shape.channels)
    if encoder is None:
        summarizer, size = _summarizer(recipe, shape)
        return SlidingStepper(shape, summarizer), size
    stepper = CarriedStepper(
        shape,
        encoder,
        shifted=recipe.normalize == "last",
        input_dropout=recipe.input_dropout,
        dropout=recipe.dropout,
    )
    return stepper, encoder.output_size


def _summarizer(recipe: ForecasterRecipe, shape: ForecastShape) -> tuple[Summarizer, int]:
    """Return what sums a window up, and how many features it has."""
    encoder = build_encoder(recipe.encoder, shape.channels, shape.steps)
    summarizer = Summarizer(
        shape.targets,
        recipe.normalize,
        encoder,
        input_dropout=recipe.input_dropout,
        dropout=recipe.dropout,
    )
    return summarizer, encoder.output_size


def _output(recipe: ForecasterRecipe) -> ForecastOutput:
    match recipe.output:
        case "point":
            return PointOutput(recipe.loss)
        case "quantiles":
            return QuantileOutput()
        case "normal":
            return NormalOutput()
        case "student":
            return StudentOutput()
