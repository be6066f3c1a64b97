"""The laws of n-grams: equal to the equations written down with dicts, and a distribution after every context."""

import itertools
import os
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yeoul.baselines.ngrams import Ngrams
from yeoul.errors import ModelFileError
from yeoul.recipe.language import NgramRecipe

TOKENS = 5
START = 0
TEXTS = st.lists(st.integers(0, TOKENS - 2), min_size=1, max_size=60).map(lambda ids: np.array(ids, np.int32))
RECIPES = st.builds(NgramRecipe, order=st.integers(1, 5), discounts=st.sampled_from([1, 3]))


def fitted(recipe, ids):
    return Ngrams.fit(recipe, ids, tokens=TOKENS, start=START)


class Slow:
    """Interpolated Kneser–Ney as the equations have it, run by run."""

    def __init__(self, recipe, ids):
        self.order = recipe.order
        text = [START] * (self.order - 1) + ids.tolist()
        runs = {
            length: [tuple(text[end - length : end]) for end in range(self.order, len(text) + 1)]
            for length in range(1, self.order + 1)
        }
        self.counts = {self.order: Counter(runs[self.order])}
        for length in range(1, self.order):
            self.counts[length] = Counter(run[1:] for run in set(runs[length + 1]))
        self.discounts = {
            length: self.discount(counts, recipe.discounts) for length, counts in self.counts.items()
        }

    @staticmethod
    def discount(counts, number):
        n1, n2, n3, n4 = (sum(count == wanted for count in counts.values()) for wanted in (1, 2, 3, 4))
        y = n1 / (n1 + 2 * n2) if n1 else 0.5
        if number == 3 and n1 and n2 and n3 and n4:
            several = (1 - 2 * y * n2 / n1, 2 - 3 * y * n3 / n2, 3 - 4 * y * n4 / n3)
            if min(several) > 0:
                return several
        return (y, y, y)

    def prob(self, token, context):
        if len(context) == self.order:
            context = context[1:]
        shorter = self.prob(token, context[1:]) if context else 1 / TOKENS
        counts, discounts = self.counts[len(context) + 1], self.discounts[len(context) + 1]
        followers = {run: count for run, count in counts.items() if run[:-1] == context}
        total = sum(followers.values())
        if not total:
            return shorter
        taken = {run: discounts[min(count, 3) - 1] for run, count in followers.items()}
        run = (*context, token)
        return (followers.get(run, 0) - taken.get(run, 0)) / total + sum(taken.values()) / total * shorter


@given(RECIPES, TEXTS, TEXTS)
def test_equal_to_the_equations(recipe, ids, others):
    model, slow = fitted(recipe, ids), Slow(recipe, ids)
    for text in (ids, others):
        padded = [START] * (recipe.order - 1) + text.tolist()
        wanted = [
            slow.prob(padded[place], tuple(padded[place - recipe.order + 1 : place]))
            for place in range(recipe.order - 1, len(padded))
        ]
        np.testing.assert_allclose(np.exp(model.log_probs(text)), wanted, rtol=1e-9)


@settings(max_examples=25)
@given(RECIPES, TEXTS)
def test_every_context_has_a_distribution_over_all_tokens(recipe, ids):
    model = fitted(recipe, ids)
    contexts = itertools.chain.from_iterable(
        itertools.product(range(TOKENS), repeat=size) for size in range(4)
    )
    for context in contexts:
        probs = model.distribution(np.array(context, np.int64))
        assert probs.sum() == pytest.approx(1.0)
        assert (probs > 0).all(), "the token that never occurred may still come"


@settings(max_examples=30)
@given(RECIPES, TEXTS, TEXTS)
def test_distribution_and_stream_agree_also_block_by_block(recipe, ids, others):
    model = fitted(recipe, ids)
    told = model.log_probs(others)
    one_by_one = [np.log(model.distribution(others[:place])[token]) for place, token in enumerate(others)]
    np.testing.assert_allclose(told, one_by_one, rtol=1e-9)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("yeoul.baselines.ngrams._TOKENS_AT_ONCE", 3)
        np.testing.assert_array_equal(model.log_probs(others), told)


@given(RECIPES, TEXTS)
def test_saved_is_loaded(recipe, ids):
    model = fitted(recipe, ids)
    again = Ngrams.from_arrays(model.to_arrays())
    np.testing.assert_array_equal(again.log_probs(ids), model.log_probs(ids))
    assert (again.order, again.tokens, again.start) == (recipe.order, TOKENS, START)


def test_damaged_arrays_are_refused():
    arrays = fitted(NgramRecipe(order=3), np.array([1, 2, 3, 1, 2, 1, 3, 3], np.int32)).to_arrays()
    damages = {
        "sizes": [
            arrays["sizes"][:2],
            arrays["sizes"] * 0,
            arrays["sizes"] + [1, 0, 0],
            arrays["sizes"] + [0, 9, 0],
        ],
        "discounts": [arrays["discounts"] * 9, arrays["discounts"] * np.nan, arrays["discounts"][1:]],
        "keys_2": [
            arrays["keys_2"][::-1],
            arrays["keys_2"] - 100,
            arrays["keys_2"] * 100,
            arrays["keys_2"][1:],
        ],
        "counts_3": [-arrays["counts_3"], arrays["counts_3"][1:], arrays["counts_3"].astype(np.float64)],
    }
    for name, values in damages.items():
        for value in values:
            with pytest.raises(ModelFileError, match=r"here: .*n-gram"):
                Ngrams.from_arrays({**arrays, name: value}, where="here")
        with pytest.raises(ModelFileError):
            Ngrams.from_arrays({key: value for key, value in arrays.items() if key != name})
    with pytest.raises(ModelFileError):
        Ngrams.from_arrays({**arrays, "more": arrays["sizes"]})


def test_a_text_of_nothing_is_refused_and_scored():
    with pytest.raises(ValueError, match="one token"):
        fitted(NgramRecipe(), np.empty(0, np.int32))
    assert fitted(NgramRecipe(), np.array([1], np.int32)).log_probs(np.empty(0, np.int32)).shape == (0,)


@pytest.mark.data
@pytest.mark.slow
def test_penn_treebank_as_published():
    if not os.environ.get("YEOUL_DATA"):
        pytest.skip("YEOUL_DATA names no folder")
    words = {"<eos>": 0}
    streams = {}
    for split in ("train", "test"):
        lines = (Path(os.environ["YEOUL_DATA"]) / "ptb" / f"ptb.{split}.txt").read_text("utf-8").splitlines()
        tokens = [word for line in lines for word in [*line.split(), "<eos>"]]
        streams[split] = np.array([words.setdefault(word, len(words)) for word in tokens], np.int32)
    model = Ngrams.fit(NgramRecipe(), streams["train"], tokens=len(words), start=0)
    # 141.2 with sentences apart, Mikolov & Zweig 2012, table 1: KN5
    assert np.exp(-model.log_probs(streams["test"]).mean()) == pytest.approx(141.1, abs=0.5)
