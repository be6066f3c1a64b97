"""`[forecast]` and the models that answer it: what is forecast, how far ahead, and from what."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from yeoul.recipe.encoders import EncoderRecipe, RecurrentRecipe
from yeoul.recipe.nodes import Node, Share, Size, UnfitError, with_kind

SPAN = r"^[1-9]\d{0,8} ?(s|min|h|d|w|mo|y)$"
"""A span of time: 10min, 24h, 7d, 1mo."""
_MOST_ROWS = 10_000_000


def span(value: int | str) -> int | str:
    """Return a number of rows, or a span of time as it is written; raise `UnfitError` for anything else."""
    if isinstance(value, str) and re.fullmatch("[0-9]{1,9}", value):
        value = int(value)
    if isinstance(value, str) and not re.fullmatch(SPAN, value):
        raise UnfitError("a span is a number of rows, or a time", "write 24, 10min, 24h, 7d, 2w, 1mo or 1y")
    if isinstance(value, int) and not 1 <= value <= _MOST_ROWS:
        raise UnfitError("a span has at least one row, and at most ten million")
    return value


Rows = Annotated[int, Field(ge=1, le=_MOST_ROWS)]
Span = Annotated[int | str, AfterValidator(span)]
"""A number of rows, or a span of time that is a whole number of them."""


def _several(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], Field(strict=False), BeforeValidator(_several)]
"""Names of columns; one may stand by itself."""
CalendarFeature = Literal["hour", "weekday", "monthday", "month", "yearday"]


class ForecastRecipe(Node):
    """Columns of a table of measurements with the part each plays, and the window that a forecast is made from."""

    targets: Names = ()
    """Columns to forecast; guessed when there is one column of numbers only."""
    time: str = ""
    """Column of the times; guessed when empty."""
    start: str = ""
    """Time of the first row where no column tells it, such as 2020-01-01T00:10; needs `every`."""
    every: Annotated[str, Field(pattern=SPAN + "|^$")] = ""
    """From one row to the next; found in the times when empty."""
    dates: Literal["auto", "year-first", "month-first", "day-first"] = "auto"
    """How 03/04/2020 is meant; "auto" asks where the column leaves it open."""
    series: str = ""
    """Column that names the series of each row, where a table holds several one below another."""
    known: Names = ()
    """Columns whose values are known ahead: holidays, prices, plans."""
    static: Names = ()
    """Columns with one number for each series."""
    calendar: Annotated[tuple[CalendarFeature, ...], Field(strict=False)] = ()
    """Features made from the time, known ahead."""
    missing: Annotated[tuple[float, ...], Field(strict=False)] = ()
    """Numbers that stand for a missing value, such as -9999; empty cells are missing anyway."""
    rows: Rows | None = None
    """Read no more than the first so many rows of each series."""
    lookback: Span | None = None
    """What a forecast is made from; chosen by season and horizon unless said."""
    step: Size = 1
    """Of the look-back, every so many rows is read, counted back from the newest."""
    horizon: Span = 1
    """How many rows are forecast."""
    delay: Span | None = None
    """Between the newest row that is read and the first that is forecast; none unless said."""
    season: Span | None = None
    """Rows after which a pattern returns: a day of hours, a year of months; found in the data unless said."""


Strategy = Literal["direct", "iterated", "seq2seq"]
Output = Literal["point", "quantiles", "normal", "student"]


class ForecasterRecipe(Node):
    """A network that forecasts."""

    kind: Literal["forecaster"] = "forecaster"
    strategy: Strategy = "direct"
    """All steps at once, one after another from its own answers, or by a decoder that goes through the horizon."""
    normalize: Literal["none", "last", "window"] = "last"
    """Shift each window by its newest value, or shift and scale it by its own mean and deviation; undone afterwards."""
    variables: Literal["together", "apart"] = "together"
    """"apart": every target is forecast from its own past alone, all by the same weights."""
    output: Output = "point"
    """One number, several quantiles, or a distribution for every step."""
    loss: Literal["mae", "mse", "huber"] = "mae"
    """Of points."""
    encoder: EncoderRecipe = RecurrentRecipe(kind="gru", bidirectional=False, pooling="last")
    dropout: Share = 0.0
    """On the encoder's summary, before the head."""
    input_dropout: Share = 0.0
    """Of the channels of each window, the same at every step."""

    @model_validator(mode="before")
    @classmethod
    def _a_gru_unless_said(cls, values: object) -> object:
        return with_kind(values, "encoder", "gru")

    @model_validator(mode="after")
    def _answers_that_can_be_fed_back(self) -> "ForecasterRecipe":
        if self.strategy == "iterated" and self.output == "quantiles":
            raise UnfitError(
                "quantiles cannot be fed back", 'use a distribution or points, or strategy = "direct"'
            )
        if self.output != "point" and self.loss != "mae":
            raise UnfitError("loss is for points only", "remove it")
        return self


class LagsRecipe(Node):
    """Ridge regression on the look-back, one for each step of the horizon."""

    kind: Literal["lags"] = "lags"
    normalize: Literal["none", "last"] = "last"
    penalty: Annotated[float, Field(ge=0.0)] | None = None
    """Of squared weights, on standardized inputs; chosen on the validation rows unless said."""
    variables: Literal["together", "apart"] = "apart"


class NaiveRecipe(Node):
    """A forecast without training."""

    kind: Literal["naive"] = "naive"
    method: Literal["last", "season", "drift", "mean", "smoothing"] = "last"
