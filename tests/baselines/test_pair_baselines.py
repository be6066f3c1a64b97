"""What can be answered without a network, by hand and by brute force."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from yeoul.baselines.pairs import Copied, Dictionary, Frequent, Lead, Nearest, _character_ngrams


def test_copies_and_most_frequent_targets():
    assert Copied().answers(["가", "b"]) == ["가", "b"]
    assert Frequent.fit(["b", "a", "b", "a", "c"]).answers(["x", "y"]) == ["a", "a"]


def test_the_lead_is_the_first_sentence_cut_to_the_usual_length():
    lead = Lead.fit(["one two three", "one"])  # two words on average
    assert lead.answers(["A long way home. Then more.", "Hi! There", "여울은 흐른다. 그렇다"]) == [
        "A long",
        "Hi!",
        "여울은 흐른다.",
    ]


@given(st.lists(st.text("abcd", min_size=1, max_size=5), min_size=1, max_size=12, unique=True), st.data())
def test_the_nearest_source_of_a_training_source_is_itself(sources, data):
    targets = [f"t{place}" for place in range(len(sources))]
    asked = data.draw(st.lists(st.sampled_from(sources), min_size=1, max_size=5))
    nearest = Nearest.fit(sources, targets)
    expected = [f"t{sources.index(source)}" for source in asked]
    assert nearest.answers(asked) == expected


def test_the_nearest_is_the_one_of_the_largest_cosine():
    sources = ["the red house", "a green tree", "the red horse", "나무가 푸르다"]
    nearest = Nearest.fit(sources, list("abcd"))

    def vector(text):
        weights = np.zeros(len(nearest.weights))
        for gram in _character_ngrams(text):
            if gram in nearest.weights:
                weights[nearest.weights[gram][0]] += 1
        weights[weights > 0] = 1 + np.log(weights[weights > 0])
        for place, weight in nearest.weights.values():
            weights[place] *= weight
        return weights / np.linalg.norm(weights)

    for asked in ("a red horse", "green trees", "푸른 나무", "the house"):
        cosines = [vector(asked) @ vector(source) for source in sources]
        assert nearest.answers([asked]) == ["abcd"[int(np.argmax(cosines))]]


def test_what_is_like_nothing_gets_the_most_frequent_target():
    assert Nearest.fit(["ab", "cd", "ce"], ["x", "y", "y"]).answers(["가나다", ""]) == ["y", "y"]


def test_a_dictionary_is_learned_from_what_stands_together():
    sources = ["red house", "red tree", "green tree", "green house", "old green tree"]
    targets = ["rotes Haus", "roter Baum", "grüner Baum", "grünes Haus", "alter grüner Baum"]
    dictionary = Dictionary.fit(sources, targets)
    assert dictionary.words["tree"] == "Baum"
    assert dictionary.words["house"] == "Haus"
    assert dictionary.answers(["Tree of x"]) == ["Baum of x"]


@given(st.lists(st.tuples(st.text("ab ", max_size=6), st.text("xy ", max_size=6)), min_size=1, max_size=8))
def test_every_baseline_answers_anything(rows):
    sources, targets = map(list, zip(*rows, strict=True))
    for model in (
        Frequent.fit(targets),
        Lead.fit(targets),
        Nearest.fit(sources, targets),
        Dictionary.fit(sources, targets),
    ):
        assert len(model.answers([*sources, "", "가 zz"])) == len(sources) + 2
