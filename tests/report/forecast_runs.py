"""Synthetic run folders of forecasts: of several columns or one, with times or without, with missing values."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np

LEVELS = 7


def interval(value: float, half: float = 0.1) -> dict[str, float]:
    return {"value": value, "low": value - half, "high": value + half}


def steps(horizon: int, start: float) -> dict[str, list[float | None]]:
    values = [start + step / 100 for step in range(horizon)]
    return {"value": list(values), "low": [value - 0.1 for value in values], "high": [None] * horizon}


def scores(error: float, columns: int) -> dict[str, Any]:
    metrics = ("mae", "rmse", "mase", "smape", "mae_scaled", "mse_scaled", "pinball")
    return {metric: interval(error) for metric in metrics} | {
        "coverage_80": interval(0.82, 0.05),
        "coverage_90": {"value": 0.93},
    }


def verdict(outcome: str, metric: str, against: str) -> dict[str, Any]:
    sign = {"beats": 1, "does not beat": -1, "cannot tell": 0}[outcome]
    return {
        "outcome": outcome,
        "metric": metric,
        "against": against,
        "difference": interval(0.14 * sign, 0.05),
        "gain": interval(5.7 * sign, 2.5),
    }


def forecast_evaluation(targets: tuple[str, ...], horizon: int, delay: int, outcome: str) -> dict[str, Any]:
    metric = "mae" if len(targets) == 1 else "mase"
    columns = [{"name": name, "scores": scores(2.31, len(targets))} for name in targets]
    names = ("mae", "mase", "coverage_80", "coverage_90")
    by_step = {name: steps(horizon, 0.8 if "coverage" in name else 2.0) for name in names}
    judged = verdict(outcome, metric, "lags")
    return {
        "task": "forecast",
        "target_kind": "forecast",
        "metric": metric,
        "rows": 724,
        "windows": 724,
        "present": 5068,
        "blocks": 12,
        "targets": list(targets),
        "horizon": horizon,
        "delay": delay,
        "every": "1h",
        "season": 24,
        "scores": scores(2.31, len(targets)),
        "columns": columns,
        "steps": by_step,
        "series": [""],
        "seasonal": [[1.0] * len(targets)],
        "residuals": {"p5": -4.8, "p25": -2.0, "p50": 0.1, "p75": 1.9, "p95": 5.1},
        "points": [[float(place), place * 0.9] for place in range(50)],
        "baselines": [
            {"name": name, "scores": scores(2.45, len(targets)), "columns": columns, "steps": by_step}
            | {"verdict": {**judged, "against": name}}
            for name in ("last", "lags")
        ],
        "verdict": judged,
    }


def fan(targets: tuple[str, ...], horizon: int, delay: int, word: str, timed: bool) -> dict[str, Any]:
    """Return one window with a missing value in its past, and one in its truth."""
    past = 30
    hours = np.datetime64("2021-03-01T00", "s") + np.arange(past + delay + horizon) * np.timedelta64(
        3600, "s"
    )
    times = [str(hour).replace("T", " ") for hour in hours]
    ahead = list(range(delay + 1, delay + horizon + 1))
    return {
        "series": word,
        "past_steps": list(range(1 - past, 1)),
        "past_times": times[:past] if timed else [f"{step:+d}" for step in range(1 - past, 1)],
        "times": times[past + delay :] if timed else [f"{step:+d}" for step in ahead],
        "steps": ahead,
        "columns": [
            {
                "name": name,
                "past": [None if place == 3 else float(place % 24) for place in range(past)],
                "quantiles": [[float(level) for level in range(LEVELS)]] * horizon,
                "truth": [None if horizon > 1 and not step else 3.5 for step in range(horizon)],
                "beside": [2.5] * horizon,
            }
            for name in targets[:3]
        ],
    }


def measurements(targets: tuple[str, ...], word: str, timed: bool) -> dict[str, Any]:
    def span(rows: int) -> dict[str, Any]:
        ends = {"from": "2021-03-01T00:00:00", "to": "2021-04-01T10:00:00"} if timed else {}
        return {"rows": rows, **ends}

    return {
        "task": "forecast",
        "source": word,
        "licence": word,
        "files": [{"name": word, "sha256": word, "bytes": 67921}],
        "encoding": "cp949",
        "rows": 3652,
        "series": {"count": 2, "names": [word, "가"], "shortest": 1800, "longest": 1852},
        "roles": {"time": word, "targets": list(targets), "inputs": [word], "guessed_targets": True},
        "every": "1h" if timed else None,
        **({"from": "2021-03-01T00:00:00", "to": "2021-06-01T00:00:00"} if timed else {}),
        "found": {
            "rows": 3650,
            "slips": {"gaps": {"count": 2, "rows": 5, "largest": 3, "first": word}, "repeated": 1},
            "sentinels": [{"column": word, "value": -9999.0, "count": 30}],
            "missing": {word: 30, targets[0]: 0},
            "text": [word],
        },
        "fingerprint": word,
        "split": {
            "train": span(2630),
            "validation": span(292),
            "test": span(730),
            "windows": {"train": 2600, "validation": 286, "test": 724},
            "straddling": 12,
            "plan": {
                "lookback": 48,
                "step": 2,
                "steps": 24,
                "horizon": 1,
                "season": 24,
                "calendar": ["hour"],
            },
        },
    }


def slices() -> dict[str, Any]:
    parts = [("hour", f"{hour:02}") for hour in range(24)] + [("month", "03"), ("season", "12-2")]
    return {
        "metric": "mae",
        "overall": 2.31,
        "slices": [
            {"by": by, "value": value, "rows": 90, "score": interval(2.2), "difference": interval(-0.07)}
            | {"chance": 1.0, "weak": value == "05"}
            for by, value in parts
        ],
        "left_out": ["weekday"],
    }


def backtest() -> dict[str, Any]:
    span = {"from": "2021-03-01T00:00:00", "to": "2021-04-01T00:00:00", "rows": 700}
    fold = {"train": span, "test": span, "windows": 180, "metric": "mae", "scores": scores(2.3, 1)}
    fold |= {"baselines": {"lags": scores(2.4, 1)}, "against": "lags", "outcome": "beats"}
    fold |= {"difference": interval(0.1, 0.02), "gain": interval(4.0, 1.0)}
    return {
        "metric": "mae",
        "folds": [{"fold": place, **fold} for place in (1, 2)],
        "scores": scores(2.3, 1),
        "verdicts": {"best": verdict("beats", "mae", "best"), "last": verdict("cannot tell", "mae", "last")},
        "verdict": verdict("beats", "mae", "best"),
    }


def write_json(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, ensure_ascii=True), "utf-8")


def write_rows(path: Path, rows: list[tuple[object, ...]]) -> None:
    with open(path, "w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(rows)


def write_forecast_run(
    folder: Path,
    targets: tuple[str, ...] = ("기온(℃)",),
    *,
    horizon: int = 6,
    delay: int = 0,
    word: str = "기상",
    timed: bool = True,
    outcome: str = "beats",
    answers: np.ndarray[Any, Any] | None = None,
) -> Path:
    """Write a finished run; `word` goes into every free text, `answers` (T, D) are its forecasts of 0."""
    folder.mkdir(parents=True)
    record = {
        "schema_version": 1,
        "id": folder.name,
        "status": "done",
        "recipe": folder.name.rpartition("-")[0],
        "task": "forecast",
        "command": f"yeoul train {word}",
        "seed": 42,
        "threads": 2,
        "device": word,
        "model": {"description": word, "parameters": 16241, "bytes": 64964},
        "data": {"source": word, "fingerprint": word},
        "cost": {"train_seconds": 2.3, "peak_memory_mb": 483, "tokens_per_second": 54716},
    }
    write_json(folder / "run.json", record)
    write_json(folder / "data.json", measurements(targets, word, timed))
    epoch = {"event": "epoch", "epoch": 1, "loss": 0.2, "validation": {"mae": 2.6, "mase": 0.9, "loss": 0.4}}
    (folder / "metrics.jsonl").write_text(json.dumps(epoch | {"best": True, "rate": 0.001}) + "\n", "utf-8")
    (folder / "resolved.toml").write_text(f"seed = 42\n[model]\nkind = {folder.name!r}\n", "utf-8")
    found = forecast_evaluation(targets, horizon, delay, outcome)
    for split in ("test", "validation"):
        place = folder / "evaluation" / split
        write_json(place / "metrics.json", {"split": split, **found})
        fans = [fan(targets, horizon, delay, word, timed) for _ in range(2)]
        write_json(place / "fans.json", {"against": "lags", "even": fans, "worst": fans[:1]})
        if timed:
            write_json(place / "slices.json", slices())
        ends = ("2021-03-02 00:00:00", "2021-03-02 05:00:00") if timed else ("31", "36")
        write_rows(
            place / "worst.csv", [("where", "from", "to", "error"), (word, *ends, 7.3), (word, *ends, 5.1)]
        )
        if answers is not None:
            start = np.datetime64("2021-03-01T00", "s")
            lines = [
                (
                    "",
                    str(start + row * np.timedelta64(3600, "s")).replace("T", " "),
                    name,
                    "" if not row else 0,
                    said,
                )
                for row, line in enumerate(answers.tolist())
                for name, said in zip(targets, line, strict=True)
            ]
            write_rows(
                place / "predictions.csv", [("series", "time", "column", "target", "predicted"), *lines]
            )
    return folder
