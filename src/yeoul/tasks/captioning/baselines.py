"""The numbers that a captioner is measured against, on the pictures of a recipe."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from time import perf_counter
from typing import Any, final

import numpy as np
import numpy.typing as npt

from yeoul.baselines.captions import NEIGHBORS, Frequent, Nearest, picture_features
from yeoul.data.pictures.captioned import Captioned
from yeoul.data.pictures.dataset import CaptionedDataset
from yeoul.metrics.captions import CaptionParts, Metric
from yeoul.tasks.experiment import Baseline

FREQUENT = "frequent_caption"
NEAREST = "nearest_picture"
CONSENSUS = "nearest_pictures"
_ANSWERED = ("validation", "test")
_PICTURES_AT_ONCE = 512
_SHOWN: tuple[Metric, ...] = ("cider", "bleu", "chrf", "rouge_l", "exact_match")
Texts = npt.NDArray[np.object_]
Floats = npt.NDArray[np.float32]


@final
@dataclass(frozen=True)
class Beside:
    """The simple models of one data set."""

    dataset: CaptionedDataset
    metric: Metric
    parts: dict[tuple[str, str], CaptionParts] = field(default_factory=dict)
    """What was measured of a baseline's captions of a split, so that it is measured once."""

    def trivial(self) -> Baseline:
        """Return the most frequent caption."""
        model = Frequent.fit(self.dataset.train.texts())

        def answers(split: str) -> Sequence[str]:
            return [model.caption] * len(self.dataset.splits[split])

        return self._baseline(FREQUENT, answers, {"caption": model.caption})

    def strong(self) -> list[Baseline]:
        """Return a caption of the training picture that is most alike, and the most usual one of several such."""
        references = self.dataset.train.references()
        model = Nearest.fit(self._features["train"], references)

        def nearest(split: str) -> Sequence[str]:
            return model.answers(self._features[split])

        def consensus(split: str) -> Sequence[str]:
            return model.answers(self._features[split], NEIGHBORS)

        found = [self._baseline(NEAREST, nearest)]
        if max(len(each) for each in references) > 1:
            found.append(self._baseline(CONSENSUS, consensus))
        return found

    def measured(self, baseline: Baseline, split: str) -> CaptionParts:
        """Return what the captions of a baseline add to the scores."""
        key = (baseline.name, split)
        if key not in self.parts:
            references = self.dataset.splits[split].references()
            self.parts[key] = CaptionParts.of(baseline.answers[split].tolist(), references)
        return self.parts[key]

    @cached_property
    def _features(self) -> Mapping[str, Floats]:
        return {split: features_of(pictures) for split, pictures in self.dataset.splits.items()}

    def _baseline(
        self, name: str, answers: Callable[[str], Sequence[str]], constant: Mapping[str, Any] | None = None
    ) -> Baseline:
        started = perf_counter()
        said = {split: texts_array(answers(split)) for split in _ANSWERED}
        seconds = perf_counter() - started
        unscored = Baseline(name, said, {}, constant=constant or {}, seconds=seconds)
        validation = point_scores(self.measured(unscored, "validation"), self.metric)
        return Baseline(name, said, validation, constant=constant or {}, seconds=seconds)


def features_of(pictures: Captioned) -> Floats:
    """Return what tells pictures apart for a simple model, (N, D): colors and edges where they are, or features.

    Of features the mean over the places counts: side by side, those of a vision model fill gigabytes.
    """
    parts = []
    for start in range(0, len(pictures), _PICTURES_AT_ONCE):
        places = np.arange(start, min(start + _PICTURES_AT_ONCE, len(pictures)))
        if pictures.features_shape is None:
            parts.append(picture_features(pictures.pixels(places)))
        else:
            parts.append(pictures.features(places).mean(axis=1))
    return np.concatenate(parts)


def point_scores(parts: CaptionParts, metric: Metric) -> dict[str, float]:
    """Return the scores that a screen shows while training; a larger "score" is better."""
    return {**{name: parts.value(name) for name in _SHOWN}, "score": parts.value(metric)}


def texts_array(texts: Sequence[str]) -> Texts:
    """Return texts as an array (N,) of objects."""
    array = np.empty(len(texts), np.object_)
    array[:] = texts
    return array
