"""An input whose answer is explained: what a model says when only some of its parts are there."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import final

import numpy as np
import numpy.typing as npt

from yeoul.data.pairs.rows import PairRows
from yeoul.explain.deletion import Doubles
from yeoul.explain.goals import Goal
from yeoul.explain.units import Kept, Part, Unit, step_parts, text_parts, without
from yeoul.tasks.classification.classifier import Classifier
from yeoul.tasks.classification.inputs import Series
from yeoul.tasks.transduction.answers import TextAnswer
from yeoul.tasks.transduction.searching import target_log_probs
from yeoul.tasks.transduction.translator import Translator

MOST_PARTS = 200
_ROWS_AT_ONCE = 2048
_MOST_STEPS = 40


class Asked(ABC):
    """One input, its parts and its answer."""

    unit: Unit
    parts: tuple[Part, ...]

    @abstractmethod
    def margins(self, kept: Kept) -> Doubles:
        """Return how strongly the model holds to its answer (N,) when only the parts `kept` (N, U) are there."""

    @abstractmethod
    def value(self, margins: Doubles) -> Doubles:
        """Return the probabilities, or numbers, that margins (N,) stand for."""

    def values(self, kept: Kept) -> Doubles:
        """Return the same as `margins`, as probabilities or numbers."""
        return self.value(self.margins(kept))

    def followed(self, kept: Kept) -> Doubles:
        """Return what a deletion curve follows (N,): it falls when what mattered is taken away."""
        return self.values(kept)

    def ranking(self, scores: Doubles) -> Doubles:
        """Return by what parts (U,) are taken away, the largest first."""
        return scores

    def occluded(self) -> Doubles:
        """Return by how much the margin falls when a part (U,) is taken away (Zeiler & Fergus 2014)."""
        count = len(self.parts)
        kept = np.ones((count + 1, count), bool)
        kept[np.arange(count), np.arange(count)] = False
        told = self.margins(kept)
        fallen: Doubles = told[-1] - told[:-1]
        return fallen


@final
@dataclass(frozen=True, eq=False)
class AskedText(Asked):
    """A text with its class, label or number; parts are taken away with the spaces after them."""

    classifier: Classifier
    text: str
    goal: Goal
    unit: Unit
    parts: tuple[Part, ...]

    @classmethod
    def of(cls, classifier: Classifier, text: str, wanted: str, unit: Unit | None) -> "AskedText":
        """Ask about a text; raise `UsageError` for a label that the model does not know."""
        goal = Goal.of(classifier.target, classifier.answers([text])[0], wanted)
        return cls(classifier, text, goal, *text_parts(text, unit, MOST_PARTS))

    def margins(self, kept: Kept) -> Doubles:
        texts = [without(self.text, self.parts, row) for row in kept]
        different = {text: place for place, text in enumerate(dict.fromkeys(texts))}
        told = self.goal.margin(self.classifier.answers(list(different)))
        return told[[different[text] for text in texts]]

    def value(self, margins: Doubles) -> Doubles:
        return self.goal.value(margins)


@final
@dataclass(frozen=True, eq=False)
class AskedSeries(Asked):
    """A series with its class, label or number; steps that are taken away stand at the series' mean."""

    classifier: Classifier
    series: npt.NDArray[np.float32]  # (T, D)
    goal: Goal
    unit: Unit
    parts: tuple[Part, ...]

    @classmethod
    def of(cls, classifier: Classifier, series: npt.NDArray[np.float32], wanted: str) -> "AskedSeries":
        """Ask about a series; raise `UsageError` for a label that the model does not know."""
        answer = classifier.answers(Series(series, np.array([len(series)], np.int64)))[0]
        parts = step_parts(len(series), _MOST_STEPS)
        return cls(classifier, series, Goal.of(classifier.target, answer, wanted), "step", parts)

    def margins(self, kept: Kept) -> Doubles:
        steps, mean = len(self.series), self.series.mean(axis=0)
        told = []
        for first in range(0, len(kept), _ROWS_AT_ONCE):
            rows = kept[first : first + _ROWS_AT_ONCE]
            there = np.repeat(rows, [part.end - part.start for part in self.parts], axis=1)  # (N, T)
            values = np.where(there[:, :, None], self.series, mean).astype(np.float32)
            flat = values.reshape(-1, self.series.shape[1])
            told.append(self.classifier.answers(Series(flat, np.full(len(rows), steps, np.int64))))
        return self.goal.margin(np.concatenate(told))

    def value(self, margins: Doubles) -> Doubles:
        return self.goal.value(margins)


@final
@dataclass(frozen=True, eq=False)
class AskedPair(Asked):
    """A text with the text that a model answers it with; the margin is its mean log-probability a token."""

    translator: Translator
    text: str
    answer: TextAnswer
    unit: Unit
    parts: tuple[Part, ...]
    _rows: int = field(default=_ROWS_AT_ONCE, repr=False)

    @classmethod
    def of(cls, translator: Translator, text: str, unit: Unit | None) -> "AskedPair":
        return cls(translator, text, translator.answer([text])[0], *text_parts(text, unit, MOST_PARTS))

    def margins(self, kept: Kept) -> Doubles:
        return self._told([without(self.text, self.parts, row) for row in kept])

    def value(self, margins: Doubles) -> Doubles:
        value: Doubles = np.exp(margins)
        return value

    @cached_property
    def attention(self) -> Doubles | None:
        """(S,) how much each token of the source weighed, on the average of the answer's tokens."""
        told = self.answer.attention
        return None if told is None else told.mean(axis=0).astype(np.float64)

    def _told(self, texts: Sequence[str]) -> Doubles:
        sides = self.translator.sides
        target = sides.target([self.answer.shown] * len(texts))
        rows = PairRows(sides.sources(texts), target, sides.marks)
        sums, counts = target_log_probs(self.translator.model, rows, self.translator.device)
        return sums / np.maximum(counts, 1)
