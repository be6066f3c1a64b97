"""Near copies that a split parts: counted and named in the cards of all tasks, before anything is trained."""

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from yeoul.cli.card_lines import card_lines
from yeoul.data import crossing
from yeoul.data.comparisons.dataset import load_comparisons
from yeoul.data.crossing import crossing_of
from yeoul.data.datasets import load_dataset
from yeoul.data.near import near_texts
from yeoul.data.pairs.dataset import load_pairs
from yeoul.recipe import ComparingRecipe, DataRecipe
from yeoul.report.facts import data_facts
from yeoul.report.records import DataCard

WORDS = ["재미있는", "지루한", "영화", "배우의", "연기가", "좋았던", "음악"]


def sentences(count):
    return [
        f"{WORDS[row % 7]} {WORDS[row // 7 % 7]} 이야기 {pow(3, row + 60, 10**16 + 61)}"
        for row in range(count)
    ]


def written(path, columns):
    lines = [",".join(columns), *(",".join(map(str, row)) for row in zip(*columns.values()))]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def parts_of(sides):
    return [np.flatnonzero(np.array(sides) == part) for part in range(3)]


LONG = st.text(st.sampled_from("가나다 라"), min_size=12, max_size=20)


@settings(max_examples=100, deadline=None)
@given(st.data(), st.lists(LONG, min_size=3, max_size=10))
def test_those_are_counted_that_are_near_a_training_row(data, texts):
    sides = data.draw(st.lists(st.integers(0, 2), min_size=len(texts), max_size=len(texts)))
    answers = np.array(data.draw(st.lists(st.integers(0, 1), min_size=len(texts), max_size=len(texts))))
    plain = [" ".join(text.split()) for text in texts]
    for given_answers in (None, answers):
        found = crossing_of(pa.array(texts), parts_of(sides), str, given_answers)
        near = [
            row
            for row in range(len(texts))
            if sides[row]
            and len(plain[row]) >= 15
            and near_texts(
                [
                    plain[other]
                    for other in range(len(texts))
                    if not sides[other] and (given_answers is None or answers[other] == answers[row])
                ],
                [plain[row]],
            )
        ]
        assert found.rows == {
            "validation": sum(sides[row] == 1 for row in near),
            "test": sum(sides[row] == 2 for row in near),
        }
        assert [int(place.split(" ≈ ")[0]) for place in found.places] == near[:3]


def test_the_card_of_labelled_rows_names_them(tmp_path):
    texts = sentences(200)
    path = written(tmp_path / "글.csv", {"글": [*texts, *(text + "!" for text in texts)], "평": [0, 1] * 200})
    dataset = load_dataset(DataRecipe(source=str(path)), 42)
    near = dataset.card.near
    assert near.rows is not None
    assert min(near.rows.values()) > 10
    lines = [line for name, line in card_lines(dataset.card.to_json()) if name == "found"]
    assert len(lines) == 1
    assert near.places[0] in lines[0]
    assert f"{near.rows['validation']} validation and {near.rows['test']} test rows" in lines[0]
    facts = data_facts(DataCard.model_validate(dataset.card.to_json()))
    told = {one.name.en: one for one in facts}[
        "validation and test rows that are a training row but for a few letters"
    ]
    assert (told.value, told.warn) == (str(sum(near.rows.values())), True)
    first, other = (int(place.split(":")[1]) for place in near.places[0].split(" ≈ "))
    assert abs(first - other) == 200
    plain = written(tmp_path / "다른.csv", {"글": texts, "평": [0, 1] * 100})
    card = load_dataset(DataRecipe(source=str(plain)), 42).card
    assert card.near.to_json() == {"rows": {"validation": 0, "test": 0}, "places": []}
    assert [name for name, _ in card_lines(card.to_json())] == ["data", "split"]


def test_of_too_many_rows_it_is_said_where_to_look(tmp_path, monkeypatch):
    monkeypatch.setattr(crossing, "MOST_ROWS", 50)
    path = written(tmp_path / "글.csv", {"글": sentences(60), "평": [0, 1] * 30})
    card = load_dataset(DataRecipe(source=str(path)), 42).card
    assert card.near.rows is None
    lines = [line for name, line in card_lines(card.to_json()) if name == "found"]
    assert "not looked for in 60 rows: `yeoul data check --leaks FILE` does" in lines[0]


def test_pairs_count_where_the_answer_is_the_same(tmp_path):
    texts = sentences(200)
    sources, targets = [*texts, *(text + "!" for text in texts)], [f"답 {row}" for row in range(200)]
    same = load_pairs(
        DataRecipe(source=str(written(tmp_path / "a.csv", {"질문": sources, "답": targets * 2}))), "source", 1
    ).card
    assert same.near.rows is not None
    assert min(same.near.rows.values()) > 10
    assert any(same.near.places[0] in line for name, line in card_lines(same.to_json()) if name == "found")
    others = [*targets, *(f"다른 답 {row}" for row in range(200))]
    apart = load_pairs(
        DataRecipe(source=str(written(tmp_path / "b.csv", {"질문": sources, "답": others}))), "source", 1
    ).card
    assert apart.near.rows == {"validation": 0, "test": 0}


def test_pairs_to_compare_count_as_wholes(tmp_path):
    texts = sentences(400)
    lefts, rights = texts[:200], texts[200:]
    columns = {
        "left": [*lefts, *(text + "!" for text in lefts)],
        "right": [*rights, *(text + "?" for text in rights)],
        "label": [0, 1] * 200,
    }
    recipe = DataRecipe(source=str(written(tmp_path / "a.csv", columns)))
    card = load_comparisons(recipe, ComparingRecipe(keep_together="none"), 1, series=False).card
    assert card.near is not None
    assert card.near.rows is not None
    assert min(card.near.rows.values()) > 10
    assert any(card.near.places[0] in line for name, line in card_lines(card.to_json()) if name == "found")
