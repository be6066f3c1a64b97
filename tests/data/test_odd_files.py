"""Malformed and odd files: each gives the right rows, all of them, or one line with file, row and remedy."""

import bz2
import csv
import gzip
import io
import os
import unicodedata
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yeoul.data.readers import read_table
from yeoul.errors import DataError, YeoulError

Rows = list[tuple[str, ...]]
AB: Rows = [("a", "1"), ("b", "0")]
KO: Rows = [("좋다", "긍정"), ("별로다", "부정")]
PLAIN = "text,label\na,1\nb,0\n"
KOREAN = "글,감정\n좋다,긍정\n별로다,부정\n"
LONG = "가나 " * 500_000
WIDE = 10_000


def parquet(columns: Mapping[str, object], **options: object) -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file, **options)
    return file.getvalue()


def zipped(name: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, "text,label\na,1\n")
    return file.getvalue()


PARQUET = parquet({"text": ["a", "b"], "label": [1, 0]})
JSONL = '{"text": "a", "label": "1"}\n{"text": "b", "label": "0"}\n'

# name of the file, its content, options of read_table, and the rows
RIGHT: list[tuple[str, bytes, dict[str, object], Rows]] = [
    ("utf8.csv", KOREAN.encode(), {}, KO),
    ("mark.csv", KOREAN.encode("utf-8-sig"), {}, KO),
    ("cp949.csv", KOREAN.encode("cp949"), {}, KO),
    ("euckr.csv", KOREAN.encode("euc-kr"), {"encoding": "euc-kr"}, KO),
    ("utf16.csv", KOREAN.encode("utf-16"), {}, KO),
    ("utf16be.csv", b"\xfe\xff" + KOREAN.encode("utf-16-be"), {}, KO),
    ("utf32.csv", KOREAN.encode("utf-32"), {}, KO),
    ("latin.csv", "text,label\ncafé,1\n".encode("latin-1"), {"encoding": "latin-1"}, [("café", "1")]),
    ("unmarked16.csv", PLAIN.encode("utf-16-le"), {"encoding": "utf-16-le"}, AB),
    ("semicolon.csv", PLAIN.replace(",", ";").encode(), {}, AB),
    ("tab.csv", PLAIN.replace(",", "\t").encode(), {}, AB),
    ("bar.txt", PLAIN.replace(",", "|").encode(), {}, AB),
    ("colon.csv", PLAIN.replace(",", ":").encode(), {"separator": ":"}, AB),
    ("windows.csv", PLAIN.replace("\n", "\r\n").encode(), {}, AB),
    ("old mac.csv", PLAIN.replace("\n", "\r").encode(), {}, AB),
    ("mixed newlines.csv", b"text,label\ra,1\r\nb,0\n", {}, AB),
    ("no newline at the end.csv", PLAIN.rstrip().encode(), {}, AB),
    ("blank lines.csv", b"\n\ntext,label\n\na,1\n  \n,\nb,0\n\n\n", {}, AB),
    ("quoted newline.csv", b'text,label\n"a\n\nb",1\n', {}, [("a\n\nb", "1")]),
    ("quotes.csv", b'text,label\n"say ""a"", b",1\n', {}, [('say "a", b', "1")]),
    ("inner quote.csv", b'text,label\na 5" disk,1\n', {}, [('a 5" disk', "1")]),
    ("literal quote.tsv", b'text\tlabel\n"open\t1\nb\t0\n', {}, [('"open', "1"), ("b", "0")]),
    ("comma in tabs.tsv", b"text\tlabel\na, b, c\t1\n", {}, [("a, b, c", "1")]),
    ("quoted header.csv", b'"text","label"\na,1\nb,0\n', {}, AB),
    ("spaces in header.csv", b" text , label\na,1\nb,0\n", {}, AB),
    ("mark inside.csv", b"text,label\n\xef\xbb\xbfa,1\nb,0\n", {}, [("\ufeffa", "1"), ("b", "0")]),
    ("control.csv", b"text,label\na\x07\x1b[0m,1\n", {}, [("a\x07\x1b[0m", "1")]),
    ("half width.csv", "text,label\nﾊﾝ\u3164\u200d,1\n".encode(), {}, [("ﾊﾝ\u3164\u200d", "1")]),
    ("line separator.csv", "text,label\na\u2028b,1\n".encode(), {}, [("a\u2028b", "1")]),
    ("formula.csv", b"text,label\n=1+1,1\n", {}, [("=1+1", "1")]),
    ("null words.csv", b"text,label\nNA,null\nnan,\n", {}, [("NA", "null"), ("nan", "")]),
    ("one column.csv", b"text\na\nb\n", {}, [("a",), ("b",)]),
    ("one row.csv", b"text,label\na,1", {}, [("a", "1")]),
    ("huge line.csv", f"text,label\n{LONG},1\n".encode(), {}, [(LONG, "1")]),
    ("wide.csv", f"{','.join(f'c{n}' for n in range(WIDE))}\n{',' * (WIDE - 1)}x\n".encode(), {}, []),
    ("no header.csv", b"a,1\nb,0\n", {"columns": ("text", "label")}, AB),
    ("header after all.csv", PLAIN.encode(), {"columns": ("text", "label")}, AB),
    ("quoted header after all.csv", b'"text","label"\na,1\nb,0\n', {"columns": ("text", "label")}, AB),
    ("no header.txt", b"1\ta, b, c\n0\td\n", {"columns": ("label", "text")}, [("1", "a, b, c"), ("0", "d")]),
    ("only texts.txt", b'a, "b\nc; d\n', {"columns": ("text",)}, [('a, "b',), ("c; d",)]),
    ("csv.gz", gzip.compress(PLAIN.encode(), mtime=0), {}, AB),
    ("packed.csv", gzip.compress(PLAIN.encode(), mtime=0), {}, AB),
    ("not packed.csv.gz", PLAIN.encode(), {}, AB),
    ("cp949.csv.gz", gzip.compress(KOREAN.encode("cp949"), mtime=0), {}, KO),
    (
        "two members.csv.gz",
        gzip.compress(b"text,label\na,1\n", mtime=0) + gzip.compress(b"b,0\n", mtime=0),
        {},
        AB,
    ),
    ("table.xlsx", PLAIN.encode(), {}, AB),
    ("table.parquet", PLAIN.encode(), {}, AB),
    ("table.jsonl", PLAIN.encode(), {}, AB),
    ("no extension", PLAIN.encode(), {}, AB),
    ("BM.csv", "BMW,label\n가,1\n".encode(), {}, [("가", "1")]),
    ("a.jsonl", JSONL.encode(), {}, AB),
    ("jsonl.csv", JSONL.encode(), {}, AB),
    ("mark.jsonl", JSONL.encode("utf-8-sig"), {}, AB),
    ("utf16.jsonl", JSONL.encode("utf-16"), {}, AB),
    ("packed.jsonl.gz", gzip.compress(JSONL.encode(), mtime=0), {}, AB),
    ("old mac.jsonl", JSONL.replace("\n", "\r").encode(), {}, AB),
    ("blank.jsonl", JSONL.replace("\n", "\n\n \n").encode(), {}, AB),
    ("list.json", f"[\n{JSONL.strip().replace(chr(10), ',' + chr(10))}\n]".encode(), {}, AB),
    ("spread.json", b'[{"text":\n "a",\n"label": "1"} ,\n{"text":"b","label":"0"}]\n', {}, AB),
    ("named.jsonl", JSONL.encode(), {"columns": ("label", "text")}, AB),
    (
        "values.jsonl",
        b'{"a": 1.10, "b": true, "c": null, "d": [1, "x"], "e": {"k": -1e5}}\n{"a": 12345678901234567890}\n',
        {},
        [("1.10", "true", "", '[1, "x"]', '{"k": -1e5}'), ("12345678901234567890", "", "", "", "")],
    ),
    ("late key.jsonl", b'{"a": "x"}\n{"b": "y"}\n', {}, [("x", ""), ("", "y")]),
    ("escapes.jsonl", rb'{"a": "\ud55c\uae00 \ud83d\ude00 \n", "b": "\""}', {}, [("한글 😀 \n", '"')]),
    ("a.parquet", PARQUET, {}, AB),
    ("parquet.csv", PARQUET, {}, AB),
    ("nulls.parquet", parquet({"a": ["x", None], "b": [1.0, None]}), {}, [("x", "1"), ("", "")]),
    ("lists.parquet", parquet({"a": [["가", "b"], []]}), {}, [('["가", "b"]',), ("[]",)]),
    (
        "kinds.parquet",
        parquet(
            {
                "a": pa.array(["x"]).dictionary_encode(),
                "b": [True],
                "c": pa.array([0.1], pa.float32()),
                "d": [b"z"],
            }
        ),
        {},
        [("x", "true", "0.1", "z")],
    ),
]

