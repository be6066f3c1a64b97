"""The linear baseline equals its definition, survives saving to the bit, and bears odd data."""

import csv
import os
import time
import unicodedata
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression, Ridge

from yeoul.baselines.text import Constant, LinearText
from yeoul.errors import ModelFileError, RecipeError
from yeoul.recipe import LinearRecipe

GOOD, BAD = (
    ("정말 좋아요", "최고의 영화", "재미있다 ㅋㅋ", "감동이에요"),
    ("별로예요", "최악의 영화", "재미없다", "지루해요"),
)
COLORS = ("red", "green", "blue")


def reviews(rows: int, seed: int = 0) -> tuple[list[str], npt.NDArray[np.int64]]:
    """Draw texts of a few good or bad phrases, with a common word between them."""
    generator = np.random.default_rng(seed)
    targets = generator.integers(0, 2, rows)
    texts = [" 그리고 ".join(generator.choice(GOOD if target else BAD, 3)) for target in targets]
    return texts, targets


def colors(rows: int) -> tuple[list[str], npt.NDArray[np.int64]]:
    generator = np.random.default_rng(0)
    targets = generator.integers(0, 3, rows)
    return [f"the {COLORS[target]} one {generator.integers(100)}" for target in targets], targets


@pytest.fixture(scope="module")
def model() -> LinearText:
    return LinearText.fit(LinearRecipe(), *reviews(200), "class", 2)


def by_definition(
    recipe: LinearRecipe, texts: list[str], targets: npt.NDArray[np.int64], asked: list[str]
) -> npt.NDArray[Any]:
    """Return P(class 1) by the formulas of Wang & Manning in dense matrices."""
    counter = CountVectorizer(
        analyzer="char",
        ngram_range=recipe.ngrams,
        binary=True,
        min_df=recipe.min_count,
        lowercase=recipe.lowercase,
    )
    x = counter.fit_transform([f" {text} " for text in texts]).toarray().astype(float)
    p, q = x[targets == 1].sum(axis=0) + 0.3, x[targets == 0].sum(axis=0) + 0.3
    r = np.log(p / p.sum()) - np.log(q / q.sum())
    if recipe.weights == "idf":
        r = np.log(len(x) / x.sum(axis=0))

    def weighted(rows: npt.NDArray[Any]) -> npt.NDArray[Any]:
        scaled = rows * r
        length = np.linalg.norm(scaled, axis=1, keepdims=True)
        unit: npt.NDArray[Any] = scaled / np.where(length > 0, length, 1)
        return unit

    machine = LogisticRegression(
        C=recipe.strength, solver="liblinear", dual=True, tol=1e-8, max_iter=100_000, random_state=1
    ).fit(weighted(x), targets)
    answers: npt.NDArray[Any] = machine.predict_proba(
        weighted(counter.transform([f" {text} " for text in asked]).toarray().astype(float))
    )
    return answers[:, 1]


@pytest.mark.parametrize("weights", ["ratio", "idf"])
def test_the_answers_are_those_of_the_definition(weights: Literal["ratio", "idf"]) -> None:
    """The tolerance is that of the solver, which stops early; the texts are noisy and their n-grams rare."""
    generator = np.random.default_rng(0)
    targets = generator.integers(0, 2, 120)
    letters = {0: list("다라마바사아"), 1: list("가나다라마바")}
    texts = ["".join(generator.choice(letters[target], 4)) for target in targets.tolist()]
    recipe = LinearRecipe(ngrams=(1, 3), weights=weights)
    asked = [*texts[:20], "", "가", "아", "zzz"]
    ours = np.exp(LinearText.fit(recipe, texts, targets, "class", 2).answers(asked))[:, 1]
    assert ours == pytest.approx(by_definition(recipe, texts, targets, asked), abs=0.01)


def test_it_learns_what_separates_the_classes(model: LinearText) -> None:
    texts, targets = reviews(100, seed=1)
    assert (model.answers(texts).argmax(axis=1) == targets).mean() > 0.99


