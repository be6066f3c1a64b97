"""The simple taggers: what they learn is what was counted."""

import pytest

from yeoul.baselines.tags import FrequentTag, LinearTags

SENTENCES = [["나는", "간다"], ["나는", "본다"], ["간다", "간다"], ["너는"]]
TAGS = [["N", "V"], ["N", "V"], ["V", "N"], ["N"]]


def test_the_most_frequent_tag_of_a_word_or_of_its_longest_suffix():
    tagger = FrequentTag.fit(SENTENCES, TAGS)
    assert tagger.answers([["나는", "간다", "본다"]]) == [["N", "V", "V"]]
    # 는 ends only words that are N, 다 once a rare word that is V; nothing else is known: N is the usual tag (4 of 7)
    assert tagger.answers([["그는", "온다", "zzz"], []]) == [["N", "V", "N"], []]
    tie = FrequentTag.fit([["x"], ["x"]], [["B"], ["A"]])
    assert tie.answers([["x"]]) == [["A"]]


def test_the_linear_model_knows_words_by_their_endings_and_neighbors():
    sentences = [[f"명{place}는", f"동{place}다"] for place in range(40)] + [["그", "말"], ["말", "그"]] * 20
    tags = [["N", "V"]] * 40 + [["D", "N"], ["N", "D"]] * 20
    tagger = LinearTags.fit(sentences, tags)
    assert tagger.answers([["새는", "난다"], ["그", "말"], []]) == [["N", "V"], ["D", "N"], []]
    again = LinearTags.fit(sentences, tags)
    assert (again.weights == tagger.weights).all()


@pytest.mark.parametrize("tags", [["A"], ["A", "B"]])
def test_one_tag_or_two(tags):
    sentences = [[tag.lower()] for tag in tags] * 10
    tagger = LinearTags.fit(sentences, [[tag] for tag in tags] * 10)
    assert tagger.answers([[tag.lower()] for tag in tags]) == [[tag] for tag in tags]


@pytest.mark.parametrize("kind", [FrequentTag, LinearTags])
def test_nothing_is_learned_from_nothing(kind):
    with pytest.raises(ValueError, match="no words"):
        kind.fit([[]], [[]])


def test_saved_is_loaded():
    frequent, linear = FrequentTag.fit(SENTENCES, TAGS), LinearTags.fit(SENTENCES, TAGS)
    asked = [["나는", "온다", "zzz"], []]
    assert FrequentTag.from_settings(frequent.to_settings()).answers(asked) == frequent.answers(asked)
    assert LinearTags.from_arrays(linear.tags, linear.to_arrays()).answers(asked) == linear.answers(asked)
    for wrong in (
        {},
        {"words": [], "suffixes": {}, "usual": "N"},
        {"words": {"a": 1}, "suffixes": {}, "usual": "N"},
    ):
        with pytest.raises(ValueError, match=r"table|usual"):
            FrequentTag.from_settings(wrong)
    with pytest.raises(ValueError, match="do not fit"):
        LinearTags.from_arrays(("A",), linear.to_arrays())
