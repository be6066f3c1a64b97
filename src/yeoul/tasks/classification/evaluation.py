"""Score answers beside those of the baselines, and write what a person looks at afterwards.

`evaluation/<split>/` then holds `metrics.json` (scores, intervals, verdict), `predictions.csv` (every row),
`worst.csv` (the rows that a person should read first), `slices.json` (where the model is weak) and, for classes,
`confused.json` (which classes are taken for which, with rows).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from yeoul.data.examples import TEXT, Example, Examples
from yeoul.data.vectorizers import TokenRows
from yeoul.files import write_bytes
from yeoul.metrics.confusions import most_confused
from yeoul.metrics.curves import precision_recall
from yeoul.metrics.labels import compare_labels, score_labels
from yeoul.metrics.multilabel import compare_label_sets, score_label_sets
from yeoul.metrics.slices import Better, score_slices
from yeoul.metrics.values import compare_values, score_values
from yeoul.metrics.weak_spots import weak_spots
from yeoul.runs.folder import RunFolder, write_json
from yeoul.spreadsheets import spreadsheet
from yeoul.tasks.classification.targets import LabelsTarget, Target, Targets
from yeoul.text.tokenizers import UNKNOWN_ID

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
_WORST_ROWS = 100
_MOST_CURVES = 50
_SHOWN_CHARACTERS = 200


@dataclass(frozen=True, eq=False)
class Answered:
    """What one model answers, with the target as its answers to the validation rows have tuned it.

    `answers` (N, K) are log-probabilities, log-odds or numbers, as `yeoul.tasks.classification.targets` says.
    """

    target: Target
    answers: Floats


@dataclass(frozen=True, eq=False)
class _Columns:
    """What predictions.csv says of N rows besides place, text and truth; `badness` (N,) puts the worst first."""

    header: tuple[str, ...]
    target: Sequence[str]
    said: Sequence[tuple[str, ...]]
    badness: npt.NDArray[np.float64]
    wrong: Ints
    """Places of the rows that may be among the worst."""


def evaluate(
    model: Answered, examples: Examples, baselines: Mapping[str, Answered], against: str, seed: int
) -> dict[str, Any]:
    """Score a model and every baseline on the same rows; the verdict is against the one called `against`."""
    target, truth = model.target, model.target.encode(examples)
    compared = []
    for name, other in baselines.items():
        verdict = _compared(model, other, truth, name, seed)
        compared.append({"name": name, "scores": _scored(other, truth, seed)["scores"], "verdict": verdict})
    return {
        "task": "classify",
        "target_kind": target.kind,
        "metric": target.metric,
        "labels": list(target.labels),
        "seed": seed,
        **_scored(model, truth, seed),
        **_curves(model, truth),
        "baselines": compared,
        "verdict": next(entry["verdict"] for entry in compared if entry["name"] == against),
    }


def write_evaluation(
    run: RunFolder,
    split: str,
    scores: Mapping[str, Any],
    model: Answered,
    examples: Examples,
    slices_by: Mapping[str, npt.NDArray[Any]],
) -> None:
    """Write `evaluation/<split>/`: the scores, every answer, the worst rows, the slices, the confused classes.

    `slices_by` holds columns (N,) to slice by: see `slice_columns`, and any column of the data with few values.
    """
    folder = run.evaluation(split)
    folder.mkdir(parents=True, exist_ok=True)
    truth = model.target.encode(examples)
    columns = _columns(model, truth, examples)
    worst = columns.wrong[np.argsort(-columns.badness[columns.wrong], kind="stable")][:_WORST_ROWS]
    write_json(folder / "metrics.json", {"split": split, **scores})
    for name, places in (("predictions.csv", np.arange(len(truth))), ("worst.csv", worst)):
        rows = (
            (example.where, _shown(example), columns.target[place], *columns.said[place])
            for place, example in _chosen(examples, places)
        )
        write_bytes(folder / name, spreadsheet(("where", "text", "target", *columns.header), rows))
    credit, metric, seed = _credit(model, truth), _slice_metric(model.target), scores["seed"]
    better: Better = "less" if model.target.kind == "number" else "more"
    slices = score_slices(credit, slices_by, metric=metric, better=better, seed=seed)
    texts = examples.inputs.get(TEXT)
    weak = weak_spots(credit, slices_by, texts, metric=metric, better=better, seed=seed)

    def told(place: int) -> dict[str, str]:
        example = examples[place]
        said = {"target": columns.target[place], "predicted": columns.said[place][0]}
        return {"where": example.where, "text": _shown(example), **said}

    write_json(folder / "slices.json", {**slices.to_json(), "weak_spots": weak.to_json(told)})
    if model.target.kind == "class":
        write_json(folder / "confused.json", {"pairs": _confused(model, truth, examples)})


def slice_columns(examples: Examples, tokens: TokenRows | None) -> dict[str, npt.NDArray[Any]]:
    """Return the columns by which an evaluation is sliced: length, share of unknown tokens, and those asked for.

    The length is in tokens, those included that were cut off, where there are `tokens` (N rows), else in characters.
    Series have no length here. `data.slices` asks for columns.
    """
    further = {name: column.to_numpy(zero_copy_only=False) for name, column in examples.slices.items()}
    if tokens is not None:
        rows = np.repeat(np.arange(len(tokens)), tokens.lengths)
        unknown = np.bincount(rows, tokens.ids == UNKNOWN_ID, minlength=len(tokens))
        return {
            "tokens": tokens.lengths + tokens.lost,
            "unknown tokens": unknown / np.maximum(tokens.lengths, 1),
            **further,
        }
    inputs = examples.inputs
    return {**({"characters": np.asarray(pc.utf8_length(inputs[TEXT]))} if TEXT in inputs else {}), **further}


def _scored(model: Answered, truth: Targets, seed: int) -> dict[str, Any]:
    target, answers = model.target, model.answers
    match target.kind:
        case "class":
            return score_labels(answers, truth, target.labels, seed).to_json()
        case "labels":
            return score_label_sets(answers, truth, target.labels, target.limits, seed).to_json()
        case "number":
            return score_values(answers[:, 0], truth, seed).to_json()


def _compared(model: Answered, other: Answered, truth: Targets, name: str, seed: int) -> dict[str, object]:
    ours, theirs = (_decided(one) for one in (model, other))
    match model.target.kind:
        case "class":
            return compare_labels(ours, theirs, truth, against=name, seed=seed).to_json()
        case "labels":
            return compare_label_sets(ours, theirs, truth, against=name, seed=seed).to_json()
        case "number":
            return compare_values(ours, theirs, truth, against=name, seed=seed).to_json()


def _decided(model: Answered) -> Targets:
    """Return what is said in the end: class ids (N,), labels given (N, V), or numbers (N,)."""
    decided: Targets
    match model.target.kind:
        case "class":
            decided = model.answers.argmax(axis=1)
        case "labels":
            decided = model.answers >= np.asarray(model.target.limits)
        case "number":
            decided = model.answers[:, 0].astype(np.float64)
    return decided


def _curves(model: Answered, truth: Targets) -> dict[str, Any]:
    """Return the precision-recall curve of each label against the rest; none for numbers and very many classes."""
    labels = model.target.labels
    if not labels or len(labels) > _MOST_CURVES:
        return {}
    is_class = model.target.kind == "class"
    curves = []
    for place, label in enumerate(labels):
        right = truth == place if is_class else truth[:, place]
        curve = precision_recall(model.answers[:, place], right)
        if curve is not None:
            curves.append({"label": label, **curve.to_json()})
    return {"precision_recall": curves}


def _slice_metric(target: Target) -> str:
    return {"class": "accuracy", "labels": "exact_match", "number": "mae"}[target.kind]


def _credit(model: Answered, truth: Targets) -> npt.NDArray[Any]:
    """Return how good each answer is (N,): right or wrong, or the absolute error of a number."""
    decided = _decided(model)
    match model.target.kind:
        case "class":
            return np.asarray(decided == truth)
        case "labels":
            return np.asarray((decided == (truth > 0)).all(axis=1))
        case "number":
            return np.asarray(np.abs(decided - truth))


def _columns(model: Answered, truth: Targets, examples: Examples) -> _Columns:
    target, decided = model.target, _decided(model)
    match target:
        case LabelsTarget(separator=separator):
            given = [_joined(row, target.labels, separator) for row in decided]
            true = [_joined(row, target.labels, separator) for row in truth > 0]
            errors = np.count_nonzero(decided != (truth > 0), axis=1)
            losses = np.logaddexp(0.0, np.where(truth > 0, -model.answers, model.answers)).mean(axis=1)
            said = [(labels, str(count)) for labels, count in zip(given, errors.tolist(), strict=True)]
            badness = errors + losses / (1 + losses)
            return _Columns(("predicted", "wrong_labels"), true, said, badness, np.flatnonzero(errors))
        case _ if target.kind == "number":
            error = decided - truth
            said = [(f"{value:.6g}", f"{gap:.6g}") for value, gap in zip(decided, error, strict=True)]
            distance = np.abs(error)
            return _Columns(
                ("predicted", "error"), examples.targets.to_pylist(), said, distance, np.flatnonzero(distance)
            )
        case _:
            confidence = np.exp(model.answers[np.arange(len(decided)), decided].astype(np.float64))
            said = [
                (target.labels[place], f"{sure:.4f}") for place, sure in zip(decided, confidence, strict=True)
            ]
            wrong = np.flatnonzero(decided != truth)
            return _Columns(
                ("predicted", "confidence"), examples.targets.to_pylist(), said, confidence, wrong
            )


def _joined(row: npt.NDArray[np.bool_], labels: Sequence[str], separator: str) -> str:
    return separator.join(label for label, held in zip(labels, row, strict=True) if held)


def _confused(model: Answered, truth: Targets, examples: Examples) -> list[dict[str, Any]]:
    labels, decided = model.target.labels, _decided(model)
    confidence = np.exp(model.answers[np.arange(len(decided)), decided].astype(np.float64))
    return [
        {
            "target": labels[pair.target],
            "predicted": labels[pair.predicted],
            "rows": pair.rows,
            "share": pair.share,
            "examples": [
                {
                    "where": example.where,
                    "text": _shown(example),
                    "confidence": round(float(confidence[place]), 4),
                }
                for place, example in _chosen(examples, np.array(pair.examples, np.int64))
            ],
        }
        for pair in most_confused(truth, decided, confidence)
    ]


def _chosen(examples: Examples, places: Ints) -> Iterator[tuple[int, Example]]:
    return ((place, examples[place]) for place in places.tolist())


def _shown(example: Example) -> str:
    """Return the text of a row, or the beginning of its numbers."""
    if TEXT in example.inputs:
        return example.inputs[TEXT]
    numbers = " ".join(example.inputs.values())
    return numbers if len(numbers) <= _SHOWN_CHARACTERS else numbers[: _SHOWN_CHARACTERS - 1] + "…"
