"""The data doctor: what is planted is found where it is, what is sound is left in peace, the advice runs."""

import json
import shlex
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yeoul.cli.train import key_values
from yeoul.data.checkup import Checkup, check_up
from yeoul.data.oddities import Oddity, is_garbled
from yeoul.errors import DataError
from yeoul.recipe import DataRecipe
from yeoul.recipefile import resolve

WORDS = [
    "영화",
    "정말",
    "재미",
    "없다",
    "좋다",
    "배우",
    "연기",
    "최고",
    "지루",
    "감동",
    "음악",
    "추천",
    "별로",
    "다시",
]


def sentences(count: int, seed: int = 0) -> list[str]:
    random = np.random.default_rng(seed)
    return [" ".join(random.choice(WORDS, size=7)) + f" {row}" for row in range(count)]


def table(path: Path, columns: dict[str, list[object]], codec: str = "utf-8") -> Path:
    rows = [list(columns), *zip(*columns.values())]
    path.write_bytes("".join("\t".join(map(str, row)) + "\n" for row in rows).encode(codec))
    return path


def examined(path: Path, test: str = "", **changes: object) -> Checkup:
    return check_up(DataRecipe.model_validate({"source": str(path), **changes}), test)


def found(checkup: Checkup, kind: str, column: str = "") -> Oddity:
    return next(each for each in checkup.oddities if each.kind == kind and column in ("", each.column))


def test_a_sound_table_has_nothing_odd(tmp_path: Path) -> None:
    columns = {"리뷰": sentences(80), "평점": [row % 2 for row in range(80)]}
    checkup = examined(table(tmp_path / "a.tsv", columns, "cp949"))
    assert checkup.oddities == ()
    assert checkup.rows == 80
    assert checkup.files[0].encoding == "cp949"
    assert checkup.columns.inputs == ("리뷰",)
    assert checkup.classes == {"0": {"all": 40}, "1": {"all": 40}}
    assert json.loads(json.dumps(checkup.to_json(), ensure_ascii=False, allow_nan=False)) == checkup.to_json()


PLANTED = {
    "control character": "무서운\x07영화",
    "not composed": unicodedata.normalize("NFD", "좋은 영화였다"),
    "replacement character": "좋은 영\ufffd였다",
    "mojibake": "좋은 영화".encode().decode("latin-1").replace("\x85", "…").replace("\x8b", "‹"),
    "html": "좋은 영화<br />였다 &amp; 끝",
    "placeholder": "N/A",
    "empty text": "",
}


@pytest.mark.parametrize("kind", PLANTED)
def test_what_is_planted_is_found_where_it_is(tmp_path: Path, kind: str) -> None:
    texts = sentences(60)
    clean = examined(table(tmp_path / "a.tsv", {"text": texts, "label": [row % 2 for row in range(60)]}))
    assert kind not in {each.kind for each in clean.oddities}
    texts[41] = PLANTED[kind]
    checkup = examined(table(tmp_path / "a.tsv", {"text": texts, "label": [row % 2 for row in range(60)]}))
    oddity = found(checkup, kind)
    assert oddity.count == 1
    assert oddity.places == ("a.tsv:43",)


@pytest.mark.parametrize(
    ("text", "garbled"),
    [
        ("café naïve Müller", False),
        ("甲 = 냄새를 보는 소녀 乃 年", False),
        ("NÃO É AÇÃO", False),
        ("¡Qué! £5 ½ × ÷ «oui»", False),
        ("한글과 English 그리고 日本語", False),
        ("café".encode().decode("latin-1"), True),
        ("it’s “so” good…".encode().decode("cp1252", "ignore"), True),
        ("안녕하세요".encode("cp949").decode("latin-1"), True),
        ("한국 영화".encode().decode("latin-1"), True),
        ("占쏙옙 영화", True),
    ],
)
def test_mojibake_is_what_can_be_read_back(text: str, garbled: bool) -> None:
    assert is_garbled(text) is garbled


