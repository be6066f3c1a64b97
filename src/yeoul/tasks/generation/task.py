"""Texts to a model that continues them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from time import perf_counter
from typing import Any, final

import numpy as np
import torch

from yeoul.data.batches import Rows
from yeoul.data.corpora.corpus import Corpus, load_corpus
from yeoul.data.labelled import lasting_source
from yeoul.data.vectorizers import TextVectorizer
from yeoul.errors import DataError, RecipeError, RunError
from yeoul.metrics.intervals import Floats
from yeoul.models.language import LanguageModel, build_language_model, describe_decoder
from yeoul.models.protocols import Model
from yeoul.recipe import DecoderRecipe, LanguageRecipe, NgramRecipe, Recipe, SamplingRecipe, TextRecipe
from yeoul.runs.folder import RunFolder
from yeoul.tasks.experiment import Baseline, Experiment, Prepared, Scored, Trained, number_to_beat
from yeoul.tasks.generation.encodings import Encodings
from yeoul.tasks.generation.evaluation import Told, deciding, mixed, point_scores, write_evaluation
from yeoul.tasks.generation.further import further_scores
from yeoul.tasks.generation.ngrams import MOST_TOKENS, fit_ngrams, strong_order
from yeoul.tasks.generation.samples import written_samples
from yeoul.tasks.generation.texts import Script, reading_of
from yeoul.tasks.generation.writer import Telling, TrainedDecoder, TrainedNgrams, Writer
from yeoul.text.tokenizers import UNKNOWN_ID

_FEWEST_PER_LANE = 2


@final
@dataclass(frozen=True)
class PreparedTexts:
    """The training and validation parts as a network reads them."""

    encodings: Encodings
    script: Script
    rows: Mapping[str, Rows]

    def card(self) -> dict[str, Any]:
        """Return the data card with what encoding has found."""
        card = self.encodings.corpus.to_json()
        for part in ("train", "validation"):
            ids, _ = self.encodings.ids(self.script, part)
            spelled = self.script.spelled_unknown(self.encodings.corpus.parts[part])
            unknown = max(0, int(np.count_nonzero(ids == UNKNOWN_ID)) - spelled)
            card["parts"][part] |= {"tokens": len(ids), "unknown_share": unknown / max(1, len(ids))}
        vectorizer = self.script.vectorizer
        return {**card, "unit": vectorizer.settings.unit, "vocabulary": vectorizer.size}

    def classes(self) -> None:
        """Texts have no classes."""
        return

    def save(self, folder: Path) -> None:
        self.script.vectorizer.save(folder)


@final
@dataclass(frozen=True)
class Generation(Experiment):
    """A text, divided in order, and the recipe for a model."""

    encodings: Encodings

    @classmethod
    def open(cls, recipe: Recipe) -> "Generation":
        """Read and divide the text that a recipe names."""
        reading = reading_of(_language(recipe), _text(recipe).unit)
        return cls(recipe, Encodings(load_corpus(recipe.data, reading, recipe.seed)))

    @property
    def corpus(self) -> Corpus:
        return self.encodings.corpus

    @property
    def metric(self) -> str:
        return deciding(self._unit)

    @property
    def card(self) -> Corpus:
        return self.corpus

    @property
    def fingerprint(self) -> str:
        return self.corpus.fingerprint

    @property
    def found(self) -> Mapping[str, Any]:
        return {"data.source": lasting_source(self.recipe.data.source)}

    def following(self, recipe: Recipe) -> "Generation":
        return replace(self, recipe=recipe)

    @property
    def description(self) -> str:
        match self.recipe.model:
            case DecoderRecipe() as decoder:
                return f"{describe_decoder(decoder)} · {self._unit}"
            case _:
                return f"Kneser–Ney {self._ngrams.order}-grams · {self._unit}"

    @property
    def reading(self) -> str:
        return "text"

    def prepare(self, saved: Path | None = None) -> PreparedTexts:
        recipe, language = _text(self.recipe), _language(self.recipe)
        script = self.script if saved is None else self.encodings.give(recipe, TextVectorizer.load(saved))
        training, lanes = self.recipe.training, None
        ids, offsets = self.encodings.ids(script, "train")
        if language.stream and training is not None:
            lanes = training.batch_size
            if len(ids) < _FEWEST_PER_LANE * lanes:
                raise DataError(
                    "{tokens} tokens are too few to be read in {lanes} lanes",
                    "lower training.batch_size, or add text",
                    where=self.corpus.about.place,
                    values={"tokens": len(ids), "lanes": lanes},
                )
        held = self.encodings.ids(script, "validation")
        rows = {
            "train": script.rows(ids, offsets, language.window, lanes),
            "validation": script.rows(*held, language.window),
        }
        return PreparedTexts(self.encodings, script, rows)

    def build(self, prepared: Prepared) -> Model:
        return build_language_model(
            self._decoder, _own(prepared).script.tokens, carries=_language(self.recipe).stream
        )

    def validation_scores(
        self, model: Model, prepared: Prepared, device: torch.device
    ) -> Mapping[str, float]:
        script = _own(prepared).script
        text = self.encodings.stream(script, "validation")
        told = TrainedDecoder(self._decoder, _network(model), device).log_probs(
            script, text.ids, text.offsets
        )
        return point_scores(text, told)

    def trained(self, model: Model, prepared: Prepared, device: torch.device) -> Writer:
        return self._writer(TrainedDecoder(self._decoder, _network(model), device), _own(prepared).script)

    def load(self, folder: Path, device: torch.device) -> Writer:
        return Writer.load(folder, device)

    def starting_point(self, folder: Path, device: torch.device) -> Mapping[str, torch.Tensor]:
        found, where = Writer.load(folder, device), folder.parent.name
        if not isinstance(found.model, TrainedDecoder):
            raise RunError("only a network has weights to start from", "name another run", where=where)
        if found.script.reading.closed != self.corpus.reading.closed:
            raise RecipeError(
                "the run that --from names has {value} here",
                "set it to that, or start without --from",
                where="language.lines",
                values={"value": str(found.script.reading.closed).lower()},
            )
        return found.model.model.state_dict()

    def fit(self) -> Baseline:
        return self._counted("ngrams", self._ngrams)

    def trivial_baseline(self) -> Baseline:
        return self._counted("unigram", NgramRecipe(order=1))

    def strong_baselines(self) -> Sequence[Baseline]:
        if isinstance(self.recipe.model, NgramRecipe):
            return []
        return [self._counted("ngrams", NgramRecipe(order=strong_order(_text(self.recipe).unit)))]

    def score(self, run: RunFolder, model: Trained, baselines: Sequence[Baseline]) -> Scored:
        if not isinstance(model, Writer):
            raise TypeError("a model of another task")
        against, scores = number_to_beat(baselines), dict[str, Any]()
        validation: Told | None = None
        for split in ("validation", "test"):
            told = self._told(model, baselines, split)
            scores = told.evaluate(self._unit, against.name)
            if validation is not None:
                scores |= self._further(model, validation, told)
            write_evaluation(run, split, scores, told, model)
            validation = told
        return Scored(model, scores)

    def reread(self, model: Writer) -> Mapping[str, Any]:
        """Return the scores of the test part in the other ways of reading that `model.language` names."""
        self.encodings.give(_text(self.recipe), model.vectorizer)
        return self._read_otherwise(
            model, *(self._told(model, [], split) for split in ("validation", "test"))
        )

    @cached_property
    def script(self) -> Script:
        """How texts are read."""
        return self.encodings.script(_text(self.recipe))

    def _told(self, model: Writer, baselines: Sequence[Baseline], split: str) -> Told:
        text = self.encodings.stream(self.script, split)
        others = {
            one.name: one.model.log_probs(text.ids, text.offsets)
            for one in baselines
            if isinstance(one.model, Writer)
        }
        return Told(text, model.log_probs(text.ids, text.offsets), others, self.recipe.seed)

    def _further(self, model: Writer, validation: Told, test: Told) -> dict[str, Any]:
        """Return what goes beyond the scores of the test part: other ways to read it, and texts of the model's own."""
        training, _ = self.encodings.ids(self.script, "train")
        more: dict[str, Any] = {}
        if isinstance(model.model, TrainedDecoder) and "ngrams" in test.baselines:
            pairs = [(told.ours, told.baselines["ngrams"]) for told in (validation, test)]
            weight, both = mixed(*pairs)
            more["interpolated"] = {"weight": weight, "scores": test.scores(both)}
        more |= self._read_otherwise(model, validation, test)
        return {**more, "samples": written_samples(model, training, self.recipe.seed)}

    def _read_otherwise(self, model: Writer, validation: Told, test: Told) -> Mapping[str, Any]:
        if not isinstance(model.model, TrainedDecoder):
            return {}
        lanes = self.recipe.training.batch_size if self.recipe.training else 1
        rows = self.script.rows(*self.encodings.ids(self.script, "train"), model.language.window, lanes)
        return further_scores(model, model.model, validation, test, rows)

    def _counted(self, name: str, recipe: NgramRecipe) -> Baseline:
        started = perf_counter()
        script = self.script
        ids, offsets = self.encodings.ids(script, "train")
        apart = offsets if script.reading.independent else None
        counted = fit_ngrams(recipe, ids, apart, tokens=script.tokens, start=script.start)
        writer = self._writer(TrainedNgrams(recipe, counted), script)
        text = self.encodings.stream(script, "validation")
        told: Floats = writer.log_probs(text.ids, text.offsets)
        return Baseline(
            name,
            {},
            point_scores(text, told),
            writer,
            constant={"order": recipe.order, "tokens": min(MOST_TOKENS, len(ids))},
            seconds=perf_counter() - started,
        )

    def _writer(self, model: Telling, script: Script) -> Writer:
        return Writer(model, script, _language(self.recipe), self.recipe.sampling or SamplingRecipe())

    @property
    def _unit(self) -> str:
        return _text(self.recipe).unit

    @property
    def _decoder(self) -> DecoderRecipe:
        if not isinstance(self.recipe.model, DecoderRecipe):
            raise TypeError("not a network's recipe")
        return self.recipe.model

    @property
    def _ngrams(self) -> NgramRecipe:
        if not isinstance(self.recipe.model, NgramRecipe):
            raise TypeError("not a recipe that is fitted in one go")
        return self.recipe.model


def _language(recipe: Recipe) -> LanguageRecipe:
    if recipe.language is None:
        raise TypeError("not a recipe of texts")
    return recipe.language


def _text(recipe: Recipe) -> TextRecipe:
    if recipe.text is None:
        raise TypeError("not a recipe of texts")
    return recipe.text


def _network(model: Model) -> LanguageModel:
    if not isinstance(model, LanguageModel):
        raise TypeError("a model of another task")
    return model


def _own(prepared: Prepared) -> PreparedTexts:
    if not isinstance(prepared, PreparedTexts):
        raise TypeError("rows of another task")
    return prepared
