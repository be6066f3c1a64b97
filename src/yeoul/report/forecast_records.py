"""What a run of forecasts records of its evaluation; every entry that a run may lack has a default."""

from collections.abc import Sequence

from pydantic import Field, model_validator

from yeoul.metrics.forecast_sums import LEVELS
from yeoul.report.records import Judgment, Piece, Score

Numbers = tuple[float | None, ...]


class Steps(Piece):
    """A score at each step of the horizon; the ends of its interval where they are known."""

    value: Numbers
    low: Numbers
    high: Numbers

    @model_validator(mode="after")
    def _of_one_length(self) -> "Steps":
        _hold_equal(self.value, self.low, self.high)
        return self


class Column(Piece):
    """The scores of one target."""

    name: str
    scores: dict[str, Score] = Field(default_factory=dict)


class StepBaseline(Piece):
    """What `metrics.json` tells of a baseline beyond its scores."""

    name: str
    columns: tuple[Column, ...] = ()
    steps: dict[str, Steps] = Field(default_factory=dict)


class Windows(Piece):
    """What `evaluation/<split>/metrics.json` tells of forecasts beyond the scores."""

    metric: str = "mae"
    targets: tuple[str, ...] = ()
    horizon: int = 1
    delay: int = 0
    every: str | None = None
    season: int = 1
    windows: int | None = None
    present: int | None = None
    blocks: int | None = None
    columns: tuple[Column, ...] = ()
    steps: dict[str, Steps] = Field(default_factory=dict)
    baselines: tuple[StepBaseline, ...] = ()
    series: tuple[str, ...] = ()
    seasonal: tuple[Numbers, ...] = ()
    """By series and column: the error of the seasonal naive forecast one step ahead on the training rows."""

    @model_validator(mode="after")
    def _of_one_horizon(self) -> "Windows":
        every = (*self.steps.values(), *(steps for one in self.baselines for steps in one.steps.values()))
        _hold_equal(range(self.horizon), *(steps.value for steps in every))
        if self.series:
            _hold_equal(self.series, self.seasonal)
        _hold_equal(self.targets, *self.seasonal)
        return self


class FanColumn(Piece):
    """One column of a window: the newest past, the quantiles of each step, and what came true and stood beside it."""

    name: str
    past: Numbers
    quantiles: tuple[tuple[float, ...], ...]
    truth: Numbers | None = None
    beside: Numbers | None = None

    @model_validator(mode="after")
    def _of_one_length(self) -> "FanColumn":
        _hold_equal(self.quantiles, *(some for some in (self.truth, self.beside) if some is not None))
        _hold_equal(LEVELS, *self.quantiles)
        return self


class Fan(Piece):
    """One forecast with its newest past, and the times of both."""

    series: str = ""
    past_steps: tuple[int, ...]
    past_times: tuple[str, ...]
    times: tuple[str, ...]
    steps: tuple[int, ...]
    columns: tuple[FanColumn, ...] = ()

    @model_validator(mode="after")
    def _of_one_length(self) -> "Fan":
        _hold_equal(self.past_steps, self.past_times, *(column.past for column in self.columns))
        _hold_equal(self.steps, self.times, *(column.quantiles for column in self.columns))
        return self


class Fans(Piece):
    """`evaluation/<split>/fans.json`."""

    against: str = ""
    even: tuple[Fan, ...] = ()
    worst: tuple[Fan, ...] = ()


class WorstWindow(Piece):
    """One row of `worst.csv`: the newest row that was read, the times of the targets, the error."""

    where: str
    begins: str = Field(default="", validation_alias="from")
    ends: str = Field(default="", validation_alias="to")
    error: float | None = None


class FoldSpan(Piece):
    begins: str | None = Field(default=None, validation_alias="from")
    ends: str | None = Field(default=None, validation_alias="to")
    rows: int | None = None


class Fold(Piece):
    """One origin of a backtest."""

    fold: int
    train: FoldSpan = FoldSpan()
    test: FoldSpan = FoldSpan()
    windows: int | None = None
    scores: dict[str, Score] = Field(default_factory=dict)
    baselines: dict[str, dict[str, Score]] = Field(default_factory=dict)
    against: str = ""
    difference: Score = Score()
    gain: Score | None = None


class Backtest(Piece):
    """`evaluation/backtest/metrics.json`; the verdicts are over the windows of all folds together."""

    metric: str = "mae"
    folds: tuple[Fold, ...] = ()
    scores: dict[str, Score] = Field(default_factory=dict)
    verdicts: dict[str, Judgment] = Field(default_factory=dict)
    verdict: Judgment | None = None
    """Against the baseline that was best in each fold."""


def _hold_equal(*parts: Sequence[object]) -> None:
    if len({len(part) for part in parts}) > 1:
        raise ValueError("parts of different lengths")
