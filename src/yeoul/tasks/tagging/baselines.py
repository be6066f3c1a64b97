"""The numbers that a tagger is measured against: the usual tag of each word, and a linear model on its neighborhood."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any, final

import numpy as np
import numpy.typing as npt
import sklearn

from yeoul.baselines import cache
from yeoul.baselines.positions import PositionTags
from yeoul.baselines.tags import FrequentTag, LinearTags
from yeoul.data.tags.dataset import TaggedDataset
from yeoul.errors import ModelFileError
from yeoul.files import check_seal, replaced_folder, write_text
from yeoul.metrics.tags import Metric, macro_f1, tag_value
from yeoul.runs.arrays import load_arrays, save_arrays
from yeoul.runs.folder import read_json, write_json
from yeoul.tasks.experiment import Baseline

FREQUENT = "frequent_tag"
LINEAR = "linear"
POSITION = "position"
_ANSWERED = ("validation", "test")
_MOST_TAGS = 64
"""Of more tags the linear model would take longer to fit than the network."""
_VERSION = 1
"""To be raised whenever `baselines.tags.LinearTags` may answer differently."""
_WEIGHTS = "linear.safetensors"
_TABLES = "simple.json"
Sentences = Sequence[Sequence[str]]


@final
@dataclass(frozen=True, eq=False)
class SimpleTaggers:
    """Both simple models, as they are kept with a run."""

    frequent: FrequentTag
    linear: LinearTags | None

    def answers(self, sentences: Sentences) -> dict[str, list[list[str]]]:
        """Return what each says."""
        found = {FREQUENT: self.frequent.answers(sentences)}
        if self.linear is not None:
            found[LINEAR] = self.linear.answers(sentences)
        return found

    def save(self, folder: Path, card: str) -> None:
        """Write `simple.json` and `linear.safetensors`, in place of what was in `folder`."""
        tags = None if self.linear is None else list(self.linear.tags)
        with replaced_folder(folder) as fresh:
            if self.linear is not None:
                save_arrays(fresh / _WEIGHTS, self.linear.to_arrays())
            told = {"schema_version": 1, "frequent": self.frequent.to_settings(), "tags": tags}
            write_json(fresh / _TABLES, told)
            write_text(fresh / "MODEL_CARD.md", card)

    @classmethod
    def load(cls, folder: Path) -> "SimpleTaggers":
        """Read what `save` wrote; raise `ModelFileError` for anything else."""
        check_seal(folder)
        try:
            told = read_json(folder / _TABLES)
            frequent = FrequentTag.from_settings(told["frequent"])
            tags = told["tags"]
            linear = None if tags is None else LinearTags.from_arrays(tags, load_arrays(folder / _WEIGHTS))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ModelFileError(
                "the file is damaged or not a model",
                "copy the folder again from its source, or train again",
                where=str(folder / _TABLES),
            ) from error
        return cls(frequent, linear)


@final
@dataclass(frozen=True)
class Beside:
    """The simple models of one data set."""

    dataset: TaggedDataset
    metric: Metric
    fitted: dict[str, FrequentTag] = field(default_factory=dict)
    of_documents: bool = False
    """Whether the elements are sentences, whose place tells much."""

    def trivial(self) -> Baseline:
        """Return the usual tag of each word."""
        started = perf_counter()
        model = self.frequent()
        answers = {split: model.answers(self.dataset.splits[split].words) for split in _ANSWERED}
        return self._baseline(FREQUENT, answers, perf_counter() - started)

    def strong(self) -> list[Baseline]:
        """Return the linear model unless there are too many tags for it, and in documents the usual tag of each place.

        Both models of words are kept with the linear one.
        """
        if self.of_documents:
            return [self._by_place(), *self._linear()]
        return self._linear()

    def _by_place(self) -> Baseline:
        started = perf_counter()
        model = PositionTags.fit(self.dataset.train.tags[self.dataset.layer])
        answers = {split: model.answers(self.dataset.splits[split].words) for split in _ANSWERED}
        return self._baseline(POSITION, answers, perf_counter() - started)

    def _linear(self) -> list[Baseline]:
        train = self.dataset.train
        tags = sorted({tag for given in train.tags[self.dataset.layer] for tag in given})
        if len(tags) > _MOST_TAGS:
            return []
        told = ("linear tags", _VERSION, sklearn.__version__, self.dataset.fingerprint)
        key = hashlib.sha256(json.dumps(told).encode()).hexdigest()
        fit = cache.load(key)
        cached = fit is not None
        if fit is None:
            started = perf_counter()
            model = LinearTags.fit(train.words, train.tags[self.dataset.layer])
            fit = cache.CachedFit(model.to_arrays(), {}, {}, perf_counter() - started, 0.0)
            cache.store(key, fit)
        linear = LinearTags.from_arrays(tags, fit.arrays)
        answers = {split: linear.answers(self.dataset.splits[split].words) for split in _ANSWERED}
        kept = SimpleTaggers(self.frequent(), linear)
        return [self._baseline(LINEAR, answers, fit.seconds, kept=kept, cached=cached)]

    def said(self, baseline: Baseline, split: str) -> list[list[str]]:
        """Return the tags that a baseline gives to each sentence."""
        return _cut(baseline.answers[split], self.dataset.splits[split].sizes)

    def frequent(self) -> FrequentTag:
        """Return the usual tag of each training word."""
        if FREQUENT not in self.fitted:
            train = self.dataset.train
            self.fitted[FREQUENT] = FrequentTag.fit(train.words, train.tags[self.dataset.layer])
        return self.fitted[FREQUENT]

    def _baseline(
        self,
        name: str,
        answers: Mapping[str, list[list[str]]],
        seconds: float,
        kept: SimpleTaggers | None = None,
        *,
        cached: bool = False,
    ) -> Baseline:
        truth = self.dataset.validation.tags[self.dataset.layer]
        flat = {split: _flat(said) for split, said in answers.items()}
        validation = point_scores(answers["validation"], truth, self.metric)
        return Baseline(name, flat, validation, kept, seconds=seconds, cached=cached)


def point_scores(said: Sentences, truth: Sentences, metric: Metric) -> dict[str, float]:
    """Return the scores that a screen shows while training; a larger "score" is better."""
    accuracy = tag_value(said, truth, "accuracy")
    decides = accuracy if metric == "accuracy" else tag_value(said, truth, metric)
    scores = {"accuracy": accuracy, "macro_f1": macro_f1(said, truth), metric: decides}
    if metric == "span_f1_relaxed":
        scores["span_f1"] = tag_value(said, truth, "span_f1")
    return {**scores, "score": decides}


def _flat(sentences: Sentences) -> npt.NDArray[np.object_]:
    """Return all tags end to end (M,)."""
    words = [tag for tags in sentences for tag in tags]
    flat = np.empty(len(words), np.object_)
    flat[:] = words
    return flat


def _cut(flat: npt.NDArray[Any], sizes: npt.NDArray[np.int64]) -> list[list[str]]:
    ends = np.cumsum(sizes)
    return [flat[end - size : end].tolist() for end, size in zip(ends.tolist(), sizes.tolist(), strict=True)]
