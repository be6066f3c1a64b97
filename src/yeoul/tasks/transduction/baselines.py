"""The numbers that a model of pairs is measured against, on the pairs of a recipe."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, final

import numpy as np
import numpy.typing as npt

from yeoul.baselines import cache
from yeoul.baselines.pairs import Copied, Dictionary, Frequent, Lead, Nearest, PairBaseline, said_of
from yeoul.data.pairs.dataset import PairDataset
from yeoul.metrics.pairs import ERRORS, Metric, PairParts
from yeoul.tasks.experiment import Baseline

COPY = "copy"
FREQUENT = "frequent"
LEAD = "lead"
NEAREST = "nearest"
DICTIONARY = "dictionary"
_ANSWERED = ("validation", "test")
_NEAREST_VERSION = 2
"""To be raised whenever `baselines.pairs.Nearest` may answer differently."""
_LONGER = 3.0
"""Sources that have so many times the words of their targets are texts to be shortened."""
Texts = npt.NDArray[np.object_]


@final
@dataclass(frozen=True)
class Beside:
    """The simple models of one data set."""

    dataset: PairDataset
    metric: Metric
    parts: dict[tuple[str, str], PairParts] = field(default_factory=dict)
    """What was measured of a baseline's answers to a split, so that it is measured once."""

    def trivial(self) -> Baseline:
        """Return the most frequent target."""
        model = Frequent.fit(_texts(self.dataset.train.targets))
        return self._baseline(FREQUENT, lambda: self._answers(model), {"target": model.target})

    def strong(self) -> list[Baseline]:
        """Return the source itself, the nearest training pair, and what suits such pairs: words, or the beginning."""
        train = self.dataset.train
        sources, targets = _texts(train.sources), _texts(train.targets)
        found = [self._baseline(COPY, lambda: self._answers(Copied()))]
        own, theirs = (_mean_words(texts) for texts in (sources, targets))
        if own > 1.5 and theirs > 1.5:
            found.append(self._baseline(DICTIONARY, lambda: self._answers(Dictionary.fit(sources, targets))))
        if own > _LONGER * theirs:
            lead = Lead.fit(targets)
            found.append(self._baseline(LEAD, lambda: self._answers(lead), {"words": lead.words}))
        found.append(self._nearest(sources, targets))
        return found

    def measured(self, baseline: Baseline, split: str) -> PairParts:
        """Return what the answers of a baseline add to the scores."""
        key = (baseline.name, split)
        if key not in self.parts:
            truth = _texts(self.dataset.splits[split].targets)
            self.parts[key] = PairParts.of(baseline.answers[split].tolist(), truth)
        return self.parts[key]

    def _nearest(self, sources: Sequence[str], targets: Sequence[str]) -> Baseline:
        """Look the nearest pairs up, or take their places from the cache if this was done before."""
        told = f"nearest {_NEAREST_VERSION} {self.dataset.fingerprint}"
        key = hashlib.sha256(told.encode()).hexdigest()
        fit = cache.load(key)
        cached = fit is not None
        if fit is None:
            started = perf_counter()
            model = Nearest.fit(sources, targets)
            places = {split: model.places(_texts(self.dataset.splits[split].sources)) for split in _ANSWERED}
            fit = cache.CachedFit({}, {}, places, perf_counter() - started, 0.0)
            cache.store(key, fit)
        frequent = Frequent.fit(targets).target
        answers = {
            split: _array(said_of(np.asarray(places, np.int64), targets, frequent))
            for split, places in fit.answers.items()
        }
        return self._scored(NEAREST, answers, {}, fit.seconds, cached)

    def _answers(self, model: PairBaseline) -> dict[str, Texts]:
        splits = self.dataset.splits
        return {split: _array(model.answers(_texts(splits[split].sources))) for split in _ANSWERED}

    def _baseline(
        self, name: str, answers: Callable[[], Mapping[str, Texts]], constant: Mapping[str, Any] | None = None
    ) -> Baseline:
        started = perf_counter()
        return self._scored(name, answers(), constant or {}, perf_counter() - started, cached=False)

    def _scored(
        self,
        name: str,
        answers: Mapping[str, Texts],
        constant: Mapping[str, Any],
        seconds: float,
        cached: bool,
    ) -> Baseline:
        unscored = Baseline(name, answers, {}, constant=constant, seconds=seconds, cached=cached)
        validation = point_scores(self.measured(unscored, "validation"), self.metric)
        return Baseline(name, answers, validation, constant=constant, seconds=seconds, cached=cached)


def point_scores(parts: PairParts, metric: Metric) -> dict[str, float]:
    """Return the scores that a screen shows while training; a larger "score" is better."""
    shown: tuple[Metric, ...] = ("exact_match", "chrf", "bleu", "rouge_l")
    scores: dict[str, float] = {name: parts.value(name) for name in shown}
    decides = parts.value(metric)
    return {**scores, metric: decides, "score": -decides if metric in ERRORS else decides}


def _mean_words(texts: Sequence[str]) -> float:
    return sum(len(text.split()) for text in texts) / max(1, len(texts))


def _texts(column: Any) -> list[str]:
    texts: list[str] = column.to_pylist()
    return texts


def _array(texts: Sequence[str]) -> Texts:
    array = np.empty(len(texts), np.object_)
    array[:] = texts
    return array
