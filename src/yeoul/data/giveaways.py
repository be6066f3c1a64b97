"""What tells the answer beforehand: labels that stand in their own text, and words that tell them all."""

import re
from collections.abc import Iterator
from functools import partial

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from yeoul.data.composition import composed
from yeoul.data.mapped import by_block
from yeoul.data.oddities import Oddity, where_true
from yeoul.data.splits import duplicate_groups
from yeoul.data.tables import Table

_MOST_LABELS = 50
_NUMBER = re.compile(r"[-+\d.,\s]*")
_LEAST_SHARE, _LEAST_ROWS = 0.05, 20
_PURE, _UNEVEN = 0.99, 0.9
_SAMPLED = 10_000
_LEAST_HELD_OUT = 100
_TOO_GOOD = 0.995
_NAMED = 3
_WORDS_OF_A_TEXT = 400
Ints = npt.NDArray[np.int64]


def scan_answers(table: Table, texts: pa.ChunkedArray, target: str) -> Iterator[Oddity]:
    """Look for labels in their own texts, and for texts whose words tell labels better than words can be expected to.

    `texts` (N,) are those of the table's rows, `target` is its column of labels.
    """
    labels = pc.utf8_trim_whitespace(composed(table.columns[target].combine_chunks())).dictionary_encode()
    names = labels.dictionary.to_pylist()
    classes: Ints = labels.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    most = np.bincount(classes).max() / len(classes)
    if not 1 < len(names) <= _MOST_LABELS or most > _UNEVEN:
        return
    yield from _labels_inside(table, texts, classes, names)
    yield from _telling_words(texts, classes)


def _labels_inside(table: Table, texts: pa.ChunkedArray, classes: Ints, names: list[str]) -> Iterator[Oddity]:
    """Find rows whose text holds their label, where texts hardly ever hold another."""
    own, other = np.zeros(len(classes), bool), np.zeros(len(classes), bool)
    for number, name in enumerate(names):
        if len(name) < 2 or _NUMBER.fullmatch(name):
            continue
        inside = by_block(texts, partial(pc.match_substring, pattern=name, ignore_case=True)).astype(bool)
        own |= inside & (classes == number)
        other |= inside & (classes != number)
    right, wrong = int(own.sum()), int(other.sum())
    if right >= max(_LEAST_ROWS, _LEAST_SHARE * len(classes)) and right >= _PURE * (right + wrong):
        values = {"share": f"{100 * right / (right + wrong):.1f}"}
        yield Oddity("label in text", right, "", where_true(table, own), values)


def _telling_words(texts: pa.ChunkedArray, classes: Ints) -> Iterator[Oddity]:
    """Learn from half of a sample of different texts which words go with which label, and try it on the other half."""
    rows = np.random.default_rng(0).permutation(len(texts))[:_SAMPLED]
    rows = rows[np.sort(np.unique(duplicate_groups(texts.take(pa.array(rows))), return_index=True)[1])]
    learned, asked = rows[::2], rows[1::2]
    if len(asked) < _LEAST_HELD_OUT:
        return
    owners, words, names = _words(texts.take(pa.array(rows)).to_pylist())
    counts = np.zeros((len(names), int(classes.max()) + 1))
    from_learned = owners % 2 == 0
    np.add.at(counts, (words[from_learned], classes[rows][owners[from_learned]]), 1.0)
    rows_of = np.bincount(classes[learned], minlength=counts.shape[1])
    likely = np.log((counts + 0.5) / (rows_of + 1.0))
    scores = np.log((rows_of + 0.5) / len(learned)) + np.stack(
        [
            np.bincount(owners[~from_learned] // 2, likely[words[~from_learned], one], len(asked))
            for one in range(counts.shape[1])
        ],
        axis=1,
    )
    right = int((scores.argmax(axis=1) == classes[asked]).sum())
    if right >= _TOO_GOOD * len(asked):
        pure = np.where(counts.max(axis=1) >= _PURE * counts.sum(axis=1), counts.max(axis=1), 0.0)
        telling = [names[word] for word in np.argsort(-pure, kind="stable")[:_NAMED]]
        values = {"share": f"{100 * right / len(asked):.1f}", "words": ", ".join(telling)}
        yield Oddity("too good", right, "", (), values)


def _words(texts: list[str]) -> tuple[Ints, Ints, list[str]]:
    """Return text and word of every word of N texts, each once a text, and the words by their numbers."""
    numbers: dict[str, int] = {}
    owners, words = list[int](), list[int]()
    for place, text in enumerate(texts):
        for word in dict.fromkeys(text.lower().split()[:_WORDS_OF_A_TEXT]):
            owners.append(place)
            words.append(numbers.setdefault(word, len(numbers)))
    return np.array(owners, np.int64), np.array(words, np.int64), list(numbers)
