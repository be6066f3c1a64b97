"""A trained language model, network or n-grams: what writes, and what a run's `model/` folder holds."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal, TypeAlias, final

import numpy as np
import torch
from pydantic import BaseModel, ConfigDict, ValidationError

from yeoul.baselines.ngrams import Ngrams
from yeoul.data.batches import by_length
from yeoul.data.streams import Counts, Ids, StreamRows, put_aside
from yeoul.data.vectorizers import TextVectorizer
from yeoul.decoding import Opening, prompted
from yeoul.errors import ModelFileError
from yeoul.files import check_seal, replaced_folder, write_text
from yeoul.metrics.intervals import Floats
from yeoul.models.language import LanguageModel, build_language_model
from yeoul.models.language_rows import row_decoder
from yeoul.models.language_scoring import Reading as Pace
from yeoul.models.language_scoring import text_log_probs
from yeoul.models.protocols import Decoder, State
from yeoul.recipe import DecoderRecipe, LanguageRecipe, NgramRecipe, SamplingRecipe
from yeoul.runs.arrays import load_arrays, save_arrays
from yeoul.runs.folder import write_json
from yeoul.runs.weights import check_weights, load_tensors, save_tensors
from yeoul.tasks.generation.ngrams import NgramDecoder, document_log_probs
from yeoul.tasks.generation.texts import Script, reading_of
from yeoul.text.writing import Spelling

_REMEDY = "copy the folder again from its source, or train again"
_WEIGHTS = "weights.safetensors"
_LANE_TOKENS = 2048
_MOST_LANES = 32
_WARMUP = 256


@final
@dataclass(frozen=True)
class TrainedDecoder:
    """A network."""

    recipe: DecoderRecipe
    model: LanguageModel
    device: torch.device

    @property
    def decoder(self) -> Decoder[None, State]:
        return row_decoder(self.model)

    def log_probs(self, script: Script, ids: Ids, offsets: Counts) -> Floats:
        """Return the log-probability of every token (N,) after those before it, or before it in its document.

        A long text is read in lanes, each of which begins some hundred tokens before its own.
        """
        if not script.reading.independent:
            return text_log_probs(self.model, ids, script.start, self.device, pace_of(len(ids)))
        rows = StreamRows.in_documents(
            ids, script.start, offsets, max(1, int(np.diff(offsets).max(initial=0)))
        )
        told = np.empty(len(ids))
        self.model.eval()
        with torch.inference_mode():
            for batch in by_length(rows):
                answers = self.model.answers(batch.to(self.device)).cpu().double().numpy()
                for row, answered in zip(batch.index.tolist(), answers, strict=True):
                    begin, size = rows.begins[row], rows.lengths[row]
                    told[begin : begin + size] = answered[:size]
        return told


@final
@dataclass(frozen=True)
class TrainedNgrams:
    """Counted n-grams."""

    recipe: NgramRecipe
    model: Ngrams

    @property
    def device(self) -> torch.device:
        return torch.device("cpu")

    @property
    def decoder(self) -> Decoder[None, State]:
        return NgramDecoder(self.model)

    def log_probs(self, script: Script, ids: Ids, offsets: Counts) -> Floats:
        """Return the log-probability of every token (N,) after those before it, or before it in its document."""
        if script.reading.independent:
            return document_log_probs(self.model, ids, offsets)
        return self.model.log_probs(ids)


Telling: TypeAlias = TrainedDecoder | TrainedNgrams


@final
@dataclass(frozen=True, eq=False)
class Writer:
    """A model with how it reads and writes texts."""

    model: Telling
    script: Script
    language: LanguageRecipe
    sampling: SamplingRecipe

    @property
    def name(self) -> str:
        """What a baseline of this kind is called."""
        unigram = isinstance(self.model, TrainedNgrams) and self.model.recipe.order == 1
        return "unigram" if unigram else self.model.recipe.kind

    @property
    def vectorizer(self) -> TextVectorizer:
        return self.script.vectorizer

    @property
    def start(self) -> int:
        """The id that stands before a text."""
        return self.script.start

    @property
    def end(self) -> int | None:
        """The id that closes a line, where lines are closed."""
        return self.script.end

    @property
    def documents(self) -> bool:
        """Whether lines are texts of their own: the end of a line then ends the text."""
        return self.script.reading.independent

    @property
    def spelling(self) -> Spelling:
        """What the ids stand for."""
        return self.script.spelling

    @property
    def device(self) -> torch.device:
        return self.model.device

    @cached_property
    def decoder(self) -> Decoder[None, State]:
        """What says the next token."""
        return self.model.decoder

    def encode(self, text: str) -> list[int]:
        """Return the ids of a text, all of which a prompt sets the state with."""
        return self.script.encode(text)

    def decode(self, ids: Iterable[int]) -> str:
        """Return the text of some ids."""
        return self.spelling.text(ids)

    def opening(self, prompt: str = "") -> Opening[State]:
        """Return where a text goes on that begins with `prompt`."""
        ids = [self.start, *self.encode(prompt)]
        return prompted(self.decoder, None, torch.tensor([ids], device=self.device))

    def log_probs(self, ids: Ids, offsets: Counts) -> Floats:
        """Return the log-probability of every token (N,) of a stream whose lines or documents end at `offsets`."""
        return put_aside(self.model.log_probs(self.script, ids, offsets))

    def save(self, folder: Path, card: str) -> None:
        """Put all that writing needs into `folder`, portable by itself, in place of what was there."""
        with replaced_folder(folder) as fresh:
            match self.model:
                case TrainedDecoder(model=model):
                    save_tensors(fresh / _WEIGHTS, model.state_dict())
                case TrainedNgrams(model=ngrams):
                    save_arrays(fresh / _WEIGHTS, ngrams.to_arrays())
            self.vectorizer.save(fresh)
            description = _Description(
                schema_version=1,
                task="generate",
                kind=self.model.recipe.kind,
                settings=self.model.recipe.model_dump(mode="json"),
                language=self.language.model_dump(mode="json"),
                sampling=self.sampling.model_dump(mode="json"),
            )
            write_json(fresh / "model.json", description.model_dump(mode="json"))
            write_text(fresh / "MODEL_CARD.md", card)

    @classmethod
    def load(cls, folder: Path, device: torch.device) -> "Writer":
        """Read what `save` wrote; raise `ModelFileError` if anything is missing, changed or unknown."""
        if not (folder / "model.json").is_file():
            raise ModelFileError("there is no trained model here", "train first", where=str(folder))
        check_seal(folder)
        vectorizer, path = TextVectorizer.load(folder), folder / "model.json"
        try:
            description = _Description.model_validate_json(path.read_bytes())
            language = LanguageRecipe.model_validate_json(json.dumps(description.language))
            sampling = SamplingRecipe.model_validate_json(json.dumps(description.sampling))
            script = Script(vectorizer, reading_of(language, vectorizer.settings.unit))
            model = _load_model(description, script, folder, device)
        except (OSError, ValidationError) as error:
            raise ModelFileError(
                "the model's description is damaged or from another version", _REMEDY, where=str(path)
            ) from error
        return cls(model, script, language, sampling)


def pace_of(tokens: int) -> Pace:
    """Return in how many lanes a text of so many tokens is read."""
    return Pace(lanes=min(_MOST_LANES, max(1, tokens // _LANE_TOKENS)), warmup=_WARMUP)


class _Description(BaseModel):
    """`model.json`."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    schema_version: Literal[1]
    task: Literal["generate"]
    kind: Literal["decoder", "ngrams"]
    settings: dict[str, object]
    language: dict[str, object]
    sampling: dict[str, object]


def _load_model(description: _Description, script: Script, folder: Path, device: torch.device) -> Telling:
    settings, weights = json.dumps(description.settings), folder / _WEIGHTS
    if description.kind == "ngrams":
        ngrams = Ngrams.from_arrays(load_arrays(weights), where=str(weights))
        recipe = NgramRecipe.model_validate_json(settings)
        if (ngrams.tokens, ngrams.start, ngrams.order) != (script.tokens, script.start, recipe.order):
            raise ModelFileError("the text settings do not fit the model", _REMEDY, where=str(folder))
        return TrainedNgrams(recipe, ngrams)
    decoder = DecoderRecipe.model_validate_json(settings)
    tensors = load_tensors(weights)
    with torch.device("meta"):
        check_weights(build_language_model(decoder, script.tokens, carries=False), tensors, weights)
    with torch.random.fork_rng(devices=[]):
        model = build_language_model(decoder, script.tokens, carries=False)
    model.load_state_dict(tensors)
    return TrainedDecoder(decoder, model.to(device), device)
