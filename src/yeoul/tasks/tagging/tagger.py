"""A trained tagger: what answers, and what a run's `model/` folder holds."""

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Literal, final

import numpy as np
import numpy.typing as npt
import torch
from pydantic import BaseModel, ConfigDict
from torch import Tensor

from yeoul.data.batches import by_length
from yeoul.data.settings import load_settings
from yeoul.data.tag_rows import TaggedRows
from yeoul.errors import ModelFileError
from yeoul.files import check_seal, replaced_folder, write_text
from yeoul.models.build_tagger import build_tagger
from yeoul.models.tagging import TagHead, TagModel
from yeoul.padded import Padded
from yeoul.recipe import TaggerRecipe
from yeoul.runs.folder import write_json
from yeoul.runs.weights import check_weights, load_tensors, save_tensors
from yeoul.tasks.tagging.answers import TagAnswer
from yeoul.tasks.tagging.reading import Reading
from yeoul.text.sentences import sentence_spans
from yeoul.text.wordcuts import Range

_WEIGHTS = "weights.safetensors"
Element = Literal["word", "sentence"]


class _Description(BaseModel):
    """`model.json`."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    schema_version: Literal[1]
    task: Literal["tag"]
    kind: Literal["tagger"]
    element: Element
    spans: bool
    ruled: bool = False
    model: TaggerRecipe


@final
@dataclass(frozen=True, eq=False)
class Tagged:
    """What a tagger says of N sentences: the tag of each word, and how probable it holds it."""

    tags: tuple[tuple[str, ...], ...]
    confidences: tuple[tuple[float, ...], ...]
    nats: npt.NDArray[np.float64]
    """(N,) what the true tags cost; NaN where they are not known, or training did not hold one of them."""


@final
@dataclass(frozen=True, eq=False)
class SentenceTagger:
    """A network with the words, letters and tags that it knows."""

    recipe: TaggerRecipe
    model: TagModel
    reading: Reading
    device: torch.device
    spans: bool
    """Whether tags mark spans by B-, I- and O."""
    element: Element = "word"
    ruled: bool = False
    """Whether a chain says no row of tags that breaks the rules of spans."""

    @property
    def tags(self) -> tuple[str, ...]:
        return self.reading.tags

    def tagged(self, sentences: Sequence[Sequence[str]]) -> Tagged:
        """Tag the words (NFC) of sentences; what is said of one is the same in any company."""
        return tag_rows(self.model, self.reading.bare_rows(sentences), self.tags, self.device)

    def tag(self, sentences: Sequence[Sequence[str]]) -> list[TagAnswer]:
        """Tag sentences that are cut into words; the text of each answer are its words with a space between them."""
        texts = [" ".join(words) for words in sentences]
        ranges = [_ranges(words) for words in sentences]
        return self._answers(texts, ranges)

    def predict(self, texts: Sequence[str]) -> list[TagAnswer]:
        """Cut raw texts as the training sentences were, and tag them: words of sentences, or sentences of documents."""
        cut = self.reading.cut if self.element == "word" else sentence_spans
        return self._answers(texts, [cut(text) for text in texts])

    def _answers(self, texts: Sequence[str], ranges: Sequence[Sequence[Range]]) -> list[TagAnswer]:
        words = [
            [unicodedata.normalize("NFC", text[start:end]) for start, end in own]
            for text, own in zip(texts, ranges, strict=True)
        ]
        said = self.tagged(words)
        return [
            TagAnswer(text, tuple(own), tags, confidences, self.spans)
            for text, own, tags, confidences in zip(texts, ranges, said.tags, said.confidences, strict=True)
        ]

    def save(self, folder: Path, card: str) -> None:
        """Put weights, words, letters and settings into `folder`, in place of what was there."""
        description = _Description(
            schema_version=1,
            task="tag",
            kind="tagger",
            element=self.element,
            spans=self.spans,
            ruled=self.ruled,
            model=self.recipe,
        )
        with replaced_folder(folder) as fresh:
            save_tensors(fresh / _WEIGHTS, self.model.state_dict())
            self.reading.save(fresh)
            write_json(fresh / "model.json", description.model_dump(mode="json"))
            write_text(fresh / "MODEL_CARD.md", card)

    @classmethod
    def load(cls, folder: Path, device: torch.device) -> "SentenceTagger":
        """Read what `save` wrote; raise `ModelFileError` for anything else."""
        if not (folder / "model.json").is_file():
            raise ModelFileError("there is no trained model here", "train first", where=str(folder))
        check_seal(folder)
        described = load_settings(_Description, folder / "model.json")
        reading = Reading.load(folder)
        tensors = load_tensors(folder / _WEIGHTS)
        model = _empty(described, reading, folder)
        check_weights(model, tensors, folder / _WEIGHTS)
        model.load_state_dict(tensors, assign=True)
        return cls(
            described.model,
            model.to(device),
            reading,
            device,
            described.spans,
            described.element,
            described.ruled,
        )


def _empty(described: _Description, reading: Reading, folder: Path) -> TagModel:
    """Return the network without its weights; raise `ModelFileError` for tags that no rule lets follow one another."""
    try:
        with torch.device("meta"):
            return build_tagger(described.model, reading.sizes(), ruled=described.ruled)
    except ValueError as error:
        raise ModelFileError(
            "the tags do not fit the model",
            "copy the folder again from its source, or train again",
            where=str(folder),
        ) from error


def tag_rows(model: TagModel, rows: TaggedRows, names: Sequence[str], device: torch.device) -> Tagged:
    """Tag every sentence, in the order of the rows, without dropout and gradients.

    The model is put into evaluation mode.
    """
    model.eval()
    tags: list[tuple[str, ...]] = [()] * len(rows)
    confidences: list[tuple[float, ...]] = [()] * len(rows)
    nats = np.full(len(rows), np.nan)
    with torch.inference_mode():
        head = model.speaker
        for given in by_length(rows):
            batch = given.to(device)
            scores = model.scores(batch)
            best, log_probs = head.best(scores), head.log_probs(scores)
            chances = log_probs.values.gather(2, best.values[:, :, None])[:, :, 0].exp().clamp(max=1.0)
            said = zip(batch.index.tolist(), best.values.tolist(), chances.tolist(), strict=True)
            for place, numbers, own in said:
                length = int(rows.sizes[place])
                tags[place] = tuple(names[number] for number in numbers[:length])
                confidences[place] = tuple(own[:length])
            if batch.targets is not None:
                nats[given.index.numpy()] = _cost(head, scores, batch.targets)
    return Tagged(tuple(tags), tuple(confidences), nats)


def _cost(head: TagHead, scores: Padded, tags: Tensor) -> npt.NDArray[np.float64]:
    """Return what tags (B, T) cost (B,); NaN where one is -1, unknown."""
    strange = ((tags < 0) & scores.mask).any(dim=1)
    cost = head.nats(scores, tags.clamp(min=0)).double().masked_fill(strange, math.nan)
    return cost.cpu().numpy()


def _ranges(words: Sequence[str]) -> list[Range]:
    """Return where words stand in a text that has a space between each two."""
    ends = [0]
    for word in words:
        ends.append(ends[-1] + len(word) + 1)
    return [(start, after - 1) for start, after in pairwise(ends)]