# name of the file, its content, options, and what the one line says
WRONG: list[tuple[str, bytes, dict[str, object], str]] = [
    ("empty.csv", b"", {}, "empty.csv: the file is empty; save"),
    ("spaces.csv", b" \n\t\n", {}, "spaces.csv: the file is empty; save"),
    ("mark only.csv", b"\xef\xbb\xbf", {}, "mark only.csv: the file is empty"),
    ("header only.csv", b"text,label\n", {}, "header only.csv: the file has a header but no rows; add"),
    (
        "ragged.csv",
        b"text,label\na,1\nb, c,0\n",
        {},
        "ragged.csv:3: the row has 3 columns, the header 2; put",
    ),
    ("short.csv", b"text,label\na\n", {}, "short.csv:2: the row has 1 columns, the header 2"),
    ("open quote.csv", b'text,label\na,1\n"b,0\nc,1\n', {}, "open quote.csv:3: a value opens a quote"),
    ("twice.csv", b"text,text\na,b\n", {}, "twice.csv: the header has the column text more than once; give"),
    ("nul.csv", b"text,label\na,1\nb\0,0\n", {}, "nul.csv:3: the file holds a NUL character"),
    ("bad byte.csv", b"text,label\na\xff,1\n", {}, "bad byte.csv:2: byte 0xFF at offset 12 is neither"),
    ("surrogate.csv", b"text,label\n\xed\xa0\x80,1\n", {}, "surrogate.csv:2: byte 0xED"),
    ("half.csv", "text\n가".encode("utf-16")[:-1], {}, "half.csv:2: byte"),
    ("told wrong.csv", KOREAN.encode("cp949"), {"encoding": "utf-8"}, "told wrong.csv:1: byte"),
    ("unmarked.csv", PLAIN.encode("utf-16-be"), {}, "unmarked.csv: this looks like UTF-16 without"),
    ("separator.csv", PLAIN.encode(), {"separator": "::"}, "data.separator: the separator '::'"),
    ("encoding.csv", PLAIN.encode(), {"encoding": "utf-99"}, "data.encoding: there is no text encoding"),
    ("names.csv", b"a,1\n", {"columns": ("a", "b", "c")}, "names.csv:1: the first row has 2 columns, and 3"),
    (
        "names twice.csv",
        b"a,1\n",
        {"columns": ("a", "a")},
        "names twice.csv: the header has the column a more",
    ),
    (
        "no header ragged.csv",
        b"a,1\nb\n",
        {"columns": ("t", "l")},
        "no header ragged.csv:2: the row has 1 columns",
    ),
    ("book.csv", b"PK\x03\x04" + b"..[Content_Types].xml", {}, "book.csv: this is an Excel workbook"),
    ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), {}, "old.xls: this is an Excel workbook"),
    ("packed.csv", zipped("a.csv"), {}, "packed.csv: this is a packed archive; unpack"),
    ("packed.csv.bz2", bz2.compress(PLAIN.encode()), {}, "packed.csv.bz2: this is a packed archive"),
    (
        "twice.csv.gz",
        gzip.compress(gzip.compress(PLAIN.encode(), mtime=0), mtime=0),
        {},
        "twice.csv.gz: this is a packed archive",
    ),
    (
        "cut.csv.gz",
        gzip.compress(PLAIN.encode() * 9, mtime=0)[:-9],
        {},
        "cut.csv.gz: the gzip file is damaged",
    ),
    ("paper.csv", b"%PDF-1.7\n%\xe2\xe3", {}, "paper.csv: this is a PDF document"),
    ("cat.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", {}, "cat.csv: this is a picture"),
    ("cat.txt", b"\xff\xd8\xff\xe0\0\x10JFIF", {}, "cat.txt: this is a picture"),
    ("song.csv", b"ID3\x04\0\0", {}, "song.csv: this is a sound"),
    ("base.csv", b"SQLite format 3\0", {}, "base.csv: this is a file of another program"),
    ("page.csv", b"<!DOCTYPE html>\n<html>", {}, "page.csv: this is a web page"),
    ("program", b"\x7fELF\x02\x01\x01\0\0\0\xd0\xff\0", {}, "program: this is no text file; save"),
    ("noise.csv", bytes(range(1, 256)) * 9, {}, "noise.csv:"),
    (
        "comma.jsonl",
        b'{"a": 1},\n{"a": 2}\n',
        {},
        "comma.jsonl:1: this is no whole JSON object: something is",
    ),
    ("cut.jsonl", b'{"a": "1"}\n{"a": "2', {}, "cut.jsonl:2: this is no whole JSON object"),
    ("number.jsonl", b'{"a": "1"}\n7\n', {}, "number.jsonl:2: this is no JSON object; write"),
    ("list in lines.jsonl", b'{"a": "1"}\n["a"]\n', {}, "list in lines.jsonl:2: this is no JSON object"),
    ("lists.jsonl", b'["a", "1"]\n["b", "0"]\n', {}, "lists.jsonl:1: this is no JSON object"),
    ("twice.jsonl", b'{"a": 1}\n{"a": 1, "a": 2}\n', {}, "twice.jsonl:2: the object has the key a more"),
    ("nan.jsonl", b'{"a": NaN}\n', {}, "nan.jsonl:1: NaN is no JSON value"),
    ("deep nan.jsonl", b'{"a": [1, -Infinity]}\n', {}, "deep nan.jsonl:1: -Infinity is no JSON value"),
    (
        "deep.jsonl",
        b'{"a": ' + b"[" * 9999 + b"]" * 9999 + b"}\n",
        {},
        "deep.jsonl:1: the object is nested too",
    ),
    ("half.jsonl", rb'{"a": "x"}' + b"\n" + rb'{"a": "\ud800"}', {}, "half.jsonl:2: a value holds half of a"),
    ("nul.jsonl", b'{"a": "x"}\n' + rb'{"a": "\u0000"}', {}, "nul.jsonl:2: a value holds a NUL"),
    ("single.jsonl", b"{'a': 'x'}\n", {}, "single.jsonl:1: this is no whole JSON object"),
    ("raw tab.jsonl", b'{"a": "x\ty"}\n', {}, "raw tab.jsonl:1: this is no whole JSON object"),
    ("none.json", b"[]", {}, "none.json: the file holds no objects; write"),
    ("trailing.json", b'[{"a": 1},\n]', {}, "trailing.json:2: this is no JSON object"),
    ("open.json", b'[{"a": 1},\n{"a": 2}\n', {}, "open.json:3: the list of objects is not well formed"),
    ("rest.json", b'[{"a": 1}]\n{"a": 2}', {}, "rest.json:2: the list of objects is not well formed"),
    (
        "many.jsonl",
        b"".join(b'{"k%d": 1}\n' % n for n in range(10_002)),
        {},
        "many.jsonl:10001: the objects have",
    ),
    (
        "names.jsonl",
        JSONL.encode(),
        {"columns": ("text", "y")},
        "names.jsonl: the file names its columns itself",
    ),
    ("cut.parquet", PARQUET[:-9], {}, "cut.parquet: the Parquet file is damaged or not whole; copy"),
    ("name.parquet", PARQUET.replace(b"label", b"l\xffbel"), {}, "name.parquet: the Parquet file is damaged"),
    ("head.parquet", b"PAR1", {}, "head.parquet: the Parquet file is damaged"),
    (
        "none.parquet",
        parquet({"a": pa.array([], pa.string())}),
        {},
        "none.parquet: the file has columns but no",
    ),
    (
        "bytes.parquet",
        parquet({"a": [b"\xff\xfe"]}),
        {},
        "bytes.parquet:1: the column a holds values that are no",
    ),
    ("nul.parquet", parquet({"a": ["x\0"]}), {}, "nul.parquet:1: the column a holds values"),
    ("nested bytes.parquet", parquet({"a": [{"b": b"x"}]}), {}, "nested bytes.parquet:1: the column a holds"),
]


