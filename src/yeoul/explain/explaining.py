"""Explain an answer by every method that its model allows, and try each of them out."""

import base64
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from yeoul.data.measured.measurements import Measurements
from yeoul.data.pictures.reading import png
from yeoul.errors import DataError, UsageError
from yeoul.explain.asked import Asked, AskedPair, AskedSeries, AskedText
from yeoul.explain.continuing import AskedNext
from yeoul.explain.deletion import Doubles, deletion, random_orders
from yeoul.explain.explanation import Attribution, Explanation, MethodName
from yeoul.explain.forecasts import AskedForecast
from yeoul.explain.gradients import Slopes
from yeoul.explain.likeness import AskedLikeness
from yeoul.explain.linear import letter_weights, spans_of_letters
from yeoul.explain.pictures import AskedPicture
from yeoul.explain.tags import AskedTag
from yeoul.explain.units import Part, Unit, shares_of
from yeoul.models.encoder_model import EncoderModel
from yeoul.padded import Padded
from yeoul.tasks.captioning.captioner import Captioner, Picture
from yeoul.tasks.classification.classifier import Classifier, TrainedLinear, TrainedNetwork
from yeoul.tasks.classification.inputs import ReadTexts, Series
from yeoul.tasks.comparison.comparer import Comparer
from yeoul.tasks.forecasting.forecaster import Forecaster, TrainedForecaster
from yeoul.tasks.generation.writer import Writer
from yeoul.tasks.tagging.tagger import SentenceTagger
from yeoul.tasks.transduction.translator import Translator
from yeoul.text.normalization import Span

Scored = Iterator[tuple[MethodName, Doubles]]


def explain_text(
    classifier: Classifier, text: str, wanted: str = "", unit: Unit | None = None, seed: int = 0
) -> Explanation:
    """Explain what a classifier says of a text, or why it does not say `wanted`.

    Raises `UsageError` for a label that the model does not know, and `DataError` for a text without a letter.
    """
    text = _composed(text)
    asked = AskedText.of(classifier, text, wanted, unit)
    (answer,) = classifier.predict([text])
    told = answer.to_json(classifier.labels)
    return _explained(asked, _of_text(asked), seed, ("classify", text, answer.shown, told, asked.goal.name))


def explain_series(
    classifier: Classifier, series: npt.NDArray[np.float32], wanted: str = "", seed: int = 0
) -> Explanation:
    """Explain what a classifier says of a series (T, D); raises as `explain_text` does."""
    if not len(series):
        raise DataError("there is nothing to explain: the input is empty", "give one that holds something")
    asked = AskedSeries.of(classifier, series, wanted)
    (answer,) = classifier.predict(Series(series, np.array([len(series)], np.int64)))
    shown = " ".join(f"{value:.4g}" for value in series.ravel().tolist())
    told = answer.to_json(classifier.labels)
    return _explained(
        asked, _of_series(asked), seed, ("classify", shown, answer.shown, told, asked.goal.name)
    )


def explain_pair(translator: Translator, text: str, unit: Unit | None = None, seed: int = 0) -> Explanation:
    """Explain the text that a model answers another with; raise `DataError` for a text without a letter."""
    text = _composed(text)
    asked = AskedPair.of(translator, text, unit)
    shown = asked.answer.shown
    return _explained(
        asked, _of_pair(asked), seed, ("transduce", text, shown, asked.answer.to_json(()), shown)
    )


def explain_forecast(
    forecaster: Forecaster,
    measurements: Measurements,
    wanted: str = "",
    row: int | None = None,
    seed: int = 0,
) -> Explanation:
    """Explain the forecast of a target, the mean of its horizon, after a row of measurements or the newest one.

    Raises as `AskedForecast.of` does.
    """
    asked = AskedForecast.of(forecaster, measurements, wanted, row)
    value = float(asked.values(np.ones((1, len(asked.parts)), bool))[0])
    plan = forecaster.plan
    told: dict[str, object] = {"column": asked.name, "forecast": value, "horizon": plan.horizon}
    past = " ".join(f"{number:.5g}" for number in asked.past.ravel().tolist())
    shown = f"{asked.name} {value:.5g}"
    return _explained(asked, _of_forecast(asked), seed, ("forecast", past, shown, told, ""))


def explain_tag(
    tagger: SentenceTagger, text: str, wanted: str = "", word: int | None = None, seed: int = 0
) -> Explanation:
    """Explain the tag of a word, counted from 1, or of the one that the model is least sure of.

    Raises `DataError` for a text without a letter, and as `AskedTag.of` does.
    """
    asked = AskedTag.of(tagger, _composed(text), wanted, word)
    said = asked.answer
    shown = f"{said.tokens[asked.place]}/{said.tags[asked.place]}"
    told: dict[str, object] = {"word": asked.place + 1, **said.to_json()}
    return _explained(asked, _by_leaving_out(asked), seed, ("tag", said.text, shown, told, asked.name))


