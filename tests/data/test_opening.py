"""Opening: names are found however the disk spells them, and failures say what to do."""

import gzip
import random
import unicodedata
from pathlib import Path

import pytest

from yeoul.data import opening
from yeoul.data.encodings import detect
from yeoul.data.opening import existing_file, existing_source, shown_name
from yeoul.errors import DataError


@pytest.mark.parametrize("written", ["NFC", "NFD"])
@pytest.mark.parametrize("asked", ["NFC", "NFD"])
def test_korean_names_are_found_in_both_forms(tmp_path: Path, written: str, asked: str) -> None:
    real = (
        tmp_path / unicodedata.normalize(written, "자료실") / unicodedata.normalize(written, "영화 리뷰.csv")
    )
    real.parent.mkdir()
    real.write_text("a,b\n1,2\n", "utf-8")
    wanted = tmp_path / unicodedata.normalize(asked, "자료실") / unicodedata.normalize(asked, "영화 리뷰.csv")
    assert existing_file(wanted).samefile(real)
    assert shown_name(wanted) == "영화 리뷰.csv"


def test_a_missing_file_meets_its_neighbor(tmp_path: Path) -> None:
    (tmp_path / "reviews.csv").write_text("x", "utf-8")
    with pytest.raises(DataError, match=r"reviws\.csv: there is no such file; did you mean .*reviews\.csv\?"):
        existing_file(tmp_path / "reviws.csv")
    with pytest.raises(DataError, match="did you mean nsmc"):
        existing_file(tmp_path / "nsmcc", known=["nsmc"])
    with pytest.raises(DataError, match="name a file"):
        existing_file(tmp_path / "nowhere" / "q.tsv")


def test_other_things_than_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="this is a folder"):
        existing_file(tmp_path)
    with pytest.raises(DataError, match="no such file"):
        existing_file(tmp_path / ("long " * 200))
    (tmp_path / "file").write_text("x", "utf-8")
    with pytest.raises(DataError, match="no such file"):
        existing_file(tmp_path / "file" / "below")


def test_a_source_may_be_a_folder(tmp_path: Path) -> None:
    (tmp_path / "reviews").mkdir()
    assert existing_source(tmp_path / "reviews") == tmp_path / "reviews"
    with pytest.raises(DataError, match=r"did you mean .*reviews\?"):
        existing_source(tmp_path / "reviws")


def test_a_gzip_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "bomb.csv.gz"
    path.write_bytes(gzip.compress(b"text,label\n" + b"a,1\n" * 2_000_000))
    assert detect(path).name == "utf-8"
    monkeypatch.setattr(opening, "MOST_UNPACKED_BYTES", 1 << 20)
    with pytest.raises(
        DataError, match=r"bomb\.csv\.gz: the gzip file unpacks to more than 200 times its size"
    ):
        detect(path)
    path.write_bytes(gzip.compress(random.Random(0).randbytes(1_000_000).hex().encode()))
    assert detect(path).name == "utf-8"
