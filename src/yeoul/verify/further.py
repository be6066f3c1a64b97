"""The parts of models that tag, compare and caption that the laws are asked about."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from yeoul.padded import Padded
from yeoul.tasks.captioning.captioner import Captioner
from yeoul.tasks.classification.inputs import ReadTexts, Series
from yeoul.tasks.comparison.comparer import Comparer
from yeoul.tasks.tagging.tagger import SentenceTagger
from yeoul.verify.drawing import Drawn
from yeoul.verify.parts import AS_TEXTS, INSIDE, decoded, rows_of, saveable, spelling, without
from yeoul.verify.subject import Array, Arrays, Filler, LawName, Reason, Subject, Texts

_MOST_TOKENS = 32
_PICTURES = 8


def of_tagger(tagger: SentenceTagger, drawn: Drawn) -> Sequence[Subject[Any]]:
    """Ask for the tag of each word and how probable it is."""

    def whole(asked: SentenceTagger, again: Callable[[], Subject[Any]] | None) -> Subject[Any]:
        known = {tag: place for place, tag in enumerate(asked.tags)}

        def ask(texts: Sequence[str]) -> list[Array]:
            return [
                np.array(
                    [[known[tag], sure] for tag, sure in zip(one.tags, one.confidences, strict=True)]
                ).reshape(-1, 2)
                for one in asked.predict(texts)
            ]

        return Texts("sentences", drawn.texts, ask, without({**AS_TEXTS, "padding": "inside"}, again), again)

    return [saveable(whole, tagger, SentenceTagger.load, tagger.device)]


def of_comparer(comparer: Comparer, drawn: Drawn) -> Sequence[Subject[Any]]:
    """Ask how close each is to one other, from both sides, and what the encoder says of it."""
    reader = comparer.vectorizer
    if isinstance(reader, ReadTexts):
        rows, num_ids = tuple(rows_of(reader(list(drawn.texts)), None)), reader.vectorizer.size
        spell = spelling(reader.vectorizer.tokenizer.id_to_token)
    else:
        flat = np.concatenate(drawn.series)
        lengths = np.array([len(row) for row in drawn.series], np.int64)
        rows, num_ids, spell = tuple(rows_of(reader(Series(flat, lengths)), None)), None, None

    def scored(asked: Comparer, again: Callable[[], Subject[Any]] | None, left: bool) -> Subject[Any]:
        if drawn.series:
            other = drawn.series[-1]

            def ask_series(padded: Padded) -> Tensor:
                flat = padded.values[padded.mask].numpy().astype(np.float32)
                own = Series(flat, padded.lengths.numpy())
                one = Series(np.concatenate([other] * len(own)), np.full(len(own), len(other), np.int64))
                return torch.from_numpy(asked.scores(*((own, one) if left else (one, own))))

            filler = Filler.like(drawn.series)
            return Arrays("series", drawn.series, ask_series, filler, without(AS_TEXTS, again), reload=again)

        def ask(texts: Sequence[str]) -> Array:
            one = [drawn.texts[0]] * len(texts)
            return asked.scores(*((texts, one) if left else (one, texts)))

        name = "left texts" if left else "right texts"
        return Texts(name, drawn.texts, ask, without(AS_TEXTS, again), again)

    def read(padded: Padded) -> Tensor:
        return comparer.model.eval().summaries(padded.to(comparer.device))

    exempt: dict[LawName, Reason] = {**INSIDE, "future": "whole", "chunks": "pieces"}
    filler = Filler.like(rows) if num_ids is None else Filler(num_ids)
    return [
        saveable(lambda model, again: scored(model, again, True), comparer, Comparer.load, comparer.device),
        scored(comparer, None, False),
        Arrays("summaries", rows, read, filler, exempt, spell),
    ]


def of_captioner(captioner: Captioner, drawn: Drawn) -> Sequence[Subject[Any]]:
    """Ask about pictures with one caption, and about captions with one picture."""
    model, device, marks = captioner.model.eval(), captioner.device, captioner.marks
    random = np.random.default_rng(0)
    if captioner.form.told is None:
        size = captioner.form.pictures.size
        shades = random.integers(0, 256, (_PICTURES, size, size, 3), np.uint8)
    else:
        shades = random.normal(size=(_PICTURES, *captioner.form.told)).astype(np.float32)
    read = rows_of(captioner.vectorizer(list(drawn.texts)), _MOST_TOKENS)
    captions = tuple(np.concatenate([[marks.start], row]).astype(np.int64) for row in read)
    longest = torch.from_numpy(max(captions, key=len))

    def of_pictures(asked: Captioner, again: Callable[[], Subject[Array]] | None) -> Subject[Array]:
        network = asked.model.eval()

        def ask(padded: Padded) -> Tensor:
            memory = network.encode(padded.values.to(device))
            ids = longest.to(device).expand(len(padded.lengths), -1)
            told, _ = network.forward(ids, network.start(memory, len(ids)), memory)
            return told.logits.float().log_softmax(-1)

        exempt = without({"padding": "fixed", "future": "whole", "chunks": "pieces"}, again)
        return Arrays("pictures", tuple(shades), ask, Filler.like(tuple(shades)), exempt, reload=again)

    with torch.no_grad():
        memory = model.encode(torch.from_numpy(shades[:1]).to(device))

    def of_captions(padded: Padded) -> Padded:
        rows = len(padded.lengths)
        seen = model.encode(torch.from_numpy(shades[:1]).to(device).expand(rows, *shades.shape[1:]))
        told, _ = model.forward(padded.values.to(device), model.start(seen, rows), seen)
        return Padded(told.logits.float().log_softmax(-1), padded.lengths)

    spell = spelling(lambda token: captioner.vectorizer.tokenizer.id_to_token(token) or "")
    return [
        saveable(of_pictures, captioner, Captioner.load, device),
        Arrays(
            "captions",
            captions,
            of_captions,
            Filler(marks.end),
            dict(INSIDE),
            spell,
            in_pieces=decoded(model, memory, device),
        ),
    ]
