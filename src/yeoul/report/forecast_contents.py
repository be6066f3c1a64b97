"""What a run folder of forecasts holds for the report beyond what every run holds."""

from dataclasses import dataclass
from pathlib import Path

from yeoul.report.contents import Contents, read_piece, read_rows
from yeoul.report.forecast_records import Backtest, Fans, Windows, WorstWindow
from yeoul.report.measurement_records import MeasurementsCard


@dataclass(frozen=True)
class ForecastContents:
    """The data card, and of the split that decides: windows, drawn windows, worst ones; None or empty where missing."""

    data: MeasurementsCard | None
    windows: Windows | None
    fans: Fans
    worst: tuple[WorstWindow, ...]
    backtest: Backtest | None


def read_forecast(folder: Path, contents: Contents) -> ForecastContents:
    """Read what is missing in `contents`; raise `RunError` where a file is damaged."""
    split = contents.evaluation.split if contents.evaluation else "test"
    asked = folder / "evaluation" / split
    return ForecastContents(
        data=read_piece(MeasurementsCard, folder / "data.json"),
        windows=read_piece(Windows, asked / "metrics.json"),
        fans=read_piece(Fans, asked / "fans.json") or Fans(),
        worst=read_rows(WorstWindow, asked / "worst.csv"),
        backtest=read_piece(Backtest, folder / "evaluation" / "backtest" / "metrics.json"),
    )
