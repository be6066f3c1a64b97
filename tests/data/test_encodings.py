"""Encodings: detection agrees with decoding the whole file, at any block border."""

import gzip
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yeoul.data import encodings
from yeoul.data.encodings import Encoding, detect, read_utf8
from yeoul.errors import DataError, UsageError

KOREAN = "리뷰,평점\n정말 재미있다,1\n똠방각하 펲시콜라,0\n"


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (KOREAN.encode("utf-8"), "utf-8"),
        (KOREAN.encode("utf-8-sig"), "utf-8-sig"),
        (KOREAN.encode("cp949"), "cp949"),
        ("리뷰,평점\n좋다,1\n".encode("euc-kr"), "cp949"),
        (KOREAN.encode("utf-16"), "utf-16"),
        (b"\xfe\xff" + KOREAN.encode("utf-16-be"), "utf-16"),
        (KOREAN.encode("utf-32"), "utf-32"),
        (b"a,b\n1,2\n", "utf-8"),
    ],
)
def test_detects_and_reads_what_was_written(tmp_path: Path, content: bytes, name: str) -> None:
    path = tmp_path / "리뷰.csv"
    path.write_bytes(content)
    found = detect(path)
    assert found == Encoding(name, detected=True)
    assert read_utf8(path, found).decode("utf-8") == content.decode(name)


def test_reads_through_gzip(tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv.gz"
    path.write_bytes(gzip.compress(KOREAN.encode("cp949")))
    found = detect(path)
    assert found.name == "cp949"
    assert read_utf8(path, found).decode("utf-8") == KOREAN


def test_a_damaged_gzip_file_is_a_data_error(tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv.gz"
    path.write_bytes(gzip.compress(KOREAN.encode() * 99)[:-20])
    with pytest.raises(DataError, match="gzip file is damaged"):
        detect(path)


def test_bad_bytes_are_named_by_line_and_offset(tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    path.write_bytes(b"text,label\ngood,1\ncaf\xe9 noir,0\n")
    with pytest.raises(DataError) as caught:
        detect(path)
    assert str(caught.value) == (
        "reviews.csv:3: byte 0xE9 at offset 21 is neither UTF-8 nor CP949; "
        "name the encoding, for example `--encoding latin-1`"
    )
    assert caught.value.exit_code == 3
    assert detect(path, "latin-1") == Encoding("latin-1", detected=False)


def test_the_furthest_failure_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    good = "좋다,1\n".encode("cp949") * 5
    path.write_bytes(good + b"x\xff,1\n")
    with pytest.raises(DataError, match=f"reviews.csv:6: byte 0xFF at offset {len(good) + 1} "):
        detect(path)


@given(st.text("a한b\n글,", max_size=40), st.sampled_from(["utf-8", "cp949"]), st.integers(1, 9), st.data())
@settings(max_examples=150, deadline=None)
def test_blocks_do_not_change_the_place_of_a_bad_byte(
    tmp_path_factory: pytest.TempPathFactory, text: str, codec: str, block: int, data: st.DataObject
) -> None:
    content = bytearray(text.encode(codec))
    content.insert(data.draw(st.integers(0, len(content))), 0xFF)
    path = tmp_path_factory.mktemp("bad") / "a.csv"
    path.write_bytes(content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encodings, "_BLOCK_BYTES", block)
        bad = encodings._first_bad_byte(path, codec)
    with pytest.raises(UnicodeDecodeError) as whole:
        bytes(content).decode(codec)
    assert bad is not None
    assert bad.offset == whole.value.start
    assert bad.line == 1 + content[: bad.offset].decode(codec).count("\n")
    assert bad.value == content[bad.offset]


@given(
    st.text(max_size=60),
    st.sampled_from(["utf-8", "utf-8-sig", "cp949", "utf-16", "utf-32"]),
    st.integers(1, 9),
)
@settings(max_examples=150, deadline=None)
def test_no_good_file_is_refused_at_a_block_border(
    tmp_path_factory: pytest.TempPathFactory, text: str, codec: str, block: int
) -> None:
    content = text.replace("\0", "").encode(codec, "ignore")
    path = tmp_path_factory.mktemp("good") / "a.csv"
    path.write_bytes(content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encodings, "_BLOCK_BYTES", block)
        assert encodings._first_bad_byte(path, codec) is None


def test_a_wanted_encoding_is_checked(tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    path.write_bytes(KOREAN.encode("cp949"))
    assert detect(path, "CP949").name == "cp949"
    with pytest.raises(DataError, match=r"reviews\.csv:1: byte .* does not fit the encoding utf-8"):
        detect(path, "utf8")
    with pytest.raises(DataError, match="does not fit the encoding utf-16"):
        detect(path, "utf-16")
    path.write_bytes(KOREAN.encode("utf-8-sig"))
    assert detect(path, "utf-8").name == "utf-8-sig"


@pytest.mark.parametrize("name", ["utf-99", "base64", "rot13", "undefined", "a\0b", ""])
def test_an_unknown_codec_is_a_usage_error(tmp_path: Path, name: str) -> None:
    path = tmp_path / "reviews.csv"
    path.write_bytes(b"a,b\n1,2\n")
    with pytest.raises(UsageError, match="no text encoding"):
        detect(path, name)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"PK\x03\x04\x14\0\0\0[Content_Types].xml", "Excel workbook"),
        (b"PK\x03\x04\x14\0\0\0xl/worksheets", "Excel workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "Excel workbook"),
        (b"PK\x03\x04\x14\0\0\0readme.txt", "packed archive"),
        (gzip.compress(gzip.compress(b"a,b\n", mtime=0), mtime=0), "packed archive"),
        ("text,label\ngood,1\n".encode("utf-16-le"), "--encoding utf-16-le"),
        ("text,label\ngood,1\n".encode("utf-16-be"), "--encoding utf-16-be"),
        (b"text,label\ngood,1\nb\0d,0\n", r"reviews\.csv:3: the file holds a NUL"),
    ],
)
def test_files_that_are_no_text_are_named(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "reviews.csv"
    path.write_bytes(content)
    with pytest.raises(DataError, match=message):
        detect(path)


def test_unmarked_utf16_can_be_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    path.write_bytes(KOREAN.encode("utf-16-le"))
    found = detect(path, "utf-16-le")
    assert read_utf8(path, found).decode("utf-8") == KOREAN


def test_a_damaged_marked_file_names_its_mark(tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    path.write_bytes(KOREAN.encode("utf-16") + b"\n")
    with pytest.raises(DataError, match="does not fit utf-16, which the byte order mark names"):
        detect(path)
