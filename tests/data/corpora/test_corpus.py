"""Long texts: read from whatever form they have, and divided without losing or mixing a letter."""

import gzip
import json
import os
import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yeoul.cli.text_cards import parts_line, text_line
from yeoul.data.corpora import lines as reading_lines
from yeoul.data.corpora.checkup import check_text, looks_like_prose
from yeoul.data.corpora.corpus import PARTS, Reading, load_corpus, whole_text
from yeoul.data.corpora.lines import document, read_document, whole_lines, without_ends
from yeoul.errors import DataError, RecipeError
from yeoul.recipe import DataRecipe
from yeoul.report.text_records import TextCard
from yeoul.sound.wav import write_wav

STREAM, CLOSED, APART = Reading(False, False), Reading(True, False), Reading(True, True)


def texts_of(corpus):
    return {name: corpus.parts[name].to_pylist() for name in PARTS}


def written(tmp_path, text, name="글.txt", encoding="utf-8"):
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode(encoding))
    return path


def numbered(count, first=0):
    return "".join(f"{number}번째 줄, line {number}\n" for number in range(first, first + count))


@settings(max_examples=60, deadline=None)
@given(st.text(st.sampled_from(list("ab가나 \n\r\t.é😀")), max_size=200))
def test_lines_together_are_the_text(text):
    lines = document("text", text).lines.to_pylist()
    assert "".join(lines) == text.replace("\r\n", "\n").replace("\r", "\n")
    assert all(line and "\n" not in line[:-1] for line in lines)


@settings(max_examples=60, deadline=None)
@given(st.text(st.sampled_from(list("ab가 \n")), max_size=120), st.integers(2, 12))
def test_long_lines_in_pieces_are_the_text_and_whole_lines_again(text, longest):
    before = reading_lines._LONGEST_LINE
    reading_lines._LONGEST_LINE = max(longest, 4)
    try:
        cut = document("text", text).lines
    finally:
        reading_lines._LONGEST_LINE = before
    whole = document("text", text).lines
    assert "".join(cut.to_pylist()) == text
    assert all(len(line.encode()) <= max(longest, 4) + 4 for line in cut.to_pylist())
    assert [line for chunk in cut.chunks for line in whole_lines(chunk).to_pylist()] == whole.to_pylist()


@pytest.mark.parametrize(("text", "end"), [("가\n나", "\n"), ("가\n나\n", ""), ("가\r", "")])
def test_the_last_line_of_a_closed_text_has_an_end(tmp_path, text, end):
    path = written(tmp_path, text)
    lines = read_document(path, closed=True).lines.to_pylist()
    assert lines == [*read_document(path).lines.to_pylist()[:-1], lines[-1]]
    assert "".join(lines) == text.replace("\r", "\n") + end


@settings(max_examples=60, deadline=None)
@given(st.text(st.sampled_from(list("e\u0301가\u1100\u1161 \n")), max_size=60))
def test_letters_are_composed_wherever_blocks_end(text):
    before = reading_lines._LINES_AT_ONCE
    reading_lines._LINES_AT_ONCE = 2
    try:
        lines = document("text", text).lines.to_pylist()
    finally:
        reading_lines._LINES_AT_ONCE = before
    assert lines == [unicodedata.normalize("NFC", line) for line in text.splitlines(keepends=True)]


