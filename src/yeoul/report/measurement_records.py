"""What a run of forecasts records of its data; every entry that a run may lack has a default."""

from pydantic import Field

from yeoul.report.records import DataFile, Piece


class SeriesCount(Piece):
    count: int = 1
    names: tuple[str, ...] = ()
    shortest: int | None = None
    longest: int | None = None


class Roles(Piece):
    targets: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    static: tuple[str, ...] = ()
    time: str = ""
    series: str = ""
    guessed_time: bool = False
    guessed_targets: bool = False


class Gaps(Piece):
    count: int = 0
    rows: int = 0
    largest: int = 0
    first: str = ""


class Slips(Piece):
    """What was put right on the way to regular times."""

    unsorted: int = 0
    repeated: int = 0
    first_repeated: str = ""
    beside: int = 0
    gaps: Gaps = Gaps()


class Sentinel(Piece):
    """A number that stands for a missing value."""

    column: str = ""
    value: float = 0.0
    count: int = 0


class Found(Piece):
    rows: int | None = None
    blank_rows: int = 0
    slips: Slips = Slips()
    sentinels: tuple[Sentinel, ...] = ()
    missing: dict[str, int] = Field(default_factory=dict)
    text: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()
    constant: tuple[str, ...] = ()
    counters: tuple[str, ...] = ()


class Span(Piece):
    """Rows of a split, from when to when."""

    rows: int = 0
    begins: str | None = Field(default=None, validation_alias="from")
    ends: str | None = Field(default=None, validation_alias="to")


class Plan(Piece):
    """What a forecast reads and answers, in rows."""

    lookback: int | None = None
    step: int | None = None
    steps: int | None = None
    horizon: int | None = None
    delay: int = 0
    season: int = 1
    calendar: tuple[str, ...] = ()
    masked: tuple[str, ...] = ()


class Parts(Piece):
    train: Span = Span()
    validation: Span = Span()
    test: Span = Span()
    windows: dict[str, int] = Field(default_factory=dict)
    straddling: int = 0
    unanswered: int = 0
    unread: int = 0
    plan: Plan = Plan()


class MeasurementsCard(Piece):
    """`data.json` of a run of forecasts."""

    task: str = "forecast"
    source: str | None = None
    title: str | None = None
    licence: str | None = None
    files: tuple[DataFile, ...] = ()
    encoding: str | None = None
    separator: str | None = None
    rows: int | None = None
    series: SeriesCount = SeriesCount()
    roles: Roles = Roles()
    every: str | None = None
    begins: str | None = Field(default=None, validation_alias="from")
    ends: str | None = Field(default=None, validation_alias="to")
    zone: str = ""
    found: Found = Found()
    fingerprint: str | None = None
    split: Parts = Parts()
