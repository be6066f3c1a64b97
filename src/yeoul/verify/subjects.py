"""The parts of trained models that the laws are asked about, task by task."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor

from yeoul.data.batches import Batch
from yeoul.models.build import SeriesInputs, build_causal_encoder
from yeoul.models.encoder_model import EncoderModel
from yeoul.models.protocols import CausalEncoder
from yeoul.models.transduction import Seq2Seq
from yeoul.padded import Padded
from yeoul.tasks.captioning.captioner import Captioner
from yeoul.tasks.classification.classifier import Classifier, TrainedNetwork
from yeoul.tasks.classification.inputs import ReadTexts, Series
from yeoul.tasks.comparison.comparer import Comparer
from yeoul.tasks.forecasting.forecaster import Forecaster, TrainedForecaster
from yeoul.tasks.generation.writer import Writer
from yeoul.tasks.tagging.tagger import SentenceTagger
from yeoul.tasks.transduction.translator import Translator
from yeoul.verify.drawing import Drawn
from yeoul.verify.further import of_captioner, of_comparer, of_tagger
from yeoul.verify.measured import measured
from yeoul.verify.parts import AS_TEXTS, INSIDE, decoded, ends, full, rows_of, saveable, spelling, without
from yeoul.verify.subject import Array, Arrays, Filler, LawName, Reason, Subject, Texts

Subjects = Sequence[Subject[Any]]
_MOST_TOKENS = 64


def subjects_of(model: object, drawn: Drawn) -> Subjects:
    """Return what is to be asked about a trained model; raise `TypeError` for one of no known task."""
    match model:
        case Classifier():
            return _of_classifier(model, drawn)
        case Writer():
            return _of_writer(model, drawn)
        case Translator():
            return _of_translator(model, drawn)
        case Forecaster():
            return _of_forecaster(model, drawn)
        case SentenceTagger():
            return of_tagger(model, drawn)
        case Comparer():
            return of_comparer(model, drawn)
        case Captioner():
            return of_captioner(model, drawn)
        case _:
            raise TypeError(f"{type(model).__name__} is of no task that is known here")


LOADERS: Mapping[str, Callable[[Path, torch.device], object]] = {
    "caption": Captioner.load,
    "classify": Classifier.load,
    "compare": Comparer.load,
    "generate": Writer.load,
    "tag": SentenceTagger.load,
    "transduce": Translator.load,
    "forecast": Forecaster.load,
}


def _of_classifier(classifier: Classifier, drawn: Drawn) -> Subjects:
    network = classifier.model if isinstance(classifier.model, TrainedNetwork) else None
    device = torch.device("cpu") if network is None else network.device

    def whole(asked: Classifier, again: Callable[[], Subject[Any]] | None) -> Subject[Any]:
        if drawn.series:
            return _series(asked, drawn.series, again)
        return Texts("texts", drawn.texts, asked.answers, without(AS_TEXTS, again), again)

    parts = [] if network is None else _of_network(network, drawn)
    return [saveable(whole, classifier, Classifier.load, device), *parts]


def _series(classifier: Classifier, rows: tuple[Array, ...], again: Callable[[], Any] | None) -> Subject[Any]:
    def ask(padded: Padded) -> Tensor:
        flat = padded.values[padded.mask].numpy().astype(np.float32)
        return torch.from_numpy(classifier.answers(Series(flat, padded.lengths.numpy())))

    exempt = without(AS_TEXTS, again)
    return Arrays("series", rows, ask, Filler.like(rows), exempt, reload=again)


def _of_network(network: TrainedNetwork, drawn: Drawn) -> list[Subject[Any]]:
    """Return the network with its padding, and the states of an encoder that reads forward."""
    if not isinstance(network.model, EncoderModel):
        return []
    model, device = network.model.eval(), network.device
    name, spell = "series", None
    num_ids = None
    match network.vectorizer:
        case ReadTexts(vectorizer=reader):
            name, num_ids = "text", reader.size
            rows = tuple(rows_of(reader(list(drawn.texts)), reader.max_length))
            spell = spelling(reader.tokenizer.id_to_token)
        case reading:
            flat = np.concatenate(drawn.series)
            lengths = np.array([len(row) for row in drawn.series], np.int64)
            rows = tuple(rows_of(reading(Series(flat, lengths)), None))
    filler = Filler.like(rows) if num_ids is None else Filler(num_ids)

    def ask(padded: Padded) -> Tensor:
        batch = Batch({name: padded}, None, torch.arange(len(padded.lengths)))
        return model.answers(batch.to(device))

    exempt: dict[LawName, Reason] = {**INSIDE, "future": "whole", "chunks": "pieces"}
    parts: list[Subject[Any]] = [Arrays("network", rows, ask, filler, exempt, spell)]
    table, inputs = network.recipe.embedding, network.vectorizer.network_inputs
    with torch.device("meta"):
        width = inputs.channels if isinstance(inputs, SeriesInputs) else (table.size if table else 0)
        causal = build_causal_encoder(network.recipe.encoder, width)
    if causal is not None:
        encoder = cast(CausalEncoder, model.encoder)

        def states(padded: Padded) -> Padded:
            return encoder.read(model.embedding(padded.to(device)), encoder.start(len(padded.lengths)))[0]

        def in_pieces(pieces: Sequence[Tensor]) -> Tensor:
            vectors = model.embedding(full(torch.cat(list(pieces), dim=1).to(device))).dense().values
            told, state = [], encoder.start(1)
            for part in vectors.split([piece.shape[1] for piece in pieces], dim=1):
                read, state = encoder.read(full(part), state)
                told.append(read.values[0])
            return torch.cat(told)

        parts.append(Arrays("states", rows, states, filler, dict(INSIDE), spell, in_pieces=in_pieces))
    return parts


def _of_writer(writer: Writer, drawn: Drawn) -> Subjects:
    decoder, device = writer.decoder, writer.device
    rows = tuple(
        np.array([writer.start, *writer.encode(text)][:_MOST_TOKENS], np.int64) for text in drawn.texts
    )

    def whole(asked: Writer, again: Callable[[], Subject[Array]] | None) -> Subject[Array]:
        def ask(padded: Padded) -> Padded:
            ids = padded.values.to(device)
            decoded, _ = asked.decoder.forward(ids, asked.decoder.start(None, len(ids)), None)
            return Padded(decoded.logits.float().log_softmax(-1), padded.lengths)

        exempt: dict[LawName, Reason] = {} if again is not None else {"saved": "unsaved"}
        pieces = decoded(decoder, None, device)
        filler = Filler(writer.script.tokens)
        spell = spelling(lambda token: writer.spelling.pieces[token])
        return Arrays("tokens", rows, ask, filler, exempt, spell, in_pieces=pieces, reload=again)

    return [saveable(whole, writer, Writer.load, device)]


def _of_translator(translator: Translator, drawn: Drawn) -> Subjects:
    """Ask about sources with one target, and about targets with one source."""
    model, sides, device = translator.model.eval(), translator.sides, translator.device
    sources = tuple(rows_of(sides.sources(drawn.texts), _MOST_TOKENS))
    start = sides.marks.start
    read = rows_of(sides.target(list(drawn.targets)), _MOST_TOKENS)
    targets = tuple(np.concatenate([[start], row]).astype(np.int64) for row in read)
    longest = max(targets, key=len)
    first = max(sources, key=len)

    def told(asked: Seq2Seq, source: Padded, target: Tensor) -> Tensor:
        memory = asked.encode(source.to(device))
        ids = target.to(device)
        decoded, _ = asked.forward(ids, asked.start(memory, len(ids)), memory)
        return decoded.logits.float().log_softmax(-1)

    def of_sources(asked: Translator, again: Callable[[], Subject[Array]] | None) -> Subject[Array]:
        network = asked.model.eval()
        target = torch.from_numpy(longest)

        def ask(padded: Padded) -> Tensor:
            return told(network, padded, target.expand(len(padded.lengths), -1))

        exempt = without({"future": "whole", "chunks": "pieces"}, again)
        spell = spelling(sides.source_spelled)
        return Arrays("sources", sources, ask, Filler(sides.source.size), exempt, spell, reload=again)

    def of_targets(padded: Padded) -> Padded:
        source = Padded(torch.from_numpy(first).expand(len(padded.lengths), -1), ends(padded, len(first)))
        return Padded(told(model, source, padded.values), padded.lengths)

    with torch.no_grad():
        memory = model.encode(full(torch.from_numpy(first)[None]).to(device))
    of_given = Arrays(
        "targets",
        targets,
        of_targets,
        Filler(sides.marks.end),
        dict(INSIDE),
        spelling(lambda token: "" if token >= sides.marks.end else sides.spelled(token)),
        in_pieces=decoded(model, memory, device),
    )
    return [saveable(of_sources, translator, Translator.load, device), of_given]


def _of_forecaster(forecaster: Forecaster, drawn: Drawn) -> Subjects:
    device = (
        forecaster.model.device if isinstance(forecaster.model, TrainedForecaster) else torch.device("cpu")
    )
    found: list[Subject[Any]] = []
    if drawn.measurements is not None:
        measurements = drawn.measurements

        def whole(asked: Forecaster, again: Callable[[], Subject[Array]] | None) -> Subject[Array]:
            return measured(asked, measurements, again)

        found.append(saveable(whole, forecaster, Forecaster.load, device))
    if isinstance(forecaster.model, TrainedForecaster):
        model, plan = forecaster.model.model.eval(), forecaster.plan
        random = np.random.default_rng(0)
        rows = tuple(random.normal(size=(12, plan.steps, len(plan.channels))).astype(np.float32))
        known = torch.from_numpy(random.normal(size=(1, plan.horizon, len(plan.ahead))).astype(np.float32))
        static = torch.from_numpy(random.normal(size=(1, len(plan.static))).astype(np.float32))

        def ask(padded: Padded) -> Tensor:
            count = len(padded.lengths)
            inputs: dict[str, Padded | Tensor] = {"series": padded}
            if plan.ahead:
                inputs["known"] = known.expand(count, -1, -1)
            if plan.static:
                inputs["static"] = static.expand(count, -1)
            return model.answers(Batch(inputs, None, torch.arange(count)).to(device))

        exempt: dict[LawName, Reason] = {**INSIDE, "padding": "fixed", "future": "whole", "chunks": "pieces"}
        if not found:
            exempt = {**exempt, "saved": "unsaved"}
            del exempt["threads"]
        found.append(Arrays("windows", rows, ask, Filler.like(rows), exempt))
    return found
