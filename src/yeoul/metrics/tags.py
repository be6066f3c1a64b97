"""How good predicted tags are: words tagged rightly, and whole spans found.

Spans are read from B-, I- and O tags, also from those that mark ends (E-, L-) and single words (S-, U-). Tags that do
not follow the rules are read as `conlleval` (Tjong Kim Sang & Buchholz 2000) reads them: an I- that does not go on
with a span of its own kind begins one. A span counts as found when both ends and the kind are right (strict), or when
it has a word in common with a true one of its kind, each true one found at most once (relaxed). Intervals come from
resampling sentences.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from yeoul.metrics.intervals import Floats, Interval, Verdict, bootstrap_rows, judge

Span = tuple[int, int, str]
"""First word, the one after the last, kind."""
Tags = Sequence[Sequence[str]]

_BEGINS, _ENDS = ("B", "S", "U"), ("S", "U", "E", "L")


@dataclass(frozen=True)
class TagScore:
    """One row of the table by tag, or by kind of span; `count` is how many there truly are."""

    label: str
    count: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True)
class SpanScores:
    """How many spans were found; `repaired` counts predicted tags that broke the rules."""

    strict: Interval
    relaxed: Interval
    repaired: int
    per_kind: tuple[TagScore, ...]  # strict


@dataclass(frozen=True)
class TagScores:
    """All scores of one tagger on the same sentences."""

    words: int
    accuracy: Interval
    sentences_right: Interval
    unseen_words: int
    unseen_accuracy: float | None
    """Of words that training never held, if that is known and there are any."""
    per_tag: tuple[TagScore, ...]
    spans: SpanScores | None
    """Where some true tag begins a span."""

    def to_json(self) -> dict[str, object]:
        """Return the scores as plain values."""
        found: dict[str, object] = {
            "words": self.words,
            "scores": {
                "accuracy": self.accuracy.to_json(),
                "sentences_right": self.sentences_right.to_json(),
                "unseen_accuracy": {"value": self.unseen_accuracy},
            },
            "unseen_words": self.unseen_words,
            "per_tag": [_row(one) for one in self.per_tag],
        }
        if self.spans is not None:
            found["spans"] = {
                "strict_f1": self.spans.strict.to_json(),
                "relaxed_f1": self.spans.relaxed.to_json(),
                "repaired": self.spans.repaired,
                "per_kind": [_row(one) for one in self.spans.per_kind],
            }
        return found


def score_tags(
    predicted: Tags, truth: Tags, *, seed: int, unseen: Sequence[Sequence[bool]] | None = None
) -> TagScores:
    """Score the tags of N sentences; `unseen` tells which words training never held.

    Raises `ValueError` for no sentences and for sentences of different lengths.
    """
    _check(predicted, truth)
    parts = np.array([_hits(ours, true) for ours, true in zip(predicted, truth, strict=True)], float)
    words = int(parts[:, 1].sum())
    unseen_hits = [
        one == other
        for ours, true, new in zip(predicted, truth, unseen or [], strict=False)
        for one, other, unknown in zip(ours, true, new, strict=True)
        if unknown
    ]
    has_spans = any(tag[:2] in ("B-", "S-", "U-") for tags in truth for tag in tags)
    return TagScores(
        words,
        bootstrap_rows(parts, _share, seed=seed, added=[[1, 2, 0, 0], [1, 2, 0, 0]]),
        bootstrap_rows(parts[:, 2:], _share, seed=seed, added=[[1, 1], [1, 1], [0, 1], [0, 1]]),
        len(unseen_hits),
        sum(unseen_hits) / len(unseen_hits) if unseen_hits else None,
        _by_tag(predicted, truth),
        _span_scores(predicted, truth, seed) if has_spans else None,
    )


def compare_tags(ours: Tags, theirs: Tags, truth: Tags, *, against: str, seed: int) -> Verdict:
    """Judge two taggers by their accuracy on the same sentences."""
    _check(ours, truth)
    _check(theirs, truth)
    parts = [
        [*_hits(one, true)[:2], _hits(other, true)[0]]
        for one, other, true in zip(ours, theirs, truth, strict=True)
    ]
    difference = bootstrap_rows(
        parts, lambda sums: (sums[:, 0] - sums[:, 2]) / sums[:, 1], seed=seed, added=[[1, 1, 0], [0, 1, 1]]
    )
    return judge(difference, metric="accuracy", against=against)


def spans(tags: Sequence[str]) -> tuple[list[Span], int]:
    """Return the spans of a sentence in order, and how many tags had to be read against the rules."""
    found: list[Span] = []
    start, kind, repaired = 0, "", 0
    for place, tag in enumerate(tags):
        prefix, _, name = tag.partition("-")
        inside = bool(name) and prefix in ("B", "I", "S", "U", "E", "L")
        begins = inside and (prefix in _BEGINS or name != kind)
        if kind and (begins or not inside):
            found.append((start, place, kind))
            kind = ""
        if begins:
            start, kind = place, name
            repaired += prefix not in _BEGINS
        if inside and prefix in _ENDS:
            found.append((start, place + 1, kind))
            kind = ""
    if kind:
        found.append((start, len(tags), kind))
    return found, repaired


def _check(predicted: Tags, truth: Tags) -> None:
    if not len(predicted) == len(truth) > 0:
        raise ValueError(f"{len(predicted)} sentences for {len(truth)} true ones: one each is needed")
    if any(len(ours) != len(true) for ours, true in zip(predicted, truth, strict=True)):
        raise ValueError("a sentence and its true tags have different lengths")
    if not any(len(true) for true in truth):
        raise ValueError("there are no words")


def _hits(ours: Sequence[str], truth: Sequence[str]) -> list[int]:
    """Return words right, words, whether the sentence is right, 1."""
    right = sum(one == other for one, other in zip(ours, truth, strict=True))
    return [right, len(truth), int(right == len(truth)), 1]


def _share(sums: Floats) -> Floats:
    shares: Floats = sums[:, 0] / sums[:, 1]
    return shares


def _f1(sums: Floats) -> Floats:
    """Return 2 · found / (predicted + true)."""
    both = sums[:, 1] + sums[:, 2]
    scores: Floats = np.where(both > 0, 2 * sums[:, 0] / np.where(both > 0, both, 1), np.nan)
    return scores


def _by_tag(predicted: Tags, truth: Tags) -> tuple[TagScore, ...]:
    pairs = [
        pair for ours, true in zip(predicted, truth, strict=True) for pair in zip(ours, true, strict=True)
    ]
    right = Counter(true for ours, true in pairs if ours == true)
    return _table(right, Counter(ours for ours, _ in pairs), Counter(true for _, true in pairs))


def _span_scores(predicted: Tags, truth: Tags, seed: int) -> SpanScores:
    strict, relaxed, repaired = [], [], 0
    right: Counter[str] = Counter()
    named: Counter[str] = Counter()
    there: Counter[str] = Counter()
    for ours, true in zip(predicted, truth, strict=True):
        found, broken = spans(ours)
        known, _ = spans(true)
        repaired += broken
        both = set(found) & set(known)
        strict.append([len(both), len(found), len(known)])
        relaxed.append([_touching(found, known), len(found), len(known)])
        right.update(kind for _, _, kind in both)
        named.update(kind for _, _, kind in found)
        there.update(kind for _, _, kind in known)
    return SpanScores(
        bootstrap_rows(strict, _f1, seed=seed, added=[[1, 1, 1], [0, 1, 1]]),
        bootstrap_rows(relaxed, _f1, seed=seed, added=[[1, 1, 1], [0, 1, 1]]),
        repaired,
        _table(right, named, there),
    )


def _touching(found: Sequence[Span], known: Sequence[Span]) -> int:
    """Return how many spans can be paired with a true one of their kind that they have a word in common with.

    Both are in order and apart, so pairing each with the first one that is left finds the most.
    """
    left, paired = list(known), 0
    for start, end, kind in found:
        for place, (first, last, name) in enumerate(left):
            if name == kind and first < end and start < last:
                del left[place]
                paired += 1
                break
    return paired


def _table(right: Counter[str], named: Counter[str], there: Counter[str]) -> tuple[TagScore, ...]:
    """Return a row a label, the most frequent first; a precision or recall of nothing counts as zero."""
    labels = sorted({*named, *there}, key=lambda label: (-there[label], label))
    rows = []
    for label in labels:
        precision = right[label] / (named[label] or 1)
        recall = right[label] / (there[label] or 1)
        f1 = 2 * right[label] / (named[label] + there[label])
        rows.append(TagScore(label, there[label], precision, recall, f1))
    return tuple(rows)


def _row(score: TagScore) -> dict[str, object]:
    return {
        "label": score.label,
        "count": score.count,
        "precision": score.precision,
        "recall": score.recall,
        "f1": score.f1,
    }
