"""Scores of captions: equal to sacreBLEU's, to the slow definition of CIDEr-D, and to what is reckoned by hand."""

import math
from collections import Counter
from itertools import zip_longest

import numpy as np
import pytest
import sacrebleu
from hypothesis import given
from hypothesis import strategies as st

from yeoul.metrics.captions import CaptionParts, caption_words, compare_captions, score_captions, variety
from yeoul.metrics.consensus import cider

CAPTIONS = st.lists(st.sampled_from(["a", "dog", "runs", "on", "red", "grass"]), max_size=8)
REFERENCES = st.lists(CAPTIONS.filter(bool), min_size=1, max_size=4)
CORPORA = st.lists(st.tuples(CAPTIONS, REFERENCES), min_size=1, max_size=5)


def corpus_parts(corpus):
    return CaptionParts.of(
        [" ".join(own) for own, _ in corpus], [[" ".join(one) for one in each] for _, each in corpus]
    )


def columns(corpus):
    """References as sacreBLEU reads them: the first of all, the second of all, None where there is none."""
    return list(zip_longest(*[[" ".join(one) for one in each] for _, each in corpus]))


@given(CORPORA)
def test_bleu_and_chrf_are_those_of_sacrebleu(corpus):
    parts = corpus_parts(corpus)
    written = [" ".join(own) for own, _ in corpus]
    for order, metric in enumerate(("bleu_1", "bleu_2", "bleu_3", "bleu"), 1):
        found = sacrebleu.BLEU(tokenize="none", max_ngram_order=order).corpus_score(written, columns(corpus))
        assert 100 * parts.value(metric) == pytest.approx(found.score)
    found = sacrebleu.CHRF(word_order=2).corpus_score(written, columns(corpus))
    assert 100 * parts.value("chrf") == pytest.approx(found.score)


def slow_cider(written, references):
    """CIDEr-D written down from the paper, n by n."""

    def grams(words, n):
        return Counter(tuple(words[start : start + n]) for start in range(len(words) - n + 1))

    scores = np.zeros(len(written))
    for n in range(1, 5):
        holders = Counter(gram for each in references for gram in {g for one in each for g in grams(one, n)})

        def vector(words, n=n, holders=holders):
            return {
                gram: count * math.log(len(references) / max(1, holders[gram]))
                for gram, count in grams(words, n).items()
            }

        for row, (own, each) in enumerate(zip(written, references, strict=True)):
            for one in each:
                first, second = vector(own), vector(one)
                dot = sum(
                    min(value, second.get(gram, 0)) * second.get(gram, 0) for gram, value in first.items()
                )
                norms = [math.sqrt(sum(value**2 for value in each.values())) for each in (first, second)]
                gauss = math.exp(-((len(own) - len(one)) ** 2) / 72)
                scores[row] += 10 / 4 / len(each) * gauss * (dot / math.prod(norms) if all(norms) else 0)
    return scores


@given(CORPORA)
def test_cider_is_its_definition(corpus):
    written, references = zip(*corpus, strict=True)
    assert cider(written, references) == pytest.approx(slow_cider(written, references))


def test_cider_by_hand():
    # two pictures: "a" is said of both and weighs log(2 / 2) = 0, every other n-gram log 2
    # a dog sits | a dog runs: 1-grams dog of dog, sits: 1/2; 2-grams a-dog of a-dog, dog-sits: 1/2; 3-grams 0
    # a cat sits | a cat sits: 1 for n of 1, 2 and 3; there is no 4-gram
    found = cider(words("a dog sits", "a cat sits"), [words("a dog runs"), words("a cat sits")])
    assert found == pytest.approx([10 / 4 * (1 / 2 + 1 / 2), 10 / 4 * 3])
    # thrice what the reference says once: only once counts, of 1-grams 3 and 3 against 1 and 1, of 2-grams dog-runs
    # 3 and runs-dog 2 against dog-runs 1; six words against two cost exp(-4² / 72)
    found = cider(words("dog runs dog runs dog runs", ""), [words("dog runs"), words("cat")])
    ones, twos = 2 / (math.sqrt(9 + 9) * math.sqrt(2)), 1 / math.sqrt(9 + 4)
    assert found == pytest.approx([10 / 4 * (ones + twos) * math.exp(-(4**2) / 72), 0])


def words(*texts):
    return [text.split() for text in texts]


def test_rouge_by_hand():
    # "dog runs here": 2 in order of 3 words said; of the 2 words of the second reference, both
    parts = CaptionParts.of(["dog runs here"], [["a dog that runs", "dog runs"]])
    precision, recall = 2 / 3, 1
    expected = (1 + 1.2**2) * precision * recall / (recall + 1.2**2 * precision)
    assert parts.value("rouge_l") == pytest.approx(expected)


@given(CORPORA)
def test_more_references_never_make_a_caption_less_right(corpus):
    parts = corpus_parts(corpus)
    assert [tuple(own) in map(tuple, each) for own, each in corpus] == parts.right.tolist()
    more = corpus_parts([(own, [*each, own or ["a"]]) for own, each in corpus])
    assert (more.credit("rouge_l") >= parts.credit("rouge_l") - 1e-9).all()
    assert (more.credit("bleu_1") >= parts.credit("bleu_1") - 1e-9).all()


def test_a_right_caption_is_ahead_of_any_other_and_the_verdict_says_so():
    true = [["a red circle is above a blue square"], ["a green star is left of a red circle"]] * 20
    right = CaptionParts.of([each[0] for each in true], true)
    wrong = CaptionParts.of(["a red circle is above a blue square"] * 40, true)
    scores = score_captions(right, seed=1)
    assert scores["exact_match"].value == scores["bleu"].value == 1
    assert scores["exact_match"].low < 1
    for metric in ("cider", "bleu", "chrf", "rouge_l", "exact_match"):
        assert compare_captions(right, wrong, metric=metric, against="one", seed=1).outcome == "beats"
        assert compare_captions(wrong, right, metric=metric, against="one", seed=1).outcome == "does not beat"
        assert compare_captions(right, right, metric=metric, against="one", seed=1).outcome == "cannot tell"


def test_korean_is_scored_by_characters_and_marks_do_not_count():
    parts = CaptionParts.of(["빨간 원이 있다."], [["빨간 원이 있다", "파란 네모"]])
    assert parts.cut == "char"
    assert parts.value("bleu") == 1
    assert not parts.right.any()
    assert caption_words("A man's DOG .", "13a") == ["a", "man", "s", "dog"]
    assert variety(["A dog", "A  dog", "a cat"]) == {"captions": 3, "distinct": 2, "words": 3, "length": 2.0}


def test_a_score_needs_references():
    with pytest.raises(ValueError, match="reference"):
        CaptionParts.of(["a"], [[]])
    with pytest.raises(ValueError, match="not the same"):
        compare_captions(
            CaptionParts.of(["a"], [["a"]]),
            CaptionParts.of(["a", "b"], [["a"], ["b"]]),
            metric="cider",
            against="",
            seed=0,
        )
