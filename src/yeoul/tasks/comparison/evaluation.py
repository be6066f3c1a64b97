"""Score likenesses beside those of the baselines, and write what a person looks at afterwards.

`evaluation/<split>/` then holds `metrics.json` (scores, intervals, verdict, how the scores of matching and of other
rows are spread), `predictions.csv` (every row), `worst.csv` (the rows that a person should read first), `slices.json`
(where the model is weak) and `retrieval.json` (what was found for some queries).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from yeoul.data.comparisons.comparisons import Comparisons, Writing
from yeoul.files import write_bytes
from yeoul.metrics.likeness import (
    Draws,
    Metric,
    Ranks,
    Score,
    average_precision_of,
    mean_of,
    pearson_of,
    roc_area_of,
    spearman_of,
)
from yeoul.metrics.slices import Better, score_slices
from yeoul.metrics.sureness import Sureness
from yeoul.metrics.weak_spots import weak_spots
from yeoul.recipe import Truth
from yeoul.runs.folder import RunFolder, write_json
from yeoul.spreadsheets import spreadsheet
from yeoul.tasks.comparison.answers import PairAnswer
from yeoul.tasks.comparison.coherence import ORDER, Scorer, told_apart
from yeoul.tasks.comparison.rules import DegreeRule, MatchRule, Rule
from yeoul.tasks.comparison.sides import Questions, both_sides, inputs_of_cells

Floats = npt.NDArray[np.float64]
METRICS: Mapping[Truth, Metric] = {"match": "roc_area", "degree": "spearman", "none": "mrr"}
"""The score that decides, by what is known of the rows."""
_WORST_ROWS = 100
_BINS = 30
_POINTS = 400
_SHOWN_QUERIES = 8
_SHOWN_FOUND = 5
_SHOWN_CHARACTERS = 200


@dataclass(frozen=True, eq=False)
class Answered:
    """What one model says of N rows, and of a pool for each of Q queries."""

    rule: Rule
    scores: Floats  # (N,)
    ranks: Ranks | None
    found: Floats | None  # (Q, P)
    told: Mapping[str, Floats] = field(default_factory=dict)
    """(W,) by score: how well each document is told from shuffled and from truncated ones."""

    @classmethod
    def of(
        cls,
        rule: Rule,
        scores: Floats,
        asked: Questions | None,
        found: Floats | None,
        told: Mapping[str, Floats] = MappingProxyType({}),
    ) -> "Answered":
        """Rank the pool by its scores `found` (Q, P) for what was asked, if anything was."""
        if asked is None or found is None:
            return cls(rule, scores, None, None, told)
        return cls(rule, scores, Ranks.of(found, asked.right, asked.left_out), found, told)


def answered_by(
    model: Scorer,
    rows: Comparisons,
    asked: Questions | None,
    series: bool,
    writings: Sequence[Writing] = (),
) -> Answered:
    """Return what a model says of rows, of the pool for each query, and of the documents that rows were made of."""
    scores = model.scores(*both_sides(rows, series))
    if asked is None:
        return Answered.of(model.rule, scores, None, None, told_apart(model, writings))
    queries, pool = (inputs_of_cells(side, series) for side in (asked.queries, asked.pool))
    return Answered.of(model.rule, scores, asked, model.matrix(queries, pool))


def point_scores(answered: Answered, rows: Comparisons, truth: Truth) -> dict[str, float]:
    """Return the scores that a screen shows while training; a larger "score" is better."""
    found = {
        name: float(score(np.ones((1, size)))[0])
        for name, (score, size) in _scores(answered, rows, truth).items()
    }
    return {**found, "score": found[_deciding(answered, truth)]}


def evaluate(
    answered: Answered,
    rows: Comparisons,
    asked: Questions | None,
    baselines: Mapping[str, Answered],
    against: str,
    *,
    truth: Truth,
    seed: int,
) -> dict[str, Any]:
    """Score a model and every baseline on the same rows; the verdict is against the one called `against`."""
    by_row = Draws(rows.groups[0], seed)
    by_query = by_row if asked is None else Draws(asked.groups, seed)
    by_document = Draws(np.arange(len(answered.told.get(ORDER, ()))), seed)

    def drawn(name: str) -> Draws:
        if name in answered.told:
            return by_document
        return by_query if name in _OF_QUERIES else by_row

    def intervals(one: Answered) -> dict[str, dict[str, float]]:
        return {
            name: drawn(name).interval(score).to_json()
            for name, (score, _) in _scores(one, rows, truth).items()
        }

    metric = _deciding(answered, truth)
    own = _scores(answered, rows, truth)[metric][0]
    compared = []
    for name, other in baselines.items():
        theirs = _scores(other, rows, truth)[metric][0]
        verdict = drawn(metric).verdict(own, theirs, metric=metric, against=name)
        compared.append({"name": name, "scores": intervals(other), "verdict": verdict.to_json()})
    return {
        "task": "compare",
        "target_kind": "likeness",
        "truth": truth,
        "metric": metric,
        "seed": seed,
        "rows": len(rows),
        "matching": int(rows.matching.sum()),
        "groups": len(np.unique(rows.groups[0])),
        **({"documents": len(answered.told[ORDER])} if answered.told else {}),
        "scores": intervals(answered),
        **_sureness(answered, rows),
        "distribution": _distribution(answered.scores, rows),
        **({"points": _points(answered, rows)} if truth == "degree" else {}),
        **({} if asked is None else {"retrieval": _asked(asked, answered)}),
        "baselines": compared,
        "verdict": next(entry["verdict"] for entry in compared if entry["name"] == against),
    }


def write_evaluation(
    run: RunFolder,
    split: str,
    scores: Mapping[str, Any],
    answered: Answered,
    rows: Comparisons,
    asked: Questions | None,
) -> None:
    """Write `evaluation/<split>/`."""
    folder = run.evaluation(split)
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "metrics.json", {"split": split, **scores})
    badness, wrong = _badness(answered, rows)
    worst = wrong[np.argsort(-badness[wrong], kind="stable")][:_WORST_ROWS]
    header = ("where", "left", "right", "target", "predicted", "score")
    for name, places in (("predictions.csv", np.arange(len(rows))), ("worst.csv", worst)):
        write_bytes(folder / name, spreadsheet(header, _lines(answered, rows, places)))
    credit, metric = _credit(answered, rows)
    if metric:
        columns, seed = _slice_columns(rows), scores["seed"]
        better: Better = "less" if metric == "mae" else "more"
        slices = score_slices(credit, columns, metric=metric, better=better, seed=seed)
        weak = weak_spots(
            credit, columns, _texts(rows), metric=metric, better=better, seed=seed, groups=rows.groups[0]
        )
        said = answered.rule.respond(answered.scores)

        def told(place: int) -> dict[str, str]:
            row, answer = rows[place], said[place]
            predicted = _said(answer)
            text = {"text": f"{row.left} ↔ {row.right}"}
            return {"where": row.where, **text, "target": f"{row.truth:.6g}", "predicted": predicted}

        write_json(folder / "slices.json", {**slices.to_json(), "weak_spots": weak.to_json(told)})
    if asked is not None and answered.found is not None:
        write_json(folder / "retrieval.json", {"queries": _found(asked, answered, rows)})


_OF_QUERIES = ("mrr", "recall_1", "recall_5", "recall_10")


def _scores(answered: Answered, rows: Comparisons, truth: Truth) -> dict[str, tuple[Score, int]]:
    """Return the scores of a model by name, each with the number of rows or queries that it is taken over."""
    found: dict[str, tuple[Score, int]] = {}
    size, scores = len(rows), answered.scores
    match answered.rule:
        case MatchRule() as rule:
            right = np.asarray(rule.matches(scores) == rows.matching, np.float64)
            found["roc_area"] = roc_area_of(scores, rows.matching), size
            found["accuracy"] = mean_of(right), size
            found["average_precision"] = average_precision_of(scores, rows.matching), size
        case DegreeRule() as rule:
            found["spearman"] = spearman_of(scores, rows.truth), size
            found["pearson"] = pearson_of(scores, rows.truth), size
            found["mae"] = mean_of(np.abs(rule.degrees(scores) - rows.truth)), size
    if answered.ranks is not None:
        parts = answered.ranks.parts()
        found |= {name: (mean_of(values), len(values)) for name, values in parts.items()}
    elif truth == "none":
        found |= {name: (mean_of(np.zeros(size)), size) for name in _OF_QUERIES}
    return {**found, **{name: (mean_of(values), len(values)) for name, values in answered.told.items()}}


def _deciding(answered: Answered, truth: Truth) -> Metric:
    """Return the score that decides: of documents how well true orders are told from shuffled ones."""
    return ORDER if answered.told else METRICS[truth]


def _sureness(answered: Answered, rows: Comparisons) -> dict[str, Any]:
    """Say how honest the chances are, and from which score on a pair matches."""
    if not isinstance(answered.rule, MatchRule):
        return {}
    sure = Sureness.of(answered.rule.chances(answered.scores), rows.matching).to_json()
    error = {"value": sure["calibration_error"]}
    return {"threshold": answered.rule.threshold, "calibration_error": error, "calibration": sure["bins"]}


def _distribution(scores: Floats, rows: Comparisons) -> dict[str, Any]:
    """Count the scores of matching and of other rows in bins of one width."""
    edges = np.histogram_bin_edges(scores, _BINS)
    kinds = {"matching": rows.matching, "other": ~rows.matching}
    counts = {name: np.histogram(scores[kind], edges)[0].tolist() for name, kind in kinds.items()}
    return {"edges": edges.tolist(), **counts}


def _points(answered: Answered, rows: Comparisons) -> list[list[float]]:
    """Return rows at even distances: what is true, and what is said."""
    places = np.unique(np.linspace(0, len(rows) - 1, min(_POINTS, len(rows))).astype(np.int64))
    said = (
        answered.rule.degrees(answered.scores) if isinstance(answered.rule, DegreeRule) else answered.scores
    )
    return [[float(true), float(one)] for true, one in zip(rows.truth[places], said[places], strict=True)]


def _asked(asked: Questions, answered: Answered) -> dict[str, Any]:
    first = np.ones(1) if answered.ranks is None else answered.ranks.first
    middle = float(np.median(first))
    return {"queries": len(asked), "pool": asked.right.shape[1], "median_rank": middle}


def _badness(answered: Answered, rows: Comparisons) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Return how far off each row is (N,), and the rows that are wrong at all."""
    match answered.rule:
        case MatchRule() as rule:
            distance = np.abs(answered.scores - rule.threshold)
            return distance, np.flatnonzero(rule.matches(answered.scores) != rows.matching)
        case DegreeRule() as rule:
            error = np.abs(rule.degrees(answered.scores) - rows.truth)
            return error, np.flatnonzero(error)
        case _:
            return -answered.scores, np.arange(len(rows))