def test_blocks_torn_between_carriage_return_and_newline_are_one_line_end(monkeypatch):
    monkeypatch.setattr(reading_lines, "_BLOCK_BYTES", 2)
    assert document("text", "a\r\nb\r\n\r\nc\rd").lines.to_pylist() == ["a\n", "b\n", "\n", "c\n", "d"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16"])
def test_a_file_is_cut_in_order_at_line_ends(tmp_path, encoding):
    text = numbered(200)
    path = written(tmp_path, text.replace("\n", "\r\n"), encoding=encoding)
    corpus = load_corpus(DataRecipe(source=str(path), validation=0.1, test=0.2), STREAM, 1)
    parts = texts_of(corpus)
    assert "".join(line for name in PARTS for line in parts[name]) == text
    sizes = {name: len("".join(own).encode()) / len(text.encode()) for name, own in parts.items()}
    assert sizes == pytest.approx({"train": 0.72, "validation": 0.08, "test": 0.2}, abs=0.01)
    told = corpus.to_json()
    assert told["encoding"]["name"].startswith(encoding[:5])
    assert sum(part["bytes"] for part in told["parts"].values()) == len(text.encode())
    assert sum(part["characters"] for part in told["parts"].values()) == len(text)
    json.dumps(told)


def test_closed_lines_count_the_end_that_they_lack(tmp_path):
    text = numbered(50)
    corpus = load_corpus(DataRecipe(source=str(written(tmp_path, text))), CLOSED, 1)
    assert [line for name in PARTS for line in texts_of(corpus)[name]] == text.splitlines()
    told = corpus.to_json()["parts"]
    assert sum(part["bytes"] for part in told.values()) == len(text.encode())
    assert corpus.fingerprint != load_corpus(corpus_recipe(tmp_path), STREAM, 1).fingerprint


def corpus_recipe(tmp_path):
    return DataRecipe(source=str(tmp_path / "글.txt"))


def test_many_texts_are_never_cut_and_few_are_each_cut(tmp_path):
    for number in range(20):
        written(tmp_path, numbered(10, 10 * number).rstrip("\n"), f"많은 글/{number:02d}.txt")
    many = load_corpus(DataRecipe(source=str(tmp_path / "많은 글")), STREAM, 1)
    parts = texts_of(many)
    assert many.split["how"] == "documents"
    assert all(len(own) % 10 == 0 for own in parts.values())
    assert "".join(line for name in PARTS for line in parts[name]) == numbered(200)


def test_few_texts_are_each_cut(tmp_path):
    for number in range(3):
        written(tmp_path, numbered(40, 100 + 40 * number), f"{number}.txt")
    corpus = load_corpus(DataRecipe(source=str(tmp_path / "*.txt")), STREAM, 1)
    parts = texts_of(corpus)
    assert corpus.split["how"] == "lines"
    assert "".join(parts["test"]) == "".join(numbered(4, first) for first in (136, 176, 216))
    assert sum(map(len, parts.values())) == 120
    short = [written(tmp_path, numbered(2, number), f"kurze Texte/{number}.txt") for number in range(11)]
    few = load_corpus(DataRecipe(source=str(short[0].parent)), STREAM, 1)
    assert few.split["how"] == "documents"


def test_lines_of_their_own_are_drawn_and_equal_ones_stay_together(tmp_path):
    lines = [f"이름{number % 60}" for number in range(300)] + ["", "  "]
    path = written(tmp_path, "\n".join(lines))
    corpus = load_corpus(DataRecipe(source=str(path), test=0.2), APART, 3)
    parts = texts_of(corpus)
    assert sorted(line for own in parts.values() for line in own) == sorted(lines[:300])
    sets = [set(own) for own in parts.values()]
    assert not sets[0] & sets[1] | sets[0] & sets[2] | sets[1] & sets[2]
    assert corpus.blank == 2
    assert texts_of(load_corpus(DataRecipe(source=str(path), test=0.2), APART, 3)) == parts
    assert texts_of(load_corpus(DataRecipe(source=str(path), test=0.2), APART, 4)) != parts


def test_long_lines_of_their_own_are_drawn_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(reading_lines, "_LONGEST_LINE", 40)
    lines = [f"{number} " + "나비 " * (number % 9) + "끝" for number in range(60)]
    corpus = load_corpus(DataRecipe(source=str(written(tmp_path, "\n".join(lines)))), APART, 3)
    assert sorted(line for own in texts_of(corpus).values() for line in own) == sorted(lines)


def test_a_column_of_a_table_is_a_text(tmp_path):
    rows = [f'"글 {number}, 첫째\n둘째",{number}' for number in range(40)]
    path = written(tmp_path, "\n".join(["본문,번호", *rows]), "표.csv")
    recipe = DataRecipe(source=str(path), inputs=("본문",))
    closed = load_corpus(recipe, CLOSED, 1)
    assert texts_of(closed)["train"][1] == "글 1, 첫째\n둘째"
    assert whole_text(recipe, STREAM).to_pylist()[0].startswith("글 0")
    with pytest.raises(DataError, match="there is no column"):
        load_corpus(DataRecipe(source=str(path), inputs=("없음",)), CLOSED, 1)


def test_rows_of_a_stream_do_not_stick_together(tmp_path):
    path = written(tmp_path, "\n".join(json.dumps({"text": f"word{n}"}) for n in range(30)), "rows.jsonl")
    corpus = load_corpus(DataRecipe(source=str(path)), STREAM, 1)
    text = "".join(line for name in PARTS for line in texts_of(corpus)[name])
    assert text.split() == [f"word{n}" for n in range(30)]


def test_texts_are_composed_and_gzip_is_read(tmp_path):
    path = tmp_path / "가나.txt.gz"
    path.write_bytes(gzip.compress(("가나다 é\n" * 20).encode()))
    corpus = load_corpus(DataRecipe(source=str(path)), STREAM, 1)
    assert texts_of(corpus)["train"][0] == "가나다 é\n"


@pytest.mark.parametrize(
    ("text", "reading", "message"),
    [
        ("한 줄\n", STREAM, "too short"),
        ("", STREAM, "no text|empty"),
        (" \n\n ", STREAM, "no text"),
        ("하나\n둘\n", APART, "too short"),
    ],
)
def test_what_cannot_be_divided_is_named(tmp_path, text, reading, message):
    with pytest.raises(DataError, match=message):
        load_corpus(DataRecipe(source=str(written(tmp_path, text))), reading, 1)


def test_no_source_and_no_file_are_named(tmp_path):
    with pytest.raises(RecipeError, match="no data is named"):
        load_corpus(DataRecipe(), STREAM, 1)
    with pytest.raises(DataError, match="no such file"):
        load_corpus(DataRecipe(source=str(tmp_path / "none.txt")), STREAM, 1)
    with pytest.raises(DataError, match="no file has such a name"):
        load_corpus(DataRecipe(source=str(tmp_path / "*.txt")), STREAM, 1)


def test_the_doctor_knows_prose_from_tables_and_counts(tmp_path):
    prose = written(tmp_path, "나비야 나비야\n이리 날아 오너라\n\n나비야 나비야\n" * 5)
    recipe = DataRecipe(source=str(prose))
    assert looks_like_prose(recipe)
    found = check_text(recipe)
    assert (found.lines, found.blank_lines, found.words) == (20, 5, 35)
    assert found.repeated_lines == 13
    assert found.bytes == len(prose.read_bytes())
    assert "--task generate text.unit=jamo" in found.command
    table = written(tmp_path, "text,label\n" + "a b,1\n" * 20, "표.csv")
    tabs = written(tmp_path, "글\t답\n" + "가\t1\n" * 20, "표.txt")
    assert not looks_like_prose(DataRecipe(source=str(table)))
    assert not looks_like_prose(DataRecipe(source=str(tabs)))


def test_ends_are_taken_from_lines_only():
    lines = document("text", "a\n\nb \nc").lines
    import pyarrow as pa

    assert without_ends(pa.chunked_array([lines])).to_pylist() == ["a", "", "b ", "c"]
    assert np.array_equal(document("text", "가\nb").sizes, [4, 1])


@pytest.mark.data
def test_public_sets_keep_their_official_parts():
    if not os.environ.get("YEOUL_DATA"):
        pytest.skip("YEOUL_DATA names no folder")
    corpus = load_corpus(DataRecipe(source="ptb"), CLOSED, 1)
    assert [len(corpus.parts[name]) for name in PARTS] == [42068, 3370, 3761]
    tales = load_corpus(DataRecipe(source="korean_text", inputs=("tales",)), STREAM, 1)
    assert sum(part["bytes"] for part in tales.to_json()["parts"].values()) == 402_240
    with pytest.raises(DataError, match="no part songs"):
        load_corpus(DataRecipe(source="korean_text", inputs=("songs",)), STREAM, 1)


def test_held_out_lines_that_stand_in_training_are_counted(tmp_path):
    own = [f"{number}번째 줄" for number in range(100)]
    lines = own[:80] + own[:4] + own[84:90] + ["", "  "] + own[90:96] + own[2:4]
    path = written(tmp_path, "\n".join(lines) + "\n")
    corpus = load_corpus(DataRecipe(source=str(path)), STREAM, 1)
    parts = texts_of(corpus)
    told = corpus.to_json()["parts"]
    assert "known_lines" not in told["train"]
    for name in ("validation", "test"):
        expected = sum(line in set(parts["train"]) for line in parts[name] if line.strip())
        assert told[name]["known_lines"] == expected
    assert sum(told[name]["known_lines"] for name in ("validation", "test")) == 6


def test_nobody_counts_the_lines_of_a_very_large_text(tmp_path, monkeypatch):
    monkeypatch.setattr("yeoul.data.corpora.corpus._COMPARED_BYTES", 100)
    corpus = load_corpus(DataRecipe(source=str(written(tmp_path, numbered(50)))), STREAM, 1)
    assert corpus.to_json()["parts"]["test"]["known_lines"] is None


@pytest.mark.parametrize(("count", "trainable"), [(1, False), (3, False), (20, True), (50, True)])
def test_the_advice_for_a_short_text_is_one_that_works(tmp_path, count, trainable):
    path = written(tmp_path, "".join(f"{number % 10}\n" for number in range(count)))
    found = check_text(DataRecipe(source=str(path)))
    assert found.trainable == trainable
    assert (found.to_json()["advice"] is not None) == trainable
    if trainable:
        tokens = sum(
            map(len, load_corpus(DataRecipe(source=str(path)), STREAM, 1).parts["train"].to_pylist())
        )
        lanes = found.least_batch or 32
        assert tokens >= 2 * lanes
        assert ("batch_size" in found.command) == (tokens < 64)


def test_a_text_that_is_too_short_is_named_as_a_person_named_it(tmp_path):
    with pytest.raises(DataError, match=r"글\.txt: "):
        load_corpus(DataRecipe(source=str(written(tmp_path, "한 줄\n"))), STREAM, 1)


@pytest.mark.parametrize("content", [bytes(range(256)) * 4, b"%PDF-1.7 ..."])
def test_a_file_that_is_no_text_has_a_remedy_that_fits(tmp_path, content):
    path = tmp_path / "이것.txt"
    path.write_bytes(content)
    with pytest.raises(DataError, match="or a sound as"):
        load_corpus(DataRecipe(source=str(path)), STREAM, 1)


def test_a_sound_has_no_lines_to_be_read(tmp_path):
    path = tmp_path / "소리.wav"
    write_wav(path, np.sin(np.arange(16_000) / 3).astype(np.float32), 8000)
    card = TextCard.model_validate(load_corpus(DataRecipe(source=str(path)), STREAM, 1).to_json())
    assert card.is_sound
    assert card.samples == ()
    assert card.parts["test"].known_lines is None
    assert "2.0 s" in text_line(card)
    assert "samples" in parts_line(card)
