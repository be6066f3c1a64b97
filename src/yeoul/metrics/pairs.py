"""Score written texts against their references: exact match, chrF++, BLEU, ROUGE and error rates, as shares.

Every row adds a few numbers to sums over the corpus, and every score is a function of these sums, so that all
intervals come from the same resamples of rows and two models can be compared row by row. Texts are the same when
they are in composed form (NFC), white space aside. BLEU and chrF++ are shares here: 0.335 for the usual 33.5.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from yeoul.metrics import errors, rouge, translation
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
from yeoul.metrics.translation import Cut

Metric = Literal[
    "exact_match",
    "chrf",
    "bleu",
    "rouge_1",
    "rouge_2",
    "rouge_l",
    "character_error_rate",
    "word_error_rate",
    "length_ratio",
]
ERRORS: tuple[Metric, ...] = ("character_error_rate", "word_error_rate")
"""Of these less is better."""
_CHRF = 2
_BLEU = _CHRF + translation.CHRF_PARTS
_ROUGE = _BLEU + translation.BLEU_PARTS
_ERRORS = _ROUGE + 3
_LENGTHS = _ERRORS + errors.ERROR_PARTS
_MOST_ERRORS = 1.0


@dataclass(frozen=True, eq=False)
class PairParts:
    """What each of N rows adds to the sums that the scores are made of: (N, D)."""

    sums: Floats
    cut: Cut
    """How BLEU finds its words."""
    phrases: bool
    """Whether some reference has as many words as BLEU looks at together; without one it says nothing."""

    @classmethod
    def of(cls, written: Sequence[str], references: Sequence[str]) -> "PairParts":
        """Compare texts with their references (N); there is at least one."""
        if not written:
            raise ValueError("a score needs at least one row")
        cut = translation.cut_for(references)
        unit: rouge.Unit = "character" if cut == "char" else "word"
        own, true = [same_form(text) for text in written], [same_form(text) for text in references]
        right = [text == reference for text, reference in zip(own, true, strict=True)]
        lengths = [(len(text), len(reference)) for text, reference in zip(own, true, strict=True)]
        columns = (
            np.ones((len(own), 1)),
            np.array(right, np.float64)[:, None],
            translation.chrf_parts(own, true),
            translation.bleu_parts(own, true, cut),
            rouge.rouge(own, true, unit),
            errors.error_parts(own, true),
            np.array(lengths, np.float64),
        )
        longest = float(columns[3][:, -1].max())
        return cls(np.concatenate(columns, axis=1), cut, longest >= translation.BLEU_ORDER)

    def __len__(self) -> int:
        return len(self.sums)

    @property
    def right(self) -> npt.NDArray[np.bool_]:
        """(N,) whether a text is its reference."""
        return self.sums[:, 1] > 0

    def value(self, metric: Metric) -> float:
        """Return a score of all rows."""
        return float(_STATISTICS[metric](self.sums.sum(axis=0)[None])[0])

    def credit(self, metric: Metric) -> Floats:
        """Return the score of each row by itself (N,); an error rate is turned round and not below 0.

        BLEU says nothing of texts below four words: a row that is right has all credit, whatever its length.
        """
        scores = _STATISTICS[metric](self.sums)
        if metric == "bleu":
            return np.maximum(scores, self.right)
        return np.maximum(0.0, _MOST_ERRORS - scores) if metric in ERRORS else scores


def same_form(text: str) -> str:
    """Return a text in composed form (NFC), with runs of white space made one space and dropped at both ends."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def score_pairs(parts: PairParts, *, seed: int) -> dict[Metric, Interval]:
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


def compare_pairs(ours: PairParts, theirs: PairParts, *, metric: Metric, against: str, seed: int) -> Verdict:
    """Judge two models by the same rows; a lead is positive, also of error rates."""
    if len(ours) != len(theirs):
        raise ValueError(f"{len(ours)} rows and {len(theirs)} are not the same")
    if metric == "exact_match":
        return judge(exact_difference(ours.right, theirs.right, seed), metric=metric, against=against)
    statistic, size = _STATISTICS[metric], ours.sums.shape[1]
    sums = resampled_sums(np.concatenate([ours.sums, theirs.sums], axis=1), seed=seed)
    value = ours.value(metric) - theirs.value(metric)
    found = spread(value, statistic(sums[:, :size]) - statistic(sums[:, size:]), len(ours))
    return judge(found.turned() if metric in ERRORS else found, metric=metric, against=against)


def exact_difference(ours: npt.NDArray[np.bool_], theirs: npt.NDArray[np.bool_], seed: int) -> Interval:
    """Return by how much the shares of right rows (N,), (N,) differ."""
    won, lost = float((ours & ~theirs).sum()), float((~ours & theirs).sum())
    counts = (won, lost, len(ours) - won - lost)
    return bootstrap(
        counts,
        lambda tables: (tables[:, 0] - tables[:, 1]) / tables.sum(axis=1),
        added=(1.0, 1.0, 0.0),
        seed=seed,
    )


def _mean(place: int) -> Statistic:
    return lambda sums: sums[:, place] / np.maximum(sums[:, 0], 1.0)


_STATISTICS: Mapping[Metric, Statistic] = {
    "exact_match": _mean(1),
    "chrf": lambda sums: translation.chrf(sums[:, _CHRF:_BLEU]) / 100,
    "bleu": lambda sums: translation.bleu(sums[:, _BLEU:_ROUGE]) / 100,
    "rouge_1": _mean(_ROUGE),
    "rouge_2": _mean(_ROUGE + 1),
    "rouge_l": _mean(_ROUGE + 2),
    "character_error_rate": lambda sums: errors.character_error_rate(sums[:, _ERRORS:_LENGTHS]),
    "word_error_rate": lambda sums: errors.word_error_rate(sums[:, _ERRORS:_LENGTHS]),
    "length_ratio": lambda sums: sums[:, _LENGTHS] / np.maximum(sums[:, _LENGTHS + 1], 1.0),
}
"""From sums (R, D) to scores (R,)."""
