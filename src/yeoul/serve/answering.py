"""Models that say something of texts or series: what is asked of them, and what they answer, as JSON."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Generic, Protocol, TypeVar, final

import numpy as np

from yeoul.api import Run
from yeoul.errors import DataError
from yeoul.serve.frames import Plain
from yeoul.tasks.captioning.answers import CaptionAnswer
from yeoul.tasks.classification.answers import Answer
from yeoul.tasks.classification.classifier import TrainedNetwork
from yeoul.tasks.classification.inputs import Inputs, ReadSeries, Series, texts_of
from yeoul.tasks.transduction.answers import TextAnswer

ANSWERED = ("classify", "transduce", "tag", "compare")
"""The tasks whose models answer so."""
_BETWEEN = "\x1f"
Read = TypeVar("Read")
Each = TypeVar("Each")


@final
@dataclass(frozen=True)
class Question(Generic[Read]):
    """What one client asks of some inputs."""

    inputs: Read
    attention: bool = False
    """Whether it also asks where the model looked."""


class Answering(Protocol):
    """A model that says something of each input: a label, a number, a text, tags, or how close two are."""

    @property
    def facts(self) -> Plain:
        """What its card tells of it."""
        ...

    @property
    def channels(self) -> int | None:
        """Of a series; None where texts are read."""
        ...

    @property
    def compares(self) -> bool:
        """Whether it reads pairs, as `joined_pair` writes them."""
        ...

    @property
    def alive(self) -> bool:
        """Whether it answers."""
        ...

    @property
    def process(self) -> int | None:
        """The number of the process that it has for itself; None where it has none."""
        ...

    def answer(self, questions: Sequence[Question[Inputs]]) -> list[list[Plain]]:
        """Return for each question its answers, one an input."""
        ...

    def close(self) -> None:
        """Answer nothing any more."""
        ...


@final
@dataclass(frozen=True, eq=False)
class Here:
    """A model in this process."""

    facts: Plain
    channels: int | None
    compares: bool
    answer: Callable[[Sequence[Question[Inputs]]], list[list[Plain]]]

    @property
    def alive(self) -> bool:
        return True

    @property
    def process(self) -> None:
        return None

    def close(self) -> None:
        """Nothing has to be ended."""


def answering_of(run: Run) -> Here:
    """Load the model of a run of one of the tasks `ANSWERED`; raise what loading raises."""
    match run.record["task"]:
        case "compare":
            return _comparing(run)
        case "transduce":
            translator = run.translator
            return _here(
                lambda inputs: translator.answer(texts_of(inputs), best=translator.search.beam), (), None, {}
            )
        case "tag":
            tagger = run.tagger
            facts = {"tags": list(tagger.tags), "spans": tagger.spans}
            return _here(lambda inputs: tagger.predict(texts_of(inputs)), (), None, facts)
        case _:
            classifier, channels = run.classifier, None
            match classifier.model:
                case TrainedNetwork(vectorizer=ReadSeries() as reader):
                    channels = reader.vectorizer.channels
            return _here(classifier.predict, classifier.labels, channels, {})


def _here(
    ask: Callable[[Inputs], Sequence[Answer]], labels: tuple[str, ...], channels: int | None, facts: Plain
) -> Here:
    def answer(questions: Sequence[Question[Inputs]]) -> list[list[Plain]]:
        return parted(questions, ask(_joined([each.inputs for each in questions])), labels)

    reads = "texts" if channels is None else "series"
    told = {"labels": list(labels), "reads": reads, "channels": channels, **facts}
    return Here(told, channels, False, answer)


def _comparing(run: Run) -> Here:
    model = run.comparer

    def answer(questions: Sequence[Question[Inputs]]) -> list[list[Plain]]:
        pairs = [text.split(_BETWEEN) for each in questions for text in texts_of(each.inputs)]
        lefts, rights = ([pair[place] for pair in pairs] for place in (0, 1))
        return _parts(questions, [found.to_json() for found in run.compare_cells(lefts, rights)])

    facts = {"labels": [], "reads": "pairs", "of": "series" if model.reads_series else "texts"}
    return Here(facts, None, True, answer)


def parted(
    questions: Sequence[Question[Any]], answers: Sequence[Answer], labels: Sequence[str]
) -> list[list[Plain]]:
    """Write answers as JSON, those of each question by themselves, and where the model looked for who asked."""
    return [
        [_plain(answer, labels, question.attention) for answer in part]
        for question, part in zip(questions, _parts(questions, answers), strict=True)
    ]


def _plain(answer: Answer, labels: Sequence[str], attention: bool) -> Plain:
    if attention or not isinstance(answer, TextAnswer | CaptionAnswer):
        return answer.to_json(labels)
    told = answer.to_json()
    for each in (told, *told["alternatives"]):
        del each["attention"]
    return told


def _parts(questions: Sequence[Question[Any]], answers: Sequence[Each]) -> list[list[Each]]:
    """Return the answers to each question."""
    line = iter(answers)
    return [list(islice(line, len(question.inputs))) for question in questions]


def joined_pair(left: str, right: str) -> str:
    """Return two texts as one, which a model of likeness parts again."""
    return f"{left.replace(_BETWEEN, ' ')}{_BETWEEN}{right.replace(_BETWEEN, ' ')}"


def _joined(parts: Sequence[Inputs]) -> Inputs:
    """Put the inputs of several questions one behind another."""
    series = [each for each in parts if isinstance(each, Series)]
    if series:
        return Series(
            np.concatenate([each.values for each in series]),
            np.concatenate([each.lengths for each in series]),
        )
    return [text for each in parts if not isinstance(each, Series) for text in each]


def series_input(series: Sequence[Sequence[float | Sequence[float]]], channels: int) -> Series:
    """Return series of steps, each a number or one number for every channel; raise `DataError` for other widths."""
    rows: list[list[float]] = []
    for place, steps in enumerate(series):
        for step in steps:
            row = list(step) if isinstance(step, Sequence) else [step]
            if len(row) != channels:
                raise DataError(
                    "a step has {came} numbers, the model reads {expected}",
                    "send as many as the card tells of",
                    where=f"series.{place}",
                    values={"came": len(row), "expected": channels},
                )
            rows.append(row)
    with np.errstate(over="ignore"):  # what is beyond float32 is refused by the vectorizer
        values = np.array(rows, np.float64).reshape(-1, channels).astype(np.float32)
    return Series(values, np.array([len(steps) for steps in series], np.int64))
