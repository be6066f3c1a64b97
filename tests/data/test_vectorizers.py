"""Columns of texts to columns of ids: parts equal the whole, in memory or in a file, saved or not."""

import json
import os
import shutil
import unicodedata

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yeoul.data import tokens, vectorizers
from yeoul.data.tokens import TokenRows, collecting, load_rows
from yeoul.data.vectorizers import TextVectorizer
from yeoul.errors import DataError, DiskFullError, ModelFileError, RecipeError
from yeoul.recipe import TextRecipe
from yeoul.text import blocks
from yeoul.text.morphemes import installed_versions

CORPUS = ["이 Movie2 최고!! ㅋㅋㅋ", "3.5점, good movie's don't", "영화가 최고였다 movie"] * 3
needs_kiwi = pytest.mark.skipif(not installed_versions(), reason="needs the extra ko")
UNITS = ["byte", "character", "jamo", "syllable", "word", "subword"]
ANY = [*UNITS, pytest.param("morpheme", marks=needs_kiwi)]
KEEPS = ["head", "tail", "both"]


def fitted(unit="character", **options):
    recipe = TextRecipe(unit=unit, **{"min_count": 1, "vocabulary_size": 300, **options})
    return TextVectorizer.fit(recipe, CORPUS)


def same(first, second):
    assert first.unknown == second.unknown
    for name in ("ids", "offsets", "lost"):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))
        assert getattr(first, name).dtype == getattr(second, name).dtype


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """A cache folder of this test, and few tokens being many."""
    monkeypatch.setenv("YEOUL_CACHE", str(tmp_path / "캐시"))
    monkeypatch.setattr(tokens, "MANY_TOKENS", 10)
    return tmp_path / "캐시" / "tokens"