def written(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def rows_of(columns: Mapping[str, pa.ChunkedArray]) -> Rows:
    return list(zip(*(column.to_pylist() for column in columns.values())))


def test_there_are_many() -> None:
    assert len(RIGHT) + len(WRONG) >= 120


@pytest.mark.parametrize(("name", "content", "options", "rows"), RIGHT, ids=[case[0] for case in RIGHT])
def test_odd_files_give_their_rows(
    tmp_path: Path, name: str, content: bytes, options: dict[str, object], rows: Rows
) -> None:
    table = read_table(written(tmp_path, name, content), **options)  # type: ignore[arg-type]
    if name == "wide.csv":
        assert (len(table.columns), table.rows, table.columns["c9999"].to_pylist()) == (WIDE, 1, ["x"])
        return
    assert rows_of(table.columns) == rows
    assert table.rows == len(rows) == len(table.numbers)
    assert (table.numbers[1:] > table.numbers[:-1]).all()
    assert all(column.null_count == 0 and column.type == pa.string() for column in table.columns.values())
    assert table.name == name


@pytest.mark.parametrize(("name", "content", "options", "line"), WRONG, ids=[case[0] for case in WRONG])
def test_malformed_files_are_one_line(
    tmp_path: Path, name: str, content: bytes, options: dict[str, object], line: str
) -> None:
    with pytest.raises(YeoulError) as caught:
        read_table(written(tmp_path, name, content), **options)  # type: ignore[arg-type]
    message = str(caught.value)
    assert message.startswith(line)
    assert "; " in message, "the remedy"
    assert "\n" not in message
    assert caught.value.message("ko") != message
    assert caught.value.exit_code in (2, 3)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_forbidden_file_is_an_error(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", PLAIN.encode())
    path.chmod(0)
    with pytest.raises(DataError, match="cannot be read"):
        read_table(path)


def test_names_with_spaces_and_decomposed_ones_are_found(tmp_path: Path) -> None:
    decomposed = unicodedata.normalize("NFD", "영화 리뷰 (최종).csv")
    written(tmp_path, decomposed, PLAIN.encode())
    table = read_table(tmp_path / "영화 리뷰 (최종).csv")
    assert (table.name, table.rows) == ("영화 리뷰 (최종).csv", 2)


def test_a_file_that_grows_meanwhile_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from yeoul.data import readers

    path = written(tmp_path, "log.csv", PLAIN.encode())
    read: Callable[..., bytes] = readers.read_utf8

    def growing(*arguments: object) -> bytes:
        with path.open("ab") as file:
            file.write(b"c,1\n")
        return read(*arguments)

    monkeypatch.setattr(readers, "read_utf8", growing)
    with pytest.raises(DataError, match=r"log\.csv: the file changed while it was read; read it again"):
        read_table(path)


CASES = [(name, content) for name, content, *_ in RIGHT + WRONG if len(content) < 10_000]


@given(st.sampled_from(CASES), st.lists(st.tuples(st.integers(0, 9_999), st.binary(max_size=3)), max_size=4))
@settings(max_examples=150, deadline=None)
def test_whatever_the_bytes_there_are_rows_or_one_line(
    tmp_path_factory: pytest.TempPathFactory, case: tuple[str, bytes], edits: list[tuple[int, bytes]]
) -> None:
    name, content = case
    for place, new in edits:
        place %= len(content) + 1
        content = content[:place] + new + content[place + 1 :]
    path = written(tmp_path_factory.mktemp("any"), name, content)
    said, lengths = "", {1}
    try:
        table = read_table(path)
        lengths = {table.rows, *map(len, table.columns.values())}
    except YeoulError as error:
        said = str(error)
    assert "\n" not in said
    assert len(lengths) == 1
    assert min(lengths) > 0


LINES = st.sampled_from(["a,1", "b,0", '"two\nlines",1', "", "  ", ",", '"",""', '"a, b",0', "c,"])


@given(st.lists(LINES, min_size=1, max_size=12), st.sampled_from(["\n", "\r\n"]))
@settings(max_examples=150, deadline=None)
def test_rows_and_blank_rows_are_all_that_the_file_has(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], ends: str
) -> None:
    path = written(tmp_path_factory.mktemp("count"), "a.csv", ends.join(["text,label", *lines, ""]).encode())
    records = list(csv.reader(io.StringIO("\n".join(lines) + "\n", newline="")))
    full = [number for number, record in enumerate(records, 2) if any(cell.strip(" ") for cell in record)]
    if not full:
        with pytest.raises(DataError, match="no rows"):
            read_table(path)
        return
    table = read_table(path)
    assert table.numbers.tolist() == full
    assert table.rows + table.blank == full[-1] - 1
