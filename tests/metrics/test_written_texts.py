"""Scores of written texts: equal to sacreBLEU's, to the slow definitions, and to what is reckoned by hand."""

import random

import numpy as np
import pytest
import sacrebleu
from hypothesis import given
from hypothesis import strategies as st

from yeoul.metrics.errors import character_error_rate, edit_distance, error_parts, word_error_rate
from yeoul.metrics.pairs import PairParts, compare_pairs, same_form, score_pairs
from yeoul.metrics.rouge import common_length, rouge, rouge_tokens
from yeoul.metrics.sureness import Calibration, Sureness, low_limit, roc_area
from yeoul.metrics.translation import bleu, bleu_parts, chrf, chrf_parts, cut_for

WORDS = ["a", "b", "(x)", "3,000", "don't", "end.", "서울은", "크다", "3-4", "“so”", "&amp;", "ü"]
SENTENCES = st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join)
CORPORA = st.lists(st.tuples(SENTENCES, SENTENCES.filter(bool)), min_size=1, max_size=6)
LETTERS = st.text("abc", max_size=9)


@given(CORPORA, st.sampled_from(["13a", "char"]))
def test_bleu_is_that_of_sacrebleu(corpus, cut):
    written, references = map(list, zip(*corpus, strict=True))
    expected = sacrebleu.BLEU(tokenize=cut).corpus_score(written, [references]).score
    assert bleu(bleu_parts(written, references, cut).sum(axis=0)[None])[0] == pytest.approx(expected)


@given(CORPORA)
def test_chrf_is_that_of_sacrebleu(corpus):
    written, references = map(list, zip(*corpus, strict=True))
    expected = sacrebleu.CHRF(word_order=2).corpus_score(written, [references]).score
    assert chrf(chrf_parts(written, references).sum(axis=0)[None])[0] == pytest.approx(expected)


def test_a_short_row_that_is_right_has_all_credit():
    assert PairParts.of(["", "가"], ["가나", "가"]).credit("bleu").tolist() == [0.0, 1.0]


def test_bleu_by_hand():
    # 1-grams 4 of 5, 2-grams 3 of 4, 3-grams 2 of 3, 4-grams 1 of 2, and 5 tokens for 6: exp(1 - 6 / 5)
    parts = bleu_parts(["a b c d x"], ["a b c d e f"], "13a")
    expected = 100 * np.exp(-1 / 5) * (4 / 5 * 3 / 4 * 2 / 3 * 1 / 2) ** (1 / 4)
    assert bleu(parts)[0] == pytest.approx(expected)


def test_chrf_by_hand():
    # "ab" for "abc": precision 2/2, 1/1 of characters and 0/1 of words, orders that both have: 3
    # recall 2/3, 1/2, 0/1; F2 = 5 P R / (4 P + R) with P = 2/3 and R = 7/18
    parts = chrf_parts(["ab"], ["abc"])
    precision, recall = 2 / 3, 7 / 18
    assert chrf(parts)[0] == pytest.approx(100 * 5 * precision * recall / (4 * precision + recall))


@pytest.mark.parametrize(
    ("texts", "cut"),
    [(["서울은 크다"], "char"), (["北京很大"], "char"), (["Paris is big"], "13a"), (["123"], "13a")],
)
def test_scripts_without_words_are_cut_into_characters(texts, cut):
    assert cut_for(texts) == cut


@given(LETTERS, LETTERS)
def test_edits_and_common_parts_are_those_of_the_slow_tables(one, other):
    distance = list(range(len(other) + 1))
    common = [0] * (len(other) + 1)
    for row, letter in enumerate(one, 1):
        before, distance[0], earlier = distance[0], row, 0
        for column, theirs in enumerate(other, 1):
            exchanged = before + (letter != theirs)
            before, distance[column] = (
                distance[column],
                min(distance[column] + 1, distance[column - 1] + 1, exchanged),
            )
            longest = earlier + 1 if letter == theirs else max(common[column], common[column - 1])
            earlier, common[column] = common[column], longest
    assert edit_distance(one, other) == distance[-1]
    assert common_length(one, other) == common[-1]


def test_rouge_by_hand():
    # written: the cat sat, true: the cat ate fish; 1-grams 2 of 3 and 4: F1 = 4/7; 2-grams 1 of 2 and 3: 2/5
    # the longest common subsequence is "the cat": 4/7
    scores = rouge(["The cat sat."], ["the cat ate fish"], "word")
    np.testing.assert_allclose(scores, [[4 / 7, 2 / 5, 4 / 7]])
    # 나는 밥 and 나는 빵 by characters: 나, 는 in common of 3 each: 2/3; 나는 of 2 each: 1/2
    scores = rouge(["나는 밥"], ["나는 빵"], "character")
    np.testing.assert_allclose(scores, [[2 / 3, 1 / 2, 2 / 3]])
    assert rouge_tokens("K-팝 2024년", "character") == ["k", "팝", "2024", "년"]
    assert rouge_tokens("नमस्ते, दुनिया", "word") == ["नमस्ते", "दुनिया"]  # vowel signs are marks, not letters