def test_three_classes_take_a_machine_each() -> None:
    texts, targets = colors(150)
    fitted = LinearText.fit(LinearRecipe(unit="word", ngrams=(1, 2)), texts, targets, "class", 3)
    assert fitted.weights.shape[1] == 3
    assert fitted.answers(["a red thing", "green", "so BLUE!"]).argmax(axis=1).tolist() == [0, 1, 2]


def test_several_labels_take_a_machine_each_that_knows_nothing_of_the_others() -> None:
    texts, targets = colors(90)
    held = np.stack([targets == 0, targets != 1, np.zeros(90, bool)], axis=1).astype(np.float32)
    fitted = LinearText.fit(LinearRecipe(), texts, held, "labels", 3)
    for label in (0, 1):
        alone = LinearText.fit(LinearRecipe(), texts, held[:, label].astype(int), "class", 2).answers(texts)
        assert fitted.answers(texts)[:, label] == pytest.approx(alone[:, 1] - alone[:, 0], abs=1e-4)
    assert (fitted.answers(texts)[:, 2] < -4).all()


@pytest.mark.parametrize("weights", ["ratio", "idf"])
def test_a_number_is_told_by_ridge_regression(weights: Literal["ratio", "idf"]) -> None:
    generator = np.random.default_rng(1)
    texts = ["".join(generator.choice(list("가나다라마"), 4)) for _ in range(60)]
    numbers = np.array([text.count("가") * 3.0 - text.count("나") + 10 for text in texts])
    recipe = LinearRecipe(ngrams=(1, 2), min_count=1, strength=100.0, weights=weights)
    fitted = LinearText.fit(recipe, texts, numbers, "number", 1)
    x = CountVectorizer(analyzer="char", ngram_range=(1, 2), binary=True).fit_transform(
        [f" {text} " for text in texts]
    )
    held = x.toarray() * (np.log(60 / x.toarray().sum(axis=0)) if weights == "idf" else 1)
    unit = held / np.linalg.norm(held, axis=1, keepdims=True)
    oracle = Ridge(alpha=0.01).fit(unit, (numbers - numbers.mean()) / numbers.std())
    expected = oracle.predict(unit) * numbers.std() + numbers.mean()
    assert fitted.answers(texts)[:, 0] == pytest.approx(expected, abs=0.05)


def test_without_looking_the_answer_is_a_frequency_or_the_median() -> None:
    held = np.array([[1, 0], [1, 0], [1, 1]], np.float32)
    # (3 + 1) of (3 + 2) rows and (1 + 1) of (3 + 2): odds 4 : 1 and 2 : 3
    assert Constant.fit(held, "labels", 2).answers(["", ""])[1] == pytest.approx(np.log([4, 2 / 3]))
    assert Constant.fit(np.array([1.0, 9.0, 3.0]), "number", 1).answers([""]).tolist() == [[3.0]]


@pytest.mark.parametrize("classes", [2, 3])
def test_probabilities_sum_to_one(classes: int) -> None:
    texts, targets = reviews(60) if classes == 2 else colors(60)
    fitted = LinearText.fit(LinearRecipe(), texts, targets, "class", classes)
    answers = fitted.answers([*texts, "", "unseen", "\x00", "👩‍👩‍👧"])
    assert answers.dtype == np.float32
    assert answers.shape == (64, classes)
    assert np.exp(answers).sum(axis=1) == pytest.approx(1.0, abs=1e-5)


@given(texts=st.lists(st.text(max_size=20), min_size=1, max_size=8))
@settings(max_examples=40)
def test_a_text_is_answered_the_same_in_any_company(model: LinearText, texts: list[str]) -> None:
    together = model.answers(texts)
    alone = np.concatenate([model.answers([text]) for text in texts])
    assert (together == alone).all()
    assert (model.answers(texts[::-1]) == together[::-1]).all()


