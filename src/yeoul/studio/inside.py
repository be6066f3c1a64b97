"""What recurrent layers do with an input, step by step: what they keep, what they write, what they let out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

import torch
from torch import Tensor, nn

from yeoul.api import Run
from yeoul.errors import UsageError
from yeoul.kernels import Call, overhearing
from yeoul.kernels.tracing import Trace, trace
from yeoul.models.encoders import BackwardEncoder
from yeoul.padded import Padded
from yeoul.serve.answering import series_input
from yeoul.serve.histories import HistoryReader
from yeoul.studio.asked import LookInside
from yeoul.tasks.classification.classifier import Classifier, Mixture, TrainedNetwork
from yeoul.tasks.classification.inputs import Inputs, ReadSeries, ReadTexts, Vectorizer
from yeoul.tasks.generation.writer import TrainedDecoder

_STEPS = 512
_DIGITS = 3
_END = "⏎"


@final
@dataclass(frozen=True)
class _Heard:
    """What the layers of a model were asked, and what the steps of the input are called."""

    calls: Sequence[Call]
    tokens: Sequence[str]
    turned: bool = False
    """Whether the model reads its input from the end."""


def look(run: Run, asked: LookInside) -> dict[str, Any]:
    """Return what one layer keeps, writes and lets out over an input, for the units that change most.

    Raises `UsageError` for a model without recurrent layers, and for an input of another kind.
    """
    heard = _heard(run, asked)
    layers = {
        id(call.weights.input_hidden): call for call in reversed(heard.calls)
    }  # what is read twice, once
    calls = [call for call in reversed(layers.values()) if call.inputs.lengths[0]]
    if not calls:
        raise UsageError(
            "this model has no recurrent layer that reads such an input", "try another run", where=run.id
        )
    if asked.layer >= len(calls):
        raise UsageError(
            "there is no such layer", "the answer for layer 0 tells which there are", where="layer"
        )
    call = calls[asked.layer]
    found = trace(call)
    steps = min(_STEPS, len(found.state))
    tokens = _named(heard.tokens, len(found.state))
    order = range(len(tokens))[::-1] if heard.turned else range(len(tokens))
    chosen = _liveliest(found.state[:steps], asked.units)
    return {
        "tokens": [tokens[place] for place in order][:steps],
        "layers": [_layer(place, one, heard.turned) for place, one in enumerate(calls)],
        **_layer(asked.layer, call, heard.turned),
        "layer": asked.layer,
        "units": chosen,
        "units_of": found.state.shape[1],
        **_parts(found, steps, chosen),
        "mean": {
            name: None if part is None else _rounded(part[:steps].mean(dim=1))
            for name, part in _gates(found).items()
        },
        "change": _rounded(_changes(found.state[:steps], reverse=call.reverse)),
    }


def _heard(run: Run, asked: LookInside) -> _Heard:
    given = [asked.text is not None, asked.series is not None, asked.columns is not None]
    if sum(given) != 1:
        raise UsageError("one of text, series and columns is given", "leave out the others", where="text")
    match run.record["task"]:
        case "classify":
            return _classified(run.classifier, asked)
        case "generate":
            return _written(run, _text(asked))
        case "transduce":
            return _answered(run, _text(asked))
        case "forecast":
            return _forecast(run, asked)
        case "compare":
            return _compared(run, asked)
        case "tag":
            return _tagged(run, _text(asked))
        case task:
            raise UsageError(
                "the task {task} cannot be looked into yet", "try another run", values={"task": task}
            )


def _text(asked: LookInside) -> str:
    if asked.text is None:
        raise UsageError("this model reads texts, not series", "send a text", where="text")
    return asked.text


def _read(vectorizer: Vectorizer, asked: LookInside) -> tuple[Inputs, list[str]]:
    """Return what a model reads, and what its steps are called."""
    match vectorizer:
        case ReadTexts(vectorizer=texts):
            text = _text(asked)
            return [text], [text[start:end] for start, end in texts.spans(text)]
        case ReadSeries(vectorizer=reader):
            if asked.series is None:
                raise UsageError("this model reads series, not texts", "send series", where="series")
            series = series_input([asked.series], reader.channels)
            return series, [str(place) for place in range(1, len(series.values) + 1)]
    raise TypeError("neither texts nor series are read")


def _classified(classifier: Classifier, asked: LookInside) -> _Heard:
    network = network_of(classifier)
    inputs, tokens = _read(network.vectorizer, asked)
    with overhearing() as calls:
        network.answers(inputs)
    return _Heard(calls, tokens, _reads_backward(network.model))


def _compared(run: Run, asked: LookInside) -> _Heard:
    comparer = run.comparer
    inputs, tokens = _read(comparer.vectorizer, asked)
    with overhearing() as calls:
        comparer.similarity(inputs, inputs)
    return _Heard(calls, tokens, _reads_backward(comparer.model))


def _tagged(run: Run, text: str) -> _Heard:
    with overhearing() as calls:
        (answer,) = run.tagger.predict([text])
    words = [call for call in calls if call.inputs.lengths.tolist() == [len(answer.tokens)]]
    return _Heard(words, answer.tokens)  # the others read the letters of each word


def network_of(classifier: Classifier) -> TrainedNetwork:
    """Return the network of a classifier, the first one of a mixture; raise `UsageError` where there is none."""
    match classifier.model:
        case TrainedNetwork() as network:
            return network
        case Mixture(members=members):
            networks = [one.model for one in members if isinstance(one.model, TrainedNetwork)]
            if networks:
                return networks[0]
    raise UsageError("this model is linear: there are no states in it", "try a network")


def _written(run: Run, text: str) -> _Heard:
    writer = run.writer
    if not isinstance(writer.model, TrainedDecoder):
        raise UsageError("these are counted n-grams: there are no states in them", "try a network")
    ids = [writer.start, *writer.encode(text)]
    rows = Padded(torch.tensor([ids], device=writer.device), torch.tensor([len(ids)], device=writer.device))
    model = writer.model.model
    with overhearing() as calls, torch.inference_mode():
        model.read(rows, model.network.start(1))
    return _Heard(calls, ["", *(writer.spelling.pieces[number] for number in ids[1:])])


def _answered(run: Run, text: str) -> _Heard:
    translator = run.translator
    ids = translator.sides.sources([text]).ids.tolist()
    with overhearing() as calls:
        translator.found([text], translator.search.model_copy(update={"max_tokens": 1}))
    first = calls[0].inputs.lengths.tolist() if calls else []
    encoder = [call for call in calls if call.inputs.lengths.tolist() == first]
    return _Heard(encoder, translator.sides.source_tokens(text, ids), _reads_backward(translator.model))


def _forecast(run: Run, asked: LookInside) -> _Heard:
    if asked.columns is None:
        raise UsageError("this model reads measurements", "send columns", where="columns")
    measurements = HistoryReader.of(run).read(asked.columns, asked.start)
    with overhearing() as calls:
        run.forecaster.forecast(measurements)
    longest = max((int(call.inputs.lengths[0]) for call in calls), default=0)
    reading = [call for call in calls if int(call.inputs.lengths[0]) == longest]
    return _Heard(reading, [str(step) for step in range(1 - longest, 1)])


def _reads_backward(model: nn.Module) -> bool:
    return any(isinstance(part, BackwardEncoder) for part in model.modules())


def _named(tokens: Sequence[str], steps: int) -> list[str]:
    """Name so many steps by the tokens: one more is the end, and where steps were joined their tokens are."""
    if steps >= len(tokens):
        return [*tokens, *[_END] * (steps - len(tokens))]
    stride = -(-len(tokens) // max(1, steps))
    return ["".join(tokens[place * stride : (place + 1) * stride]) for place in range(steps)]


def _layer(place: int, call: Call, turned: bool) -> dict[str, Any]:
    return {
        "place": place,
        "cell": call.cell,
        "direction": "backward" if call.reverse or turned else "forward",
        "hidden_size": call.weights.hidden_hidden.shape[1],
    }


def _liveliest(states: Tensor, units: int) -> list[int]:
    """Return the units (H) whose state changes most over the steps (T, H)."""
    spread = states.std(dim=0, correction=0)
    found: list[int] = spread.argsort(descending=True, stable=True)[:units].tolist()
    return found


def _gates(found: Trace) -> Mapping[str, Tensor | None]:
    return {"kept": found.kept, "written": found.written, "let_out": found.let_out}


def _parts(found: Trace, steps: int, units: Sequence[int]) -> dict[str, Any]:
    parts = {**_gates(found), "state": found.state, "memory": found.memory}
    return {
        name: None if part is None else [_rounded(row) for row in part[:steps][:, list(units)]]
        for name, part in parts.items()
    }


def _changes(states: Tensor, *, reverse: bool) -> Tensor:
    """Return how much the state (T, H) changes with each step, on average over its units."""
    turned = states.flip(0) if reverse else states
    before = torch.cat([torch.zeros_like(turned[:1]), turned[:-1]])
    changes = (turned - before).square().mean(dim=1).sqrt()
    return changes.flip(0) if reverse else changes


def _rounded(values: Tensor) -> list[float]:
    return [round(value, _DIGITS) for value in values.double().tolist()]