def test_error_rates_by_hand():
    # "a bc d" for "a b d e": characters: c goes, " e" comes: 3 of 7; words: bc→b, e comes: 2 of 4
    parts = error_parts(["a bc d"], ["a b d e"]).sum(axis=0)[None]
    assert character_error_rate(parts)[0] == pytest.approx(3 / 7)
    assert word_error_rate(parts)[0] == pytest.approx(2 / 4)


@given(st.lists(st.tuples(SENTENCES, SENTENCES.filter(bool)), min_size=2, max_size=12))
def test_scores_are_within_their_intervals_and_perfect_texts_perfect(corpus):
    written, references = map(list, zip(*corpus, strict=True))
    parts = PairParts.of(written, references)
    scores = score_pairs(parts, seed=1)
    assert all(one.low <= one.value <= one.high for one in scores.values())
    assert scores["exact_match"].value == np.mean(
        [same_form(text) == same_form(true) for text, true in zip(written, references, strict=True)]
    )
    same = PairParts.of(references, references)
    for metric in ("exact_match", "chrf", "rouge_1", "rouge_l", "length_ratio"):
        assert same.value(metric) == pytest.approx(1.0) or not any(map(rouge_tokens_of, references))
    assert same.value("character_error_rate") == same.value("word_error_rate") == 0.0


def rouge_tokens_of(text):
    return rouge_tokens(text, "word")


def test_the_better_of_two_models_is_found_and_equal_ones_are_not_told_apart():
    draw = random.Random(2)
    references = [" ".join(draw.choices(WORDS[:6], k=6)) for _ in range(300)]
    good = [text if draw.random() < 0.7 else "a a" for text in references]
    bad = [text if draw.random() < 0.4 else "a a" for text in references]
    ours, theirs = PairParts.of(good, references), PairParts.of(bad, references)
    for metric in ("exact_match", "chrf", "bleu", "rouge_l", "character_error_rate"):
        assert compare_pairs(ours, theirs, metric=metric, against="x", seed=1).outcome == "beats"
        assert compare_pairs(theirs, ours, metric=metric, against="x", seed=1).outcome == "does not beat"
        assert compare_pairs(ours, ours, metric=metric, against="x", seed=1).outcome == "cannot tell"


def test_white_space_and_normal_forms_do_not_make_a_text_wrong():
    assert PairParts.of(["각  나\n"], ["각 나"]).right.all()


@given(
    st.lists(st.tuples(st.floats(-20, 0), st.booleans()), min_size=1, max_size=40),
    st.floats(-30, 0),
    st.floats(-30, 0),
)
def test_a_chance_is_between_nothing_and_certainty_and_rises_with_the_probability(rows, one, other):
    calibration = Calibration.fit(*map(list, zip(*rows, strict=True)))
    low, high = calibration([min(one, other), max(one, other)])
    assert 0 <= low <= high <= 1


def test_calibration_finds_the_curve_that_drew_the_answers():
    generator = np.random.default_rng(4)
    log_probs = -generator.exponential(2.0, 20_000)
    odds = log_probs - np.log(-np.expm1(log_probs))
    right = generator.random(20_000) < 1 / (1 + np.exp(-(0.7 * odds + 0.5)))
    calibration = Calibration.fit(log_probs, right)
    assert calibration.slope == pytest.approx(0.7, abs=0.05)
    assert calibration.offset == pytest.approx(0.5, abs=0.05)
    sure = Sureness.of(calibration(log_probs), right)
    assert sure.error < 0.02
    assert sure.area is not None
    assert sure.area > 0.75


def test_where_all_answers_are_right_a_probability_is_still_taken_at_its_word():
    calibration = Calibration.fit([-0.001] * 300, [True] * 300)
    sure, unsure = calibration([-0.001, -3.0])
    assert sure > 0.99
    assert unsure < 0.2


def test_without_answers_the_chance_is_the_probability():
    np.testing.assert_allclose(Calibration()(np.log([0.2, 0.5, 0.9])), [0.2, 0.5, 0.9])


@given(st.lists(st.tuples(st.integers(0, 4), st.booleans()), min_size=1, max_size=15))
def test_the_area_is_the_share_of_pairs_in_order(rows):
    values, truth = (np.array(column) for column in zip(*rows, strict=True))
    pairs = [
        1.0 if won > lost else 0.5 if won == lost else 0.0 for won in values[truth] for lost in values[~truth]
    ]
    found = roc_area(values.astype(float), truth)
    assert found == (pytest.approx(np.mean(pairs)) if pairs else None)


@given(st.lists(st.floats(-9, 9), min_size=1, max_size=50), st.sampled_from([0.0, 0.01, 0.1]))
def test_at_most_a_share_is_below_the_limit(values, share):
    assert np.mean(np.array(values) < low_limit(values, share)) <= share