def test_repeats_contradictions_and_overlap(tmp_path: Path) -> None:
    texts, labels = sentences(50), [row % 2 for row in range(50)]
    texts[10], labels[10] = f" {texts[3]} ", 1 - labels[3]
    texts[20], labels[20] = texts[4], labels[4]
    train = table(tmp_path / "train.tsv", {"text": texts, "label": labels})
    other = table(tmp_path / "test.tsv", {"text": [texts[7], "새 글", texts[8]], "label": [0, 1, 0]})
    checkup = examined(train, str(other))
    assert (found(checkup, "duplicate").count, found(checkup, "conflicting").count) == (4, 4)
    assert found(checkup, "overlap").places == ("test.tsv:2", "test.tsv:4")
    assert checkup.classes == {"0": {"train": 25, "test": 2}, "1": {"train": 25, "test": 1}}


def test_labels_are_looked_at(tmp_path: Path) -> None:
    labels: list[object] = ["긍정"] * 57 + ["긍정 ", "부정", "Positive", "positive"] + [""] + ["긍 정"]
    checkup = examined(table(tmp_path / "a.tsv", {"text": sentences(63), "label": labels}))
    assert found(checkup, "empty label").places == ("a.tsv:63",)
    assert found(checkup, "rare label").count == 4
    variants = [each for each in checkup.oddities if each.kind == "label variants"]
    assert {each.values["labels"] for each in variants} == {"긍정, 긍 정", "Positive, positive"}
    assert found(checkup, "imbalance").values["label"] == "긍정"
    names = examined(
        table(tmp_path / "b.tsv", {"text": sentences(50), "label": [f"이름 {row}" for row in range(50)]})
    )
    assert found(names, "label like an identifier").values["labels"] == 50


def test_columns_are_looked_at(tmp_path: Path) -> None:
    labels = [row % 2 for row in range(100)]
    temperatures: list[object] = [f"{20 + row % 7}.5" for row in range(100)]
    temperatures[5] = temperatures[50] = "-9999"
    columns = {
        "번호": list(range(1000, 1100)),
        "text": sentences(100),
        "별": [1 + 4 * label for label in labels],
        "온도": temperatures,
        "비고": ["없음" if row % 9 == 0 else f"말 {row % 13} 하나" for row in range(100)],
        "label": labels,
    }
    checkup = examined(table(tmp_path / "a.tsv", columns))
    assert found(checkup, "identifier").column == "번호"
    assert found(checkup, "gives the target away").column == "별"
    assert found(checkup, "sentinel").places == ("a.tsv:7", "a.tsv:52")
    assert (found(checkup, "placeholder").column, found(checkup, "placeholder").count) == ("비고", 12)
    kinds = {name: profile.kind for name, profile in checkup.profiles.items()}
    assert kinds == {
        "번호": "integer",
        "text": "text",
        "별": "integer",
        "온도": "number",
        "비고": "label",
        "label": "integer",
    }


@pytest.mark.parametrize(
    ("cells", "kind", "separator"),
    [
        (["맛;값", "맛", "값;양", ""] * 30, "labels", ";"),
        (['["맛", "값"]', "[]", '["양"]'] * 40, "labels", ","),
        ([f"{row * 1.5:,}" for row in range(120)], "number", ","),
        ([row % 5 for row in range(120)], "class", ","),
        (["a, b", "c"] * 60, "class", ","),
    ],
)
def test_kinds_of_targets_are_told_apart(
    tmp_path: Path, cells: list[object], kind: str, separator: str
) -> None:
    checkup = examined(table(tmp_path / "a.tsv", {"text": sentences(120), "y": cells[:120]}), target="y")
    assert checkup.target_kind == kind
    assert checkup.advice is not None
    data = resolve(checkup.advice.recipe, "r", {}).recipe.data
    assert (data.target_kind, data.label_separator) == (kind, separator)


def test_it_works_without_labels_and_without_text(tmp_path: Path) -> None:
    checkup = examined(table(tmp_path / "a.tsv", {"key": list(range(30)), "memo": sentences(30)}))
    assert (checkup.columns.inputs, checkup.columns.target, checkup.advice) == (("memo",), "", None)
    assert checkup.characters is not None
    numbers = examined(table(tmp_path / "b.tsv", {"a": list(range(30)), "b": list(range(30, 60))}))
    assert (numbers.columns.inputs, numbers.columns.target, numbers.characters) == ((), "", None)
    with pytest.raises(DataError, match="there is no column lable"):
        examined(tmp_path / "a.tsv", target="lable")


