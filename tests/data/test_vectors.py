"""Files of word vectors in all forms: what was written is read, and asked as one would by hand."""

import gzip
import os
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yeoul.data.vectors import open_vectors
from yeoul.errors import DataError
from yeoul.text.vectortables import VectorTable

WORDS = st.lists(st.from_regex(r"[a-z가-힣]{1,5}", fullmatch=True), min_size=1, max_size=8, unique=True)


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("YEOUL_CACHE", str(tmp_path / "cache"))


def drawn(words, size, random):
    return np.float32([[random.uniform(0.1, 2) * random.choice([-1, 1]) for _ in range(size)] for _ in words])


def as_text(words, values, counts=True):
    lines = [" ".join([word, *map(repr, map(float, row))]) for word, row in zip(words, values, strict=True)]
    return "\n".join([f"{len(words)} {values.shape[1]}"] * counts + lines).encode() + b"\n"


def as_binary(words, values, between=b"\n"):
    rows = [word.encode() + b" " + row.tobytes() + between for word, row in zip(words, values, strict=True)]
    return f"{len(words)} {values.shape[1]}\n".encode() + b"".join(rows)


def hashed(part, buckets):
    """FNV-1a as fastText has it: bytes above 127 are negative."""
    number = 2166136261
    for byte in part.encode():
        number = (number ^ (byte - 256 if byte > 127 else byte) % 2**32) * 16777619 % 2**32
    return number % buckets


def as_fasttext(words, matrix, buckets, version=12, quantized=False):
    settings_ = struct.pack("<12id", matrix.shape[1], 5, 1, 1, 5, 1, 2, 2, buckets, 3, 4, 100, 0.0)
    dictionary = struct.pack("<iiiqq", len(words) + 1, len(words), 1, 10, -1)
    entries = b"".join(word.encode() + b"\0" + struct.pack("<qb", 1, 0) for word in [*words, "__label__x"])
    shape = struct.pack("<?qq", quantized, *matrix.shape)
    return (
        struct.pack("<ii", 793712314, version) + settings_ + dictionary + entries + shape + matrix.tobytes()
    )


