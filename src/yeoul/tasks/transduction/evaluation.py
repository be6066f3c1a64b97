"""Score answers beside those of the baselines, and write what a person looks at afterwards.

`evaluation/<split>/` then holds `metrics.json` (scores, intervals, verdict, how sure the model is), `predictions.csv`
(every row), `worst.csv` (the rows that a person should read first), `slices.json` (where the model is weak) and
`attention.json` (where the model looked, for some rows, if it tells).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from yeoul.data.pairs.pairs import Pairs
from yeoul.decoding import Hypothesis
from yeoul.files import write_bytes
from yeoul.metrics.intervals import Interval, bootstrap_rows
from yeoul.metrics.pairs import Metric, PairParts, compare_pairs, score_pairs
from yeoul.metrics.slices import score_slices
from yeoul.metrics.sureness import Sureness
from yeoul.metrics.translation import signature
from yeoul.metrics.weak_spots import weak_spots
from yeoul.runs.folder import RunFolder, write_json
from yeoul.spreadsheets import spreadsheet
from yeoul.tasks.transduction.answers import TextAnswer

Floats = npt.NDArray[np.float64]
_WORST_ROWS = 100
_DRAWN = 6
_DRAWN_TOKENS = 60


@dataclass(frozen=True, eq=False)
class Answered:
    """What a model says to N sources."""

    texts: tuple[str, ...]
    parts: PairParts
    """How they compare with the true targets."""
    hypotheses: tuple[Hypothesis, ...]
    confidence: Floats  # (N,)
    unknown: npt.NDArray[np.bool_]  # (N,)
    log_probs: Floats  # (N,) of the true targets
    tokens: npt.NDArray[np.int64]  # (N,) of the true targets, their ends included
    source_tokens: npt.NDArray[np.int64]  # (N,)


def evaluate(
    answered: Answered,
    baselines: Mapping[str, PairParts],
    against: str,
    metric: Metric,
    seed: int,
) -> dict[str, Any]:
    """Score a model and every baseline on the same rows; the verdict is against the one called `against`."""
    parts, metric = answered.parts, deciding(metric, answered.parts)
    compared = []
    for name, theirs in baselines.items():
        verdict = compare_pairs(parts, theirs, metric=metric, against=name, seed=seed)
        compared.append({"name": name, "scores": _told(theirs, seed), "verdict": verdict.to_json()})
    sure = Sureness.of(answered.confidence, parts.right)
    outcomes = [one.outcome for one in answered.hypotheses]
    settings = signature(parts.cut)
    return {
        "task": "transduce",
        "target_kind": "class",
        "metric": metric,
        "seed": seed,
        "rows": len(parts),
        "target_tokens": int(answered.tokens.sum()),
        "signature": {"bleu": settings.bleu, "chrf": settings.chrf},
        "scores": {
            **_told(parts, seed),
            **{name: one.to_json() for name, one in _surprise(answered, seed).items()},
            "calibration_error": {"value": sure.error},
        },
        "calibration": sure.to_json()["bins"],
        "roc_area": sure.area,
        "unknown": _unknown(answered, parts),
        "outcomes": {name: outcomes.count(name) for name in ("ended", "length", "stuck")},
        "baselines": compared,
        "verdict": next(entry["verdict"] for entry in compared if entry["name"] == against),
    }


def deciding(metric: Metric, parts: PairParts) -> Metric:
    """Return the score that decides: chrF++ where BLEU should and has nothing to count."""
    return "chrf" if metric == "bleu" and not parts.phrases else metric


def write_evaluation(
    run: RunFolder,
    split: str,
    scores: Mapping[str, Any],
    answered: Answered,
    pairs: Pairs,
    slices_by: Mapping[str, npt.NDArray[Any]],
) -> None:
    """Write `evaluation/<split>/` but for the attention; `slices_by` holds further columns (N,) to slice by."""
    folder = run.evaluation(split)
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "metrics.json", {"split": split, **scores})
    parts = answered.parts
    metric: Metric = scores["metric"]
    credit = parts.credit(metric)
    header = ("where", "text", "target", "predicted", "confidence", "unknown", "score")
    worst = np.lexsort((-answered.confidence, credit))
    worst = worst[~parts.right[worst]][:_WORST_ROWS]
    for name, places in (("predictions.csv", np.arange(len(pairs))), ("worst.csv", worst)):
        write_bytes(folder / name, spreadsheet(header, _lines(pairs, answered, credit, places)))
    columns = {
        "source tokens": answered.source_tokens,
        "target tokens": answered.tokens,
        **{name: column.to_numpy(zero_copy_only=False) for name, column in pairs.slices.items()},
        **slices_by,
    }
    judged: npt.NDArray[Any] = parts.right if metric == "exact_match" else credit
    seed = scores["seed"]
    slices = score_slices(judged, columns, metric=metric, better="more", seed=seed)
    weak = weak_spots(judged, columns, pairs.sources, metric=metric, better="more", seed=seed)

    def told(place: int) -> dict[str, str]:
        pair = pairs[place]
        said = {"target": pair.target, "predicted": answered.texts[place]}
        return {"where": pair.where, "text": pair.source, **said}

    write_json(folder / "slices.json", {**slices.to_json(), "weak_spots": weak.to_json(told)})


def write_attention(run: RunFolder, split: str, pairs: Pairs, answers: Sequence[TextAnswer]) -> None:
    """Write where the model looked for pairs whose answers are given: of long ones for their first tokens."""
    drawn = [
        {
            "where": pairs.where(row),
            "text": pairs[row].source,
            "target": pairs[row].target,
            "predicted": answer.text,
            "source_tokens": list(answer.source_tokens[:_DRAWN_TOKENS]),
            "tokens": list(answer.tokens[:_DRAWN_TOKENS]),
            "attention": np.round(answer.attention[:_DRAWN_TOKENS, :_DRAWN_TOKENS], 4).tolist(),
            "cut": max(answer.attention.shape) > _DRAWN_TOKENS,
        }
        for row, answer in enumerate(answers)
        if answer.attention is not None
    ]
    if drawn:
        write_json(run.evaluation(split) / "attention.json", {"rows": drawn})


def drawn_rows(answered: Answered) -> npt.NDArray[np.int64]:
    """Return some rows at even distances; short enough to be drawn whole, where there are such rows."""
    written = np.array([len(one.log_probs) for one in answered.hypotheses])
    short = np.flatnonzero(np.maximum(written, answered.source_tokens) <= _DRAWN_TOKENS)
    rows = short if len(short) else np.arange(len(written))
    return rows[np.unique(np.linspace(0, len(rows) - 1, _DRAWN + 2).astype(np.int64)[1:-1])]


def _told(parts: PairParts, seed: int) -> dict[str, Any]:
    """Return all scores with their intervals; BLEU has none where no reference has the four words that it counts."""
    told: dict[str, Any] = {name: one.to_json() for name, one in score_pairs(parts, seed=seed).items()}
    return told if parts.phrases else {**told, "bleu": {"value": None}}


def _surprise(answered: Answered, seed: int) -> dict[str, Interval]:
    """Return what the true targets cost, for a token on average."""
    sums = np.stack([-answered.log_probs, answered.tokens.astype(np.float64)], axis=1)
    nats = bootstrap_rows(sums, lambda drawn: drawn[:, 0] / np.maximum(drawn[:, 1], 1.0), seed=seed)
    perplexity = Interval(*(float(np.exp(min(700.0, end))) for end in (nats.value, nats.low, nats.high)))
    return {"nats_per_token": nats, "perplexity": perplexity}


def _unknown(answered: Answered, parts: PairParts) -> dict[str, Any]:
    """Say how many answers are marked unknown, and how many of these, and of the others, are right."""
    marked = answered.unknown
    return {
        "rows": int(marked.sum()),
        "share": float(marked.mean()),
        "right": float(parts.right[marked].mean()) if marked.any() else None,
        "right_otherwise": float(parts.right[~marked].mean()) if not marked.all() else None,
    }


def _lines(
    pairs: Pairs, answered: Answered, credit: Floats, places: npt.NDArray[np.int64]
) -> Iterator[Sequence[str]]:
    for place in places.tolist():
        row = pairs[place]
        yield (
            row.where,
            row.source,
            row.target,
            answered.texts[place],
            f"{answered.confidence[place]:.4f}",
            "yes" if answered.unknown[place] else "",
            f"{credit[place]:.4f}",
        )
