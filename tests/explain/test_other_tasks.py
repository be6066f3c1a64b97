"""Forecasts, tags, closeness and the next token explained: what is asked is what the model says, and parts are its."""

import json

import numpy as np
import pytest
import torch

import yeoul
from yeoul.cli.main import run as command
from yeoul.data.tags.sentences import TaggedSentences
from yeoul.data.vectorizers import TextVectorizer
from yeoul.errors import DataError, UsageError
from yeoul.explain.continuing import AskedNext
from yeoul.explain.explanation import by_column
from yeoul.explain.forecasts import AskedForecast
from yeoul.explain.likeness import AskedLikeness
from yeoul.explain.tags import AskedTag
from yeoul.models.build_tagger import build_tagger
from yeoul.models.language import build_language_model
from yeoul.recipe import LanguageRecipe, SamplingRecipe, TaggerRecipe, TextRecipe
from yeoul.recipe.language import DecoderRecipe
from yeoul.recipefile import resolve
from yeoul.report.explained import write_explanation
from yeoul.session import Request, finishing, train
from yeoul.tasks.generation.texts import Script, reading_of
from yeoul.tasks.generation.writer import TrainedDecoder, Writer
from yeoul.tasks.tagging.reading import Reading
from yeoul.tasks.tagging.tagger import SentenceTagger

FORECAST = """
task = "forecast"
[forecast]
horizon = 3
lookback = 12
targets = ["온도"]
[data]
source = "{path}"
[model]
{model}
[training]
epochs = 12
batch_size = 32
rate = 2e-2
"""
LAGS = 'kind = "lags"'
NETWORK = """output = "point"
normalize = "none"
[model.encoder]
kind = "gru"
hidden_size = 8
bidirectional = false
pooling = "last"
"""
COMPARE = """
task = "compare"
[data]
source = "{path}"
test = 0.25
validation = 0.25
[text]
unit = "character"
min_count = 1
[model.embedding]
size = 6
[model.encoder]
kind = "gru"
hidden_size = 6
[training]
epochs = 1
"""


def run_of(place, recipe):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(finishing, "write_report", lambda folder, language: folder / "report.html")
        if 'kind = "lags"' in recipe:
            recipe = recipe.split("[training]")[0]
        *_, done = train(Request(resolve(recipe, "설명", {}), place))
    return yeoul.load(done.path)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("설명 시험")


@pytest.fixture(scope="module")
def heat(place):
    """A heat that is the wind of two hours ago, and a column that has nothing to do with it."""
    random = np.random.default_rng(0)
    wind, noise = random.normal(size=302), random.normal(size=302)
    path = place / "온도.csv"
    lines = [f"{wind[row - 2]:.4f},{wind[row]:.4f},{noise[row]:.4f}" for row in range(2, 302)]
    path.write_text("\n".join(["온도,바람,잡음", *lines]) + "\n", "utf-8")
    return path


@pytest.fixture(scope="module", params=[LAGS, NETWORK], ids=["lags", "network"])
def forecasting(request, place, heat):
    return run_of(place / "runs", FORECAST.format(path=heat, model=request.param))


def asked_forecast(run, row=None):
    return AskedForecast.of(run.forecaster, run.measurements(None, "", "auto"), "", row)


def test_the_forecast_that_is_explained_is_the_models(forecasting):
    asked = asked_forecast(forecasting)
    every = np.ones((1, len(asked.parts)), bool)
    wanted = forecasting.forecast().answers[0, :, 0, 3]  # (H,) the medians
    spread = forecasting.forecaster.offsets[:, 0, 3]
    assert asked.values(every)[0] == pytest.approx(float((wanted - spread).mean()), abs=1e-4)
    assert asked.followed(every)[0] == pytest.approx(0, abs=1e-6)
    drawn = np.random.default_rng(0).random((20, len(asked.parts))) < 0.5
    assert (asked.followed(drawn) <= 0).all()


def test_parts_cover_the_look_back_of_each_column_once(forecasting):
    parts = asked_forecast(forecasting).parts
    for column in ("온도", "바람", "잡음"):
        spans = [(part.start, part.end) for part in parts if part.column == column]
        assert [place for start, end in spans for place in range(start, end)] == list(range(12))
    assert parts[-1].text == "잡음 t"


def test_the_column_that_makes_the_answer_is_named(forecasting):
    """The regression reads the target's own past alone; the network finds the wind."""
    found = forecasting.explain()
    maker = "온도" if len(found.attributions) == 1 else "바람"
    for one in found.attributions:
        shares = by_column(one.scores, found.parts)
        assert sum(shares.values()) == pytest.approx(1)
        assert next(iter(shares)) == maker
        assert maker == "온도" or one.trusted