def explain_likeness(
    comparer: Comparer, left: str, right: str, unit: Unit | None = None, seed: int = 0
) -> Explanation:
    """Explain how close two texts are.

    Raises `DataError` for a text without a letter, and `UsageError` for a model of series.
    """
    if comparer.reads_series:
        raise UsageError("this model reads series, not texts", "explain a run of texts")
    asked = AskedLikeness.of(comparer, _composed(left), _composed(right), unit)
    (said,) = comparer.similarity([asked.left], [asked.right])
    about = ("compare", asked.text, said.shown, said.to_json(), "")
    return _explained(asked, _by_leaving_out(asked), seed, about)


def explain_next(
    writer: Writer, text: str, wanted: str = "", unit: Unit | None = None, seed: int = 0
) -> Explanation:
    """Explain the token that follows a text; raise `DataError` for a text without a letter, and as `AskedNext.of`."""
    asked = AskedNext.of(writer, _composed(text), wanted, unit)
    told: dict[str, object] = {"token": asked.name}
    return _explained(
        asked, _by_leaving_out(asked), seed, ("generate", asked.text, asked.name, told, asked.name)
    )


def explain_picture(
    captioner: Captioner, picture: Picture, word: int | None = None, seed: int = 0
) -> Explanation:
    """Explain the caption of a picture, or one token of it, counted from 1; raises as `AskedPicture.of` does."""
    asked = AskedPicture.of(captioner, picture, word)
    drawn = base64.b64encode(png(asked.pixels)).decode("ascii")
    told = {**asked.answer.to_json(), "grid": list(asked.grid), "picture": drawn}
    where = str(picture) if isinstance(picture, Path) else ""
    return _explained(
        asked, _of_picture(asked), seed, ("caption", where, asked.answer.text, told, asked.name)
    )


def _explained(
    asked: Asked, scored: Scored, seed: int, about: tuple[str, str, str, dict[str, object], str]
) -> Explanation:
    task, text, shown, answer, target = about
    baseline = random_orders(asked.followed, len(asked.parts), seed)
    attributions = tuple(
        Attribution(method, tuple(scores.tolist()), deletion(asked.followed, asked.ranking(scores), baseline))
        for method, scores in scored
    )
    value = float(asked.values(np.ones((1, len(asked.parts)), bool))[0])
    return Explanation(task, text, shown, answer, target, value, asked.unit, asked.parts, attributions)


def _by_leaving_out(asked: Asked) -> Scored:
    yield "occlusion", asked.occluded()


def _of_text(asked: AskedText) -> Scored:
    yield "occlusion", asked.occluded()
    match asked.classifier.model:
        case TrainedLinear(model=linear):
            weights = letter_weights(linear, asked.text, asked.goal)
            yield "weights", _by_part(weights, spans_of_letters(asked.text), asked.parts)
        case TrainedNetwork(
            model=EncoderModel() as model, vectorizer=ReadTexts(vectorizer=reader), device=device
        ):
            spans = reader.spans(asked.text)
            if not spans:
                return
            flat, lengths = reader([asked.text]).gather(np.zeros(1, np.int64))
            row = Padded.from_flat(torch.from_numpy(flat), torch.from_numpy(lengths)).to(device)
            for name, scores in _of_network(Slopes(model, row, asked.goal)):
                yield name, _by_part(scores, spans, asked.parts)
        case _:
            return


def _of_series(asked: AskedSeries) -> Scored:
    yield "occlusion", asked.occluded()
    match asked.classifier.model:
        case TrainedNetwork(model=EncoderModel() as model, vectorizer=vectorizer, device=device):
            read = vectorizer(Series(asked.series, np.array([len(asked.series)], np.int64)))
            flat, lengths = read.gather(np.zeros(1, np.int64))
            row = Padded.from_flat(torch.from_numpy(flat), torch.from_numpy(lengths)).to(device)
            spans = [(step, step + 1) for step in range(int(lengths[0]))]
            for name, scores in _of_network(Slopes(model, row, asked.goal)):
                yield name, _by_part(scores, spans, asked.parts)
        case _:
            return


def _of_pair(asked: AskedPair) -> Scored:
    yield "occlusion", asked.occluded()
    stripped = asked.text.strip()
    before = asked.text.index(stripped[0])
    spans = [(start + before, end + before) for start, end in asked.translator.sides.source.spans(stripped)]
    if asked.attention is not None and len(asked.attention) == len(spans):
        yield "attention", _by_part(asked.attention, spans, asked.parts)


def _of_picture(asked: AskedPicture) -> Scored:
    yield "occlusion", asked.occluded()
    if asked.attention is not None:
        yield "attention", asked.attention


def _of_forecast(asked: AskedForecast) -> Scored:
    yield "occlusion", asked.occluded()
    if isinstance(asked.forecaster.model, TrainedForecaster):
        yield "gradient", asked.gradient()
        yield "integrated", asked.integrated()


def _of_network(slopes: Slopes) -> Scored:
    yield "gradient", slopes.gradient()
    yield "integrated", slopes.integrated()
    attention = slopes.attention()
    if attention is not None:
        yield "attention", attention


def _by_part(scores: Doubles, spans: Sequence[Span], parts: Sequence[Part]) -> Doubles:
    """Add up the scores of tokens (T,) by the part (U,) that they stand in."""
    told: Doubles = scores @ shares_of(spans, parts)
    return told


def _composed(text: str) -> str:
    if not text.strip():
        raise DataError("there is nothing to explain: the input is empty", "give one that holds something")
    return unicodedata.normalize("NFC", text)