def _credit(answered: Answered, rows: Comparisons) -> tuple[npt.NDArray[Any], str]:
    """Return how good each row's answer is (N,), and the name of the score; no name where nothing tells."""
    match answered.rule:
        case MatchRule() as rule:
            return np.asarray(rule.matches(answered.scores) == rows.matching), "accuracy"
        case DegreeRule() as rule:
            return np.abs(rule.degrees(answered.scores) - rows.truth), "mae"
        case _:
            return np.zeros(len(rows)), ""


def _slice_columns(rows: Comparisons) -> dict[str, npt.NDArray[Any]]:
    left, right = (np.asarray(pc.utf8_length(side)).astype(np.int64) for side in (rows.lefts, rows.rights))
    further = {name: column.to_numpy(zero_copy_only=False) for name, column in rows.slices.items()}
    return {"characters": left + right, "difference in characters": np.abs(left - right), **further}


def _lines(answered: Answered, rows: Comparisons, places: npt.NDArray[np.int64]) -> Iterator[Sequence[str]]:
    chosen = answered.scores[places]
    for place, answer in zip(places.tolist(), answered.rule.respond(chosen), strict=True):
        row = rows[place]
        yield (row.where, row.left, row.right, f"{row.truth:.6g}", _said(answer), f"{answer.score:.6g}")


