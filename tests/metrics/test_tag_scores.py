"""Scores of tags: what one counts by hand, and laws that hold for all tags."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yeoul.metrics.tags import compare_tags, macro_f1, score_tags, span_errors, spans, tag_value

TAGS = st.lists(st.sampled_from(["O", "B-a", "I-a", "B-b", "I-b"]), min_size=1, max_size=8)
PAIRS = st.lists(
    TAGS.flatmap(lambda tags: st.tuples(st.permutations(tags), st.just(tags))), min_size=1, max_size=5
)


def test_spans_and_tags_against_the_rules():
    assert spans(["B-a", "I-a", "O", "B-a", "B-a"]) == ([(0, 2, "a"), (3, 4, "a"), (4, 5, "a")], 0)
    assert spans(["I-a", "I-a", "I-b", "O", "I-b"]) == ([(0, 2, "a"), (2, 3, "b"), (4, 5, "b")], 3)
    assert spans(["S-a", "B-a", "E-a", "S-b"]) == ([(0, 1, "a"), (1, 3, "a"), (3, 4, "b")], 0)
    assert spans(["NOUN", "X-"]) == ([], 0)


def test_scores_by_hand():
    truth = [["B-a", "I-a", "O"], ["B-b", "O", "O"]]
    ours = [["B-a", "O", "O"], ["B-b", "O", "B-b"]]
    scores = score_tags(ours, truth, seed=0, unseen=[[True, True, False], [False, False, False]])
    assert scores.accuracy.value == pytest.approx(4 / 6)
    assert scores.sentences_right.value == 0.0
    assert (scores.unseen_words, scores.unseen_accuracy.value) == (2, 0.5)
    # strict: b alone of 3 said and 2 true; relaxed: a has a word in common too
    assert scores.spans.strict.value == pytest.approx(2 * 1 / 5)
    assert scores.spans.relaxed.value == pytest.approx(2 * 2 / 5)
    kinds = {one.label: (one.count, one.precision, one.recall) for one in scores.spans.per_kind}
    assert kinds == {"a": (1, 0.0, 0.0), "b": (1, 0.5, 1.0)}
    tags = {one.label: (one.count, one.precision, one.recall) for one in scores.per_tag}
    assert tags["O"] == (3, 2 / 3, 2 / 3)
    assert scores.to_json()["scores"]["span_f1"]["value"] == pytest.approx(0.4)
    # of O, B-a, I-a and B-b: 2/3, 1, 0 and 2/3
    assert scores.macro_f1.value == macro_f1(ours, truth) == pytest.approx((2 / 3 + 1 + 0 + 2 / 3) / 4)
    assert scores.spans.errors == {"missed": 0, "invented": 1, "border": 1, "kind": 0, "border and kind": 0}


@settings(max_examples=25)
@given(PAIRS)
def test_laws(pairs):
    ours, truth = [one for one, _ in pairs], [one for _, one in pairs]
    scores = score_tags(ours, truth, seed=0)
    words = sum(map(len, truth))
    right = sum(one == other for a, b in pairs for one, other in zip(a, b, strict=True))
    assert scores.accuracy.value == pytest.approx(right / words)
    assert scores.accuracy.low <= scores.accuracy.value <= scores.accuracy.high
    assert sum(one.count for one in scores.per_tag) == words
    assert score_tags(truth, truth, seed=0).accuracy.value == 1.0
    if scores.spans is not None:
        assert scores.spans.relaxed.value >= scores.spans.strict.value
        assert score_tags(truth, truth, seed=0).spans.strict.value == 1.0
        assert tag_value(ours, truth, "span_f1") == pytest.approx(scores.spans.strict.value)
        assert tag_value(ours, truth, "span_f1_relaxed") == pytest.approx(scores.spans.relaxed.value)
    assert tag_value(ours, truth, "accuracy") == pytest.approx(scores.accuracy.value)
    errors, true = span_errors(ours, truth), sum(len(spans(tags)[0]) for tags in truth)
    found = sum(len(set(spans(a)[0]) & set(spans(b)[0])) for a, b in pairs)
    assert true - found == sum(errors.values()) - errors["invented"]
    verdict, turned = (
        compare_tags(a, b, truth, against="x", seed=0) for a, b in [(ours, truth), (truth, ours)]
    )
    assert verdict.difference.value == pytest.approx(-turned.difference.value)


def test_nothing_found_where_nothing_is_to_be_found_is_right():
    scores = score_tags([["O"], ["O"]], [["O"], ["O"]], seed=0, with_spans=True)
    assert scores.spans.strict.value == tag_value([["O"]], [["O"]], "span_f1") == 1.0
    assert score_tags([["O"]], [["O"]], seed=0).spans is None
    assert tag_value([["B-a"]], [["O"]], "span_f1") == 0.0


def test_a_clear_lead_is_a_victory():
    truth = [["a", "b", "a", "b"]] * 40
    verdict = compare_tags(truth, [["a", "a", "a", "a"]] * 40, truth, against="the usual tag", seed=0)
    assert (verdict.outcome, verdict.difference.value) == ("beats", 0.5)


def test_what_cannot_be_scored_is_refused():
    for ours, truth in [([], []), ([["a"]], [["a"], ["b"]]), ([["a"]], [["a", "b"]]), ([[]], [[]])]:
        with pytest.raises(ValueError, match=r"needed|lengths|no words"):
            score_tags(ours, truth, seed=0)
