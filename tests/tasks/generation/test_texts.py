"""How texts become streams of tokens and back: nothing is lost, and every byte is counted once."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yeoul.data import streams
from yeoul.data.corpora.corpus import Reading
from yeoul.data.streams import token_sizes
from yeoul.data.vectorizers import TextVectorizer
from yeoul.recipe import LanguageRecipe, TextRecipe
from yeoul.tasks.generation.evaluation import point_scores
from yeoul.tasks.generation.texts import Script, reading_of

TRAINING = ["나비야 나비야\n", "이리 날아 오너라, 노랑 <unk> 나비!\n", "it 's <unk> n't so\n"] * 3
UNITS = ["byte", "character", "jamo", "syllable", "word", "spaced", "subword"]


def script_of(unit, closed):
    lines = [line.rstrip("\n") for line in TRAINING] if closed else TRAINING
    recipe = TextRecipe(unit=unit, min_count=1, vocabulary_size=400)
    return Script(TextVectorizer.fit(recipe, lines), Reading(closed, False))


def column(lines):
    return pa.chunked_array([pa.array(lines, pa.large_string())])


SCRIPTS = {(unit, closed): script_of(unit, closed) for unit in UNITS for closed in (False, True)}
LETTERS = st.text(st.sampled_from(list("나비야이리 \t,!itsZ흠😀")), max_size=20)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(UNITS), st.booleans(), st.lists(LETTERS, min_size=1, max_size=5))
def test_every_byte_of_a_text_is_counted_once(unit, closed, lines):
    script = SCRIPTS[unit, closed]
    given_lines = lines if closed else [f"{line}\n" for line in lines]
    stream = script.stream(column(given_lines))
    text = "".join(f"{line}\n" for line in lines)
    if stream.offsets[-1] > stream.offsets[-2]:  # what follows the last token of all counts nowhere
        assert (stream.characters.sum(), stream.bytes.sum()) == (len(text), len(text.encode()))
    assert stream.offsets[-1] == len(stream.ids) == len(stream.bytes) == len(stream.unknown)
    assert not stream.unknown[stream.ids != 0].any()
    if closed:
        assert (stream.ids[stream.offsets[1:] - 1] == script.end).all()


@settings(max_examples=40, deadline=None)
@given(st.booleans(), st.lists(st.text(st.sampled_from(list("나é😀 aZ"))), min_size=1, max_size=4))
def test_the_sizes_of_letters_are_those_that_their_places_tell(closed, lines):
    script = SCRIPTS["character", closed]
    stream = script.stream(column(lines))
    letters, sizes = token_sizes(lines, script.vectorizer.spans, closed=closed)
    np.testing.assert_array_equal(stream.characters, letters)
    np.testing.assert_array_equal(stream.bytes, sizes)


@pytest.mark.parametrize("unit", UNITS)
def test_what_is_told_of_a_token_takes_three_bytes_at_most(unit):
    stream = SCRIPTS[unit, True].stream(column(["나비야 이리", "it so 나비야"] * 50))
    assert stream.characters.dtype == stream.bytes.dtype == np.uint8
    assert stream.unknown.dtype == np.bool_
    if unit == "character":  # every one of them stands for one
        assert stream.characters.strides == (0,)
    if unit == "byte":
        assert stream.unknown.strides == (0,)


def test_what_is_told_of_a_large_text_lies_in_a_file(monkeypatch, tmp_path):
    monkeypatch.setenv("YEOUL_CACHE", str(tmp_path))
    script, lines = SCRIPTS["syllable", True], column(["나비야 이리", "it so Z", "흠"] * 50)
    small = script.stream(lines)
    monkeypatch.setattr(streams, "LARGE_BYTES", 10)
    large = script.stream(lines)
    for name in ("ids", "offsets", "characters", "bytes", "unknown"):
        np.testing.assert_array_equal(getattr(large, name), getattr(small, name))
        assert getattr(large, name).dtype == getattr(small, name).dtype
    assert not large.bytes.flags.writeable
    assert not large.unknown.flags.writeable
    log_probs = np.linspace(-3, -1, len(small.ids))
    assert point_scores(large, streams.put_aside(log_probs)) == point_scores(small, log_probs)
    assert list((tmp_path / "scratch").iterdir()) == []  # nothing stays


@pytest.mark.parametrize(("unit", "closed"), SCRIPTS)
def test_a_text_of_the_training_comes_back(unit, closed):
    script = SCRIPTS[unit, closed]
    text = "나비야 나비야\n이리 날아"
    if not closed and unit in ("word", "spaced", "subword"):
        return  # these spell no end of a line
    assert script.spelling.text(script.encode(text)) == text


@pytest.mark.parametrize(("unit", "closed"), SCRIPTS)
def test_a_prompt_is_read_as_the_corpus_is(unit, closed):
    script = SCRIPTS[unit, closed]
    lines = ["나비야", "이리 오너라", "", "it 's"]
    text = "\n".join(lines) + "\n"
    whole = script.ids(column(lines if closed else text.splitlines(keepends=True)))[0]
    assert script.encode(text) == whole.tolist()
    assert script.encode("") == []
    assert 0 <= script.start < script.tokens


def test_an_unknown_token_that_the_text_itself_spells_is_known():
    script = SCRIPTS["spaced", True]
    stream = script.stream(column(["it <unk> zebra", "<unk> so"]))
    assert script.spelled_unknown(column(["it <unk> zebra", "<unk> so"])) == 2
    assert SCRIPTS["character", True].spelled_unknown(column(["<unk>"])) == 0
    assert stream.ids.tolist().count(0) == 3
    assert stream.unknown.tolist() == [False, False, True, False, False, False, False]


def test_unknown_tokens_are_spelled_out_per_byte_and_not_per_token():
    script = SCRIPTS["character", False]
    stream = script.stream(column(["나Z\n"]))
    told = point_scores(stream, np.log(np.array([0.5, 0.25, 0.5])))
    assert told["loss"] == pytest.approx(np.log(2.0) * 4 / 3)
    assert told["bits_per_byte"] == pytest.approx((4 + 8) / 5)  # 1 + 2 + 1 bits, and eight for the byte of Z
    assert told["score"] == -told["bits_per_byte"]
    assert np.isnan(point_scores(stream, np.array([0.0, -np.inf, 0.0]))["loss"])


def test_units_that_cannot_spell_the_end_of_a_line_close_lines():
    for unit in UNITS:
        reading = reading_of(LanguageRecipe(), unit)
        assert reading.closed == (unit in ("word", "spaced", "subword"))
        assert not reading.independent
        assert reading_of(LanguageRecipe(lines=True, stream=False), unit) == Reading(True, True)
        assert not reading_of(LanguageRecipe(lines=False), unit).closed


def test_the_first_tokens_of_a_stream_are_a_stream():
    stream = SCRIPTS["word", True].stream(column(["나비야 이리", "it so"]))
    first = stream.first(4)
    assert first.offsets.tolist() == [0, 3, 4]
    assert len(first.ids) == len(first.bytes) == 4
    assert stream.first(99).offsets.tolist() == stream.offsets.tolist()
