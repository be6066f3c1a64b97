"""Explain an answer by every method that its model allows, and try each of them out."""

import unicodedata
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import torch

from yeoul.errors import DataError
from yeoul.explain.asked import Asked, AskedPair, AskedSeries, AskedText
from yeoul.explain.deletion import Doubles, deletion, random_orders
from yeoul.explain.explanation import Attribution, Explanation, MethodName
from yeoul.explain.gradients import Slopes
from yeoul.explain.linear import letter_weights, spans_of_letters
from yeoul.explain.units import Part, Unit, shares_of
from yeoul.models.encoder_model import EncoderModel
from yeoul.padded import Padded
from yeoul.tasks.classification.classifier import Classifier, TrainedLinear, TrainedNetwork
from yeoul.tasks.classification.inputs import ReadTexts, Series
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


def _explained(
    asked: Asked, scored: Scored, seed: int, about: tuple[str, str, str, dict[str, object], str]
) -> Explanation:
    task, text, shown, answer, target = about
    baseline = random_orders(asked.values, len(asked.parts), seed)
    attributions = tuple(
        Attribution(method, tuple(scores.tolist()), deletion(asked.values, scores, baseline))
        for method, scores in scored
    )
    value = float(asked.values(np.ones((1, len(asked.parts)), bool))[0])
    return Explanation(task, text, shown, answer, target, value, asked.unit, asked.parts, attributions)


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
