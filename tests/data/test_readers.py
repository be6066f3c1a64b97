"""Readers: what was written comes back, row for row, or the error names the row."""

import csv
import io
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yeoul.data.readers import Table, read_table
from yeoul.errors import DataError, UsageError


def table_of(tmp_path: Path, text: str, name: str = "reviews.csv", codec: str = "utf-8") -> Table:
    path = tmp_path / name
    path.write_bytes(text.encode(codec))
    return read_table(path)


def rows_of(table: Table) -> list[tuple[str, ...]]:
    return list(zip(*(column.to_pylist() for column in table.columns.values())))


def test_values_stay_as_they_are_written(tmp_path: Path) -> None:
    table = table_of(tmp_path, 'text,label\nNA,1\n" 007 ",null\n,0.10\n"a ""b"", c",2024-01-03\n')
    assert rows_of(table) == [("NA", "1"), (" 007 ", "null"), ("", "0.10"), ('a "b", c', "2024-01-03")]
    assert table.numbers.tolist() == [2, 3, 4, 5]
    assert (table.name, table.separator, table.rows) == ("reviews.csv", ",", 4)


def _is_said(row: tuple[str, ...]) -> bool:
    return any(value.strip('"') for value in row)


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0\ufeff"), max_size=12)
LATIN = st.text("ab\"',;| \r\n", max_size=8)
KOREAN = st.text('가힣똠뷁"\n, ', max_size=8)


@given(
    st.integers(1, 5).flatmap(
        lambda width: st.lists(
            st.lists(CELLS | LATIN | KOREAN, min_size=width, max_size=width), min_size=1, max_size=8
        )
    ),
    st.sampled_from(",;|"),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
@settings(max_examples=250, deadline=None)
def test_reads_what_pythons_csv_writes(
    tmp_path_factory: pytest.TempPathFactory,
    cells: Sequence[Sequence[str]],
    separator: str,
    quoting: int,
    ends: str,
    codec: str,
) -> None:
    if any("\r" in cell for row in cells for cell in row):
        quoting = csv.QUOTE_ALL  # Python's writer quotes "\r" only where it ends lines
    header = [f"c{index}" for index in range(len(cells[0]))]
    file = io.StringIO()
    writer = csv.writer(file, delimiter=separator, quoting=quoting, lineterminator=ends)  # type: ignore[arg-type]
    writer.writerows([header, *cells])
    path = tmp_path_factory.mktemp("round") / "a.csv"
    path.write_bytes(file.getvalue().encode(codec))
    expected = [(number, tuple(row)) for number, row in enumerate(cells, 2) if len(row) == 1 or any(row)]
    if not expected:
        with pytest.raises(DataError, match="no rows"):
            read_table(path, separator=separator)
        return
    table = read_table(path, separator=separator)
    assert list(zip(table.numbers.tolist(), rows_of(table))) == expected
    assert list(table.columns) == header


@given(
    st.lists(
        st.tuples(st.text('ab"가 ', max_size=6), st.text('01"', max_size=3)).filter(_is_said),
        min_size=1,
        max_size=12,
    )
)
@settings(max_examples=300, deadline=None)
def test_tab_files_with_open_quotes_are_taken_literally(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]
) -> None:
    path = tmp_path_factory.mktemp("tab") / "a.txt"
    lines = ["text\tlabel", *("\t".join(row) for row in rows)]
    path.write_text("\n".join(lines) + "\n", "utf-8", newline="")
    table = read_table(path)
    assert table.rows == len(rows)
    if any(value.startswith('"') and not _closed(value) for row in rows for value in row):
        assert rows_of(table) == rows
    else:
        assert rows_of(table) == [
            tuple(row) for row in csv.reader(lines[1:], delimiter="\t", doublequote=True)
        ]


def _closed(value: str) -> bool:
    """Whether an opened quote is closed at the very end of the value, with pairs inside."""
    return len(value) >= 2 and value.endswith('"') and '"' not in value[1:-1].replace('""', "")


def test_a_tab_file_with_real_multi_line_values_is_unquoted(tmp_path: Path) -> None:
    table = table_of(tmp_path, 'text\tlabel\n"two\nlines"\t1\n"say ""hi"""\t0\n', "a.tsv")
    assert rows_of(table) == [("two\nlines", "1"), ('say "hi"', "0")]
    assert table.numbers.tolist() == [2, 3]


@pytest.mark.parametrize(
    ("name", "header", "separator"),
    [
        ("a.csv", "text,label", ","),
        ("a.csv", "text;label", ";"),
        ("a.txt", "text\tlabel", "\t"),
        ("a.txt", "text|label", "|"),
        ("a.csv", '"a;b;c";"x,y,z";d', ";"),
        ("a.tsv", "text,a,b\tlabel", "\t"),
        ("a.csv", "text", ","),
    ],
)
def test_the_separator_is_seen_in_the_header(tmp_path: Path, name: str, header: str, separator: str) -> None:
    names = next(csv.reader([header], delimiter=separator))
    table = table_of(tmp_path, header + "\n" + separator.join("1" * len(names)) + "\n", name)
    assert table.separator == separator
    assert list(table.columns) == names


