"""Data sets: the rows of the file, once each, in splits that depend on the rows and the seed only."""

import hashlib
import json
import unicodedata
from collections import Counter
from pathlib import Path
from types import MappingProxyType

import pytest

from yeoul.data import catalog
from yeoul.data.catalog import CatalogEntry, CatalogFile, Form
from yeoul.data.datasets import Dataset, load_dataset
from yeoul.errors import DataError, RecipeError
from yeoul.recipe import DataRecipe

TEXTS = [(f"영화 {row // 3 if row % 5 == 0 else row} 정말 좋다", row % 3) for row in range(300)]


def write(path: Path, rows: list[tuple[str, object]], codec: str = "utf-8") -> Path:
    path.write_bytes(("리뷰,평점\n" + "".join(f"{text},{label}\n" for text, label in rows)).encode(codec))
    return path


def load(path: Path | str, seed: int = 42, **changes: object) -> Dataset:
    return load_dataset(DataRecipe.model_validate({"source": str(path), **changes}), seed)


def test_every_row_is_in_one_split(tmp_path: Path) -> None:
    data = load(write(tmp_path / "reviews.csv", TEXTS))
    places = [row.where for part in (data.train, data.validation, data.test) for row in part]
    assert sorted(places) == sorted(f"reviews.csv:{row}" for row in range(2, 302))
    assert data.labels == ("0", "1", "2")
    for part in (data.train, data.validation, data.test):
        for row in part:
            text, label = TEXTS[int(row.where.split(":")[1]) - 2]
            assert (row.inputs["text"], row.target) == (text, str(label))
    texts = [set(part.texts()) for part in (data.train, data.validation, data.test)]
    assert not texts[0] & texts[1]
    assert not texts[0] & texts[2]
    assert not texts[1] & texts[2]
    assert data.card.overlap == 0


def test_the_fingerprint_knows_rows_and_splits_but_not_the_file(tmp_path: Path) -> None:
    first = load(write(tmp_path / "a.csv", TEXTS))
    decomposed = [(unicodedata.normalize("NFD", text), label) for text, label in TEXTS]
    folder = tmp_path / "자료"
    folder.mkdir()
    same = [
        load(write(tmp_path / "b.csv", TEXTS, "cp949")),
        load(write(folder / unicodedata.normalize("NFD", "리뷰.csv"), decomposed, "utf-16")),
    ]
    assert {each.fingerprint for each in same} == {first.fingerprint}
    assert [each.card.encoding for each in same] == ["cp949", "utf-16"]
    assert [each.card.non_nfc for each in same] == [0, 300]
    assert same[1].name == "리뷰"
    other = [
        load(tmp_path / "a.csv", seed=43),
        load(tmp_path / "a.csv", validation=0.2),
        load(tmp_path / "a.csv", test=0.3),
        load(write(tmp_path / "c.csv", [(TEXTS[0][0] + "!", TEXTS[0][1]), *TEXTS[1:]])),
        load(write(tmp_path / "d.csv", [(TEXTS[0][0], 1), *TEXTS[1:]])),
    ]
    assert len({first.fingerprint, *(each.fingerprint for each in other)}) == 6


def test_the_card_counts_what_is_there(tmp_path: Path) -> None:
    rows: list[tuple[str, object]] = [(f"text number {row}", "yes" if row % 2 else "no") for row in range(40)]
    rows += [("text  number 1 ", "yes"), ("text number 2", "yes"), ("", "no"), ("", "no"), ("x" * 200, "yes")]
    path = write(tmp_path / "reviews.csv", rows)
    path.write_bytes(path.read_bytes() + b"\n,\nlast one,no\n")
    card = load(path).card
    assert card.rows == 46
    assert card.blank_rows == 2
    assert card.duplicates == {"reviews.csv": 3}
    assert card.duplicates_overall == 3
    assert card.conflicting == 2
    assert sum(card.empty_texts.values()) == 2
    assert {label: sum(counts.values()) for label, counts in card.classes.items()} == Counter(
        [str(label) for _, label in rows] + ["no"]
    )
    assert card.characters["max"] == 200
    assert card.characters["min"] == 0
    assert card.files[0].sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert card.files[0].bytes == path.stat().st_size
    assert (card.inputs, card.guessed_inputs, card.target, card.guessed_target) == (
        ("리뷰",),
        True,
        "평점",
        True,
    )
    assert len(card.samples) == 5
    assert all(len(sample.text) <= 120 for sample in card.samples)
    assert card.plan.seed == 42
    assert json.loads(json.dumps(card.to_json(), ensure_ascii=False)) == card.to_json()


def test_labels_are_sorted_by_number_where_they_are_numbers(tmp_path: Path) -> None:
    numbers = [(f"text {row}", row % 12) for row in range(240)]
    assert load(write(tmp_path / "a.csv", numbers)).labels == tuple(str(label) for label in range(12))
    words = [(f"text {row}", "나가다"[row % 3]) for row in range(60)]
    assert load(write(tmp_path / "b.csv", words)).labels == ("가", "나", "다")


