"""Texts or series to one label, several labels or a number each."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, final

import numpy as np
import numpy.typing as npt
import torch

from yeoul.data.batches import SequenceRows
from yeoul.data.cards import DataCard
from yeoul.data.datasets import Dataset, load_dataset
from yeoul.data.first_vectors import coverage_card, first_vectors, vectors_path
from yeoul.data.labelled import lasting_source
from yeoul.data.vectorizers import TokenRows
from yeoul.data.vectors import open_vectors
from yeoul.errors import DataError, RunError
from yeoul.models.build import TokenInputs, describe_encoder
from yeoul.models.protocols import Model
from yeoul.recipe import LinearRecipe, MixtureRecipe, NetworkRecipe, Recipe, TextRecipe
from yeoul.runs.folder import RunFolder
from yeoul.tasks.classification.baselines import fit_linear, strong_baseline, trivial_baseline, tuned
from yeoul.tasks.classification.classifier import Classifier, Member, Mixture, TrainedLinear, TrainedNetwork
from yeoul.tasks.classification.evaluation import Answered, evaluate, slice_columns, write_evaluation
from yeoul.tasks.classification.inputs import (
    Inputs,
    ReadTexts,
    Vectorizer,
    fit_vectorizer,
    inputs_of,
    load_vectorizer,
)
from yeoul.tasks.classification.mixing import mixture_weights
from yeoul.tasks.classification.networks import build_network
from yeoul.tasks.classification.targets import Target, target_of
from yeoul.tasks.experiment import Baseline, Experiment, Prepared, Scored, Trained, number_to_beat
from yeoul.training.evaluation import answer_rows

_VECTORS = "model.embedding.vectors"


@final
@dataclass(frozen=True)
class PreparedRows:
    """The rows of a labelled data set as a network reads them."""

    dataset: Dataset
    target: Target
    vectorizer: Vectorizer
    rows: Mapping[str, SequenceRows]
    vectors: Mapping[str, Any] = field(default_factory=dict)
    """How much of the training texts starts from vectors of a file, where there is one."""

    def card(self) -> dict[str, Any]:
        """Return the data card with what vectorizing lost."""
        train = self.rows["train"].sequences
        lengths = train.lengths + train.lost
        quantiles = {"p50": 50, "p95": 95, "max": 100}
        card = {
            **self.dataset.card.to_json(),
            "tokens": {name: int(np.percentile(lengths, at)) for name, at in quantiles.items()},
            "truncated": {"rows": int(np.count_nonzero(train.lost)), "token_share": train.lost_share},
        }
        if self.vectors:
            card["vectors"] = dict(self.vectors)
        if isinstance(train, TokenRows):
            card["unknown_token_share"] = {
                split: rows.sequences.unknown_share
                for split, rows in self.rows.items()
                if isinstance(rows.sequences, TokenRows)
            }
        return card

    def classes(self) -> npt.NDArray[np.int64] | None:
        truth = self.rows["train"].targets
        return truth if self.target.kind == "class" else None

    def save(self, folder: Path) -> None:
        self.vectorizer.save(folder)


@final
@dataclass(frozen=True)
class Classification(Experiment):
    """Labelled rows, what is asked of each, and the recipe for a model."""

    dataset: Dataset

    @classmethod
    def open(cls, recipe: Recipe) -> "Classification":
        """Read and split the rows that a recipe names."""
        return cls(recipe, load_dataset(recipe.data, recipe.seed, series=recipe.reads_series))

    @cached_property
    def target(self) -> Target:
        """What is asked of every row."""
        return target_of(self.recipe.data, self.dataset)

    @property
    def metric(self) -> str:
        return self.target.metric

    @property
    def card(self) -> DataCard:
        return self.dataset.card

    @property
    def fingerprint(self) -> str:
        return self.dataset.fingerprint

    @property
    def found(self) -> Mapping[str, Any]:
        return {
            "data.source": lasting_source(self.recipe.data.source),
            "data.inputs": list(self.card.inputs),
            "data.target": self.card.target,
        }

    def following(self, recipe: Recipe) -> "Classification":
        return replace(self, recipe=recipe)

    @property
    def description(self) -> str:
        match self.recipe.model:
            case LinearRecipe(ngrams=(shortest, longest)) as linear:
                return f"linear on {linear.unit} {shortest}–{longest}-grams"
            case MixtureRecipe() as mixture:
                return "mixture of " + ", ".join(member.name for member in mixture.members)
            case _:
                encoder, text = describe_encoder(self._network.encoder), self.recipe.text
                return (
                    f"{encoder} · series"
                    if text is None
                    else f"{encoder} · {text.unit} {text.vocabulary_size:,}"
                )

    @property
    def reading(self) -> str:
        return "series" if self.recipe.reads_series else "text"

    def prepare(self, saved: Path | None = None) -> PreparedRows:
        if saved is None:
            inputs = self._inputs("train")
            vectorizer = fit_vectorizer(self.recipe.text, self.recipe.series, inputs)
            vectorizer = self._widened(vectorizer)
        else:
            vectorizer = load_vectorizer(saved)
        rows = {
            split: SequenceRows(
                vectorizer(self._inputs(split)), self.target.encode(self.dataset.splits[split])
            )
            for split in ("train", "validation")
        }
        return PreparedRows(self.dataset, self.target, vectorizer, rows, self._covered(vectorizer, rows))

    def _widened(self, vectorizer: Vectorizer) -> Vectorizer:
        """Let a network whose vectors are frozen know the words of their file too, not those of the training alone."""
        table, text = self._network.embedding, self.recipe.text
        if table is None or not table.frozen or text is None or not isinstance(vectorizer, ReadTexts):
            return vectorizer
        words = open_vectors(vectors_path(table.vectors, _VECTORS)).words
        return ReadTexts(vectorizer.vectorizer.widened(words, text.vocabulary_size))

    def _covered(self, vectorizer: Vectorizer, rows: Mapping[str, SequenceRows]) -> Mapping[str, Any]:
        table, train, inputs = self._network.embedding, rows["train"].sequences, vectorizer.network_inputs
        if table is None or not table.vectors or not isinstance(train, TokenRows):
            return {}
        if not isinstance(inputs, TokenInputs) or inputs.vocabulary is None:
            raise TypeError("these rows have no words")
        vocabulary = inputs.vocabulary()
        found = first_vectors(table.vectors, vocabulary, table.size, _VECTORS)
        counts = np.bincount(train.ids, minlength=inputs.num_tokens)
        return coverage_card(table.vectors, found, vocabulary, counts)

    def build(self, prepared: Prepared) -> Model:
        own = _own(prepared)
        truth = own.rows["train"].targets
        if truth is None:
            raise ValueError("these rows have no labels")
        return build_network(self._network, own.vectorizer, self.target, self.recipe.training, truth)

    def validation_scores(
        self, model: Model, prepared: Prepared, device: torch.device
    ) -> Mapping[str, float]:
        rows = _own(prepared).rows["validation"]
        if rows.targets is None:
            raise ValueError("these rows have no labels")
        answers = answer_rows(model, rows, device)
        if not np.isfinite(answers).all():
            return {"loss": math.nan, "score": math.nan}
        return self.target.point_scores(answers, rows.targets)

    def trained(self, model: Model, prepared: Prepared, device: torch.device) -> Classifier:
        return Classifier(
            TrainedNetwork(self._network, model, _own(prepared).vectorizer, device), self.target
        )

    def load(self, folder: Path, device: torch.device) -> Classifier:
        return Classifier.load(folder, device)

    def starting_point(self, folder: Path, device: torch.device) -> Mapping[str, torch.Tensor]:
        classifier, where = Classifier.load(folder, device), folder.parent.name
        if not isinstance(classifier.model, TrainedNetwork):
            raise RunError("only a network has weights to start from", "name another run", where=where)
        if classifier.target.kind != self.target.kind:
            raise DataError(
                "the run answers with {came}, this data asks for {expected}",
                "start without --from",
                where=where,
                values={"came": classifier.target.kind, "expected": self.target.kind},
            )
        if classifier.labels != self.dataset.labels:
            raise DataError(
                "the labels {came} differ from the run's {expected}",
                "start without --from",
                where=where,
                values={
                    "came": ", ".join(self.dataset.labels[:5]),
                    "expected": ", ".join(classifier.labels[:5]),
                },
            )
        return classifier.model.model.state_dict()

    def fit(self) -> Baseline:
        if not isinstance(self.recipe.model, LinearRecipe):
            raise TypeError("not a recipe that is fitted in one go")
        return fit_linear(self.recipe.model, self.target, self.dataset)

    def trivial_baseline(self) -> Baseline:
        return trivial_baseline(self.target, self.dataset)

    def strong_baselines(self) -> Sequence[Baseline]:
        if isinstance(self.recipe.model, LinearRecipe):
            return []
        return [strong_baseline(self.target, self.dataset)]

    def mix(self, members: Mapping[str, Trained]) -> tuple[Classifier, Mapping[str, float]]:
        inputs, truth = self._inputs("validation"), self.target.encode(self.dataset.validation)
        models = {name: _classifier(model) for name, model in members.items()}
        answers = [model.answers(inputs) for model in models.values()]
        weights = dict(zip(models, mixture_weights(self.target.kind, answers, truth), strict=True))
        parts = [
            Member(name, model.model, weights[name])
            for name, model in models.items()
            if isinstance(model.model, TrainedNetwork | TrainedLinear)
        ]
        return Classifier(Mixture(self.target.kind, tuple(parts)), self.target), weights

    def score(self, run: RunFolder, model: Trained, baselines: Sequence[Baseline]) -> Scored:
        best, against = _classifier(model), number_to_beat(baselines)
        others = {one.name: tuned(self.target, one.answers, self.dataset) for one in baselines}
        scores: dict[str, Any] = {}
        for split in ("validation", "test"):
            examples, inputs = self.dataset.splits[split], self._inputs(split)
            answers = best.answers(inputs)
            if split == "validation":
                best = best.asking(self.target.tuned(answers, self.target.encode(examples)))
            answered = Answered(best.target, answers)
            beside = {one.name: Answered(others[one.name], one.answers[split]) for one in baselines}
            scores = evaluate(answered, examples, beside, against.name, self.recipe.seed)
            slices = slice_columns(examples, best.tokens(inputs))
            if split == "test" and self.dataset.seen.any():
                slices["text also in training"] = np.where(self.dataset.seen, "yes", "no")
            write_evaluation(run, split, scores, answered, examples, slices)
        return Scored(best, scores)

    @property
    def _network(self) -> NetworkRecipe:
        if not isinstance(self.recipe.model, NetworkRecipe):
            raise TypeError("not a network's recipe")
        return self.recipe.model

    def _inputs(self, split: str) -> Inputs:
        return inputs_of(self.dataset.splits[split], self.recipe.reads_series)


def _unit(text: TextRecipe) -> str:
    """Name what a text is cut into; bytes need no vocabulary."""
    return text.unit if text.unit == "byte" else f"{text.unit} {text.vocabulary_size:,}"


def _own(prepared: Prepared) -> PreparedRows:
    if not isinstance(prepared, PreparedRows):
        raise TypeError("rows of another task")
    return prepared


def _classifier(model: Trained) -> Classifier:
    if not isinstance(model, Classifier):
        raise TypeError("a model of another task")
    return model
