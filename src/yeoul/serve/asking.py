"""Answer requests that stand for themselves: labels, and forecasts from measurements that come along."""

import asyncio
import base64
import unicodedata
from collections.abc import Sequence
from typing import Any

from yeoul.errors import UsageError
from yeoul.serve.answering import Question, joined_pair, series_input
from yeoul.serve.offers import Describer, Foreteller, Predictor
from yeoul.serve.schemas import History, Predict
from yeoul.tasks.captioning.captioner import LoosePictures, Picture
from yeoul.tasks.classification.inputs import Inputs
from yeoul.tasks.forecasting.forecaster import Forecasts


async def predicted(offer: Predictor, asked: Predict) -> dict[str, Any]:
    """Return an answer for every input."""
    inputs = _inputs(offer, asked)
    answers = await offer.batcher.ask(Question(inputs, asked.attention), len(inputs))
    return {"model": offer.card.name, "answers": answers}


async def described(offer: Describer, asked: Predict) -> dict[str, Any]:
    """Return what is on every picture."""
    if asked.pictures is None:
        raise UsageError("this model reads pictures", "send them as base64", where="pictures")
    seen = await asyncio.to_thread(_pictures, offer, asked.pictures)
    answers = await offer.batcher.ask(Question(seen, asked.attention), len(seen))
    return {"model": offer.card.name, "answers": answers}


def _pictures(offer: Describer, written: Sequence[str]) -> LoosePictures:
    """Decode pictures; raise `UsageError` for what is none."""
    files = list[Picture]()
    for place, text in enumerate(written):
        try:
            files.append(base64.b64decode(text, validate=True))
        except ValueError as error:
            raise UsageError(
                "this is not base64", "send the bytes of a picture file so", where=f"pictures.{place}"
            ) from error
    return offer.captioner.look(files)


def _inputs(offer: Predictor, asked: Predict) -> Inputs:
    if asked.pictures is not None:
        raise UsageError("this model reads no pictures", "send texts", where="pictures")
    if offer.model.compares:
        if asked.pairs is None:
            raise UsageError("this model compares two texts", "send pairs", where="pairs")
        return [joined_pair(*(unicodedata.normalize("NFC", text) for text in pair)) for pair in asked.pairs]
    if asked.pairs is not None:
        raise UsageError("this model compares nothing", "send texts", where="pairs")
    if asked.series is not None:
        if offer.model.channels is None:
            raise UsageError("this model reads texts, not series", "send texts", where="series")
        return series_input(asked.series, offer.model.channels)
    if offer.model.channels is not None:
        raise UsageError("this model reads series, not texts", "send series", where="texts")
    texts = [asked.text] if asked.text is not None else asked.texts or []
    return [unicodedata.normalize("NFC", text) for text in texts]


async def foretold(offer: Foreteller, asked: History) -> dict[str, Any]:
    """Return how measurements go on."""
    check_horizon(offer, asked.horizon)
    measurements = await asyncio.to_thread(offer.reader.read, asked.columns, asked.start)
    found = await offer.batcher.ask(measurements, len(measurements.series))
    return {"model": offer.card.name, "forecast": records(found, asked.horizon)}


def check_horizon(offer: Foreteller, steps: int | None) -> None:
    """Raise `UsageError` for more rows than the model forecasts."""
    most = offer.forecaster.plan.horizon
    if steps is not None and steps > most:
        raise UsageError(
            "the run forecasts {most} rows, not {asked}",
            "ask for less, or train again with a longer --horizon",
            where="horizon",
            values={"most": most, "asked": steps},
        )


def records(found: Forecasts, steps: int | None) -> list[dict[str, Any]]:
    """Return the first so many steps of forecasts as JSON."""
    return list((found if steps is None else found.first(steps)).records())
