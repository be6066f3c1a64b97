"""What speaks for an answer: sums that must come out, slopes that must be slopes, faults that must show."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from small_models import LABELS, TEXTS, classifier, linear

from yeoul.errors import DataError, UsageError
from yeoul.explain.asked import AskedText
from yeoul.explain.deletion import deletion, random_orders
from yeoul.explain.explaining import explain_series, explain_text
from yeoul.explain.goals import Goal
from yeoul.explain.gradients import Slopes
from yeoul.explain.linear import letter_weights
from yeoul.explain.measuring import measure
from yeoul.explain.units import Part, shares_of, step_parts, text_parts, without
from yeoul.models.build import SeriesInputs, build_encoder_model
from yeoul.models.heads import ClassHead
from yeoul.padded import Padded
from yeoul.recipe import (
    BagRecipe,
    ConvolutionRecipe,
    ConvolutionRecurrentRecipe,
    DecomposedRecipe,
    DenseRecipe,
    NetworkRecipe,
    RecurrentLayerRecipe,
    RecurrentRecipe,
    SeriesRecipe,
    StackedConvolutionRecipe,
    StackRecipe,
    TransformerRecipe,
    WaveNetRecipe,
)
from yeoul.tasks.classification.classifier import Classifier, Member, Mixture, TrainedLinear, TrainedNetwork
from yeoul.tasks.classification.inputs import ReadTexts, Series, fit_vectorizer
from yeoul.tasks.classification.networks import build_network
from yeoul.tasks.classification.targets import ClassTarget, LabelsTarget, NumberTarget

ENCODERS = [
    *(RecurrentRecipe(kind=kind, hidden_size=6) for kind in ("lstm", "gru", "rnn")),
    RecurrentRecipe(kind="lstm", hidden_size=6, layer_norm=True, num_layers=2, pooling="attention"),
    RecurrentRecipe(kind="gru", hidden_size=6, bidirectional=False, reverse=True, pooling="last"),
    StackRecipe(
        layers=(RecurrentLayerRecipe(hidden_size=5), RecurrentLayerRecipe(kind="gru", hidden_size=4))
    ),
    ConvolutionRecipe(channels=5, widths=(1, 3)),
    StackedConvolutionRecipe(channels=5, width=3, stride=2),
    ConvolutionRecurrentRecipe(channels=5, width=3, stride=2, hidden_size=5),
    DenseRecipe(window=6, hidden_size=5),
    BagRecipe(),
    WaveNetRecipe(channels=4, skip_channels=4, num_layers=2, pooling="mean"),
    TransformerRecipe(size=4, num_heads=2, feedforward=6, num_layers=1, pooling="mean"),
    DecomposedRecipe(window=6, average=3),
]


def names(recipe):
    return f"{recipe.kind} {getattr(recipe, 'pooling', '')}"


def slopes(encoder):
    torch.manual_seed(2)
    recipe = NetworkRecipe(encoder=encoder, embedding=None)
    model = build_encoder_model(recipe, SeriesInputs(3), lambda size: ClassHead(size, 3)).eval()
    row = Padded(torch.randn(1, 7, 3), torch.tensor([7]))
    return Slopes(model, row, Goal("class", 1, "b"))


@pytest.mark.parametrize(
    "encoder", [each for each in ENCODERS if not getattr(each, "layer_norm", False)], ids=names
)
def test_integrated_gradients_add_up_through_every_encoder(encoder):
    told = slopes(encoder)
    assert told.integrated(256).sum() == pytest.approx(told.margin() - told.margin(0.0), abs=0.01)


@pytest.mark.parametrize("encoder", ENCODERS, ids=names)
def test_gradient_times_input_is_how_the_answer_follows_a_step(encoder):
    told = slopes(encoder)
    values, step = told.row.values, 1e-3
    for place, expected in enumerate(told.gradient()):
        louder, softer = values.clone(), values.clone()
        louder[:, place] *= 1 + step
        softer[:, place] *= 1 - step
        moved = [
            Slopes(told.model, Padded(one, told.row.lengths), told.goal).margin() for one in (louder, softer)
        ]
        assert (moved[0] - moved[1]) / (2 * step) == pytest.approx(expected, abs=5e-3)


@pytest.mark.parametrize("unit", ["word", "character"])
def test_leaving_out_is_asking_again(unit):
    model, text = classifier(), TEXTS[0]
    asked = AskedText.of(model, text, "", unit)
    (whole,) = asked.goal.margin(model.answers([text]))
    for place, fallen in enumerate(asked.occluded()):
        kept = np.arange(len(asked.parts)) != place
        (left,) = asked.goal.margin(model.answers([without(text, asked.parts, kept)]))
        assert fallen == pytest.approx(whole - left, abs=1e-6)


@pytest.mark.parametrize("unit", ["word", "character"])
@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.sampled_from(["좋다", "나쁘다", "  ", "Great", "GREAT", "bad!", "\t", "낯선", "İ"]),
        min_size=1,
        max_size=8,
    )
)
def test_weights_of_letters_add_up_to_the_margin_without_the_bias(unit, words):
    model, text = linear(unit=unit, ngrams=(1, 3)), " ".join(words)
    answers = model.answers([text])
    for column, sign in ((0, -1), (1, 1)):
        goal = Goal("class", column, "")
        told = letter_weights(model, text, goal).sum()
        assert told == pytest.approx(goal.margin(answers)[0] - sign * float(model.biases[0]), abs=2e-4)


@pytest.mark.parametrize(("kind", "outputs"), [("labels", 3), ("number", 1)])
def test_other_answers_of_linear_models_add_up_too(kind, outputs):
    model, text = linear(kind, outputs), "좋다 정말 영화"
    for column in range(outputs):
        goal = Goal(kind, column, "")
        expected = model.answers([text])[0, column] - model.biases[column]
        assert letter_weights(model, text, goal).sum() == pytest.approx(float(expected), abs=1e-4)


@settings(max_examples=40, deadline=None)
@given(
    st.text(st.sampled_from("가나 다a b\t\n😀é"), max_size=40),
    st.sampled_from(["word", "character", None]),
    st.integers(1, 9),
)
def test_parts_are_the_text(text, unit, most):
    _, parts = text_parts(text, unit, most)
    assert len(parts) <= most
    assert all(text[part.start : part.end] == part.text for part in parts)
    inside = "".join(part.text for part in parts)
    assert "".join(inside.split()) == "".join(text.split())
    every = np.ones(len(parts), bool)
    assert without(text, parts, every) == text
    if parts:
        assert without(text, parts, ~every).strip() == ""


def test_tokens_are_shared_out_by_their_letters():
    parts = (Part("가나", 0, 2), Part("다", 3, 4))
    spans = [
        (0, 1),
        (1, 4),
        (2, 3),
        (4, 5),
    ]  # one within, one across (1 letter of each), a space, beyond the end
    assert shares_of(spans, parts).tolist() == [[1, 0], [0.5, 0.5], [0, 1], [0, 1]]
    assert [part.text for part in step_parts(5, 2)] == ["0–2", "3–4"]


def test_what_alone_matters_is_found_and_trusted():
    """The answer follows from one part of forty: a method that names it is trusted, one that hides it is not."""

    def ask(kept):
        return np.where(kept[:, 5], 0.9, 0.1)

    baseline = random_orders(ask, 40)
    right, wrong = np.zeros(40), np.ones(40)
    right[5], wrong[5] = 1, 0
    found, missed = deletion(ask, right, baseline), deletion(ask, wrong, baseline)
    assert (found.trust, missed.trust) == ("trusted", "untrusted")
    # 0.9 at none, 0.1 from the first of forty on: (0.9 + 0.1) / 2 · 1/40 + 0.1 · 39/40
    assert found.area == pytest.approx(0.0125 + 0.0975)
    assert found.area < found.low <= found.random_area <= found.high <= missed.area
    assert (found.values[0], found.values[-1], len(found.shares)) == (0.9, 0.1, 14)  # 0 … 3, 4, 8, … 40


def test_scores_that_mean_nothing_are_rarely_trusted():
    draw = np.random.default_rng(1)
    weights = draw.normal(size=20)

    def ask(kept):
        return 1 / (1 + np.exp(-(kept @ weights)))

    baseline = random_orders(ask, 20)
    trusted = [deletion(ask, draw.normal(size=20), baseline).trust == "trusted" for _ in range(200)]
    assert np.mean(trusted) < 0.12  # one in twenty is meant; 39 orders tell it coarsely
    assert deletion(ask, weights, baseline).trust == "trusted"


def test_of_few_parts_it_cannot_be_told():
    """Chance names the one part of three that matters too often."""
    baseline = random_orders(lambda kept: kept[:, 0].astype(float), 3)
    assert deletion(lambda kept: kept[:, 0].astype(float), np.array([1.0, 0, 0]), baseline).trust == "open"


@pytest.mark.parametrize(
    "target",
    [ClassTarget(LABELS), LabelsTarget(LABELS, ",", (0.0,) * 3), NumberTarget()],
    ids=lambda one: one.kind,
)
def test_every_kind_of_answer_is_explained(target):
    model = classifier(RecurrentRecipe(hidden_size=4, pooling="attention"), target)
    told = explain_text(model, TEXTS[0])
    assert [one.method for one in told.attributions] == ["occlusion", "gradient", "integrated", "attention"]
    assert all(len(one.scores) == len(told.parts) for one in told.attributions)
    attention = told.attributions[3]
    assert min(attention.scores) >= 0
    assert sum(attention.scores) == pytest.approx(1.0, abs=1e-5)
    if target.kind == "class":
        assert told.value == pytest.approx(model.predict([TEXTS[0]])[0].confidence, abs=1e-6)
        assert {explain_text(model, TEXTS[0], label).target for label in LABELS} == set(LABELS)


def test_linear_models_and_mixtures_are_explained():
    target = ClassTarget(("나쁨", "좋음"))
    alone = Classifier(TrainedLinear(linear()), target)
    told = explain_text(alone, "정말 좋다 영화 bad Great")
    assert [one.method for one in told.attributions] == ["occlusion", "weights"]
    mixture = Classifier(
        Mixture("class", (Member("a", alone.model, 0.5), Member("b", alone.model, 0.5))), target
    )
    mixed = explain_text(mixture, "정말 좋다 영화 bad Great")
    assert [one.method for one in mixed.attributions] == ["occlusion"]
    assert mixed.attributions[0].scores == pytest.approx(told.attributions[0].scores, abs=1e-4)


def test_series_are_explained_by_their_steps():
    torch.manual_seed(0)
    series = np.random.default_rng(0).normal(size=(50, 1)).astype(np.float32)
    vectorizer = fit_vectorizer(None, SeriesRecipe(), Series(series, np.array([50])))
    recipe = NetworkRecipe(encoder=RecurrentRecipe(hidden_size=4), embedding=None)
    target = ClassTarget(("a", "b"))
    model = build_network(recipe, vectorizer, target).eval()
    told = explain_series(
        Classifier(TrainedNetwork(recipe, model, vectorizer, torch.device("cpu")), target), series
    )
    assert told.unit == "step"
    assert (told.parts[0].start, told.parts[-1].end) == (0, 50)
    assert {one.method for one in told.attributions} == {"occlusion", "gradient", "integrated"}


def test_unread_text_scores_nothing():
    model = classifier()
    reader = model.model.vectorizer.vectorizer
    short = type(reader)(
        reader.tokenizer, reader.settings.model_copy(update={"max_length": 4}), reader.cutter
    )
    cut = Classifier(
        TrainedNetwork(model.model.recipe, model.model.model, ReadTexts(short), torch.device("cpu")),
        model.target,
    )
    told = explain_text(cut, "정말재미 영화 였다 참", unit="word")
    for one in told.attributions[1:]:
        assert one.scores[1:] == (0.0, 0.0, 0.0)


def test_equal_asking_gives_equal_answers():
    model = classifier()
    assert explain_text(model, TEXTS[1]).to_json() == explain_text(model, TEXTS[1]).to_json()


def test_what_cannot_be_explained_is_refused():
    model = classifier()
    with pytest.raises(DataError, match="empty"):
        explain_text(model, " \n")
    with pytest.raises(UsageError, match="no label"):
        explain_text(model, "좋다", "없음")


def test_many_rows_are_summed_up():
    model = Classifier(TrainedLinear(linear()), ClassTarget(("나쁨", "좋음")))
    draw = np.random.default_rng(0)
    texts = [
        " ".join(draw.choice(["좋다", "나쁘다", "영화", "Great", "bad", "정말"], 6, replace=False))
        for _ in range(12)
    ]
    found = {one.method: one for one in measure(explain_text(model, text, unit="word") for text in texts)}
    assert set(found) == {"occlusion", "weights"}
    assert found["weights"].rows == 12
    assert found["weights"].beats_random
    assert found["weights"].lead.value == pytest.approx(
        found["weights"].random_area - found["weights"].area, abs=1e-9
    )
