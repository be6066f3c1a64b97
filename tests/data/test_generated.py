"""The made-up sets show what they say and nothing else."""

import json
from collections import Counter

import numpy as np

from yeoul.data.generated import waves, word_order


def test_only_the_order_tells_which_word_comes_first():
    table = word_order()
    texts, labels = (table.columns[name].to_pylist() for name in ("text", "first"))
    bags = {label: Counter() for label in set(labels)}
    for text, label in zip(texts, labels, strict=True):
        words = text.split()
        assert abs(words.index("home") - words.index("run")) > 5
        assert label == ("home first" if words.index("home") < words.index("run") else "run first")
        bags[label].update(word for word in words if word not in ("home", "run"))
    first, second = (bag.total() for bag in bags.values())
    assert abs(first - second) < 0.03 * first
    assert Counter(labels).most_common()[0][1] == len(labels) // 2


def test_waves_are_the_same_every_time_and_as_high_in_every_shape():
    table = waves()
    assert table.columns["steps"].equals(waves().columns["steps"])
    by_shape = {}
    for cell, shape in zip(*(table.columns[name].to_pylist() for name in ("steps", "shape")), strict=True):
        by_shape.setdefault(shape, []).append(np.std(json.loads(cell)))
    means = [np.mean(deviations) for deviations in by_shape.values()]
    assert len(means) == 4
    assert max(means) - min(means) < 0.15