def opened(tmp_path, content, name="v.txt"):
    path = tmp_path / name
    path.write_bytes(content)
    return open_vectors(path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(WORDS, st.integers(1, 5), st.randoms(use_true_random=False), st.booleans())
def test_every_form_holds_the_same(tmp_path, words, size, random, counts):
    values = drawn(words, size, random)
    for number, content in enumerate(
        [
            as_text(words, values, counts),
            gzip.compress(as_text(words, values, counts)),
            as_binary(words, values),
            as_binary(words, values, b""),
            gzip.compress(as_binary(words, values)),
        ]
    ):
        path = tmp_path / f"{random.random()}-{number}.vec"
        path.write_bytes(content)
        for _ in range(2):  # the second time from the cache
            table = open_vectors(path)
            assert list(table.words) == words
            np.testing.assert_array_equal(table.values, values)
            assert all(word in table for word in words)


def test_a_first_word_may_hold_spaces(tmp_path):
    table = opened(tmp_path, b". . . 1 2\n7 3 4\n")
    assert (list(table.words), table.values.tolist()) == ([". . .", "7"], [[1, 2], [3, 4]])


def test_a_binary_file_is_not_copied_into_memory(tmp_path):
    """Rows are looked up in the mapped file: other numbers in it are other answers."""
    words, values = [f"w{place}" for place in range(12)], np.ones((12, 4), np.float32)
    table = opened(tmp_path, as_binary(words, values))
    with open(tmp_path / "v.txt", "r+b") as file:
        file.seek(-17, os.SEEK_END)
        file.write(np.float32([2, 3, 4, 5]).tobytes())
    assert table.vector("w11").tolist() == [2, 3, 4, 5]
    assert table.values[10:].tolist() == [[1, 1, 1, 1], [2, 3, 4, 5]]


def test_fasttext_gives_a_word_the_mean_of_its_parts(tmp_path):
    words, buckets = ["</s>", "물고기", "a"], 7
    matrix = np.arange((3 + buckets) * 2, dtype=np.float32).reshape(-1, 2)
    table = opened(tmp_path, as_fasttext(words, matrix, buckets), "model.bin")
    parts = ["<물고", "물고기", "고기>", "<물고기", "물고기>"]  # 3 and 4 letters of <물고기>
    rows = [1, *(3 + hashed(part, buckets) for part in parts)]
    np.testing.assert_allclose(table.vector("물고기"), matrix[rows].mean(axis=0))
    np.testing.assert_allclose(table.vector("</s>"), matrix[0])
    np.testing.assert_allclose(table.vector("a"), matrix[[2, 3 + hashed("<a>", buckets)]].mean(axis=0))
    unseen = [3 + hashed(part, buckets) for part in ("<b>",)]
    np.testing.assert_allclose(table.vector("b"), matrix[unseen].mean(axis=0))
    assert (table.covers("b"), "b" in table, table.covers("")) == (True, False, False)
    coverage = table.coverage({"a": 3, "b": 2, "": 5})
    assert (coverage.occurrences, coverage.composed) == (0.3, 0.2)
    assert table.neighbors("b", 3)[0].word in words


def test_questions():
    words = ["왕", "여왕", "남자", "여자", "물"]
    values = np.float32([[2, 0, 2], [2, 4, 2], [1, 0, 0], [1, 2, 0], [0, 0, -1]])
    table = VectorTable.of(words, values)
    assert table.analogy("남자", "왕", "여자")[0].word == "여왕"
    assert [near.word for near in table.neighbors("남자", 2)] == ["왕", "여자"]
    assert table.similarity("남자", "왕") == pytest.approx(2 / np.sqrt(8))
    answered = table.score_analogies([("나라", [("남자", "왕", "여자", "여왕"), ("왕", "남자", "물", "불")])])
    assert (answered[0].right, answered[0].known, answered[0].asked) == (1, 1, 2)
    coverage = table.coverage({"물": 3, "불": 2, "흙": 5})
    assert (coverage.words, coverage.occurrences, coverage.composed) == (1 / 3, 0.3, 0)
    assert coverage.missing == ("흙", "불")
    cosines = table.similarities([("남자", "왕"), ("불", "물")])
    assert (cosines[0], np.isnan(cosines[1])) == (pytest.approx(2 / np.sqrt(8)), True)


@settings(max_examples=25)
@given(WORDS.filter(lambda words: len(words) > 2), st.randoms(use_true_random=False))
def test_neighbors_are_those_with_the_highest_cosine(words, random):
    values = drawn(words, 3, random)
    units = values / np.linalg.norm(values, axis=1, keepdims=True)
    cosines = units @ units[0]
    expected = sorted(range(1, len(words)), key=lambda place: -cosines[place])
    found = VectorTable.of(words, values).neighbors(words[0], 2)
    np.testing.assert_allclose([near.cosine for near in found], cosines[expected[:2]], rtol=1e-4, atol=1e-5)


BINARY = as_binary(["aa", "bb"], np.float32([[1.5, 2.5], [3.5, 4.5]]))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no vector in the file"),
        (b"12 3", "no vector in the file"),
        (b"2" * 5000 + b" " + b"2" * 5000 + b"\n" + BINARY[4:], "v.txt:1: the vector of 22"),
        (
            as_text(["a"], np.float32([[3e38, 3e38]])) + b"b 1e39 0\n",
            "v.txt:3: the vector of b holds something",
        ),
        (b"a 1 2\nb 1\n", r"v.txt:2: the line holds 1 numbers, expected 2"),
        (b"a 1 x\n", "v.txt:1: the vector of a holds something"),
        (b"\xff 1 2\n", "v.txt:1: a word is not UTF-8"),
        (BINARY[:-5], "the file ends after 1 of 2 vectors"),
        (BINARY.replace(b"2 2\n", b"9999999 2\n"), "the file ends after 0 of 9999999"),
        (as_binary(["aa"], np.float32([[np.nan, 1.0]])), "the vector of aa"),
        (as_fasttext(["a"], np.zeros((3, 2), np.float32), 2)[:-3], "the file ends"),
        (as_fasttext(["a"], np.zeros((3, 2), np.float32), 2, quantized=True), "quantized"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_is_wrong_is_named(tmp_path, content, said):
    with pytest.raises(DataError, match=said):
        opened(tmp_path, content)


def test_a_word_that_is_not_there_is_named():
    table = VectorTable.of(["감정"], np.ones((1, 2), np.float32))
    with pytest.raises(DataError, match="there is no vector of 감점; did you mean 감정"):
        table.vector("감점")
    with pytest.raises(DataError, match="there is no vector of xyz"):
        table.neighbors("xyz")


@pytest.mark.data
@pytest.mark.skipif("YEOUL_DATA" not in os.environ, reason="needs YEOUL_DATA")
def test_glove_makes_sense():
    table = open_vectors(Path(os.environ["YEOUL_DATA"]) / "glove" / "glove.6B.50d.top50k.txt.gz")
    assert table.values.shape == (50_000, 50)
    assert "queen" in [near.word for near in table.analogy("man", "king", "woman")]
    assert table.neighbors("korea", 5)[0].word in ("korean", "koreans", "seoul", "japan", "pyongyang")
