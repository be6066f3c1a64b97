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


def curves(labels: Sequence[str]) -> list[dict[str, Any]]:
    return [
        {
            "label": label,
            "average_precision": 0.9 - place / 100,
            "recall": [0.0, 0.5, 1.0],
            "precision": [1.0, 0.9, 0.5],
        }
        for place, label in enumerate(labels)
    ]


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
        "precision_recall": curves(labels),
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


def other_evaluation(kind: str, labels: Sequence[str]) -> dict[str, Any]:
    """Return an evaluation of several labels at once, or of numbers."""
    metric = {"labels": "micro_f1", "number": "mae"}[kind]
    verdict = {**judgment("beats", "linear", 0.05), "metric": metric}
    names = {"labels": ("micro_f1", "macro_f1", "exact_match"), "number": ("mae", "rmse", "r2")}[kind]
    numbers = {"p5": -20.0, "p25": -8.0, "p50": 0.5, "p75": 9.0, "p95": 21.0}
    about = {
        "labels": {
            "labels": list(labels),
            "per_class": [
                {"label": label, "rows": 9, "precision": 0.8, "recall": 0.9, "f1": 0.85, "threshold": -0.3}
                | {"average_precision": None if place else 0.77}
                for place, label in enumerate(labels)
            ],
            "precision_recall": curves(labels),
        },
        "number": {
            "labels": [],
            "residuals": numbers,
            "target": {**numbers, "min": -30.5, "mean": 1.0, "max": 40.0, "deviation": 12.0},
            "points": [[float(place), place * 0.9] for place in range(50)],
        },
    }[kind]
    return {
        "split": "test",
        "task": "classify",
        "target_kind": kind,
        "metric": metric,
        "rows": 5000,
        "scores": {name: interval(0.7, 0.02) for name in names},
        **about,
        "baselines": [{"name": "linear", "scores": {metric: interval(0.75, 0.02)}, "verdict": verdict}],
        "verdict": verdict,
    }


def slices(word: str, weak: bool = True) -> dict[str, Any]:
    columns = [("characters", None, 0, 14), ("characters", None, 15, 140), ("unknown tokens", None, 0.0, 0.5)]
    columns += [(word, word, None, None), ("연도", None, 2008, 2008)]
    return {
        "metric": "accuracy",
        "overall": 0.861,
        "slices": [
            {"by": by, **({"low": low, "high": high} if value is None else {"value": value})}
            | {"rows": 90, "score": interval(0.8), "difference": interval(-0.07), "weak": weak and not place}
            for place, (by, value, low, high) in enumerate(columns)
        ],
        "left_out": [word],
        "weak_spots": weak_spots(word) if weak else {**weak_spots(word), "spots": []},
    }


def weak_spots(word: str) -> dict[str, Any]:
    """Return a search that has found a spot of each kind."""
    kinds: list[dict[str, Any]] = [
        {"kind": "column", "by": word, "low": 10, "high": 14},
        {"kind": "column", "by": word, "value": word},
        {"kind": "writing", "value": "question"},
        {"kind": "not_writing", "value": "hangul"},
        *({"kind": kind, "value": word} for kind in ("word", "without", "beginning", "topic")),
    ]
    row = {"where": word, "text": word, "target": word, "predicted": word}
    scores = {"score": interval(0.8), "rest": 0.9, "difference": interval(-0.1), "chance": 0.001}
    spots = [{**one, "rows": 40, "all_rows": 1090, **scores, "examples": [row]} for one in kinds]
    told = {"metric": "accuracy", "judged": "wrong", "rows": 49158, "parts": 4332, "tested": 12}
    return {**told, "spots": spots}


def members(word: str) -> dict[str, Any]:
    kinds = [("lstm", "network", 0.6), ("cnn", "network", 0.0), (word, "linear", 0.7)]
    return {
        "members": [
            {"name": name, "description": word, "kind": kind, "weight": weight, "seconds": 216.0}
            | {"parameters": 9 if kind == "network" else None, "validation": {"accuracy": 0.87}}
            | {"test": {"accuracy": interval(0.868)}}
            for name, kind, weight in kinds
        ],
        "best_network": "lstm",
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
        write_json(folder / "evaluation" / split / "slices.json", slices(word))
        examples = [{"where": word, "text": text, "confidence": 0.99} for text in texts[:3]]
        pair = {"target": labels[0], "predicted": labels[-1], "rows": 3, "share": 0.03, "examples": examples}
        write_json(folder / "evaluation" / split / "confused.json", {"pairs": [pair]})
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


@pytest.fixture
def other_evaluation_of() -> Callable[..., dict[str, Any]]:
    """The function that makes an evaluation of several labels or of numbers."""
    return other_evaluation


@pytest.fixture
def members_of() -> Callable[[str], dict[str, Any]]:
    """The function that makes the content of `members.json`."""
    return members


@pytest.fixture
def slices_of() -> Callable[..., dict[str, Any]]:
    """The function that makes the content of `slices.json`."""
    return slices
