"""The embedded set: many names, each with one answer, always in the same order."""

import time
import unicodedata
from collections import Counter

from babel import Locale

from yeoul.data import cldr
from yeoul.data.cldr import language_names


def test_each_name_has_one_language() -> None:
    table = language_names()
    texts, languages = table.columns["text"].to_pylist(), table.columns["language"].to_pylist()
    assert table.rows == len(texts) == len(languages) >= 8_000
    lowered = [unicodedata.normalize("NFC", text).lower() for text in texts]
    assert len(set(lowered)) == len(lowered)
    assert all(text == text.strip() and text for text in texts)
    assert texts == sorted(texts)
    counts = Counter(languages)
    assert len(counts) >= 12
    assert max(counts.values()) < 2.5 * min(counts.values())


def test_names_are_those_of_cldr_and_shared_ones_are_left_out() -> None:
    table = language_names()
    language = dict(zip(table.columns["text"].to_pylist(), table.columns["language"].to_pylist()))
    assert language["Deutschland"] == "German"
    assert language["Allemagne"] == "French"
    assert "Argentina" not in language
    for code in cldr._CODES:
        locale = Locale.parse(code)
        name = str(Locale.parse(code).english_name)
        territories = {unicodedata.normalize("NFC", each).strip() for each in locale.territories.values()}
        assert sum(language.get(each) == name for each in territories) > 50


def test_the_rows_are_the_same_every_time_and_quick() -> None:
    begin = time.perf_counter()
    first = language_names()
    assert time.perf_counter() - begin < 3.0
    assert language_names().columns == first.columns