def test_long_lists_are_answered_in_parts_that_fit_together(
    model: LinearText, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts, _ = reviews(25)
    whole = model.answers(texts)
    monkeypatch.setattr("yeoul.baselines.text._TEXTS_AT_ONCE", 10)
    assert (model.answers(texts) == whole).all()
    assert model.answers([]).shape == (0, 2)


def test_the_same_data_gives_the_same_model() -> None:
    first, second = (LinearText.fit(LinearRecipe(), *reviews(80), "class", 2) for _ in range(2))
    assert first.ngrams == second.ngrams
    assert (first.weights == second.weights).all()
    assert (first.biases == second.biases).all()


@pytest.mark.parametrize("classes", [2, 3])
def test_a_saved_model_answers_to_the_bit(classes: int) -> None:
    texts, targets = reviews(60) if classes == 2 else colors(60)
    fitted = LinearText.fit(LinearRecipe(), [*texts, "\ud800 lone \ud800"], [*targets, 0], "class", classes)
    arrays, told = fitted.to_arrays()
    restored = LinearText.from_arrays(arrays, told)
    asked = [*texts, "", "unseen \ud800"]
    assert (restored.answers(asked) == fitted.answers(asked)).all()
    assert (restored.recipe, restored.ngrams) == (fitted.recipe, fitted.ngrams)


def damaged(name: str, arrays: dict[str, Any], told: dict[str, Any]) -> None:
    match name:
        case "array missing":
            del arrays["weights"]
        case "wrong shape":
            arrays["weights"] = arrays["weights"][:-1]
        case "wrong type":
            arrays["squares"] = arrays["squares"].astype(np.float64)
        case "not finite":
            arrays["biases"] = arrays["biases"] * np.float32(np.nan)
        case "negative square":
            arrays["squares"] = -arrays["squares"] - 1
        case "letters cut":
            arrays["ngrams"] = arrays["ngrams"][:-1]
        case "not UTF-8":
            arrays["ngrams"] = np.full_like(arrays["ngrams"], 255)
        case "ends fall":
            arrays["ngram_ends"] = arrays["ngram_ends"][::-1].copy()
        case "n-gram twice":
            arrays["ngrams"] = np.full_like(arrays["ngrams"], ord("a"))
        case "unknown option":
            told["recipe"] = {**told["recipe"], "color": "red"}
        case "wrong number of classes":
            told["outputs"] = 7
        case "no number of classes":
            told["outputs"] = "two"


@pytest.mark.parametrize(
    "name",
    [
        "array missing", "wrong shape", "wrong type", "not finite", "negative square", "letters cut",
        "not UTF-8", "ends fall", "n-gram twice", "unknown option", "wrong number of classes",
        "no number of classes",
    ],
)  # fmt: skip
def test_a_damaged_model_is_refused_with_its_place(model: LinearText, name: str) -> None:
    arrays, told = model.to_arrays()
    damaged(name, arrays, told)
    with pytest.raises(ModelFileError, match=r"^model/weights: the linear model is damaged"):
        LinearText.from_arrays(arrays, told, where="model/weights")


def test_every_option_has_an_effect() -> None:
    texts, targets = reviews(60)
    texts = [*texts, "Good GOOD", "good"]
    targets = np.array([*targets, 1, 1])
    usual = LinearRecipe()
    answers = LinearText.fit(usual, texts, targets, "class", 2).answers(texts)
    for change in (
        {"unit": "word"},
        {"ngrams": (1, 2)},
        {"ngrams": (2, 5)},
        {"min_count": 20},
        {"lowercase": False},
        {"strength": 1.0},
    ):
        other = LinearText.fit(usual.model_copy(update=change), texts, targets, "class", 2)
        assert not np.array_equal(other.answers(texts), answers), change


def test_composed_and_decomposed_hangul_are_one(model: LinearText) -> None:
    answers = model.answers([unicodedata.normalize(form, "좋아요") for form in ("NFC", "NFD")])
    assert (answers[0] == answers[1]).all()
    assert (answers[0] != model.answers([""])[0]).any()


def test_white_space_is_folded(model: LinearText) -> None:
    answers = model.answers(["정말 좋아요", "  정말\n\t좋아요 "])
    assert (answers[0] == answers[1]).all()


def test_accents_are_kept() -> None:
    texts, targets = ["café", "cafe"] * 10, [1, 0] * 10
    fitted = LinearText.fit(LinearRecipe(), texts, targets, "class", 2)
    assert fitted.answers(["café", "cafe"]).argmax(axis=1).tolist() == [1, 0]


@pytest.mark.parametrize(("lowercase", "equal"), [(True, True), (False, False)])
def test_capitals_are_told_apart_only_when_asked(lowercase: bool, equal: bool) -> None:
    """The last letter is a capital without a small form: it stays, and nothing warns of it."""
    texts, targets = ["GOOD 𝓐", "good 𝓐"] * 10, [1, 0] * 10
    answers = LinearText.fit(LinearRecipe(lowercase=lowercase), texts, targets, "class", 2).answers(texts[:2])
    assert (answers[0] == answers[1]).all() == equal


def test_twenty_rows_are_enough() -> None:
    texts, targets = reviews(20)
    fitted = LinearText.fit(LinearRecipe(), texts, targets, "class", 2)
    assert (fitted.answers(texts).argmax(axis=1) == targets).all()


@pytest.mark.parametrize("unit", ["character", "word"])
@pytest.mark.parametrize("text", ["", "   "])
def test_empty_texts_get_the_class_frequencies(unit: str, text: str) -> None:
    fitted = LinearText.fit(LinearRecipe(unit=unit), [text] * 40, [1] * 30 + [0] * 10, "class", 2)  # type: ignore[arg-type]
    assert np.exp(fitted.answers(["", "anything"]))[:, 1] == pytest.approx([0.75, 0.75], abs=0.03)
    arrays, told = fitted.to_arrays()
    again = LinearText.from_arrays(arrays, told)
    assert (again.answers(["", "x"]) == fitted.answers(["", "x"])).all()


def test_a_class_without_rows_is_answered_seldom() -> None:
    texts, targets = colors(90)
    fitted = LinearText.fit(LinearRecipe(), texts, targets, "class", 5)
    probs = np.exp(fitted.answers(texts))
    assert (probs.argmax(axis=1) == targets).all()
    assert (probs[:, 3:] > 0).all()
    assert (probs[:, 3:] < 0.05).all()


@pytest.mark.parametrize("classes", [1, 2])
def test_a_single_class_is_answered_always(classes: int) -> None:
    fitted = LinearText.fit(LinearRecipe(), ["가", "나", "가나"], [0, 0, 0], "class", classes)
    assert (fitted.answers(["가", "x"]).argmax(axis=1) == 0).all()


def test_too_high_a_min_count_is_said() -> None:
    recipe = LinearRecipe(unit="word", ngrams=(1, 1), min_count=21)
    with pytest.raises(RecipeError) as caught:
        LinearText.fit(recipe, *reviews(20), "class", 2)
    assert str(caught.value) == (
        "model.min_count: no n-gram is in 21 or more of the 20 training texts; lower model.min_count"
    )


def test_fitting_needs_a_target_for_each_text() -> None:
    for texts, targets in (([], []), (["a"], [0, 1])):
        with pytest.raises(ValueError, match="texts for"):
            LinearText.fit(LinearRecipe(), texts, targets, "class", 2)


@pytest.mark.parametrize("targets", [[0, 2], [0, -1]])
def test_targets_out_of_range_are_refused(targets: list[int]) -> None:
    with pytest.raises(ValueError, match="for 2 classes"):
        LinearText.fit(LinearRecipe(), ["a", "b"], targets, "class", 2)
    with pytest.raises(ValueError, match="for 2 classes"):
        Constant.fit(np.array(targets), "class", 2)


def test_contradicting_rows_under_a_weak_penalty_are_fitted_too() -> None:
    """The fast solver stalls here; the minimum gives three equal rows, one of them of class 1, a third."""
    texts, targets = ["가나"] * 3 + ["다"] * 3, [0, 0, 1, 1, 1, 0]
    fitted = LinearText.fit(LinearRecipe(min_count=1, strength=1e6), texts, targets, "class", 2)
    assert np.exp(fitted.answers(["가나", "다"]))[:, 1] == pytest.approx([1 / 3, 2 / 3], abs=0.01)


@given(
    rows=st.lists(st.tuples(st.text(max_size=8), st.integers(0, 2)), min_size=1, max_size=12),
    unit=st.sampled_from(["character", "word"]),
    strength=st.sampled_from([0.01, 5.0, 1000.0]),
)
@settings(max_examples=60, deadline=None)
def test_any_small_table_makes_a_sound_model(rows: list[tuple[str, int]], unit: str, strength: float) -> None:
    texts, targets = [text for text, _ in rows], [target for _, target in rows]
    recipe = LinearRecipe.model_validate({"unit": unit, "min_count": 1, "strength": strength})
    fitted = LinearText.fit(recipe, texts, targets, "class", 3)
    answers = fitted.answers(texts)
    assert np.isfinite(answers).all()
    assert np.exp(answers).sum(axis=1) == pytest.approx(1.0, abs=1e-5)
    assert (LinearText.from_arrays(*fitted.to_arrays()).answers(texts) == answers).all()


def test_what_the_caller_gave_is_not_changed() -> None:
    texts, targets = reviews(30)
    kept = list(texts), targets.copy()
    LinearText.fit(LinearRecipe(), texts, targets, "class", 2)
    assert texts == kept[0]
    assert (targets == kept[1]).all()


def test_one_text_is_answered_at_once(model: LinearText) -> None:
    """A model of 200,000 n-grams, just loaded, answers within 20 ms (best of five)."""
    many = 200_000
    big = replace(
        model,
        ngrams=tuple(f"{number:05x}" for number in range(many)),
        weights=np.ones((many, 1), np.float32),
        squares=np.ones((many, 1), np.float32),
    )
    loaded = LinearText.from_arrays(*big.to_arrays())

    def seconds() -> float:
        start = time.perf_counter()
        loaded.answers(["000010 정말 좋아요"])
        return time.perf_counter() - start

    assert min(seconds() for _ in range(5)) < 0.02


def test_majority_answers_with_smoothed_frequencies() -> None:
    """Counts 3, 1 and 0 become 4, 2 and 1 of 7."""
    fitted = Constant.fit(np.array([0, 0, 1, 0]), "class", 3)
    assert np.exp(fitted.answers(["a", ""])) == pytest.approx(np.array([[4, 2, 1]] * 2) / 7)
    assert fitted.answers(["a"]).dtype == np.float32
    assert fitted.answers([]).shape == (0, 3)


@pytest.mark.data
@pytest.mark.slow
def test_a_tenth_of_nsmc_is_learned_and_calibrated() -> None:
    folder = Path(os.environ.get("YEOUL_DATA", "")) / "nsmc"
    if not (folder / "ratings_train.txt").is_file():
        pytest.skip("NSMC is not here")
    with open(folder / "ratings_train.txt", encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))[1:20_001]
    texts, targets = [row[1] for row in rows], np.array([int(row[2]) for row in rows])
    fitted = LinearText.fit(LinearRecipe(), texts[:15_000], targets[:15_000], "class", 2)
    probs = np.exp(fitted.answers(texts[15_000:]))
    right = probs.argmax(axis=1) == targets[15_000:]
    assert right.mean() > 0.84
    assert abs(probs.max(axis=1).mean() - right.mean()) < 0.03
