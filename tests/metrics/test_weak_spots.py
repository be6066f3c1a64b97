"""A search for weak spots finds what was planted, and seldom anything where answers are wrong by lot."""

import json

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from yeoul.metrics.parts import Part, column_parts
from yeoul.metrics.slices import score_slices
from yeoul.metrics.text_parts import text_parts
from yeoul.metrics.weak_spots import WeakSpots, search, weak_spots

ROWS = 1500
WORDS = [
    "영화",
    "배우",
    "음악",
    "감독",
    "연기",
    "내용",
    "결말",
    "장면",
    "대사",
    "원작",
    "배경",
    "초반",
    "화면",
    "극장",
]
SPORT = ["경기", "선수", "득점", "심판", "응원", "우승", "전반", "연장", "구단", "홈런", "투수", "타율"]
ENDINGS = np.array(["", "가", "는", "를", "에서"])


ALONE = np.arange(ROWS)


def written(seed: int) -> list[str]:
    """Return texts of a few words with endings, all different."""
    random = np.random.default_rng(seed)
    texts = []
    for row in range(ROWS):
        words = random.choice(WORDS, random.integers(3, 9))
        ended = [word + end for word, end in zip(words, random.choice(ENDINGS, len(words)), strict=True)]
        texts.append(" ".join(ended) + ("?" if random.random() < 0.2 else "") + f" {row}번")
    return texts


TEXTS = written(0)
YEARS = {"연도": np.random.default_rng(1).integers(2000, 2020, ROWS).astype(str)}
PARTS = [*column_parts(YEARS, 20), *text_parts(pa.array(TEXTS), 0)]


def asked(credit: npt.NDArray[np.generic], texts: list[str] | None = None, seed: int = 0) -> WeakSpots:
    texts = TEXTS if texts is None else texts
    columns = {name: np.resize(values, len(texts)) for name, values in YEARS.items()}
    return weak_spots(credit, columns, pa.array(texts), metric="accuracy", better="more", seed=seed)


@pytest.mark.parametrize("numbers", [False, True])
def test_wrong_by_lot_is_no_weak_spot(numbers: bool) -> None:
    """At most 5 % of the searches may find anything; 200 draws at 5 % give more than 17 in one case of forty."""
    random = np.random.default_rng(7)
    alarms = tested = 0
    for seed in range(200):
        credit = random.gamma(2.0, 1.0, ROWS) if numbers else random.random(ROWS) < 0.85
        found = search(credit, PARTS, better="more", seed=seed, groups=ALONE)
        alarms += bool(found.spots)
        tested += found.tested
    assert len(PARTS) > 100
    assert tested > 100  # something looks bad in most searches
    assert alarms <= 17


@pytest.mark.parametrize(
    ("kind", "value", "planted"),
    [
        ("beginning", "감독", lambda text, year: "감독" in text),
        ("writing", "question", lambda text, year: "?" in text),
        ("column", None, lambda text, year: year >= 2017),
    ],
)
def test_a_planted_weak_spot_is_found(kind: str, value: str | None, planted: object) -> None:
    bad = np.array([planted(*one) for one in zip(TEXTS, YEARS["연도"].astype(int), strict=True)])  # type: ignore[operator]
    credit = np.random.default_rng(3).random(ROWS) < np.where(bad, 0.6, 0.92)
    found = asked(credit)
    first = found.spots[0]
    assert (first.part.kind, first.part.value) == (kind, value)
    inside = np.zeros(ROWS, bool)
    inside[first.part.rows] = True
    assert (inside & bad).sum() / (inside | bad).sum() > 0.9
    assert first.difference.high < 0
    assert first.score.low <= first.score.value <= first.score.high < first.rest
    assert first.chance < 0.001
    assert all(inside[row] and not credit[row] for row in first.examples)


def test_a_planted_topic_is_found() -> None:
    """No word of the topic is in half of its texts, and the other texts are about sixty other things."""
    random = np.random.default_rng(5)
    others = [first + last for first in "가나다라마바사아" for last in "구누두루무부수우"]
    about = random.random(ROWS) < 0.15
    texts = [
        f"{' '.join(random.choice(SPORT if own else others, 4, replace=False))} {row}번"
        for row, own in enumerate(about)
    ]
    found = asked(random.random(ROWS) < np.where(about, 0.6, 0.92), texts)
    first = found.spots[0].part
    assert (first.kind, str(first.value).split(" · ")[0] in SPORT) == ("topic", True)
    assert about[first.rows].mean() > 0.95


def test_parts_with_the_same_rows_are_told_once_and_plainly() -> None:
    rows = np.arange(0, ROWS, 3)
    bad = np.isin(np.arange(ROWS), rows)
    credit = np.random.default_rng(3).random(ROWS) < np.where(bad, 0.6, 0.92)
    parts = [
        Part("topic", rows, value="가 · 나"),
        Part("word", rows[:-9], value="가"),
        Part("without", rows, value="나"),
    ]
    for order in (parts, parts[::-1]):
        spots = search(credit, order, better="more", seed=0, groups=ALONE).spots
        assert [(one.part.kind, one.part.value) for one in spots] == [("word", "가")]


