"""Pictures to captions."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, final

import numpy as np
import numpy.typing as npt
import torch

from yeoul.baselines.captionwords import detectable, presence
from yeoul.data.cards import whole_quantiles
from yeoul.data.labelled import lasting_source
from yeoul.data.pairs.rows import Marks
from yeoul.data.pictures.captioned import Captioned
from yeoul.data.pictures.cards import CaptionsCard
from yeoul.data.pictures.dataset import CaptionedDataset, load_captioned
from yeoul.data.pictures.rows import CaptionRows
from yeoul.data.pictures.vision import VisionModel
from yeoul.data.vectorizers import TextVectorizer
from yeoul.errors import RecipeError
from yeoul.metrics.captions import CaptionParts, Metric
from yeoul.models.build_captioner import describe_captioner
from yeoul.models.captioning import CaptionNetwork
from yeoul.models.protocols import Model
from yeoul.recipe import CaptionerRecipe, PicturesRecipe, Recipe, SearchRecipe, TextRecipe
from yeoul.recipe.captioning import FeaturesRecipe
from yeoul.runs.folder import RunFolder
from yeoul.tasks.captioning.baselines import Beside, point_scores
from yeoul.tasks.captioning.captioner import Captioner, Form, Vocabulary, network_of
from yeoul.tasks.captioning.evaluation import Answered, drawn_rows, evaluate, write_evaluation, write_looks
from yeoul.tasks.captioning.ranking import Likeness, Ranking, learned_weights, told_of
from yeoul.tasks.captioning.searching import caption_log_probs, chances_of_words, found_captions
from yeoul.tasks.experiment import Baseline, Experiment, Prepared, Scored, Trained, number_to_beat
from yeoul.tasks.searching import Asking, Wishes
from yeoul.tasks.transduction.searching import nats_per_token

_SEARCHED = 300
"""Validation pictures that are described after each epoch, one token after another."""
_LONGER = 2
_GREEDY = SearchRecipe(beam=1, length_penalty=0.0)


@final
@dataclass(frozen=True)
class PreparedCaptions:
    """Pictures and captions as a network reads them."""

    dataset: CaptionedDataset
    vocabulary: Vocabulary
    rows: Mapping[str, CaptionRows]

    def card(self) -> dict[str, Any]:
        """Return the data card with what vectorizing lost."""
        train = self.rows["train"].captions
        lost = {"rows": int(np.count_nonzero(train.lost)), "token_share": train.lost_share}
        shares = {split: rows.captions.unknown_share for split, rows in self.rows.items()}
        return {
            **self.dataset.card.to_json(),
            "target_tokens": whole_quantiles(train.lengths + train.lost),
            "target_truncated": lost,
            "target_unknown_token_share": shares,
            "vocabulary": {"target": self.vocabulary.captions.size},
            "words_looked_for": len(self.vocabulary.words),
        }

    def classes(self) -> npt.NDArray[np.int64] | None:
        """Captions have no classes."""
        return None

    def save(self, folder: Path) -> None:
        self.vocabulary.save(folder)


@final
@dataclass(frozen=True)
class Captioning(Experiment):
    """Pictures in three splits, and the recipe for a model."""

    dataset: CaptionedDataset

    @classmethod
    def open(cls, recipe: Recipe) -> "Captioning":
        """Read and split the pictures that a recipe names."""
        pictures, model = _pictures_of(recipe), _model_of(recipe)
        if bool(pictures.features or pictures.vision) != isinstance(model.encoder, FeaturesRecipe):
            raise RecipeError(
                "an encoder of features reads pictures.features or pictures.vision, any other the pictures themselves",
                'set one of the two and model.encoder.kind = "features", or none',
                where="model.encoder.kind",
            )
        if model.words is not None and model.words.rerank and recipe.search and recipe.search.beam == 1:
            raise RecipeError(
                "a search that keeps one caption leaves nothing to rank",
                "set search.beam to 2 or more, or remove model.words.rerank",
                where="model.words.rerank",
            )
        return cls(recipe, load_captioned(recipe.data, pictures, recipe.seed))

    @property
    def metric(self) -> Metric:
        return _pictures_of(self.recipe).metric

    @property
    def card(self) -> CaptionsCard:
        return self.dataset.card

    @property
    def fingerprint(self) -> str:
        return self.dataset.fingerprint

    @property
    def found(self) -> Mapping[str, Any]:
        vision = _pictures_of(self.recipe).vision
        own = {"pictures.vision": str(Path(vision).absolute())} if vision else {}
        return {"data.source": lasting_source(self.recipe.data.source), **own}

    def following(self, recipe: Recipe) -> "Captioning":
        return replace(self, recipe=recipe)

    @property
    def description(self) -> str:
        model = _model_of(self.recipe)
        looked_for = [f"≤ {model.words.most} words"] if model.words is not None else []
        return " · ".join([describe_captioner(model), *looked_for, self._text.unit])

    @property
    def reading(self) -> str:
        return "text"

    @cached_property
    def beside(self) -> Beside:
        """The simple models of these pictures."""
        return Beside(self.dataset, self.metric)

    def prepare(self, saved: Path | None = None) -> PreparedCaptions:
        splits = self.dataset.splits
        vocabulary = self._vocabulary() if saved is None else Vocabulary.load(saved)
        rows = {split: rows_of(vocabulary, splits[split]) for split in ("train", "validation")}
        return PreparedCaptions(self.dataset, vocabulary, rows)

    def build(self, prepared: Prepared) -> CaptionNetwork:
        own, training = _own(prepared), self.recipe.training
        smoothing = 0.0 if training is None else training.label_smoothing
        return network_of(self._form(own), own.vocabulary.captions.size, label_smoothing=smoothing)

    def validation_scores(
        self, model: Model, prepared: Prepared, device: torch.device
    ) -> Mapping[str, float]:
        own = _own(prepared)
        rows = own.rows["validation"]
        loss = nats_per_token(*caption_log_probs(model, rows, device))
        if not math.isfinite(loss):
            return {"loss": math.nan, "score": math.nan}
        places = np.unique(np.linspace(0, len(rows) - 1, min(_SEARCHED, len(rows))).astype(np.int64))
        asked = Chosen(rows, places)
        form = self._form(own)
        found = found_captions(_network(model), asked, Asking(_GREEDY, Wishes(), rows.marks, form.max_tokens))
        captioner = Captioner(form, _network(model), own.vocabulary.captions, device)
        written = [captioner.text(each[0]) for each in found]
        parts = CaptionParts.of(written, rows.pictures.select(places).references())
        return {"loss": loss, **point_scores(parts, self.metric)}

    def trained(self, model: Model, prepared: Prepared, device: torch.device) -> Captioner:
        own = _own(prepared)
        return Captioner(self._form(own), _network(model), own.vocabulary.captions, device)

    def load(self, folder: Path, device: torch.device) -> Captioner:
        return Captioner.load(folder, device)

    def starting_point(self, folder: Path, device: torch.device) -> Mapping[str, torch.Tensor]:
        return Captioner.load(folder, device).model.state_dict()

    def trivial_baseline(self) -> Baseline:
        return self.beside.trivial()

    def strong_baselines(self) -> Sequence[Baseline]:
        return self.beside.strong()

    def score(self, run: RunFolder, model: Trained, baselines: Sequence[Baseline]) -> Scored:
        if not isinstance(model, Captioner):
            raise TypeError("a model of another task")
        against, scores = number_to_beat(baselines), dict[str, Any]()
        asked = _model_of(self.recipe).words
        if asked is not None and asked.rerank:
            model = ranking_anew(model, self.dataset.train, self.dataset.validation, self.metric)
        for split in ("validation", "test"):
            pictures = self.dataset.splits[split]
            model, answered = answers_to(model, pictures, learn=split == "validation")
            beside = {one.name: self.beside.measured(one, split) for one in baselines}
            scores = evaluate(answered, pictures, beside, against.name, self.metric, self.recipe.seed)
            write_evaluation(run, split, scores, answered, pictures)
            drawn = drawn_rows(len(pictures))
            write_looks(
                run, split, pictures, drawn, model.answer(Chosen(rows_of(model.vocabulary, pictures), drawn))
            )
        return Scored(model, scores)

    def _vocabulary(self) -> Vocabulary:
        """Learn the tokens of the training captions, and the words to look for if the recipe asks for any."""
        train, asked = self.dataset.train, _model_of(self.recipe).words
        captions = TextVectorizer.fit(self._text, train.captions)
        if asked is None:
            return Vocabulary(captions, ())
        words = detectable(train.references(), asked.most, asked.min_count)
        if not words:
            raise RecipeError(
                "no word that could be looked for is in {count} captions",
                "lower model.words.min_count, or remove [model.words]",
                where="model.words.min_count",
                values={"count": asked.min_count},
            )
        return Vocabulary(captions, words)

    @property
    def _text(self) -> TextRecipe:
        return self.recipe.text or TextRecipe()

    def _form(self, prepared: PreparedCaptions) -> Form:
        search = self.recipe.search or SearchRecipe()
        longest = int(prepared.rows["train"].said_lengths.max(initial=1))
        return Form(
            _model_of(self.recipe),
            _pictures_of(self.recipe),
            search,
            self.dataset.train.features_shape,
            prepared.vocabulary.words,
            search.max_tokens or _LONGER * longest,
            self._seen_by,
        )

    @cached_property
    def _seen_by(self) -> str:
        pictures = _pictures_of(self.recipe)
        return VisionModel.open(pictures.vision, pictures.size).fingerprint if pictures.vision else ""


@final
@dataclass(frozen=True, eq=False)
class Chosen:
    """Some of the pictures of rows."""

    rows: CaptionRows
    places: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.places)

    def seen(self, rows: npt.NDArray[np.int64]) -> torch.Tensor:
        return self.rows.seen(self.places[rows])


def rows_of(vocabulary: Vocabulary, pictures: Captioned) -> CaptionRows:
    """Return pictures as a network reads them."""
    captions, words = vocabulary.captions, vocabulary.words
    there = presence(pictures.references(), words) if words else None
    return CaptionRows(pictures, captions(pictures.captions), Marks.beyond(captions.size), there)


def answers_to(model: Captioner, pictures: Captioned, *, learn: bool) -> tuple[Captioner, Answered]:
    """Describe pictures; with `learn`, return a model that has learned its doubts from them."""
    rows = rows_of(model.vocabulary, pictures)
    found = [each[0] for each in model.hypotheses(rows)]
    written = tuple(model.text(one) for one in found)
    parts = CaptionParts.of(written, pictures.references())
    if learn:
        model = model.doubting(found, parts.right.tolist())
    log_probs, tokens = caption_log_probs(model.model, rows, model.device)
    answered = Answered(
        written, parts, tuple(found), model.confidence(found), model.unknown(found), log_probs, tokens
    )
    return model, answered


def ranking_anew(model: Captioner, train: Captioned, validation: Captioned, metric: Metric) -> Captioner:
    """Return the same model with what training and validation pictures teach it of its captions' ranks."""
    words = model.form.words
    _, summaries = chances_of_words(model.model, rows_of(model.vocabulary, train))
    likeness = Likeness.fit(summaries, presence(train.references(), words))
    rows = rows_of(model.vocabulary, validation)
    found = model.found(rows, model.search, model.search.beam)
    texts = [model.text(one) for each in found for one in each]
    counts = np.array([len(each) for each in found])
    features = told_of(found, texts, words, *chances_of_words(model.model, rows), likeness)
    references = [each for each, count in zip(validation.references(), counts) for _ in range(count)]
    credit = CaptionParts.of(texts, references).credit(metric)
    return replace(model, ranking=Ranking(learned_weights(features, credit, counts), likeness))


def _pictures_of(recipe: Recipe) -> PicturesRecipe:
    if recipe.pictures is None:
        raise TypeError("not a recipe of pictures")
    return recipe.pictures


def _model_of(recipe: Recipe) -> CaptionerRecipe:
    if not isinstance(recipe.model, CaptionerRecipe):
        raise TypeError("not a captioner's recipe")
    return recipe.model


def _network(model: Model) -> CaptionNetwork:
    if not isinstance(model, CaptionNetwork):
        raise TypeError("a model of another task")
    return model


def _own(prepared: Prepared) -> PreparedCaptions:
    if not isinstance(prepared, PreparedCaptions):
        raise TypeError("rows of another task")
    return prepared