def test_a_separator_may_be_given(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a:b,c\n1:2,3\n", "utf-8")
    assert list(read_table(path, separator=":").columns) == ["a", "b,c"]
    path.write_text("a\tb,c,d\n1\t2\n", "utf-8")
    assert (
        read_table(path, separator="tab").columns.keys() == read_table(path, separator="\\t").columns.keys()
    )
    for wrong in ("", "::", '"', "\n", "·"):
        with pytest.raises(UsageError, match="is not one plain character"):
            read_table(path, separator=wrong)


def test_header_names_are_cleaned(tmp_path: Path) -> None:
    decomposed = unicodedata.normalize("NFD", "리뷰")
    table = table_of(tmp_path, f" {decomposed} ,label,,\n좋다,1,,x\n", codec="utf-8-sig")
    assert list(table.columns) == ["리뷰", "label", "column 3", "column 4"]


def test_blank_rows_keep_the_numbers_of_the_others(tmp_path: Path) -> None:
    table = table_of(tmp_path, '\n\ntext,label\n"a\nb",1\n\n,\n   \nc,0\n\n\n')
    assert rows_of(table) == [("a\nb", "1"), ("c", "0")]
    assert table.numbers.tolist() == [4, 8]
    assert table.blank == 3


def test_old_line_ends_are_read(tmp_path: Path) -> None:
    assert rows_of(table_of(tmp_path, "text,label\ra,1\rb,0\r")) == [("a", "1"), ("b", "0")]


def test_a_long_value_and_many_columns_are_read(tmp_path: Path) -> None:
    long = 'x "y"\n' * 2_000_000
    table = table_of(tmp_path, 'text,label\n"' + long.replace('"', '""') + '",1\nb,0\n')
    assert rows_of(table) == [(long, "1"), ("b", "0")]
    names = [f"c{index}" for index in range(10_000)]
    wide = table_of(tmp_path, ",".join(names) + "\n" + ",".join(["1"] * 10_000) + "\n", "wide.csv")
    assert list(wide.columns) == names


@pytest.mark.parametrize(
    "value", ["\u3164", "ᄒ\u1161ᆫ", "👩‍👩‍👧", "\u202eabc", "오후 3:05", "1,234.5", "\x1f", "\u2028x"]
)
def test_odd_characters_pass_through(tmp_path: Path, value: str) -> None:
    assert rows_of(table_of(tmp_path, f'text,label\n"{value}",1\n')) == [(value, "1")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "reviews.csv: the file is empty"),
        ("\n \n", "reviews.csv: the file is empty"),
        ("text,label\n", "reviews.csv: the file has a header but no rows"),
        ("text,label\n,\n\n", "reviews.csv: the file has a header but no rows"),
        ("text,label,text\na,1,b\n", "reviews.csv: the header has the column text more than once"),
        ("text,label\na,1\nb, c,1\n", "reviews.csv:3: the row has 3 columns, the header 2"),
        ('text,label\n"a\nb",1\n\nc\n', "reviews.csv:4: the row has 1 columns, the header 2"),
        ('text,label\n"a\nb",1\nc,"d\ne,0\n', "reviews.csv:3: a value opens a quote that is not closed"),
        ('text,label\na,1\n"b,0\nc,1\n"d",0\ne,1\n', "reviews.csv:3: a value opens a quote"),
        ("text\tlabel\na\tb\tc\n", "reviews.csv:2: the row has 3 columns"),
    ],
)
def test_errors_name_the_row(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(DataError) as caught:
        table_of(tmp_path, text)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 3


def test_a_ragged_row_far_down_is_found(tmp_path: Path) -> None:
    body = "".join(f'"text {row}\nsecond line",{row % 2}\n' for row in range(400_000))
    with pytest.raises(DataError, match=r"reviews\.csv:400002: the row has 1 columns"):
        table_of(tmp_path, "text,label\n" + body + "stray\n")


@pytest.mark.data
@pytest.mark.parametrize(("name", "rows", "empty"), [("train", 150_000, 5), ("test", 50_000, 3)])
def test_nsmc_comes_out_row_for_row(data_folder: Path, name: str, rows: int, empty: int) -> None:
    path = data_folder / "nsmc" / f"ratings_{name}.txt"
    if not path.is_file():
        pytest.skip("nsmc is not there")
    table = read_table(path)
    naive = [tuple(line.split("\t")) for line in path.read_bytes().decode("utf-8").split("\n")[1:] if line]
    assert table.rows == len(naive) == rows
    assert table.columns["document"].to_pylist().count("") == empty
    # In this file each value that begins with a quote is quoted by the rules, so the quotes come off.
    unquoted = [
        tuple(value[1:-1].replace('""', '"') if value.startswith('"') else value for value in row)
        for row in naive
    ]
    assert rows_of(table) == unquoted
