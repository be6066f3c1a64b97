"""Tests of word vectors: files of pairs and of analogies are read, and answers scored as by hand."""

import os

import numpy as np
import pytest
from scipy.stats import spearmanr

from yeoul.data.vectortests import accuracy, read_tests, score_similarities, vector_tests
from yeoul.errors import DataError
from yeoul.text.vectortables import Answered, VectorTable


def test_agreement_is_spearmans_over_the_known_pairs():
    random = np.random.default_rng(3)
    words = [f"w{place}" for place in range(40)]
    table = VectorTable.of(words, random.normal(size=(40, 5)).astype(np.float32))
    said = random.integers(0, 8, 60).astype(float)
    pairs = [(*random.choice(words, 2, replace=False), score) for score in said]
    units = table.values / np.linalg.norm(table.values, axis=1, keepdims=True)
    cosines = [units[words.index(first)] @ units[words.index(second)] for first, second, _ in pairs]
    found = score_similarities(table, [*pairs, ("w1", "없다", 9.0)])
    assert found.spearman.value == pytest.approx(spearmanr(cosines, said).statistic, abs=1e-6)
    assert found.spearman.low < found.spearman.value < found.spearman.high
    assert (found.known, found.asked, found.held) == (60, 61, 60)


def test_there_is_no_agreement_on_nothing():
    table = VectorTable.of(["a", "b"], np.eye(2, dtype=np.float32))
    assert score_similarities(table, [("a", "b", 1.0)]).spearman is None
    with pytest.raises(ValueError, match="no pairs"):
        score_similarities(table, [])
    assert accuracy(Answered("x", 0, 0, 3)) is None
    assert accuracy(Answered("x", 3, 4, 9)).value == 0.75


@pytest.mark.parametrize(
    "content",
    ["word 1,word 2,score\n물,불,3.5\n물,물,10\n", "물\t불\t3.5\n물\t물\t10\n"],
    ids=["header", "none"],
)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp949"])
def test_pairs_are_read(tmp_path, content, encoding):
    path = tmp_path / ("쌍.tsv" if "\t" in content else "쌍.csv")
    path.write_bytes(content.encode(encoding))
    assert read_tests(path) == [("물", "불", 3.5), ("물", "물", 10.0)]


def test_analogies_are_read_by_section(tmp_path):
    (tmp_path / "a.txt").write_text(
        ": 나라\n서울 한국 도쿄 일본\n: 빈 것\n: 성별\n왕 여왕 남자 여자\n", "utf-8"
    )
    assert read_tests(tmp_path / "a.txt") == [
        ("나라", [("서울", "한국", "도쿄", "일본")]),
        ("성별", [("왕", "여왕", "남자", "여자")]),
    ]
    (tmp_path / "b.txt").write_text("a b c d\n", "utf-8")
    assert read_tests(tmp_path / "b.txt") == [("", [("a", "b", "c", "d")])]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "the file (is empty|holds no text)"),
        (": x\na b c\n", "t.csv:2: the line holds 3 words, expected 4"),
        ("a,b\n1,2\n", "t.csv: the line has 2 columns, expected 3"),
        ("a,b,c\n물,불,높음\n", "t.csv:2: '높음' is no number"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, content, said):
    (tmp_path / "t.csv").write_text(content, "utf-8")
    with pytest.raises(DataError, match=said):
        read_tests(tmp_path / "t.csv")


@pytest.mark.data
@pytest.mark.skipif("YEOUL_DATA" not in os.environ, reason="needs YEOUL_DATA")
def test_the_korean_tests_are_read_whole():
    (_, pairs), (_, sections) = vector_tests([])
    assert (len(pairs), len(sections), sum(len(rows) for _, rows in sections)) == (353, 10, 10_000)
