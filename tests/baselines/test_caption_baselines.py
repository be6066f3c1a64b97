"""What can be said of a picture without a network, and which words can be looked for."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from yeoul.baselines.captions import Agreement, Frequent, Nearest, picture_features
from yeoul.baselines.captionwords import coverage, detectable, presence

REFERENCES = [["a dog runs", "the dog is running", "a dog is running fast"], ["a cat sits"], ["red", "green"]]


def pictures(count, seed=0):
    rough = np.random.default_rng(seed).integers(0, 256, (count, 4, 4, 3))
    return np.kron(rough, np.ones((1, 12, 12, 1))).astype(np.uint8)


def test_the_most_frequent_caption_is_the_first_among_equals():
    assert Frequent.fit(["b", "a", "c", "a", "b"]).answers(2) == ["a", "a"]


def test_a_picture_is_nearest_to_itself_also_with_noise_over_it():
    known = pictures(3)
    model = Nearest.fit(picture_features(known), REFERENCES)
    random = np.random.default_rng(1)
    noisy = np.clip(known + random.normal(0, 12, known.shape), 0, 255).astype(np.uint8)
    assert model.answers(picture_features(known)) == model.answers(picture_features(noisy))
    assert model.answers(picture_features(known))[1] == "a cat sits"


def test_the_caption_that_agrees_with_the_others_is_said():
    agreement = Agreement.of(REFERENCES)
    assert agreement.best([0]) == "a dog is running fast"  # shares most with the two others
    assert agreement.best([2]) == "red"  # nothing agrees: the first
    assert agreement.best([1]) == "a cat sits"
    # "a dog runs" of three pictures against one of a cat
    usual = Agreement.of([["a dog runs"], ["a cat sits"], ["a dog runs"], ["a dog runs"]])
    assert usual.best([1, 0, 2, 3]) == "a dog runs"


def test_agreement_is_the_mean_of_four_cosines():
    rows = Agreement.of([["a b c d"], ["a b c d"], ["x y"], ["a b q r"]]).grams
    alike = (rows @ rows.T).toarray()
    assert alike[0, 1] == pytest.approx(1)
    assert alike[0, 2] == 0
    assert alike[2, 2] == pytest.approx(1 / 2)  # it has 1- and 2-grams only
    assert 0 < alike[0, 3] < 1 / 2


@settings(max_examples=20)
@given(arrays.arrays(np.uint8, (3, 9, 9, 3)))
def test_features_of_any_picture_are_finite_and_those_of_a_picture_are_its_own(pixels):
    found = picture_features(pixels)
    assert np.isfinite(found).all()
    for row in range(len(pixels)):
        assert picture_features(pixels[row : row + 1])[0] == pytest.approx(found[row], abs=1e-5)


def test_features_move_with_the_size_of_a_picture_hardly_at_all():
    small = pictures(4)
    large = np.kron(small, np.ones((1, 2, 2, 1), np.uint8))
    own, other = picture_features(small), picture_features(large)
    cosines = (own * other).sum(axis=1) / (np.linalg.norm(own, axis=1) * np.linalg.norm(other, axis=1))
    assert cosines.min() > 0.9


def test_words_on_which_people_agree_are_looked_for():
    animals = ["dog", "cat", "horse", "bird", "sheep", "snail"]
    references = [
        [f"a {animals[place % 6]} is here", f"the {animals[place % 6]}", "somebody sees a thing"]
        for place in range(60)
    ]
    assert detectable(references, 10, 2) == tuple(sorted(animals))
    assert detectable(references, 2, 2) == ("bird", "cat")
    assert detectable(references, 10, 21) == ()
    # with one caption each: words that most pictures do without, the most frequent first
    single = [[f"a {animals[place % 6]}" + (" runs" if place % 3 else "")] for place in range(60)]
    assert detectable(single, 10, 2) == tuple(sorted(animals))


@given(st.lists(st.lists(st.text("ab ", max_size=6), min_size=1, max_size=3), min_size=1, max_size=4))
def test_a_word_is_present_where_a_caption_has_it(references):
    words = ("a", "ab", "가")
    expected = [[any(word in text.split() for text in each) for word in words] for each in references]
    assert presence(references, words).tolist() == expected


def test_coverage_by_hand():
    # "red dog": the chances of red and dog are said, what was left to certainty is said in vain
    found = coverage(["a red dog", "cat"], ("red", "dog", "cat"), np.array([[0.9, 0.6, 0.1]] * 2))
    assert found == pytest.approx(np.array([[0.9 + 0.6, 0.1 + 0.4], [0.1, 0.9]]))
