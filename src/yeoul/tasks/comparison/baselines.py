"""The numbers that a model of likeness is measured against, on the pairs of a recipe."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from time import perf_counter
from typing import final

import numpy as np

from yeoul.baselines.likeness import Likeness, SeriesDistance, TfidfCosine
from yeoul.data.comparisons.comparisons import Comparisons
from yeoul.data.comparisons.dataset import ComparedDataset
from yeoul.recipe import SeriesRecipe
from yeoul.tasks.classification.inputs import texts_of
from yeoul.tasks.comparison.coherence import told_apart_by_nothing
from yeoul.tasks.comparison.comparer import Kept, KeptLikeness
from yeoul.tasks.comparison.evaluation import Answered, answered_by, point_scores
from yeoul.tasks.comparison.rules import OrderRule, Rule, learned_rule
from yeoul.tasks.comparison.sides import Questions, both_sides
from yeoul.tasks.experiment import Baseline

CONSTANT = "constant"
_SPLITS = ("validation", "test")
MOST_QUERIES = 500
MOST_IN_POOL = 2000
MOST_SERIES = 150
"""Queries; the pool of series is twice as large."""


@final
@dataclass(frozen=True)
class Beside:
    """The simple models of one data set."""

    dataset: ComparedDataset
    series: SeriesRecipe | None
    questions: Mapping[str, Questions | None]
    answered: dict[tuple[str, str], Answered] = field(default_factory=dict)
    """What a baseline says of a split, by name and split."""

    def trivial(self) -> Baseline:
        """Return the model that calls all pairs equally close."""
        started = perf_counter()
        for split in _SPLITS:
            pairs, asked = self.dataset.splits[split], self.questions[split]
            zeros = np.zeros(len(pairs))
            found = None if asked is None else np.zeros(asked.right.shape)
            told = told_apart_by_nothing(self.dataset.writings.get(split, ()))
            self.answered[CONSTANT, split] = Answered.of(self._zero_rule, zeros, asked, found, told)
        return self._scored(CONSTANT, None, started)

    def strong(self) -> list[Baseline]:
        """Return tf-idf of characters and of words for texts; warped and plain distance for series."""
        if self.series is not None:
            standardize = self.series.standardize == "series"
            return [
                self._fitted("dtw", SeriesDistance("dtw", standardize)),
                self._fitted("euclid", SeriesDistance("euclid", standardize)),
            ]
        train = self.dataset.train
        texts = sorted({*texts_of(train.lefts), *texts_of(train.rights)})
        return [
            self._fitted("characters", TfidfCosine.fit("character", texts)),
            self._fitted("words", TfidfCosine.fit("word", texts)),
        ]

    @property
    def _zero_rule(self) -> Rule:
        validation = self.dataset.validation
        return learned_rule(self.dataset.truth, np.zeros(len(validation)), validation.truth)

    def _fitted(self, kind: Kept, model: Likeness) -> Baseline:
        started, series = perf_counter(), self.series is not None
        validation = self.dataset.validation
        unruled = KeptLikeness(kind, model, OrderRule())
        scores = unruled.scores(*both_sides(validation, series))
        kept = KeptLikeness(kind, model, learned_rule(self.dataset.truth, scores, validation.truth))
        for split in _SPLITS:
            pairs, asked = self.dataset.splits[split], self.questions[split]
            writings = self.dataset.writings.get(split, ())
            self.answered[kind, split] = answered_by(kept, pairs, asked, series, writings)
        return self._scored(kind, kept, started)

    def _scored(self, name: str, kept: KeptLikeness | None, started: float) -> Baseline:
        answers = {split: self.answered[name, split].scores for split in _SPLITS}
        found = point_scores(self.answered[name, "validation"], self.dataset.validation, self.dataset.truth)
        return Baseline(name, answers, found, kept, seconds=perf_counter() - started)


def asked_of(dataset: ComparedDataset, *, symmetric: bool, series: bool) -> dict[str, Questions | None]:
    """Return what is to be found in a pool, for the validation and the test rows."""
    return {
        split: questions_of(dataset.splits[split], symmetric=symmetric, series=series) for split in _SPLITS
    }


def questions_of(rows: Comparisons, *, symmetric: bool, series: bool) -> Questions | None:
    """Return what is to be found in a pool of the rows; None where nothing is, as in documents."""
    if rows.documents is not None:
        return None
    most, most_in_pool = (MOST_SERIES, 2 * MOST_SERIES) if series else (MOST_QUERIES, MOST_IN_POOL)
    return Questions.of(rows, symmetric=symmetric, most=most, most_in_pool=most_in_pool)
