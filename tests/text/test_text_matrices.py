"""Texts as matrices: equal to scikit-learn's where it has the same, right by hand where it has not."""

import hashlib
import unicodedata
from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from yeoul.errors import DataError
from yeoul.recipe import TextRecipe
from yeoul.text import Counts, HashedCounts, HashedOneHot, OneHot, PaddedIds
from yeoul.text.ngrams import hashes
from yeoul.text.tokenizers import cutter, train_tokenizer
from yeoul.text.units import cut

ALL = [Counts, HashedCounts, OneHot, HashedOneHot, PaddedIds]
WORDS = st.lists(st.sampled_from(["the", "cat", "고양이", "sat", "앉았다", ".", "2", "don't"]), max_size=8)
TEXTS = st.lists(WORDS.map(" ".join), min_size=1, max_size=6).filter(lambda texts: any(texts))
LENGTHS = st.tuples(st.integers(1, 3), st.integers(0, 2)).map(lambda pair: (pair[0], sum(pair)))


def said(counts, matrix):
    """A matrix by what its columns stand for."""
    names, dense = counts.get_feature_names_out(), matrix.toarray()
    return [{name: value for name, value in zip(names, row, strict=True) if value} for row in dense]


def grams(words, shortest, longest, between=" "):
    return [
        between.join(words[first : first + length])
        for length in range(shortest, longest + 1)
        for first in range(len(words) - length + 1)
    ]


@given(TEXTS, TEXTS, LENGTHS)
def test_runs_are_counted_as_one_would(fitted, others, lengths):
    counts = Counts(ngrams=lengths, lowercase=False)
    seen = {gram for text in fitted for gram in grams(text.split(), *lengths)}
    if not seen:
        with pytest.raises(DataError, match="no unit and no run"):
            counts.fit(fitted)
        return
    counts.fit(fitted)
    for text, row in zip(others, said(counts, counts.transform(others)), strict=True):
        assert row == Counter(gram for gram in grams(text.split(), *lengths) if gram in seen)


@settings(max_examples=30)
@given(TEXTS, TEXTS, LENGTHS)
def test_letters_and_weights_are_those_of_scikit_learn(fitted, others, lengths):
    if all(len(text) < lengths[0] for text in fitted):
        return
    for weights, theirs in [
        ("count", CountVectorizer(analyzer="char", ngram_range=lengths)),
        ("binary", CountVectorizer(analyzer="char", ngram_range=lengths, binary=True)),
        ("tfidf", TfidfVectorizer(analyzer="char", ngram_range=lengths)),
    ]:
        ours = Counts("character", lengths, weights)
        np.testing.assert_array_equal(
            np.sort(ours.fit(fitted).get_feature_names_out()), theirs.fit(fitted).get_feature_names_out()
        )
        order = np.argsort(ours.get_feature_names_out())
        for texts in (fitted, others):
            np.testing.assert_allclose(
                ours.transform(texts).toarray()[:, order], theirs.transform(texts).toarray(), rtol=1e-12
            )


@given(TEXTS, LENGTHS)
def test_frequencies_are_shares_of_all_runs(texts, lengths):
    hashed = HashedCounts("word", lengths, "frequency").transform(texts)
    sums = [1.0 if grams(text.split(), *lengths) else 0.0 for text in texts]
    np.testing.assert_allclose(hashed.sum(axis=1).ravel(), [sums], rtol=1e-12)


@pytest.mark.parametrize("unit", ["word", "spaced", "syllable", "character", "jamo"])
def test_units_are_cut_as_the_tokenizers_cut_them(unit):
    texts = [
        "I don't think the movie's <br /><br/>bad... isn't it? DON'T o'clock n't Can't'Stop",
        "여울은 얕고 빠르다! ㅋㅋㅋ 3.5점😀 안\t녕\n하세요_a",
        unicodedata.normalize("NFD", "한글 é"),
        "हिन्दी की किताब",
        "",
    ]
    recipe = TextRecipe(unit=unit, min_count=1, vocabulary_size=10_000)
    tokenizer = train_tokenizer(recipe, texts)
    names = tokenizer.get_vocab()
    expected = cutter(unit, tokenizer).ids(texts)
    units = cut(texts, unit, lowercase=False)
    assert units.lengths.tolist() == expected.lengths.tolist()
    assert [names[units.names[code]] for code in units.codes] == expected.ids.tolist()


def test_columns_stand_by_frequency_and_the_rare_are_left_out():
    texts = ["b b b a a c", "a c d"]
    assert Counts().fit(texts).get_feature_names_out().tolist()[:3] == ["b", "a", "c"]
    assert Counts(min_count=3).fit(texts).get_feature_names_out().tolist() == ["b", "a"]
    assert Counts(vocabulary_size=1).fit(texts).get_feature_names_out().tolist() == ["b"]
    assert Counts("jamo").fit(["각"]).get_feature_names_out().tolist() == list(
        unicodedata.normalize("NFD", "각")
    )


@given(TEXTS, st.integers(1, 5))
def test_one_hot_rows_are_the_ids_written_out(texts, length):
    ids = PaddedIds(length=length).fit_transform(texts)
    one_hot = OneHot(length=length).fit(texts)
    cube = one_hot.transform(texts).toarray().reshape(len(texts), length, -1)
    np.testing.assert_array_equal(cube.argmax(axis=2) + 2, np.where(ids, ids, 2))
    np.testing.assert_array_equal(cube.sum(axis=2), ids > 0)
    hot = HashedOneHot(length=length, buckets=7).transform(texts).toarray().reshape(len(texts), length, 7)
    np.testing.assert_array_equal(hot.sum(axis=2), ids > 0)
    assert one_hot.get_feature_names_out()[0].startswith("0:")


