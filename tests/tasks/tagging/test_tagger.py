"""A trained tagger: company, padding, parts, saving and loading change nothing; places are those of the given text."""

import unicodedata
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from yeoul.data.tags.sentences import TaggedSentences
from yeoul.errors import ModelFileError
from yeoul.metrics.tags import spans
from yeoul.models.build_tagger import build_tagger
from yeoul.recipe import TaggerRecipe, TextRecipe
from yeoul.tasks.tagging.reading import Reading
from yeoul.tasks.tagging.tagger import SentenceTagger

WORDS = ["나는", "학교에", "간다", "새가", "난다", "물을", ".", "(", ")", "그", "she", "walks"]
TAGS = ["B-사람", "I-사람", "B-곳", "I-곳", "O"]
TEXT = TextRecipe(unit="jamo", min_count=1, vocabulary_size=100, max_length=12, keep="both")
ENCODERS = {
    "lstm": {"kind": "lstm", "hidden_size": 8},
    "stack": {"kind": "gru", "hidden_size": 6, "num_layers": 2, "dropout": 0.3},
    "cnn": {"kind": "cnn", "channels": 8, "num_layers": 2},
    "transformer": {"kind": "transformer", "size": 8, "num_heads": 2, "feedforward": 8, "reach": 5},
}


TRAINING = TaggedSentences(
    [WORDS, WORDS[:3]],
    {"tag": [(TAGS * 3)[: len(WORDS)], TAGS[:3]]},
    ("x.txt",),
    np.zeros(2, np.int64),
    np.ones(2, np.int64),
)


def tagger(encoder="lstm", head="crf", members=1, **words):
    recipe = TaggerRecipe.model_validate(
        {
            "encoder": ENCODERS[encoder],
            "head": head,
            "members": members,
            "words": {"size": 4, "min_count": 1, **words},
            "letters": {"size": 4, "encoder": {"kind": "cnn", "channels": 4, "widths": [2, 3]}},
        }
    )
    reading = Reading.fit(TEXT, recipe, TRAINING, "tag", "auto")
    torch.manual_seed(1)
    model = build_tagger(recipe, reading.sizes(), ruled=True)
    with torch.no_grad():  # scores that differ between tags, as those of a trained model do
        for weight in model.parameters():
            weight.normal_(std=0.7)
    return SentenceTagger(recipe, model.eval(), reading, torch.device("cpu"), spans=True, ruled=True)


@pytest.fixture(
    scope="module",
    params=[*((one, head) for one in ENCODERS for head in ("softmax", "crf")), ("lstm", "crf", 2)],
)
def trained(request):
    return tagger(*request.param)


LINES = ["나는 학교에 간다.", "", "새가 (물을) 난다 " * 9, "뷁 zzz 12", ".", "she walks"]


def test_what_is_said_of_a_sentence_is_the_same_in_any_company(trained):
    together = trained.predict([*LINES, "물을 " * 60])
    for line, answer in zip(LINES, together, strict=False):
        (alone,) = trained.predict([line])
        assert alone.tags == answer.tags
        assert alone.confidences == pytest.approx(answer.confidences, abs=1e-4)
    turned = trained.predict(LINES[::-1])[::-1]
    assert [one.tags for one in turned] == [one.tags for one in together[: len(LINES)]]
    assert together[1].tags == ()
    assert all(0 < chance <= 1 for answer in together for chance in answer.confidences)


def test_saved_is_loaded(trained, tmp_path):
    trained.save(tmp_path / "모델", "# card\n")
    again = SentenceTagger.load(tmp_path / "모델", torch.device("cpu"))
    assert again.predict(LINES) == trained.predict(LINES)
    (tmp_path / "모델" / "reading.json").write_text("{}", "utf-8")
    with pytest.raises(ModelFileError):
        SentenceTagger.load(tmp_path / "모델", torch.device("cpu"))


@pytest.mark.parametrize("members", [1, 3])
def test_a_chain_says_no_row_of_tags_that_breaks_the_rules(members):
    model = tagger("lstm", "crf", members)
    for answer in model.predict(LINES):
        assert spans(answer.tags)[1] == 0


def test_equal_members_say_what_one_says():
    one, two = tagger("lstm", "crf"), tagger("lstm", "crf", 2)
    for member in two.model.members:
        member.load_state_dict(one.model.state_dict())
    assert [answer.tags for answer in two.predict(LINES)] == [answer.tags for answer in one.predict(LINES)]


def test_words_need_no_vectors_of_their_own():
    model = tagger("lstm", "softmax", size=0)
    assert model.model.words is None
    assert len(model.predict(["나는 간다"])[0].tags) == 2


@settings(max_examples=30)
@given(st.text(alphabet="가각나 ab.()\n\t\u1100\u1161뷁“”0", max_size=30))
def test_places_are_those_of_the_given_text(text):
    model = MODEL
    (answer,) = model.predict([text])
    ends = 0
    for (start, end), token in zip(answer.ranges, answer.tokens, strict=True):
        assert ends <= start < end
        assert text[start:end] == token
        ends = end
    covered = {place for start, end in answer.ranges for place in range(start, end)}
    assert all(place in covered or letter.isspace() for place, letter in enumerate(text))
    for span in answer.spans:
        assert text[span.start : span.end] == span.text
    composed = unicodedata.normalize("NFC", text)
    assert model.predict([composed])[0].tags == answer.tags


MODEL = tagger()


def test_documents_are_cut_into_sentences():
    (answer,) = replace(MODEL, element="sentence").predict(["나는 간다. 새가 난다!\n  물을 본다."])
    assert answer.tokens == ("나는 간다.", "새가 난다!", "물을 본다.")
    assert len(answer.tags) == 3


def test_words_that_are_given_stay_as_they_are():
    (answer,) = MODEL.tag([["나는", "(학교에)"]])
    assert (answer.tokens, answer.text) == (("나는", "(학교에)"), "나는 (학교에)")
    assert MODEL.tag([[]])[0].tags == ()
    assert answer.shown == " ".join(
        f"{word}/{tag}" for word, tag in zip(answer.tokens, answer.tags, strict=True)
    )