@pytest.mark.parametrize("unit", ANY)
@pytest.mark.parametrize("keep", KEEPS)
@settings(max_examples=25)
@given(texts=st.lists(st.text(max_size=30), max_size=5), length=st.integers(1, 12))
def test_what_is_kept_is_that_part_of_all_tokens(unit, keep, texts, length, whole):
    full = whole(unit)(texts)
    cut = whole(unit, keep, length)(texts)
    assert len(full) == len(cut) == len(texts)
    for row in range(len(texts)):
        everything = full.ids[full.offsets[row] : full.offsets[row + 1]].tolist()
        kept = cut.ids[cut.offsets[row] : cut.offsets[row + 1]].tolist()
        head = {"head": length, "tail": 0, "both": (length + 1) // 2}[keep]
        tail = length - head
        if len(everything) <= length:
            assert kept == everything
        else:
            assert kept == everything[:head] + everything[len(everything) - tail :]
        assert len(kept) + cut.lost[row] == len(everything)


@pytest.mark.parametrize("unit", ANY)
@pytest.mark.parametrize("keep", KEEPS)
@given(text=st.text("가각힣éa \u1100\u1161'!<br/>\ud800", max_size=20))
def test_each_kept_token_has_its_span(unit, keep, text, whole):
    every, kept = whole(unit).spans(text), whole(unit, keep, 5).spans(text)
    assert len(every) == len(whole(unit)([text]).ids)
    assert len(kept) == len(whole(unit, keep, 5)([text]).ids)
    head = {"head": 5, "tail": 0, "both": 3}[keep]
    assert kept == (every if len(every) <= 5 else every[:head] + every[len(every) - 5 + head :])


@pytest.mark.parametrize("unit", UNITS)
@settings(max_examples=25)
@given(texts=st.lists(st.text(max_size=12), max_size=8), cut=st.integers(0, 8))
def test_arrow_lists_and_small_blocks_give_the_same(unit, texts, cut, whole):
    vectorizer = whole(unit, "both", 7)
    texts = [text.encode("utf-8", "replace").decode() for text in texts]
    expected = vectorizer(texts)
    column = pa.array(texts, pa.string())
    same(vectorizer(column), expected)
    same(vectorizer(column.cast(pa.large_string())), expected)
    same(vectorizer(pa.chunked_array([column[:cut], column[cut:]], pa.string())), expected)
    same(vectorizer(pa.array(["앞", *texts, "뒤"])[1:-1]), expected)
    before = blocks.BLOCK_SIZE, blocks._BLOCK_TEXTS
    blocks.BLOCK_SIZE, blocks._BLOCK_TEXTS = 5, 3
    try:
        same(vectorizer(column), expected)
        same(vectorizer(texts), expected)
    finally:
        blocks.BLOCK_SIZE, blocks._BLOCK_TEXTS = before


def test_a_null_is_no_text():
    with pytest.raises(ValueError, match="a text is null"):
        fitted()(pa.array(["a", None]))


@pytest.mark.parametrize("unit", UNITS)
def test_in_a_file_as_in_memory(unit, cache, monkeypatch):
    vectorizer = fitted(unit, max_length=20, keep="both")
    texts = [*CORPUS, "", "뷁" * 50] * 3
    stored = vectorizer(texts)
    assert len(list(cache.iterdir())) == 1
    assert not stored.ids.flags.writeable
    monkeypatch.setattr(tokens, "MANY_TOKENS", 10**9)
    same(stored, vectorizer(texts))
    assert stored.unknown_share == np.mean(stored.ids == 0)


def test_the_same_texts_are_cut_once(cache, monkeypatch):
    vectorizer = fitted()
    first = vectorizer(CORPUS)
    monkeypatch.setattr(TextVectorizer, "_kept", None)  # would fail if it were cut again
    same(vectorizer(pa.array(CORPUS)), first)


@pytest.mark.parametrize(
    "changes",
    [{"max_length": 3}, {"keep": "tail"}, {"lowercase": True}, {"unit": "syllable"}, {"texts": ["xyz"] * 20}],
)
def test_other_texts_or_settings_are_kept_apart(cache, changes, monkeypatch):
    texts = changes.pop("texts", CORPUS)
    fitted(max_length=5)(CORPUS)
    other = fitted(**{"max_length": 5, **changes})
    stored = other(texts)
    assert len(list(cache.iterdir())) == 2
    monkeypatch.setattr(tokens, "MANY_TOKENS", 10**9)
    same(stored, other(texts))


@pytest.mark.parametrize("place", [0, 20, 90, 4096, 4100, -1])
@pytest.mark.parametrize("how", ["flip", "cut", "longer"])
def test_a_damaged_file_is_made_again(cache, place, how):
    vectorizer = fitted()
    first = vectorizer(CORPUS)
    expected = TokenRows(first.ids.copy(), first.offsets.copy(), first.lost.copy(), first.unknown)
    (path,) = cache.iterdir()
    content = bytearray(path.read_bytes())
    match how:
        case "flip":
            content[place] ^= 1
        case "cut":
            content = content[:place]
        case "longer":
            content += b"12345678"
    path.unlink()
    path.write_bytes(content)
    assert load_rows(path.stem) is None
    same(vectorizer(CORPUS), expected)
    assert load_rows(path.stem) is not None


def test_an_interrupted_file_leaves_nothing(cache):
    def interrupted():
        with collecting("key") as collection:
            collection.add(np.arange(20, dtype=np.int32), np.array([20]), np.array([0]))
            assert [path.name for path in cache.iterdir()] == [f".key.tokens.{os.getpid()}.part"]
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert not list(cache.iterdir())


def test_a_cache_that_is_deleted_meanwhile_takes_nothing_along(cache):
    with collecting("key") as collection:
        collection.add(np.arange(20, dtype=np.int32), np.array([12, 8]), np.array([0, 3]))
        shutil.rmtree(cache)
        rows = collection.rows()
    assert rows.ids.tolist() == list(range(20))
    assert (rows.offsets.tolist(), rows.lost.tolist()) == ([0, 12, 20], [0, 3])
    assert not cache.exists()


def test_a_cache_that_cannot_be_written_is_done_without(cache):
    cache.parent.write_text("a file where the folder should be")
    same(fitted()(CORPUS), fitted("character", max_length=10**6)(CORPUS))


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a full device")
def test_a_full_disk_is_named(cache):
    cache.mkdir(parents=True)
    (cache / f".key.tokens.{os.getpid()}.part").symlink_to("/dev/full")
    with pytest.raises(DiskFullError), collecting("key") as collection:
        collection.add(np.zeros(10**6, np.int32), np.array([10**6]), np.array([0]))
    assert not list(cache.iterdir())


def test_only_the_latest_used_files_are_kept(cache, monkeypatch):
    monkeypatch.setattr(tokens, "KEPT_FILES", 2)
    vectorizer = fitted()
    texts = [[letter * 40] for letter in "abc"]
    for place, one in enumerate(texts[:2]):
        vectorizer(one)
        for path in cache.iterdir():
            os.utime(path, (place, place))
    vectorizer(texts[0])  # used again, so it is the later one now
    vectorizer(texts[2])
    assert {path.stem for path in cache.iterdir()} == {vectorizer._key(texts[0]), vectorizer._key(texts[2])}


@given(data=st.data())
def test_gathering_rows_in_any_order(data):
    rows = data.draw(st.lists(st.lists(st.integers(0, 9), max_size=4), min_size=1, max_size=6))
    order = data.draw(st.lists(st.integers(0, len(rows) - 1), max_size=8))
    ids = np.array([one for row in rows for one in row], np.int32)
    offsets = np.cumsum([0, *map(len, rows)])
    held = TokenRows(ids, offsets, np.zeros(len(rows), np.int64))
    gathered, lengths = held.gather(np.array(order, np.int64))
    assert gathered.tolist() == [one for place in order for one in rows[place]]
    assert lengths.tolist() == [len(rows[place]) for place in order]
    assert held.unknown_share == pytest.approx(np.mean(ids == 0) if len(ids) else 0.0)


def test_truncation_says_what_it_loses():
    whole, cut = fitted(max_length=100), fitted(max_length=4)
    texts = ["movie movie", ""]
    assert cut(texts).lost.tolist() == [7, 0]
    assert cut(texts).lost_share == pytest.approx(7 / 11)
    assert whole(texts).lost_share == 0


@pytest.mark.parametrize("unit", ANY)
@pytest.mark.parametrize("options", [{}, {"lowercase": True, "keep": "both", "max_length": 5}])
def test_saved_and_loaded_it_encodes_the_same(unit, options, tmp_path):
    vectorizer = fitted(unit, **options)
    vectorizer.save(tmp_path)
    loaded = TextVectorizer.load(tmp_path)
    texts = ["MOVIE 최고 뷁 movie's", "", unicodedata.normalize("NFD", "최고였다")]
    same(loaded(texts), vectorizer(texts))
    assert loaded.settings == vectorizer.settings
    assert {path.name for path in tmp_path.iterdir()} == {"tokenizer.json", "text.json"}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("text.json", "{"),
        ("text.json", "[" * 100_000),
        ("text.json", {"max_length": 0}),
        ("text.json", {"max_length": 10**10}),
        ("text.json", {"max_length": "5"}),
        ("text.json", {"max_length": 5.5}),
        ("text.json", {"keep": "middle"}),
        ("text.json", {"unit": "letter"}),
        ("text.json", {"unit": "word"}),
        ("text.json", {"unit": "morpheme", "analyzer": None}),
        ("text.json", {"analyzer": {"kiwipiepy": "0.24.1", "kiwipiepy_model": "0.24.0"}}),
        ("text.json", {"extra": 1}),
        ("text.json", {"schema_version": 2}),
        ("tokenizer.json", "{"),
        ("tokenizer.json", ""),
        ("tokenizer.json", {"normalizer": None}),
        ("tokenizer.json", {"pre_tokenizer": {"type": "Whitespace"}}),
        ("tokenizer.json", {"truncation": {}}),
        (
            "tokenizer.json",
            {"normalizer": {"type": "Replace", "pattern": {"String": "a"}, "content": "a" * 1000}},
        ),
    ],
)
def test_forged_and_inconsistent_settings_are_refused(tmp_path, name, content):
    fitted().save(tmp_path)
    path = tmp_path / name
    if isinstance(content, dict):
        content = json.dumps({**json.loads(path.read_text("utf-8")), **content})
    path.write_text(content, "utf-8")
    with pytest.raises(ModelFileError):
        TextVectorizer.load(tmp_path)