@given(TEXTS, st.integers(1, 5))
def test_ids_tell_the_text_and_both_ends_are_kept_on_demand(texts, length):
    whole = PaddedIds(lowercase=False).fit(texts)
    assert whole.inverse_transform(whole.transform(texts)) == [text.split() for text in texts]
    tail = PaddedIds(length=length, keep="tail", padding="before", lowercase=False).fit(texts)
    ids = tail.transform(texts)
    assert tail.inverse_transform(ids) == [text.split()[-length:] for text in texts]
    assert all((row[row.argmax() :] if row.any() else row[:0]).all() or row[-1] for row in ids)


def test_ids_of_the_unknown_and_of_empty_texts():
    padded = PaddedIds(length=3, vocabulary_size=3).fit(["물 물 불"])
    assert padded.transform(["불 물 바람 물", ""]).tolist() == [[1, 2, 1], [0, 0, 0]]
    assert PaddedIds().fit(["a"]).transform([]).shape == (0, 1)


def splitmix(number):
    """Steele et al. 2014, by whole numbers."""
    number = (number + 0x9E3779B97F4A7C15) % 2**64
    number = (number ^ number >> 30) * 0xBF58476D1CE4E5B9 % 2**64
    number = (number ^ number >> 27) * 0x94D049BB133111EB % 2**64
    return number ^ number >> 31


def test_hashes_follow_from_the_text_and_the_seed_alone():
    def hashed(word):
        keyed = hashlib.blake2b(word.encode(), key=(5).to_bytes(8, "little"), digest_size=8)
        return int.from_bytes(keyed.digest(), "little")

    assert hashes(["여울", "a"], seed=5) == [hashed("여울"), hashed("a")]
    single = splitmix(hashed("여울")) % 999
    double = splitmix((splitmix(hashed("여울")) + hashed("a")) % 2**64) % 999
    matrix = HashedCounts(ngrams=(1, 2), buckets=999, seed=5).transform(["여울 a"])
    assert sorted([single, splitmix(hashed("a")) % 999, double]) == sorted(matrix.indices.tolist())


def test_hashed_runs_know_their_order_and_spread_over_the_buckets():
    hashed = HashedCounts(ngrams=(2, 2), buckets=2**16)
    forward, back = hashed.transform(["home run", "run home"]).indices
    assert forward != back
    many = HashedCounts(buckets=100).transform([" ".join(f"w{number}" for number in range(10_000))])
    assert many.nnz == 100
    assert abs(many.data - 100).max() < 60  # six deviations of a Poisson number of mean 100


@pytest.mark.parametrize("kind", ALL)
def test_scikit_learn_knows_them(kind):
    made = clone(kind().set_params(unit="character", lowercase=False))
    assert made.get_params()["unit"] == "character"
    texts = ["좋다 좋아", "나쁘다", "좋구나", "나빠"] * 3
    model = make_pipeline(made, LogisticRegression()).fit(texts, [1, 0, 1, 0] * 3)
    assert model.predict(["좋네"]).tolist() == [1]
    column = pa.chunked_array([texts[:5], texts[5:]])
    first, second = made.fit_transform(column), made.fit(np.array(texts)).transform(texts)
    assert abs(first - second).sum() == 0


def test_settings_can_be_searched():
    texts, classes = ["좋다", "나쁘다", "좋아", "나빠"] * 4, [1, 0, 1, 0] * 4
    search = GridSearchCV(
        make_pipeline(Counts("character"), LogisticRegression()), {"counts__ngrams": [(1, 1), (1, 3)]}, cv=2
    )
    assert search.fit(texts, classes).best_score_ == 1.0


@pytest.mark.parametrize("kind", ALL)
def test_what_is_no_text_is_named(kind):
    with pytest.raises(DataError, match="row 1 of the texts is nan, expected a text"):
        kind().fit_transform(["a", float("nan")])
    with pytest.raises(TypeError, match="one text came"):
        kind().fit_transform("a")
    with pytest.raises(ValueError, match="unit is 'letter'"):
        kind(unit="letter").fit_transform(["a"])


@pytest.mark.parametrize(
    "wrong",
    [
        Counts(ngrams=(2, 1)),
        Counts(weights="idf"),
        HashedCounts(weights="tfidf"),
        HashedCounts(buckets=0),
        HashedCounts(seed=-1),
        OneHot(length=0),
        HashedOneHot(length=0),
        PaddedIds(keep="both"),
        PaddedIds(padding="pre"),
    ],
    ids=str,
)
def test_impossible_settings_are_refused(wrong):
    with pytest.raises(ValueError, match="expected"):
        wrong.fit_transform(["a"])


@pytest.mark.parametrize("kind", [Counts, OneHot, PaddedIds])
def test_nothing_is_transformed_before_it_was_fitted(kind):
    with pytest.raises(NotFittedError):
        kind().transform(["a"])
    with pytest.raises(DataError):
        kind().fit([""])


def test_nothing_inside_a_text_ends_it():
    units = cut(["a\0b", "", "\0", "c"], "word", lowercase=False)
    assert units.lengths.tolist() == [3, 0, 1, 1]
    assert [units.names[code] for code in units.codes] == ["a", "\ufffd", "b", "\ufffd", "c"]
    assert cut([], "word", lowercase=False).lengths.tolist() == []
