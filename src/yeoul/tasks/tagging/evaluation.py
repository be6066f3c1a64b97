"""Score tags beside those of the baselines, and write what a person looks at afterwards.

`evaluation/<split>/` then holds `metrics.json` (scores, intervals, verdict, what is taken for what), `predictions.csv`
(every word), `worst.csv` (the sentences that a person should read first) and `slices.json` (where the model is weak).
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from yeoul.data.tags.sentences import TaggedSentences, Words
from yeoul.files import write_bytes
from yeoul.metrics.slices import score_slices
from yeoul.metrics.sureness import Sureness
from yeoul.metrics.tags import Metric, compare_tags, score_tags
from yeoul.metrics.weak_spots import WeakSpots, weak_spots
from yeoul.runs.folder import RunFolder, write_json
from yeoul.spreadsheets import spreadsheet
from yeoul.tasks.tagging.tagger import Tagged

_WORST_ROWS = 100
_CONFUSED = 30
_CLASSES = 25
_OTHERS = "…"
_EXAMPLES = 3


def evaluate(
    said: Tagged,
    truth: Words,
    baselines: Mapping[str, Words],
    against: str,
    metric: Metric,
    seed: int,
    unseen: Sequence[Sequence[bool]],
) -> dict[str, Any]:
    """Score a tagger and every baseline on the same sentences; the verdict is against the one called `against`.

    `unseen` tells which words training never held.
    """
    compared, with_spans = [], metric != "accuracy"
    for name, theirs in baselines.items():
        verdict = compare_tags(said.tags, theirs, truth, against=name, seed=seed, metric=metric)
        told = score_tags(theirs, truth, seed=seed, unseen=unseen, with_spans=with_spans)
        scores = {key: one.to_json() for key, one in told.scores.items()}
        compared.append({"name": name, "scores": scores, "verdict": verdict.to_json()})
    ours = score_tags(said.tags, truth, seed=seed, unseen=unseen, with_spans=with_spans).to_json()
    right = np.array([one == other for one, other in _pairs(said.tags, truth)])
    sure = Sureness.of(np.array([one for own in said.confidences for one in own]), right)
    return {
        "task": "tag",
        "target_kind": "class",
        "metric": metric,
        "seed": seed,
        "rows": len(truth),
        **ours,
        **_confusion(said.tags, truth),
        "calibration": sure.to_json()["bins"],
        "roc_area": sure.area,
        "baselines": compared,
        "verdict": next(entry["verdict"] for entry in compared if entry["name"] == against),
    }


def write_evaluation(
    run: RunFolder,
    split: str,
    scores: Mapping[str, Any],
    said: Tagged,
    sentences: TaggedSentences,
    layer: str,
    unseen: Sequence[Sequence[bool]],
) -> None:
    """Write `evaluation/<split>/`."""
    folder = run.evaluation(split)
    folder.mkdir(parents=True, exist_ok=True)
    truth = sentences.tags[layer]
    confused = _confused(said, sentences, truth)
    write_json(folder / "metrics.json", {"split": split, **scores, "confused": confused})
    header = ("where", "place", "text", "target", "predicted", "confidence")
    write_bytes(folder / "predictions.csv", spreadsheet(header, _word_lines(sentences, truth, said)))
    header = ("where", "text", "wrong", "words", "errors", "confidence")
    write_bytes(folder / "worst.csv", spreadsheet(header, _worst_lines(sentences, truth, said)))
    right = np.array([one == other for one, other in _pairs(said.tags, truth)])
    columns = _columns(sentences, unseen)
    seed = scores["seed"]
    slices = score_slices(right, columns, metric="accuracy", better="more", seed=seed)
    weak = _weak_spots(right, sentences, columns, seed)

    def told(place: int) -> dict[str, str]:
        text, wrong = " ".join(sentences.words[place]), _wrong(sentences, truth, said, place)
        return {"where": sentences.where(place), "text": text, "wrong": " · ".join(wrong)}

    write_json(folder / "slices.json", {**slices.to_json(), "weak_spots": weak.to_json(told)})


def unseen_words(words: Words, known: Words) -> list[list[bool]]:
    """Tell of each word whether training never held it."""
    seen = {word for given in known for word in given}
    return [[word not in seen for word in given] for given in words]


def _columns(sentences: TaggedSentences, unseen: Sequence[Sequence[bool]]) -> dict[str, npt.NDArray[Any]]:
    """Return what the words are sliced by, each (M,)."""
    new = np.array([one for own in unseen for one in own], bool)
    return {
        "words of the sentence": np.repeat(sentences.sizes, sentences.sizes),
        "letters of the word": np.array([len(word) for words in sentences.words for word in words]),
        "word in training": np.where(new, "no", "yes"),
    }


def _weak_spots(
    right: npt.NDArray[np.bool_],
    sentences: TaggedSentences,
    columns: Mapping[str, npt.NDArray[Any]],
    seed: int,
) -> WeakSpots:
    """Search the sentences, not the words: one wrong tag brings another along, and a test counts what stands alone."""
    sizes = np.maximum(sentences.sizes, 1)
    sentence = np.repeat(np.arange(len(sentences)), sentences.sizes)
    new = np.bincount(sentence, columns["word in training"] == "no", minlength=len(sentences))
    credit = np.where(
        sentences.sizes > 0, np.bincount(sentence, right, minlength=len(sentences)) / sizes, 1.0
    )
    return weak_spots(
        credit,
        {"words of the sentence": sentences.sizes, "new words": new.astype(np.int64)},
        pa.array([" ".join(words) for words in sentences.words], pa.string()),
        metric="accuracy",
        better="more",
        seed=seed,
    )


def _wrong(sentences: TaggedSentences, truth: Words, said: Tagged, place: int) -> list[str]:
    """Return the words of a sentence whose tags are wrong, with what is true and what was said."""
    rows = zip(sentences.words[place], said.tags[place], truth[place], strict=True)
    return [f"{word}: {other} → {one}" for word, one, other in rows if one != other]


def _pairs(said: Words, truth: Words) -> Iterator[tuple[str, str]]:
    for own, true in zip(said, truth, strict=True):
        yield from zip(own, true, strict=True)


def _confusion(said: Words, truth: Words) -> dict[str, Any]:
    """Count which tags are taken for which, a row a true one; rare tags share the last row and column."""
    counts = Counter((true, own) for own, true in _pairs(said, truth))
    total = Counter[str]()
    for (true, _), number in counts.items():
        total[true] += number
    labels = sorted(total, key=lambda tag: (-total[tag], tag))
    if len(labels) > _CLASSES:
        labels = [*labels[: _CLASSES - 1], _OTHERS]
    places = {tag: place for place, tag in enumerate(labels)}
    matrix = np.zeros((len(labels), len(labels)), np.int64)
    for (true, own), number in counts.items():
        last = len(labels) - 1
        matrix[places.get(true, last), places.get(own, last)] += number
    return {"labels": labels, "confusion": matrix.tolist()}


def _confused(said: Tagged, sentences: TaggedSentences, truth: Words) -> list[dict[str, Any]]:
    """Return the pairs of tags that are mixed up most often, with the words where the model was surest of it."""
    found: dict[tuple[str, str], list[tuple[float, str, str]]] = {}
    for place, (words, own, true, sure) in enumerate(
        zip(sentences.words, said.tags, truth, said.confidences, strict=True)
    ):
        for word, one, other, chance in zip(words, own, true, sure, strict=True):
            if one != other:
                found.setdefault((other, one), []).append((-chance, word, sentences.where(place)))
    largest = sorted(found, key=lambda pair: (-len(found[pair]), pair))[:_CONFUSED]
    return [
        {
            "target": true,
            "predicted": own,
            "words": len(found[true, own]),
            "examples": [
                {"word": word, "where": where, "confidence": -chance}
                for chance, word, where in sorted(found[true, own])[:_EXAMPLES]
            ],
        }
        for true, own in largest
    ]


def _word_lines(sentences: TaggedSentences, truth: Words, said: Tagged) -> Iterator[Sequence[str]]:
    for place, words in enumerate(sentences.words):
        where = sentences.where(place)
        rows = zip(words, truth[place], said.tags[place], said.confidences[place], strict=True)
        for number, (word, true, own, sure) in enumerate(rows, 1):
            yield where, str(number), word, true, own, f"{sure:.4f}"


def _worst_lines(sentences: TaggedSentences, truth: Words, said: Tagged) -> Iterator[Sequence[str]]:
    """Yield the sentences with the largest share of wrong tags, those of which the model was surest first."""
    errors = np.array(
        [
            sum(one != other for one, other in zip(*both, strict=True))
            for both in zip(said.tags, truth, strict=True)
        ]
    )
    sure = np.array([float(np.mean(own)) if own else 0.0 for own in said.confidences])
    order = np.lexsort((-sure, -errors / np.maximum(sentences.sizes, 1)))
    for place in order[errors[order] > 0][:_WORST_ROWS].tolist():
        words, wrong = sentences.words[place], _wrong(sentences, truth, said, place)
        yield (
            sentences.where(place),
            " ".join(words),
            " · ".join(wrong),
            str(len(words)),
            str(errors[place]),
            f"{sure[place]:.4f}",
        )
