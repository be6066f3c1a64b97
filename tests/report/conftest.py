"""A synthetic run folder: Korean data, hostile data, many classes, or hardly anything yet."""

import csv
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

WriteRun = Callable[..., Path]
EPOCH = {"event": "epoch", "step": 10, "rate": 0.001, "tokens_per_second": 181000}


def interval(value: float, half: float = 0.003) -> dict[str, float]:
    return {"value": value, "low": value - half, "high": value + half}


def judgment(outcome: str, against: str, difference: float) -> dict[str, Any]:
    return {"outcome": outcome, "metric": "accuracy", "against": against, "difference": interval(difference)}


def evaluation(split: str, labels: Sequence[str], outcome: str = "does not beat") -> dict[str, Any]:
    size = len(labels)
    verdict = judgment(outcome, "linear", {"beats": 0.019, "cannot tell": 0.001}.get(outcome, -0.019))
    return {
        "split": split,
        "task": "classify",
        "labels": list(labels),
        "rows": 50000,
        "scores": {
            "accuracy": interval(0.861),
            "macro_f1": interval(0.86),
            "log_loss": {"value": None},
            "calibration_error": {"value": 0.021},
        },
        "per_class": [
            {"label": label, "rows": 90 + place, "precision": 0.8, "recall": 0.9, "f1": 0.85}
            for place, label in enumerate(labels)
        ],
        "confusion": [[90 if row == column else row + 1 for column in range(size)] for row in range(size)],
        "calibration": [
            {"confidence": 0.6, "accuracy": 0.5, "rows": 9},
            {"confidence": 0.9, "accuracy": 1.0, "rows": 90},
        ],
        "baselines": [
            {
                "name": "majority",
                "scores": {"accuracy": interval(0.5)},
                "verdict": judgment("beats", "majority", 0.361),
            },
            {"name": "linear", "scores": {"accuracy": interval(0.88)}, "verdict": verdict},
        ],
        "verdict": verdict,
    }


def write_json(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, ensure_ascii=True), "utf-8")


def write_mistakes(path: Path, rows: Sequence[tuple[str, str, str, str, float]]) -> None:
    with open(path, "w", encoding="utf-8-sig", newline="", errors="replace") as file:
        writer = csv.writer(file)
        writer.writerow(["where", "text", "target", "predicted", "confidence"])
        writer.writerows(rows)


def write_run(
    folder: Path,
    labels: Sequence[str] = ("부정", "긍정"),
    *,
    texts: Sequence[str] = ("아 더빙.. 진짜 짜증나네요 목소리", "너무재밓었다그래서보는것을추천한다 😀"),
    word: str = "nsmc",
    splits: Sequence[str] = ("test", "validation"),
    outcome: str = "does not beat",
) -> Path:
    """Write a finished run; `word` goes into every free text of its records."""
    folder.mkdir(parents=True)
    write_json(
        folder / "run.json",
        {
            "schema_version": 1,
            "id": word,
            "status": "done",
            "recipe": word,
            "task": "classify",
            "command": f"yeoul train {word}",
            "created": "2026-11-21T09:00:00+00:00",
            "finished": word,
            "seed": 42,
            "device": word,
            "threads": 2,
            "versions": {"yeoul": "0.1.0", word: word},
            "model": {"description": word, "parameters": 1310000, "bytes": 5240000},
            "data": {"source": word, "fingerprint": word},
            "cost": {"train_seconds": 210.0, "baseline_seconds": 3725.0, "peak_memory_mb": 900.0},
        },
    )
    write_json(
        folder / "data.json",
        {
            "source": word,
            "files": [{"name": word, "sha256": word, "bytes": 14628807}],
            "rows": 200000,
            "encoding": {"name": word, "detected": True},
            "separator": "\t",
            "inputs": [word],
            "target": word,
            "guessed": {"inputs": True, "target": False},
            "classes": {
                label: {"train": 100, "validation": 10, "test": 20 + place}
                for place, label in enumerate(labels)
            },
            "empty_texts": {"train": 5, "test": 3},
            "duplicates": 3800,
            "overlap": 1571,
            "conflicting": 0,
            "characters": {"min": 1, "p5": 7, "p25": 16, "p50": 27, "p75": 42, "p95": 116, "max": 158},
            "non_nfc": 0,
            "split": {"official_test": True, "test": None, "validation": 0.1, "seed": 42},
            "samples": [{"where": word, "text": text, "target": labels[0]} for text in texts],
            "licence": word,
            "fingerprint": word,
            "truncated": {"rows": 120, "token_share": 0.0012},
            "unknown_token_share": {"train": 0.0001, "test": 0.0005},
            "tokens": {"p50": 14, "p95": 52, "max": 140},
        },
    )
    scores = (0.8281, 0.8571, 0.8611, 0.8598)
    lines = [
        EPOCH
        | {
            "epoch": place,
            "loss": 0.6 / place,
            "validation": {"loss": 0.4, "accuracy": score},
            "best": place < 4,
        }
        for place, score in enumerate(scores, 1)
    ]
    written = [json.dumps(line) for line in ({"event": "start"}, *lines)]
    (folder / "metrics.jsonl").write_text("\n".join(written) + '\n{"event": "epo', "utf-8")
    for split in splits:
        write_json(folder / "evaluation" / split / "metrics.json", evaluation(split, labels, outcome))
        rows = [(word, text, labels[0], labels[-1], 0.99 - place / 100) for place, text in enumerate(texts)]
        write_mistakes(folder / "evaluation" / split / "worst.csv", rows)
    for name in ("resolved.toml", "recipe.toml"):
        (folder / name).write_text(f"# {word}\nseed = 42\n", "utf-8", errors="replace")
    return folder


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run with its report, in English; not to be changed."""
    from yeoul.report import write_report

    folder = write_run(tmp_path_factory.mktemp("runs") / "nsmc-lstm-0001")
    write_report(folder)
    return folder


@pytest.fixture
def run_writer() -> WriteRun:
    """The function that writes a synthetic run."""
    return write_run


@pytest.fixture
def evaluation_of() -> Callable[..., dict[str, Any]]:
    """The function that makes the content of `evaluation/<split>/metrics.json`."""
    return evaluation