def test_what_moved_a_forecast_adds_up(forecasting):
    """Leaving out is exact for a linear model, integrated gradients are for a network as far as points tell."""
    asked = asked_forecast(forecasting)
    full, none = (asked.values(np.full((1, len(asked.parts)), kept))[0] for kept in (True, False))
    linear = len(forecasting.explain().attributions) == 1
    told = asked.occluded() if linear else asked.integrated(200)
    assert told.sum() == pytest.approx(full - none, abs=0.02 * max(1.0, abs(full - none)))


def test_the_forecast_after_a_row_has_not_seen_later_ones(forecasting, heat, place):
    shorter = place / "짧은.csv"
    shorter.write_text("\n".join(heat.read_text("utf-8").splitlines()[:201]) + "\n", "utf-8")
    first, again = forecasting.explain(heat, place=200), forecasting.explain(shorter)
    assert first.to_json() == again.to_json()
    with pytest.raises(DataError, match="there is no row 999"):
        forecasting.explain(heat, place=999)
    with pytest.raises(DataError, match="a forecast reads 12"):
        forecasting.explain(heat, place=5)
    with pytest.raises(UsageError, match="does not forecast the column 없음"):
        forecasting.explain(heat, target="없음")


def test_a_forecast_is_told_on_a_terminal_as_json_and_as_a_page(forecasting, place, capsys):
    page = place / "예측.html"
    assert command(["explain", str(forecasting.path), "--html", str(page)]) == 0
    out = capsys.readouterr().out
    assert "by column: " in out
    assert "moves it by" in out
    source = page.read_text("utf-8")
    assert "바람" in source
    assert source.count("<polyline") >= 3 + 2
    assert command(["explain", str(forecasting.path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["task"], told["answer"]["column"]) == ("forecast", "온도")
    assert {one["column"] for one in told["tokens"]} == {"온도", "바람", "잡음"}
    assert command(["explain", str(forecasting.path), "--measure", "3"]) == 0
    assert command(["explain", str(forecasting.path), "글"]) == 2
    assert "reads measurements" in capsys.readouterr().err


WORDS = ["나는", "학교에", "간다", "새가", "난다", "물을", ".", "그", "she", "walks"]
SENTENCE = "나는 학교에 간다. 새가 난다."


@pytest.fixture(scope="module")
def tagger():
    recipe = TaggerRecipe.model_validate(
        {
            "encoder": {"kind": "gru", "hidden_size": 6},
            "head": "crf",
            "words": {"size": 4, "min_count": 1},
            "letters": {"size": 4, "encoder": {"kind": "cnn", "channels": 4, "widths": [2]}},
        }
    )
    training = TaggedSentences(
        [WORDS], {"tag": [["B", "O"] * 5]}, ("x",), np.zeros(1, np.int64), np.ones(1, np.int64)
    )
    text = TextRecipe(unit="jamo", min_count=1, vocabulary_size=100, max_length=12, keep="both")
    reading = Reading.fit(text, recipe, training, "tag", "auto")
    torch.manual_seed(1)
    model = build_tagger(recipe, reading.sizes(), ruled=False)
    with torch.no_grad():
        for weight in model.parameters():
            weight.normal_(std=0.7)
    return SentenceTagger(recipe, model.eval(), reading, torch.device("cpu"), spans=False, ruled=False)


def test_the_tag_that_is_explained_is_the_models(tagger):
    (said,) = tagger.predict([SENTENCE])
    for word in range(1, len(said.tags) + 1):
        asked = AskedTag.of(tagger, SENTENCE, "", word)
        value = asked.values(np.ones((1, len(asked.parts)), bool))[0]
        assert value == pytest.approx(said.confidences[word - 1], abs=1e-4)
    unsure = AskedTag.of(tagger, SENTENCE, "", None)
    assert said.confidences[unsure.place] == min(said.confidences)


def test_a_tags_parts_are_the_other_words_and_its_own_letters(tagger):
    asked = AskedTag.of(tagger, SENTENCE, "", 2)
    assert [part.text for part in asked.parts] == ["나는", "학", "교", "에", "간다", ".", "새가", "난다", "."]
    assert all(SENTENCE[part.start : part.end] == part.text for part in asked.parts)
    alone = np.array([[part.text in "학교에" for part in asked.parts]])
    (said,) = tagger.tag([["학교에"]])
    wanted = said.confidences[0] if said.tags[0] == asked.name else 1 - said.confidences[0]  # of two tags
    assert asked.values(alone)[0] == pytest.approx(wanted, abs=1e-4)
    assert np.isfinite(asked.margins(np.zeros((1, len(asked.parts)), bool))).all()


def test_a_word_or_tag_that_is_not_there_is_refused(tagger):
    with pytest.raises(DataError, match="no word 99"):
        AskedTag.of(tagger, SENTENCE, "", 99)
    with pytest.raises(UsageError, match="no label X"):
        AskedTag.of(tagger, SENTENCE, "X", 1)


@pytest.fixture(scope="module")
def comparing(place):
    path = place / "짝.csv"
    things = [first + second for first in "가나다라마바사아" for second in "강산들물불"]
    others = np.random.default_rng(0).permutation(things).tolist()
    lines = [f"{one} 어때,{one} 괜찮은가요,1" for one in things]
    lines += [f"{one} 어때,{other} 좋은지,0" for one, other in zip(things, others, strict=True)]
    path.write_text("\n".join(["물음,다른 물음,같음", *lines]) + "\n", "utf-8")
    return run_of(place / "runs", COMPARE.format(path=path))


def test_the_score_that_is_explained_is_the_models(comparing, capsys):
    left, right = "가강 어때 정말", "나산 좋은지 몰라"
    asked = AskedLikeness.of(comparing.comparer, left, right, "word")
    assert [part.text for part in asked.parts] == [*left.split(), *right.split()]
    assert all(asked.text[part.start : part.end] == part.text for part in asked.parts)
    kept = np.array([[True] * 6, [True, True, False, False, True, True]])
    wanted = comparing.comparer.scores([left, "가강 어때"], [right, "좋은지 몰라"])
    assert asked.values(kept) == pytest.approx(wanted, abs=1e-5)
    assert command(["explain", str(comparing.path), left, right]) == 0
    assert "어때" in capsys.readouterr().out
    for words in ([left], [left, right, left], [left, right, "--target", "1"]):
        assert command(["explain", str(comparing.path), *words]) == 2
    assert command(["explain", str(comparing.path), "--measure", "3", "--json"]) == 0


@pytest.fixture(scope="module")
def writer():
    song = ["나비야 나비야 이리 날아오너라.\n", "노랑나비 흰나비 춤을 추며 오너라!\n"]
    language = LanguageRecipe()
    recipe = TextRecipe(unit="syllable", min_count=1, vocabulary_size=300, max_length=10**9)
    script = Script(TextVectorizer.fit(recipe, song), reading_of(language, "syllable"))
    decoder = DecoderRecipe(embedding_size=8, network={"kind": "gru", "hidden_size": 8})
    torch.manual_seed(1)
    model = build_language_model(decoder, script.tokens, carries=False).eval()
    for weight in model.parameters():
        weight.data.mul_(3.0)
    trained = TrainedDecoder(decoder, model, torch.device("cpu"))
    return Writer(trained, script, language, SamplingRecipe(max_tokens=10))


def test_the_token_that_is_explained_follows_the_text(writer):
    asked = AskedNext.of(writer, "나비야 이리", "", "character")
    every, none = np.ones((1, len(asked.parts)), bool), np.zeros((1, len(asked.parts)), bool)
    ids = np.array([*writer.encode("나비야 이리"), asked.token])
    log_probs = writer.log_probs(ids, np.array([0, len(ids)]))
    assert asked.values(every)[0] == pytest.approx(np.exp(log_probs[-1]), rel=1e-3)
    first = writer.log_probs(ids[-1:], np.array([0, 1]))
    assert asked.values(none)[0] == pytest.approx(np.exp(first[0]), rel=1e-3)
    for token in ("춤", "날"):
        assert AskedNext.of(writer, "나비야", token, None).name == token
    with pytest.raises(UsageError, match="no token of the model begins"):
        AskedNext.of(writer, "나비야", "뷁", None)


def test_pages_of_every_task_can_be_written(tagger, writer, comparing, tmp_path):
    from yeoul.explain.explaining import explain_likeness, explain_next, explain_tag

    found = (
        explain_tag(tagger, SENTENCE, word=2),
        explain_next(writer, "나비야 이리 날아"),
        explain_likeness(comparing.comparer, "가강 어때", "나산 좋은지"),
    )
    for place, one in enumerate(found):
        source = write_explanation(one.to_json(), tmp_path / f"{place}.html").read_text("utf-8")
        assert one.parts[0].text in source
        json.dumps(one.to_json(), allow_nan=False)
