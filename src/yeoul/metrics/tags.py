"""How good predicted tags are: words tagged rightly, and whole spans found.

Spans are read from B-, I- and O tags, also from those that mark ends (E-, L-) and single words (S-, U-). Tags that do
not follow the rules are read as `conlleval` (Tjong Kim Sang & Buchholz 2000) reads them: an I- that does not go on
with a span of its own kind begins one. A span counts as found when both ends and the kind are right (strict), or when
it has a word in common with a true one of its kind, each true one found at most once (relaxed). Intervals come from
resampling sentences.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from yeoul.metrics.intervals import Floats, Interval, Verdict, bootstrap_rows, judge

Span = tuple[int, int, str]
"""First word, the one after the last, kind."""
Tags = Sequence[Sequence[str]]
Metric = Literal["accuracy", "span_f1", "span_f1_relaxed"]
SpanError = Literal["missed", "invented", "border", "kind", "border and kind"]
"""Of a true span that nothing touches, one found that touches none, and of two that touch: what is wrong."""

SPAN_ERRORS: tuple[SpanError, ...] = ("missed", "invented", "border", "kind", "border and kind")
_GROUPS = 2000
"""Sentences are pooled into so many for the interval of a mean over tags, which may be many."""
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
    errors: dict[SpanError, int]


@dataclass(frozen=True)
class TagScores:
    """All scores of one tagger on the same sentences."""

    words: int
    accuracy: Interval
    macro_f1: Interval
    """The mean over all tags that truly occur, the rare as much as the frequent."""
    sentences_right: Interval
    unseen_words: int
    unseen_accuracy: Interval | None
    """Of words that training never held, if that is known and there are any."""
    per_tag: tuple[TagScore, ...]
    spans: SpanScores | None
    """Where some true tag marks a span."""

    @property
    def scores(self) -> dict[str, Interval]:
        """Return the scores by name."""
        found = {
            "accuracy": self.accuracy,
            "macro_f1": self.macro_f1,
            "sentences_right": self.sentences_right,
        }
        if self.unseen_accuracy is not None:
            found["unseen_accuracy"] = self.unseen_accuracy
        if self.spans is not None:
            found |= {"span_f1": self.spans.strict, "span_f1_relaxed": self.spans.relaxed}
        return found

    def to_json(self) -> dict[str, object]:
        """Return the scores as plain values."""
        found: dict[str, object] = {
            "words": self.words,
            "scores": {name: score.to_json() for name, score in self.scores.items()},
            "unseen_words": self.unseen_words,
            "per_tag": [_row(one) for one in self.per_tag],
        }
        if self.spans is not None:
            found["spans"] = {
                "repaired": self.spans.repaired,
                "per_kind": [_row(one) for one in self.spans.per_kind],
                "errors": dict(self.spans.errors),
            }
        return found


def score_tags(
    predicted: Tags,
    truth: Tags,
    *,
    seed: int,
    unseen: Sequence[Sequence[bool]] | None = None,
    with_spans: bool = False,
) -> TagScores:
    """Score the tags of N sentences; `unseen` tells which words training never held.

    Spans are scored where some true tag marks one, and where that is asked for.

    Raises `ValueError` for no sentences and for sentences of different lengths.
    """
    _check(predicted, truth)
    parts = np.array([_hits(ours, true) for ours, true in zip(predicted, truth, strict=True)], float)
    words = int(parts[:, 1].sum())
    new = [_hits(*_only(*each)) for each in zip(predicted, truth, unseen or [], strict=False)]
    new_words = sum(each[1] for each in new)
    has_spans = with_spans or any(tag[:2] in ("B-", "I-", "S-", "U-") for tags in truth for tag in tags)
    return TagScores(
        words,
        bootstrap_rows(parts, _share, seed=seed, added=[[1, 2, 0, 0], [1, 2, 0, 0]]),
        bootstrap_rows(_by_sentence(predicted, truth), _mean_f1, seed=seed),
        bootstrap_rows(parts[:, 2:], _share, seed=seed, added=[[1, 1], [1, 1], [0, 1], [0, 1]]),
        new_words,
        bootstrap_rows(np.array(new, float), _share, seed=seed, added=[[1, 2, 0, 0], [1, 2, 0, 0]])
        if new_words
        else None,
        _by_tag(predicted, truth),
        _span_scores(predicted, truth, seed) if has_spans else None,
    )


def compare_tags(
    ours: Tags, theirs: Tags, truth: Tags, *, against: str, seed: int, metric: Metric = "accuracy"
) -> Verdict:
    """Judge two taggers by a score on the same sentences."""
    _check(ours, truth)
    _check(theirs, truth)
    both = zip(_parts(ours, truth, metric), _parts(theirs, truth, metric), strict=True)
    added = [[1, 1, 1, 0, 1, 1], [0, 1, 1, 1, 1, 1]]
    difference = bootstrap_rows(
        [[*own, *others] for own, others in both],
        lambda sums: _f1(sums[:, :3]) - _f1(sums[:, 3:]),
        seed=seed,
        added=added,
    )
    return judge(difference, metric=metric, against=against)


def tag_value(predicted: Tags, truth: Tags, metric: Metric) -> float:
    """Return a score without its interval."""
    _check(predicted, truth)
    return float(_f1(np.array(_parts(predicted, truth, metric), float).sum(axis=0)[None])[0])


def span_errors(predicted: Tags, truth: Tags) -> dict[SpanError, int]:
    """Count what is wrong with spans; one found is held against the first true one that it touches."""
    counts: Counter[SpanError] = Counter()
    for ours, true in zip(predicted, truth, strict=True):
        found, known = set(spans(ours)[0]), set(spans(true)[0])
        wrong, left = sorted(found - known), sorted(known - found)
        for span in wrong:
            other = next((one for one in left if one[0] < span[1] and span[0] < one[1]), None)
            if other is None:
                counts["invented"] += 1
                continue
            left.remove(other)
            same_ends, same_kind = span[:2] == other[:2], span[2] == other[2]
            counts["kind" if same_ends else "border" if same_kind else "border and kind"] += 1
        counts["missed"] += len(left)
    return {name: counts[name] for name in SPAN_ERRORS}


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


def _only(
    ours: Sequence[str], true: Sequence[str], kept: Sequence[bool]
) -> tuple[Sequence[str], Sequence[str]]:
    """Return the tags of the words that are kept."""
    places = [place for place, keep in enumerate(kept) if keep]
    return [ours[place] for place in places], [true[place] for place in places]


def _parts(predicted: Tags, truth: Tags, metric: Metric) -> list[list[int]]:
    """Return (found, predicted, true) of each sentence: of words, of whose F1 accuracy is a case, or of spans."""
    return [list(_part(ours, true, metric)) for ours, true in zip(predicted, truth, strict=True)]


def _part(ours: Sequence[str], true: Sequence[str], metric: Metric) -> Iterator[int]:
    if metric == "accuracy":
        yield from (_hits(ours, true)[0], len(true), len(true))
        return
    found, known = spans(ours)[0], spans(true)[0]
    yield len(set(found) & set(known)) if metric == "span_f1" else _touching(found, known)
    yield from (len(found), len(known))


def _share(sums: Floats) -> Floats:
    shares: Floats = np.where(sums[:, 1] > 0, sums[:, 0] / np.maximum(sums[:, 1], 1), np.nan)
    return shares


def _f1(sums: Floats) -> Floats:
    """Return 2 · found / (predicted + true); 1 where there is nothing and nothing was found."""
    both = sums[:, 1] + sums[:, 2]
    scores: Floats = np.where(both > 0, 2 * sums[:, 0] / np.where(both > 0, both, 1), 1.0)
    return scores


def macro_f1(predicted: Tags, truth: Tags) -> float:
    """Return the mean F1 of all tags that truly occur."""
    return float(_mean_f1(_by_sentence(predicted, truth).sum(axis=0)[None])[0])


def _by_sentence(predicted: Tags, truth: Tags) -> Floats:
    """Return (N, 3 · V) hits, said and true words of each tag that truly occurs; many sentences are taken together."""
    tags = sorted({tag for true in truth for tag in true})
    numbers = {tag: place for place, tag in enumerate(tags)}
    size, groups = len(tags), min(len(truth), _GROUPS)
    counts = np.zeros((groups, 3, size + 1))  # the last place is for tags that never truly occur
    for place, (ours, true) in enumerate(zip(predicted, truth, strict=True)):
        row = counts[place % groups]
        for one, other in zip(ours, true, strict=True):
            row[1, numbers.get(one, size)] += 1
            row[2, numbers[other]] += 1
            row[0, numbers[other]] += one == other
    return counts[:, :, :size].reshape(groups, 3 * size)


def _mean_f1(sums: Floats) -> Floats:
    """Average the F1 of all tags; of those that a resample lacks nothing is said."""
    hits, said, true = np.split(sums, 3, axis=1)
    both = said + true
    scores = np.where(both > 0, 2 * hits / np.where(both > 0, both, 1), np.nan)
    means: Floats = np.nansum(scores, axis=1) / np.maximum(1, (both > 0).sum(axis=1))
    return means


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
        span_errors(predicted, truth),
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