def test_the_embedded_set_is_a_data_set() -> None:
    data = load("cldr-languages")
    assert data.name == "cldr-languages"
    assert len(data.train) > 6_000
    assert data.card.overlap == data.card.duplicates_overall == 0
    assert data.card.licence == "Unicode-3.0"
    assert load("cldr-languages").fingerprint == data.fingerprint


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a public set with an official test set into a mirror, and return its folder."""
    folder = tmp_path / "mirror" / "tiny"
    folder.mkdir(parents=True)
    train = [(f"train {row // 2 if row < 20 else row}", row % 2) for row in range(100)]
    test = [(f"train {row + 50}" if row < 7 else f"test {row}", row % 2) for row in range(40)]
    files = {}
    for split, rows in (("train", train), ("test", test)):
        path = write(folder / f"{split}.txt", rows)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        files[split] = CatalogFile(path.name, f"https://example.org/{path.name}", digest, path.stat().st_size)
    splits = {split: file.name for split, file in files.items()}
    form = Form(splits, tuple(files.values()), inputs=("리뷰",), target="평점")
    entry = CatalogEntry("tiny", "a tiny set", "classify", "CC0-1.0", "https://example.org", (form,))
    monkeypatch.setattr(catalog, "CATALOG", MappingProxyType({"tiny": entry}))
    monkeypatch.setenv("YEOUL_DATA", str(tmp_path / "mirror"))
    return folder


def test_an_official_test_set_is_kept(tiny: Path) -> None:
    data = load("tiny", validation=0.2)
    assert [row.where for row in data.test] == [f"test.txt:{row}" for row in range(2, 42)]
    assert sorted(data.train.rows.tolist() + data.validation.rows.tolist()) == list(range(2, 102))
    assert not set(data.train.texts()) & set(data.validation.texts())
    assert data.card.overlap == load("tiny", validation=0.6).card.overlap == 7
    assert data.card.duplicates == {"train.txt": 10, "test.txt": 0}
    assert data.card.duplicates_overall == 17
    assert data.card.plan.official_test
    assert data.card.to_json()["split"] == {
        "official_test": True,
        "test": None,
        "validation": 0.2,
        "seed": 42,
    }
    assert not data.card.guessed_target


def test_an_asked_test_share_pools_the_official_one(tiny: Path) -> None:
    data = load("tiny", test=0.25)
    assert len(data.test) == pytest.approx(35, abs=2)
    assert set(data.test.files) == {"train.txt", "test.txt"}
    assert len(set(data.test.file_index.tolist())) == 2
    assert not set(data.test.texts()) & (set(data.train.texts()) | set(data.validation.texts()))
    assert data.card.overlap == 0
    assert len(data.train) + len(data.validation) + len(data.test) == 140


def test_a_changed_public_file_is_refused(tiny: Path) -> None:
    with (tiny / "test.txt").open("ab") as file:
        file.write("한 줄 더,1\n".encode())
    with pytest.raises(DataError, match="its checksum differs"):
        load("tiny")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([(f"t {row}", 1) for row in range(9)], "all rows have the same label 1"),
        ([(f"t {row}", row) for row in range(90)], "has 90 values in 90 rows: a number or a name"),
        ([(f"t {row}", row % 150) for row in range(3000)], "has 150 values in 3,000 rows"),
        ([(f"t {row}", "b" if row > 7 else "a") for row in range(9)], "the label b has 1 of the 3 rows"),
        ([("same", row % 2) for row in range(9)], "9 rows are too few: no row is left for validation"),
        ([(f"t {row}", ("평점", "x")[row % 2]) for row in range(9)], "the first row looks like data"),
        ([("a", 1), ("b", 0), ("c", ""), ("d", 1)], r"reviews\.csv:4: the label is empty"),
    ],
)
def test_impossible_classes_are_errors(tmp_path: Path, rows: list[tuple[str, object]], message: str) -> None:
    path = write(tmp_path / "reviews.csv", rows)
    with pytest.raises(DataError, match=message):
        load(path, inputs=("리뷰",), target="평점")


def test_a_name_that_is_nothing_meets_its_neighbor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "comments.csv", TEXTS)
    for wrong, right in (
        ("nsmcc", "nsmc"),
        ("cldr-language", "cldr-languages"),
        ("coments.csv", "comments.csv"),
    ):
        with pytest.raises(DataError, match=f"did you mean {right}"):
            load(wrong)
    with pytest.raises(RecipeError, match=r"data\.source: no data is named"):
        load("")


@pytest.mark.data
def test_nsmc_has_the_numbers_that_are_known(data_folder: Path) -> None:
    if not (data_folder / "nsmc").is_dir():
        pytest.skip("nsmc is not there")
    data = load("nsmc")
    assert (len(data.train), len(data.validation), len(data.test)) == (135_000, 15_000, 50_000)
    assert data.labels == ("0", "1")
    assert data.card.duplicates == {"ratings_train.txt": 3_817, "ratings_test.txt": 842}
    assert data.card.overlap == 1_571
    assert data.card.empty_texts["train"] + data.card.empty_texts["validation"] == 5
    assert data.card.empty_texts["test"] == 3
