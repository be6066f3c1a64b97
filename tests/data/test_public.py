"""Public sets in every form in which they may lie here: the rows, labels and splits that their makers gave."""

from pathlib import Path

import pytest

from yeoul.data.catalog import CATALOG
from yeoul.data.datasets import Dataset, load_dataset
from yeoul.errors import DataError
from yeoul.recipe import DataRecipe


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("YEOUL_DATA", str(tmp_path))
    monkeypatch.setenv("YEOUL_CACHE", str(tmp_path / "cache"))
    return tmp_path


def load(name: str) -> Dataset:
    return load_dataset(DataRecipe(source=name), 42)


def write(path: Path, content: str, codec: str = "utf-8") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, codec)


def test_naver_shopping_has_two_classes(mirror: Path) -> None:
    ratings = ["1", "2", "4", "5"]
    rows = [f'{ratings[row % 4]}\t배송이 {row}일 걸렸어요 "음" 좋네요' for row in range(80)]
    write(mirror / "naver-shopping" / "naver_shopping.txt", "\n".join(rows) + "\n")
    data = load("naver-shopping")
    assert data.labels == ("negative", "positive")
    for part in data.splits.values():
        for example in part:
            row = int(example.where.split(":")[1]) - 1
            assert example.inputs["text"] == rows[row].split("\t")[1]
            assert example.target == ("negative" if rows[row][0] in "12" else "positive")
    assert sum(data.card.sizes.values()) == 80
    assert data.card.licence == "none stated"


def test_a_rating_without_a_meaning_is_refused(mirror: Path) -> None:
    write(mirror / "naver-shopping" / "naver_shopping.txt", "1\t나빠요\n5\t좋아요\n3\t보통\n" * 5)
    with pytest.raises(
        DataError, match=r"naver_shopping\.txt:3: the value 3 of the column rating is none of 1, 2, 4, 5"
    ):
        load("naver-shopping")


def test_steam_has_two_classes(mirror: Path) -> None:
    write(mirror / "steam" / "steam.txt", "".join(f"{row % 2}\t게임 {row} 재밌다\n" for row in range(40)))
    data = load("steam")
    assert data.labels == ("negative", "positive")
    assert data.card.classes["positive"] == {"train": 16, "validation": 2, "test": 2}


def test_imdb_as_its_makers_offer_it(mirror: Path) -> None:
    root = mirror / "imdb" / "aclImdb"
    for split in ("train", "test"):
        for label in ("pos", "neg", *(["unsup"] if split == "train" else [])):
            for row in range(12):
                write(
                    root / split / label / f"{row}_{row % 10}.txt", f"a {label} film, number {row} of {split}"
                )
        write(root / split / "urls_pos.txt", "http://example.org/a\n")
    data = load("imdb")
    assert data.labels == ("neg", "pos")
    assert (len(data.train) + len(data.validation), len(data.test)) == (24, 24)
    for split, part in data.splits.items():
        home = "test" if split == "test" else "train"
        for example in part:
            text = example.inputs["text"]
            assert text.startswith(f"a {example.target} film")
            assert text.endswith(f"of {home}")
    assert data.card.plan.official_test
    assert [file.name for file in data.card.files] == ["train", "test"]
    before = data.card.files[0].sha256
    write(root / "train" / "pos" / "0_0.txt", "another pos film")
    assert load("imdb").card.files[0].sha256 != before


def test_other_forms_are_read_too(mirror: Path) -> None:
    sms = "".join(f'{("ham", "spam")[row % 2]}\tmessage "{row}"\n' for row in range(30))
    write(mirror / "sms_spam" / "SMSSpamCollection", sms)
    assert load("sms_spam").labels == ("ham", "spam")
    for language in ("Korean", "Polish"):
        names = "".join(f"{language}{chr(97 + row)}ś\n" for row in range(20))
        write(mirror / "names" / "data" / "names" / f"{language}.txt", names)
    assert load("names").labels == ("Korean", "Polish")
    for topic in ("business", "entertainment", "politics", "sport", "tech"):
        for row in range(6):
            write(
                mirror / "summaries" / "bbc" / topic / f"{row:03d}.txt",
                f"{topic} {row}\n\nbody £5",
                "latin-1",
            )
    write(mirror / "summaries" / "bbc" / "README.TXT", "about")
    data = load_dataset(DataRecipe(source="bbc", encoding="latin-1"), 42)
    assert len(data.labels) == 5
    assert data.train[0].inputs["text"].endswith("body £5")


def test_a_set_without_labels_says_what_it_is_for(mirror: Path) -> None:
    write(mirror / "ett" / "ETTh1.csv", "date,OT\n1,2\n")
    with pytest.raises(DataError, match="the public set ett has no label a row: it is for the task forecast"):
        load("ett")


LABELLED = {name for name, entry in CATALOG.items() if entry.task == "classify" and entry.forms[0].target}


def test_the_labelled_sets_are_known() -> None:
    assert {"nsmc", "imdb", "names", "sms_spam", "3i4k", "bbc", "naver-shopping", "steam"} == LABELLED


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "sizes", "labels", "overlap"),
    [
        ("3i4k", (49_621, 5_513, 6_121), 7, 619),
        ("names", (16_239, 1_804, 2_007), 18, 0),
        ("sms_spam", (4_513, 502, 557), 2, 0),
        ("bbc", (1_802, 200, 223), 5, 0),
        pytest.param("imdb", (22_500, 2_500, 25_000), 2, 123, marks=pytest.mark.slow),
    ],
)
def test_the_real_sets_have_the_numbers_that_are_known(
    data_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    sizes: tuple[int, ...],
    labels: int,
    overlap: int,
) -> None:
    monkeypatch.setenv("YEOUL_DATA", str(data_folder))
    data = load(name)
    assert tuple(data.card.sizes.values()) == sizes
    assert len(data.labels) == labels
    assert data.card.overlap == overlap
