"""Trainings on some of the rows and from vectors of a file: which rows, what stays, and what is told of it."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from yeoul import session
from yeoul.api import load
from yeoul.api.vectors import load_vectors
from yeoul.cli.cards import vectors_line
from yeoul.data.datasets import _limited, load_dataset
from yeoul.data.first_vectors import first_vectors
from yeoul.errors import RecipeError
from yeoul.recipe import DataRecipe
from yeoul.recipefile import resolve
from yeoul.report.facts import data_facts
from yeoul.report.records import DataCard
from yeoul.session import Request
from yeoul.training.events import DataReady


@given(st.lists(st.integers(0, 3), min_size=1, max_size=60), st.integers(0, 9), st.data())
def test_fewer_rows_are_among_more_and_classes_keep_their_share(kinds, seed, data):
    ids = np.array(kinds)
    rows = np.flatnonzero(np.arange(len(ids)) % 7 != 3)
    if not len(rows):
        return
    sizes = sorted(data.draw(st.lists(st.integers(1, len(rows)), min_size=2, max_size=2)))
    fewer, more = (_limited(rows, ids, size, seed) for size in sizes)
    assert [len(fewer), len(more)] == sizes
    assert set(fewer.tolist()) <= set(more.tolist()) <= set(rows.tolist())
    for kind in set(ids[rows].tolist()):
        share = np.mean(ids[rows] == kind)
        assert abs(np.sum(ids[more] == kind) - share * len(more)) <= len(set(kinds))
    np.testing.assert_array_equal(_limited(rows, ids, None, seed), rows)


def test_other_rows_stay_as_they_are(reviews):
    whole, some = (
        load_dataset(DataRecipe(source=str(reviews), target="평가", training_rows=rows), 42)
        for rows in (None, 20)
    )
    assert len(some.train) == 20 < len(whole.train)
    assert some.validation.targets.equals(whole.validation.targets)
    assert some.test.inputs == whole.test.inputs
    assert some.fingerprint != whole.fingerprint
    with pytest.raises(
        RecipeError, match=r"data.training_rows: 9000 training rows are asked for, there are \d+"
    ):
        load_dataset(DataRecipe(source=str(reviews), target="평가", training_rows=9000), 42)


RECIPE = """
[data]
source = {source}
[text]
unit = "word"
min_count = 1
vocabulary_size = 5000
[model.embedding]
size = 3
vectors = {vectors}
frozen = true
[model.encoder]
kind = "bag"
[training]
epochs = 2
"""


def test_frozen_vectors_come_out_of_a_training_as_they_went_in(reviews, tmp_path):
    words = ["재미있어요", "최고의", "지루해요", "영화", "처음보는말"]
    random = np.random.default_rng(1)
    lines = [" ".join([word, *(f"{number:.4f}" for number in random.normal(size=3))]) for word in words]
    vectors = tmp_path / "말.vec"
    vectors.write_text("\n".join(lines) + "\n", "utf-8")
    text = RECIPE.replace("{source}", f"'{reviews}'").replace("{vectors}", f"'{vectors}'")
    events = list(session.train(Request(resolve(text, "small", {}), tmp_path / "runs")))
    run = load(events[-1].path)
    network = run.classifier.model
    vocabulary = network.vectorizer.vectorizer.tokenizer.get_vocab()
    assert "처음보는말" in vocabulary  # of the file, not of the training rows
    found = first_vectors(str(vectors), vocabulary, 3, "")
    weight = network.model.embedding.weight
    length = np.sqrt(np.square(found.values).sum(axis=1).mean())
    torch.testing.assert_close(weight[found.ids], torch.from_numpy(found.values / length), rtol=1e-6, atol=0)
    others = np.setdiff1d(np.arange(len(vocabulary)), found.ids)
    assert not weight[others].any()
    np.testing.assert_array_equal(
        load_vectors(run.path).vector("영화"), weight[vocabulary["영화"]].detach().numpy()
    )
    card = DataCard.model_validate(next(event.card for event in events if isinstance(event, DataReady)))
    assert card.vectors is not None
    assert (card.vectors.tokens, card.vectors.covered) == (len(vocabulary), 5)
    assert card.vectors.source in vectors_line(card.vectors)
    facts = {fact.name.said("en"): fact.value for fact in data_facts(card)}
    assert "5 of" in facts["first vectors"].said("en")


def test_frozen_vectors_are_of_words(reviews, tmp_path):
    (tmp_path / "v.vec").write_text("가 1 2 3\n", "utf-8")
    text = RECIPE.replace("{source}", f"'{reviews}'").replace("{vectors}", f"'{tmp_path / 'v.vec'}'")
    text = text.replace('"word"', '"character"')
    with pytest.raises(RecipeError, match="can be frozen only where texts are cut into words"):
        list(session.train(Request(resolve(text, "small", {}), tmp_path / "runs")))