def test_what_is_bad_of_one_group_does_not_confirm_itself() -> None:
    """A word that only one group of rows holds is never told of, however bad; spread over groups it is."""
    inside = np.arange(ROWS) < 200
    credit = np.random.default_rng(3).random(ROWS) < np.where(inside, 0.5, 0.95)
    part = [Part("word", np.flatnonzero(inside), value="w")]
    together = np.where(inside, 0, ALONE)
    for seed in range(5):
        assert not search(credit, part, better="more", seed=seed, groups=together).spots
        assert search(credit, part, better="more", seed=seed, groups=ALONE // 2).spots


def test_a_part_that_only_varies_is_not_weak() -> None:
    """Short sentences are in the worst fifth more often than long ones, and in the best one too."""
    random = np.random.default_rng(0)
    short = random.random(ROWS) < 0.4
    words = np.where(short, 2, 20)
    credit = random.binomial(words, np.where(short, 0.83, 0.8)) / words
    part = [Part("column", np.flatnonzero(short), by="words", low=2, high=2)]
    bad = credit <= np.quantile(credit, 0.2)
    assert bad[short].mean() > 1.2 * bad[~short].mean()
    assert not search(credit, part, better="more", seed=0, groups=ALONE).spots


def test_equal_texts_count_once() -> None:
    credit = np.random.default_rng(3).random(ROWS) < np.where(["?" in text for text in TEXTS], 0.6, 0.92)
    alone = asked(credit)
    twice = asked(np.tile(credit, 2), TEXTS * 2)
    assert alone.to_json(lambda row: {}) == twice.to_json(lambda row: {})


@pytest.mark.parametrize("score", [search, score_slices])
def test_more_and_less_are_mirrored(score: object) -> None:
    """Errors of which less is better give the weak parts that scores of which more is better give."""
    years = YEARS["연도"].astype(int)
    errors = np.random.default_rng(2).gamma(2.0, 1.0 + (years >= 2017))
    if score is search:
        spots = [
            search(one, PARTS, better=way, seed=0, groups=ALONE).spots
            for one, way in ((errors, "less"), (-errors, "more"))
        ]
        found = [[(one.part.kind, one.part.low, one.part.high) for one in own] for own in spots]
    else:
        reports = [
            score_slices(one, {"연도": years}, metric="m", better=way, seed=0)
            for one, way in ((errors, "less"), (-errors, "more"))
        ]
        found = [
            [(one.slice.by, one.slice.low, one.slice.high) for one in own.slices if one.weak]
            for own in reports
        ]
    assert found[0] == found[1]
    assert found[0][0][1:] == (2017, 2019)


@given(seed=st.integers(0, 10_000), rows=st.integers(120, 400))
@settings(max_examples=30)
def test_the_chance_is_that_of_fishers_test(seed: int, rows: int) -> None:
    """With one part there is no correction; its own half is drawn by the seed."""
    random = np.random.default_rng(seed)
    inside = random.random(rows) < 0.4
    right = random.random(rows) < np.where(inside, 0.4, 0.9)
    found = search(
        right,
        [Part("word", np.flatnonzero(inside), value="w")],
        better="more",
        seed=seed,
        groups=np.arange(rows),
    )
    looking = np.zeros(rows, bool)
    looking[np.random.default_rng(seed).permutation(rows)[: rows // 2]] = True
    own, wrong = inside[~looking], ~right[~looking]
    table = [[(own & wrong).sum(), (own & ~wrong).sum()], [(~own & wrong).sum(), (~own & ~wrong).sum()]]
    for one in found.spots:
        assert one.chance == pytest.approx(stats.fisher_exact(table, "greater").pvalue, rel=1e-6)
        assert one.score.value == pytest.approx(right[~looking][own].mean())
        assert one.rest == pytest.approx(right[~looking][~own].mean())


def test_words_are_those_of_the_texts() -> None:
    named = {(part.kind, part.value): set(part.rows.tolist()) for part in PARTS}
    split = [text.removesuffix(f" {row}번").replace("?", "").split() for row, text in enumerate(TEXTS)]
    for word in ("영화", "배우가"):
        assert named["word", word] == {row for row, words in enumerate(split) if word in words}
    begun = {row for row, words in enumerate(split) if any(word.startswith("영화") for word in words)}
    assert named["beginning", "영화"] == begun
    assert named["writing", "question"] == {row for row, text in enumerate(TEXTS) if "?" in text}


@given(texts=st.lists(st.text(max_size=12), min_size=1, max_size=150), seed=st.integers(0, 9))
@settings(max_examples=25, deadline=None)
def test_any_texts_can_be_searched(texts: list[str], seed: int) -> None:
    given_texts = pa.array([text.encode("utf-8", "replace").decode() for text in texts])
    right = np.random.default_rng(seed).random(len(texts)) < 0.5
    found = weak_spots(right, {"열": texts}, given_texts, metric="accuracy", better="more", seed=seed)
    json.dumps(found.to_json(lambda row: {"where": str(row)}), allow_nan=False)
    assert found.rows == len(set(given_texts.to_pylist()))


def test_columns_are_cut_by_what_they_hold() -> None:
    columns = {
        "점수": np.tile([" 1.5", "2", ""], 30),
        "반": np.tile(["가", "나", "다"], 30),
        "id": np.arange(90).astype(str),
    }
    cut = list(column_parts(columns, 20))
    assert [(part.low, part.value, len(part.rows)) for part in cut if part.by != "id"] == [
        (1.5, None, 30),
        (2.0, None, 30),
        (None, "가", 30),
        (None, "나", 30),
        (None, "다", 30),
    ]