@pytest.mark.parametrize("name", ["tokenizer.json", "text.json"])
def test_a_missing_part_is_refused(tmp_path, name):
    fitted().save(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(ModelFileError):
        TextVectorizer.load(tmp_path)


@pytest.mark.parametrize("unit", ["character", "syllable", "word", "jamo"])
def test_nothing_to_learn_is_an_error_with_a_remedy(unit):
    problem = rf"no {unit} occurs 3 times in the training texts; lower text.min_count"
    with pytest.raises(DataError, match=problem):
        TextVectorizer.fit(TextRecipe(unit=unit, min_count=3), ["a 1", "b 2"])


def test_morphemes_without_their_analyzer_name_the_extra(tmp_path, monkeypatch):
    monkeypatch.setattr(vectorizers, "installed_versions", dict)
    with pytest.raises(RecipeError, match=r"text\.unit: .*pip install 'yeoul\[ko\]'"):
        TextVectorizer.fit(TextRecipe(unit="morpheme"), CORPUS)


def test_a_model_names_the_analyzer_that_it_needs(tmp_path, monkeypatch):
    from yeoul.text.tokenizers import _empty, _numbered

    tokenizer = _numbered(_empty("morpheme", False, False), ["영화/NNG"])
    (tmp_path / "tokenizer.json").write_text(tokenizer.to_str(), "utf-8")
    needed = {"kiwipiepy": "0.24.1", "kiwipiepy_model": "0.24.0"}
    saved = {"schema_version": 1, "unit": "morpheme", "max_length": 5, "keep": "head", "analyzer": needed}
    (tmp_path / "text.json").write_text(json.dumps(saved), "utf-8")
    monkeypatch.setattr(vectorizers, "installed_versions", dict)
    with pytest.raises(ModelFileError, match=r"pip install 'yeoul\[ko\]'"):
        TextVectorizer.load(tmp_path)
    monkeypatch.setattr(vectorizers, "installed_versions", lambda: {**needed, "kiwipiepy": "0.25.0"})
    with pytest.raises(ModelFileError, match=r"pip install kiwipiepy==0\.24\.1 kiwipiepy_model==0\.24\.0"):
        TextVectorizer.load(tmp_path)
    monkeypatch.setattr(vectorizers, "installed_versions", lambda: needed)
    assert TextVectorizer.load(tmp_path).size == 2
    forged = {**saved, "analyzer": {**needed, "kiwipiepy": "0 evil"}}
    (tmp_path / "text.json").write_text(json.dumps(forged), "utf-8")
    with pytest.raises(ModelFileError, match="settings cannot be read"):
        TextVectorizer.load(tmp_path)


class Whole:
    """Vectorizers of every kind, each fitted once."""

    def __init__(self):
        self._made = {}

    def __call__(self, unit, keep="head", length=10**6):
        key = unit, keep, length
        if key not in self._made:
            self._made[key] = fitted(unit, keep=keep, max_length=length)
        return self._made[key]


@pytest.fixture(scope="module")
def whole():
    return Whole()