@pytest.mark.parametrize("rows", [60, 4000])
@pytest.mark.parametrize("words", [1, 7])
def test_the_advice_is_a_recipe_and_a_command_that_say_the_same(
    tmp_path: Path, rows: int, words: int
) -> None:
    texts = sentences(rows) if words > 1 else [f"{chr(0xAC00 + row)}{'나무'[row % 2]}" for row in range(rows)]
    path = table(tmp_path / "내 리뷰.tsv", {"리뷰 글": texts, "평점": [row % 2 for row in range(rows)]})
    advice = examined(path).advice
    assert advice is not None
    recipe = resolve(advice.recipe, "r", {}).recipe
    assert recipe.model.kind == ("linear" if rows == 60 else "network")
    assert (recipe.data.source, recipe.data.inputs, recipe.data.target) == (str(path), ("리뷰 글",), "평점")
    command, verb, source, *rest = shlex.split(advice.command)
    assert (command, verb, source, rest[:4]) == (
        "yeoul",
        "train",
        str(path),
        ["--input", "리뷰 글", "--target", "평점"],
    )
    given = {"data.source": source, "data.inputs": ["리뷰 글"], "data.target": "평점", **key_values(rest[4:])}
    assert resolve('task = "classify"', "r", given).recipe == recipe
    if recipe.text is not None:
        assert recipe.text.unit == ("character" if words == 1 else "subword")
        assert advice.truncated_rows is not None
        assert advice.truncated_rows <= 0.011  # the length holds 99 % of the texts
        assert advice.tokens is not None
        assert advice.tokens["p50"] <= recipe.text.max_length


def test_columns_of_numbers_are_a_series(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    lines = [
        f"{row % 2}," + ",".join(f"{number:.3f}" for number in random.normal(size=20)) for row in range(40)
    ]
    (tmp_path / "ECG_TRAIN.csv").write_text("\n".join(lines) + "\n")
    checkup = examined(tmp_path / "ECG_TRAIN.csv", columns=("label", "t1..t20"))
    assert checkup.columns.inputs == tuple(f"t{step}" for step in range(1, 21))
    assert checkup.advice is not None
    recipe = resolve(checkup.advice.recipe, "r", {}).recipe
    assert recipe.reads_series
    assert recipe.data.columns == ("label", "t1..t20")


def test_a_folder_of_classes_is_examined(tmp_path: Path) -> None:
    for label in ("긍정", "부정"):
        (tmp_path / "글" / label).mkdir(parents=True)
        for row, text in enumerate(sentences(8, seed=len(label))):
            (tmp_path / "글" / label / f"{row}.txt").write_text(text if row else "", "utf-8")
    checkup = examined(tmp_path / "글")
    assert found(checkup, "empty text").places == ("긍정/0.txt", "부정/0.txt")
    assert checkup.columns.target == "label"
    assert not [each for each in checkup.oddities if each.column == "file"]


CELL = st.one_of(
    st.sampled_from(
        ["", " ", "1", "-9999", "1.5", "1,234", "N/A", "[1, 2]", '["a"]', "[", "2024-01-02", "a;b", "가"]
    ),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters='\t\r\n\0"'), max_size=12),
)


@settings(max_examples=60)
@given(
    rows=st.integers(1, 4).flatmap(
        lambda width: st.lists(st.lists(CELL, min_size=width, max_size=width), min_size=1, max_size=30)
    ),
    names=st.permutations(["text", "label", "번호", "x"]),
    repeat=st.integers(1, 4),
)
def test_no_table_breaks_the_doctor(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], names: list[str], repeat: int
) -> None:
    path = tmp_path_factory.mktemp("drawn") / "a.tsv"
    lines = ["\t".join(row) for row in rows * repeat]
    path.write_text("\t".join(names[: len(rows[0])]) + "\n" + "\n".join(lines) + "\n", "utf-8")
    try:
        checkup = examined(path, str(path))
    except DataError:
        return  # such as a file of blank rows
    json.dumps(checkup.to_json(), allow_nan=False)
    assert all(each.count > 0 and len(each.places) <= 3 for each in checkup.oddities)
    if checkup.advice is not None:
        resolve(checkup.advice.recipe, "r", {})
