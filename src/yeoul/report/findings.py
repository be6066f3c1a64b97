"""What the panels below the scores say: members of a mixture, slices, mistakes and confused classes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from yeoul.report.contents import Contents
from yeoul.report.formats import (
    ERRORS,
    LABEL_CHARACTERS,
    NOTHING,
    amount,
    count,
    cut,
    duration,
    lead,
    percent,
    score,
)
from yeoul.report.records import Confused, Evaluation, Members, Mistake, Score, Slices, SliceScore, WeakSpot
from yeoul.report.words import Phrase, name, say

_PAIRS = 10
_OWN_COLUMNS = {
    "characters": "data.characters",
    "tokens": "data.tokens",
    "unknown tokens": "data.unknown",
    "words of the sentence": "data.sentence_lengths",
    "letters of the word": "data.letters_of_word",
    "word in training": "data.word_known",
    "new words": "data.new_words",
}


def _plain_number(number: float | None) -> str:
    """Write a number of a column as it may stand there: a year has no separator."""
    return NOTHING if number is None else f"{number:.6g}"


_OWN_NUMBERS = {"characters": count, "tokens": count, "unknown tokens": percent}


@dataclass(frozen=True)
class MemberRow:
    """One model of a mixture."""

    name: str
    description: str
    kind: Phrase
    best: bool
    weight: str
    validation: str
    test: str
    seconds: Phrase
    parameters: str


@dataclass(frozen=True)
class SliceRow:
    """One slice: by what, which rows, how good."""

    by: Phrase
    part: str
    rows: str
    score: str
    difference: Phrase
    weak: bool


@dataclass(frozen=True)
class PairRow:
    """A class taken for another, with rows to read."""

    target: str
    predicted: str
    rows: str
    share: str
    examples: tuple[tuple[str, str, str], ...]
    """Place, text and confidence of a row."""


def sections(contents: Contents) -> list[str]:
    """Name the parts of the page, in order."""
    kind = contents.evaluation.target_kind if contents.evaluation else "class"
    named = [
        "scores",
        *(["members"] if contents.members and contents.members.members else []),
        "data",
        "curves",
        {"class": "classes", "labels": "labels", "number": "numbers"}[kind],
        *(["calibration"] if kind == "class" else []),
        "mistakes",
        "slices",
        "cost",
        "reproduce",
    ]
    return with_weak(named, contents)


def with_weak(names: Sequence[str], contents: Contents) -> list[str]:
    """Name weak spots before the slices, where they were looked for."""
    found = contents.evaluation
    parts = contents.slices.get(found.split) if found else None
    searched = parts is not None and parts.weak_spots is not None
    return [each for one in names for each in (("weak", one) if one == "slices" and searched else (one,))]


def member_rows(found: Members, metric: str) -> list[MemberRow]:
    """Lay out the members of a mixture, the best single network marked."""
    return [
        MemberRow(
            one.name,
            one.description,
            name("member", one.kind),
            one.name == found.best_network,
            NOTHING if one.weight is None else f"{one.weight:.2f}",
            _score_of(one.validation, metric),
            _score_of(one.test, metric),
            duration(one.seconds),
            count(one.parameters),
        )
        for one in found.members
    ]


def slice_rows(found: Slices) -> list[SliceRow]:
    """Lay out the slices in the order of the file."""
    return [
        SliceRow(
            slice_column(one.by),
            slice_part(one),
            count(one.rows),
            score(found.metric, one.score),
            gap(found.metric, one.difference),
            one.weak,
        )
        for one in found.slices
    ]


def slice_labels(found: Slices) -> list[Phrase]:
    """Name each slice on one line."""
    named = [(slice_column(one.by), slice_part(one)) for one in found.slices]
    return [Phrase(f"{by.en}: {part}", f"{by.ko}: {part}") for by, part in named]


def slice_part(one: SliceScore | WeakSpot) -> str:
    """Name the rows of a slice: a value, a number, or the numbers from one to another."""
    if one.value is not None:
        return cut(one.value, LABEL_CHARACTERS) or NOTHING
    shown = _OWN_NUMBERS.get(one.by, _plain_number)
    ends = [shown(one.low), shown(one.high)]
    return ends[0] if ends[0] == ends[1] else f"{ends[0]} – {ends[1]}"


def measure(row: Mistake) -> str:
    """Say how bad a mistake is: the confidence, the number of wrong labels, or the error."""
    if row.error is not None:
        return amount(row.error)
    return percent(row.confidence) if row.wrong_labels is None else count(row.wrong_labels)


def measure_title(found: Evaluation) -> Phrase:
    """Name what `measure` says."""
    match found.target_kind:
        case "class" | "likeness" | "captions":
            return say("table.confidence")
        case "labels":
            return say("table.wrong_labels")
        case "number" | "forecast" | "text":
            return say("table.error")


def pair_rows(found: Evaluation, confused: Sequence[Confused]) -> list[PairRow]:
    """Return the true and predicted classes that were mixed up most often, most rows first."""
    examples = {(one.target, one.predicted): one.examples for one in confused}
    cells = [
        (rows, target, predicted)
        for target, line in enumerate(found.confusion)
        for predicted, rows in enumerate(line)
        if rows and target != predicted
    ]
    cells.sort(key=lambda cell: (-cell[0], cell[1], cell[2]))
    return [
        PairRow(
            found.labels[target],
            found.labels[predicted],
            count(rows),
            percent(rows / sum(found.confusion[target])),
            tuple(
                (row.where, row.text, percent(row.confidence))
                for row in examples.get((found.labels[target], found.labels[predicted]), ())
            ),
        )
        for rows, target, predicted in cells[:_PAIRS]
    ]


def slice_column(by: str) -> Phrase:
    """Name what rows are told apart by."""
    return say(_OWN_COLUMNS[by]) if by in _OWN_COLUMNS else Phrase(by, by)


def _score_of(scores: Mapping[str, Score], metric: str) -> str:
    return score(metric, scores.get(metric))


def gap(metric: str, difference: Score) -> Phrase:
    """Write how a slice differs from the other rows; for errors, more is worse and stays so."""
    return lead(metric if metric in ERRORS else "accuracy", difference)
