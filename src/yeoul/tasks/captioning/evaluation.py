"""Score captions beside those of the baselines, and write what a person looks at afterwards.

`evaluation/<split>/` then holds `metrics.json` (scores, intervals, verdict, how varied the captions are),
`predictions.csv` (every picture), `worst.csv` (those that a person should look at first), `slices.json` (where the
model is weak) and `looks.json` (some pictures with what is said of them and where the model looked).
"""

import base64
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from yeoul.data.pictures.captioned import Captioned
from yeoul.decoding import Hypothesis
from yeoul.files import write_bytes
from yeoul.metrics.captions import CaptionParts, Metric, compare_captions, score_captions, signature, variety
from yeoul.metrics.intervals import Interval, bootstrap_rows
from yeoul.metrics.slices import score_slices
from yeoul.metrics.sureness import Sureness
from yeoul.runs.folder import RunFolder, write_json
from yeoul.spreadsheets import spreadsheet
from yeoul.tasks.captioning.answers import CaptionAnswer

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_WORST_ROWS = 100
_DRAWN = 12
_BETWEEN = " | "


@dataclass(frozen=True, eq=False)
class Answered:
    """What a model says of N pictures."""

    texts: tuple[str, ...]
    parts: CaptionParts
    """How they compare with the true captions."""
    hypotheses: tuple[Hypothesis, ...]
    confidence: Floats  # (N,)
    unknown: npt.NDArray[np.bool_]  # (N,)
    log_probs: Floats  # (R,) of the true captions
    tokens: Ints  # (R,) of the true captions, their ends included


def evaluate(
    answered: Answered,
    pictures: Captioned,
    baselines: Mapping[str, CaptionParts],
    against: str,
    metric: Metric,
    seed: int,
) -> dict[str, Any]:
    """Score a model and every baseline on the same pictures; the verdict is against the one called `against`."""
    parts = answered.parts
    compared = []
    for name, theirs in baselines.items():
        verdict = compare_captions(parts, theirs, metric=metric, against=name, seed=seed)
        told = {key: one.to_json() for key, one in score_captions(theirs, seed=seed).items()}
        compared.append({"name": name, "scores": told, "verdict": verdict.to_json()})
    sure = Sureness.of(answered.confidence, parts.right)
    outcomes = [one.outcome for one in answered.hypotheses]
    scores: dict[str, Interval] = dict(score_captions(parts, seed=seed)) | _surprise(answered, pictures, seed)
    return {
        "task": "caption",
        "target_kind": "captions",
        "metric": metric,
        "seed": seed,
        "rows": len(parts),
        "captions": len(answered.tokens),
        "target_tokens": int(answered.tokens.sum()),
        "signature": signature(parts.cut),
        "variety": {"model": variety(answered.texts), "people": variety(_first(pictures))},
        "scores": {
            **{name: one.to_json() for name, one in scores.items()},
            "calibration_error": {"value": sure.error},
        },
        "calibration": sure.to_json()["bins"],
        "roc_area": sure.area,
        "unknown": int(answered.unknown.sum()),
        "outcomes": {name: outcomes.count(name) for name in ("ended", "length", "stuck")},
        "baselines": compared,
        "verdict": next(entry["verdict"] for entry in compared if entry["name"] == against),
    }


def write_evaluation(
    run: RunFolder, split: str, scores: Mapping[str, Any], answered: Answered, pictures: Captioned
) -> None:
    """Write `evaluation/<split>/` but for the looks."""
    folder = run.evaluation(split)
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "metrics.json", {"split": split, **scores})
    parts = answered.parts
    metric: Metric = scores["metric"]
    credit = parts.credit(metric)
    header = ("where", "picture", "target", "predicted", "confidence", "unknown", "score")
    worst = np.lexsort((-answered.confidence, credit))
    worst = worst[~parts.right[worst]][:_WORST_ROWS]
    for name, places in (("predictions.csv", np.arange(len(pictures))), ("worst.csv", worst)):
        write_bytes(folder / name, spreadsheet(header, _lines(pictures, answered, credit, places)))
    counts = np.diff(pictures.offsets)
    lengths = np.add.reduceat(answered.tokens, pictures.offsets[:-1]) / counts
    columns = {"target tokens": np.round(lengths).astype(np.int64)}
    judged: npt.NDArray[Any] = parts.right if metric == "exact_match" else credit
    slices = score_slices(judged, columns, metric=metric, better="more", seed=scores["seed"])
    write_json(folder / "slices.json", slices.to_json())


def write_looks(
    run: RunFolder, split: str, pictures: Captioned, rows: Ints, answers: Sequence[CaptionAnswer]
) -> None:
    """Write the pictures of some rows as the model saw them, what it says of each, and where it looked."""
    references = pictures.select(rows).references()
    drawn = [
        {
            "where": pictures.where(row),
            "picture": _inline(pictures, row),
            "targets": references[place],
            "predicted": answer.text,
            "tokens": list(answer.tokens),
            "attention": None if answer.attention is None else np.round(answer.attention, 3).tolist(),
            "words": [{"word": word, "chance": round(chance, 4)} for word, chance in answer.words],
        }
        for place, (row, answer) in enumerate(zip(rows.tolist(), answers, strict=True))
    ]
    write_json(run.evaluation(split) / "looks.json", {"rows": drawn})


def drawn_rows(rows: int) -> Ints:
    """Return some rows at even distances."""
    return np.unique(np.linspace(0, rows - 1, _DRAWN + 2).astype(np.int64)[1:-1])


def _inline(pictures: Captioned, row: int) -> str | None:
    """Return a picture as text (base64 of a PNG), where a grid was looked at."""
    shape = pictures.features_shape
    if shape is not None and math.isqrt(shape[0]) ** 2 != shape[0]:
        return None
    return base64.b64encode(pictures.png(row)).decode("ascii")


def _first(pictures: Captioned) -> list[str]:
    """Return one caption of each picture, to count as many as a model says."""
    return [each[0] for each in pictures.references()]


def _surprise(answered: Answered, pictures: Captioned, seed: int) -> dict[str, Interval]:
    """Return what the true captions cost, for a token on average."""
    own = np.stack([-answered.log_probs, answered.tokens.astype(np.float64)], axis=1)
    sums = np.add.reduceat(own, pictures.offsets[:-1], axis=0)
    nats = bootstrap_rows(sums, lambda drawn: drawn[:, 0] / np.maximum(drawn[:, 1], 1.0), seed=seed)
    perplexity = Interval(*(float(np.exp(min(700.0, end))) for end in (nats.value, nats.low, nats.high)))
    return {"nats_per_token": nats, "perplexity": perplexity}


def _lines(pictures: Captioned, answered: Answered, credit: Floats, places: Ints) -> Iterator[Sequence[str]]:
    references = pictures.references()
    for place in places.tolist():
        yield (
            pictures.where(place),
            pictures.name(place),
            _BETWEEN.join(references[place]),
            answered.texts[place],
            f"{answered.confidence[place]:.4f}",
            "yes" if answered.unknown[place] else "",
            f"{credit[place]:.4f}",
        )