def _said(answer: PairAnswer) -> str:
    if answer.matches is not None:
        return "1" if answer.matches else "0"
    return f"{answer.degree:.6g}" if answer.degree is not None else ""


def _texts(rows: Comparisons) -> pa.Array | None:
    """Return both sides of each row as one text; none where they are numbers."""
    texts = pc.binary_join_element_wise(rows.lefts, rows.rights, " ")
    return texts if pc.any(pc.match_substring_regex(texts, r"\p{L}")).as_py() else None


def _found(asked: Questions, answered: Answered, rows: Comparisons) -> list[dict[str, Any]]:
    """Return some queries, the worst first, each with the closest of the pool."""
    if answered.ranks is None or answered.found is None:
        return []
    worst = np.argsort(-answered.ranks.first, kind="stable")
    drawn = np.unique(np.linspace(0, len(worst) - 1, _SHOWN_QUERIES).astype(np.int64))
    told = []
    for query in worst[drawn].tolist():
        scores = np.where(asked.left_out[query], -np.inf, answered.found[query])
        closest = np.argsort(-scores, kind="stable")[:_SHOWN_FOUND].tolist()
        told.append(
            {
                "where": rows.where(int(asked.rows[query])),
                "text": _cut(asked.queries, query),
                "rank": float(answered.ranks.first[query]),
                "found": [
                    {
                        "text": _cut(asked.pool, place),
                        "score": round(float(scores[place]), 4),
                        "right": bool(asked.right[query, place]),
                    }
                    for place in closest
                    if np.isfinite(scores[place])
                ],
            }
        )
    return told


def _cut(texts: pa.Array, place: int) -> str:
    text: str = texts[place].as_py()
    return text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 1] + "…"
