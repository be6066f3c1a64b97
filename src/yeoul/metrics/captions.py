"""Score captions against several references each: CIDEr-D, BLEU, chrF++, ROUGE-L and exact match.

Every picture adds a few numbers to sums over the corpus, and every score is a function of these sums, so that all
intervals come from the same resamples of pictures and two models can be compared picture by picture. The weights of
CIDEr-D are those of all pictures that are scored, in resamples too. BLEU, CIDEr-D and ROUGE-L see words in small
letters without marks, as is usual for captions; what is mostly Hangul, kana or Chinese is cut into characters there.
BLEU and chrF++ are shares here: 0.195 for the usual 19.5. CIDEr-D goes from 0 to 10.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Literal

import numpy as np
import numpy.typing as npt

from yeoul.metrics import translation
from yeoul.metrics.consensus import cider
from yeoul.metrics.intervals import (
    Floats,
    Interval,
    Statistic,
    Verdict,
    bootstrap,
    judge,
    resampled_sums,
    spread,
)
from yeoul.metrics.pairs import exact_difference, same_form
from yeoul.metrics.rouge import common_length, rouge_tokens
from yeoul.metrics.translation import BLEU_ORDER, BLEU_PARTS, CHRF_PARTS, Cut

Metric = Literal[
    "cider", "bleu", "bleu_1", "bleu_2", "bleu_3", "chrf", "rouge_l", "exact_match", "length_ratio"
]
_CHRF = 2
_BLEU = _CHRF + CHRF_PARTS
_ROUGE = _BLEU + BLEU_PARTS
_CIDER = _ROUGE + 1
_RECALL = 1.2
"""ROUGE-L weighs recall so many times as much as precision, as is usual for captions (Chen et al. 2015)."""
References = Sequence[Sequence[str]]


@dataclass(frozen=True, eq=False)
class CaptionParts:
    """What each of N pictures adds to the sums that the scores are made of: (N, D)."""

    sums: Floats
    cut: Cut
    """Whether the words of the scores are words, or characters."""

    @classmethod
    def of(cls, written: Sequence[str], references: References) -> "CaptionParts":
        """Compare captions (N) with their references, at least one each; there is at least one caption."""
        if not written or not all(references):
            raise ValueError("a score needs at least one caption, and each at least one reference")
        own, true = (
            [same_form(text) for text in written],
            [[same_form(one) for one in each] for each in references],
        )
        cut = translation.cut_for(list(chain.from_iterable(true)))
        words = [caption_words(text, cut) for text in own]
        known = [[caption_words(one, cut) for one in each] for each in true]
        columns = (
            np.ones(len(own)),
            np.array([text in each for text, each in zip(own, true, strict=True)], np.float64),
            _chrf_parts(own, true),
            _bleu_parts(words, known),
            np.array([_rouge(said, each) for said, each in zip(words, known)]),
            cider(words, known),
        )
        return cls(np.column_stack(columns), cut)

    def __len__(self) -> int:
        return len(self.sums)

    @property
    def right(self) -> npt.NDArray[np.bool_]:
        """(N,) whether a caption is one of its references."""
        return self.sums[:, 1] > 0

    def value(self, metric: Metric) -> float:
        """Return a score of all captions."""
        return float(_STATISTICS[metric](self.sums.sum(axis=0)[None])[0])

    def credit(self, metric: Metric) -> Floats:
        """Return the score of each caption by itself (N,); a right one has all credit for BLEU, however short."""
        scores = _STATISTICS[metric](self.sums)
        return np.maximum(scores, self.right) if metric.startswith("bleu") else scores


def caption_words(text: str, cut: Cut) -> list[str]:
    """Return the words of a caption as the scores see them, in small letters and without marks.

    >>> caption_words("A dog, running.", "13a")
    ['a', 'dog', 'running']
    """
    return rouge_tokens(text, "character" if cut == "char" else "word")


def signature(cut: Cut) -> dict[str, str]:
    """Name the settings of the scores."""
    unit = "characters" if cut == "char" else "words"
    return {
        "bleu": f"nrefs:var|case:lc|eff:no|tok:{unit} without marks|smooth:exp|ref-len:closest",
        "chrf": translation.signature(cut).chrf.replace("nrefs:1", "nrefs:var"),
        "rouge_l": f"nrefs:var|case:lc|tok:{unit} without marks|beta:{_RECALL}|best-of-refs",
        "cider": f"CIDEr-D|n:1-4|sigma:6|case:lc|tok:{unit} without marks|df:scored references",
    }


def variety(written: Sequence[str]) -> dict[str, float]:
    """Count the captions, the "distinct" ones, the distinct "words", and the mean "length" in words."""
    words = [caption_words(text, "13a") for text in written]
    return {
        "captions": len(written),
        "distinct": len({same_form(text) for text in written}),
        "words": len(set(chain.from_iterable(words))),
        "length": sum(map(len, words)) / max(1, len(written)),
    }


def score_captions(parts: CaptionParts, *, seed: int) -> dict[Metric, Interval]:
    """Return all scores with their 95 % intervals."""
    sums, rows = resampled_sums(parts.sums, seed=seed), len(parts)
    scores = {
        metric: spread(parts.value(metric), statistic(sums), rows)
        for metric, statistic in _STATISTICS.items()
    }
    right = float(parts.right.sum())
    scores["exact_match"] = bootstrap(
        (right, rows - right), lambda tables: tables[:, 0] / tables.sum(axis=1), added=(2.0, 2.0), seed=seed
    )
    return scores


def compare_captions(
    ours: CaptionParts, theirs: CaptionParts, *, metric: Metric, against: str, seed: int
) -> Verdict:
    """Judge two models by the same pictures; a lead is positive."""
    if len(ours) != len(theirs):
        raise ValueError(f"{len(ours)} pictures and {len(theirs)} are not the same")
    if metric == "exact_match":
        return judge(exact_difference(ours.right, theirs.right, seed), metric=metric, against=against)
    statistic, size = _STATISTICS[metric], ours.sums.shape[1]
    sums = resampled_sums(np.concatenate([ours.sums, theirs.sums], axis=1), seed=seed)
    found = statistic(sums[:, :size]) - statistic(sums[:, size:])
    value = ours.value(metric) - theirs.value(metric)
    return judge(spread(value, found, len(ours)), metric=metric, against=against)


def _bleu_parts(written: Sequence[Sequence[str]], references: Sequence[Sequence[Sequence[str]]]) -> Floats:
    """Return what each caption adds to BLEU (N, BLEU_PARTS); an n-gram matches as often as one reference has it.

    The length that counts of the references is the one closest to that of the caption, the shorter among equals.
    """
    parts = np.zeros((len(written), BLEU_PARTS))
    for row, (own, each) in enumerate(zip(written, references, strict=True)):
        wanted: Counter[tuple[str, ...]] = Counter()
        for true in each:
            wanted |= translation.ngrams(true, BLEU_ORDER)
        for gram, count in translation.ngrams(own, BLEU_ORDER).items():
            order = len(gram) - 1
            parts[row, BLEU_ORDER + order] += count
            parts[row, order] += min(count, wanted.get(gram, 0))
        lengths = [len(true) for true in each]
        parts[row, -2:] = len(own), min(lengths, key=lambda length: (abs(length - len(own)), length))
    return parts


def _chrf_parts(written: Sequence[str], references: References) -> Floats:
    """Return what each caption adds to chrF++ (N, CHRF_PARTS), beside the reference that it is closest to."""
    again = [text for text, each in zip(written, references, strict=True) for _ in each]
    parts = translation.chrf_parts(again, list(chain.from_iterable(references)))
    scores, ends = translation.chrf(parts), np.cumsum([len(each) for each in references])
    best = [start + int(np.argmax(own)) for start, own in zip([0, *ends], np.split(scores, ends[:-1]))]
    return parts[best]


def _rouge(own: Sequence[str], references: Sequence[Sequence[str]]) -> float:
    """Return ROUGE-L: the best precision and the best recall among the references, recall weighing more."""
    common = [common_length(own, true) for true in references]
    precision = max(common) / max(1, len(own))
    recall = max(count / max(1, len(true)) for count, true in zip(common, references))
    below = recall + _RECALL**2 * precision
    return (1 + _RECALL**2) * precision * recall / below if below else 0.0


def _mean(sums: Floats, place: int) -> Floats:
    means: Floats = sums[:, place] / np.maximum(sums[:, 0], 1.0)
    return means


def _bleu(sums: Floats, order: int) -> Floats:
    return translation.bleu(sums[:, _BLEU:_ROUGE], order) / 100


_STATISTICS: Mapping[Metric, Statistic] = {
    "cider": partial(_mean, place=_CIDER),
    "bleu": partial(_bleu, order=4),
    "bleu_1": partial(_bleu, order=1),
    "bleu_2": partial(_bleu, order=2),
    "bleu_3": partial(_bleu, order=3),
    "chrf": lambda sums: translation.chrf(sums[:, _CHRF:_BLEU]) / 100,
    "rouge_l": partial(_mean, place=_ROUGE),
    "exact_match": partial(_mean, place=1),
    "length_ratio": lambda sums: sums[:, _ROUGE - 2] / np.maximum(sums[:, _ROUGE - 1], 1.0),
}
"""From sums (R, D) to scores (R,)."""
