"""Columns: names given are checked, names not given are guessed by name and by content."""

import unicodedata
from pathlib import Path

import pytest

from yeoul.data.columns import Columns, choose_columns
from yeoul.data.readers import Table, read_table
from yeoul.errors import DataError


def table_of(tmp_path: Path, header: str, rows: list[str]) -> Table:
    path = tmp_path / "reviews.csv"
    path.write_text("\n".join([header, *rows]) + "\n", "utf-8")
    return read_table(path)


TEXTS = [f"sentence number {row} about the film" for row in range(40)]


@pytest.mark.parametrize(
    ("header", "text", "target"),
    [
        ("id,document,label", "document", "label"),
        ("id,리뷰,평점", "리뷰", "평점"),
        ("번호,댓글,감정", "댓글", "감정"),
        ("id,Text,Category", "Text", "Category"),
        ("key,words,kind", "words", "kind"),  # none of them is a usual name
    ],
)
def test_columns_are_guessed(tmp_path: Path, header: str, text: str, target: str) -> None:
    rows = [f"{1000 + row},{words},{row % 2}" for row, words in enumerate(TEXTS)]
    assert choose_columns(table_of(tmp_path, header, rows), (), "") == Columns((text,), target, True, True)


def test_numbers_identifiers_and_dates_are_no_texts(tmp_path: Path) -> None:
    rows = [
        f"A-{row:020d},2024-01-{row % 28 + 1:02d} 10:00:{row % 60:02d},{row * 1.5:.12f},film {row} ok,{row % 2}"
        for row in range(40)
    ]
    table = table_of(tmp_path, "code,when,amount,words,kind", rows)
    assert choose_columns(table, (), "").inputs == ("words",)
    with pytest.raises(DataError, match="no column beside kind looks like text"):
        choose_columns(table_of(tmp_path, "code,kind", [f"A-{row},{row % 2}" for row in range(40)]), (), "")


def test_nothing_like_labels_is_an_error_with_the_columns(tmp_path: Path) -> None:
    table = table_of(tmp_path, "key,words", [f"{row},{words}" for row, words in enumerate(TEXTS)])
    with pytest.raises(
        DataError, match=r"no column looks like labels; the columns are key, words; .*--target"
    ):
        choose_columns(table, (), "")


def test_an_almost_empty_column_is_not_taken_for_labels(tmp_path: Path) -> None:
    rows = [f"{words},{row % 3},{'x' if row == 0 else ''}" for row, words in enumerate(TEXTS)]
    assert choose_columns(table_of(tmp_path, "words,kind,remark", rows), (), "").target == "kind"


def test_given_names_overrule(tmp_path: Path) -> None:
    rows = [f"title {row},{words},{row % 2},{row % 5}" for row, words in enumerate(TEXTS)]
    table = table_of(tmp_path, "제목,본문,label,평점", rows)
    decomposed = unicodedata.normalize("NFD", "제목")
    assert choose_columns(table, (decomposed, "본문"), "평점") == Columns(
        ("제목", "본문"), "평점", False, False
    )
    assert choose_columns(table, ("제목",), "") == Columns(("제목",), "label", False, True)
    assert choose_columns(table, (), "평점") == Columns(("본문",), "평점", True, False)


def test_unknown_and_doubled_names_are_errors(tmp_path: Path) -> None:
    table = table_of(tmp_path, "review,label", [f"{words},{row % 2}" for row, words in enumerate(TEXTS)])
    with pytest.raises(DataError) as caught:
        choose_columns(table, ("reviw",), "")
    assert str(caught.value) == (
        "reviews.csv: there is no column reviw; the columns are review, label; did you mean review?"
    )
    with pytest.raises(DataError, match="there is no column 평점"):
        choose_columns(table, (), "평점")
    with pytest.raises(DataError, match="label is both input and target"):
        choose_columns(table, ("label",), "label")
